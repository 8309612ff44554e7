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

# tests/it/xmlsec_test.sh: the xmlsec1 program checks what xml/dsig.h signs.
check_PROGRAMS += %D%/xml_signed
%C%_xml_signed_SOURCES = %D%/xml_signed.c
%C%_xml_signed_LDADD = \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libbase.a \
	$(XML_LIBS) $(CRYPTO_LIBS)
TESTS += %D%/xmlsec_test.sh
EXTRA_DIST += %D%/xmlsec_test.sh

# tests/it/xml_schema_test.sh: xmllint checks what the group server writes.
check_PROGRAMS += %D%/xml_documents
%C%_xml_documents_SOURCES = %D%/xml_documents.c
%C%_xml_documents_LDADD = \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libbase.a \
	$(XML_LIBS) $(CRYPTO_LIBS)
TESTS += %D%/xml_schema_test.sh
EXTRA_DIST += %D%/xml_schema_test.sh

# tests/it/http_server: the server of http/ alone, for the test of its guards
# and for load generators.
check_PROGRAMS += %D%/http_server
%C%_http_server_CFLAGS = $(AM_CFLAGS) $(CJOSE_CFLAGS) $(EVENT_CFLAGS) $(SSL_CFLAGS)
%C%_http_server_SOURCES = %D%/http_server.c
%C%_http_server_LDADD = \
	http/libhttp.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libbase.a \
	$(CJOSE_LIBS) $(CURL_LIBS) $(EVENT_LIBS) $(JANSSON_LIBS) $(SSL_LIBS) \
	$(CRYPTO_LIBS)

# tests/it/http_test: every guard of the server.
check_PROGRAMS += %D%/http_test
TESTS += %D%/http_test
%C%_http_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-DHTTP_SERVER='"$(abs_top_builddir)/%D%/http_server"'
%C%_http_test_CFLAGS = $(AM_CFLAGS) $(CUNIT_CFLAGS) $(SSL_CFLAGS)
%C%_http_test_SOURCES = \
	%D%/http_test.c \
	%D%/served.c %D%/served.h \
	tests/pki.c tests/pki.h
%C%_http_test_LDADD = base/libbase.a $(CUNIT_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS)

# tests/it/http_stream_test: answers without an end.
check_PROGRAMS += %D%/http_stream_test
TESTS += %D%/http_stream_test
%C%_http_stream_test_CPPFLAGS = $(%C%_http_test_CPPFLAGS)
%C%_http_stream_test_CFLAGS = $(AM_CFLAGS) $(CUNIT_CFLAGS) $(SSL_CFLAGS)
%C%_http_stream_test_SOURCES = \
	%D%/http_stream_test.c \
	%D%/served.c %D%/served.h \
	tests/pki.c tests/pki.h
%C%_http_stream_test_LDADD = base/libbase.a \
	$(CUNIT_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS)

# tests/it/http_client_test: the client against the server.
check_PROGRAMS += %D%/http_client_test
TESTS += %D%/http_client_test
%C%_http_client_test_CPPFLAGS = $(%C%_http_test_CPPFLAGS)
%C%_http_client_test_CFLAGS = $(AM_CFLAGS) $(CJOSE_CFLAGS) $(CUNIT_CFLAGS) \
	$(EVENT_CFLAGS) $(SSL_CFLAGS)
%C%_http_client_test_SOURCES = \
	%D%/http_client_test.c \
	%D%/served.c %D%/served.h \
	tests/clock.c tests/clock.h \
	tests/issuer.c tests/issuer.h \
	tests/pki.c tests/pki.h
%C%_http_client_test_LDADD = $(%C%_http_server_LDADD) $(CUNIT_LIBS)

# tests/it/http_tls_test: what the server says to whom over TLS.
check_PROGRAMS += %D%/http_tls_test
TESTS += %D%/http_tls_test
%C%_http_tls_test_CPPFLAGS = $(%C%_http_test_CPPFLAGS)
%C%_http_tls_test_CFLAGS = $(AM_CFLAGS) $(CUNIT_CFLAGS) $(EVENT_CFLAGS) \
	$(SSL_CFLAGS)
