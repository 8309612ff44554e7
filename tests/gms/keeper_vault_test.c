/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper with the real vault: messages that members open with keys of their
 * KMS, and how long it takes.
 *
 * MUSTER_KEEPER_MEMBERS=2000 in the environment makes the large group that
 * large, and prints its times.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gms/keeper_in.h"
#include "tests/gms/keeper_world.h"
#include "tests/suites.h"
#include "xml/gktp.h"

#define MEMBERS_DEFAULT 150

/* The messages of a member's key document, the newest key first. */
static size_t messages_of(
    struct keeper_world *w, struct span member, const struct xml_gktp **keys)
{
    struct span text = {0};
    char etag[GMS_KEYDOC_ETAG];
    struct xml_fault fault;
    size_t count = 0;
    enum mu_err err = gms_keydoc_make(
        w->store, span_str(KEEPER_GROUP), member, &w->arena, &text, etag);

    if (err == MU_E_NOT_FOUND)
        return 0;
    CU_ASSERT_EQUAL_FATAL(err, MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        xml_gktp_read(text, &w->arena, &fault, keys, &count), MU_OK);
    return count;
}

/* What he learns from a message. */
struct seen {
    struct mcptt_key key;
    struct mcptt_key_id key_id;
    bool revoked;
    uint64_t activation_s, expiry_s;
    size_t groups;
};

static enum mu_err open_as(
    struct keeper_world *w, char letter, struct span message, struct seen *out)
{
    static struct mcptt_opened opened; /* too large for a stack */
    const struct gms_vault_period period = {
        span_str(VAULT_HOME), w->vault->period};

    TRY(vault_open_message(
        w->vault, message, &period, kw_uri(letter), &opened));
    *out = (struct seen){.key = opened.key,
        .key_id = opened.key_id,
        .revoked = mcptt_key_params_revoked(&opened.params, 0),
        .activation_s = opened.params.activation_s,
        .expiry_s = opened.params.expiry_s,
        .groups = opened.params.group_count};
    mcptt_opened_clear(&opened);
    return MU_OK;
}

/* Opens the n-th message of a member's document. */
static void open_nth(
    struct keeper_world *w, char letter, size_t n, struct seen *out)
{
    const struct xml_gktp *keys = NULL;
    size_t count = messages_of(w, kw_uri(letter), &keys);

    CU_ASSERT_FATAL(n < count);
    CU_ASSERT_EQUAL_FATAL(open_as(w, letter, keys[n].message, out), MU_OK);
}

static bool same_key(const struct seen *a, const struct seen *b)
{
    return mcptt_key_eq(&a->key, &b->key) && a->key_id.v == b->key_id.v;
}

static void a_compromised_member_opens_nothing_new(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct seen old;
    struct seen a;
    struct seen other;
    const struct xml_gktp *keys = NULL;

    keeper_world_init(&w, KEEPER_INSIDE);
    kw_put(&w, "abc", 0);
    kw_settings(&w, "{\"hot_spare\": true, \"lifetime_s\": 86400}");
    kw_run(&w);
    open_nth(&w, 'b', 0, &old);
    kw_put(&w, "ac", KEEPER_HARD);
    kw_run(&w);
    open_nth(&w, 'a', 0, &a);
    open_nth(&w, 'c', 0, &other);
    CU_ASSERT(same_key(&a, &other));
    CU_ASSERT(!mcptt_key_eq(&a.key, &old.key));
    CU_ASSERT(!a.revoked);
    CU_ASSERT_EQUAL(a.activation_s, 0);
    CU_ASSERT_EQUAL(a.expiry_s, w.now.unix_ms / 1000 + 86400);
    /* All that is left to him: that the old one is over. */
    CU_ASSERT_EQUAL_FATAL(messages_of(&w, kw_uri('b'), &keys), 1);
    open_nth(&w, 'b', 0, &other);
    CU_ASSERT(same_key(&other, &old));
    CU_ASSERT(other.revoked);
    /* And another one's message is of no use to him. */
    CU_ASSERT_EQUAL_FATAL(messages_of(&w, kw_uri('a'), &keys), 2);
    CU_ASSERT_NOT_EQUAL(open_as(&w, 'b', keys[0].message, &other), MU_OK);
}

