/* SPDX-License-Identifier: Apache-2.0 */
/* What a group's members hold, in the ordinary course of things. */
#include <string.h>

#include "tests/gms/keeper_world.h"
#include "tests/suites.h"

static void a_new_group_has_its_key_at_once(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct keeper_held held;
    struct gms_gmk gmk;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abC", 0);
    kw_run(&w);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_ACTIVE, &gmk));
    CU_ASSERT_EQUAL(gmk.activation_s, w.now.unix_ms / 1000);
    CU_ASSERT(span_eq(gmk.reason, span_str("created")));
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abc");
    kw_read(&w, 'c', &held);
    CU_ASSERT_EQUAL_FATAL(held.count, 1);
    CU_ASSERT_STRING_EQUAL(held.at[0].kms, VAULT_ABROAD);
    CU_ASSERT_EQUAL(held.at[0].groups, 1);
    CU_ASSERT_EQUAL(kw_intents(&w), 0);
    CU_ASSERT_EQUAL(kw_events(&w, "key.activated"), 1);
}

/* XC-12, as far as keys go, is the same: the view says that it is not keyed. */
static void what_is_not_protected_is_not_keyed(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    keeper_world_init(&w, KEEPER_FAKE);
    w.unkeyed = true;
    kw_put(&w, "abc", 0);
    kw_wait(&w, 100);
    CU_ASSERT_EQUAL(w.fake.keys, 0);
    CU_ASSERT_EQUAL(gms_keeper_rekey(w.keeper, span_str("x"),
                        span_str(KEEPER_GROUP), GMS_STOP_SOFT),
        MU_E_STATE);
    w.unkeyed = false;
    kw_put(&w, "abc", 0);
    kw_run(&w);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abc");
    w.unkeyed = true;
    kw_put(&w, "abc", 0);
    kw_wait(&w, 100);
    /* The key stays until it expires, and a new one is made with protection. */
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abc");
    w.unkeyed = false;
    kw_put(&w, "ab", 0);
    kw_wait(&w, 100);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "ab");
    CU_ASSERT_EQUAL(w.fake.keys, 2);
}

static void a_member_who_comes_gets_one_message(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "ab", 0);
    kw_run(&w);
    CU_ASSERT_EQUAL(w.fake.signs, 2);
    kw_put(&w, "abc", 0);
    kw_run(&w);
    CU_ASSERT_EQUAL(w.fake.signs, 3);
    CU_ASSERT_EQUAL(w.fake.keys, 1);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abc");
    /* Renamed: the same members, another text. */
    kw_put(&w, "abc", 0);
    kw_wait(&w, 100);
    CU_ASSERT_EQUAL(w.fake.signs, 3);
    CU_ASSERT_EQUAL(w.fake.keys, 1);
}

static void a_member_who_leaves_holds_nothing_new(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_gmk old, new;
    struct keeper_held held;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abc", 0);
    kw_run(&w);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_ACTIVE, &old));
    kw_put(&w, "ac", 0);
    kw_wait(&w, 1);
    /* Make before break: both are there, the old one is in force. */
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_PENDING, &new));
    CU_ASSERT(new.epoch > old.epoch);
    CU_ASSERT_EQUAL(new.activation_s, w.now.unix_ms / 1000 - 1 + 30 + 0);
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, new.id, false), "ac");
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, old.id, false), "ac");
    kw_wait(&w, 30);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_SUPERSEDED, &old));
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "ac");
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, old.id, false), "ac");
    kw_wait(&w, 60);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_REVOKED, &old));
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, old.id, true), "ac");
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, old.id, false), "");
    kw_read(&w, 'b', &held);
    CU_ASSERT_EQUAL(held.count, 0);
    kw_wait(&w, 600);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_DESTROYED, &old));
    CU_ASSERT_EQUAL(old.sealed.len, 0);
    kw_read(&w, 'a', &held);
    CU_ASSERT_EQUAL(held.count, 1);
    CU_ASSERT_EQUAL(w.fake.excludes, 1);
}

static void soft_stops_become_one_rekey(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abcdef", 0);
    kw_run(&w);
    kw_put(&w, "abcde", 0);
    kw_put(&w, "abcd", 0);
    kw_run(&w);
    kw_put(&w, "abc", 0);
    kw_wait(&w, 1);
    CU_ASSERT_EQUAL(w.fake.keys, 2);
    /* Later than that: another one, when this one is in force. */
    kw_put(&w, "ab", 0);
    kw_wait(&w, 20);
    CU_ASSERT_EQUAL(kw_keys(&w, GMS_GMK_PENDING), 1);
    kw_wait(&w, 60);
    CU_ASSERT_EQUAL(w.fake.keys, 3);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "ab");
}

/* KD-05, with what the real vault says of it in keeper_vault_test.c. */
static void one_member_in_the_place_of_another_is_one_rekey(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_gmk old, new;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abc", 0);
    kw_run(&w);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_ACTIVE, &old));
    w.retarget = true;
    kw_put(&w, "abd", 0);
    kw_run(&w);
    /* The newcomer talks at once. */
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abd");
    kw_wait(&w, 1);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_PENDING, &new));
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, new.id, false), "abd");
    kw_wait(&w, 31);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abd");
    CU_ASSERT_EQUAL(w.fake.keys, 2);
}

