/* SPDX-License-Identifier: Apache-2.0 */
/* What a group's members hold when things go wrong, and when time passes. */
#include <string.h>

#include "tests/gms/keeper_world.h"
#include "tests/suites.h"

#define SPARE "{\"hot_spare\": true}"
#define DAY   UINT64_C(86400)

/* KD-08 and KD-10: a compromise. */
static void a_hard_stop_is_at_once(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct keeper_held held;
    struct gms_gmk old, new;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abcd", 0);
    kw_run(&w);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_ACTIVE, &old));
    kw_put(&w, "acd", KEEPER_HARD);
    kw_run(&w);
    /* No time has passed. */
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_ACTIVE, &new));
    CU_ASSERT_NOT_EQUAL(new.id.v, old.id.v);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "acd");
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_REVOKED, &old));
    /* The one who is out keeps that word, and nothing else. */
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, old.id, true), "abcd");
    kw_read(&w, 'b', &held);
    CU_ASSERT_EQUAL_FATAL(held.count, 1);
    CU_ASSERT(held.at[0].revoked);
    kw_read(&w, 'a', &held);
    CU_ASSERT_EQUAL_FATAL(held.count, 2);
    CU_ASSERT_EQUAL(held.at[0].activation_s, 0); /* now */
}

static void a_hard_stop_takes_the_pending_key_along(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_gmk pending;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abcd", 0);
    kw_run(&w);
    kw_put(&w, "abc", 0);
    kw_wait(&w, 2);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_PENDING, &pending));
    kw_put(&w, "ab", KEEPER_HARD);
    kw_run(&w);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "ab");
    CU_ASSERT_EQUAL(kw_keys(&w, GMS_GMK_REVOKED), 2);
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, pending.id, true), "abc");
    kw_wait(&w, DAY);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "ab");
}

static void a_soft_stop_that_waits_becomes_hard(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abcd", 0);
    kw_run(&w);
    kw_put(&w, "abc", 0);
    kw_put(&w, "ab", KEEPER_HARD);
    kw_run(&w);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "ab");
    CU_ASSERT_EQUAL(w.fake.keys, 2);
}

static void a_group_at_rest_has_a_spare(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_gmk spare, active;
    struct gms_delivery_query query = {.group = span_str(KEEPER_GROUP)};
    struct mu_arena_list list;
    const struct gms_delivery *rows;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abcd", 0);
    kw_settings(&w, SPARE);
    kw_run(&w);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_SPARE, &spare));
    CU_ASSERT_EQUAL(w.fake.wraps, 8);
    CU_ASSERT_EQUAL(w.fake.signs, 4);
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, spare.id, false), "");
    /* Who comes is wrapped for, too. */
    kw_put(&w, "abcde", 0);
    kw_run(&w);
    CU_ASSERT_EQUAL(w.fake.wraps, 10);
    CU_ASSERT_EQUAL(w.fake.signs, 5);
    /* With the leaver's envelope gone the moment he is out, whatever comes. */
    kw_put(&w, "acde", KEEPER_HARD);
    query.member = kw_uri('b');
    CU_ASSERT_EQUAL_FATAL(
        gms_store_deliveries(w.store, &query, &w.arena, &list), MU_OK);
    rows = list.at;
    for (size_t i = 0; i < list.len; i++) {
        CU_ASSERT_EQUAL(rows[i].envelope.len, 0);
        CU_ASSERT_EQUAL(rows[i].message.len, 0);
        CU_ASSERT_EQUAL(rows[i].state, GMS_DLV_REVOKED);
    }
    /* Nothing has to be wrapped to shut him out: the spare is signed. */
    kw_run(&w);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_ACTIVE, &active));
    CU_ASSERT_EQUAL(active.id.v, spare.id.v);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "acde");
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_SPARE, &spare));
    CU_ASSERT_NOT_EQUAL(active.id.v, spare.id.v);
}

