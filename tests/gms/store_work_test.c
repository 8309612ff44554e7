/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/store.h"

#include <stdio.h>
#include <string.h>

#include "gms/store_sqlite.h"
#include "tests/gms/store_fixture.h"
#include "tests/suites.h"

#define KEY  7U
#define KMS  "kms.example.org"
#define FAR  "kms.far.example.org"
#define MOST 10

/* Members a, b... of a letter each. */
static struct span uri_of(char letter)
{
    static uint8_t letters[256];

    letters[(uint8_t)letter] = (uint8_t)letter;
    return (struct span){&letters[(uint8_t)letter], 1};
}

static void put_holder(struct store_fixture *f, char letter, const char *kms)
{
    struct gms_holder holder = {uri_of(letter), span_str(kms)};

    CU_ASSERT_EQUAL_FATAL(
        gms_store_put_holder(f->store, span_str(STORE_GROUP), &holder), MU_OK);
}

static void setup(struct store_fixture *f, const char *letters)
{
    struct gms_group_row group = store_group_row(STORE_GROUP, 1);
    struct gms_gmk gmk = store_gmk_row(KEY, 1);

    store_fixture_setup(f);
    store_begin(f);
    CU_ASSERT_EQUAL_FATAL(gms_store_put_group(f->store, &group), MU_OK);
    CU_ASSERT_EQUAL_FATAL(gms_store_add_gmk(f->store, &gmk), MU_OK);
    for (; *letters != '\0'; letters++)
        put_holder(f, *letters, KMS);
    store_commit(f);
}

struct row {
    char member;
    uint64_t period;
    enum gms_delivery_state state;
    bool revocation;
    unsigned tries;
};

static void put_rows(
    struct store_fixture *f, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct gms_delivery d = store_delivery_row(KEY, "x");

        d.member = uri_of(rows[i].member);
        d.kms = span_str(KMS);
        d.period = rows[i].period;
        d.state = rows[i].state;
        d.revocation = rows[i].revocation;
        d.tries = rows[i].tries;
        (void)store_add_delivery(f, &d);
    }
}

#define PUT_ROWS(f, ...)                                                       \
    put_rows(f, (const struct row[]){__VA_ARGS__},                             \
        sizeof((const struct row[]){__VA_ARGS__}) / sizeof(struct row))

static struct gms_store_place at(uint64_t period)
{
    return (struct gms_store_place){
        span_str(STORE_GROUP), {KEY}, span_str(KMS), period};
}

/* Who lacks the key, a letter each. */
static const char *lacking(
    struct store_fixture *f, uint64_t period, size_t most, char out[MOST + 1])
{
    struct gms_store_place place = at(period);
    struct mu_arena_list list;
    const struct gms_holder *holders;

    CU_ASSERT_EQUAL_FATAL(
        gms_store_lacking(f->store, &place, most, &f->arena, &list), MU_OK);
    holders = list.at;
    for (size_t i = 0; i < list.len; i++)
        out[i] = (char)holders[i].uri.p[0];
    out[list.len] = '\0';
    return out;
}

static const char *unrevoked(struct store_fixture *f, uint64_t period,
    bool withdrawn, size_t most, char out[MOST + 1])
{
    struct gms_store_place place = at(period);
    struct mu_arena_list list;
    const struct gms_delivery *rows;

    CU_ASSERT_EQUAL_FATAL(gms_store_unrevoked(f->store, &place, withdrawn, most,
                              &f->arena, &list),
        MU_OK);
    rows = list.at;
    for (size_t i = 0; i < list.len; i++) {
        CU_ASSERT(rows[i].bare);
        out[i] = (char)rows[i].member.p[0];
    }
    out[list.len] = '\0';
    return out;
}

static void holders_without_a_row_lack_the_key(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    char got[MOST + 1];

    setup(&f, "abcdefg");
    PUT_ROWS(&f, {'a', 5, GMS_DLV_QUEUED, false, 0},
        {'b', 4, GMS_DLV_SENT, false, 1}, {'c', 4, GMS_DLV_ACCEPTED, false, 1},
        {'d', 4, GMS_DLV_REVOKED, false, 1},
        {'e', 5, GMS_DLV_REDIRECTED, false, 1},
        {'f', 5, GMS_DLV_QUEUED, true, 1}, {'z', 5, GMS_DLV_SENT, false, 1});
    /* b has not taken what he was sent; e waits for another one; f has only
     * been told that it is over; g has nothing. z is not in the group. */
    CU_ASSERT_STRING_EQUAL(lacking(&f, 5, MOST, got), "befg");
    CU_ASSERT_STRING_EQUAL(lacking(&f, 4, MOST, got), "efg");
    CU_ASSERT_STRING_EQUAL(lacking(&f, 6, 2, got), "ab");
}

static void a_holder_who_moved_lacks_it_at_his_new_kms(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_store_place place = at(5);
    struct mu_arena_list list;
    char got[MOST + 1];

    setup(&f, "ab");
    PUT_ROWS(&f, {'a', 5, GMS_DLV_ACCEPTED, false, 1},
        {'b', 5, GMS_DLV_ACCEPTED, false, 1});
    store_begin(&f);
    put_holder(&f, 'b', FAR);
    store_commit(&f);
    CU_ASSERT_STRING_EQUAL(lacking(&f, 5, MOST, got), "");
    place.kms = span_str(FAR);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_lacking(f.store, &place, MOST, &f.arena, &list), MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    CU_ASSERT(span_eq(((struct gms_holder *)list.at)->uri, uri_of('b')));
    CU_ASSERT_EQUAL(
        gms_store_kms_of(f.store, span_str(STORE_GROUP), &f.arena, &list),
        MU_OK);
    CU_ASSERT_EQUAL(list.len, 2);
}

