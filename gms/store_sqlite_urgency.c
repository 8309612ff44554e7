/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/store_sqlite.h"

enum {
    SET,
    GET,
    CLEAR_STANDINGS,
    SET_STANDING,
    RAISE,
    STATEMENTS
};

/* As in gms/store_sqlite_work.c. */
#define TEXT(number)   #number
#define NUMBER(number) TEXT(number)
#define QUEUED         0
#define SENT           1
#define FAILED         4
#define BACKGROUND     5
_Static_assert((int)GMS_DLV_QUEUED == QUEUED && (int)GMS_DLV_SENT == SENT &&
                   (int)GMS_DLV_FAILED == FAILED &&
                   (int)GMS_CLASS_BACKGROUND == BACKGROUND &&
                   (int)GMS_STANDING_MEMBER == 0,
    "the statements below know these numbers");

/* clang-format off */
static const char *const texts[STATEMENTS] = {
    [SET] = "UPDATE grp SET condition = ?2, urgent_until_ms = ?3"
            " WHERE uri = ?1",
    [GET] = "SELECT condition, urgent_until_ms, coalesce((SELECT standing"
            " FROM holder WHERE grp = ?1 AND uri = ?2), 0)"
            " FROM grp WHERE uri = ?1",
    [CLEAR_STANDINGS] = "UPDATE holder SET standing = 0"
                        " WHERE grp = ? AND standing <> 0",
    [SET_STANDING] = "UPDATE holder SET standing = ?3"
                     " WHERE grp = ?1 AND uri = ?2",
    [RAISE] = "UPDATE delivery SET class = ?2 WHERE grp = ?1"
              " AND state IN (" NUMBER(QUEUED) ", " NUMBER(SENT) ", "
              NUMBER(FAILED) ")"
              " AND class > ?2 AND class < " NUMBER(BACKGROUND)
              " AND (?3 = 0 OR member IN (SELECT uri FROM holder"
              " WHERE grp = ?1 AND standing >= ?3))",
};
/* clang-format on */

const struct gms_sql_topic gms_sql_urgency = {texts, STATEMENTS};

static struct mu_query write_query(struct gms_store *store, size_t which)
{
    return gms_sql_write(store, GMS_SQL_URGENCY, which);
}

static enum mu_err clear_standings(struct gms_store *store, struct span group)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = write_query(store, CLEAR_STANDINGS);

    mu_query_octets(&q, group);
    return mu_query_run(&q);
}

static enum mu_err set(struct gms_store *store, struct span group,
    const struct gms_urgency *urgency)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = write_query(store, SET);

    mu_query_octets(&q, group);
    mu_query_number(&q, urgency->condition);
    mu_query_number(&q, urgency->until_ms);
    TRY(gms_sql_change(store, &q));
    return clear_standings(store, group);
}

enum mu_err gms_store_set_urgency(struct gms_store *store, struct span group,
    const struct gms_urgency *urgency)
{
    TRY(gms_sql_step_begin(store));
    return gms_sql_step_end(store, set(store, group, urgency));
}

enum mu_err gms_store_urgency(struct gms_store *store, struct span group,
    struct span member, struct gms_urgency *out, enum gms_standing *standing)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = gms_sql_read(store, GMS_SQL_URGENCY, GET);
    struct gms_urgency urgency;
    enum gms_standing his;

    mu_query_octets(&q, group);
    mu_query_octets(&q, member);
    TRY(mu_query_one(&q));
    urgency.condition = (enum gms_condition)gms_sql_enum(&q, 0, GMS_CONDITIONS);
    urgency.until_ms = mu_column_number(&q, 1);
    his = (enum gms_standing)gms_sql_enum(&q, 2, GMS_STANDINGS);
    TRY(mu_query_err(&q));
    *out = urgency;
    *standing = his;
    return MU_OK;
}

enum mu_err gms_store_set_standing(struct gms_store *store, struct span group,
    struct span uri, enum gms_standing standing)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = write_query(store, SET_STANDING);

    mu_query_octets(&q, group);
    mu_query_octets(&q, uri);
    mu_query_number(&q, standing);
    return mu_query_run(&q);
}

enum mu_err gms_store_raise(struct gms_store *store, struct span group,
    enum gms_class class, enum gms_standing least, bool *any)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = write_query(store, RAISE);
    enum mu_err err;

    mu_query_octets(&q, group);
    mu_query_number(&q, class);
    mu_query_number(&q, least);
    err = gms_sql_change(store, &q);
    if (err == MU_OK)
        *any = true;
    return err == MU_E_NOT_FOUND ? MU_OK : err;
}
