/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kds_sql.h - SQLite as kms/kds_store.c uses it: one connection, its
 * statements prepared once, and a cursor over each with sticky errors, like
 * those of base/bytes.h.
 */
#ifndef KMS_KDS_SQL_H
#define KMS_KDS_SQL_H

#include <sqlite3.h>

#include "base/bytes.h"

/* What SQLite's result means to the caller; MU_OK for a row or the end. */
MU_MUST_CHECK enum mu_err kds_sql_err(int rc);

/*
 * Opens or makes the file, with what a store of keys wants: WAL and full
 * syncs, so that what was committed stays; pages wiped when they are freed; no
 * extensions, and no SQL out of the schema.
 *
 * Returns MU_OK; MU_E_MALFORMED when it is no database; MU_E_IO;
 * MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err kds_sql_open(const char *path, sqlite3 **out);

/* Statements without results, of our own code. */
MU_MUST_CHECK enum mu_err kds_sql_run(sqlite3 *db, const char *script);

/* One use of a statement. */
struct kds_query {
    sqlite3_stmt *stmt;
    int bound; /* parameters so far */
    int rc;    /* sticky: the first that was no success */
};

/* Begins with a statement that nobody else uses now. */
struct kds_query kds_query_begin(sqlite3_stmt *stmt);

/* For MU_CLEANUP: lets go of the row and the parameters. */
void kds_query_clear(struct kds_query *q);

/* The parameters in their order; octets are borrowed until it is cleared. A
 * number over INT64_MAX is a fault: MU_E_NO_SPACE. */
void kds_query_octets(struct kds_query *q, struct span octets);
void kds_query_number(struct kds_query *q, uint64_t number);

/* The next row; false at the end and after a fault. */
bool kds_query_row(struct kds_query *q);

/* Of the row, from column 0; octets are borrowed until the next call. */
struct span kds_column_octets(struct kds_query *q, int column);
uint64_t kds_column_number(struct kds_query *q, int column);

/* The first fault, or MU_OK. */
MU_MUST_CHECK enum mu_err kds_query_err(const struct kds_query *q);

/* A statement without rows, to its end. */
MU_MUST_CHECK enum mu_err kds_query_run(struct kds_query *q);

#endif
