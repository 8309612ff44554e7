/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/kds_store.h"

#include <string.h>

#include "base/alloc.h"
#include "base/sql.h"

/* Step n brings a file of version n to n + 1. Steps are never changed. */
static const char *const migrations[] = {
    "CREATE TABLE bundle (one INTEGER PRIMARY KEY CHECK (one = 1),"
    " sequence INTEGER NOT NULL, hash BLOB NOT NULL, kms_uri BLOB NOT NULL,"
    " created_s INTEGER NOT NULL, log_seq INTEGER NOT NULL,"
    " log_hash BLOB NOT NULL, certificate BLOB NOT NULL);"
    "CREATE TABLE certificate (kms_uri BLOB PRIMARY KEY,"
    " root INTEGER NOT NULL, cache_num INTEGER NOT NULL UNIQUE,"
    " period_s INTEGER NOT NULL, offset_s INTEGER NOT NULL,"
    " xml BLOB NOT NULL);"
    "CREATE TABLE user (uri BLOB PRIMARY KEY, revoked INTEGER NOT NULL,"
    " serial INTEGER NOT NULL, ink BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE key_set (uri BLOB NOT NULL REFERENCES user (uri),"
    " period INTEGER NOT NULL, serial INTEGER NOT NULL, mac BLOB NOT NULL,"
    " xml BLOB NOT NULL, PRIMARY KEY (uri, period));"
    "CREATE TABLE krr (id INTEGER PRIMARY KEY, uri BLOB NOT NULL,"
    " at_s INTEGER NOT NULL, xml BLOB NOT NULL);"
    "CREATE INDEX krr_uri ON krr (uri);",
};

/* "kdsd" in the file's header: another program's database is not ours. */
static const struct mu_sql_schema schema = {
    0x6b647364, migrations, sizeof(migrations) / sizeof(migrations[0])};

enum statement {
    BEGIN_WRITE,
    BEGIN_READ,
    COMMIT,
    PUT_LAST,
    PUT_USER,
    STALE_KEY_SETS,
    REVOKED_KEY_SETS,
    PUT_KEY_SET,
    PUT_CERTIFICATE,
    ADD_KRR,
    GET_LAST,
    GET_USER,
    GET_KEY_SET,
    GET_ROOT,
    GET_CERTIFICATE,
    GET_EXTERNALS,
    GET_CACHE_NUM,
    COUNT_KRR,
    STATEMENTS
};

static const char *const texts[STATEMENTS] = {
    [BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [BEGIN_READ] = "BEGIN",
    [COMMIT] = "COMMIT",
    [PUT_LAST] =
        "INSERT OR REPLACE INTO bundle VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
    [PUT_USER] = "INSERT INTO user VALUES (?1, ?2, ?3, ?4)"
                 " ON CONFLICT (uri) DO UPDATE SET revoked = ?2, ink ="
                 " CASE WHEN ?2 = 0 AND serial = ?3 AND length(?4) = 0"
                 " THEN ink ELSE ?4 END, serial = ?3",
    [STALE_KEY_SETS] = "DELETE FROM key_set WHERE uri = ? AND serial <> ?",
    [REVOKED_KEY_SETS] = "DELETE FROM key_set WHERE uri = ?",
    [PUT_KEY_SET] = "INSERT OR REPLACE INTO key_set VALUES (?, ?, ?, ?, ?)",
    [PUT_CERTIFICATE] = "INSERT OR REPLACE INTO certificate VALUES (?, ?,"
                        " (SELECT coalesce(max(cache_num), 0) + 1"
                        " FROM certificate), ?, ?, ?)",
    [ADD_KRR] = "INSERT INTO krr (uri, at_s, xml) VALUES (?, ?, ?)",
    [GET_LAST] = "SELECT sequence, hash, kms_uri, created_s, log_seq, log_hash,"
                 " certificate FROM bundle",
    [GET_USER] = "SELECT revoked, serial, ink FROM user WHERE uri = ?",
    [GET_KEY_SET] = "SELECT serial, mac, xml FROM key_set"
                    " WHERE uri = ? AND period = ?",
    [GET_ROOT] = "SELECT kms_uri, cache_num, period_s, offset_s, xml"
                 " FROM certificate"
                 " WHERE root = 1",
    [GET_CERTIFICATE] = "SELECT kms_uri, cache_num, period_s, offset_s, xml"
                        " FROM certificate"
                        " WHERE kms_uri = ?",
    [GET_EXTERNALS] = "SELECT kms_uri, cache_num, period_s, offset_s, xml"
                      " FROM certificate"
                      " WHERE root = 0 AND cache_num > ? ORDER BY cache_num",
    [GET_CACHE_NUM] = "SELECT coalesce(max(cache_num), 0) FROM certificate"
                      " WHERE root = 0",
    [COUNT_KRR] = "SELECT count(*), coalesce(sum(uri = ?), 0) FROM krr",
};

struct kds_store {
    sqlite3 *db;
    sqlite3_stmt *stmt[STATEMENTS];
};

static struct mu_query query(struct kds_store *store, enum statement which)
{
    return mu_query_begin(store->stmt[which]);
}

enum mu_err kds_store_open(const char *path, struct kds_store **out)
{
    MU_CLEANUP(kds_store_drop)
    struct kds_store *store = mu_alloc(sizeof(*store));

    if (store == NULL)
        return MU_E_NO_MEMORY;
    TRY(mu_sql_open(path, MU_SQL_SHARED, &store->db));
    TRY(mu_sql_migrate(store->db, &schema));
    TRY(mu_sql_prepare(store->db, texts, STATEMENTS, store->stmt));
    *out = store;
    store = NULL;
    return MU_OK;
}

void kds_store_close(struct kds_store *store)
{
    if (store == NULL)
        return;
    for (size_t i = 0; i < STATEMENTS; i++)
        (void)sqlite3_finalize(store->stmt[i]);
    (void)sqlite3_close_v2(store->db);
    mu_free(store);
}

void kds_store_drop(struct kds_store **store)
{
    kds_store_close(*store);
}

static enum mu_err begin(struct kds_store *store, enum statement which)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = query(store, which);

    if (mu_sql_in_transaction(store->db))
        return MU_E_STATE;
    return mu_query_run(&q);
}

