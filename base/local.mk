# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libbase.a
%C%_libbase_a_SOURCES = \
	%D%/alloc.c %D%/alloc.h \
	%D%/arena.c %D%/arena.h \
	%D%/bytes.c %D%/bytes.h \
	%D%/clock.c %D%/clock.h \
	%D%/ct.h \
	%D%/err.c %D%/err.h \
	%D%/rng.c %D%/rng.h \
	%D%/secret.c %D%/secret.h \
	%D%/text.c %D%/text.h
