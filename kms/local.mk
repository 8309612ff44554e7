# SPDX-License-Identifier: Apache-2.0
# libbundle.a is what the offline tool and the online server have in common.
noinst_LIBRARIES += %D%/libbundle.a
%C%_libbundle_a_SOURCES = \
	%D%/bundle.c %D%/bundle.h \
	%D%/import_key.c %D%/import_key.h

# libkdsd.a is the online server.
noinst_LIBRARIES += %D%/libkdsd.a
%C%_libkdsd_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) \
	$(SQLITE_CFLAGS) $(SSL_CFLAGS)
%C%_libkdsd_a_SOURCES = \
	%D%/kds_answer.c %D%/kds_answer.h \
	%D%/kds_conf.c %D%/kds_conf.h \
	%D%/kds_import.c %D%/kds_import.h \
	%D%/kds_ink.c %D%/kds_ink.h \
	%D%/kds_keys.c %D%/kds_keys.h \
	%D%/kds_loop.c %D%/kds_loop.h \
	%D%/kds_routes.c %D%/kds_routes.h \
	%D%/kds_store.c %D%/kds_store.h \
	%D%/kds_target.c %D%/kds_target.h

sbin_PROGRAMS += %D%/kdsd
dist_man_MANS += docs/kdsd.8
%C%_kdsd_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(SQLITE_CFLAGS) $(SSL_CFLAGS)
%C%_kdsd_SOURCES = %D%/kds_main.c
%C%_kdsd_LDADD = \
	%D%/libkdsd.a \
	%D%/libbundle.a \
	http/libhttp.a \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libconf.a \
	base/libsql.a \
	base/libbase.a \
	$(EVENT_LIBS) $(CURL_LIBS) $(CJOSE_LIBS) $(JANSSON_LIBS) \
	$(LIBCONFIG_LIBS) $(SQLITE_LIBS) $(XML_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS)

# libkms.a is the offline tool without its commands: no network code.
noinst_LIBRARIES += %D%/libkms.a
%C%_libkms_a_CFLAGS = $(AM_CFLAGS) $(GFSHARE_CFLAGS)
%C%_libkms_a_SOURCES = \
	%D%/case.c %D%/case.h \
	%D%/cert.c %D%/cert.h \
	%D%/dir.c %D%/dir.h \
	%D%/external.c %D%/external.h \
	%D%/extract.c %D%/extract.h \
	%D%/facts.c %D%/facts.h \
	%D%/issue.c %D%/issue.h \
	%D%/journal.c %D%/journal.h \
	%D%/master.c %D%/master.h \
	%D%/officers.c %D%/officers.h \
	%D%/sequence.c %D%/sequence.h \
	%D%/shares.c %D%/shares.h \
	%D%/users.c %D%/users.h \
	%D%/warrant.c %D%/warrant.h

# kms, the offline tool. Nothing that opens a socket may stand here
# (tests/it/kms_test.sh looks).
bin_PROGRAMS += %D%/kms
%C%_kms_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS)
%C%_kms_SOURCES = \
	%D%/cmd_bundle.c \
	%D%/cmd_cert.c \
	%D%/cmd_init.c \
	%D%/cmd_issue.c \
	%D%/cmd_log.c \
	%D%/cmd_monitor.c \
	%D%/cmd_officer.c \
	%D%/cmd_users.c \
	%D%/commands.h \
	%D%/confine.c %D%/confine.h \
	%D%/handout.c %D%/handout.h \
	%D%/kms.c \
	%D%/session.c %D%/session.h \
	%D%/terminal.c %D%/terminal.h
%C%_kms_LDADD = \
	%D%/libkms.a \
	%D%/libbundle.a \
	kms-client/libenrol.a \
	cli/libcli.a \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libbase.a \
	$(GFSHARE_LIBS) $(SECCOMP_LIBS) $(XML_LIBS) $(CRYPTO_LIBS)
TESTS += tests/it/kms_test.sh
EXTRA_DIST += tests/it/kms_test.sh
dist_man_MANS += docs/kms.1
EXTRA_DIST += docs/ceremony.md