static void without_a_use_for_it_a_spare_goes(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "ab", 0);
    kw_settings(&w, SPARE);
    kw_run(&w);
    CU_ASSERT_EQUAL(kw_keys(&w, GMS_GMK_SPARE), 1);
    kw_settings(&w, "{}");
    kw_run(&w);
    CU_ASSERT_EQUAL(kw_keys(&w, GMS_GMK_SPARE), 0);
    CU_ASSERT_EQUAL(kw_keys(&w, GMS_GMK_DESTROYED), 1);
    kw_settings(&w, SPARE);
    kw_run(&w);
    kw_put(&w, NULL, 0);
    kw_run(&w);
    CU_ASSERT_EQUAL(kw_keys(&w, GMS_GMK_SPARE), 0);
}

static bool undo(struct keeper_world *w, const char *members, char letter)
{
    bool cancelled = false;

    kw_put(w, members, 0);
    CU_ASSERT_EQUAL(
        gms_keeper_cancel(w->keeper, span_str("sip:owner@example.org"),
            span_str(KEEPER_GROUP), kw_uri(letter), &cancelled),
        MU_OK);
    return cancelled;
}

static void before_the_first_message_an_undo_cancels(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abc", 0);
    kw_run(&w);
    kw_put(&w, "ab", 0);
    CU_ASSERT(undo(&w, "abc", 'c'));
    kw_wait(&w, 100);
    CU_ASSERT_EQUAL(w.fake.keys, 1);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abc");
    /* Of two it takes back one. */
    kw_put(&w, "ab", 0);
    kw_put(&w, "a", 0);
    CU_ASSERT(undo(&w, "ab", 'b'));
    kw_wait(&w, 100);
    CU_ASSERT_EQUAL(w.fake.keys, 2);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "ab");
}

static void after_the_first_message_he_gets_the_pending_key(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_gmk pending;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abc", 0);
    kw_run(&w);
    kw_put(&w, "ab", 0);
    kw_wait(&w, 2);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_PENDING, &pending));
    CU_ASSERT(!undo(&w, "abc", 'c'));
    kw_run(&w);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abc");
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, pending.id, false), "abc");
    CU_ASSERT_EQUAL(w.fake.keys, 2);
    CU_ASSERT(w.fake.admits > 0);
}

static void a_key_is_renewed_before_it_ends(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_gmk first, second;

    keeper_world_init(&w, KEEPER_FAKE);
    w.policy.lifetime_s = DAY;
    keeper_world_restart(&w);
    kw_put(&w, "ab", 0);
    kw_run(&w);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_ACTIVE, &first));
    CU_ASSERT_EQUAL(first.expiry_s, first.activation_s + DAY);
    kw_wait(&w, DAY - 3600 - 1);
    CU_ASSERT_EQUAL(w.fake.keys, 1);
    kw_wait(&w, 5);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_PENDING, &second));
    kw_fetch(&w, "ab");
    kw_wait(&w, 3600);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_ACTIVE, &second));
    CU_ASSERT_NOT_EQUAL(first.id.v, second.id.v);
    CU_ASSERT_EQUAL(w.fake.keys, 2);
}

static void a_renewal_without_its_quorum_waits(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_gmk before, after;
    struct keeper_held held;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abcde", 0);
    kw_run(&w);
    CU_ASSERT_EQUAL(gms_keeper_rekey(w.keeper, span_str("sip:owner@x"),
                        span_str(KEEPER_GROUP), GMS_STOP_SOFT),
        MU_OK);
    kw_run(&w);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_PENDING, &before));
    kw_fetch(&w, "abc"); /* 60 per cent */
    kw_wait(&w, 31);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_PENDING, &after));
    CU_ASSERT_EQUAL(after.id.v, before.id.v);
    CU_ASSERT(after.activation_s > before.activation_s);
    CU_ASSERT_EQUAL(kw_events(&w, "key.postponed"), 1);
    CU_ASSERT_EQUAL(kw_events(&w, "key.missing"), 1);
    /* The same key, signed again: all messages say the later time. */
    kw_read(&w, 'a', &held);
    CU_ASSERT_EQUAL_FATAL(held.count, 2);
    CU_ASSERT_EQUAL(held.at[0].activation_s, after.activation_s);
    kw_fetch(&w, "abcd");
    kw_wait(&w, 60);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_ACTIVE, &after));
    CU_ASSERT_EQUAL(after.id.v, before.id.v);
}