static void who_comes_during_the_grace_has_both_keys(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_gmk old, new;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abc", 0);
    kw_run(&w);
    kw_put(&w, "ab", 0);
    kw_wait(&w, 1);
    kw_put(&w, "abd", 0);
    kw_run(&w);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_ACTIVE, &old));
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_PENDING, &new));
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, old.id, false), "abd");
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, new.id, false), "abd");
}

static void backward_secrecy_keeps_the_past_from_newcomers(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_gmk old;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "ab", 0);
    kw_settings(&w, "{\"backward_secrecy\": true}");
    kw_run(&w);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_ACTIVE, &old));
    kw_put(&w, "abc", 0);
    kw_wait(&w, 20);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "ab");
    kw_fetch(&w, "abc");
    kw_wait(&w, 15);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abc");
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, old.id, false), "ab");
    kw_wait(&w, 100);
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, old.id, true), "ab");
}

static void a_key_is_said_to_be_for_all_its_groups(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct keeper_held held;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "ab", 0);
    kw_run(&w);
    w.ids[1] = span_str("sip:video@groups.example.org");
    w.id_count = 2;
    kw_put(&w, "ab", 0);
    kw_run(&w);
    CU_ASSERT_EQUAL(w.fake.keys, 1);
    CU_ASSERT_EQUAL(w.fake.wraps, 2);
    CU_ASSERT_EQUAL(w.fake.signs, 4);
    kw_read(&w, 'a', &held);
    CU_ASSERT_EQUAL_FATAL(held.count, 1);
    CU_ASSERT_EQUAL(held.at[0].groups, 2);
}

static void a_disabled_group_ends_its_keys_and_begins_anew(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_gmk old;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "ab", 0);
    kw_run(&w);
    w.disabled = true;
    kw_put(&w, "ab", 0);
    kw_run(&w);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_REVOKED, &old));
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, old.id, true), "ab");
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "");
    w.disabled = false;
    kw_put(&w, "abc", 0);
    kw_run(&w);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abc");
}

static void a_deleted_group_says_so_and_is_forgotten(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_group_row row;
    struct gms_gmk old;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "ab", 0);
    kw_run(&w);
    kw_put(&w, NULL, 0);
    kw_run(&w);
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_REVOKED, &old));
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, old.id, true), "ab");
    kw_wait(&w, 601);
    CU_ASSERT_STRING_EQUAL(kw_who_reads(&w, old.id, true), "");
    CU_ASSERT_EQUAL(
        gms_store_group(w.store, span_str(KEEPER_GROUP), &w.arena, &row),
        MU_E_NOT_FOUND);
    /* Its URI is used again: nothing of the past is valid. */
    kw_put(&w, "bc", 0);
    kw_run(&w);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "bc");
    CU_ASSERT_FATAL(kw_key(&w, GMS_GMK_ACTIVE, &old));
    CU_ASSERT_EQUAL(old.epoch, 2);
}

static void a_member_who_moves_is_sent_a_message_of_his_own(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct keeper_held held;

    keeper_world_init(&w, KEEPER_FAKE);
    kw_put(&w, "abc", 0);
    kw_run(&w);
    kw_put(&w, "aBc", 0);
    kw_run(&w);
    CU_ASSERT_EQUAL(w.fake.keys, 1);
    CU_ASSERT_EQUAL(w.fake.signs, 4);
    kw_read(&w, 'b', &held);
    CU_ASSERT_EQUAL_FATAL(held.count, 1);
    CU_ASSERT_STRING_EQUAL(held.at[0].kms, VAULT_ABROAD);
    /* And back again. */
    kw_put(&w, "abc", 0);
    kw_run(&w);
    kw_read(&w, 'b', &held);
    CU_ASSERT_EQUAL_FATAL(held.count, 1);
    CU_ASSERT_STRING_EQUAL(held.at[0].kms, VAULT_HOME);
}

CU_TestInfo gms_keeper_tests[] = {
    {"a new group has its key at once", a_new_group_has_its_key_at_once},
    {"XC-10 what is not protected is not keyed",
        what_is_not_protected_is_not_keyed},
    {"KD-09 a member who comes gets one message",
        a_member_who_comes_gets_one_message},
    {"KD-08 a member who leaves holds nothing new",
        a_member_who_leaves_holds_nothing_new},
    {"soft stops become one rekey", soft_stops_become_one_rekey},
    {"one member in the place of another is one rekey",
        one_member_in_the_place_of_another_is_one_rekey},
    {"who comes during the grace has both keys",
        who_comes_during_the_grace_has_both_keys},
    {"backward secrecy keeps the past from newcomers",
        backward_secrecy_keeps_the_past_from_newcomers},
    {"a key is said to be for all its groups",
        a_key_is_said_to_be_for_all_its_groups},
    {"a disabled group ends its keys and begins anew",
        a_disabled_group_ends_its_keys_and_begins_anew},
    {"a deleted group says so and is forgotten",
        a_deleted_group_says_so_and_is_forgotten},
    {"a member who moves is sent a message of his own",
        a_member_who_moves_is_sent_a_message_of_his_own},
    CU_TEST_INFO_NULL,
};
