# SPDX-License-Identifier: Apache-2.0
# tests/muster-tests: every CUnit suite in one program. The list of suites is
# tests/main.c; one test file a line, sorted.
check_PROGRAMS += %D%/muster-tests
%C%_muster_tests_CPPFLAGS = $(AM_CPPFLAGS) \
	-DVECTOR_DIR='"$(abs_top_srcdir)/tests/vectors"' \
	-DGMSD_VAULT='"$(abs_top_builddir)/gms/gmsd-vault"' \
	-DMIKEYTOOL='"$(abs_top_builddir)/tools/mikeytool"' \
	-DVENDOR_DIR='"$(abs_top_srcdir)/../shared/vectors/vendor"'
%C%_muster_tests_CFLAGS = $(AM_CFLAGS) $(CJOSE_CFLAGS) $(CUNIT_CFLAGS) $(EVENT_CFLAGS) \
	$(JANSSON_CFLAGS) $(SQLITE_CFLAGS) $(SRTP_CFLAGS)
%C%_muster_tests_SOURCES = \
	%D%/base/alloc_test.c \
	%D%/base/arena_test.c \
	%D%/base/buf_test.c \
	%D%/base/bytes_test.c \
	%D%/base/chain_file_test.c \
	%D%/base/chain_fixture.c %D%/base/chain_fixture.h \
	%D%/base/chain_test.c \
	%D%/base/chain_verify_test.c \
	%D%/base/clock_test.c \
	%D%/base/conf_test.c \
	%D%/base/conf_text_test.c \
	%D%/base/file_test.c \
	%D%/base/handoff_test.c \
	%D%/base/keyring_test.c \
	%D%/base/log_test.c \
	%D%/base/pool_test.c \
	%D%/base/seal_test.c \
	%D%/base/sign_test.c \
	%D%/base/siphash_test.c \
	%D%/base/sql_test.c \
	%D%/base/text_test.c \
	%D%/bignum.c %D%/bignum.h \
	%D%/cli/json_test.c \
	%D%/clock.c %D%/clock.h \
	%D%/csk.c %D%/csk.h \
	%D%/folder.c %D%/folder.h \
	%D%/gms/access_test.c \
	%D%/gms/adapter_test.c \
	%D%/gms/api_edit_test.c \
	%D%/gms/api_json_test.c \
	%D%/gms/api_route_test.c \
	%D%/gms/api_routes_test.c \
	%D%/gms/audit_read_test.c \
	%D%/gms/audit_test.c \
	%D%/gms/conf_test.c \
	%D%/gms/csks_test.c \
	%D%/gms/ctl_table_test.c \
	%D%/gms/delivery_test.c \
	%D%/gms/document_test.c \
	%D%/gms/domains_test.c \
	%D%/gms/fake_vault.c %D%/gms/fake_vault.h \
	%D%/gms/front_control_test.c \
	%D%/gms/gmk_test.c \
	%D%/gms/group_test.c \
	%D%/gms/identity_test.c \
	%D%/gms/keeper_agenda_test.c \
	%D%/gms/keeper_model_test.c \
	%D%/gms/keeper_opened_test.c \
	%D%/gms/keeper_safe_test.c \
	%D%/gms/keeper_test.c \
	%D%/gms/keeper_told_test.c \
	%D%/gms/keeper_urgency_test.c \
	%D%/gms/keeper_vault_test.c \
	%D%/gms/keeper_world.c %D%/gms/keeper_world.h \
	%D%/gms/key_file_test.c \
	%D%/gms/kill_vfs.c %D%/gms/kill_vfs.h \
	%D%/gms/metrics_test.c \
	%D%/gms/policy_test.c \
	%D%/gms/redirect_test.c \
	%D%/gms/rekey_test.c \
	%D%/gms/settings_test.c \
	%D%/gms/store_doc_test.c \
	%D%/gms/store_fixture.c %D%/gms/store_fixture.h \
	%D%/gms/store_kek_test.c \
	%D%/gms/store_key_test.c \
	%D%/gms/store_migrate_test.c \
	%D%/gms/store_rest_test.c \
	%D%/gms/store_safe_test.c \
	%D%/gms/store_sub_test.c \
	%D%/gms/store_work_test.c \
	%D%/gms/urgency_test.c \
	%D%/gms/vault_confine_test.c \
	%D%/gms/vault_csk_test.c \
	%D%/gms/vault_frames.c %D%/gms/vault_frames.h \
	%D%/gms/vault_link_test.c \
	%D%/gms/vault_proto_test.c \
	%D%/gms/vault_record_test.c \
	%D%/gms/vault_refuse_test.c \
	%D%/gms/vault_reseal_test.c \
	%D%/gms/vault_rules_test.c \
	%D%/gms/vault_test.c \
	%D%/gms/vault_tool_test.c \
	%D%/gms/vault_world.c %D%/gms/vault_world.h \
	%D%/gms/verify_test.c \
	%D%/gms/watched_test.c \
	%D%/gms/xcap_match_test.c \
	%D%/http/admit_test.c \
	%D%/http/bucket_test.c \
	%D%/http/field_test.c \
	%D%/http/guard_test.c \
	%D%/http/path_test.c \
	%D%/http/peer_test.c \
	%D%/http/problem_test.c \
	%D%/http/token_test.c \
	%D%/issuer.c %D%/issuer.h \
	%D%/kms-client/cert_test.c \
	%D%/kms-client/enrol_test.c \
	%D%/kms-client/fake_kms.c %D%/kms-client/fake_kms.h \
	%D%/kms-client/keyset_test.c \
	%D%/kms-client/reply_test.c \
	%D%/kms-client/session_test.c \
	%D%/kms-client/store_test.c \
	%D%/kms-client/talk.c %D%/kms-client/talk.h \
	%D%/kms-client/world.c %D%/kms-client/world.h \
	%D%/kms.c %D%/kms.h \
	%D%/kms/bundle_test.c \
	%D%/kms/extract_test.c \
	%D%/kms/import_key_test.c \
	%D%/kms/issue_test.c \
	%D%/kms/journal_test.c \
	%D%/kms/kds_fixture.c %D%/kms/kds_fixture.h \
	%D%/kms/kds_import_test.c \
	%D%/kms/kds_keys_test.c \
	%D%/kms/kds_store_test.c \
	%D%/kms/kds_target_test.c \
	%D%/kms/master_test.c \
	%D%/kms/shares_test.c \
	%D%/kms/users_test.c \
	%D%/log.c %D%/log.h \
	%D%/main.c \
	%D%/mcptt/ident_test.c \
	%D%/mcptt/kdf_test.c \
	%D%/mcptt/key_id_test.c \
	%D%/mcptt/key_params_test.c \
	%D%/mcptt/message_test.c \
	%D%/mcptt/period_test.c \
	%D%/mcptt/protected_test.c \
	%D%/mcptt/receipt_test.c \
	%D%/mcptt/replay_test.c \
	%D%/mcptt/srtp_test.c \
	%D%/mcptt/stamp_test.c \
	%D%/mcptt/uid_test.c \
	%D%/mcptt/vendor_message_test.c \
	%D%/mikey/codes_test.c \
	%D%/mikey/eccsi_fixture.c %D%/mikey/eccsi_fixture.h \
	%D%/mikey/eccsi_refuse_test.c \
	%D%/mikey/eccsi_test.c \
	%D%/mikey/edwards_test.c \
	%D%/mikey/ext_test.c \
	%D%/mikey/fields.c %D%/mikey/fields.h \
	%D%/mikey/hash_range_test.c \
	%D%/mikey/hdr_test.c \
	%D%/mikey/idr_test.c \
	%D%/mikey/imsg_test.c \
	%D%/mikey/mod_test.c \
	%D%/mikey/msg_test.c \
	%D%/mikey/nonce_test.c \
	%D%/mikey/ntp_test.c \
	%D%/mikey/p256_scalar_test.c \
	%D%/mikey/p256_test.c \
	%D%/mikey/pairing_test.c \
	%D%/mikey/params_test.c \
	%D%/mikey/parts.c %D%/mikey/parts.h \
	%D%/mikey/payload_test.c \
	%D%/mikey/prf_test.c \
	%D%/mikey/sakke_lanes_test.c \
	%D%/mikey/sakke_test.c \
	%D%/mikey/sp_test.c \
	%D%/mikey/threads_test.c \
	%D%/mikey/ts_test.c \
	%D%/mikey/vendor_msg_test.c \
	%D%/rng.c %D%/rng.h \
	%D%/runner.c %D%/runner.h \
	%D%/sip/access_test.c \
	%D%/sip/agent_test.c \
	%D%/sip/dialog_test.c \
	%D%/sip/multipart_test.c \
	%D%/sip/schedule_test.c \
	%D%/sip/watch_test.c \
	%D%/sip/wire_test.c \
	%D%/suites.h \
	%D%/ue/csk_test.c \
	%D%/ue/faults_test.c \
	%D%/ue/keystore_test.c \
	%D%/ue/open_test.c \
	%D%/ue/order_test.c \
	%D%/ue/sip_keys_test.c \
	%D%/ue/sip_text_test.c \
	%D%/vec.c %D%/vec.h \
	%D%/vendor.c %D%/vendor.h \
	%D%/xml/dsig_test.c \
	%D%/xml/gktp_test.c \
	%D%/xml/gmop_test.c \
	%D%/xml/group_doc_test.c \
	%D%/xml/group_reduce_test.c \
	%D%/xml/group_threads_test.c \
	%D%/xml/kms_cert_test.c \
	%D%/xml/kms_krr_test.c \
	%D%/xml/kms_message_test.c \
	%D%/xml/kms_wrap_test.c \
	%D%/xml/kms_wrapped_set_test.c \
	%D%/xml/kms_xml_test.c \
	%D%/xml/reader_test.c \
	%D%/xml/subscribe_body_test.c \
	%D%/xml/value_test.c \
	%D%/xml/writer_test.c \
	%D%/xml/xcap_diff_test.c \
	%D%/xml/xcap_edit_test.c \
	%D%/xml/xcap_error_test.c \
	%D%/xml/xcap_node_test.c \
	%D%/xml/xcap_uri_test.c \
	%D%/xml/xenc_test.c \
	gms/ctl_table.c
