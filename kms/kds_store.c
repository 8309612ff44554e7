/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/kds_store.h"

#include <string.h>

#include "base/alloc.h"
#include "kms/kds_sql.h"

/* "kdsd" in the file's header: another program's database is not ours. */
#define APPLICATION_ID "0x6b647364"
#define APPLICATION    0x6b647364

/* Step n brings a file of version n to n + 1. Steps are never changed. */
static const char *const migrations[] = {
    "PRAGMA application_id = " APPLICATION_ID ";"
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

#define VERSIONS (sizeof(migrations) / sizeof(migrations[0]))

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

static struct kds_query query(struct kds_store *store, enum statement which)
{
    return kds_query_begin(store->stmt[which]);
}

static enum mu_err read_number(
    struct kds_store *store, const char *text, uint64_t *out)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(store->db, text, -1, &stmt, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW)
        *out = (uint64_t)sqlite3_column_int64(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return kds_sql_err(rc);
}

/* All steps that are missing, or none. */
static enum mu_err migrate(struct kds_store *store)
{
    char set_version[40];
    uint64_t version = 0, application = 0;

    TRY(kds_sql_run(store->db, "BEGIN IMMEDIATE"));
    TRY(read_number(store, "PRAGMA user_version", &version));
    TRY(read_number(store, "PRAGMA application_id", &application));
    if (version > VERSIONS)
        return MU_E_UNSUPPORTED;
    if (version > 0 && application != APPLICATION)
        return MU_E_MALFORMED;
    for (uint64_t v = version; v < VERSIONS; v++)
        TRY(kds_sql_run(store->db, migrations[v]));
    (void)sqlite3_snprintf((int)sizeof(set_version), set_version,
        "PRAGMA user_version = %d", (int)VERSIONS);
    TRY(kds_sql_run(store->db, set_version));
    return kds_sql_run(store->db, "COMMIT");
}

static enum mu_err prepare(struct kds_store *store)
{
    for (size_t i = 0; i < STATEMENTS; i++)
        TRY(kds_sql_err(sqlite3_prepare_v3(store->db, texts[i], -1,
            SQLITE_PREPARE_PERSISTENT, &store->stmt[i], NULL)));
    return MU_OK;
}

enum mu_err kds_store_open(const char *path, struct kds_store **out)
{
    MU_CLEANUP(kds_store_drop)
    struct kds_store *store = mu_alloc(sizeof(*store));

    if (store == NULL)
        return MU_E_NO_MEMORY;
    TRY(kds_sql_open(path, &store->db));
    TRY(migrate(store));
    TRY(prepare(store));
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
    MU_CLEANUP(kds_query_clear) struct kds_query q = query(store, which);

    if (sqlite3_get_autocommit(store->db) == 0)
        return MU_E_STATE;
    return kds_query_run(&q);
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
    MU_CLEANUP(kds_query_clear) struct kds_query q = query(store, COMMIT);

    return kds_query_run(&q);
}

void kds_store_undo(struct kds_store *store)
{
    /* SQLite ends some failed transactions itself. */
    if (sqlite3_get_autocommit(store->db) == 0)
        (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

enum mu_err kds_store_put_last(
    struct kds_store *store, const struct kds_last *last)
{
    MU_CLEANUP(kds_query_clear) struct kds_query q = query(store, PUT_LAST);

    kds_query_number(&q, last->sequence);
    kds_query_octets(&q, SPAN_OF(last->hash));
    kds_query_octets(&q, last->kms_uri);
    kds_query_number(&q, last->created_s);
    kds_query_number(&q, last->log_head.seq);
    kds_query_octets(&q, SPAN_OF(last->log_head.hash));
    kds_query_octets(&q, SPAN_OF(last->certificate));
    return kds_query_run(&q);
}

/* A transport key that was replaced opens nothing any more. */
static enum mu_err drop_key_sets(
    struct kds_store *store, const struct kds_user *user)
{
    MU_CLEANUP(kds_query_clear)
    struct kds_query q =
        query(store, user->revoked ? REVOKED_KEY_SETS : STALE_KEY_SETS);

    kds_query_octets(&q, user->uri);
    if (!user->revoked)
        kds_query_number(&q, user->serial);
    return kds_query_run(&q);
}

enum mu_err kds_store_put_user(
    struct kds_store *store, const struct kds_user *user)
{
    MU_CLEANUP(kds_query_clear) struct kds_query q = query(store, PUT_USER);

    kds_query_octets(&q, user->uri);
    kds_query_number(&q, user->revoked);
    kds_query_number(&q, user->serial);
    kds_query_octets(&q, user->ink);
    TRY(kds_query_run(&q));
    return drop_key_sets(store, user);
}

enum mu_err kds_store_put_key_set(
    struct kds_store *store, const struct kds_key_set *set)
{
    MU_CLEANUP(kds_query_clear) struct kds_query q = query(store, PUT_KEY_SET);

    kds_query_octets(&q, set->uri);
    kds_query_number(&q, set->period);
    kds_query_number(&q, set->serial);
    kds_query_octets(&q, set->mac);
    kds_query_octets(&q, set->xml);
    return kds_query_run(&q);
}

static enum mu_err put_certificate(struct kds_store *store,
    const struct kds_certificate *certificate, uint64_t root)
{
    MU_CLEANUP(kds_query_clear)
    struct kds_query q = query(store, PUT_CERTIFICATE);

    kds_query_octets(&q, certificate->kms_uri);
    kds_query_number(&q, root);
    kds_query_number(&q, certificate->rule.length_s);
    kds_query_number(&q, certificate->rule.offset_s);
    kds_query_octets(&q, certificate->xml);
    return kds_query_run(&q);
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

/* No row is "not found", and a full arena its own error. */
static enum mu_err one_row(struct kds_query *q)
{
    if (kds_query_row(q))
        return MU_OK;
    TRY(kds_query_err(q));
    return MU_E_NOT_FOUND;
}

static struct span copy(struct mu_arena *arena, struct kds_query *q, int column)
{
    return mu_arena_copy(arena, kds_column_octets(q, column));
}

static enum mu_err copy_hash(
    struct kds_query *q, int column, uint8_t out[KDS_HASH_LEN])
{
    struct span got = kds_column_octets(q, column);

    if (got.len != KDS_HASH_LEN)
        return MU_E_MALFORMED;
    memcpy(out, got.p, KDS_HASH_LEN);
    return MU_OK;
}

enum mu_err kds_store_last(
    struct kds_store *store, struct mu_arena *arena, struct kds_last *out)
{
    MU_CLEANUP(kds_query_clear) struct kds_query q = query(store, GET_LAST);
    struct kds_last last = {0};
    enum mu_err err = one_row(&q);

    if (err == MU_E_NOT_FOUND) {
        *out = last;
        return MU_OK;
    }
    TRY(err);
    last.sequence = kds_column_number(&q, 0);
    TRY(copy_hash(&q, 1, last.hash));
    last.kms_uri = copy(arena, &q, 2);
    last.created_s = kds_column_number(&q, 3);
    last.log_head.seq = kds_column_number(&q, 4);
    TRY(copy_hash(&q, 5, last.log_head.hash));
    TRY(copy_hash(&q, 6, last.certificate));
    TRY(mu_arena_err(arena));
    *out = last;
    return MU_OK;
}

enum mu_err kds_store_user(struct kds_store *store, struct span uri,
    struct mu_arena *arena, struct kds_user *out)
{
    MU_CLEANUP(kds_query_clear) struct kds_query q = query(store, GET_USER);
    struct kds_user user = {0};

    kds_query_octets(&q, uri);
    TRY(one_row(&q));
    user.uri = mu_arena_copy(arena, uri);
    user.revoked = kds_column_number(&q, 0) != 0;
    user.serial = kds_column_number(&q, 1);
    user.ink = copy(arena, &q, 2);
    TRY(mu_arena_err(arena));
    *out = user;
    return MU_OK;
}

enum mu_err kds_store_key_set(struct kds_store *store, struct span uri,
    uint64_t period, struct mu_arena *arena, struct kds_key_set *out)
{
    MU_CLEANUP(kds_query_clear) struct kds_query q = query(store, GET_KEY_SET);
    struct kds_key_set set = {.period = period};

    if (period > INT64_MAX)
        return MU_E_NOT_FOUND;
    kds_query_octets(&q, uri);
    kds_query_number(&q, period);
    TRY(one_row(&q));
    set.uri = mu_arena_copy(arena, uri);
    set.serial = kds_column_number(&q, 0);
    set.mac = copy(arena, &q, 1);
    set.xml = copy(arena, &q, 2);
    TRY(mu_arena_err(arena));
    *out = set;
    return MU_OK;
}

/* Of a row with kms_uri, cache_num, period_s, offset_s, xml. */
static enum mu_err read_certificate(
    struct mu_arena *arena, struct kds_query *q, struct kds_certificate *out)
{
    struct kds_certificate got = {.kms_uri = copy(arena, q, 0),
        .cache_num = kds_column_number(q, 1),
        .rule = {kds_column_number(q, 2), kds_column_number(q, 3)},
        .xml = copy(arena, q, 4)};

    TRY(mu_arena_err(arena));
    *out = got;
    return MU_OK;
}

enum mu_err kds_store_root(struct kds_store *store, struct mu_arena *arena,
    struct kds_certificate *out)
{
    MU_CLEANUP(kds_query_clear) struct kds_query q = query(store, GET_ROOT);

    TRY(one_row(&q));
    return read_certificate(arena, &q, out);
}

enum mu_err kds_store_certificate(struct kds_store *store, struct span kms_uri,
    struct mu_arena *arena, struct kds_certificate *out)
{
    MU_CLEANUP(kds_query_clear)
    struct kds_query q = query(store, GET_CERTIFICATE);

    kds_query_octets(&q, kms_uri);
    TRY(one_row(&q));
    return read_certificate(arena, &q, out);
}

static enum mu_err newest(struct kds_store *store, uint64_t *out)
{
    MU_CLEANUP(kds_query_clear)
    struct kds_query q = query(store, GET_CACHE_NUM);

    TRY(one_row(&q));
    *out = kds_column_number(&q, 0);
    return MU_OK;
}

enum mu_err kds_store_externals(struct kds_store *store, uint64_t newer_than,
    struct mu_arena *arena, struct mu_arena_list *out, uint64_t *cache_num)
{
    MU_CLEANUP(kds_query_clear)
    struct kds_query q = query(store, GET_EXTERNALS);
    struct mu_arena_list list = {0};
    uint64_t highest;

    TRY(newest(store, &highest));
    kds_query_number(&q, newer_than < INT64_MAX ? newer_than : INT64_MAX);
    while (list.len < KDS_EXTERNALS_MAX && kds_query_row(&q)) {
        struct kds_certificate *c = mu_arena_list_add(arena, &list, sizeof(*c));

        if (c == NULL)
            return mu_arena_err(arena);
        TRY(read_certificate(arena, &q, c));
    }
    TRY(kds_query_err(&q));
    if (list.len == KDS_EXTERNALS_MAX) /* the rest with the next request */
        highest = ((struct kds_certificate *)list.at)[list.len - 1].cache_num;
    *out = list;
    *cache_num = highest;
    return MU_OK;
}

static enum mu_err room_for_krr(struct kds_store *store, struct span user)
{
    MU_CLEANUP(kds_query_clear) struct kds_query q = query(store, COUNT_KRR);

    kds_query_octets(&q, user);
    TRY(one_row(&q));
    if (kds_column_number(&q, 0) >= KDS_KRR_MAX ||
        kds_column_number(&q, 1) >= KDS_KRR_USER_MAX)
        return MU_E_NO_SPACE;
    return MU_OK;
}

enum mu_err kds_store_add_krr(
    struct kds_store *store, struct span user, uint64_t at_s, struct span xml)
{
    MU_CLEANUP(kds_query_clear) struct kds_query q = query(store, ADD_KRR);

    TRY(room_for_krr(store, user));
    kds_query_octets(&q, user);
    kds_query_number(&q, at_s);
    kds_query_octets(&q, xml);
    return kds_query_run(&q);
}
