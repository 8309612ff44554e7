/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_topics.h - the handlers of the JSON API and the bodies that they take, by
 * topic: what gms/api_routes.c makes its table of. docs/api.md and the OpenAPI
 * document say what each does.
 */
#ifndef GMS_API_TOPICS_H
#define GMS_API_TOPICS_H

#include "gms/api_call.h"

/* gms/api_groups.c */
#define GMS_API_GROUP_CREATE_FIELDS 6
extern const struct gms_json_field
    gms_api_group_create_body[GMS_API_GROUP_CREATE_FIELDS];
gms_api_handler gms_api_group_list, gms_api_group_create, gms_api_group_show,
    gms_api_group_delete;

/* A member as a body names him: a URI, or an object. Borrows from item. */
void gms_api_entry_read(const json_t *item, struct xml_group_entry *out);

/* gms/api_members.c */
#define GMS_API_RETARGET_FIELDS 2
extern const struct gms_json_field
    gms_api_retarget_body[GMS_API_RETARGET_FIELDS];
gms_api_handler gms_api_member_add, gms_api_member_remove,
    gms_api_member_retarget, gms_api_member_undo;

/* gms/api_compromise.c */
#define GMS_API_COMPROMISE_FIELDS 2
extern const struct gms_json_field
    gms_api_compromise_body[GMS_API_COMPROMISE_FIELDS];
gms_api_handler gms_api_compromise;

/* gms/api_keys.c */
#define GMS_API_REKEY_FIELDS 1
extern const struct gms_json_field gms_api_rekey_body[GMS_API_REKEY_FIELDS];
gms_api_handler gms_api_rekey, gms_api_key_list, gms_api_delivery_list;

/* gms/api_ask.c */
#define GMS_API_ASK_FIELDS 1
extern const struct gms_json_field gms_api_ask_body[GMS_API_ASK_FIELDS];
gms_api_handler gms_api_ask;

/* gms/api_receipts.c */
#define GMS_API_RECEIPT_FIELDS 1
extern const struct gms_json_field gms_api_receipt_body[GMS_API_RECEIPT_FIELDS];
gms_api_handler gms_api_receipt;

/* What a refusal of the vault says to who sent the receipt. */
enum gms_api_problem gms_api_receipt_refused(enum gms_vault_refusal refusal);

/* gms/api_settings.c */
#define GMS_API_SETTINGS_FIELDS 9
extern const struct gms_json_field
    gms_api_settings_body[GMS_API_SETTINGS_FIELDS];
gms_api_handler gms_api_settings_show, gms_api_settings_change;

/* The settings of a group, as they are shown; NULL when memory fails. */
json_t *gms_api_settings_of(struct gms_api_call *call, struct span group);

/* gms/api_urgency.c */
#define GMS_API_URGENCY_FIELDS 4
extern const struct gms_json_field gms_api_urgency_body[GMS_API_URGENCY_FIELDS];
gms_api_handler gms_api_urgency;

/* gms/api_kek.c */
gms_api_handler gms_api_kek_show, gms_api_kek_rotate;

/* gms/api_events.c */
gms_api_handler gms_api_events;

/* gms/api_status.c */
gms_api_handler gms_api_audit_head, gms_api_status, gms_api_openapi;

#endif
