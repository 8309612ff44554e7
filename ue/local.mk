# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libue.a
%C%_libue_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
%C%_libue_a_SOURCES = \
	%D%/keystore.c %D%/keystore.h \
	%D%/open.c %D%/open.h \
	%D%/period.c %D%/period.h
