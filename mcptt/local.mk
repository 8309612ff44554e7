# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libmcptt.a
%C%_libmcptt_a_SOURCES = \
	%D%/ident.c %D%/ident.h \
	%D%/incoming.c %D%/incoming.h \
	%D%/kdf.c %D%/kdf.h \
	%D%/key_id.c %D%/key_id.h \
	%D%/key_params.c %D%/key_params.h \
	%D%/keys.c %D%/keys.h \
	%D%/mcx_codes.h \
	%D%/message.c %D%/message.h \
	%D%/period.c %D%/period.h \
	%D%/profile.c %D%/profile.h \
	%D%/protected.c %D%/protected.h \
	%D%/receipt.c %D%/receipt.h \
	%D%/replay.c %D%/replay.h \
	%D%/srtp.c %D%/srtp.h \
	%D%/stamp.c %D%/stamp.h \
	%D%/transport.h \
	%D%/uid.c %D%/uid.h
