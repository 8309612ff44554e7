/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key documents over HTTP (TS 24.481 clause 7.7; notes gms-protocol 2.3). Where
 * they lie is UNKNOWN in the notes: gktp.path says it.
 */
#include "gms/xcap_ask.h"

#include "gms/audit_events.h"
#include "gms/key_address.h"
#include "gms/keydoc.h"
#include "http/field.h"

/* The type that a client asks for by its name, if it is one of XML; else ours:
 * none is registered. */
static const char *type_of(struct gms_ask *ask)
{
    struct span named = http_field_accepted_xml(ask->accept);

    return named.p != NULL ? mu_arena_text(&ask->arena, named)
                           : ask->xcap->parts.gktp->mime;
}

/* Whoever has the present document has its keys: that is how the `xcap` way of
 * delivery knows (notes 2.3). */
static void accept(const struct gms_ask *ask,
    const struct gms_key_address *address, bool fetched)
{
    const struct gms_xcap_parts *parts = &ask->xcap->parts;

    if (fetched)
        gms_audit_say(parts->audit, GMS_AUDIT_FETCHED,
            mu_log_octets("group", address->group),
            mu_log_octets("by", address->member));
    if (gms_keeper_accepted(parts->keeper, address->group, address->member) !=
        MU_OK)
        mu_log(MU_LOG_WARNING, "gms.accept_lost",
            mu_log_octets("group", address->group),
            mu_log_octets("member", address->member));
}

static void end_keys(struct gms_ask *ask, const struct gms_key_address *address,
    struct span text, struct span etag)
{
    const char *type = type_of(ask);
    enum gms_match match = gms_match_judge(&ask->match, etag, true);

    if (type == NULL) {
        gms_ask_end_err(ask, MU_E_NO_MEMORY);
        return;
    }
    if (ask->uri.kind == XML_XCAP_AT_DOCUMENT && !ask->head &&
        match != GMS_MATCH_FAILED)
        accept(ask, address, match == GMS_MATCH_GO);
    gms_ask_end_get(ask, type, text, etag);
}

void gms_ask_keys(struct gms_ask *ask)
{
    const struct gms_xcap_parts *parts = &ask->xcap->parts;
    struct gms_key_address address = {.member = {NULL, 0}};
    char *etag = mu_arena_alloc(&ask->arena, GMS_KEYDOC_ETAG, 1);
    struct span text = {NULL, 0};
    enum mu_err err =
        gms_key_address_read(parts->gktp, &ask->uri, &ask->arena, &address);

    if (etag == NULL)
        err = MU_E_NO_MEMORY;
    else if (err == MU_OK && (ask->caller.asserted ||
                                 !span_eq(address.member, ask->caller.uri)))
        err = MU_E_DENIED; /* the member himself, and no server */
    if (err == MU_OK)
        err = gms_keydoc_make(parts->store, address.group, address.member,
            &ask->arena, &text, etag);
    if (err == MU_OK)
        end_keys(ask, &address, text, span_str(etag));
    else
        gms_ask_end_err(ask, err);
}
