/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/document.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "gms/work.h"
#include "xml/c14n.h"

#define KEPT_MAX        64          /* documents */
#define KEPT_OCTETS_MAX (32U << 20) /* of their texts */
#define ARENA_MAX       (96U << 20) /* of one: text, reduced text, model */

/* A document with what keeps it. The job is in use while it is being read. */
struct held {
    struct gms_document document; /* first: one is the other's address */
    struct mu_arena arena;
    unsigned refs;
    struct mu_job job;
    struct gms_documents *owner;
    gms_document_read *read;
    void *ctx;
    enum xml_group_unknown unknown;
    enum mu_err err;
    struct xml_group_fault fault;
};

struct gms_documents {
    struct mu_pool *pool;
    enum xml_group_unknown unknown;
    struct held *kept[KEPT_MAX]; /* the one used last comes first */
    size_t count, octets;
};

static struct held *held_of(struct gms_document *document)
{
    return (struct held *)(void *)document;
}

struct gms_document *gms_document_ref(struct gms_document *document)
{
    held_of(document)->refs++;
    return document;
}

void gms_document_unref(struct gms_document *document)
{
    struct held *h;

    if (document == NULL)
        return;
    h = held_of(document);
    assert(h->refs > 0);
    if (--h->refs > 0)
        return;
    mu_arena_clear(&h->arena);
    mu_free(h);
}

void gms_document_drop(struct gms_document **document)
{
    gms_document_unref(*document);
}

enum mu_err gms_documents_new(struct mu_pool *pool,
    enum xml_group_unknown unknown, struct gms_documents **out)
{
    struct gms_documents *made = mu_alloc(sizeof(*made));

    if (made == NULL)
        return MU_E_NO_MEMORY;
    made->pool = pool;
    made->unknown = unknown;
    *out = made;
    return MU_OK;
}

static size_t weight(const struct held *h)
{
    return h->document.doc.text.len + h->document.reduced.len;
}

static void forget_last(struct gms_documents *d)
{
    struct held *h = d->kept[--d->count];

    d->octets -= weight(h);
    gms_document_unref(&h->document);
}

void gms_documents_free(struct gms_documents *documents)
{
    if (documents == NULL)
        return;
    while (documents->count > 0)
        forget_last(documents);
    mu_free(documents);
}

/* Puts the i-th in front. */
static void move_up(struct gms_documents *d, size_t i)
{
    struct held *h = d->kept[i];

    for (; i > 0; i--)
        d->kept[i] = d->kept[i - 1];
    d->kept[0] = h;
}

static void forget(struct gms_documents *d, size_t i)
{
    struct held *h = d->kept[i];

    for (; i + 1 < d->count; i++)
        d->kept[i] = d->kept[i + 1];
    d->kept[d->count - 1] = h;
    forget_last(d);
}

/* A later text of one group takes the place of an earlier one. */
static void keep(struct gms_documents *d, struct held *h)
{
    for (size_t i = d->count; i-- > 0;)
        if (span_eq(d->kept[i]->document.doc.uri, h->document.doc.uri))
            forget(d, i);
    if (weight(h) > KEPT_OCTETS_MAX)
        return;
    while (d->count == KEPT_MAX || d->octets + weight(h) > KEPT_OCTETS_MAX)
        forget_last(d);
    d->kept[d->count++] = held_of(gms_document_ref(&h->document));
    d->octets += weight(h);
    move_up(d, d->count - 1);
}

/* The same group, the same text at the same address. */
static bool is_same(const struct gms_doc *a, const struct gms_doc *b)
{
    return span_eq(a->uri, b->uri) && span_eq(a->etag, b->etag) &&
           a->version == b->version && span_eq(a->text, b->text);
}

static struct held *find_kept(
    struct gms_documents *d, const struct gms_doc *doc)
{
    for (size_t i = 0; i < d->count; i++)
        if (is_same(&d->kept[i]->document.doc, doc)) {
            move_up(d, i);
            return d->kept[0];
        }
    return NULL;
}

static enum mu_err copy(
    struct mu_arena *arena, const struct gms_doc *from, struct gms_doc *to)
{
    *to = *from;
    to->uri = mu_arena_copy(arena, from->uri);
    to->xui = mu_arena_copy(arena, from->xui);
    to->name = mu_arena_copy(arena, from->name);
    to->text = mu_arena_copy(arena, from->text);
    to->etag = mu_arena_copy(arena, from->etag);
    to->reduced_etag = mu_arena_copy(arena, from->reduced_etag);
    return mu_arena_err(arena);
}

/* In a worker: nothing here is shared with the loop. */
static enum mu_err make(struct held *h)
{
    struct gms_document *d = &h->document;
    uint8_t digest[XML_SHA256_LEN];

    TRY(xml_group_read(
        d->doc.text, h->unknown, &h->arena, &d->group, &h->fault));
    TRY(xml_sha256(d->doc.text, digest));
    memcpy(d->digest, digest, sizeof(d->digest));
    TRY(xml_group_without_list(d->doc.text, &h->arena, &d->reduced));
    TRY(xml_sha256(d->reduced, digest));
    mu_hex_write(
        (struct span){digest, GMS_REDUCED_ETAG_LEN / 2}, d->reduced_etag);
    return MU_OK;
}

static void run(struct mu_job *job)
{
    struct held *h =
        (struct held *)(void *)((char *)job - offsetof(struct held, job));

    h->err = make(h);
}

static void done(struct mu_job *job, enum mu_err err)
{
    struct held *h =
        (struct held *)(void *)((char *)job - offsetof(struct held, job));
    struct gms_document *document = &h->document;

    if (err == MU_OK)
        err = h->err;
    if (err == MU_OK && document->doc.etag.len > 0)
        keep(h->owner, h);
    h->read(h->ctx, err, err == MU_OK ? document : NULL, &h->fault);
    gms_document_unref(document);
}

static const struct mu_job_kind reading = {run, done};

static const struct xml_group_fault no_fault = {.phrase = ""};

/* read() may let go of what is kept. */
static void give(struct held *h, gms_document_read *read, void *ctx)
{
    MU_CLEANUP(gms_document_drop)
    struct gms_document *document = gms_document_ref(&h->document);

    read(ctx, MU_OK, document, &no_fault);
}

static void read_new(struct gms_documents *documents, const struct gms_doc *doc,
    gms_document_read *read, void *ctx)
{
    struct held *h = mu_alloc(sizeof(*h));

    if (h == NULL) {
        read(ctx, MU_E_NO_MEMORY, NULL, &no_fault);
        return;
    }
    *h = (struct held){.refs = 1,
        .job = {.kind = &reading},
        .owner = documents,
        .read = read,
        .ctx = ctx,
        /* What was stored under another setting still counts. */
        .unknown = doc->etag.len > 0 ? XML_GROUP_KEEP : documents->unknown};
    mu_arena_init(&h->arena, ARENA_MAX);
    h->err = copy(&h->arena, doc, &h->document.doc);
    if (h->err != MU_OK) {
        read(ctx, h->err, NULL, &no_fault);
        gms_document_unref(&h->document);
        return;
    }
    gms_work(documents->pool, &h->job, doc->text.len);
}

void gms_documents_read(struct gms_documents *documents,
    const struct gms_doc *doc, gms_document_read *read, void *ctx)
{
    struct held *h = doc->etag.len > 0 ? find_kept(documents, doc) : NULL;

    if (h != NULL)
        give(h, read, ctx);
    else
        read_new(documents, doc, read, ctx);
}
