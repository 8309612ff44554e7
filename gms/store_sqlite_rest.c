/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/store_sqlite.h"

#include <limits.h>
#include <string.h>

enum {
    GET_ONCE,
    PUT_ONCE,
    DROP_ONCE,
    ADD_EVENT,
    DROP_EVENTS,
    EVENTS,
    GET_BLOB,
    PUT_BLOB,
    STATEMENTS
};

static const char *const texts[STATEMENTS] = {
    [GET_ONCE] = "SELECT actor, key, request, status, expires_ms, body"
                 " FROM once WHERE actor = ? AND key = ?",
    [PUT_ONCE] = "INSERT INTO once (actor, key, request, status, expires_ms,"
                 " body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
                 " ON CONFLICT (actor, key) DO UPDATE SET request = ?3,"
                 " status = ?4, expires_ms = ?5, body = ?6",
    [DROP_ONCE] = "DELETE FROM once WHERE expires_ms <= ?",
    [ADD_EVENT] = "INSERT INTO event (at_ms, name, grp, json)"
                  " VALUES (?, ?, ?, ?)",
    [DROP_EVENTS] = "DELETE FROM event WHERE seq <= ?",
    [EVENTS] = "SELECT seq, at_ms, name, grp, json FROM event WHERE seq > ?"
               " ORDER BY seq LIMIT ?",
    [GET_BLOB] = "SELECT octets FROM blob WHERE name = ?",
    [PUT_BLOB] = "INSERT INTO blob (name, octets) VALUES (?1, ?2)"
                 " ON CONFLICT (name) DO UPDATE SET octets = ?2",
};

const struct gms_sql_topic gms_sql_rest = {texts, STATEMENTS};

static struct mu_query read_query(struct gms_store *store, size_t which)
{
    return gms_sql_read(store, GMS_SQL_REST, which);
}

static struct mu_query write_query(struct gms_store *store, size_t which)
{
    return gms_sql_write(store, GMS_SQL_REST, which);
}

enum mu_err gms_store_once(struct gms_store *store, struct span actor,
    struct span key, struct mu_arena *arena, struct gms_once *out)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = read_query(store, GET_ONCE);
    struct gms_once once = {0};
    struct span request;

    mu_query_octets(&q, actor);
    mu_query_octets(&q, key);
    TRY(mu_query_one(&q));
    once.actor = gms_sql_span(&q, 0, arena);
    once.key = gms_sql_span(&q, 1, arena);
    request = mu_column_octets(&q, 2);
    if (request.len != sizeof(once.request))
        return MU_E_MALFORMED;
    memcpy(once.request, request.p, request.len);
    once.status = gms_sql_enum(&q, 3, 1000);
    once.expires_ms = mu_column_number(&q, 4);
    once.body = gms_sql_span(&q, 5, arena);
    TRY(gms_sql_got(&q, arena));
    *out = once;
    return MU_OK;
}

enum mu_err gms_store_put_once(
    struct gms_store *store, const struct gms_once *once)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = write_query(store, PUT_ONCE);

    mu_query_octets(&q, once->actor);
    mu_query_octets(&q, once->key);
    mu_query_octets(&q, SPAN_OF(once->request));
    mu_query_number(&q, once->status);
    mu_query_number(&q, once->expires_ms);
    mu_query_octets(&q, once->body);
    return mu_query_run(&q);
}

enum mu_err gms_store_drop_once(struct gms_store *store, uint64_t now_ms)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = write_query(store, DROP_ONCE);

    mu_query_number(&q, now_ms);
    return mu_query_run(&q);
}

static enum mu_err drop_events(struct gms_store *store, uint64_t last)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = write_query(store, DROP_EVENTS);

    mu_query_number(&q, last);
    return mu_query_run(&q);
}

static enum mu_err add_event(
    struct gms_store *store, const struct gms_event *event, uint64_t *seq)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = write_query(store, ADD_EVENT);

    mu_query_number(&q, event->at_ms);
    mu_query_octets(&q, event->name);
    mu_query_octets(&q, event->group);
    mu_query_octets(&q, event->json);
    TRY(mu_query_run(&q));
    *seq = (uint64_t)sqlite3_last_insert_rowid(store->db);
    return MU_OK;
}

enum mu_err gms_store_add_event(
    struct gms_store *store, struct gms_event *event, uint64_t keep)
{
    enum mu_err err;
    uint64_t seq = 0;

    TRY(gms_sql_step_begin(store));
    err = add_event(store, event, &seq);
    if (err == MU_OK && seq > keep)
        err = drop_events(store, seq - keep);
    TRY(gms_sql_step_end(store, err));
    event->seq = seq;
    return MU_OK;
}

enum mu_err gms_store_events(struct gms_store *store, uint64_t after_seq,
    size_t most, struct mu_arena *arena, struct mu_arena_list *out)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = read_query(store, EVENTS);
    struct mu_arena_list list = {0};

    mu_query_number(&q, after_seq < INT64_MAX ? after_seq : INT64_MAX);
    mu_query_number(&q, most > 0 ? most : INT64_MAX);
    while (mu_query_row(&q)) {
        struct gms_event *event =
            mu_arena_list_add(arena, &list, sizeof(*event));

        if (event == NULL)
            return mu_arena_err(arena);
        event->seq = mu_column_number(&q, 0);
        event->at_ms = mu_column_number(&q, 1);
        event->name = gms_sql_span(&q, 2, arena);
        event->group = gms_sql_span(&q, 3, arena);
        event->json = gms_sql_span(&q, 4, arena);
    }
    TRY(gms_sql_got(&q, arena));
    *out = list;
    return MU_OK;
}

enum mu_err gms_store_blob(struct gms_store *store, const char *name,
    struct mu_arena *arena, struct span *out)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = read_query(store, GET_BLOB);
    struct span octets;

    mu_query_octets(&q, span_str(name));
    TRY(mu_query_one(&q));
    octets = gms_sql_span(&q, 0, arena);
    TRY(gms_sql_got(&q, arena));
    *out = octets;
    return MU_OK;
}

enum mu_err gms_store_put_blob(
    struct gms_store *store, const char *name, struct span octets)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = write_query(store, PUT_BLOB);

    mu_query_octets(&q, span_str(name));
    mu_query_octets(&q, octets);
    return mu_query_run(&q);
}