/* Each wait is as long as all before it, so that the messages of one have time
 * to arrive at last; an hour is enough. */
static void it_waits_longer_each_time(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_gmk key;
    uint64_t at_s = 0;
    unsigned waits = 0;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abcde", 0);
    kw_run(&w);
    CU_ASSERT_EQUAL(gms_keeper_rekey(w.keeper, span_str("sip:owner@x"),
                        span_str(KEEPER_GROUP), GMS_STOP_SOFT),
        MU_OK);
    kw_run(&w);
    while (waits < 100 && kw_key(&w, GMS_GMK_PENDING, &key)) {
        uint64_t issued_s = key.made_ms / 1000;

        if (key.activation_s != at_s && waits > 1)
            CU_ASSERT(
                key.activation_s - issued_s >= 2 * (at_s - issued_s - 5) - 1);
        waits += key.activation_s != at_s ? 1 : 0;
        at_s = key.activation_s;
        kw_wait(&w, 1);
    }
    CU_ASSERT_EQUAL(kw_events(&w, "key.postponed"), waits - 1);
    CU_ASSERT(waits > 3 && waits < 12);
}

static void an_exclusion_without_its_quorum_does_not_wait(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abcde", 0);
    kw_run(&w);
    kw_put(&w, "abcd", 0);
    kw_wait(&w, 32);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abcd");
    CU_ASSERT_EQUAL(kw_events(&w, "key.postponed"), 0);
    CU_ASSERT_EQUAL(kw_events(&w, "key.missing"), 1);
}

/* KD-04 on the level of rows: whoever was away finds a message of the period in
 * which he reads it. */
static void a_new_key_period_has_new_messages(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_period period;
    struct keeper_held a, b;
    struct gms_gmk key;

    keeper_world_init(&w, KEEPER_FAKE);
    w.policy.prebuild_periods = 1;
    keeper_world_restart(&w);
    CU_ASSERT_EQUAL_FATAL(gms_domains_period(w.domains, span_str(VAULT_HOME),
                              w.now.unix_ms / 1000, &period),
        MU_OK);
    /* Three days before its end. */
    kw_skip(&w, period.until_s - w.now.unix_ms / 1000 - 3 * DAY);
    kw_put(&w, "ab", 0);
    kw_run(&w);
    kw_fetch(&w, "a");
    kw_wait(&w, DAY + 10);
    kw_read(&w, 'a', &a);
    kw_read(&w, 'b', &b);
    CU_ASSERT_EQUAL_FATAL(a.count, 1);
    CU_ASSERT_EQUAL(a.at[0].period, period.number);
    /* b has not fetched it: there is one for the next period as well. */
    CU_ASSERT_EQUAL_FATAL(b.count, 2);
    CU_ASSERT_EQUAL(b.at[0].period, period.number);
    CU_ASSERT_EQUAL(b.at[1].period, period.number + 1);
    /* Its timestamp is to come: "now" would be later than the key. */
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_ACTIVE, &key));
    CU_ASSERT_EQUAL(b.at[0].activation_s, 0);
    CU_ASSERT_EQUAL(b.at[1].activation_s, key.activation_s);
    kw_wait(&w, 2 * DAY);
    kw_read(&w, 'b', &b);
    CU_ASSERT_EQUAL_FATAL(b.count, 1);
    CU_ASSERT_EQUAL(b.at[0].period, period.number + 1);
    CU_ASSERT_EQUAL(w.fake.keys, 1);
}

