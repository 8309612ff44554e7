/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suites.h - the CUnit tables that test files export and tests/main.c runs.
 */
#ifndef TESTS_SUITES_H
#define TESTS_SUITES_H

#include <CUnit/CUnit.h>

extern CU_TestInfo base_alloc_tests[];
extern CU_TestInfo base_arena_tests[];
extern CU_TestInfo base_buf_tests[];
extern CU_TestInfo base_bytes_tests[];
extern CU_TestInfo base_chain_file_tests[];
extern CU_TestInfo base_chain_tests[];
extern CU_TestInfo base_chain_verify_tests[];
extern CU_TestInfo base_clock_tests[];
extern CU_TestInfo base_conf_tests[];
extern CU_TestInfo base_conf_text_tests[];
extern CU_TestInfo base_file_tests[];
extern CU_TestInfo base_handoff_tests[];
extern CU_TestInfo base_keyring_tests[];
extern CU_TestInfo base_log_tests[];
extern CU_TestInfo base_pool_tests[];
extern CU_TestInfo base_seal_tests[];
extern CU_TestInfo base_sign_tests[];
extern CU_TestInfo base_siphash_tests[];
extern CU_TestInfo base_sql_tests[];
extern CU_TestInfo base_text_tests[];
extern CU_TestInfo cli_json_tests[];
extern CU_TestInfo gms_access_tests[];
extern CU_TestInfo gms_adapter_tests[];
extern CU_TestInfo gms_api_edit_tests[];
extern CU_TestInfo gms_api_json_tests[];
extern CU_TestInfo gms_api_route_tests[];
extern CU_TestInfo gms_api_routes_tests[];
extern CU_TestInfo gms_audit_tests[];
extern CU_TestInfo gms_audit_read_tests[];
extern CU_TestInfo gms_conf_tests[];
extern CU_TestInfo gms_ctl_table_tests[];
extern CU_TestInfo gms_delivery_tests[];
extern CU_TestInfo gms_document_tests[];
extern CU_TestInfo gms_domains_tests[];
extern CU_TestInfo gms_front_control_tests[];
extern CU_TestInfo gms_gmk_tests[];
extern CU_TestInfo gms_group_tests[];
extern CU_TestInfo gms_identity_tests[];
extern CU_TestInfo gms_keeper_tests[];
extern CU_TestInfo gms_keeper_agenda_tests[];
extern CU_TestInfo gms_keeper_model_tests[];
extern CU_TestInfo gms_keeper_opened_tests[];
extern CU_TestInfo gms_keeper_safe_tests[];
extern CU_TestInfo gms_keeper_told_tests[];
extern CU_TestInfo gms_keeper_urgency_tests[];
extern CU_TestInfo gms_keeper_vault_tests[];
extern CU_TestInfo gms_key_file_tests[];
extern CU_TestInfo gms_metrics_tests[];
extern CU_TestInfo gms_policy_tests[];
extern CU_TestInfo gms_redirect_tests[];
extern CU_TestInfo gms_rekey_tests[];
extern CU_TestInfo gms_settings_tests[];
extern CU_TestInfo gms_store_doc_tests[];
extern CU_TestInfo gms_store_kek_tests[];
extern CU_TestInfo gms_store_key_tests[];
extern CU_TestInfo gms_store_migrate_tests[];
extern CU_TestInfo gms_store_rest_tests[];
extern CU_TestInfo gms_store_safe_tests[];
extern CU_TestInfo gms_store_sub_tests[];
extern CU_TestInfo gms_store_work_tests[];
extern CU_TestInfo gms_urgency_tests[];
extern CU_TestInfo gms_vault_tests[];
extern CU_TestInfo gms_vault_tool_tests[];
extern CU_TestInfo gms_vault_confine_tests[];
extern CU_TestInfo gms_vault_link_tests[];
extern CU_TestInfo gms_vault_proto_tests[];
extern CU_TestInfo gms_vault_record_tests[];
extern CU_TestInfo gms_csks_tests[];
extern CU_TestInfo gms_vault_csk_tests[];
extern CU_TestInfo gms_vault_refuse_tests[];
extern CU_TestInfo gms_vault_reseal_tests[];
extern CU_TestInfo gms_vault_rules_tests[];
extern CU_TestInfo gms_verify_tests[];
extern CU_TestInfo gms_watched_tests[];
extern CU_TestInfo gms_xcap_match_tests[];
extern CU_TestInfo http_admit_tests[];
extern CU_TestInfo http_bucket_tests[];
extern CU_TestInfo http_field_tests[];
extern CU_TestInfo http_guard_tests[];
extern CU_TestInfo http_path_tests[];
extern CU_TestInfo http_peer_tests[];
extern CU_TestInfo http_problem_tests[];
extern CU_TestInfo http_token_tests[];
extern CU_TestInfo kms_bundle_tests[];
extern CU_TestInfo kms_client_cert_tests[];
extern CU_TestInfo kms_extract_tests[];
extern CU_TestInfo kms_client_enrol_tests[];
extern CU_TestInfo kms_client_keyset_tests[];
extern CU_TestInfo kms_client_reply_tests[];
extern CU_TestInfo kms_client_session_tests[];
extern CU_TestInfo kms_client_store_tests[];
extern CU_TestInfo kms_import_key_tests[];
extern CU_TestInfo kms_issue_tests[];
extern CU_TestInfo kms_journal_tests[];
extern CU_TestInfo kms_kds_import_tests[];
extern CU_TestInfo kms_kds_keys_tests[];
extern CU_TestInfo kms_kds_store_tests[];
extern CU_TestInfo kms_kds_target_tests[];
extern CU_TestInfo kms_master_tests[];
extern CU_TestInfo kms_shares_tests[];
extern CU_TestInfo kms_users_tests[];
extern CU_TestInfo mcptt_ident_tests[];
extern CU_TestInfo mcptt_kdf_tests[];
extern CU_TestInfo mcptt_key_id_tests[];
extern CU_TestInfo mcptt_key_params_tests[];
extern CU_TestInfo mcptt_message_tests[];
int mcptt_message_done(void);
extern CU_TestInfo mcptt_period_tests[];
extern CU_TestInfo mcptt_protected_tests[];
extern CU_TestInfo mcptt_receipt_tests[];
extern CU_TestInfo mcptt_replay_tests[];
extern CU_TestInfo mcptt_srtp_tests[];
extern CU_TestInfo mcptt_stamp_tests[];
extern CU_TestInfo mcptt_uid_tests[];
extern CU_TestInfo mcptt_vendor_message_tests[];
extern CU_TestInfo mikey_codes_tests[];
extern CU_TestInfo mikey_eccsi_refuse_tests[];
extern CU_TestInfo mikey_eccsi_tests[];
extern CU_TestInfo mikey_edwards_tests[];
extern CU_TestInfo mikey_ext_tests[];
extern CU_TestInfo mikey_hash_range_tests[];
extern CU_TestInfo mikey_hdr_tests[];
extern CU_TestInfo mikey_idr_tests[];
extern CU_TestInfo mikey_imsg_tests[];
extern CU_TestInfo mikey_mod_tests[];
extern CU_TestInfo mikey_msg_tests[];
extern CU_TestInfo mikey_nonce_tests[];
extern CU_TestInfo mikey_ntp_tests[];
extern CU_TestInfo mikey_p256_scalar_tests[];
extern CU_TestInfo mikey_p256_tests[];
extern CU_TestInfo mikey_pairing_tests[];
extern CU_TestInfo mikey_params_tests[];
extern CU_TestInfo mikey_payload_tests[];
extern CU_TestInfo mikey_prf_tests[];
extern CU_TestInfo mikey_sakke_lanes_tests[];
extern CU_TestInfo mikey_sakke_tests[];
extern CU_TestInfo mikey_sp_tests[];
extern CU_TestInfo mikey_threads_tests[];
extern CU_TestInfo mikey_ts_tests[];
extern CU_TestInfo mikey_vendor_msg_tests[];
extern CU_TestInfo sip_agent_tests[];
extern CU_TestInfo sip_dialog_tests[];
extern CU_TestInfo sip_multipart_tests[];
extern CU_TestInfo sip_schedule_tests[];
extern CU_TestInfo sip_watch_tests[];
extern CU_TestInfo ue_csk_tests[];
extern CU_TestInfo ue_faults_tests[];
extern CU_TestInfo ue_keystore_tests[];
extern CU_TestInfo ue_open_tests[];
extern CU_TestInfo ue_order_tests[];
extern CU_TestInfo ue_sip_keys_tests[];
extern CU_TestInfo ue_sip_text_tests[];
extern CU_TestInfo xml_dsig_tests[];
extern CU_TestInfo xml_gktp_tests[];
extern CU_TestInfo xml_gmop_tests[];
extern CU_TestInfo xml_group_doc_tests[];
extern CU_TestInfo xml_group_reduce_tests[];
extern CU_TestInfo xml_group_threads_tests[];
extern CU_TestInfo xml_kms_cert_tests[];
extern CU_TestInfo xml_kms_krr_tests[];
extern CU_TestInfo xml_kms_message_tests[];
extern CU_TestInfo xml_kms_wrap_tests[];
extern CU_TestInfo xml_kms_wrapped_set_tests[];
extern CU_TestInfo xml_kms_xml_tests[];
extern CU_TestInfo xml_reader_tests[];
extern CU_TestInfo xml_subscribe_body_tests[];
extern CU_TestInfo xml_value_tests[];
extern CU_TestInfo xml_writer_tests[];
extern CU_TestInfo xml_xcap_diff_tests[];
extern CU_TestInfo xml_xcap_edit_tests[];
extern CU_TestInfo xml_xcap_error_tests[];
extern CU_TestInfo xml_xcap_node_tests[];
extern CU_TestInfo xml_xcap_uri_tests[];
extern CU_TestInfo xml_xenc_tests[];

/* The member whose messages ue/open looks at. */
int ue_open_end(void);

/* The issuer whose tokens http/token looks at. */
/* The memory of SQLite that gms/store runs out of. */
int gms_store_safe_begin(void);
int gms_store_safe_end(void);

int http_token_begin(void);
int http_token_end(void);

/* The KMS and members of mcptt/receipt. */
int mcptt_receipt_end(void);

#endif
