/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/kds_sql.h"

#include <limits.h>

#define BUSY_MS 5000 /* how long one writer waits for another */

enum mu_err kds_sql_err(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return MU_OK;
    case SQLITE_NOMEM:
        return MU_E_NO_MEMORY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return MU_E_MALFORMED;
    case SQLITE_CONSTRAINT:
        return MU_E_STATE;
    case SQLITE_FULL:
    case SQLITE_TOOBIG:
    case SQLITE_RANGE:
        return MU_E_NO_SPACE;
    default:
        return MU_E_IO;
    }
}

enum mu_err kds_sql_run(sqlite3 *db, const char *script)
{
    return kds_sql_err(sqlite3_exec(db, script, NULL, NULL, NULL));
}

static enum mu_err settle(sqlite3 *db)
{
    TRY(kds_sql_err(sqlite3_busy_timeout(db, BUSY_MS)));
    TRY(kds_sql_err(
        sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL)));
    return kds_sql_run(db,
        "PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;"
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
}

enum mu_err kds_sql_open(const char *path, sqlite3 **out)
{
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(path, &db,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
            SQLITE_OPEN_NOFOLLOW,
        NULL);
    enum mu_err err = kds_sql_err(rc);

    if (err == MU_OK)
        err = settle(db);
    if (err != MU_OK) {
        (void)sqlite3_close_v2(db); /* also after a failure, and NULL is fine */
        return err;
    }
    *out = db;
    return MU_OK;
}

struct kds_query kds_query_begin(sqlite3_stmt *stmt)
{
    return (struct kds_query){.stmt = stmt, .rc = SQLITE_OK};
}

void kds_query_clear(struct kds_query *q)
{
    (void)sqlite3_reset(q->stmt); /* repeats the error of the last step */
    (void)sqlite3_clear_bindings(q->stmt);
}

void kds_query_octets(struct kds_query *q, struct span octets)
{
    static const uint8_t none; /* NULL would bind SQL's NULL */

    q->bound++;
    if (q->rc != SQLITE_OK)
        return;
    if (octets.len > INT_MAX)
        q->rc = SQLITE_TOOBIG;
    else
        q->rc = sqlite3_bind_blob(q->stmt, q->bound,
            octets.p != NULL ? octets.p : &none, (int)octets.len,
            SQLITE_STATIC);
}

void kds_query_number(struct kds_query *q, uint64_t number)
{
    q->bound++;
    if (q->rc != SQLITE_OK)
        return;
    if (number > INT64_MAX)
        q->rc = SQLITE_TOOBIG;
    else
        q->rc = sqlite3_bind_int64(q->stmt, q->bound, (sqlite3_int64)number);
}

bool kds_query_row(struct kds_query *q)
{
    if (q->rc == SQLITE_OK || q->rc == SQLITE_ROW)
        q->rc = sqlite3_step(q->stmt);
    return q->rc == SQLITE_ROW;
}

struct span kds_column_octets(struct kds_query *q, int column)
{
    const uint8_t *p = sqlite3_column_blob(q->stmt, column);
    int len = sqlite3_column_bytes(q->stmt, column);

    return (struct span){p, len > 0 ? (size_t)len : 0};
}

uint64_t kds_column_number(struct kds_query *q, int column)
{
    sqlite3_int64 v = sqlite3_column_int64(q->stmt, column);

    return v > 0 ? (uint64_t)v : 0;
}

enum mu_err kds_query_err(const struct kds_query *q)
{
    return kds_sql_err(q->rc);
}

enum mu_err kds_query_run(struct kds_query *q)
{
    (void)kds_query_row(q);
    return kds_query_err(q);
}