%C%_http_tls_test_SOURCES = \
	%D%/http_tls_test.c \
	%D%/served.c %D%/served.h \
	tests/pki.c tests/pki.h
%C%_http_tls_test_LDADD = $(%C%_http_server_LDADD) $(CUNIT_LIBS)

# tests/it/kdsd_test.sh: kdsd from the key files to a request over TLS.
# kdsd_world is all that is around it.
check_PROGRAMS += %D%/kdsd_world
%C%_kdsd_world_CFLAGS = $(AM_CFLAGS) $(SSL_CFLAGS)
%C%_kdsd_world_SOURCES = \
	%D%/kdsd_kms.c %D%/kdsd_kms.h \
	%D%/kdsd_world.c \
	tests/issuer.c tests/issuer.h \
	tests/pki.c tests/pki.h \
	tests/rng.c tests/rng.h
%C%_kdsd_world_LDADD = \
	kms/libbundle.a \
	kms-client/libenrol.a \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libbase.a \
	$(XML_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS)
TESTS += %D%/kdsd_test.sh
EXTRA_DIST += %D%/kdsd_load.sh %D%/kdsd_test.sh

# tests/it/kms_client_test: kms-client against a KMS on loopback.
check_PROGRAMS += %D%/kms_client_test
TESTS += %D%/kms_client_test
%C%_kms_client_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-DKMS_CLIENT='"$(abs_top_builddir)/kms-client/kms-client"'
%C%_kms_client_test_CFLAGS = $(AM_CFLAGS) $(CUNIT_CFLAGS) $(EVENT_CFLAGS) \
	$(SSL_CFLAGS) $(XML_CFLAGS)
%C%_kms_client_test_SOURCES = \
	%D%/kms_client_test.c \
	tests/folder.c tests/folder.h \
	tests/kms-client/fake_kms.c tests/kms-client/fake_kms.h \
	tests/kms-client/world.c tests/kms-client/world.h \
	tests/kms.c tests/kms.h \
	tests/pki.c tests/pki.h \
	tests/rng.c tests/rng.h
%C%_kms_client_test_LDADD = \
	kms-client/libkms-client.a \
	kms-client/libenrol.a \
	http/libhttp.a \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libbase.a \
	$(CUNIT_LIBS) $(CURL_LIBS) $(EVENT_LIBS) $(JANSSON_LIBS) $(SSL_LIBS) \
	$(CRYPTO_LIBS) $(XML_LIBS)

# tests/it/mcue_test.sh: simulated members without a group server.
TESTS += %D%/mcue_test.sh
EXTRA_DIST += %D%/mcue_test.sh
# tests/it/mcue_faults_test.sh: what goes wrong on command.
TESTS += %D%/mcue_faults_test.sh
EXTRA_DIST += %D%/mcue_faults_test.sh

# tests/it/gms_keys_test.sh: keys from end to end. wolf_open is another
# implementation that opens them, where it is there.
if HAVE_WOLFSSL
check_PROGRAMS += %D%/wolf_open
%C%_wolf_open_CFLAGS = $(AM_CFLAGS) $(WOLFSSL_CFLAGS)
%C%_wolf_open_SOURCES = \
	%D%/wolf_open.c \
	tools/wolf.c tools/wolf.h
%C%_wolf_open_LDADD = \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libbase.a \
	$(WOLFSSL_LIBS) $(XML_LIBS) $(CRYPTO_LIBS)
endif
TESTS += %D%/gms_keys_test.sh %D%/gms_leaks_test.sh
EXTRA_DIST += %D%/gms_keys.sh %D%/gms_keys_test.sh %D%/gms_leaks_test.sh \
	%D%/gms_load.sh %D%/gms_receipts_load.sh %D%/gms_sip_load.sh