enum mu_err kds_store_begin_write(struct kds_store *store)
{
    return begin(store, BEGIN_WRITE);
}

enum mu_err kds_store_begin_read(struct kds_store *store)
{
    return begin(store, BEGIN_READ);
}

enum mu_err kds_store_commit(struct kds_store *store)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = query(store, COMMIT);

    return mu_query_run(&q);
}

void kds_store_undo(struct kds_store *store)
{
    mu_sql_rollback(store->db);
}

enum mu_err kds_store_put_last(
    struct kds_store *store, const struct kds_last *last)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = query(store, PUT_LAST);

    mu_query_number(&q, last->sequence);
    mu_query_octets(&q, SPAN_OF(last->hash));
    mu_query_octets(&q, last->kms_uri);
    mu_query_number(&q, last->created_s);
    mu_query_number(&q, last->log_head.seq);
    mu_query_octets(&q, SPAN_OF(last->log_head.hash));
    mu_query_octets(&q, SPAN_OF(last->certificate));
    return mu_query_run(&q);
}

/* A transport key that was replaced opens nothing any more. */
static enum mu_err drop_key_sets(
    struct kds_store *store, const struct kds_user *user)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q =
        query(store, user->revoked ? REVOKED_KEY_SETS : STALE_KEY_SETS);

    mu_query_octets(&q, user->uri);
    if (!user->revoked)
        mu_query_number(&q, user->serial);
    return mu_query_run(&q);
}

enum mu_err kds_store_put_user(
    struct kds_store *store, const struct kds_user *user)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = query(store, PUT_USER);

    mu_query_octets(&q, user->uri);
    mu_query_number(&q, user->revoked);
    mu_query_number(&q, user->serial);
    mu_query_octets(&q, user->ink);
    TRY(mu_query_run(&q));
    return drop_key_sets(store, user);
}

enum mu_err kds_store_put_key_set(
    struct kds_store *store, const struct kds_key_set *set)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = query(store, PUT_KEY_SET);

    mu_query_octets(&q, set->uri);
    mu_query_number(&q, set->period);
    mu_query_number(&q, set->serial);
    mu_query_octets(&q, set->mac);
    mu_query_octets(&q, set->xml);
    return mu_query_run(&q);
}

static enum mu_err put_certificate(struct kds_store *store,
    const struct kds_certificate *certificate, uint64_t root)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = query(store, PUT_CERTIFICATE);

    mu_query_octets(&q, certificate->kms_uri);
    mu_query_number(&q, root);
    mu_query_number(&q, certificate->rule.length_s);
    mu_query_number(&q, certificate->rule.offset_s);
    mu_query_octets(&q, certificate->xml);
    return mu_query_run(&q);
}

enum mu_err kds_store_put_root(
    struct kds_store *store, const struct kds_certificate *certificate)
{
    return put_certificate(store, certificate, 1);
}

enum mu_err kds_store_put_external(
    struct kds_store *store, const struct kds_certificate *certificate)
{
    return put_certificate(store, certificate, 0);
}

static struct span copy(struct mu_arena *arena, struct mu_query *q, int column)
{
    return mu_arena_copy(arena, mu_column_octets(q, column));
}

static enum mu_err copy_hash(
    struct mu_query *q, int column, uint8_t out[KDS_HASH_LEN])
{
    struct span got = mu_column_octets(q, column);

    if (got.len != KDS_HASH_LEN)
        return MU_E_MALFORMED;
    memcpy(out, got.p, KDS_HASH_LEN);
    return MU_OK;
}

