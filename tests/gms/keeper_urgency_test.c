/* SPDX-License-Identifier: Apache-2.0 */
/* What servers say of a group's call, and what becomes of its deliveries. */
#include <string.h>

#include "tests/gms/keeper_world.h"
#include "tests/suites.h"

/* talkers and affiliated: letters. */
static enum mu_err tell(struct keeper_world *w, enum gms_condition condition,
    const char *talkers, const char *affiliated)
{
    struct span uris[2][8];
    const char *letters[2] = {talkers, affiliated};
    struct gms_urgency_word word = {
        .urgency = {condition, w->now.unix_ms + 60000},
        .talkers = uris[0],
        .talker_count = strlen(talkers),
        .affiliated = uris[1],
        .affiliated_count = strlen(affiliated)};

    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; letters[i][j] != '\0'; j++)
            uris[i][j] = kw_uri(letters[i][j]);
    return gms_keeper_set_urgency(w->keeper, span_str("sip:server@example.org"),
        span_str(KEEPER_GROUP), &word);
}

/* The class of the newest row of each of KEEPER_ALL, a digit; '-' for none. */
static const char *classes(struct keeper_world *w)
{
    size_t at = 0;

    for (const char *c = KEEPER_ALL; *c != '\0'; c++) {
        const struct gms_delivery_query query = {.purpose = GMS_ISSUES,
            .group = span_str(KEEPER_GROUP),
            .member = kw_uri(*c),
            .bare = true,
            .by_id = true};
        struct mu_arena_list list;
        const struct gms_delivery *rows;

        CU_ASSERT_EQUAL_FATAL(
            gms_store_deliveries(w->store, &query, &w->arena, &list), MU_OK);
        rows = list.at;
        w->text[at++] = '-';
        if (list.len > 0)
            w->text[at - 1] = "0123456789"[rows[list.len - 1].class];
    }
    w->text[at] = '\0';
    return w->text;
}

static void rekey(struct keeper_world *w)
{
    CU_ASSERT_EQUAL_FATAL(gms_keeper_rekey(w->keeper, span_str("x"),
                              span_str(KEEPER_GROUP), GMS_STOP_SOFT),
        MU_OK);
    kw_run(w);
}

static void begin(struct keeper_world *w)
{
    keeper_world_init(w, KEEPER_FAKE);
    w->policy.hot_spare = false;
    keeper_world_restart(w);
    kw_put(w, "abcd", 0);
    kw_run(w);
    kw_fetch(w, "abcd");
}

static void keys_of_an_emergency_are_of_that_class(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    begin(&w);
    CU_ASSERT_STRING_EQUAL(classes(&w), "4444----");
    CU_ASSERT_EQUAL(tell(&w, GMS_CONDITION_EMERGENCY, "", ""), MU_OK);
    rekey(&w);
    CU_ASSERT_STRING_EQUAL(classes(&w), "0000----");
    CU_ASSERT_EQUAL(tell(&w, GMS_CONDITION_PERIL, "", ""), MU_OK);
    kw_wait(&w, 1000);
    CU_ASSERT_EQUAL(tell(&w, GMS_CONDITION_PERIL, "", ""), MU_OK);
    kw_put(&w, "abcde", 0);
    kw_run(&w);
    CU_ASSERT_EQUAL(classes(&w)[4], '1');
}

static void talkers_come_before_the_others(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    begin(&w);
    CU_ASSERT_EQUAL(tell(&w, GMS_CONDITION_NORMAL, "cz", "ab"), MU_OK);
    rekey(&w);
    CU_ASSERT_STRING_EQUAL(classes(&w), "4434----");
    kw_put(&w, "abc", 0);
    kw_wait(&w, 60);
    CU_ASSERT_EQUAL(classes(&w)[2], '2'); /* an exclusion is more than that */
}

static void what_is_under_way_is_raised_and_never_lowered(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    begin(&w);
    rekey(&w);
    kw_fetch(&w, "a");
    CU_ASSERT_STRING_EQUAL(classes(&w), "4444----");
    CU_ASSERT_EQUAL(tell(&w, GMS_CONDITION_PERIL, "", ""), MU_OK);
    CU_ASSERT_STRING_EQUAL(classes(&w), "4111----"); /* a has it */
    CU_ASSERT_EQUAL(tell(&w, GMS_CONDITION_NORMAL, "", ""), MU_OK);
    CU_ASSERT_STRING_EQUAL(classes(&w), "4111----");
}

