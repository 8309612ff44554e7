# SPDX-License-Identifier: Apache-2.0
# The examples of docs/ue-developer.md: they link libmuster and nothing else of
# Muster, follow_keys beside it the one module of ue/ that it shows.
examples = \
	%D%/derive_srtp \
	%D%/follow_keys \
	%D%/open_message
check_PROGRAMS += $(examples)
%C%_derive_srtp_SOURCES = %D%/derive_srtp.c %D%/args.c %D%/args.h
%C%_derive_srtp_LDADD = libmuster.a $(CRYPTO_LIBS)
%C%_follow_keys_SOURCES = \
	%D%/follow_keys.c %D%/args.c %D%/args.h \
	ue/keystore.c ue/keystore.h
%C%_follow_keys_LDADD = libmuster.a $(CRYPTO_LIBS)
%C%_open_message_SOURCES = %D%/open_message.c %D%/args.c %D%/args.h
%C%_open_message_LDADD = libmuster.a $(CRYPTO_LIBS)

TESTS += %D%/examples_test.sh
EXTRA_DIST += docs/ue-developer.md %D%/examples_test.sh