static void a_spare_is_wrapped_again_in_a_new_period(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_period period;
    struct gms_gmk spare, active;
    size_t wraps;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abc", 0);
    kw_settings(&w, SPARE);
    kw_run(&w);
    kw_fetch(&w, "abc");
    CU_ASSERT_EQUAL_FATAL(gms_domains_period(w.domains, span_str(VAULT_HOME),
                              w.now.unix_ms / 1000, &period),
        MU_OK);
    wraps = w.fake.wraps;
    kw_wait(&w, period.until_s - w.now.unix_ms / 1000 + 1);
    CU_ASSERT_EQUAL(w.fake.wraps, wraps + 3);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_SPARE, &spare));
    kw_put(&w, "ab", KEEPER_HARD);
    kw_run(&w);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_ACTIVE, &active));
    CU_ASSERT_EQUAL(active.id.v, spare.id.v);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "ab");
}

static void what_the_vault_had_no_time_for_is_done_by_the_next(void)
{
    /* Each request is once the last of a vault. */
    for (unsigned n = 2; n < 14; n++) {
        MU_CLEANUP(keeper_world_clear) struct keeper_world w;

        keeper_world_init(&w, KEEPER_FAKE);
        kw_put(&w, "abcd", 0);
        kw_settings(&w, n % 2 == 0 ? SPARE : "{}");
        w.fake.dies_after = n;
        kw_run(&w);
        kw_put(&w, "abc", KEEPER_HARD);
        kw_run(&w);
        if (w.vault_down)
            kw_vault_comes(&w);
        kw_wait(&w, 5);
        CU_ASSERT(!w.vault_down);
        CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abc");
        CU_ASSERT_EQUAL(kw_intents(&w), 0);
    }
}

static void without_a_vault_a_change_is_kept(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abcd", 0);
    kw_run(&w);
    kw_vault_dies(&w);
    kw_put(&w, "abc", KEEPER_HARD);
    kw_wait(&w, 100);
    CU_ASSERT(!gms_keeper_stats(w.keeper).vault_up);
    CU_ASSERT(gms_keeper_stats(w.keeper).intents > 0);
    kw_vault_comes(&w);
    kw_run(&w);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abc");
}

static void a_process_that_dies_is_continued_by_the_next(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_gmk old;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abcd", 0);
    keeper_world_restart(&w);
    kw_run(&w);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abcd");
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_ACTIVE, &old));
    kw_put(&w, "abc", 0);
    keeper_world_restart(&w);
    kw_wait(&w, 1);
    CU_ASSERT_EQUAL(kw_keys(&w, GMS_GMK_PENDING), 1);
    keeper_world_restart(&w);
    /* It was away when the key was to be in force. */
    kw_skip(&w, 1000);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abc");
    kw_wait(&w, 70);
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, old.id, true), "abc");
    CU_ASSERT_EQUAL(w.fake.keys, 2);
}

static void an_identifier_that_was_used_is_drawn_again(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_gmk first, second;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abc", 0);
    kw_run(&w);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_ACTIVE, &first));
    w.fake.repeat_key = first.id.v;
    kw_put(&w, "ab", KEEPER_HARD);
    kw_run(&w);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_ACTIVE, &second));
    CU_ASSERT_NOT_EQUAL(first.id.v, second.id.v);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "ab");
    CU_ASSERT_EQUAL(w.fake.keys, 3);
}

/* TS 33.180 clause 5.2.3: he could not tell them apart. */
static void a_key_that_somebody_would_mistake_is_thrown_away(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_delivery_query query = {.group = span_str(KEEPER_GROUP)};
    struct mu_arena_list list;
    struct gms_gmk gone;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abc", 0);
    kw_run(&w);
    query.member = kw_uri('a');
    CU_ASSERT_EQUAL_FATAL(
        gms_store_deliveries(w.store, &query, &w.arena, &list), MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    w.fake.collide_with = ((struct gms_delivery *)list.at)->guk_id.v;
    kw_put(&w, "ab", KEEPER_HARD);
    kw_run(&w);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "ab");
    CU_ASSERT_EQUAL(w.fake.keys, 3);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_DESTROYED, &gone));
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, gone.id, false), "");
}

