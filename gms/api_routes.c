/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_routes.c - the routes of the JSON API. Each has its place in
 * gms/openapi.json and a line in docs/api.md; tests/gms/api_routes_test.c holds
 * them together.
 */
#include "gms/api_route.h"

#include "gms/api_topics.h"
#include "http/server.h"

#define BODY(fields) (fields), sizeof(fields) / sizeof((fields)[0])
#define NO_BODY      NULL, 0

#define GROUP  "/groups/{group}"
#define MEMBER GROUP "/members/{member}"

static const struct gms_api_route rows[] = {
    {HTTP_GET, "/groups", GMS_MAY_VIEW, GMS_API_EACH, "after most", NO_BODY,
        gms_api_group_list},
    {HTTP_POST, "/groups", GMS_MAY_CREATE, GMS_API_EACH, "",
        BODY(gms_api_group_create_body), gms_api_group_create},
    {HTTP_GET, GROUP, GMS_MAY_VIEW, 0, "", NO_BODY, gms_api_group_show},
    {HTTP_DELETE, GROUP, GMS_MAY_DELETE, 0, "", NO_BODY, gms_api_group_delete},

    {HTTP_GET, GROUP "/settings", GMS_MAY_VIEW, 0, "", NO_BODY,
        gms_api_settings_show},
    /* Which right it takes depends on what is changed. */
    {HTTP_PATCH, GROUP "/settings", GMS_MAY_VIEW, 0, "",
        BODY(gms_api_settings_body), gms_api_settings_change},

    {HTTP_POST, GROUP "/members", GMS_MAY_EDIT, GMS_API_REPEAT, "",
        gms_json_member_fields, GMS_JSON_MEMBER_FIELDS, gms_api_member_add},
    {HTTP_DELETE, MEMBER, GMS_MAY_SOFT_STOP, 0, "stop", NO_BODY,
        gms_api_member_remove},
    {HTTP_POST, MEMBER "/retarget", GMS_MAY_SOFT_STOP, 0, "",
        BODY(gms_api_retarget_body), gms_api_member_retarget},
    {HTTP_POST, MEMBER "/undo", GMS_MAY_UNDO, 0, "", NO_BODY,
        gms_api_member_undo},

    {HTTP_POST, GROUP "/rekey", GMS_MAY_SOFT_STOP, 0, "",
        BODY(gms_api_rekey_body), gms_api_rekey},
    {HTTP_POST, "/compromise", GMS_MAY_HARD_STOP, GMS_API_EACH | GMS_API_REPEAT,
        "", BODY(gms_api_compromise_body), gms_api_compromise},
    {HTTP_GET, GROUP "/keys", GMS_MAY_VIEW, 0, "", NO_BODY, gms_api_key_list},
    {HTTP_POST, GROUP "/key-requests", GMS_MAY_ASK_KEYS,
        GMS_API_KEYED | GMS_API_REPEAT, "", BODY(gms_api_ask_body),
        gms_api_ask},
    {HTTP_POST, GROUP "/urgency", GMS_MAY_TELL_URGENCY, GMS_API_REPEAT, "",
        BODY(gms_api_urgency_body), gms_api_urgency},
    {HTTP_GET, GROUP "/deliveries", GMS_MAY_VIEW, 0,
        "member gmk_id state after most", NO_BODY, gms_api_delivery_list},

    /* A member's own word, whatever his role. */
    {HTTP_POST, "/receipts", GMS_MAY_VIEW, GMS_API_ANY | GMS_API_REPEAT, "",
        BODY(gms_api_receipt_body), gms_api_receipt},

    {HTTP_GET, "/events", GMS_MAY_VIEW, GMS_API_EACH, "after most", NO_BODY,
        gms_api_events},
    {HTTP_GET, "/audit/head", GMS_MAY_AUDIT, GMS_API_EACH, "", NO_BODY,
        gms_api_audit_head},
    {HTTP_GET, "/kek", GMS_MAY_OPERATE, GMS_API_EACH, "", NO_BODY,
        gms_api_kek_show},
    {HTTP_POST, "/kek/rotate", GMS_MAY_OPERATE, GMS_API_EACH | GMS_API_REPEAT,
        "", NO_BODY, gms_api_kek_rotate},
    {HTTP_GET, "/status", GMS_MAY_VIEW, GMS_API_EACH, "", NO_BODY,
        gms_api_status},
    {HTTP_GET, "/openapi.json", GMS_MAY_VIEW, GMS_API_ANY, "", NO_BODY,
        gms_api_openapi},
};

const struct gms_api_table gms_api_routes = {
    rows, sizeof(rows) / sizeof(rows[0])};