enum mu_err kds_store_last(
    struct kds_store *store, struct mu_arena *arena, struct kds_last *out)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = query(store, GET_LAST);
    struct kds_last last = {0};
    enum mu_err err = mu_query_one(&q);

    if (err == MU_E_NOT_FOUND) {
        *out = last;
        return MU_OK;
    }
    TRY(err);
    last.sequence = mu_column_number(&q, 0);
    TRY(copy_hash(&q, 1, last.hash));
    last.kms_uri = copy(arena, &q, 2);
    last.created_s = mu_column_number(&q, 3);
    last.log_head.seq = mu_column_number(&q, 4);
    TRY(copy_hash(&q, 5, last.log_head.hash));
    TRY(copy_hash(&q, 6, last.certificate));
    TRY(mu_arena_err(arena));
    *out = last;
    return MU_OK;
}

enum mu_err kds_store_user(struct kds_store *store, struct span uri,
    struct mu_arena *arena, struct kds_user *out)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = query(store, GET_USER);
    struct kds_user user = {0};

    mu_query_octets(&q, uri);
    TRY(mu_query_one(&q));
    user.uri = mu_arena_copy(arena, uri);
    user.revoked = mu_column_number(&q, 0) != 0;
    user.serial = mu_column_number(&q, 1);
    user.ink = copy(arena, &q, 2);
    TRY(mu_arena_err(arena));
    *out = user;
    return MU_OK;
}

enum mu_err kds_store_key_set(struct kds_store *store, struct span uri,
    uint64_t period, struct mu_arena *arena, struct kds_key_set *out)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = query(store, GET_KEY_SET);
    struct kds_key_set set = {.period = period};

    if (period > INT64_MAX)
        return MU_E_NOT_FOUND;
    mu_query_octets(&q, uri);
    mu_query_number(&q, period);
    TRY(mu_query_one(&q));
    set.uri = mu_arena_copy(arena, uri);
    set.serial = mu_column_number(&q, 0);
    set.mac = copy(arena, &q, 1);
    set.xml = copy(arena, &q, 2);
    TRY(mu_arena_err(arena));
    *out = set;
    return MU_OK;
}

/* Of a row with kms_uri, cache_num, period_s, offset_s, xml. */
static enum mu_err read_certificate(
    struct mu_arena *arena, struct mu_query *q, struct kds_certificate *out)
{
    struct kds_certificate got = {.kms_uri = copy(arena, q, 0),
        .cache_num = mu_column_number(q, 1),
        .rule = {mu_column_number(q, 2), mu_column_number(q, 3)},
        .xml = copy(arena, q, 4)};

    TRY(mu_arena_err(arena));
    *out = got;
    return MU_OK;
}

enum mu_err kds_store_root(struct kds_store *store, struct mu_arena *arena,
    struct kds_certificate *out)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = query(store, GET_ROOT);

    TRY(mu_query_one(&q));
    return read_certificate(arena, &q, out);
}

enum mu_err kds_store_certificate(struct kds_store *store, struct span kms_uri,
    struct mu_arena *arena, struct kds_certificate *out)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = query(store, GET_CERTIFICATE);

    mu_query_octets(&q, kms_uri);
    TRY(mu_query_one(&q));
    return read_certificate(arena, &q, out);
}

static enum mu_err newest(struct kds_store *store, uint64_t *out)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = query(store, GET_CACHE_NUM);

    TRY(mu_query_one(&q));
    *out = mu_column_number(&q, 0);
    return MU_OK;
}

enum mu_err kds_store_externals(struct kds_store *store, uint64_t newer_than,
    struct mu_arena *arena, struct mu_arena_list *out, uint64_t *cache_num)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = query(store, GET_EXTERNALS);
    struct mu_arena_list list = {0};
    uint64_t highest;

    TRY(newest(store, &highest));
    mu_query_number(&q, newer_than < INT64_MAX ? newer_than : INT64_MAX);
    while (list.len < KDS_EXTERNALS_MAX && mu_query_row(&q)) {
        struct kds_certificate *c = mu_arena_list_add(arena, &list, sizeof(*c));

        if (c == NULL)
            return mu_arena_err(arena);
        TRY(read_certificate(arena, &q, c));
    }
    TRY(mu_query_err(&q));
    if (list.len == KDS_EXTERNALS_MAX) /* the rest with the next request */
        highest = ((struct kds_certificate *)list.at)[list.len - 1].cache_num;
    *out = list;
    *cache_num = highest;
    return MU_OK;
}

static enum mu_err room_for_krr(struct kds_store *store, struct span user)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = query(store, COUNT_KRR);

    mu_query_octets(&q, user);
    TRY(mu_query_one(&q));
    if (mu_column_number(&q, 0) >= KDS_KRR_MAX ||
        mu_column_number(&q, 1) >= KDS_KRR_USER_MAX)
        return MU_E_NO_SPACE;
    return MU_OK;
}

enum mu_err kds_store_add_krr(
    struct kds_store *store, struct span user, uint64_t at_s, struct span xml)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = query(store, ADD_KRR);

    TRY(room_for_krr(store, user));
    mu_query_octets(&q, user);
    mu_query_number(&q, at_s);
    mu_query_octets(&q, xml);
    return mu_query_run(&q);
}
