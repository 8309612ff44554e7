# SPDX-License-Identifier: Apache-2.0
# libenrol.a is what the offline KMS needs of this folder, without a network.
noinst_LIBRARIES += %D%/libenrol.a
%C%_libenrol_a_SOURCES = \
	%D%/enrol.c %D%/enrol.h

noinst_LIBRARIES += %D%/libkms-client.a
%C%_libkms_client_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(XML_CFLAGS)
%C%_libkms_client_a_SOURCES = \
	%D%/ask.c %D%/ask.h \
	%D%/cert.c %D%/cert.h \
	%D%/device.c %D%/device.h \
	%D%/enrol_file.c %D%/enrol_file.h \
	%D%/keyset.c %D%/keyset.h \
	%D%/keyset_octets.c %D%/keyset_octets.h \
	%D%/reply.c %D%/reply.h \
	%D%/session.c %D%/session.h \
	%D%/store.c %D%/store.h \
	%D%/transport.c %D%/transport.h

bin_PROGRAMS += %D%/kms-client
%C%_kms_client_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
%C%_kms_client_SOURCES = \
	%D%/cmd_enrol.c \
	%D%/cmd_export.c \
	%D%/cmd_fetch.c \
	%D%/cmd_show.c \
	%D%/commands.h \
	%D%/main.c \
	%D%/open_store.c %D%/open_store.h
%C%_kms_client_LDADD = \
	%D%/libkms-client.a \
	%D%/libenrol.a \
	http/libhttp.a \
	cli/libcli.a \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libbase.a \
	$(CURL_LIBS) $(EVENT_LIBS) $(JANSSON_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS) \
	$(XML_LIBS)

dist_man_MANS += docs/kms-client.1
