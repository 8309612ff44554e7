/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/xcap_ask.h"

#include <stdio.h>

#include "gms/audit_events.h"
#include "http/field.h"

#define TRIES_MAX  4    /* of an edit that others get ahead of */
#define PHRASE_MAX 512  /* octets, cut beyond */
#define URL_MAX    4096 /* more is left out */

static const struct span nothing = {NULL, 0};

static struct span etag_of(const struct gms_ask *ask)
{
    return ask->document != NULL ? ask->document->doc.etag : nothing;
}

static bool is_node(const struct gms_ask *ask)
{
    return ask->uri.kind != XML_XCAP_AT_DOCUMENT;
}

/* ------------------------------------------------------------------ refusals
 */

static void refuse(
    struct gms_ask *ask, enum xml_xcap_error_kind kind, const char *phrase)
{
    const struct xml_xcap_error error = {
        .kind = kind, .phrase = span_str(phrase)};

    gms_ask_end_refused(ask, &error);
}

/* RFC 4825 clause 11.1: the closest ancestor that is there, as a URI. */
static void refuse_no_parent(
    struct gms_ask *ask, size_t ancestor, const char *phrase)
{
    struct xml_xcap_error error = {
        .kind = XML_XCAP_NO_PARENT, .phrase = span_str(phrase)};
    uint8_t url[URL_MAX];
    struct wr w;

    wr_init(&w, url, sizeof(url));
    wr_span(&w, span_str("https://"));
    wr_span(&w, ask->host);
    wr_span(&w, span_str(ask->xcap->parts.xcap->root));
    wr_u8(&w, '/');
    xml_xcap_uri_write_ancestor(&w, &ask->uri, ancestor);
    if (ask->document != NULL)
        error.ancestor = wr_so_far(&w);
    gms_ask_end_refused(ask, &error);
}

static void refuse_edit(struct gms_ask *ask)
{
    const struct xml_xcap_refusal *r = &ask->refusal;

    if (r->kind == XML_XCAP_NO_PARENT)
        refuse_no_parent(ask, r->ancestor, r->why);
    else
        refuse(ask, r->kind, r->why);
}

static void refuse_document(
    struct gms_ask *ask, const struct xml_group_fault *fault)
{
    static const enum xml_xcap_error_kind kinds[] = {
        [XML_GROUP_NOT_WELL_FORMED] = XML_XCAP_NOT_WELL_FORMED,
        [XML_GROUP_NOT_UTF8] = XML_XCAP_NOT_UTF8,
        [XML_GROUP_SCHEMA] = XML_XCAP_SCHEMA_VALIDATION,
        [XML_GROUP_CONSTRAINT] = XML_XCAP_CONSTRAINT,
    };

    refuse(ask, kinds[fault->kind], fault->phrase);
}

static void refuse_taken(struct gms_ask *ask, struct span alt)
{
    const struct xml_xcap_error error = {.kind = XML_XCAP_UNIQUENESS,
        .phrase = span_str("group identity taken"),
        .field = span_str("group/list-service/@uri"),
        .alts = &alt,
        .alt_count = alt.len > 0 ? 1 : 0};

    gms_ask_end_refused(ask, &error);
}

static void refuse_member(struct gms_ask *ask, struct span who)
{
    char phrase[PHRASE_MAX];

    (void)snprintf(phrase, sizeof(phrase), "not a user: %.*s", (int)who.len,
        (const char *)who.p);
    refuse(ask, XML_XCAP_CONSTRAINT, phrase);
}

/* ------------------------------------------------------------------- commit */

/* Another change came first; with what is there now it may still be fine, and
 * the client's own conditions are judged again. */
static void try_again(struct gms_ask *ask)
{
    if (++ask->tries < TRIES_MAX)
        gms_ask_groups(ask);
    else
        gms_ask_end_busy(ask);
}

static void on_put(void *ctx, const struct gms_group_result *result)
{
    struct gms_ask *ask = ctx;

    switch (result->outcome) {
    case GMS_GROUP_CREATED:
        gms_ask_end_done(ask, 201, result->doc.etag);
        break;
    case GMS_GROUP_REPLACED:
        gms_ask_end_done(ask, ask->node_created ? 201 : 200, result->doc.etag);
        break;
    case GMS_GROUP_DELETED:
        gms_ask_end_done(ask, 200, nothing);
        break;
    case GMS_GROUP_INVALID:
        refuse_document(ask, &result->fault);
        break;
    case GMS_GROUP_TAKEN:
        refuse_taken(ask, result->alt);
        break;
    case GMS_GROUP_DENIED:
        gms_ask_end_err(ask, MU_E_DENIED);
        break;
    case GMS_GROUP_STALE:
        try_again(ask);
        break;
    case GMS_GROUP_UNKNOWN_MEMBER:
        refuse_member(ask, result->alt);
        break;
    case GMS_GROUP_ABSENT:
        gms_ask_end_err(ask, MU_E_NOT_FOUND);
        break;
    case GMS_GROUP_BUSY:
        gms_ask_end_busy(ask);
        break;
    case GMS_GROUP_FAILED:
        gms_ask_end_err(ask, result->err);
        break;
    }
}

/* text.p NULL: the document goes. Whatever the client demanded, it is judged;
 * from here on the text must be the one that was judged. */
