/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and their deliveries. */
#include "gms/store.h"

#include "tests/gms/store_fixture.h"
#include "tests/suites.h"

#define KEY_A 0x0a0a0a0aU
#define KEY_B 0x0b0b0b0bU

static void add_gmk(struct store_fixture *f, const struct gms_gmk *gmk)
{
    store_begin(f);
    CU_ASSERT_EQUAL_FATAL(gms_store_add_gmk(f->store, gmk), MU_OK);
    store_commit(f);
}

static void a_key_is_what_was_added_and_then_set(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_gmk gmk = store_gmk_row(KEY_A, 3), got = {0};

    store_fixture_setup(&f);
    add_gmk(&f, &gmk);
    gmk.state = GMS_GMK_SUPERSEDED;
    gmk.activation_s = 22;
    gmk.expiry_s = 0;
    gmk.due_ms = 3333;
    gmk.sealed = span_str("sealed anew");
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_set_gmk(f.store, &gmk), MU_OK);
    store_commit(&f);
    store_fixture_reopen(&f);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_gmk(f.store, gmk.id, &f.arena, &got), MU_OK);
    CU_ASSERT_EQUAL(got.id.v, KEY_A);
    CU_ASSERT(span_eq(got.group, span_str(STORE_GROUP)));
    CU_ASSERT_EQUAL(got.epoch, 3);
    CU_ASSERT_EQUAL(got.state, GMS_GMK_SUPERSEDED);
    CU_ASSERT(span_eq(got.sealed, gmk.sealed));
    CU_ASSERT_EQUAL(got.made_ms, 1000);
    CU_ASSERT_EQUAL(got.activation_s, 22);
    CU_ASSERT_EQUAL(got.expiry_s, 0);
    CU_ASSERT_EQUAL(got.due_ms, 3333);
    CU_ASSERT(span_eq(got.reason, span_str("created")));
}

static void a_key_that_is_not_there_cannot_be_set(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_gmk gmk = store_gmk_row(KEY_A, 3);

    store_fixture_setup(&f);
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_set_gmk(f.store, &gmk), MU_E_NOT_FOUND);
    store_commit(&f);
    CU_ASSERT_EQUAL(
        gms_store_gmk(f.store, gmk.id, &f.arena, &gmk), MU_E_NOT_FOUND);
}

static void an_identifier_stays_used_when_its_group_is_gone(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_gmk gmk = store_gmk_row(KEY_A, 3);
    bool used = true;

    store_fixture_setup(&f);
    CU_ASSERT_EQUAL(gms_store_key_id_used(f.store, gmk.id, &used), MU_OK);
    CU_ASSERT_FALSE(used);
    add_gmk(&f, &gmk);
    store_begin(&f);
    CU_ASSERT_EQUAL(
        gms_store_delete_group(f.store, span_str(STORE_GROUP)), MU_OK);
    CU_ASSERT_EQUAL(
        gms_store_gmk(f.store, gmk.id, &f.arena, &gmk), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(gms_store_key_id_used(f.store, gmk.id, &used), MU_OK);
    CU_ASSERT(used);
    gmk = store_gmk_row(KEY_A, 4);
    CU_ASSERT_EQUAL(gms_store_add_gmk(f.store, &gmk), MU_E_STATE);
    store_commit(&f);
}

static void an_epoch_is_one_keys(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_gmk gmk = store_gmk_row(KEY_A, 3);
    bool used = true;

    store_fixture_setup(&f);
    add_gmk(&f, &gmk);
    gmk.id.v = KEY_B;
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_add_gmk(f.store, &gmk), MU_E_STATE);
    /* The identifier was not used up by that. */
    CU_ASSERT_EQUAL(gms_store_key_id_used(f.store, gmk.id, &used), MU_OK);
    CU_ASSERT_FALSE(used);
    gmk.epoch = 4;
    CU_ASSERT_EQUAL(gms_store_add_gmk(f.store, &gmk), MU_OK);
    store_commit(&f);
}

