# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libmikey.a
%C%_libmikey_a_SOURCES = \
	%D%/eccsi.c %D%/eccsi.h \
	%D%/nonce.c %D%/nonce.h \
	%D%/p256.c %D%/p256.h \
	%D%/p256_scalar.c %D%/p256_scalar.h \
	%D%/p256_scalar.c %D%/p256_scalar.h \
	%D%/prf.c %D%/prf.h
