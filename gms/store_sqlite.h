/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_sqlite.h - what the files of the SQLite back end share; the store is
 * gms/store.h. Each file is a topic with its statements, prepared once.
 */
#ifndef GMS_STORE_SQLITE_H
#define GMS_STORE_SQLITE_H

#include "base/sql.h"
#include "gms/store.h"

#define GMS_SQL_MOST     16 /* statements of a topic */
#define GMS_SQL_COMPOSED 32 /* of queries for deliveries, kept */

/* The statements of one file. */
struct gms_sql_topic {
    const char *const *texts;
    size_t count;
};

extern const struct gms_sql_topic gms_sql_docs, gms_sql_groups, gms_sql_keks,
    gms_sql_keys, gms_sql_deliveries, gms_sql_intents, gms_sql_redirects,
    gms_sql_rest, gms_sql_subs, gms_sql_tally, gms_sql_urgency, gms_sql_work;

enum gms_sql_topic_no {
    GMS_SQL_DOCS,
    GMS_SQL_GROUPS,
    GMS_SQL_KEKS,
    GMS_SQL_KEYS,
    GMS_SQL_DELIVERIES,
    GMS_SQL_INTENTS,
    GMS_SQL_REDIRECTS,
    GMS_SQL_REST,
    GMS_SQL_SUBS,
    GMS_SQL_TALLY,
    GMS_SQL_URGENCY,
    GMS_SQL_WORK,
    GMS_SQL_TOPICS
};

struct gms_store {
    sqlite3 *db;
    sqlite3_stmt *stmt[GMS_SQL_TOPICS][GMS_SQL_MOST];
    sqlite3_stmt *composed[GMS_SQL_COMPOSED];
    size_t composed_next;
    bool wipe;                    /* keys went: the log must lose them, too */
    const struct mu_clock *clock; /* NULL: nobody measures */
    struct gms_store_times times;
};

/* The schema, for tests of its versions. */
extern const struct mu_sql_schema gms_sql_schema;

struct mu_query gms_sql_read(
    struct gms_store *store, enum gms_sql_topic_no topic, size_t which);

/* The same for a statement that writes: it fails with MU_E_STATE when there is
 * no transaction. */
struct mu_query gms_sql_write(
    struct gms_store *store, enum gms_sql_topic_no topic, size_t which);

/* Runs a statement that has to change a row: MU_E_NOT_FOUND when it did not. */
MU_MUST_CHECK enum mu_err gms_sql_change(
    struct gms_store *store, struct mu_query *q);

/*
 * Brackets an operation of several statements, so that it changes all or
 * nothing: end() takes what came of them, undoes them if that is an error, and
 * returns it.
 */
MU_MUST_CHECK enum mu_err gms_sql_step_begin(struct gms_store *store);
MU_MUST_CHECK enum mu_err gms_sql_step_end(
    struct gms_store *store, enum mu_err err);

/* Columns of the row. A value of no enumeration, or that does not fit, is the
 * query's fault: MU_E_MALFORMED. */
struct span gms_sql_span(struct mu_query *q, int column, struct mu_arena *a);
unsigned gms_sql_enum(struct mu_query *q, int column, unsigned end);
struct mcptt_key_id gms_sql_key_id(struct mu_query *q, int column);

/* Of what was read from a row: the query's fault or the arena's. */
MU_MUST_CHECK enum mu_err gms_sql_got(
    const struct mu_query *q, const struct mu_arena *arena);

/* A row of keys. */
#define GMS_SQL_GMK_COLUMNS                                                    \
    "SELECT id, grp, epoch, state, made_ms, activation_s, expiry_s, due_ms,"   \
    " reason, sealed FROM gmk "
MU_MUST_CHECK enum mu_err gms_sql_gmk(
    struct mu_query *q, struct mu_arena *arena, struct gms_gmk *out);

/* A row of deliveries: the same columns whole and bare. */
#define GMS_SQL_DELIVERY_COLUMNS                                               \
    "SELECT id, gmk, grp, member, kms, period, revocation, class, state,"      \
    " tries, next_ms, changed_ms, guk_id, "
#define GMS_SQL_DELIVERY_BARE GMS_SQL_DELIVERY_COLUMNS "x'', x'' FROM delivery "
MU_MUST_CHECK enum mu_err gms_sql_delivery(
    struct mu_query *q, struct mu_arena *arena, struct gms_delivery *out);

/* The list of what a query's rows hold, a span in column 0. */
MU_MUST_CHECK enum mu_err gms_sql_spans(
    struct mu_query *q, struct mu_arena *arena, struct mu_arena_list *out);

#endif