static void a_vault_that_refuses_is_asked_again_later(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    keeper_world_init(&w, KEEPER_FAKE);
    w.fake.refuse = GMS_REFUSED_NOT_READY;
    kw_put(&w, "abc", 0);
    kw_wait(&w, 60);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "");
    w.fake.refuse = GMS_REFUSED_NOT;
    kw_wait(&w, 60);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abc");
    w.fake.refuse = GMS_REFUSED_KMS;
    kw_put(&w, "abcd", 0);
    kw_wait(&w, 7200);
    CU_ASSERT_EQUAL(kw_events(&w, "delivery.failed"), 0);
    w.fake.refuse = GMS_REFUSED_NOT;
    kw_wait(&w, 3600);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abcd");
}

/* The vault remembers an exclusion that the store does not: he is a member. */
static void the_store_says_who_is_a_member(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    const struct gms_vault_record record = {.op = GMS_VAULT_EXCLUDE,
        .group = span_str(KEEPER_GROUP),
        .epoch = 1,
        .uris = (struct span[]){span_str("sip:c@example.org")},
        .count = 1};

    keeper_world_init(&w, KEEPER_FAKE);
    CU_ASSERT_EQUAL_FATAL(
        gms_book_note(w.fake.book, &record, w.now.unix_ms / 1000), MU_OK);
    kw_put(&w, "abcdef", 0);
    kw_wait(&w, 60);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abcdef");
    CU_ASSERT_EQUAL(w.fake.admits, 1);
}

static void a_server_asks_for_the_key_in_force(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_in_force got;
    struct span server = span_str("sip:mcptt-server@example.org");
    struct span group = span_str(KEEPER_GROUP);

    keeper_world_init(&w, KEEPER_FAKE);
    CU_ASSERT_EQUAL(
        gms_keeper_in_force(w.keeper, server, group, &w.arena, &got),
        MU_E_NOT_FOUND);
    kw_put(&w, "abc", 0);
    CU_ASSERT_EQUAL(
        gms_keeper_in_force(w.keeper, server, group, &w.arena, &got),
        MU_E_EXPIRED);
    kw_run(&w);
    kw_fetch(&w, "ab");
    CU_ASSERT_EQUAL(
        gms_keeper_in_force(w.keeper, server, group, &w.arena, &got), MU_OK);
    CU_ASSERT(!got.made);
    CU_ASSERT_EQUAL(got.members, 3);
    CU_ASSERT_EQUAL(got.held, 2);
    CU_ASSERT_EQUAL(got.gmk.state, GMS_GMK_ACTIVE);
    CU_ASSERT_EQUAL(w.fake.keys, 1);
}

/* Asking twice never makes two. */
static void a_server_gets_a_key_of_its_own_once(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct span server = span_str("sip:floor@example.org");
    struct span group = span_str(KEEPER_GROUP);
    struct gms_delivery row = {0}, again = {0};
    struct fake_message message;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abc", 0);
    kw_run(&w);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(gms_keeper_server_key(w.keeper, server, group,
                            MCPTT_KIND_MUSIK, &w.arena, &row),
            MU_E_EXPIRED);
    kw_run(&w);
    CU_ASSERT_EQUAL_FATAL(gms_keeper_server_key(w.keeper, server, group,
                              MCPTT_KIND_MUSIK, &w.arena, &row),
        MU_OK);
    CU_ASSERT_FATAL(fake_message_read(row.message, &message));
    CU_ASSERT_EQUAL(mcptt_key_id_tag(message.key), MCPTT_KIND_MUSIK);
    CU_ASSERT_STRING_EQUAL(message.member, "sip:floor@example.org");
    CU_ASSERT_EQUAL(w.fake.keys, 2);
    /* Members have nothing to do with it; their key goes on. */
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, message.key, false), "");
    CU_ASSERT_EQUAL_FATAL(gms_keeper_server_key(w.keeper, server, group,
                              MCPTT_KIND_MUSIK, &w.arena, &again),
        MU_OK);
    CU_ASSERT_EQUAL(again.id, row.id);
    CU_ASSERT_EQUAL(gms_keeper_server_key(w.keeper, server, group,
                        MCPTT_KIND_GMK, &w.arena, &row),
        MU_E_UNSUPPORTED);
}

