/* SPDX-License-Identifier: Apache-2.0 */
/* OPENED rests on receipts, and on nothing else. */
#include "tests/gms/keeper_world.h"
#include "tests/suites.h"

static enum mu_err opened(
    struct keeper_world *w, char letter, struct mcptt_key_id key)
{
    return gms_keeper_opened(
        w->keeper, span_str(KEEPER_GROUP), kw_uri(letter), key);
}

/* The state of that key for a member; GMS_DLV_STATES: it is not due to him. */
static enum gms_delivery_state state_of(
    struct keeper_world *w, char letter, struct mcptt_key_id key)
{
    const struct gms_delivery_query query = {.group = span_str(KEEPER_GROUP),
        .member = kw_uri(letter),
        .purpose = GMS_ISSUES,
        .key = key,
        .by_key = true,
        .bare = true};
    struct mu_arena_list list;
    const struct gms_delivery *rows;

    CU_ASSERT_EQUAL_FATAL(
        gms_store_deliveries(w->store, &query, &w->arena, &list), MU_OK);
    rows = list.at;
    return list.len == 1 ? rows[0].state : GMS_DLV_STATES;
}

static struct mcptt_key_id keyed(struct keeper_world *w, const char *members)
{
    struct gms_gmk gmk;

    keeper_world_init(w, KEEPER_FAKE);
    kw_put(w, members, 0);
    kw_run(w);
    CU_ASSERT_FATAL(kw_key(w, GMS_GMK_ACTIVE, &gmk));
    return gmk.id;
}

static void a_receipt_opens_what_was_sent(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct mcptt_key_id key = keyed(&w, "abc");

    CU_ASSERT_EQUAL(state_of(&w, 'a', key), GMS_DLV_SENT);
    CU_ASSERT_EQUAL(opened(&w, 'a', key), MU_OK);
    CU_ASSERT_EQUAL(state_of(&w, 'a', key), GMS_DLV_OPENED);
    CU_ASSERT_EQUAL(state_of(&w, 'b', key), GMS_DLV_SENT);
    CU_ASSERT_EQUAL(gms_keeper_stats(w.keeper).opened, 1);
    CU_ASSERT_EQUAL(kw_events(&w, "delivery.opened"), 1);
}

static void fetching_a_key_does_not_open_it(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct mcptt_key_id key = keyed(&w, "ab");

    kw_fetch(&w, "a");
    CU_ASSERT_EQUAL(state_of(&w, 'a', key), GMS_DLV_ACCEPTED);
    CU_ASSERT_EQUAL(opened(&w, 'a', key), MU_OK);
    CU_ASSERT_EQUAL(state_of(&w, 'a', key), GMS_DLV_OPENED);
    kw_fetch(&w, "a");
    CU_ASSERT_EQUAL(state_of(&w, 'a', key), GMS_DLV_OPENED);
    CU_ASSERT_EQUAL(gms_keeper_stats(w.keeper).opened, 1);
}

static void a_second_receipt_says_the_same(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct mcptt_key_id key = keyed(&w, "ab");

    CU_ASSERT_EQUAL(opened(&w, 'a', key), MU_OK);
    CU_ASSERT_EQUAL(opened(&w, 'a', key), MU_OK);
    CU_ASSERT_EQUAL(gms_keeper_stats(w.keeper).opened, 1);
    CU_ASSERT_EQUAL(kw_events(&w, "delivery.opened"), 1);
}

static void what_was_not_sent_cannot_be_opened(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct mcptt_key_id key = keyed(&w, "ab"), none = {key.v ^ 1};

    CU_ASSERT_EQUAL(opened(&w, 'c', key), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(opened(&w, 'a', none), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(
        gms_keeper_opened(w.keeper, span_str("sip:other@groups.example.org"),
            kw_uri('a'), key),
        MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(gms_keeper_stats(w.keeper).opened, 0);
    CU_ASSERT_EQUAL(kw_events(&w, "delivery.opened"), 0);
}

/* It waits for the vault, so no message has gone out. */
static void a_key_on_its_way_is_not_open(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct mcptt_key_id key = keyed(&w, "ab");

    kw_vault_dies(&w);
    kw_put(&w, "abc", 0);
    kw_run(&w);
    CU_ASSERT_EQUAL(opened(&w, 'c', key), MU_E_NOT_FOUND);
    kw_vault_comes(&w);
    kw_run(&w);
    CU_ASSERT_EQUAL(state_of(&w, 'c', key), GMS_DLV_SENT);
    CU_ASSERT_EQUAL(opened(&w, 'c', key), MU_OK);
}

/* He had it, which is all that a receipt says; he shall have no more of it. */
static void a_receipt_of_who_was_expelled_opens_nothing(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct mcptt_key_id key = keyed(&w, "abc");

    kw_put(&w, "ab", KEEPER_HARD);
    kw_wait(&w, 100);
    CU_ASSERT_EQUAL(state_of(&w, 'c', key), GMS_DLV_REVOKED);
    CU_ASSERT_EQUAL(opened(&w, 'c', key), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(state_of(&w, 'c', key), GMS_DLV_REVOKED);
}

static void what_is_open_stays_open_after_a_restart(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct mcptt_key_id key = keyed(&w, "ab");

    CU_ASSERT_EQUAL(opened(&w, 'a', key), MU_OK);
    keeper_world_restart(&w);
    kw_run(&w);
    CU_ASSERT_EQUAL(state_of(&w, 'a', key), GMS_DLV_OPENED);
    CU_ASSERT_EQUAL(opened(&w, 'a', key), MU_OK);
    CU_ASSERT_EQUAL(kw_events(&w, "delivery.opened"), 1);
}

CU_TestInfo gms_keeper_opened_tests[] = {
    {"a receipt opens what was sent", a_receipt_opens_what_was_sent},
    {"fetching a key does not open it", fetching_a_key_does_not_open_it},
    {"a second receipt says the same", a_second_receipt_says_the_same},
    {"what was not sent cannot be opened", what_was_not_sent_cannot_be_opened},
    {"a key on its way is not open", a_key_on_its_way_is_not_open},
    {"a receipt of who was expelled opens nothing",
        a_receipt_of_who_was_expelled_opens_nothing},
    {"what is open stays open after a restart",
        what_is_open_stays_open_after_a_restart},
    CU_TEST_INFO_NULL,
};
