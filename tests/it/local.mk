# SPDX-License-Identifier: Apache-2.0
# tests/it/wolfssl_test: interoperation with libwolfssl, where it is there.
# tools/wolf.c alone sees its headers.
if HAVE_WOLFSSL
check_PROGRAMS += %D%/wolfssl_test
TESTS += %D%/wolfssl_test
%C%_wolfssl_test_CFLAGS = $(AM_CFLAGS) $(CUNIT_CFLAGS) $(WOLFSSL_CFLAGS)
%C%_wolfssl_test_SOURCES = \
	%D%/wolfssl_test.c \
	tests/rng.c tests/rng.h \
	tools/wolf.c tools/wolf.h
%C%_wolfssl_test_LDADD = mikey/libmikey.a base/libbase.a \
	$(WOLFSSL_LIBS) $(CUNIT_LIBS) $(CRYPTO_LIBS)
else
TESTS += %D%/wolfssl_absent.sh
endif
EXTRA_DIST += %D%/wolfssl_absent.sh