.PHONY: bench-receipts bench-sip
bench-receipts: all
	$(srcdir)/%D%/gms_receipts_load.sh
bench-sip: all
	$(srcdir)/%D%/gms_sip_load.sh

# tests/it/gms_media_test.sh: from the KMS to a packet of speech. srtp_packet is
# a sender's and a listener's libsrtp2.
check_PROGRAMS += %D%/srtp_packet
%C%_srtp_packet_CFLAGS = $(AM_CFLAGS) $(SRTP_CFLAGS)
%C%_srtp_packet_SOURCES = %D%/srtp_packet.c
%C%_srtp_packet_LDADD = \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libbase.a \
	$(SRTP_LIBS) $(CRYPTO_LIBS)
TESTS += %D%/gms_media_test.sh
EXTRA_DIST += %D%/gms_media_test.sh

# tests/it/gms_receipts_test.sh: who has opened a key.
check_PROGRAMS += %D%/gms_receipt
%C%_gms_receipt_CFLAGS = $(AM_CFLAGS) $(XML_CFLAGS)
%C%_gms_receipt_SOURCES = %D%/gms_receipt.c
%C%_gms_receipt_LDADD = \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libbase.a \
	$(XML_LIBS) $(CRYPTO_LIBS)
TESTS += %D%/gms_receipts_test.sh
EXTRA_DIST += %D%/gms_receipts_test.sh

# tests/it/gms_retarget_test.sh: one member in the place of another.
TESTS += %D%/gms_retarget_test.sh
EXTRA_DIST += %D%/gms_retarget_test.sh

# tests/it/gms_sip_adapters_test.sh: keys as parts and by MESSAGE;
# gms_sip_redirect_test.sh: members of another KMS.
TESTS += %D%/gms_sip_adapters_test.sh %D%/gms_sip_redirect_test.sh
EXTRA_DIST += %D%/gms_sip_adapters_test.sh %D%/gms_sip_redirect_test.sh

# tests/it/gms_sip_message_test.sh: what devices answer to a MESSAGE.
TESTS += %D%/gms_sip_message_test.sh
EXTRA_DIST += %D%/gms_sip_message_test.sh

# tests/it/gms_sip_ways_test.sh: SIP by UDP, TLS and IPv6.
TESTS += %D%/gms_sip_ways_test.sh
EXTRA_DIST += %D%/gms_sip_ways_test.sh

# tests/it/gms_period_test.sh: a key period that ends.
TESTS += %D%/gms_period_test.sh
EXTRA_DIST += %D%/gms_period_test.sh

# tests/it/demo_test.sh: the demo, with few members.
TESTS += %D%/demo_test.sh
EXTRA_DIST += %D%/demo_test.sh

# tests/it/life_test.sh: the whole life of a KMS, with every program.
check_PROGRAMS += %D%/life_message
%C%_life_message_CFLAGS = $(AM_CFLAGS) $(XML_CFLAGS)
%C%_life_message_SOURCES = %D%/life_message.c
%C%_life_message_LDADD = \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libbase.a \
	$(XML_LIBS) $(CRYPTO_LIBS)
TESTS += %D%/life_test.sh
EXTRA_DIST += %D%/life_test.sh

# tests/it/gms_world.sh: a KMS, kdsd and gmsd with users, for the tests that
# source it; gms_world makes their certificates and tokens. `make` makes it, as
# ./muster demo lives in that world, too.
noinst_PROGRAMS += %D%/gms_world
%C%_gms_world_CFLAGS = $(AM_CFLAGS) $(SSL_CFLAGS)
%C%_gms_world_SOURCES = \
	%D%/gms_world.c \
	tests/issuer.c tests/issuer.h \
	tests/pki.c tests/pki.h
