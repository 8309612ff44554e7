/* SPDX-License-Identifier: Apache-2.0 */
/* OPENED rests on receipts, and on nothing else. */
#include "gms/keeper_in.h"
#include "tests/gms/keeper_world.h"
#include "tests/suites.h"

/* A receipt and what is said to it. */
struct proof {
    struct gms_opened opened;
    enum mu_err err;
    unsigned answers;
};

static void on_done(void *ctx, enum mu_err err)
{
    struct proof *proof = ctx;

    proof->err = err;
    proof->answers++;
}

static void prove(struct keeper_world *w, struct proof *proof,
    const char *group, char letter, struct mcptt_key_id key)
{
    *proof = (struct proof){.opened = {.group = span_str(group),
                                .member = kw_uri(letter),
                                .key = key,
                                .done = on_done,
                                .ctx = proof}};
    gms_keeper_opened(w->keeper, &proof->opened);
    CU_ASSERT_EQUAL(proof->answers, 0);
}

/* One that comes alone. */
static enum mu_err opened_in(struct keeper_world *w, const char *group,
    char letter, struct mcptt_key_id key)
{
    struct proof proof;

    prove(w, &proof, group, letter, key);
    kw_run(w);
    CU_ASSERT_EQUAL_FATAL(proof.answers, 1);
    return proof.err;
}

static enum mu_err opened(
    struct keeper_world *w, char letter, struct mcptt_key_id key)
{
    return opened_in(w, KEEPER_GROUP, letter, key);
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
    CU_ASSERT_EQUAL(opened_in(&w, "sip:other@groups.example.org", 'a', key),
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

/* How many transactions the store has seen. */
static uint64_t commits(struct keeper_world *w)
{
    struct gms_store_times times = gms_store_times(w->store);
    uint64_t count = 0;

    for (size_t i = 0; i <= GMS_STORE_BOUNDS; i++)
        count += times.buckets[i];
    return count;
}

static void receipts_of_a_moment_are_one_transaction(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct mcptt_key_id key = keyed(&w, "abcd");
    struct proof proofs[4];
    uint64_t before;

    gms_store_set_clock(w.store, &w.now.clock);
    before = commits(&w);
    prove(&w, &proofs[0], KEEPER_GROUP, 'a', key);
    prove(&w, &proofs[1], KEEPER_GROUP, 'e', key); /* was sent nothing */
    prove(&w, &proofs[2], KEEPER_GROUP, 'b', key);
    prove(&w, &proofs[3], KEEPER_GROUP, 'b', key);
    kw_run(&w);
    CU_ASSERT_EQUAL(commits(&w), before + 1);
    CU_ASSERT_EQUAL(proofs[0].err, MU_OK);
    CU_ASSERT_EQUAL(proofs[1].err, MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(proofs[2].err, MU_OK);
    CU_ASSERT_EQUAL(proofs[3].err, MU_OK);
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(proofs[i].answers, 1);
    CU_ASSERT_EQUAL(gms_keeper_stats(w.keeper).opened, 2);
    CU_ASSERT_EQUAL(kw_events(&w, "delivery.opened"), 2);
}

/* More than one transaction takes: none is left behind. */
static void many_receipts_are_several_transactions(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct mcptt_key_id key = keyed(&w, "ab");
    static struct proof proofs[KEEPER_CHUNK + 1];
    uint64_t before;

    gms_store_set_clock(w.store, &w.now.clock);
    before = commits(&w);
    for (size_t i = 0; i < KEEPER_CHUNK + 1; i++)
        prove(&w, &proofs[i], KEEPER_GROUP, i < KEEPER_CHUNK ? 'a' : 'b', key);
    kw_run(&w);
    CU_ASSERT_EQUAL(commits(&w), before + 2);
    for (size_t i = 0; i < KEEPER_CHUNK + 1; i++) {
        CU_ASSERT_EQUAL(proofs[i].err, MU_OK);
        CU_ASSERT_EQUAL(proofs[i].answers, 1);
    }
    CU_ASSERT_EQUAL(gms_keeper_stats(w.keeper).opened, 2);
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
    {"receipts of a moment are one transaction",
        receipts_of_a_moment_are_one_transaction},
    {"many receipts are several transactions",
        many_receipts_are_several_transactions},
    CU_TEST_INFO_NULL,
};
