/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/store_sqlite.h"

enum {
    GROUPS,
    KEYS,
    DELIVERIES,
    STATEMENTS
};

/* Indices alone answer these. Destroyed keys pile up and have none. */
_Static_assert((int)GMS_GMK_DESTROYED == 5, "the statement knows it");

static const char *const texts[STATEMENTS] = {
    [GROUPS] = "SELECT count(*) FROM grp WHERE present = 1",
    [KEYS] = "SELECT state, count(*) FROM gmk WHERE state < 5 GROUP BY state",
    [DELIVERIES] = ("SELECT state, class, count(*) FROM delivery"
                    " GROUP BY state, class"),
};

const struct gms_sql_topic gms_sql_tally = {texts, STATEMENTS};

static enum mu_err count_groups(struct gms_store *store, uint64_t *out)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = gms_sql_read(store, GMS_SQL_TALLY, GROUPS);

    TRY(mu_query_one(&q));
    *out = mu_column_number(&q, 0);
    return MU_OK;
}

static enum mu_err count_keys(
    struct gms_store *store, uint64_t counts[GMS_GMK_STATES])
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = gms_sql_read(store, GMS_SQL_TALLY, KEYS);

    while (mu_query_row(&q))
        counts[gms_sql_enum(&q, 0, GMS_GMK_STATES)] = mu_column_number(&q, 1);
    return mu_query_err(&q);
}

static enum mu_err count_deliveries(
    struct gms_store *store, uint64_t counts[GMS_CLASSES][GMS_DLV_STATES])
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = gms_sql_read(store, GMS_SQL_TALLY, DELIVERIES);

    while (mu_query_row(&q)) {
        unsigned state = gms_sql_enum(&q, 0, GMS_DLV_STATES);
        unsigned class = gms_sql_enum(&q, 1, GMS_CLASSES);

        counts[class][state] = mu_column_number(&q, 2);
    }
    return mu_query_err(&q);
}

enum mu_err gms_store_tally(
    struct gms_store *store, struct gms_store_tally *out)
{
    struct gms_store_tally tally = {0};

    TRY(count_groups(store, &tally.groups));
    TRY(count_keys(store, tally.keys));
    TRY(count_deliveries(store, tally.deliveries));
    *out = tally;
    return MU_OK;
}