%C%_gms_world_LDADD = base/libbase.a $(SSL_LIBS) $(CRYPTO_LIBS)
TESTS += %D%/gms_api_test.sh
EXTRA_DIST += %D%/gms_api_test.sh
# tests/it/relay.c: a network that loses and delays, for gms_relay_test.sh.
check_PROGRAMS += %D%/relay
%C%_relay_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
%C%_relay_SOURCES = %D%/relay.c
%C%_relay_LDADD = $(EVENT_LIBS)
TESTS += %D%/gms_relay_test.sh
EXTRA_DIST += %D%/gms_relay_test.sh
.PHONY: check-relay
check-relay: all tests/it/gms_world tests/it/relay
	$(srcdir)/%D%/gms_relay_test.sh 500 500 30
TESTS += %D%/gms_shaped_test.sh %D%/gms_sip_keys_test.sh %D%/gms_sip_test.sh
.PHONY: check-shaped
check-shaped: all tests/it/gms_world
	$(srcdir)/%D%/gms_shaped_test.sh 20
EXTRA_DIST += %D%/gms_shaped_test.sh %D%/gms_sip_keys_test.sh %D%/gms_sip_test.sh %D%/sip_steps.sh
TESTS += %D%/gms_world_test.sh
EXTRA_DIST += %D%/gms_world.sh %D%/sip_world.sh %D%/gms_world_test.sh

# tests/it/gms_monitor_test: gmsd's monitor with stand-ins for the others.
check_PROGRAMS += %D%/gms_stand_in
%C%_gms_stand_in_SOURCES = %D%/gms_stand_in.c
check_PROGRAMS += %D%/gms_monitor_test
TESTS += %D%/gms_monitor_test
%C%_gms_monitor_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-DGMSD='"$(abs_top_builddir)/gms/gmsd"' \
	-DSTAND_IN='"$(abs_top_builddir)/%D%/gms_stand_in"'
%C%_gms_monitor_test_CFLAGS = $(AM_CFLAGS) $(CUNIT_CFLAGS)
%C%_gms_monitor_test_SOURCES = \
	%D%/gms_monitor_test.c \
	tests/folder.c tests/folder.h
%C%_gms_monitor_test_LDADD = base/libbase.a $(CUNIT_LIBS) $(CRYPTO_LIBS)

# tests/it/gms_token_test.sh: the KEK in a token; keygen and enrol.
TESTS += %D%/gms_token_test.sh
EXTRA_DIST += %D%/gms_token_test.sh

# tests/it/gms_crash_test: a kill at every step of what gmsd does with keys.
check_PROGRAMS += %D%/gms_crash_test
TESTS += %D%/gms_crash_test
%C%_gms_crash_test_CPPFLAGS = $(AM_CPPFLAGS) \
	-DVECTOR_DIR='"$(abs_top_srcdir)/tests/vectors"' \
	-DGMSD_VAULT='"$(abs_top_builddir)/gms/gmsd-vault"'
%C%_gms_crash_test_CFLAGS = $(AM_CFLAGS) $(CUNIT_CFLAGS) $(EVENT_CFLAGS) \
	$(JANSSON_CFLAGS) $(SQLITE_CFLAGS) $(SECCOMP_CFLAGS)
%C%_gms_crash_test_SOURCES = \
	%D%/gms_crash_test.c \
	%D%/gms_crash_world.c %D%/gms_crash_world.h \
	tests/clock.c tests/clock.h \
	tests/folder.c tests/folder.h \
	tests/gms/vault_world.c tests/gms/vault_world.h \
	tests/kms-client/world.c tests/kms-client/world.h \
	tests/kms.c tests/kms.h \
	tests/rng.c tests/rng.h
%C%_gms_crash_test_LDADD = \
	gms/libgms-fault.a \
	gms/libvault-fault.a \
	gms/libgms-fault.a \
	kms-client/libkms-client.a \
	kms-client/libenrol.a \
	http/libhttp.a \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libconf.a \
	base/libsql.a \
	base/libbase.a \
	$(CUNIT_LIBS) $(EVENT_LIBS) $(JANSSON_LIBS) $(LIBCONFIG_LIBS) \
	$(SECCOMP_LIBS) $(SQLITE_LIBS) $(XML_LIBS) $(CRYPTO_LIBS)