static void his_successor_opens_a_message_of_his_own(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct seen a;
    struct seen d;
    const struct xml_gktp *keys = NULL;

    keeper_world_init(&w, KEEPER_INSIDE);
    kw_put(&w, "abc", 0);
    kw_run(&w);
    CU_ASSERT_EQUAL_FATAL(messages_of(&w, kw_uri('b'), &keys), 1);
    CU_ASSERT_NOT_EQUAL(open_as(&w, 'd', keys[0].message, &d), MU_OK);
    w.retarget = true;
    kw_put(&w, "acd", 0);
    kw_wait(&w, 1);
    CU_ASSERT_EQUAL(messages_of(&w, kw_uri('b'), &keys), 0);
    CU_ASSERT_EQUAL(messages_of(&w, kw_uri('d'), &keys), 2);
    open_nth(&w, 'a', 0, &a);
    open_nth(&w, 'd', 0, &d);
    CU_ASSERT(same_key(&a, &d));
    CU_ASSERT_EQUAL(d.activation_s, w.now.unix_ms / 1000 - 1 + 30);
}

static void a_message_names_all_groups_of_its_key(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct seen a;

    keeper_world_init(&w, KEEPER_INSIDE);
    w.ids[1] = span_str("sip:video-42@groups.example.org");
    w.id_count = 2;
    kw_put(&w, "ab", 0);
    kw_run(&w);
    open_nth(&w, 'a', 0, &a);
    CU_ASSERT_EQUAL(a.groups, 2);
}

static void the_rest_of_a_life_with_the_real_vault(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct seen old;
    struct seen a;
    const struct xml_gktp *keys = NULL;

    keeper_world_init(&w, KEEPER_INSIDE);
    kw_put(&w, "abc", 0);
    kw_run(&w);
    open_nth(&w, 'a', 0, &old);
    kw_put(&w, "ab", 0);
    kw_wait(&w, 100);
    CU_ASSERT_EQUAL(kw_keys(&w, GMS_GMK_ACTIVE), 1);
    CU_ASSERT_EQUAL(kw_keys(&w, GMS_GMK_REVOKED), 1);
    CU_ASSERT_EQUAL_FATAL(messages_of(&w, kw_uri('a'), &keys), 2);
    open_nth(&w, 'a', 1, &a);
    CU_ASSERT(same_key(&a, &old));
    CU_ASSERT(a.revoked);
    /* A joiner after all that, one who was out, and a key of a server. */
    kw_put(&w, "abcd", 0);
    kw_run(&w);
    open_nth(&w, 'c', 0, &a);
    CU_ASSERT(!same_key(&a, &old));
    CU_ASSERT_EQUAL(kw_intents(&w), 0);
}

static void a_vault_that_is_killed_is_replaced(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct seen a;

    keeper_world_init(&w, KEEPER_PROCESS);
    kw_put(&w, "abcd", 0);
    kw_run(&w);
    kw_put(&w, "abc", KEEPER_HARD);
    kw_vault_dies(&w);
    kw_run(&w);
    CU_ASSERT(kw_intents(&w) > 0);
    kw_vault_comes(&w);
    kw_run(&w);
    CU_ASSERT_EQUAL(kw_intents(&w), 0);
    open_nth(&w, 'a', 0, &a);
    CU_ASSERT(!a.revoked);
}

/* -------------------------------------------------------------------- figures
 */

struct large {
    size_t count;
    struct gms_holder *holders;
    char (*uris)[48];
};

static void make_large(struct keeper_world *w, struct large *large)
{
    const char *wanted = getenv("MUSTER_KEEPER_MEMBERS");

    large->count = wanted != NULL ? strtoul(wanted, NULL, 10) : MEMBERS_DEFAULT;
    large->holders =
        mu_arena_alloc(&w->arena, large->count, sizeof(*large->holders));
    large->uris = mu_arena_alloc(&w->arena, large->count, 48);
    CU_ASSERT_PTR_NOT_NULL_FATAL(large->uris);
    for (size_t i = 0; i < large->count; i++) {
        (void)snprintf(large->uris[i], 48, "sip:member-%05zu@example.org", i);
        large->holders[i] =
            (struct gms_holder){span_str(large->uris[i]), span_str(VAULT_HOME)};
    }
}

