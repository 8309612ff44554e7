/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - runs the CUnit suites, listed by module path.
 *
 * muster-tests [NAME]: only the suites whose name contains NAME. Prints
 * CUnit's summary, then one line "N passed, N failed, N skipped" that counts
 * tests; exit 0 when nothing failed.
 */
#include "tests/gms/vault_world.h"
#include "tests/suites.h"
#include "tests/vec.h"
#include "xml/group_doc.h"
#include "xml/library.h"

#include <CUnit/Basic.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const CU_SuiteInfo suites[] = {
    {"base/alloc", NULL, NULL, NULL, NULL, base_alloc_tests},
    {"base/arena", NULL, NULL, NULL, NULL, base_arena_tests},
    {"base/buf", NULL, NULL, NULL, NULL, base_buf_tests},
    {"base/bytes", NULL, NULL, NULL, NULL, base_bytes_tests},
    {"base/chain", NULL, NULL, NULL, NULL, base_chain_tests},
    {"base/chain_file", NULL, NULL, NULL, NULL, base_chain_file_tests},
    {"base/chain_verify", NULL, NULL, NULL, NULL, base_chain_verify_tests},
    {"base/clock", NULL, NULL, NULL, NULL, base_clock_tests},
    {"base/conf", NULL, NULL, NULL, NULL, base_conf_tests},
    {"base/conf_text", NULL, NULL, NULL, NULL, base_conf_text_tests},
    {"base/file", NULL, NULL, NULL, NULL, base_file_tests},
    {"base/handoff", NULL, NULL, NULL, NULL, base_handoff_tests},
    {"base/keyring", NULL, NULL, NULL, NULL, base_keyring_tests},
    {"base/log", NULL, NULL, NULL, NULL, base_log_tests},
    {"base/pool", NULL, NULL, NULL, NULL, base_pool_tests},
    {"base/seal", NULL, NULL, NULL, NULL, base_seal_tests},
    {"base/sign", NULL, NULL, NULL, NULL, base_sign_tests},
    {"base/siphash", NULL, NULL, NULL, NULL, base_siphash_tests},
    {"base/sql", NULL, NULL, NULL, NULL, base_sql_tests},
    {"base/text", NULL, NULL, NULL, NULL, base_text_tests},
    {"cli/json", NULL, NULL, NULL, NULL, cli_json_tests},
    {"gms/access", NULL, NULL, NULL, NULL, gms_access_tests},
    {"gms/adapter", NULL, NULL, NULL, NULL, gms_adapter_tests},
    {"gms/api_edit", NULL, NULL, NULL, NULL, gms_api_edit_tests},
    {"gms/api_json", NULL, NULL, NULL, NULL, gms_api_json_tests},
    {"gms/api_route", NULL, NULL, NULL, NULL, gms_api_route_tests},
    {"gms/api_routes", NULL, NULL, NULL, NULL, gms_api_routes_tests},
    {"gms/audit", NULL, NULL, NULL, NULL, gms_audit_tests},
    {"gms/audit_read", NULL, NULL, NULL, NULL, gms_audit_read_tests},
    {"gms/conf", NULL, NULL, NULL, NULL, gms_conf_tests},
    {"gms/ctl_table", NULL, NULL, NULL, NULL, gms_ctl_table_tests},
    {"gms/delivery", NULL, NULL, NULL, NULL, gms_delivery_tests},
    {"gms/document", NULL, NULL, NULL, NULL, gms_document_tests},
    {"gms/domains", NULL, NULL, NULL, NULL, gms_domains_tests},
    {"gms/front_control", NULL, NULL, NULL, NULL, gms_front_control_tests},
    {"gms/gmk", NULL, NULL, NULL, NULL, gms_gmk_tests},
    {"gms/group", NULL, vault_world_end, NULL, NULL, gms_group_tests},
    {"gms/identity", NULL, NULL, NULL, NULL, gms_identity_tests},
    {"gms/keeper", NULL, vault_world_end, NULL, NULL, gms_keeper_tests},
    {"gms/keeper_agenda", NULL, NULL, NULL, NULL, gms_keeper_agenda_tests},
    {"gms/keeper_model", NULL, vault_world_end, NULL, NULL,
        gms_keeper_model_tests},
    {"gms/keeper_opened", NULL, vault_world_end, NULL, NULL,
        gms_keeper_opened_tests},
    {"gms/keeper_safe", NULL, vault_world_end, NULL, NULL,
        gms_keeper_safe_tests},
    {"gms/keeper_told", NULL, vault_world_end, NULL, NULL,
        gms_keeper_told_tests},
    {"gms/keeper_urgency", NULL, vault_world_end, NULL, NULL,
        gms_keeper_urgency_tests},
    {"gms/keeper_vault", NULL, vault_world_end, NULL, NULL,
        gms_keeper_vault_tests},
    {"gms/key_file", NULL, NULL, NULL, NULL, gms_key_file_tests},
    {"gms/metrics", NULL, NULL, NULL, NULL, gms_metrics_tests},
    {"gms/policy", NULL, NULL, NULL, NULL, gms_policy_tests},
    {"gms/redirect", NULL, NULL, NULL, NULL, gms_redirect_tests},
    {"gms/rekey", NULL, NULL, NULL, NULL, gms_rekey_tests},
    {"gms/settings", NULL, NULL, NULL, NULL, gms_settings_tests},
    {"gms/store documents", NULL, NULL, NULL, NULL, gms_store_doc_tests},
    {"gms/store KEKs", NULL, NULL, NULL, NULL, gms_store_kek_tests},
    {"gms/store keys", NULL, NULL, NULL, NULL, gms_store_key_tests},
    {"gms/store migrations", NULL, NULL, NULL, NULL, gms_store_migrate_tests},
    {"gms/store rest", NULL, NULL, NULL, NULL, gms_store_rest_tests},
    {"gms/store safe", gms_store_safe_begin, gms_store_safe_end, NULL, NULL,
        gms_store_safe_tests},
    {"gms/store_sub", NULL, NULL, NULL, NULL, gms_store_sub_tests},
    {"gms/store_work", NULL, NULL, NULL, NULL, gms_store_work_tests},
    {"gms/urgency", NULL, NULL, NULL, NULL, gms_urgency_tests},
    {"gms/csks", NULL, NULL, NULL, NULL, gms_csks_tests},
    {"gms/vault", NULL, vault_world_end, NULL, NULL, gms_vault_tests},
    {"gms/vault_confine", NULL, NULL, NULL, NULL, gms_vault_confine_tests},
    {"gms/vault_link", NULL, vault_world_end, NULL, NULL, gms_vault_link_tests},
    {"gms/vault_proto", NULL, NULL, NULL, NULL, gms_vault_proto_tests},
    {"gms/vault_record", NULL, NULL, NULL, NULL, gms_vault_record_tests},
    {"gms/vault_csk", NULL, vault_world_end, NULL, NULL, gms_vault_csk_tests},
    {"gms/vault_refuse", NULL, vault_world_end, NULL, NULL,
        gms_vault_refuse_tests},
    {"gms/vault_reseal", NULL, vault_world_end, NULL, NULL,
        gms_vault_reseal_tests},
    {"gms/vault_rules", NULL, NULL, NULL, NULL, gms_vault_rules_tests},
    {"gms/vault_tool", NULL, vault_world_end, NULL, NULL, gms_vault_tool_tests},
    {"gms/verify", NULL, NULL, NULL, NULL, gms_verify_tests},
    {"gms/watched", NULL, NULL, NULL, NULL, gms_watched_tests},
    {"gms/xcap_match", NULL, NULL, NULL, NULL, gms_xcap_match_tests},
    {"http/admit", NULL, NULL, NULL, NULL, http_admit_tests},
    {"http/bucket", NULL, NULL, NULL, NULL, http_bucket_tests},
    {"http/field", NULL, NULL, NULL, NULL, http_field_tests},
    {"http/guard", NULL, NULL, NULL, NULL, http_guard_tests},
    {"http/path", NULL, NULL, NULL, NULL, http_path_tests},
    {"http/peer", NULL, NULL, NULL, NULL, http_peer_tests},
    {"http/problem", NULL, NULL, NULL, NULL, http_problem_tests},
    {"http/token", http_token_begin, http_token_end, NULL, NULL,
        http_token_tests},
    {"kms-client/cert", NULL, NULL, NULL, NULL, kms_client_cert_tests},
    {"kms-client/enrol", NULL, NULL, NULL, NULL, kms_client_enrol_tests},
    {"kms-client/keyset", NULL, NULL, NULL, NULL, kms_client_keyset_tests},
    {"kms-client/reply", NULL, NULL, NULL, NULL, kms_client_reply_tests},
    {"kms-client/session", NULL, NULL, NULL, NULL, kms_client_session_tests},
    {"kms-client/store", NULL, NULL, NULL, NULL, kms_client_store_tests},
    {"kms/bundle", NULL, NULL, NULL, NULL, kms_bundle_tests},
    {"kms/extract", NULL, NULL, NULL, NULL, kms_extract_tests},
    {"kms/import_key", NULL, NULL, NULL, NULL, kms_import_key_tests},
    {"kms/issue", NULL, NULL, NULL, NULL, kms_issue_tests},
    {"kms/journal", NULL, NULL, NULL, NULL, kms_journal_tests},
    {"kms/kds_import", NULL, NULL, NULL, NULL, kms_kds_import_tests},
    {"kms/kds_keys", NULL, NULL, NULL, NULL, kms_kds_keys_tests},
    {"kms/kds_store", NULL, NULL, NULL, NULL, kms_kds_store_tests},
    {"kms/kds_target", NULL, NULL, NULL, NULL, kms_kds_target_tests},
    {"kms/master", NULL, NULL, NULL, NULL, kms_master_tests},
    {"kms/shares", NULL, NULL, NULL, NULL, kms_shares_tests},
    {"kms/users", NULL, NULL, NULL, NULL, kms_users_tests},
    {"mcptt/ident", NULL, NULL, NULL, NULL, mcptt_ident_tests},
    {"mcptt/kdf", NULL, NULL, NULL, NULL, mcptt_kdf_tests},
    {"mcptt/key_id", NULL, NULL, NULL, NULL, mcptt_key_id_tests},
    {"mcptt/key_params", NULL, NULL, NULL, NULL, mcptt_key_params_tests},
    {"mcptt/message", NULL, mcptt_message_done, NULL, NULL,
        mcptt_message_tests},
    {"mcptt/period", NULL, NULL, NULL, NULL, mcptt_period_tests},
    {"mcptt/protected", NULL, NULL, NULL, NULL, mcptt_protected_tests},
    {"mcptt/receipt", NULL, mcptt_receipt_end, NULL, NULL, mcptt_receipt_tests},
    {"mcptt/replay", NULL, NULL, NULL, NULL, mcptt_replay_tests},
    {"mcptt/srtp", NULL, NULL, NULL, NULL, mcptt_srtp_tests},
    {"mcptt/stamp", NULL, NULL, NULL, NULL, mcptt_stamp_tests},
    {"mcptt/uid", NULL, NULL, NULL, NULL, mcptt_uid_tests},
    {"mcptt/vendor messages", NULL, NULL, NULL, NULL,
        mcptt_vendor_message_tests},
    {"mikey/codes", NULL, NULL, NULL, NULL, mikey_codes_tests},
    {"mikey/eccsi", NULL, NULL, NULL, NULL, mikey_eccsi_tests},
    {"mikey/eccsi_refuse", NULL, NULL, NULL, NULL, mikey_eccsi_refuse_tests},
    {"mikey/edwards", NULL, NULL, NULL, NULL, mikey_edwards_tests},
    {"mikey/ext", NULL, NULL, NULL, NULL, mikey_ext_tests},
    {"mikey/hash_range", NULL, NULL, NULL, NULL, mikey_hash_range_tests},
    {"mikey/hdr", NULL, NULL, NULL, NULL, mikey_hdr_tests},
    {"mikey/idr", NULL, NULL, NULL, NULL, mikey_idr_tests},
    {"mikey/imsg", NULL, NULL, NULL, NULL, mikey_imsg_tests},
    {"mikey/mod", NULL, NULL, NULL, NULL, mikey_mod_tests},
    {"mikey/msg", NULL, NULL, NULL, NULL, mikey_msg_tests},
    {"mikey/nonce", NULL, NULL, NULL, NULL, mikey_nonce_tests},
    {"mikey/ntp", NULL, NULL, NULL, NULL, mikey_ntp_tests},
    {"mikey/p256", NULL, NULL, NULL, NULL, mikey_p256_tests},
    {"mikey/p256_scalar", NULL, NULL, NULL, NULL, mikey_p256_scalar_tests},
    {"mikey/pairing", NULL, NULL, NULL, NULL, mikey_pairing_tests},
    {"mikey/params", NULL, NULL, NULL, NULL, mikey_params_tests},
    {"mikey/payload", NULL, NULL, NULL, NULL, mikey_payload_tests},
    {"mikey/prf", NULL, NULL, NULL, NULL, mikey_prf_tests},
    {"mikey/sakke_lanes", NULL, NULL, NULL, NULL, mikey_sakke_lanes_tests},
    {"mikey/sakke", NULL, NULL, NULL, NULL, mikey_sakke_tests},
    {"mikey/sp", NULL, NULL, NULL, NULL, mikey_sp_tests},
    {"mikey/threads", NULL, NULL, NULL, NULL, mikey_threads_tests},
    {"mikey/ts", NULL, NULL, NULL, NULL, mikey_ts_tests},
    {"mikey/vendor messages", NULL, NULL, NULL, NULL, mikey_vendor_msg_tests},
    {"sip/agent", NULL, NULL, NULL, NULL, sip_agent_tests},
    {"sip/dialog", NULL, NULL, NULL, NULL, sip_dialog_tests},
    {"sip/multipart", NULL, NULL, NULL, NULL, sip_multipart_tests},
    {"sip/schedule", NULL, NULL, NULL, NULL, sip_schedule_tests},
    {"sip/watch", NULL, NULL, NULL, NULL, sip_watch_tests},
    {"sip/wire", NULL, NULL, NULL, NULL, sip_wire_tests},
    {"ue/csk", NULL, NULL, NULL, NULL, ue_csk_tests},
    {"ue/faults", NULL, NULL, NULL, NULL, ue_faults_tests},
    {"ue/keystore", NULL, NULL, NULL, NULL, ue_keystore_tests},
    {"ue/open", NULL, ue_open_end, NULL, NULL, ue_open_tests},
    {"ue/order", NULL, NULL, NULL, NULL, ue_order_tests},
    {"ue/sip_keys", NULL, NULL, NULL, NULL, ue_sip_keys_tests},
    {"ue/sip_text", NULL, NULL, NULL, NULL, ue_sip_text_tests},
    {"xml/dsig", NULL, NULL, NULL, NULL, xml_dsig_tests},
    {"xml/gktp", NULL, NULL, NULL, NULL, xml_gktp_tests},
    {"xml/gmop", NULL, NULL, NULL, NULL, xml_gmop_tests},
    {"xml/group_doc", NULL, NULL, NULL, NULL, xml_group_doc_tests},
    {"xml/group_reduce", NULL, NULL, NULL, NULL, xml_group_reduce_tests},
    {"xml/group_threads", NULL, NULL, NULL, NULL, xml_group_threads_tests},
    {"xml/kms_cert", NULL, NULL, NULL, NULL, xml_kms_cert_tests},
    {"xml/kms_krr", NULL, NULL, NULL, NULL, xml_kms_krr_tests},
    {"xml/kms_message", NULL, NULL, NULL, NULL, xml_kms_message_tests},
    {"xml/kms_wrap", NULL, NULL, NULL, NULL, xml_kms_wrap_tests},
    {"xml/kms_wrapped_set", NULL, NULL, NULL, NULL, xml_kms_wrapped_set_tests},
    {"xml/kms_xml", NULL, NULL, NULL, NULL, xml_kms_xml_tests},
    {"xml/reader", NULL, NULL, NULL, NULL, xml_reader_tests},
    {"xml/subscribe_body", NULL, NULL, NULL, NULL, xml_subscribe_body_tests},
    {"xml/value", NULL, NULL, NULL, NULL, xml_value_tests},
    {"xml/writer", NULL, NULL, NULL, NULL, xml_writer_tests},
    {"xml/xcap_diff", NULL, NULL, NULL, NULL, xml_xcap_diff_tests},
    {"xml/xcap_edit", NULL, NULL, NULL, NULL, xml_xcap_edit_tests},
    {"xml/xcap_error", NULL, NULL, NULL, NULL, xml_xcap_error_tests},
    {"xml/xcap_node", NULL, NULL, NULL, NULL, xml_xcap_node_tests},
    {"xml/xcap_uri", NULL, NULL, NULL, NULL, xml_xcap_uri_tests},
    {"xml/xenc", NULL, NULL, NULL, NULL, xml_xenc_tests},
};

