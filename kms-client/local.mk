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
	%D%/keyset.c %D%/keyset.h \
	%D%/reply.c %D%/reply.h \
	%D%/session.c %D%/session.h \
	%D%/store.c %D%/store.h
