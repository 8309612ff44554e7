# SPDX-License-Identifier: Apache-2.0
# libbundle.a is what the offline tool and the online server have in common.
noinst_LIBRARIES += %D%/libbundle.a
%C%_libbundle_a_SOURCES = \
	%D%/bundle.c %D%/bundle.h \
	%D%/import_key.c %D%/import_key.h

# libkdsd.a is the online server.
noinst_LIBRARIES += %D%/libkdsd.a
%C%_libkdsd_a_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
%C%_libkdsd_a_SOURCES = \
	%D%/kds_import.c %D%/kds_import.h \
	%D%/kds_ink.c %D%/kds_ink.h \
	%D%/kds_sql.c %D%/kds_sql.h \
	%D%/kds_store.c %D%/kds_store.h

# libkms.a is the offline tool without its commands: no network code.
noinst_LIBRARIES += %D%/libkms.a
%C%_libkms_a_CFLAGS = $(AM_CFLAGS) $(GFSHARE_CFLAGS)
%C%_libkms_a_SOURCES = \
	%D%/dir.c %D%/dir.h \
	%D%/extract.c %D%/extract.h \
	%D%/facts.c %D%/facts.h \
	%D%/issue.c %D%/issue.h \
	%D%/journal.c %D%/journal.h \
	%D%/master.c %D%/master.h \
	%D%/shares.c %D%/shares.h \
	%D%/users.c %D%/users.h
