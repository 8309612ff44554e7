# SPDX-License-Identifier: Apache-2.0
# tests/ct: the poisoned-memory test of constant time, for `make check-ct`.
# The libraries are compiled once more, with the marks of base/ct.h in force
# and otherwise as they are installed; nothing else is built of it. Older
# valgrinds do not read the debug information of DWARF 5.
EXTRA_LIBRARIES += %D%/libct.a
%C%_libct_a_CPPFLAGS = $(AM_CPPFLAGS) -DMU_CT
%C%_libct_a_CFLAGS = $(AM_CFLAGS) -gdwarf-4
%C%_libct_a_SOURCES = $(base_libbase_a_SOURCES) $(mikey_libmikey_a_SOURCES) \
	$(mcptt_libmcptt_a_SOURCES)

EXTRA_PROGRAMS += %D%/ct_test
%C%_ct_test_CPPFLAGS = $(AM_CPPFLAGS) -DMU_CT
%C%_ct_test_CFLAGS = $(AM_CFLAGS) -gdwarf-4
%C%_ct_test_SOURCES = %D%/ct_test.c
%C%_ct_test_LDADD = %D%/libct.a $(CRYPTO_LIBS)
mikey/tests_ct_libct_a-tables.$(OBJEXT): mikey/tables.bin
CLEANFILES += %D%/libct.a %D%/ct_test$(EXEEXT)

EXTRA_DIST += %D%/check-ct
check-ct: %D%/ct_test$(EXEEXT)
	@$(SHELL) $(srcdir)/%D%/check-ct %D%/ct_test$(EXEEXT)
.PHONY: check-ct