static void a_groups_keys_come_newest_first(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_gmk a = store_gmk_row(KEY_A, 3), b = store_gmk_row(KEY_B, 4),
                   other = store_gmk_row(7, 9);
    struct mu_arena_list list = {0};
    const struct gms_gmk *at;

    store_fixture_setup(&f);
    other.group = span_str(STORE_OTHER);
    add_gmk(&f, &a);
    add_gmk(&f, &b);
    add_gmk(&f, &other);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_gmks(f.store, a.group, &f.arena, &list), MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 2);
    at = list.at;
    CU_ASSERT_EQUAL(at[0].id.v, KEY_B);
    CU_ASSERT_EQUAL(at[1].id.v, KEY_A);
}

static void a_delivery_is_what_was_added(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_delivery row = store_delivery_row(KEY_A, "sip:m@x"), got = {0};

    store_fixture_setup(&f);
    row.revocation = true;
    row.class = GMS_CLASS_EXCLUSION;
    row.state = GMS_DLV_FAILED;
    row.tries = 4;
    row.next_ms = 9000;
    row.id = store_add_delivery(&f, &row);
    CU_ASSERT_NOT_EQUAL(row.id, 0);
    store_fixture_reopen(&f);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_delivery(f.store, row.id, &f.arena, &got), MU_OK);
    CU_ASSERT_EQUAL(got.id, row.id);
    CU_ASSERT_EQUAL(got.key.v, KEY_A);
    CU_ASSERT(span_eq(got.group, row.group));
    CU_ASSERT(span_eq(got.member, row.member));
    CU_ASSERT(span_eq(got.kms, row.kms));
    CU_ASSERT_EQUAL(got.period, 17);
    CU_ASSERT(got.revocation);
    CU_ASSERT_EQUAL(got.class, GMS_CLASS_EXCLUSION);
    CU_ASSERT_EQUAL(got.state, GMS_DLV_FAILED);
    CU_ASSERT_EQUAL(got.tries, 4);
    CU_ASSERT_EQUAL(got.next_ms, 9000);
    CU_ASSERT_EQUAL(got.changed_ms, 1000);
    CU_ASSERT_EQUAL(got.guk_id.v, KEY_A + 1);
    CU_ASSERT(span_eq(got.envelope, row.envelope));
    CU_ASSERT(span_eq(got.message, row.message));
    CU_ASSERT_FALSE(got.bare);
}

static void a_delivery_of_the_same_is_refused(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_delivery row = store_delivery_row(KEY_A, "sip:m@x");
    uint64_t id;

    store_fixture_setup(&f);
    id = store_add_delivery(&f, &row);
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_add_delivery(f.store, &row), MU_E_STATE);
    CU_ASSERT_EQUAL(row.id, 0);
    row.period++;
    CU_ASSERT_EQUAL(gms_store_add_delivery(f.store, &row), MU_OK);
    CU_ASSERT(row.id > id);
    row.revocation = true;
    CU_ASSERT_EQUAL(gms_store_add_delivery(f.store, &row), MU_OK);
    store_commit(&f);
}

static void a_delivery_read_bare_keeps_its_octets(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_delivery row = store_delivery_row(KEY_A, "sip:m@x"), got;
    const struct gms_delivery_query bare = {.bare = true};
    struct mu_arena_list list = {0};

    store_fixture_setup(&f);
    row.id = store_add_delivery(&f, &row);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_deliveries(f.store, &bare, &f.arena, &list), MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    got = *(const struct gms_delivery *)list.at;
    CU_ASSERT(got.bare);
    CU_ASSERT_EQUAL(got.envelope.len + got.message.len, 0);
    got.state = GMS_DLV_ACCEPTED;
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_set_delivery(f.store, &got), MU_OK);
    store_commit(&f);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_delivery(f.store, row.id, &f.arena, &got), MU_OK);
    CU_ASSERT_EQUAL(got.state, GMS_DLV_ACCEPTED);
    CU_ASSERT(span_eq(got.envelope, row.envelope));
    CU_ASSERT(span_eq(got.message, row.message));
}