static void a_floor_control_key_is_the_members_too(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct span server = span_str("sip:floor@example.org");
    struct span group = span_str(KEEPER_GROUP);
    struct gms_delivery row = {0};

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abc", 0);
    kw_run(&w);
    CU_ASSERT_EQUAL(gms_keeper_server_key(w.keeper, server, group,
                        MCPTT_KIND_MKFC, &w.arena, &row),
        MU_E_EXPIRED);
    kw_run(&w);
    CU_ASSERT_EQUAL_FATAL(gms_keeper_server_key(w.keeper, server, group,
                              MCPTT_KIND_MKFC, &w.arena, &row),
        MU_OK);
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, row.key, false), "abc");
    /* Whoever leaves takes it along, so that it ends. */
    kw_put(&w, "ab", 0);
    kw_run(&w);
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, row.key, true), "ab");
    CU_ASSERT_EQUAL(gms_keeper_server_key(w.keeper, server, group,
                        MCPTT_KIND_MKFC, &w.arena, &row),
        MU_E_EXPIRED);
}

CU_TestInfo gms_keeper_safe_tests[] = {
    {"a hard stop is at once", a_hard_stop_is_at_once},
    {"a hard stop takes the pending key along",
        a_hard_stop_takes_the_pending_key_along},
    {"a soft stop that waits becomes hard",
        a_soft_stop_that_waits_becomes_hard},
    {"a group at rest has a spare", a_group_at_rest_has_a_spare},
    {"without a use for it a spare goes", without_a_use_for_it_a_spare_goes},
    {"before the first message an undo cancels",
        before_the_first_message_an_undo_cancels},
    {"after the first message he gets the pending key",
        after_the_first_message_he_gets_the_pending_key},
    {"a key is renewed before it ends", a_key_is_renewed_before_it_ends},
    {"a renewal without its quorum waits", a_renewal_without_its_quorum_waits},
    {"it waits longer each time", it_waits_longer_each_time},
    {"an exclusion without its quorum does not wait",
        an_exclusion_without_its_quorum_does_not_wait},
    {"KD-04 a new key period has new messages",
        a_new_key_period_has_new_messages},
    {"a spare is wrapped again in a new period",
        a_spare_is_wrapped_again_in_a_new_period},
    {"what the vault had no time for is done by the next",
        what_the_vault_had_no_time_for_is_done_by_the_next},
    {"without a vault a change is kept", without_a_vault_a_change_is_kept},
    {"a process that dies is continued by the next",
        a_process_that_dies_is_continued_by_the_next},
    {"an identifier that was used is drawn again",
        an_identifier_that_was_used_is_drawn_again},
    {"a key that somebody would mistake is thrown away",
        a_key_that_somebody_would_mistake_is_thrown_away},
    {"a vault that refuses is asked again later",
        a_vault_that_refuses_is_asked_again_later},
    {"the store says who is a member", the_store_says_who_is_a_member},
    {"a server asks for the key in force", a_server_asks_for_the_key_in_force},
    {"a server gets a key of its own once",
        a_server_gets_a_key_of_its_own_once},
    {"a floor control key is the members' too",
        a_floor_control_key_is_the_members_too},
    CU_TEST_INFO_NULL,
};
