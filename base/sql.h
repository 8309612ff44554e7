/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sql.h - SQLite as our stores use it: one connection, a schema with versions,
 * statements prepared once, and a cursor over each with sticky errors, like
 * those of base/bytes.h.
 *
 * In a library of its own, libsql.a: who links it links SQLITE_LIBS, too.
 */
#ifndef BASE_SQL_H
#define BASE_SQL_H

#include <sqlite3.h>

#include "base/bytes.h"

/* What SQLite's result means to the caller; MU_OK for a row or the end. */
MU_MUST_CHECK enum mu_err mu_sql_err(int rc);

/* One at a time may have an exclusive file open; others may share. */
enum mu_sql_sharing {
    MU_SQL_SHARED,
    MU_SQL_EXCLUSIVE
};

/*
 * Opens the file or makes it, of mode 0600, with what a store of keys wants:
 * WAL and full syncs, so that what was committed stays; pages wiped when they
 * are freed; no extensions, and no SQL out of the schema.
 *
 * Returns MU_OK; MU_E_MALFORMED when it is no database; MU_E_STATE when
 * somebody else has it for himself; MU_E_IO; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err mu_sql_open(
    const char *path, enum mu_sql_sharing sharing, sqlite3 **out);

/* Statements without results, of our own code. */
MU_MUST_CHECK enum mu_err mu_sql_run(sqlite3 *db, const char *script);

/* A schema and how it came to be. */
struct mu_sql_schema {
    uint32_t application;     /* in the file's header: whose file it is */
    const char *const *steps; /* step n: from version n to n + 1; never changed
                                 once it was released */
    size_t versions;          /* how many */
};

/*
 * Brings a file to the newest version: all steps that are missing, or none.
 *
 * Returns MU_OK; MU_E_UNSUPPORTED for the version of a later release;
 * MU_E_MALFORMED for another program's file; errors of SQLite.
 */
MU_MUST_CHECK enum mu_err mu_sql_migrate(
    sqlite3 *db, const struct mu_sql_schema *schema);

/* Prepares count statements that stay; those that it yields are the caller's to
 * finalise, after a failure, too. */
MU_MUST_CHECK enum mu_err mu_sql_prepare(
    sqlite3 *db, const char *const *texts, size_t count, sqlite3_stmt **out);

/* Whether a transaction is open. SQLite ends some failed ones by itself. */
bool mu_sql_in_transaction(sqlite3 *db);
/* Ends it without a trace; without one, nothing. */
void mu_sql_rollback(sqlite3 *db);

/* One use of a statement. */
struct mu_query {
    sqlite3_stmt *stmt;
    int bound; /* parameters so far */
    int rc;    /* sticky: the first that was no success */
};

/* Begins with a statement that nobody else uses now. */
struct mu_query mu_query_begin(sqlite3_stmt *stmt);

/* For MU_CLEANUP: lets go of the row and the parameters. One of {0} is fine. */
void mu_query_clear(struct mu_query *q);

/* The parameters in their order; octets are borrowed until it is cleared. A
 * number over INT64_MAX is a fault: MU_E_NO_SPACE. */
void mu_query_octets(struct mu_query *q, struct span octets);
void mu_query_number(struct mu_query *q, uint64_t number);

/* Makes it fail as if SQLite had said rc. */
void mu_query_fail(struct mu_query *q, int rc);

/* The next row; false at the end and after a fault. */
bool mu_query_row(struct mu_query *q);

/* Of the row, from column 0; octets are borrowed until the next call. */
struct span mu_column_octets(struct mu_query *q, int column);
uint64_t mu_column_number(struct mu_query *q, int column);

/* The first fault, or MU_OK. */
MU_MUST_CHECK enum mu_err mu_query_err(const struct mu_query *q);

/* The first row: MU_OK; MU_E_NOT_FOUND when there is none; or the fault. */
MU_MUST_CHECK enum mu_err mu_query_one(struct mu_query *q);

/* A statement without rows, to its end. */
MU_MUST_CHECK enum mu_err mu_query_run(struct mu_query *q);

#endif