/* The group without the last so many of its members. */
static void put_large(struct keeper_world *w, const struct large *large,
    size_t without, enum gms_stop stop)
{
    struct gms_doc doc = {.uri = span_str(KEEPER_GROUP),
        .xui = span_str("sip:owner@example.org"),
        .name = span_str("group.xml"),
        .text = span_str("<group/>")};
    struct gms_write write = {.actor = span_str("sip:owner@example.org"),
        .doc = &doc,
        .stop = stop,
        .view = {.exists = true,
            .keyed = true,
            .holders = large->holders,
            .count = large->count - without,
            .ids = {span_str(KEEPER_GROUP)},
            .id_count = 1}};

    CU_ASSERT_EQUAL_FATAL(
        gms_keeper_write(w->keeper, &write, &w->arena, NULL), MU_OK);
}

/* How long it took until so many messages more were signed; and the processor
 * time of the longest turn of the loop, in microseconds. */
struct times {
    uint64_t all_ms, turn_us, busy_ms;
};

static uint64_t processor_us(void)
{
    struct timespec t = {0, 0};

    CU_ASSERT_EQUAL_FATAL(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t), 0);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static struct times run_until(struct keeper_world *w, uint64_t more)
{
    const struct mu_clock *clock = mu_clock_system();
    uint64_t begin_ms = mu_clock_mono_ms(clock), begin_us = processor_us();
    uint64_t wanted = w->keeper->stats.messages_signed + more;
    struct times times = {0, 0, 0};

    while (w->keeper->stats.messages_signed < wanted) {
        uint64_t before_us = processor_us(), turn_us;

        CU_ASSERT_FATAL(event_base_loop(w->base, EVLOOP_ONCE) >= 0);
        turn_us = processor_us() - before_us;
        if (turn_us > times.turn_us)
            times.turn_us = turn_us;
    }
    times.all_ms = mu_clock_mono_ms(clock) - begin_ms;
    times.busy_ms = (processor_us() - begin_us) / 1000;
    return times;
}

static void report(const char *what, const struct large *large, struct times t)
{
    if (getenv("MUSTER_KEEPER_MEMBERS") != NULL)
        printf("\n%s, %zu members: %llu ms, %llu of them the keeper's; longest"
               " turn %llu us",
            what, large->count, (unsigned long long)t.all_ms,
            (unsigned long long)t.busy_ms, (unsigned long long)t.turn_us);
}

static void a_large_group_is_keyed_and_rekeyed(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct large large;

    keeper_world_init(&w, KEEPER_PROCESS);
    make_large(&w, &large);
    put_large(&w, &large, 0, GMS_STOP_SOFT);
    report("created", &large, run_until(&w, large.count));
    put_large(&w, &large, 1, GMS_STOP_HARD);
    report("expelled, cold", &large, run_until(&w, large.count - 1));
    kw_settings(&w, "{\"hot_spare\": true}");
    kw_run(&w);
    CU_ASSERT_EQUAL(kw_keys(&w, GMS_GMK_SPARE), 1);
    put_large(&w, &large, 2, GMS_STOP_HARD);
    report("expelled, hot", &large, run_until(&w, large.count - 2));
    kw_run(&w);
    CU_ASSERT_EQUAL(kw_intents(&w), 0);
    CU_ASSERT_EQUAL(kw_keys(&w, GMS_GMK_SPARE), 1);
}

CU_TestInfo gms_keeper_vault_tests[] = {
    {"KD-10 a compromised member opens nothing new",
        a_compromised_member_opens_nothing_new},
    {"KD-05 his successor opens a message of his own",
        his_successor_opens_a_message_of_his_own},
    {"KD-11 a message names all groups of its key",
        a_message_names_all_groups_of_its_key},
    {"the rest of a life with the real vault",
        the_rest_of_a_life_with_the_real_vault},
    {"a vault that is killed is replaced", a_vault_that_is_killed_is_replaced},
    {"a large group is keyed and rekeyed", a_large_group_is_keyed_and_rekeyed},
    CU_TEST_INFO_NULL,
};