# tests/it/gms_provision_test: the group server's own keys, from a KMS on
# loopback to a vault that the test plays.
check_PROGRAMS += %D%/gms_provision_test
TESTS += %D%/gms_provision_test
%C%_gms_provision_test_CFLAGS = $(AM_CFLAGS) $(CUNIT_CFLAGS) $(EVENT_CFLAGS) \
	$(SSL_CFLAGS) $(XML_CFLAGS)
%C%_gms_provision_test_SOURCES = \
	%D%/gms_provision_test.c \
	tests/clock.c tests/clock.h \
	tests/folder.c tests/folder.h \
	tests/kms-client/fake_kms.c tests/kms-client/fake_kms.h \
	tests/kms-client/world.c tests/kms-client/world.h \
	tests/kms.c tests/kms.h \
	tests/pki.c tests/pki.h \
	tests/rng.c tests/rng.h
%C%_gms_provision_test_LDADD = \
	gms/libgms.a \
	kms-client/libkms-client.a \
	kms-client/libenrol.a \
	http/libhttp.a \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libsql.a \
	base/libbase.a \
	$(CUNIT_LIBS) $(CURL_LIBS) $(EVENT_LIBS) $(JANSSON_LIBS) \
	$(SQLITE_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS) $(XML_LIBS)

# tests/it/gmsd_test.sh: gmsd's three processes.
TESTS += %D%/gmsd_test.sh
EXTRA_DIST += %D%/gmsd_test.sh
# tests/it/gms_xcap_test.sh: rows of the acceptance table, by gms_rows.sh.
TESTS += %D%/gms_xcap_test.sh
EXTRA_DIST += %D%/gms_rows.sh %D%/gms_xcap_test.sh

# tests/it/gms_audit_test.sh: gmsctl audit verify after a busy life.
check_PROGRAMS += %D%/gms_taken
%C%_gms_taken_CPPFLAGS = $(AM_CPPFLAGS) \
	-DGMSD_VAULT='"$(abs_top_builddir)/gms/gmsd-vault"'
%C%_gms_taken_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(SSL_CFLAGS)
%C%_gms_taken_SOURCES = %D%/gms_taken.c
%C%_gms_taken_LDADD = gms/libgms.a $(front_libs)
TESTS += %D%/gms_audit_test.sh
EXTRA_DIST += %D%/gms_audit_test.sh

# tests/it/gms_kek_test.sh: another KEK under a live group.
TESTS += %D%/gms_kek_test.sh
EXTRA_DIST += %D%/gms_kek_test.sh
# tests/it/gms_full_test.sh: an audit log whose disk is full.
TESTS += %D%/gms_full_test.sh
EXTRA_DIST += %D%/gms_full_test.sh

# tests/it/gms_csk_test.sh: tokens that are encrypted. gms_csk is a client.
check_PROGRAMS += %D%/gms_csk
%C%_gms_csk_SOURCES = %D%/gms_csk.c tests/csk.c tests/csk.h
%C%_gms_csk_LDADD = \
	kms/libkms.a \
	kms/libbundle.a \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libbase.a \
	$(GFSHARE_LIBS) $(XML_LIBS) $(CRYPTO_LIBS)
TESTS += %D%/gms_csk_test.sh
EXTRA_DIST += %D%/gms_csk_test.sh docs/csk.md

# tests/it/gms_memory_test.sh: memory images of the front and the vault.
check_PROGRAMS += %D%/gms_memory
%C%_gms_memory_SOURCES = %D%/gms_memory.c
%C%_gms_memory_LDADD = \
	kms/libkms.a \
	kms/libbundle.a \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libbase.a \
	$(GFSHARE_LIBS) $(XML_LIBS) $(CRYPTO_LIBS)
TESTS += %D%/gms_memory_test.sh
EXTRA_DIST += %D%/gms_memory_test.sh
EXTRA_DIST += docs/xcap.md %D%/gms_rows.sh %D%/gms_xcap_test.sh
