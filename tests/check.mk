# SPDX-License-Identifier: Apache-2.0
# tests/check.mk: what there is to check beside the tests of `make check`.
# Scripts in this folder do the work; a target hands them the flags of the
# build. A check that needs a build of its own configures it in sub/.

dist_check_SCRIPTS = %D%/acceptance_test %D%/check-layers %D%/lint_test %D%/muster_test \
	%D%/readme_test %D%/total_test %D%/types_test
TESTS += $(dist_check_SCRIPTS)
EXTRA_DIST += .ci .clang-tidy \
	%D%/.clang-tidy %D%/acceptance %D%/acceptance.rows %D%/check-headers %D%/check-layers.awk \
	%D%/fuzz-all %D%/lint %D%/lint_cunit.h %D%/script.sh %D%/sources %D%/total

# Sanitizers: an allocation too large to be had fails as malloc fails.
AM_TESTS_ENVIRONMENT = \
	ASAN_OPTIONS=allocator_may_return_null=1; export ASAN_OPTIONS; \
	UBSAN_OPTIONS=print_stacktrace=1; export UBSAN_OPTIONS;

# The closing line of a run of `make check`.
check-total:
	@$(SHELL) $(srcdir)/tests/total $(TEST_LOGS)
.PHONY: check-total

# The acceptance table of the last run of `make check`: made anew, or compared
# with the one that is committed.
acceptance = '$(abs_top_srcdir)/tests/acceptance' \
	'$(abs_top_srcdir)/tests/acceptance.rows' \
	`for log in $(TEST_LOGS); do test ! -f $$log || echo $$log; done | sort`
acceptance:
	$(AM_V_GEN)$(acceptance) >acceptance.md.new && \
	mv acceptance.md.new $(srcdir)/docs/acceptance.md
check-acceptance:
	$(AM_V_GEN)$(acceptance) | diff -u $(srcdir)/docs/acceptance.md -
.PHONY: acceptance check-acceptance

# A measurement, on a machine that does nothing else.
check-gms-load: all
	$(AM_V_GEN)$(SHELL) '$(abs_top_srcdir)/tests/it/gms_load.sh'
.PHONY: check-gms-load

# sub/KIND/Makefile: this tree configured once more. The path to the sources
# stays relative where it is, since make has no names with white space. Under
# ASan the tests take longer than their compilation, and all that a report
# prints of the debug information are lines.
SUB_asan = CC=clang --enable-werror --enable-sanitizers CFLAGS='-O2 -gline-tables-only'
SUB_fuzz = CC=clang --enable-werror --enable-fuzz CFLAGS='-O1 -g'
SUB_coverage = --enable-coverage CFLAGS='-O0 -g'
SUB_analyzer = CC=gcc --enable-werror CFLAGS='-O2 -g -fanalyzer'
sub_kind = $(@D:sub/%=%)
sub/asan/Makefile sub/fuzz/Makefile sub/coverage/Makefile sub/analyzer/Makefile:
	$(AM_V_GEN)case '$(srcdir)' in /*) up= ;; *) up=../../ ;; esac; \
	$(MKDIR_P) $(@D) && cd $(@D) && \
	"$$up$(srcdir)/configure" --quiet $(SUB_$(sub_kind))

# The linters. check-tidy and check-format take LINT_SINCE=COMMIT. The flags
# are those of every library that a header or a source includes, and the
# definitions that come from the Makefile, here without a meaning.
lint = $(SHELL) $(srcdir)/tests/lint
lint_flags = -I'$(abs_top_builddir)' \
	-DCORPUS_DIR='""' -DGMSD_VAULT='""' -DVECTOR_DIR='""' -DVENDOR_DIR='""' \
	-DGMSD='""' -DGMS_PROGRAMS_DIR='""' -DSTAND_IN='""' \
	-DHTTP_SERVER='""' \
	-DKMS_CLIENT='""' -DMIKEYTOOL='""' \
	$(CJOSE_CFLAGS) \
	$(CRYPTO_CFLAGS) \
	$(CUNIT_CFLAGS) \
	$(CURL_CFLAGS) \
	$(EVENT_CFLAGS) \
	$(JANSSON_CFLAGS) \
	$(LIBCONFIG_CFLAGS) \
	$(SOFIA_CFLAGS) \
	$(SQLITE_CFLAGS) \
	$(SRTP_CFLAGS) \
	$(SSL_CFLAGS) \
	$(SYSTEMD_CFLAGS) \
	$(P11KIT_CFLAGS) \
	$(WOLFSSL_CFLAGS) \
	$(XML_CFLAGS)
check-layers:
	$(AM_V_GEN)$(srcdir)/tests/check-layers $(srcdir)
check-headers: $(BUILT_SOURCES)
	$(AM_V_GEN)$(srcdir)/tests/check-headers $(srcdir) $(lint_flags)
check-format:
	$(AM_V_GEN)$(lint) format $(srcdir)
check-tidy: $(BUILT_SOURCES)
	$(AM_V_GEN)$(lint) tidy $(srcdir) $(lint_flags)
check-cppcheck:
	$(AM_V_GEN)$(lint) cppcheck $(srcdir) $(lint_flags)
check-shell:
	$(AM_V_GEN)$(lint) shell $(srcdir)
lint_jobs = check-layers check-headers check-format check-tidy \
	check-cppcheck check-shell
check-lint: $(lint_jobs)
.PHONY: check-lint $(lint_jobs)

# All tests once more under AddressSanitizer and UndefinedBehaviorSanitizer,
# built by clang where the build proper is gcc's.
check-asan: sub/asan/Makefile
	+cd sub/asan && $(MAKE) check VERBOSE=1
.PHONY: check-asan

# Every fuzz target for FUZZ_SECONDS, from its corpus on. What it finds new
# gathers in sub/fuzz/found/, what makes it fail in sub/fuzz/failed/.
FUZZ_SECONDS = 60
fuzz: sub/fuzz/Makefile
	+cd sub/fuzz && for p in $(check_PROGRAMS); do case $$p in \
		fuzz/*) $(MAKE) $$p || exit 1 ;; esac; done
	cd sub/fuzz && $(SHELL) '$(abs_top_srcdir)/tests/fuzz-all' \
		'$(abs_top_srcdir)' $(FUZZ_SECONDS)
.PHONY: fuzz

# gcc's own analyzer, over all that is installed.
analyzer: sub/analyzer/Makefile
	+cd sub/analyzer && $(MAKE) all
.PHONY: analyzer

# Lines reached by the tests: a summary here, the whole in sub/coverage/.
coverage: sub/coverage/Makefile
	+cd sub/coverage && $(MAKE) check
	cd sub/coverage && gcovr --root '$(abs_top_srcdir)' --exclude tests/ \
		--exclude fuzz/ --object-directory . --html-details coverage.html \
		--txt coverage.txt --print-summary .
.PHONY: coverage

distclean-local:
	rm -rf sub
