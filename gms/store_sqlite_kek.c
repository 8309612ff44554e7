/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/store_sqlite.h"

#include <string.h>

enum {
    KEYS_BY_KEK,
    ENVELOPES_BY_KEK,
    KEYS_UNDER,
    ENVELOPES_UNDER,
    RESEAL_KEY,
    RESEAL_ENVELOPE,
    STATEMENTS
};

/* As in the indices: | version (8) | KEK-ID (64) | ... */
#define KEY_KEK      "substr(sealed, 2, 8)"
#define ENVELOPE_KEK "substr(envelope, 2, 8)"

static const char *const texts[STATEMENTS] = {
    [KEYS_BY_KEK] = "SELECT " KEY_KEK ", count(*) FROM gmk"
                    " WHERE sealed != x'' GROUP BY " KEY_KEK,
    [ENVELOPES_BY_KEK] = "SELECT " ENVELOPE_KEK ", count(*) FROM delivery"
                         " WHERE envelope != x'' GROUP BY " ENVELOPE_KEK,
    [KEYS_UNDER] = GMS_SQL_GMK_COLUMNS "WHERE sealed != x'' AND " KEY_KEK
                                       " = ?1 AND id > ?2"
                                       " ORDER BY id LIMIT ?3",
    [ENVELOPES_UNDER] = GMS_SQL_DELIVERY_COLUMNS
    "envelope, x'' FROM delivery WHERE envelope != x'' AND " ENVELOPE_KEK
    " = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
    [RESEAL_KEY] = "UPDATE gmk SET sealed = ?3 WHERE id = ?1 AND sealed = ?2",
    /* By the identifier that a member knows a key by one sees whether it is
     * wrapped for him. */
    [RESEAL_ENVELOPE] = "UPDATE delivery SET envelope = ?3, guk_id ="
                        " CASE WHEN ?3 = x'' THEN 0 ELSE guk_id END"
                        " WHERE id = ?1 AND envelope = ?2",
};

const struct gms_sql_topic gms_sql_keks = {texts, STATEMENTS};

/* Counts of both tables meet here. */
static struct gms_store_kek *entry(struct mu_arena *arena,
    struct mu_arena_list *list, const struct mu_kek_id *id)
{
    struct gms_store_kek *at = list->at;

    for (size_t i = 0; i < list->len; i++)
        if (memcmp(&at[i].id, id, sizeof(*id)) == 0)
            return &at[i];
    at = mu_arena_list_add(arena, list, sizeof(*at));
    if (at != NULL)
        *at = (struct gms_store_kek){.id = *id};
    return at;
}

static enum mu_err count(struct gms_store *store, size_t which,
    struct mu_arena *arena, struct mu_arena_list *list)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = gms_sql_read(store, GMS_SQL_KEKS, which);

    while (mu_query_row(&q)) {
        struct span octets = mu_column_octets(&q, 0);
        struct gms_store_kek *kek;
        struct mu_kek_id id;

        if (octets.len != sizeof(id.b))
            return MU_E_MALFORMED; /* too short for a sealed object */
        memcpy(id.b, octets.p, sizeof(id.b));
        kek = entry(arena, list, &id);
        if (kek == NULL)
            return mu_arena_err(arena);
        if (which == KEYS_BY_KEK)
            kek->keys = mu_column_number(&q, 1);
        else
            kek->envelopes = mu_column_number(&q, 1);
    }
    return mu_query_err(&q);
}

enum mu_err gms_store_keks(
    struct gms_store *store, struct mu_arena *arena, struct mu_arena_list *out)
{
    struct mu_arena_list list = {0};

    TRY(count(store, KEYS_BY_KEK, arena, &list));
    TRY(count(store, ENVELOPES_BY_KEK, arena, &list));
    *out = list;
    return MU_OK;
}

static struct mu_query under(struct gms_store *store, size_t which,
    const struct mu_kek_id *kek, uint64_t after, size_t most)
{
    struct mu_query q = gms_sql_read(store, GMS_SQL_KEKS, which);

    mu_query_octets(&q, SPAN_OF(kek->b));
    mu_query_number(&q, after);
    mu_query_number(&q, most);
    return q;
}

enum mu_err gms_store_keys_under(struct gms_store *store,
    const struct mu_kek_id *kek, uint64_t after, size_t most,
    struct mu_arena *arena, struct mu_arena_list *out)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = under(store, KEYS_UNDER, kek, after, most);
    struct mu_arena_list list = {0};

    while (mu_query_row(&q)) {
        struct gms_gmk *gmk = mu_arena_list_add(arena, &list, sizeof(*gmk));

        if (gmk == NULL)
            return mu_arena_err(arena);
        TRY(gms_sql_gmk(&q, arena, gmk));
    }
    TRY(mu_query_err(&q));
    *out = list;
    return MU_OK;
}

enum mu_err gms_store_envelopes_under(struct gms_store *store,
    const struct mu_kek_id *kek, uint64_t after, size_t most,
    struct mu_arena *arena, struct mu_arena_list *out)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = under(store, ENVELOPES_UNDER, kek, after, most);
    struct mu_arena_list list = {0};

    while (mu_query_row(&q)) {
        struct gms_delivery *row =
            mu_arena_list_add(arena, &list, sizeof(*row));

        if (row == NULL)
            return mu_arena_err(arena);
        TRY(gms_sql_delivery(&q, arena, row));
    }
    TRY(mu_query_err(&q));
    *out = list;
    return MU_OK;
}

static enum mu_err replace(struct gms_store *store, size_t which, uint64_t id,
    struct span was, struct span is)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = gms_sql_write(store, GMS_SQL_KEKS, which);

    mu_query_number(&q, id);
    mu_query_octets(&q, was);
    mu_query_octets(&q, is);
    return gms_sql_change(store, &q);
}

enum mu_err gms_store_reseal_key(struct gms_store *store,
    struct mcptt_key_id id, struct span was, struct span is)
{
    return replace(store, RESEAL_KEY, id.v, was, is);
}

enum mu_err gms_store_reseal_envelope(
    struct gms_store *store, uint64_t row, struct span was, struct span is)
{
    return replace(store, RESEAL_ENVELOPE, row, was, is);
}
