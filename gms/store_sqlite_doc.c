/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/store_sqlite.h"

enum {
    FENCE,
    GET,
    GET_AT,
    URIS,
    RAISE,
    PUT,
    DELETE,
    STATEMENTS
};

#define DOC_COLUMNS                                                            \
    "SELECT uri, xui, name, etag, reduced_etag, version, created_ms,"          \
    " changed_ms, text FROM document "

static const char *const texts[STATEMENTS] = {
    [FENCE] = "SELECT epoch, version FROM fence WHERE uri = ?",
    [GET] = DOC_COLUMNS "WHERE uri = ?",
    [GET_AT] = DOC_COLUMNS "WHERE xui = ? AND name = ?",
    [URIS] = "SELECT uri FROM document WHERE uri > ? ORDER BY uri LIMIT ?",
    /* Version 1 of an URI never used, or one more than the last. */
    [RAISE] = "INSERT INTO fence (uri, epoch, version)"
              " SELECT ?1, 0, ?2 WHERE ?2 = 1"
              " OR EXISTS (SELECT 1 FROM fence WHERE uri = ?1)"
              " ON CONFLICT (uri) DO UPDATE SET version = ?2"
              " WHERE version = ?2 - 1",
    [PUT] = "INSERT INTO document (uri, xui, name, etag, reduced_etag, version,"
            " created_ms, changed_ms, text)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
            " ON CONFLICT (uri) DO UPDATE SET xui = ?2, name = ?3, etag = ?4,"
            " reduced_etag = ?5, version = ?6, created_ms = ?7,"
            " changed_ms = ?8, text = ?9",
    [DELETE] = "DELETE FROM document WHERE uri = ?",
};

const struct gms_sql_topic gms_sql_docs = {texts, STATEMENTS};

static struct mu_query read_query(struct gms_store *store, size_t which)
{
    return gms_sql_read(store, GMS_SQL_DOCS, which);
}

static struct mu_query write_query(struct gms_store *store, size_t which)
{
    return gms_sql_write(store, GMS_SQL_DOCS, which);
}

enum mu_err gms_store_fence(
    struct gms_store *store, struct span uri, struct gms_fence *out)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = read_query(store, FENCE);
    struct gms_fence fence = {0};

    mu_query_octets(&q, uri);
    if (mu_query_row(&q)) {
        fence.epoch = mu_column_number(&q, 0);
        fence.version = mu_column_number(&q, 1);
    }
    TRY(mu_query_err(&q));
    *out = fence;
    return MU_OK;
}

static enum mu_err read_doc(
    struct mu_query *q, struct mu_arena *arena, struct gms_doc *out)
{
    struct gms_doc doc;

    TRY(mu_query_one(q));
    doc = (struct gms_doc){
        .uri = gms_sql_span(q, 0, arena),
        .xui = gms_sql_span(q, 1, arena),
        .name = gms_sql_span(q, 2, arena),
        .etag = gms_sql_span(q, 3, arena),
        .reduced_etag = gms_sql_span(q, 4, arena),
        .version = mu_column_number(q, 5),
        .created_ms = mu_column_number(q, 6),
        .changed_ms = mu_column_number(q, 7),
        .text = gms_sql_span(q, 8, arena),
    };
    TRY(gms_sql_got(q, arena));
    *out = doc;
    return MU_OK;
}

enum mu_err gms_store_doc(struct gms_store *store, struct span uri,
    struct mu_arena *arena, struct gms_doc *out)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = read_query(store, GET);

    mu_query_octets(&q, uri);
    return read_doc(&q, arena, out);
}

enum mu_err gms_store_doc_at(struct gms_store *store, struct span xui,
    struct span name, struct mu_arena *arena, struct gms_doc *out)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = read_query(store, GET_AT);

    mu_query_octets(&q, xui);
    mu_query_octets(&q, name);
    return read_doc(&q, arena, out);
}

enum mu_err gms_store_doc_uris(struct gms_store *store, struct span after,
    size_t most, struct mu_arena *arena, struct mu_arena_list *out)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = read_query(store, URIS);

    mu_query_octets(&q, after);
    mu_query_number(&q, most < INT64_MAX ? most : INT64_MAX);
    return gms_sql_spans(&q, arena, out);
}

static enum mu_err raise_version(
    struct gms_store *store, const struct gms_doc *doc)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = write_query(store, RAISE);
    enum mu_err err;

    mu_query_octets(&q, doc->uri);
    mu_query_number(&q, doc->version);
    err = gms_sql_change(store, &q);
    return err == MU_E_NOT_FOUND ? MU_E_STATE : err;
}

static enum mu_err put_doc(struct gms_store *store, const struct gms_doc *doc)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = write_query(store, PUT);

    TRY(raise_version(store, doc));
    mu_query_octets(&q, doc->uri);
    mu_query_octets(&q, doc->xui);
    mu_query_octets(&q, doc->name);
    mu_query_octets(&q, doc->etag);
    mu_query_octets(&q, doc->reduced_etag);
    mu_query_number(&q, doc->version);
    mu_query_number(&q, doc->created_ms);
    mu_query_number(&q, doc->changed_ms);
    mu_query_octets(&q, doc->text);
    return mu_query_run(&q);
}

enum mu_err gms_store_put_doc(
    struct gms_store *store, const struct gms_doc *doc)
{
    TRY(gms_sql_step_begin(store));
    return gms_sql_step_end(store, put_doc(store, doc));
}

enum mu_err gms_store_delete_doc(struct gms_store *store, struct span uri)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = write_query(store, DELETE);

    mu_query_octets(&q, uri);
    return mu_query_run(&q);
}