%C%_muster_tests_LDADD = \
	gms/libvault.a \
	ue/libue.a \
	gms/libgms.a \
	kms/libkms.a \
	kms/libkdsd.a \
	kms/libbundle.a \
	kms-client/libkms-client.a \
	kms-client/libenrol.a \
	sip/libsip.a \
	http/libhttp.a \
	cli/libcli.a \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libconf.a \
	base/libsql.a \
	base/libbase.a \
	$(CJOSE_LIBS) $(CUNIT_LIBS) $(CURL_LIBS) $(EVENT_LIBS) $(GFSHARE_LIBS) \
	$(LIBCONFIG_LIBS) \
	$(JANSSON_LIBS) $(SECCOMP_LIBS) $(SOFIA_LIBS) $(SQLITE_LIBS) \
	$(SRTP_LIBS) $(SSL_LIBS) \
	$(CRYPTO_LIBS) $(XML_LIBS)
EXTRA_DIST += %D%/vectors

# tests/gms-subs-tests: the suites of gms/subs*.c, with an agent that does no
# SIP. Its functions take the place of the real one's in libsip, so muster-tests,
# which tests that one, cannot hold it.
check_PROGRAMS += %D%/gms-subs-tests
TESTS += %D%/gms-subs-tests
%C%_gms_subs_tests_CPPFLAGS = $(%C%_muster_tests_CPPFLAGS)
%C%_gms_subs_tests_CFLAGS = $(%C%_muster_tests_CFLAGS)
%C%_gms_subs_tests_SOURCES = \
	%D%/clock.c %D%/clock.h \
	%D%/folder.c %D%/folder.h \
	%D%/gms/fake_agent.c %D%/gms/fake_agent.h \
	%D%/gms/fake_vault.c %D%/gms/fake_vault.h \
	%D%/gms/keeper_world.c %D%/gms/keeper_world.h \
	%D%/gms/subs_main.c \
	%D%/gms/subs_model_test.c \
	%D%/gms/subs_post_test.c \
	%D%/gms/subs_take_test.c \
	%D%/gms/subs_tell_test.c \
	%D%/gms/subs_world.c %D%/gms/subs_world.h \
	%D%/gms/vault_world.c %D%/gms/vault_world.h \
	%D%/issuer.c %D%/issuer.h \
	%D%/kms-client/world.c %D%/kms-client/world.h \
	%D%/kms.c %D%/kms.h \
	%D%/rng.c %D%/rng.h \
	%D%/runner.c %D%/runner.h \
	%D%/suites.h \
	%D%/vec.c %D%/vec.h
%C%_gms_subs_tests_LDADD = $(%C%_muster_tests_LDADD)
