# SPDX-License-Identifier: Apache-2.0
# Fuzz targets, one a line, sorted. Built with libFuzzer under --enable-fuzz
# (`make fuzz` does that); else with replay.c for a main, and run over their
# corpus by `make check`.
fuzz_targets = \
	%D%/base_chain_fuzz \
	%D%/base_seal_fuzz \
	%D%/gms_api_fuzz \
	%D%/gms_audit_fuzz \
	%D%/gms_match_fuzz \
	%D%/gms_vault_answer_fuzz \
	%D%/gms_vault_record_fuzz \
	%D%/gms_vault_request_fuzz \
	%D%/gms_watched_fuzz \
	%D%/http_request_fuzz \
	%D%/http_token_fuzz \
	%D%/kms_reply_fuzz \
	%D%/kms_request_fuzz \
	%D%/mcptt_ident_fuzz \
	%D%/mcptt_key_params_fuzz \
	%D%/mcptt_receipt_fuzz \
	%D%/mikey_msg_fuzz \
	%D%/mikey_payload_fuzz \
	%D%/mikey_sakke_fuzz \
	%D%/mikey_walk_fuzz \
	%D%/sip_incoming_fuzz \
	%D%/sip_multipart_fuzz \
	%D%/sip_watch_fuzz \
	%D%/ue_order_fuzz \
	%D%/xml_dsig_fuzz \
	%D%/xml_gktp_fuzz \
	%D%/xml_gmop_fuzz \
	%D%/xml_group_fuzz \
	%D%/xml_kms_fuzz \
	%D%/xml_sip_body_fuzz \
	%D%/xml_xcap_fuzz \
	%D%/xml_xcap_uri_fuzz

check_PROGRAMS += $(fuzz_targets)
check_LIBRARIES += %D%/libreplay.a
%C%_libreplay_a_SOURCES = %D%/fuzz.h %D%/replay.c
%C%_libreplay_a_CPPFLAGS = $(AM_CPPFLAGS) \
	-DCORPUS_DIR='"$(abs_top_srcdir)/fuzz/corpus"'
if FUZZ
fuzz_main =
else
fuzz_main = %D%/libreplay.a
TESTS += $(fuzz_targets)
endif
fuzz_ldflags = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
fuzz_base = $(fuzz_main) base/libbase.a $(CRYPTO_LIBS)
fuzz_gms = $(fuzz_main) gms/libgms.a xml/libxml.a mcptt/libmcptt.a \
	mikey/libmikey.a base/libbase.a $(XML_LIBS) $(CRYPTO_LIBS)
fuzz_http = $(fuzz_main) http/libhttp.a mcptt/libmcptt.a mikey/libmikey.a \
	base/libbase.a $(CRYPTO_LIBS)
fuzz_mikey = $(fuzz_main) mikey/libmikey.a base/libbase.a $(CRYPTO_LIBS)
fuzz_xml = $(fuzz_main) xml/libxml.a mcptt/libmcptt.a mikey/libmikey.a \
	base/libbase.a $(XML_LIBS) $(CRYPTO_LIBS)
fuzz_mcptt = $(fuzz_main) mcptt/libmcptt.a mikey/libmikey.a base/libbase.a \
	$(CRYPTO_LIBS)

%C%_base_chain_fuzz_SOURCES = %D%/base_chain_fuzz.c
%C%_base_chain_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_base_chain_fuzz_LDADD = $(fuzz_base)
%C%_base_seal_fuzz_SOURCES = %D%/base_seal_fuzz.c
%C%_base_seal_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_base_seal_fuzz_LDADD = $(fuzz_base)
%C%_gms_api_fuzz_SOURCES = %D%/gms_api_fuzz.c
%C%_gms_api_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_gms_api_fuzz_LDADD = $(fuzz_gms) $(JANSSON_LIBS)
%C%_gms_audit_fuzz_SOURCES = %D%/gms_audit_fuzz.c
%C%_gms_audit_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_gms_audit_fuzz_LDADD = $(fuzz_gms)
%C%_gms_match_fuzz_SOURCES = %D%/gms_match_fuzz.c
%C%_gms_match_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_gms_match_fuzz_LDADD = $(fuzz_gms)
%C%_gms_vault_answer_fuzz_SOURCES = %D%/gms_vault_answer_fuzz.c
%C%_gms_vault_answer_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_gms_vault_answer_fuzz_LDADD = $(fuzz_gms)
%C%_gms_vault_record_fuzz_SOURCES = %D%/gms_vault_record_fuzz.c
%C%_gms_vault_record_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_gms_vault_record_fuzz_LDADD = $(fuzz_gms)
%C%_gms_vault_request_fuzz_SOURCES = %D%/gms_vault_request_fuzz.c
%C%_gms_vault_request_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_gms_vault_request_fuzz_LDADD = $(fuzz_gms)
%C%_gms_watched_fuzz_SOURCES = %D%/gms_watched_fuzz.c
%C%_gms_watched_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_gms_watched_fuzz_LDADD = $(fuzz_main) gms/libgms.a http/libhttp.a \
	xml/libxml.a mcptt/libmcptt.a mikey/libmikey.a base/libbase.a \
	$(XML_LIBS) $(CRYPTO_LIBS)
%C%_http_request_fuzz_SOURCES = %D%/http_request_fuzz.c
%C%_http_request_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_http_request_fuzz_LDADD = $(fuzz_http)
%C%_http_token_fuzz_CFLAGS = $(AM_CFLAGS) $(CJOSE_CFLAGS)
%C%_http_token_fuzz_SOURCES = %D%/http_token_fuzz.c \
	tests/issuer.c tests/issuer.h
