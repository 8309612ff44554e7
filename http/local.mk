# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libhttp.a
%C%_libhttp_a_CFLAGS = $(AM_CFLAGS) $(CJOSE_CFLAGS) $(CURL_CFLAGS) \
	$(EVENT_CFLAGS) $(JANSSON_CFLAGS) $(SSL_CFLAGS)
%C%_libhttp_a_SOURCES = \
	%D%/admit.c %D%/admit.h \
	%D%/auth.c %D%/auth.h \
	%D%/bucket.c %D%/bucket.h \
	%D%/client.c %D%/client.h \
	%D%/conn.c %D%/conn.h \
	%D%/field.c %D%/field.h \
	%D%/guard.c %D%/guard.h \
	%D%/jwks.c %D%/jwks.h \
	%D%/keys.c %D%/keys.h \
	%D%/linger.c %D%/linger.h \
	%D%/path.c %D%/path.h \
	%D%/peer.c %D%/peer.h \
	%D%/problem.c %D%/problem.h \
	%D%/request.c %D%/request.h \
	%D%/server.c %D%/server.h \
	%D%/stream.c %D%/stream.h \
	%D%/tls.c %D%/tls.h \
	%D%/token.c %D%/token.h
