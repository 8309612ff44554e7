/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sql.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#define BUSY_MS 5000 /* how long one writer waits for another */

enum mu_err mu_sql_err(int rc)
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

enum mu_err mu_sql_run(sqlite3 *db, const char *script)
{
    return mu_sql_err(sqlite3_exec(db, script, NULL, NULL, NULL));
}

/* SQLite would make it readable for all, and gives its log the file's mode. */
static enum mu_err make_private(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return errno == EEXIST ? MU_OK : MU_E_IO;
    return close(fd) == 0 ? MU_OK : MU_E_IO;
}

/* The lock of an exclusive file is taken when its log is, and kept. */
static enum mu_err settle(sqlite3 *db, enum mu_sql_sharing sharing)
{
    int rc;

    TRY(mu_sql_err(
        sqlite3_busy_timeout(db, sharing == MU_SQL_EXCLUSIVE ? 0 : BUSY_MS)));
    TRY(mu_sql_err(
        sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL)));
    if (sharing == MU_SQL_EXCLUSIVE)
        TRY(mu_sql_run(db, "PRAGMA locking_mode = EXCLUSIVE"));
    rc = sqlite3_exec(db,
        "PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;"
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;",
        NULL, NULL, NULL);
    return (rc & 0xff) == SQLITE_BUSY ? MU_E_STATE : mu_sql_err(rc);
}

enum mu_err mu_sql_open(
    const char *path, enum mu_sql_sharing sharing, sqlite3 **out)
{
    sqlite3 *db = NULL;
    enum mu_err err;

    TRY(make_private(path));
    err = mu_sql_err(sqlite3_open_v2(path, &db,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW,
        NULL));
    if (err == MU_OK)
        err = settle(db, sharing);
    if (err != MU_OK) {
        (void)sqlite3_close_v2(db); /* also after a failure, and NULL is fine */
        return err;
    }
    *out = db;
    return MU_OK;
}

static enum mu_err read_number(sqlite3 *db, const char *text, uint64_t *out)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, text, -1, &stmt, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW)
        *out = (uint64_t)sqlite3_column_int64(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return mu_sql_err(rc);
}

static enum mu_err write_number(
    sqlite3 *db, const char *pragma, unsigned long long value)
{
    char text[64];

    (void)sqlite3_snprintf(
        (int)sizeof(text), text, "PRAGMA %s = %llu", pragma, value);
    return mu_sql_run(db, text);
}

static enum mu_err missing_steps(
    sqlite3 *db, const struct mu_sql_schema *schema)
{
    uint64_t version = 0, application = 0;

    TRY(read_number(db, "PRAGMA user_version", &version));
    TRY(read_number(db, "PRAGMA application_id", &application));
    if (version > 0 && application != schema->application)
        return MU_E_MALFORMED;
    if (version > schema->versions)
        return MU_E_UNSUPPORTED;
    for (uint64_t v = version; v < schema->versions; v++)
        TRY(mu_sql_run(db, schema->steps[v]));
    TRY(write_number(db, "application_id", schema->application));
    return write_number(db, "user_version", schema->versions);
}

enum mu_err mu_sql_migrate(sqlite3 *db, const struct mu_sql_schema *schema)
{
    enum mu_err err;

    TRY(mu_sql_run(db, "BEGIN IMMEDIATE"));
    err = missing_steps(db, schema);
    if (err == MU_OK)
        err = mu_sql_run(db, "COMMIT");
    if (err != MU_OK)
        mu_sql_rollback(db);
    return err;
}

enum mu_err mu_sql_prepare(
    sqlite3 *db, const char *const *texts, size_t count, sqlite3_stmt **out)
{
    for (size_t i = 0; i < count; i++)
        TRY(mu_sql_err(sqlite3_prepare_v3(
            db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &out[i], NULL)));
    return MU_OK;
}

bool mu_sql_in_transaction(sqlite3 *db)
{
    return sqlite3_get_autocommit(db) == 0;
}

void mu_sql_rollback(sqlite3 *db)
{
    if (mu_sql_in_transaction(db))
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
}

struct mu_query mu_query_begin(sqlite3_stmt *stmt)
{
    return (struct mu_query){.stmt = stmt, .rc = SQLITE_OK};
}

void mu_query_clear(struct mu_query *q)
{
    if (q->stmt == NULL)
        return;
    (void)sqlite3_reset(q->stmt); /* repeats the error of the last step */
    (void)sqlite3_clear_bindings(q->stmt);
}

void mu_query_octets(struct mu_query *q, struct span octets)
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

void mu_query_number(struct mu_query *q, uint64_t number)
{
    q->bound++;
    if (q->rc != SQLITE_OK)
        return;
    if (number > INT64_MAX)
        q->rc = SQLITE_TOOBIG;
    else
        q->rc = sqlite3_bind_int64(q->stmt, q->bound, (sqlite3_int64)number);
}

void mu_query_fail(struct mu_query *q, int rc)
{
    if (q->rc == SQLITE_OK || q->rc == SQLITE_ROW)
        q->rc = rc;
}

bool mu_query_row(struct mu_query *q)
{
    if (q->rc == SQLITE_OK || q->rc == SQLITE_ROW)
        q->rc = sqlite3_step(q->stmt);
    return q->rc == SQLITE_ROW;
}

struct span mu_column_octets(struct mu_query *q, int column)
{
    const uint8_t *p = sqlite3_column_blob(q->stmt, column);
    int len = sqlite3_column_bytes(q->stmt, column);

    return (struct span){p, len > 0 ? (size_t)len : 0};
}

uint64_t mu_column_number(struct mu_query *q, int column)
{
    sqlite3_int64 v = sqlite3_column_int64(q->stmt, column);

    return v > 0 ? (uint64_t)v : 0;
}

enum mu_err mu_query_err(const struct mu_query *q)
{
    return mu_sql_err(q->rc);
}

enum mu_err mu_query_one(struct mu_query *q)
{
    if (mu_query_row(q))
        return MU_OK;
    TRY(mu_query_err(q));
    return MU_E_NOT_FOUND;
}

enum mu_err mu_query_run(struct mu_query *q)
{
    (void)mu_query_row(q);
    return mu_query_err(q);
}
