/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way `mikey-part` (gms/adapter.h): beside the xcap-diff that says that a
 * key document changed stand the messages that are new in it, so that nobody
 * has to fetch it. Only where the operator wants it, and only to who said that
 * he takes such bodies.
 */
#include <stdio.h>

#include "gms/adapter.h"
#include "gms/keydoc.h"
#include "gms/subs_inside.h"
#include "xml/xcap_diff.h"

#define ID_MAX 128

bool gms_sub_has_parts(const struct gms_subs *subs, const struct gms_sub *sub)
{
    return sub->takes_parts && !sub->bare && sub->ending == NULL &&
           gms_adapter_is_on(subs->parts.conf, GMS_ADAPTER_MIKEY_PART);
}

/* What is new to the subscriber: of a document that he knows, what nobody of
 * this identity has taken yet. */
static bool is_new(
    const struct sip_watch_change *change, const struct gms_delivery *row)
{
    return change->previous.len == 0 || row->state == GMS_DLV_SENT;
}

static void add_part(const struct gms_subs *subs, struct gms_sub *sub,
    struct sip_multipart *m, const struct gms_delivery *row)
{
    char id[ID_MAX];

    (void)snprintf(id, sizeof(id), "gmk-%08x.%llu@%s", (unsigned)row->key.v,
        (unsigned long long)row->id, subs->parts.conf->user);
    sip_multipart_add(
        m, &(struct sip_part){
               .type = span_str(gms_adapter_row(GMS_ADAPTER_MIKEY_PART)->unit),
               .id = span_str(id),
               .body = row->message});
    sub->brought[sub->brought_count++] = row->id;
}

/* The document may be an entry of the list or lie below one: its address says
 * whose keys it has. */
static enum mu_err add_parts(struct gms_subs *subs, struct gms_sub *sub,
    const struct sip_watch_change *change, struct gms_sub_body *body)
{
    struct mu_arena_list rows = {0};
    const struct gms_delivery *row;
    struct gms_watched *w;
    enum mu_err err;

    TRY(gms_watched_read(change->sel, "", subs->parts.gktp, &body->arena, &w));
    if (w->what != GMS_WATCHED_KEYS || !span_eq(w->member, sub->caller.uri))
        return MU_OK;
    err = gms_keydoc_rows(
        subs->parts.store, w->group, w->member, &body->arena, &rows);
    if (err == MU_E_NOT_FOUND)
        return MU_OK; /* it went after it was looked at: told next time */
    TRY(err);
    row = rows.at;
    for (size_t i = 0; i < rows.len; i++)
        if (is_new(change, &row[i]) && sub->brought_count < GMS_SUB_PARTS_MAX)
            add_part(subs, sub, &body->multipart, &row[i]);
    return MU_OK;
}

static bool is_changed_document(const struct sip_watch_change *change)
{
    return change->is_key && change->kind == SIP_WATCH_DOCUMENT &&
           change->now.len > 0;
}

enum mu_err gms_sub_parts(
    struct gms_subs *subs, struct gms_sub *sub, struct gms_sub_body *body)
{
    const struct sip_watch_change *change = body->changes.at;
    struct sip_multipart *m = &body->multipart;

    TRY(sip_multipart_begin(m, subs->parts.rng, &body->room));
    sip_multipart_add(
        m, &(struct sip_part){
               .type = span_str(XML_XCAP_DIFF_TYPE), .body = body->octets});
    for (size_t i = 0; i < body->changes.len; i++)
        if (is_changed_document(&change[i]))
            TRY(add_parts(subs, sub, &change[i], body));
    TRY(sip_multipart_end(m));
    if (sub->brought_count == 0)
        return MU_OK;
    sub->brought_ms = gms_subs_now_ms(subs);
    body->octets = buf_span(&body->room);
    body->type = m->type;
    return MU_OK;
}
