# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libmcptt.a
%C%_libmcptt_a_SOURCES = \
	%D%/ident.c %D%/ident.h \
	%D%/period.c %D%/period.h \
	%D%/uid.c %D%/uid.h