static int add_suites(const char *filter)
{
    for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
        CU_SuiteInfo one[] = {suites[i], CU_SUITE_INFO_NULL};

        if (filter != NULL && strstr(suites[i].pName, filter) == NULL)
            continue;
        if (CU_register_suites(one) != CUE_SUCCESS)
            return -1;
    }
    return 0;
}

/* "XC-04 puts attributes" shows something of the row XC-04. */
static bool names_row(const char *test)
{
    return strlen(test) > 6 && isupper((unsigned char)test[0]) &&
           isupper((unsigned char)test[1]) && test[2] == '-' &&
           isdigit((unsigned char)test[3]) && isdigit((unsigned char)test[4]) &&
           test[5] == ' ';
}

static bool has_failed(const CU_Test *test)
{
    const CU_FailureRecord *f = CU_get_failure_list();

    while (f != NULL && f->pTest != test)
        f = f->pNext;
    return f != NULL;
}

/* For tests/acceptance: a line for each test that is named by a row. */
static void print_rows(void)
{
    const CU_Suite *suite = CU_get_registry()->pSuite;

    for (; suite != NULL; suite = suite->pNext)
        for (const CU_Test *t = suite->pTest; t != NULL; t = t->pNext)
            if (names_row(t->pName))
                printf("row %.5s %s %s\n", t->pName,
                    has_failed(t) ? "fail" : "pass", suite->pName);
}

int main(int argc, char **argv)
{
    unsigned failed, skipped, run;

    if (xml_init() != MU_OK || xml_group_init() != MU_OK ||
        CU_initialize_registry() != CUE_SUCCESS)
        return 1;
    if (add_suites(argc > 1 ? argv[1] : NULL) != 0)
        return 1;
    CU_basic_set_mode(CU_BRM_NORMAL);
    if (CU_basic_run_tests() != CUE_SUCCESS)
        return 1;
    print_rows();
    failed = CU_get_number_of_tests_failed();
    skipped = vec_skipped();
    run = CU_get_number_of_tests_run();
    printf("%u passed, %u failed, %u skipped\n", run - failed - skipped, failed,
        skipped);
    CU_cleanup_registry();
    xml_group_cleanup();
    xml_cleanup();
    return run == 0 || failed != 0;
}