static void who_was_sent_a_key_is_told_that_it_ended(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    char got[MOST + 1];

    setup(&f, "");
    PUT_ROWS(&f, {'a', 5, GMS_DLV_SENT, false, 1},
        {'b', 5, GMS_DLV_QUEUED, false, 0}, {'c', 5, GMS_DLV_REVOKED, false, 2},
        {'d', 5, GMS_DLV_REVOKED, false, 0},
        {'e', 5, GMS_DLV_ACCEPTED, false, 1}, {'e', 5, GMS_DLV_SENT, true, 1},
        {'f', 4, GMS_DLV_ACCEPTED, false, 1}, {'f', 4, GMS_DLV_SENT, true, 1},
        {'g', 4, GMS_DLV_ACCEPTED, false, 1},
        {'g', 4, GMS_DLV_ACCEPTED, true, 1});
    CU_ASSERT_STRING_EQUAL(unrevoked(&f, 5, false, MOST, got), "af");
    CU_ASSERT_STRING_EQUAL(unrevoked(&f, 5, true, MOST, got), "acf");
    CU_ASSERT_STRING_EQUAL(unrevoked(&f, 4, true, MOST, got), "ac");
    CU_ASSERT_STRING_EQUAL(unrevoked(&f, 5, true, 1, got), "a");
}

static void a_key_that_rested_is_due_at_once(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_delivery_query query = {.due_ms = 100, .bare = true};
    struct gms_delivery late = store_delivery_row(KEY, "late");
    struct mu_arena_list list;

    setup(&f, "");
    PUT_ROWS(&f, {'a', 5, GMS_DLV_QUEUED, false, 0},
        {'b', 5, GMS_DLV_SENT, false, 1});
    late.next_ms = 5000; /* it was tried, and is to be tried again then */
    (void)store_add_delivery(&f, &late);
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_release(f.store, (struct mcptt_key_id){KEY},
                        GMS_CLASS_EXCLUSION, 100),
        MU_OK);
    store_commit(&f);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_deliveries(f.store, &query, &f.arena, &list), MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    CU_ASSERT(span_eq(((struct gms_delivery *)list.at)->member, uri_of('a')));
    CU_ASSERT_EQUAL(
        ((struct gms_delivery *)list.at)->class, GMS_CLASS_EXCLUSION);
}

static void rows_of_one_purpose_are_found_alone(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_delivery_query query = {.purpose = GMS_REVOCATIONS};
    struct mu_arena_list list;

    setup(&f, "");
    PUT_ROWS(
        &f, {'a', 5, GMS_DLV_SENT, false, 1}, {'b', 5, GMS_DLV_SENT, true, 1});
    CU_ASSERT_EQUAL_FATAL(
        gms_store_deliveries(f.store, &query, &f.arena, &list), MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    CU_ASSERT(span_eq(((struct gms_delivery *)list.at)->member, uri_of('b')));
    query.purpose = GMS_ISSUES;
    CU_ASSERT_EQUAL_FATAL(
        gms_store_deliveries(f.store, &query, &f.arena, &list), MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    CU_ASSERT(span_eq(((struct gms_delivery *)list.at)->member, uri_of('a')));
}

/* What SQLite did since the last time, for the queries of deliveries. */
static int steps(struct store_fixture *f)
{
    int sum = 0;

    for (size_t i = 0; i < GMS_SQL_COMPOSED; i++)
        if (f->store->composed[i] != NULL)
            sum += sqlite3_stmt_status(
                f->store->composed[i], SQLITE_STMTSTATUS_VM_STEP, 1);
    return sum;
}

static void add_rows(struct store_fixture *f, unsigned from, unsigned to)
{
    store_begin(f);
    for (unsigned i = from; i < to; i++) {
        char uri[32];
        struct gms_delivery row;

        (void)snprintf(uri, sizeof(uri), "sip:member-%u@x", i);
        row = store_delivery_row(KEY, uri);
        CU_ASSERT_EQUAL(gms_store_add_delivery(f->store, &row), MU_OK);
    }
    store_commit(f);
}

/* Each member's receipt asks so, and there are thousands. */
static void one_members_row_is_found_without_the_others(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    const struct gms_delivery_query query = {.group = span_str(STORE_GROUP),
        .member = span_str("sip:member-1@x"),
        .purpose = GMS_ISSUES,
        .key = {KEY},
        .by_key = true,
        .states = 1U << GMS_DLV_QUEUED | 1U << GMS_DLV_SENT,
        .bare = true};
    struct mu_arena_list list;
    int few;

    setup(&f, "");
    add_rows(&f, 0, 2);
    CU_ASSERT_EQUAL(
        gms_store_deliveries(f.store, &query, &f.arena, &list), MU_OK);
    CU_ASSERT_EQUAL(list.len, 1);
    few = steps(&f);
    add_rows(&f, 2, 200);
    CU_ASSERT_EQUAL(
        gms_store_deliveries(f.store, &query, &f.arena, &list), MU_OK);
    CU_ASSERT_EQUAL(list.len, 1);
    CU_ASSERT(few > 0);
    CU_ASSERT(steps(&f) < 2 * few);
}

CU_TestInfo gms_store_work_tests[] = {
    {"holders without a row lack the key", holders_without_a_row_lack_the_key},
    {"a holder who moved lacks it at his new KMS",
        a_holder_who_moved_lacks_it_at_his_new_kms},
    {"who was sent a key is told that it ended",
        who_was_sent_a_key_is_told_that_it_ended},
    {"a key that rested is due at once", a_key_that_rested_is_due_at_once},
    {"rows of one purpose are found alone",
        rows_of_one_purpose_are_found_alone},
    {"one member's row is found without the others'",
        one_members_row_is_found_without_the_others},
    CU_TEST_INFO_NULL,
};