static void a_delivery_is_set_whole(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_delivery row = store_delivery_row(KEY_A, "sip:m@x"), got = {0};

    store_fixture_setup(&f);
    row.id = store_add_delivery(&f, &row);
    row.class = GMS_CLASS_PERIL;
    row.state = GMS_DLV_SENT;
    row.tries = 2;
    row.next_ms = 7;
    row.changed_ms = 8;
    row.guk_id.v = 9;
    row.envelope = span_str("E");
    row.message.len = 0;
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_set_delivery(f.store, &row), MU_OK);
    row.id++;
    CU_ASSERT_EQUAL(gms_store_set_delivery(f.store, &row), MU_E_NOT_FOUND);
    store_commit(&f);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_delivery(f.store, row.id - 1, &f.arena, &got), MU_OK);
    CU_ASSERT_EQUAL(got.class, GMS_CLASS_PERIL);
    CU_ASSERT_EQUAL(got.state, GMS_DLV_SENT);
    CU_ASSERT_EQUAL(got.tries, 2);
    CU_ASSERT_EQUAL(got.next_ms, 7);
    CU_ASSERT_EQUAL(got.changed_ms, 8);
    CU_ASSERT_EQUAL(got.guk_id.v, 9);
    CU_ASSERT(span_eq(got.envelope, row.envelope));
    CU_ASSERT_EQUAL(got.message.len, 0);
}

/* Six rows: two keys, two members, one of another group; classes, states and
 * times all differ. Their ids are 1..6. */
static void add_six(struct store_fixture *f)
{
    static const struct {
        uint32_t key;
        const char *group, *member;
        enum gms_class class;
        enum gms_delivery_state state;
        uint64_t next_ms;
    } rows[] = {
        {KEY_A, STORE_GROUP, "sip:a@x", GMS_CLASS_NORMAL, GMS_DLV_SENT, 50},
        {KEY_A, STORE_GROUP, "sip:b@x", GMS_CLASS_EXCLUSION, GMS_DLV_SENT, 90},
        {KEY_B, STORE_GROUP, "sip:a@x", GMS_CLASS_NORMAL, GMS_DLV_QUEUED, 0},
        {KEY_B, STORE_GROUP, "sip:b@x", GMS_CLASS_PERIL, GMS_DLV_QUEUED, 40},
        {KEY_A, STORE_OTHER, "sip:c@x", GMS_CLASS_TALKER, GMS_DLV_OPENED, 0},
        {KEY_B, STORE_OTHER, "sip:c@x", GMS_CLASS_NORMAL, GMS_DLV_FAILED, 60},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct gms_delivery d = store_delivery_row(rows[i].key, rows[i].member);

        d.group = span_str(rows[i].group);
        d.class = rows[i].class;
        d.state = rows[i].state;
        d.next_ms = rows[i].next_ms;
        CU_ASSERT_EQUAL_FATAL(store_add_delivery(f, &d), i + 1);
    }
}

/* The ids that a query yields, in their order, as a decimal number. */
static uint64_t ids(
    struct store_fixture *f, const struct gms_delivery_query *query)
{
    struct mu_arena_list list = {0};
    uint64_t digits = 0;

    CU_ASSERT_EQUAL_FATAL(
        gms_store_deliveries(f->store, query, &f->arena, &list), MU_OK);
    for (size_t i = 0; i < list.len; i++)
        digits = digits * 10 + ((struct gms_delivery *)list.at)[i].id;
    return digits;
}

