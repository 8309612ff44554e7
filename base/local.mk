# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libbase.a
%C%_libbase_a_SOURCES = \
	%D%/alloc.c %D%/alloc.h \
	%D%/arena.c %D%/arena.h \
	%D%/buf.c %D%/buf.h \
	%D%/bytes.c %D%/bytes.h \
	%D%/chain.c %D%/chain.h \
	%D%/chain_file.c %D%/chain_file.h \
	%D%/chain_verify.c %D%/chain_verify.h \
	%D%/clock.c %D%/clock.h \
	%D%/ct.h \
	%D%/err.c %D%/err.h \
	%D%/file.c %D%/file.h \
	%D%/handoff.c %D%/handoff.h \
	%D%/hkdf.c %D%/hkdf.h \
	%D%/keyring.c %D%/keyring.h \
	%D%/lines.c %D%/lines.h \
	%D%/log.c %D%/log.h \
	%D%/pool.c %D%/pool.h \
	%D%/rng.c %D%/rng.h \
	%D%/seal.c %D%/seal.h \
	%D%/secret.c %D%/secret.h \
	%D%/sign.c %D%/sign.h \
	%D%/siphash.c %D%/siphash.h \
	%D%/text.c %D%/text.h

# For programs with a configuration file alone: they link LIBCONFIG_LIBS, too.
noinst_LIBRARIES += %D%/libconf.a
%C%_libconf_a_CFLAGS = $(AM_CFLAGS) $(LIBCONFIG_CFLAGS)
%C%_libconf_a_SOURCES = \
	%D%/conf.c %D%/conf.h \
	%D%/conf_print.c %D%/conf_print.h \
	%D%/conf_text.c %D%/conf_text.h \
	%D%/conf_value.c %D%/conf_value.h

# For programs with a store alone: they link SQLITE_LIBS, too.
noinst_LIBRARIES += %D%/libsql.a
%C%_libsql_a_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
%C%_libsql_a_SOURCES = %D%/sql.c %D%/sql.h
