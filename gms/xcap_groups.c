/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/xcap_ask.h"

#include "gms/audit_events.h"
#include "http/field.h"

/* Whoever asserts an identity is a server; that he fetched belongs into the
 * audit log (notes 2.4). */
static void audit_fetched(
    const struct gms_ask *ask, const struct gms_document *d)
{
    if (ask->caller.asserted && !ask->head)
        gms_audit_say(ask->xcap->parts.audit, GMS_AUDIT_SERVED,
            mu_log_octets("group", d->doc.uri),
            mu_log_octets("by", ask->caller.uri),
            mu_log_u64("version", d->doc.version));
}

static void end_read(
    struct gms_ask *ask, const struct gms_document *d, enum gms_sight sight)
{
    if (sight == GMS_SIGHT_FULL) {
        audit_fetched(ask, d);
        gms_ask_end_get(ask, XML_GROUP_TYPE, d->doc.text, d->doc.etag);
        return;
    }
    gms_ask_end_get(ask, XML_GROUP_TYPE, d->reduced, span_str(d->reduced_etag));
}

/* POST: the operation of TS 24.481 clause 6.3.16, which anybody who may see
 * the group at all may ask for, and which never yields the list. */
static void run_operation(struct mu_job *job)
{
    struct gms_ask *ask = gms_ask_of(job);

    ask->err = xml_gmop_read(ask->body, &ask->fault, &ask->operation);
}

static void done_operation(struct mu_job *job, enum mu_err err)
{
    struct gms_ask *ask = gms_ask_of(job);
    const struct gms_document *d = ask->document;

    if (err == MU_OK)
        err = ask->err;
    if (err == MU_E_MALFORMED || err == MU_E_UNSUPPORTED ||
        err == MU_E_NO_SPACE)
        gms_ask_end_problem(ask, HTTP_PROBLEM_MALFORMED, "not an operation");
    else if (err != MU_OK)
        gms_ask_end_err(ask, err);
    else if (ask->operation != XML_GMOP_GET_EXCLUDING_MEMBERLIST)
        gms_ask_end_problem(ask, HTTP_PROBLEM_NOT_IMPLEMENTED, NULL);
    else
        gms_ask_end_text(
            ask, XML_GROUP_TYPE, d->reduced, span_str(d->reduced_etag));
}

static const struct mu_job_kind operating = {run_operation, done_operation};

static void operate(struct gms_ask *ask)
{
    struct span etag = span_str(ask->document->reduced_etag);

    if (gms_match_judge(&ask->match, etag, false) != GMS_MATCH_GO) {
        gms_ask_end_failed(ask, etag);
    } else if (!http_field_is_type(
                   ask->type, "application/vnd.3gpp.gmop+xml")) {
        gms_ask_end_problem(ask, HTTP_PROBLEM_UNSUPPORTED_MEDIA_TYPE, NULL);
    } else {
        ask->job.kind = &operating;
        gms_work(ask->xcap->parts.pool, &ask->job, ask->body.len);
    }
}

static void read_or_operate(struct gms_ask *ask, const struct gms_document *d)
{
    enum gms_sight sight =
        gms_group_sight(ask->xcap->parts.groups, &ask->caller, d);

    if (sight == GMS_SIGHT_NONE)
        gms_ask_end_err(ask, MU_E_DENIED);
    else if (ask->method == HTTP_POST)
        operate(ask);
    else
        end_read(ask, d, sight);
}

static void on_document(
    void *ctx, enum mu_err err, struct gms_document *document)
{
    struct gms_ask *ask = ctx;
    bool writes = ask->method == HTTP_PUT || ask->method == HTTP_DELETE;

    gms_document_unref(ask->document);
    ask->document = document != NULL ? gms_document_ref(document) : NULL;
    if (writes && (err == MU_OK || err == MU_E_NOT_FOUND))
        gms_ask_write(ask);
    else if (document == NULL)
        gms_ask_end_err(ask, err);
    else
        read_or_operate(ask, document);
}

struct span gms_ask_join(struct gms_ask *ask, size_t from)
{
    const struct xml_xcap_uri *uri = &ask->uri;
    size_t len = 0;
    uint8_t *made;
    struct wr w;

    for (size_t i = from; i < uri->segments; i++)
        len += uri->segment[i].len + 1;
    made = mu_arena_alloc(&ask->arena, len, 1);
    wr_init(&w, made, made != NULL ? len : 0);
    for (size_t i = from; i < uri->segments; i++) {
        if (i > from)
            wr_u8(&w, '/');
        wr_span(&w, uri->segment[i]);
    }
    return wr_so_far(&w);
}

static bool is_global(const struct xml_xcap_uri *uri)
{
    return uri->segments >= 2 &&
           (span_eq(uri->segment[0], span_str("byGroupID")) ||
               span_eq(uri->segment[0], span_str("byGroup")));
}

/* Whom the address means; the two trees are two ways to one document. */
static bool locate(struct gms_ask *ask)
{
    const struct xml_xcap_uri *uri = &ask->uri;

    if (uri->tree == XML_XCAP_GLOBAL) {
        if (!is_global(uri))
            return false;
        ask->at.uri = gms_ask_join(ask, 1);
        return ask->at.uri.len > 0;
    }
    ask->at.xui = uri->xui;
    ask->at.name = gms_ask_join(ask, 0);
    return uri->xui.len > 0 && ask->at.name.len > 0;
}

void gms_ask_groups(struct gms_ask *ask)
{
    if (!locate(ask))
        gms_ask_end_err(ask, MU_E_NOT_FOUND);
    else
        gms_group_get(ask->xcap->parts.groups, &ask->at, on_document, ask);
}