%C%_http_token_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_http_token_fuzz_LDADD = $(fuzz_http) $(CJOSE_LIBS) $(JANSSON_LIBS)
%C%_kms_reply_fuzz_SOURCES = %D%/kms_reply_fuzz.c
%C%_kms_reply_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_kms_reply_fuzz_LDADD = $(fuzz_main) kms-client/libkms-client.a \
	kms-client/libenrol.a http/libhttp.a xml/libxml.a mcptt/libmcptt.a \
	mikey/libmikey.a base/libbase.a $(XML_LIBS) $(CRYPTO_LIBS)
%C%_kms_request_fuzz_SOURCES = %D%/kms_request_fuzz.c
%C%_kms_request_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_kms_request_fuzz_LDADD = $(fuzz_xml)
%C%_mcptt_ident_fuzz_SOURCES = %D%/mcptt_ident_fuzz.c
%C%_mcptt_ident_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_mcptt_ident_fuzz_LDADD = $(fuzz_mcptt)
%C%_mcptt_key_params_fuzz_SOURCES = %D%/mcptt_key_params_fuzz.c
%C%_mcptt_key_params_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_mcptt_key_params_fuzz_LDADD = $(fuzz_mcptt)
%C%_mcptt_receipt_fuzz_SOURCES = %D%/mcptt_receipt_fuzz.c
%C%_mcptt_receipt_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_mcptt_receipt_fuzz_LDADD = $(fuzz_mcptt)
%C%_mikey_msg_fuzz_SOURCES = %D%/mikey_msg_fuzz.c
%C%_mikey_msg_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_mikey_msg_fuzz_LDADD = $(fuzz_mikey)
%C%_mikey_payload_fuzz_SOURCES = %D%/mikey_payload_fuzz.c
%C%_mikey_payload_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_mikey_payload_fuzz_LDADD = $(fuzz_mikey)
%C%_mikey_sakke_fuzz_SOURCES = %D%/mikey_sakke_fuzz.c
%C%_mikey_sakke_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_mikey_sakke_fuzz_LDADD = $(fuzz_mikey)
%C%_mikey_walk_fuzz_SOURCES = %D%/mikey_walk_fuzz.c
%C%_mikey_walk_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_mikey_walk_fuzz_LDADD = $(fuzz_mikey)
%C%_sip_incoming_fuzz_CFLAGS = $(AM_CFLAGS) $(SOFIA_CFLAGS)
%C%_sip_incoming_fuzz_SOURCES = %D%/sip_incoming_fuzz.c
%C%_sip_incoming_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_sip_incoming_fuzz_LDADD = $(fuzz_main) sip/libsip.a base/libbase.a \
	$(SOFIA_LIBS) $(CRYPTO_LIBS)
%C%_sip_multipart_fuzz_SOURCES = %D%/sip_multipart_fuzz.c
%C%_sip_multipart_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_sip_multipart_fuzz_LDADD = $(fuzz_main) sip/libsip.a base/libbase.a \
	$(CRYPTO_LIBS)
%C%_sip_watch_fuzz_SOURCES = %D%/sip_watch_fuzz.c
%C%_sip_watch_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_sip_watch_fuzz_LDADD = $(fuzz_main) sip/libsip.a base/libbase.a \
	$(CRYPTO_LIBS)
%C%_ue_order_fuzz_SOURCES = %D%/ue_order_fuzz.c ue/order.c ue/order.h
%C%_ue_order_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_ue_order_fuzz_LDADD = $(fuzz_base)
%C%_xml_dsig_fuzz_SOURCES = %D%/xml_dsig_fuzz.c
%C%_xml_dsig_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_xml_dsig_fuzz_LDADD = $(fuzz_xml)
%C%_xml_gktp_fuzz_SOURCES = %D%/xml_gktp_fuzz.c
%C%_xml_gktp_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_xml_gktp_fuzz_LDADD = $(fuzz_xml)
%C%_xml_group_fuzz_SOURCES = %D%/xml_group_fuzz.c
%C%_xml_group_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_xml_group_fuzz_LDADD = $(fuzz_xml)
%C%_xml_xcap_fuzz_CFLAGS = $(AM_CFLAGS) $(XML_CFLAGS)
%C%_xml_xcap_fuzz_SOURCES = %D%/xml_xcap_fuzz.c
%C%_xml_xcap_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_xml_xcap_fuzz_LDADD = $(fuzz_xml)
%C%_xml_xcap_uri_fuzz_SOURCES = %D%/xml_xcap_uri_fuzz.c
%C%_xml_xcap_uri_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_xml_xcap_uri_fuzz_LDADD = $(fuzz_xml)
%C%_xml_gmop_fuzz_SOURCES = %D%/xml_gmop_fuzz.c
%C%_xml_gmop_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_xml_gmop_fuzz_LDADD = $(fuzz_xml)
%C%_xml_kms_fuzz_SOURCES = %D%/xml_kms_fuzz.c
%C%_xml_kms_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_xml_kms_fuzz_LDADD = $(fuzz_xml)
%C%_xml_sip_body_fuzz_SOURCES = %D%/xml_sip_body_fuzz.c
%C%_xml_sip_body_fuzz_LDFLAGS = $(fuzz_ldflags)
%C%_xml_sip_body_fuzz_LDADD = $(fuzz_xml)

EXTRA_DIST += %D%/corpus
