/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/api_form.h"

#include <stdio.h>

#include "base/clock.h"
#include "gms/api_json.h"

json_t *gms_form_time_ms(uint64_t unix_ms)
{
    char text[MU_TIME_TEXT];

    if (unix_ms == 0)
        return json_null();
    mu_time_write(unix_ms, text);
    return json_string(text);
}

json_t *gms_form_time_s(uint64_t unix_s)
{
    return gms_form_time_ms(
        unix_s > MU_TIME_MAX_MS / 1000 ? MU_TIME_MAX_MS : unix_s * 1000);
}

json_t *gms_form_key_id(struct mcptt_key_id id)
{
    return json_sprintf("%08x", (unsigned)id.v);
}

static json_t *text_or_null(struct span text)
{
    return text.len == 0 ? json_null() : gms_json_of(text);
}

json_t *gms_form_group(
    const struct gms_document *document, const struct gms_group_row *row)
{
    const struct xml_group *group = &document->group;
    const struct gms_doc *doc = &document->doc;

    return json_pack(
        "{s:o, s:o, s:o, s:I, s:b, s:b, s:b, s:I, s:o, s:I, s:o, s:o}", "id",
        gms_json_of(doc->uri), "name", text_or_null(group->display_name),
        "owner", text_or_null(group->owner), "members",
        (json_int_t)group->entry_count, "disabled", (int)group->disabled,
        "temporary", (int)group->temporary, "keyed", row != NULL && row->keyed,
        "epoch", row != NULL ? (json_int_t)row->epoch : (json_int_t)0, "etag",
        gms_json_of(doc->etag), "version", (json_int_t)doc->version, "created",
        gms_form_time_ms(doc->created_ms), "changed",
        gms_form_time_ms(doc->changed_ms));
}

json_t *gms_form_member(const struct xml_group_entry *entry)
{
    return json_pack("{s:o, s:o, s:o, s:i, s:b, s:b}", "uri",
        gms_json_of(entry->uri), "name", text_or_null(entry->display_name),
        "type", text_or_null(entry->type), "priority", (int)entry->priority,
        "required", (int)entry->required, "receive_only",
        (int)entry->receive_only);
}

json_t *gms_form_members(const struct xml_group *group)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < group->entry_count; i++)
        if (json_array_append_new(list, gms_form_member(&group->entries[i])) !=
            0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *form_counts(const size_t counts[GMS_DLV_STATES])
{
    json_t *object = json_object();

    for (int i = 0; object != NULL && i < GMS_DLV_STATES; i++)
        if (json_object_set_new(object,
                gms_delivery_state_name((enum gms_delivery_state)i),
                json_integer((json_int_t)counts[i])) != 0) {
            json_decref(object);
            return NULL;
        }
    return object;
}

json_t *gms_form_key(
    const struct gms_gmk *gmk, const size_t counts[GMS_DLV_STATES])
{
    return json_pack("{s:s, s:o, s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
        "kind",
        mcptt_key_kind_name((enum mcptt_key_kind)mcptt_key_id_tag(gmk->id)),
        "gmk_id", gms_form_key_id(gmk->id), "epoch", (json_int_t)gmk->epoch,
        "state", gms_gmk_state_name(gmk->state), "reason",
        text_or_null(gmk->reason), "made", gms_form_time_ms(gmk->made_ms),
        "since", gms_form_time_s(gmk->activation_s), "until",
        gms_form_time_s(gmk->expiry_s), "retires",
        gms_form_time_ms(gmk->state == GMS_GMK_SUPERSEDED ? gmk->due_ms : 0),
        "deliveries", form_counts(counts));
}

const char *gms_form_why(const struct gms_delivery *delivery)
{
    switch (delivery->state) {
    case GMS_DLV_QUEUED:
        return delivery->guk_id.v == 0 ? "not encrypted to him yet"
                                       : "not signed yet";
    case GMS_DLV_SENT:
        return "ready for him, not fetched yet";
    case GMS_DLV_FAILED:
        return "could not be delivered";
    case GMS_DLV_REDIRECTED:
        return "another KMS serves him";
    case GMS_DLV_REVOKED:
        return "withdrawn: he shall not have it";
    case GMS_DLV_ACCEPTED:
    case GMS_DLV_OPENED:
    case GMS_DLV_STATES:
        break;
    }
    return NULL;
}

json_t *gms_form_delivery(const struct gms_delivery *delivery)
{
    return json_pack(
        "{s:I, s:o, s:o, s:o, s:I, s:s, s:s, s:s, s:b, s:s?, s:i, s:o, s:o}",
        "id", (json_int_t)delivery->id, "member", gms_json_of(delivery->member),
        "gmk_id", gms_form_key_id(delivery->key), "kms",
        gms_json_of(delivery->kms), "period", (json_int_t)delivery->period,
        "purpose", delivery->revocation ? "revoke" : "issue", "class",
        gms_class_name(delivery->class), "state",
        gms_delivery_state_name(delivery->state), "held",
        (int)gms_delivery_is_held(delivery->state), "why",
        gms_form_why(delivery), "tries", (int)delivery->tries, "next_try",
        gms_form_time_ms(delivery->next_ms), "changed",
        gms_form_time_ms(delivery->changed_ms));
}

json_t *gms_form_event(const struct gms_event *event)
{
    json_t *data =
        json_loadb((const char *)event->json.p, event->json.len, 0, NULL);

    return json_pack("{s:I, s:o, s:o, s:o, s:o}", "seq", (json_int_t)event->seq,
        "at", gms_form_time_ms(event->at_ms), "name", gms_json_of(event->name),
        "group", text_or_null(event->group), "data",
        data != NULL ? data : json_null());
}