static void commit(struct gms_ask *ask, struct span text)
{
    const struct gms_group_put put = {.caller = ask->caller,
        .at = ask->at,
        .uri = gms_ask_is_by_group_id(ask) ? ask->by_id : nothing,
        .text = text,
        .expect_etag = etag_of(ask),
        .must_be_new = ask->document == NULL,
        .stop = GMS_STOP_SOFT};

    gms_group_put(ask->xcap->parts.groups, &put, on_put, ask);
}

/* -------------------------------------------------------------------- nodes */

static void run_edit(struct mu_job *job)
{
    struct gms_ask *ask = gms_ask_of(job);
    struct xml_xcap_changed changed = {.created = false};

    if (ask->method == HTTP_PUT)
        ask->err = xml_xcap_put(ask->text, &ask->uri, ask->body, &ask->arena,
            &ask->refusal, &changed);
    else
        ask->err = xml_xcap_delete(
            ask->text, &ask->uri, &ask->arena, &ask->refusal, &changed);
    ask->result = changed.text;
    ask->node_created = changed.created;
}

static void done_edit(struct mu_job *job, enum mu_err err)
{
    struct gms_ask *ask = gms_ask_of(job);

    if (err == MU_OK)
        err = ask->err;
    if (err == MU_E_DENIED)
        refuse_edit(ask);
    else if (err != MU_OK)
        gms_ask_end_err(ask, err);
    else
        commit(ask, ask->result);
}

static const struct mu_job_kind editing = {run_edit, done_edit};

static void edit(struct gms_ask *ask)
{
    if (ask->document == NULL) {
        refuse_no_parent(ask, 0, "no such document");
        return;
    }
    ask->text = ask->document->doc.text;
    ask->job.kind = &editing;
    gms_work(ask->xcap->parts.pool, &ask->job, ask->text.len + ask->body.len);
}

/* -------------------------------------------------------------- what is asked
 */

static const char *type_wanted(const struct gms_ask *ask)
{
    switch (ask->uri.kind) {
    case XML_XCAP_AT_DOCUMENT:
        return XML_GROUP_TYPE;
    case XML_XCAP_AT_ATTRIBUTE:
        return XML_XCAP_TYPE_ATTRIBUTE;
    case XML_XCAP_AT_ELEMENT:
    case XML_XCAP_AT_NAMESPACES:
        break;
    }
    return XML_XCAP_TYPE_ELEMENT;
}

static enum gms_right right_of(const struct gms_ask *ask)
{
    if (ask->document == NULL)
        return GMS_MAY_CREATE;
    return ask->method == HTTP_DELETE && !is_node(ask) ? GMS_MAY_DELETE
                                                       : GMS_MAY_EDIT;
}

static void deny(struct gms_ask *ask)
{
    gms_audit_say(ask->xcap->parts.audit, GMS_AUDIT_DENIED,
        mu_log_octets("by", ask->caller.uri),
        mu_log_str("right", gms_right_name(right_of(ask))),
        mu_log_octets(
            "group", ask->document != NULL ? ask->document->doc.uri : nothing));
    gms_ask_end_err(ask, MU_E_DENIED);
}

/* Notes 1.4, step 1: the tree of somebody unknown is not there. */
static bool is_known_tree(const struct gms_ask *ask)
{
    const struct gms_xcap_parts *parts = &ask->xcap->parts;
    struct span kms;

    return ask->document != NULL ||
           span_eq(ask->at.xui, span_str(parts->xcap->creation_xui)) ||
           gms_domains_kms_of(parts->domains, ask->at.xui, &kms) !=
               MU_E_NOT_FOUND;
}

/* Where the global tree may be written, a new group lies in the tree of who
 * makes it, under its own URI. */
static void place(struct gms_ask *ask)
{
    if (!gms_ask_is_by_group_id(ask))
        return;
    ask->by_id = ask->at.uri;
    if (ask->document == NULL)
        ask->at =
            (struct gms_group_at){.xui = ask->caller.uri, .name = ask->by_id};
}

static void write_text(struct gms_ask *ask)
{
    if (ask->body.p == NULL)
        ask->body = span_str("");
    if (is_node(ask))
        edit(ask);
    else
        commit(ask, ask->method == HTTP_PUT ? ask->body : nothing);
}

/* Notes 1.4, from step 2's authority on. */
void gms_ask_write(struct gms_ask *ask)
{
    place(ask);
    if (!is_known_tree(ask) ||
        (ask->document == NULL && ask->method == HTTP_DELETE))
        gms_ask_end_err(ask, MU_E_NOT_FOUND);
    else if (!gms_group_may(ask->xcap->parts.groups, &ask->caller,
                 right_of(ask), ask->at.xui, ask->document))
        deny(ask);
    else if (gms_match_judge(&ask->match, etag_of(ask), false) != GMS_MATCH_GO)
        gms_ask_end_failed(ask, etag_of(ask));
    else if (ask->method == HTTP_PUT &&
             !http_field_is_type(ask->type, type_wanted(ask)))
        gms_ask_end_problem(ask, HTTP_PROBLEM_UNSUPPORTED_MEDIA_TYPE, NULL);
    else
        write_text(ask);
}