static void a_word_is_forgotten_in_time(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    begin(&w);
    CU_ASSERT_EQUAL(tell(&w, GMS_CONDITION_EMERGENCY, "a", ""), MU_OK);
    kw_wait(&w, 60);
    rekey(&w);
    CU_ASSERT_STRING_EQUAL(classes(&w), "4444----");
}

static void a_word_outlives_the_process(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    begin(&w);
    CU_ASSERT_EQUAL(tell(&w, GMS_CONDITION_EMERGENCY, "", ""), MU_OK);
    keeper_world_restart(&w);
    rekey(&w);
    CU_ASSERT_STRING_EQUAL(classes(&w), "0000----");
}

/* Who talks changes all the time; that there is an emergency does not. */
static void a_condition_that_changes_is_told_of_once(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    begin(&w);
    CU_ASSERT_EQUAL(tell(&w, GMS_CONDITION_EMERGENCY, "a", ""), MU_OK);
    CU_ASSERT_EQUAL(tell(&w, GMS_CONDITION_EMERGENCY, "b", ""), MU_OK);
    CU_ASSERT_EQUAL(kw_events(&w, "group.urgency"), 1);
    CU_ASSERT_EQUAL(tell(&w, GMS_CONDITION_NORMAL, "", ""), MU_OK);
    CU_ASSERT_EQUAL(kw_events(&w, "group.urgency"), 2);
}

static void a_standing_stays_with_an_edit_and_goes_with_its_holder(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_urgency said;
    enum gms_standing standing = GMS_STANDING_MEMBER;

    begin(&w);
    CU_ASSERT_EQUAL(tell(&w, GMS_CONDITION_NORMAL, "a", "b"), MU_OK);
    kw_put(&w, "Abcde", 0);
    CU_ASSERT_EQUAL(gms_store_urgency(w.store, span_str(KEEPER_GROUP),
                        kw_uri('a'), &said, &standing),
        MU_OK);
    CU_ASSERT_EQUAL(standing, GMS_STANDING_TALKER);
    kw_put(&w, "bcde", 0);
    kw_put(&w, "abcde", 0);
    CU_ASSERT_EQUAL(gms_store_urgency(w.store, span_str(KEEPER_GROUP),
                        kw_uri('a'), &said, &standing),
        MU_OK);
    CU_ASSERT_EQUAL(standing, GMS_STANDING_MEMBER);
    CU_ASSERT_EQUAL(gms_store_urgency(w.store, span_str(KEEPER_GROUP),
                        kw_uri('b'), &said, &standing),
        MU_OK);
    CU_ASSERT_EQUAL(standing, GMS_STANDING_AFFILIATED);
}

static void of_no_group_nothing_is_said(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    keeper_world_init(&w, KEEPER_FAKE);
    CU_ASSERT_EQUAL(tell(&w, GMS_CONDITION_EMERGENCY, "", ""), MU_E_NOT_FOUND);
    kw_put(&w, "ab", 0);
    kw_put(&w, NULL, 0);
    CU_ASSERT_EQUAL(tell(&w, GMS_CONDITION_EMERGENCY, "", ""), MU_E_NOT_FOUND);
}

CU_TestInfo gms_keeper_urgency_tests[] = {
    {"keys of an emergency are of that class",
        keys_of_an_emergency_are_of_that_class},
    {"talkers come before the others", talkers_come_before_the_others},
    {"what is under way is raised and never lowered",
        what_is_under_way_is_raised_and_never_lowered},
    {"a word is forgotten in time", a_word_is_forgotten_in_time},
    {"a word outlives the process", a_word_outlives_the_process},
    {"a condition that changes is told of once",
        a_condition_that_changes_is_told_of_once},
    {"a standing stays with an edit and goes with its holder",
        a_standing_stays_with_an_edit_and_goes_with_its_holder},
    {"of no group nothing is said", of_no_group_nothing_is_said},
    CU_TEST_INFO_NULL,
};
