# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libue.a
%C%_libue_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
%C%_libue_a_SOURCES = \
	%D%/capture.c %D%/capture.h \
	%D%/cause.c %D%/cause.h \
	%D%/control.c %D%/control.h \
	%D%/crowd.c %D%/crowd.h \
	%D%/csk.c %D%/csk.h \
	%D%/env.h \
	%D%/faults.c %D%/faults.h \
	%D%/gms_client.c %D%/gms_client.h \
	%D%/group.c %D%/group.h \
	%D%/keystore.c %D%/keystore.h \
	%D%/member.c %D%/member.h \
	%D%/open.c %D%/open.h \
	%D%/order.c %D%/order.h \
	%D%/period.c %D%/period.h \
	%D%/provision.c %D%/provision.h \
	%D%/receipt.c %D%/receipt.h \
	%D%/report.c %D%/report.h \
	%D%/sip.c %D%/sip.h \
	%D%/sip_keys.c %D%/sip_keys.h \
	%D%/sip_lost.c %D%/sip_lost.h \
	%D%/sip_sub.c %D%/sip_sub.h \
	%D%/sip_text.c %D%/sip_text.h \
	%D%/status.c %D%/status.h

bin_PROGRAMS += %D%/mcue
%C%_mcue_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
%C%_mcue_SOURCES = \
	%D%/cmd_fault.c \
	%D%/cmd_fetch.c \
	%D%/cmd_run.c \
	%D%/cmd_status.c \
	%D%/commands.h \
	%D%/main.c \
	%D%/setup.c %D%/setup.h
%C%_mcue_LDADD = \
	%D%/libue.a \
	kms-client/libkms-client.a \
	kms-client/libenrol.a \
	http/libhttp.a \
	sip/libsip.a \
	cli/libcli.a \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libbase.a \
	$(CURL_LIBS) $(EVENT_LIBS) $(JANSSON_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS) \
	$(SOFIA_LIBS) $(XML_LIBS)

dist_man_MANS += docs/mcue.1