static void deliveries_are_found_by_each_condition(void)
{
    const struct {
        struct gms_delivery_query query;
        uint64_t ids;
    } cases[] = {
        {{.most = 0}, 425136},
        {{.by_id = true}, 123456},
        {{.group = span_str(STORE_OTHER)}, 56},
        {{.member = span_str("sip:b@x")}, 42},
        {{.member = span_str("sip:a@x"), .group = span_str(STORE_OTHER)}, 0},
        {{.by_key = true, .key = {KEY_A}}, 251},
        {{.states = 1U << GMS_DLV_QUEUED}, 43},
        {{.states = 1U << GMS_DLV_FAILED | 1U << GMS_DLV_SENT}, 216},
        {{.due_ms = 60}, 416},
        {{.due_ms = 49}, 4},
        {{.most = 2}, 42},
        {{.after_id = 4, .by_id = true, .most = 1}, 5},
        {{.group = span_str(STORE_GROUP),
             .by_key = true,
             .key = {KEY_B},
             .states = 1U << GMS_DLV_QUEUED,
             .due_ms = 100,
             .after_id = 2,
             .most = 5,
             .bare = true},
            4},
    };
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;

    store_fixture_setup(&f);
    add_six(&f);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CU_ASSERT_EQUAL(ids(&f, &cases[i].query), cases[i].ids);
}

static void deliveries_are_counted_without_revocations(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_delivery row = store_delivery_row(KEY_A, "sip:r@x");
    size_t counts[GMS_DLV_STATES];

    store_fixture_setup(&f);
    add_six(&f);
    row.revocation = true;
    (void)store_add_delivery(&f, &row);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_count_deliveries(f.store, row.key, counts), MU_OK);
    for (unsigned state = 0; state < GMS_DLV_STATES; state++)
        CU_ASSERT_EQUAL(counts[state],
            state == GMS_DLV_SENT ? 2U : state == GMS_DLV_OPENED);
}

static void deliveries_go_by_member_and_by_key(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    const struct gms_delivery_query all = {.by_id = true};

    store_fixture_setup(&f);
    add_six(&f);
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_delete_deliveries_of(
                        f.store, span_str(STORE_GROUP), span_str("sip:a@x")),
        MU_OK);
    store_commit(&f);
    CU_ASSERT_EQUAL(ids(&f, &all), 2456);
    store_begin(&f);
    CU_ASSERT_EQUAL(
        gms_store_delete_deliveries_for(f.store, (struct mcptt_key_id){KEY_B}),
        MU_OK);
    store_commit(&f);
    CU_ASSERT_EQUAL(ids(&f, &all), 25);
}

static void groups_with_a_delivery_to_a_member_are_found(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_delivery row = store_delivery_row(1, "sip:b@x");
    struct mu_arena_list list = {0};

    store_fixture_setup(&f);
    (void)store_add_delivery(&f, &row);
    row.key.v = 2;
    (void)store_add_delivery(&f, &row);
    row = store_delivery_row(1, "sip:a@x");
    row.group = span_str(STORE_OTHER);
    (void)store_add_delivery(&f, &row);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_groups_keyed(f.store, span_str("sip:b@x"), &f.arena, &list),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    CU_ASSERT(span_eq(*(const struct span *)list.at, span_str(STORE_GROUP)));
}

CU_TestInfo gms_store_key_tests[] = {
    {"groups with a delivery to a member are found",
        groups_with_a_delivery_to_a_member_are_found},
    {"a key is what was added and then set",
        a_key_is_what_was_added_and_then_set},
    {"a key that is not there cannot be set",
        a_key_that_is_not_there_cannot_be_set},
    {"an identifier stays used when its group is gone",
        an_identifier_stays_used_when_its_group_is_gone},
    {"an epoch is one key's", an_epoch_is_one_keys},
    {"a group's keys come newest first", a_groups_keys_come_newest_first},
    {"a delivery is what was added", a_delivery_is_what_was_added},
    {"a delivery of the same is refused", a_delivery_of_the_same_is_refused},
    {"a delivery read bare keeps its octets",
        a_delivery_read_bare_keeps_its_octets},
    {"a delivery is set whole", a_delivery_is_set_whole},
    {"deliveries are found by each condition",
        deliveries_are_found_by_each_condition},
    {"deliveries are counted without revocations",
        deliveries_are_counted_without_revocations},
    {"deliveries go by member and by key", deliveries_go_by_member_and_by_key},
    CU_TEST_INFO_NULL,
};
