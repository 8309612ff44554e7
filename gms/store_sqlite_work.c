/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/store_sqlite.h"

enum {
    KMS_OF,
    LACKING,
    UNREVOKED,
    RELEASE,
    KMS_OF_KEY,
    GUK_ID_TAKEN,
    STATEMENTS
};

/*
 * States in SQL are those of enum gms_delivery_state, named here so that the
 * compiler sees when they change.
 */
#define TEXT(number)   #number
#define NUMBER(number) TEXT(number)
#define QUEUED         0
#define ACCEPTED       2
#define OPENED         3
#define REDIRECTED     5
#define REVOKED        6
#define DESTROYED      5 /* of enum gms_gmk_state */
_Static_assert(
    (int)GMS_DLV_QUEUED == QUEUED && (int)GMS_DLV_ACCEPTED == ACCEPTED &&
        (int)GMS_DLV_OPENED == OPENED &&
        (int)GMS_DLV_REDIRECTED == REDIRECTED &&
        (int)GMS_DLV_REVOKED == REVOKED && (int)GMS_GMK_DESTROYED == DESTROYED,
    "the statements below know these numbers");

#define HELD "state IN (" NUMBER(ACCEPTED) ", " NUMBER(OPENED) ")"

/* A plus keeps SQLite from the index of counts: a member's rows of a key are
 * few, a key's rows are as many as its members. */
/* clang-format off */
static const char *const texts[STATEMENTS] = {
    [KMS_OF] = "SELECT DISTINCT kms FROM holder WHERE grp = ?",
    [LACKING] =
        "SELECT uri, kms FROM holder WHERE grp = ?1 AND kms = ?2"
        " AND NOT EXISTS (SELECT 1 FROM delivery WHERE gmk = ?3"
        " AND member = holder.uri AND +revocation = 0"
        " AND (state = " NUMBER(REVOKED)
        " OR (delivery.kms = ?2 AND (" HELD
        " OR (period >= ?4 AND state <> " NUMBER(REDIRECTED) ")))))"
        " ORDER BY uri LIMIT ?5",
    [UNREVOKED] = GMS_SQL_DELIVERY_BARE
        "AS issue WHERE gmk = ?1 AND kms = ?2 AND revocation = 0"
        " AND tries > 0 AND (state <> " NUMBER(REVOKED) " OR ?4"
        " OR EXISTS (SELECT 1 FROM delivery AS past"
        " WHERE past.gmk = ?1 AND past.member = issue.member"
        " AND +past.revocation = 1))"
        " AND state <> " NUMBER(REDIRECTED)
        " AND NOT EXISTS (SELECT 1 FROM delivery AS done"
        " WHERE done.gmk = ?1 AND done.member = issue.member"
        " AND done.kms = ?2 AND +done.revocation = 1 AND (done." HELD
        " OR (done.period >= ?3 AND done.state <> " NUMBER(REDIRECTED) ")))"
        " GROUP BY member ORDER BY member LIMIT ?5",
    [RELEASE] =
        "UPDATE delivery SET class = ?2, next_ms = ?3 WHERE gmk = ?1"
        " AND state = " NUMBER(QUEUED) " AND next_ms = 0",
    [KMS_OF_KEY] = "SELECT DISTINCT kms FROM delivery WHERE gmk = ?",
    [GUK_ID_TAKEN] =
        "SELECT EXISTS (SELECT 1 FROM delivery JOIN gmk"
        " ON gmk.id = delivery.gmk WHERE member = ? AND guk_id = ?"
        " AND delivery.gmk <> ? AND gmk.state <> " NUMBER(DESTROYED) ")",
};
/* clang-format on */

const struct gms_sql_topic gms_sql_work = {texts, STATEMENTS};

enum mu_err gms_store_kms_of(struct gms_store *store, struct span group,
    struct mu_arena *arena, struct mu_arena_list *out)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = gms_sql_read(store, GMS_SQL_WORK, KMS_OF);

    mu_query_octets(&q, group);
    return gms_sql_spans(&q, arena, out);
}

enum mu_err gms_store_lacking(struct gms_store *store,
    const struct gms_store_place *place, size_t most, struct mu_arena *arena,
    struct mu_arena_list *out)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = gms_sql_read(store, GMS_SQL_WORK, LACKING);
    struct mu_arena_list list = {0};

    mu_query_octets(&q, place->group);
    mu_query_octets(&q, place->kms);
    mu_query_number(&q, place->key.v);
    mu_query_number(&q, place->period);
    mu_query_number(&q, most);
    while (mu_query_row(&q)) {
        struct gms_holder *holder =
            mu_arena_list_add(arena, &list, sizeof(*holder));

        if (holder == NULL)
            return mu_arena_err(arena);
        holder->uri = gms_sql_span(&q, 0, arena);
        holder->kms = gms_sql_span(&q, 1, arena);
    }
    TRY(gms_sql_got(&q, arena));
    *out = list;
    return MU_OK;
}

enum mu_err gms_store_unrevoked(struct gms_store *store,
    const struct gms_store_place *place, bool withdrawn, size_t most,
    struct mu_arena *arena, struct mu_arena_list *out)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = gms_sql_read(store, GMS_SQL_WORK, UNREVOKED);
    struct mu_arena_list list = {0};

    mu_query_number(&q, place->key.v);
    mu_query_octets(&q, place->kms);
    mu_query_number(&q, place->period);
    mu_query_number(&q, withdrawn);
    mu_query_number(&q, most);
    while (mu_query_row(&q)) {
        struct gms_delivery *one =
            mu_arena_list_add(arena, &list, sizeof(*one));

        if (one == NULL)
            return mu_arena_err(arena);
        TRY(gms_sql_delivery(&q, arena, one));
        one->bare = true;
    }
    TRY(mu_query_err(&q));
    *out = list;
    return MU_OK;
}

enum mu_err gms_store_release(struct gms_store *store, struct mcptt_key_id key,
    enum gms_class class, uint64_t now_ms)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = gms_sql_write(store, GMS_SQL_WORK, RELEASE);

    mu_query_number(&q, key.v);
    mu_query_number(&q, class);
    mu_query_number(&q, now_ms);
    return mu_query_run(&q);
}

enum mu_err gms_store_kms_of_key(struct gms_store *store,
    struct mcptt_key_id key, struct mu_arena *arena, struct mu_arena_list *out)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = gms_sql_read(store, GMS_SQL_WORK, KMS_OF_KEY);

    mu_query_number(&q, key.v);
    return gms_sql_spans(&q, arena, out);
}

enum mu_err gms_store_guk_id_taken(struct gms_store *store, struct span member,
    struct mcptt_key_id guk_id, struct mcptt_key_id key, bool *taken)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = gms_sql_read(store, GMS_SQL_WORK, GUK_ID_TAKEN);

    mu_query_octets(&q, member);
    mu_query_number(&q, guk_id.v);
    mu_query_number(&q, key.v);
    TRY(mu_query_one(&q));
    *taken = mu_column_number(&q, 0) != 0;
    return MU_OK;
}
