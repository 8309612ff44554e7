/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key documents over HTTP (TS 24.481 clause 7.7; notes gms-protocol 2.3). Where
 * they lie is UNKNOWN in the notes: gktp.path says it.
 */
#include "gms/xcap_ask.h"

#include <string.h>
#include <strings.h>

#include "gms/audit_events.h"
#include "gms/keydoc.h"

/* What the path has in place of its two words. */
struct key_address {
    struct span member, group;
};

/* The i-th segment of an address behind its usage: "users", XUI, name... */
static struct span segment(const struct gms_ask *ask, size_t i)
{
    const struct xml_xcap_uri *uri = &ask->uri;
    size_t head = uri->tree == XML_XCAP_USERS ? 2 : 1;

    if (i == 0)
        return span_str(uri->tree == XML_XCAP_USERS ? "users" : "global");
    if (i < head)
        return uri->xui;
    return i - head < uri->segments ? uri->segment[i - head]
                                    : (struct span){NULL, 0};
}

static size_t segment_count(const struct gms_ask *ask)
{
    return ask->uri.segments + (ask->uri.tree == XML_XCAP_USERS ? 2 : 1);
}

/* A group's URI that came unencoded has slashes of its own, perhaps. */
static struct span rest(struct gms_ask *ask, size_t i)
{
    size_t head = ask->uri.tree == XML_XCAP_USERS ? 2 : 1;

    return i < head ? segment(ask, i) : gms_ask_join(ask, i - head);
}

static bool match_one(struct gms_ask *ask, struct span word, size_t i,
    bool last, struct key_address *out)
{
    struct span here = segment(ask, i);

    if (span_eq(word, span_str("{mcptt_id}")))
        out->member = here;
    else if (span_eq(word, span_str("{gid_encoded}")))
        out->group = last ? rest(ask, i) : here;
    else
        return span_eq(word, here);
    return here.len > 0;
}

/* Whether the address has the form of gktp.path. */
static bool match(struct gms_ask *ask, struct key_address *out)
{
    const char *at = ask->xcap->parts.gktp->path;
    size_t i = 0;

    for (;; i++) {
        size_t len = strcspn(at, "/");
        bool last = at[len] == '\0';

        if (!match_one(
                ask, (struct span){(const uint8_t *)at, len}, i, last, out))
            return false;
        if (last)
            break;
        at += len + 1;
    }
    return out->member.len > 0 && out->group.len > 0 &&
           (i + 1 == segment_count(ask) || strcmp(at, "{gid_encoded}") == 0);
}

/* --------------------------------------------------------------- media types
 */

static bool ends_in_xml(struct span range)
{
    static const char *const ends[] = {"/xml", "+xml"};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t len = strlen(ends[i]);

        if (range.len > len &&
            strncasecmp(
                (const char *)range.p + range.len - len, ends[i], len) == 0)
            return true;
    }
    return false;
}

static bool is_token(struct span range)
{
    for (size_t i = 0; i < range.len; i++)
        if (range.p[i] <= ' ' || range.p[i] >= 0x7f || range.p[i] == '*')
            return false;
    return true;
}

/* The type that a client asks for by its name, if it is one of XML; else ours:
 * none is registered. */
static const char *type_of(struct gms_ask *ask)
{
    struct span left = ask->accept;

    while (left.len > 0) {
        size_t len = 0, end;
        struct span range;

        while (left.len > 0 && strchr(" \t,", left.p[0]) != NULL) {
            left.p++;
            left.len--;
        }
        while (len < left.len && strchr(" \t,;", left.p[len]) == NULL)
            len++;
        range = (struct span){left.p, len};
        if (ends_in_xml(range) && is_token(range))
            return mu_arena_text(&ask->arena, range);
        for (end = len; end < left.len && left.p[end] != ',';)
            end++;
        left = (struct span){left.p + end, left.len - end};
    }
    return ask->xcap->parts.gktp->mime;
}

/* ------------------------------------------------------------------ the keys
 */

/* Whoever has the present document has its keys: that is how the `xcap` way of
 * delivery knows (notes 2.3). */
static void accept(
    const struct gms_ask *ask, const struct key_address *address, bool fetched)
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

static void end_keys(struct gms_ask *ask, const struct key_address *address,
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
    struct key_address address = {.member = {NULL, 0}};
    char *etag = mu_arena_alloc(&ask->arena, GMS_KEYDOC_ETAG, 1);
    struct span text = {NULL, 0};
    enum mu_err err = MU_OK;

    if (etag == NULL)
        err = MU_E_NO_MEMORY;
    else if (!match(ask, &address))
        err = MU_E_NOT_FOUND;
    else if (ask->caller.asserted || !span_eq(address.member, ask->caller.uri))
        err = MU_E_DENIED; /* the member himself, and no server */
    if (err == MU_OK)
        err = gms_keydoc_make(ask->xcap->parts.store, address.group,
            address.member, &ask->arena, &text, etag);
    if (err == MU_OK)
        end_keys(ask, &address, text, span_str(etag));
    else
        gms_ask_end_err(ask, err);
}
