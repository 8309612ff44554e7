/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random changes of a small group, with vault and process dying in between,
 * against a model of who may hold what. The model is as simple as it can be: a
 * member may read a key that was made or in force while he was in the group,
 * and nothing else; when all is quiet, every member reads the key in force.
 */
#include <stdio.h>
#include <string.h>

#include "tests/gms/keeper_world.h"
#include "tests/suites.h"

#define KEYS_MAX 512
#define PEOPLE   6

/* Who was in the group when, by the epoch of keys: a bit each. */
struct model {
    char members[PEOPLE + 1];
    bool in[PEOPLE];
    bool may_hold[KEYS_MAX][PEOPLE];
};

static void set_members(struct model *m)
{
    size_t count = 0;

    for (int i = 0; i < PEOPLE; i++)
        if (m->in[i])
            m->members[count++] = (char)('a' + i);
    m->members[count] = '\0';
}

/* Keys that are out now may be held by whoever is in now. */
static void learn(struct keeper_world *w, struct model *m)
{
    struct mu_arena_list list;
    const struct gms_gmk *keys;

    CU_ASSERT_EQUAL_FATAL(
        gms_store_gmks(w->store, span_str(KEEPER_GROUP), &w->arena, &list),
        MU_OK);
    keys = list.at;
    for (size_t i = 0; i < list.len; i++) {
        CU_ASSERT_FATAL(keys[i].epoch < KEYS_MAX);
        for (int who = 0; who < PEOPLE; who++)
            if (gms_gmk_is_live(keys[i].state) && m->in[who])
                m->may_hold[keys[i].epoch][who] = true;
    }
}

static void check_reader(struct keeper_world *w, const struct model *m, int who)
{
    struct keeper_held held;

    kw_read(w, (char)('a' + who), &held);
    for (size_t i = 0; i < held.count; i++)
        CU_ASSERT(m->may_hold[held.at[i].epoch][who]);
}

/* At any moment nobody reads what is not his. */
static void check_safe(struct keeper_world *w, struct model *m)
{
    learn(w, m);
    for (int who = 0; who < PEOPLE; who++)
        check_reader(w, m, who);
    CU_ASSERT(kw_keys(w, GMS_GMK_ACTIVE) <= 1);
    CU_ASSERT(kw_keys(w, GMS_GMK_PENDING) <= 1);
}

/* When all is quiet, everybody in it can talk, and nobody else. */
static void check_quiet(struct keeper_world *w, struct model *m)
{
    kw_wait(w, 2);
    kw_fetch(w, m->members);
    kw_wait(w, 200);
    check_safe(w, m);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(w), m->members);
    CU_ASSERT_EQUAL(kw_intents(w), 0);
    CU_ASSERT_EQUAL(kw_keys(w, GMS_GMK_PENDING), 0);
}

static void edit(struct keeper_world *w, struct model *m)
{
    bool hard = test_rng_below(&w->rng, 3) == 0;

    for (int who = 0; who < PEOPLE; who++)
        if (test_rng_below(&w->rng, 4) == 0)
            m->in[who] = !m->in[who];
    set_members(m);
    kw_put(w, m->members, hard ? KEEPER_HARD : 0);
}

/* Something else happens: time, crashes, somebody fetches. */
static void happen(struct keeper_world *w, const struct model *m)
{
    switch (test_rng_below(&w->rng, 8)) {
    case 0:
        w->fake.dies_after = 1 + (unsigned)test_rng_below(&w->rng, 6);
        break;
    case 1:
        keeper_world_restart(w);
        break;
    case 2:
        kw_skip(w, test_rng_below(&w->rng, 200));
        break;
    case 3:
        kw_fetch(w, m->members);
        break;
    case 4:
        kw_wait(w, test_rng_below(&w->rng, 90));
        break;
    default:
        kw_run(w);
    }
    kw_run(w);
    if (w->vault_down)
        kw_vault_comes(w);
}

static void play(uint64_t seed, const char *settings, unsigned rounds)
{
    static struct model m;
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    memset(&m, 0, sizeof(m));
    keeper_world_init(&w, KEEPER_FAKE);
    test_rng_init(&w.rng, seed);
    m.in[0] = m.in[1] = m.in[2] = true;
    set_members(&m);
    kw_put(&w, m.members, 0);
    kw_settings(&w, settings);
    kw_run(&w);
    check_safe(&w, &m);
    for (unsigned round = 0; round < rounds; round++) {
        edit(&w, &m);
        check_safe(&w, &m);
        happen(&w, &m);
        check_safe(&w, &m);
        mu_arena_clear(&w.arena);
        mu_arena_init(&w.arena, 64U << 20);
    }
    w.fake.dies_after = 0;
    check_quiet(&w, &m);
}

static void no_change_gives_a_key_to_whom_it_is_not_for(void)
{
    for (uint64_t seed = 1; seed <= 50; seed++)
        play(seed, seed % 2 == 0 ? "{\"hot_spare\": true}" : "{}", 20);
}

CU_TestInfo gms_keeper_model_tests[] = {
    {"no change gives a key to whom it is not for",
        no_change_gives_a_key_to_whom_it_is_not_for},
    CU_TEST_INFO_NULL,
};
