/* SPDX-License-Identifier: Apache-2.0 */
/* Intents, answers given, events, blobs. */
#include "gms/store.h"

#include "tests/gms/store_fixture.h"
#include "tests/suites.h"

#include <string.h>

static uint64_t add_intent(struct store_fixture *f, const char *group)
{
    struct gms_intent intent = store_intent_row(group);

    store_begin(f);
    CU_ASSERT_EQUAL_FATAL(gms_store_add_intent(f->store, &intent), MU_OK);
    store_commit(f);
    return intent.id;
}

static struct mu_arena_list intents(struct store_fixture *f, const char *group)
{
    struct mu_arena_list list = {0};

    CU_ASSERT_EQUAL_FATAL(
        gms_store_intents(f->store, span_str(group), &f->arena, &list), MU_OK);
    return list;
}

static void an_intent_is_what_was_added(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    const struct gms_intent row = store_intent_row(STORE_GROUP), *got;
    struct mu_arena_list list;
    uint64_t id;

    store_fixture_setup(&f);
    id = add_intent(&f, STORE_GROUP);
    store_fixture_reopen(&f);
    list = intents(&f, "");
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    got = list.at;
    CU_ASSERT_EQUAL(got->id, id);
    CU_ASSERT(span_eq(got->group, row.group));
    CU_ASSERT_EQUAL(got->kind, GMS_ACT_EXCLUDE);
    CU_ASSERT_EQUAL(got->trigger, GMS_TR_EXPELLED);
    CU_ASSERT_EQUAL(got->key.v, row.key.v);
    CU_ASSERT(got->has_key);
    CU_ASSERT_EQUAL(got->not_before_ms, 5000);
    CU_ASSERT(span_eq(got->who, row.who));
    CU_ASSERT(span_eq(got->actor, row.actor));
}

static void intents_come_oldest_first_and_by_group(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct mu_arena_list list;
    uint64_t first, second;

    store_fixture_setup(&f);
    first = add_intent(&f, STORE_OTHER);
    second = add_intent(&f, STORE_GROUP);
    CU_ASSERT(first < second);
    list = intents(&f, "");
    CU_ASSERT_EQUAL_FATAL(list.len, 2);
    CU_ASSERT_EQUAL(((struct gms_intent *)list.at)[0].id, first);
    list = intents(&f, STORE_GROUP);
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    CU_ASSERT_EQUAL(((struct gms_intent *)list.at)[0].id, second);
}

static void an_intent_is_set_and_deleted(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_intent intent = store_intent_row(STORE_GROUP);
    struct mu_arena_list list;

    store_fixture_setup(&f);
    intent.id = add_intent(&f, STORE_GROUP);
    intent.key.v = 0x0fffffff;
    intent.not_before_ms = 6000;
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_set_intent(f.store, &intent), MU_OK);
    store_commit(&f);
    list = intents(&f, STORE_GROUP);
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    CU_ASSERT_EQUAL(((struct gms_intent *)list.at)->key.v, 0x0fffffff);
    CU_ASSERT_EQUAL(((struct gms_intent *)list.at)->not_before_ms, 6000);
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_delete_intent(f.store, intent.id), MU_OK);
    CU_ASSERT_EQUAL(gms_store_set_intent(f.store, &intent), MU_E_NOT_FOUND);
    store_commit(&f);
    CU_ASSERT_EQUAL(intents(&f, "").len, 0);
    CU_ASSERT(add_intent(&f, STORE_GROUP) > intent.id);
}

static struct gms_once once_row(const char *key, uint64_t expires_ms)
{
    return (struct gms_once){
        .actor = span_str("sip:server@x"),
        .key = span_str(key),
        .request = {1, 2, 3},
        .status = 201,
        .body = span_str("{\"a\":1}"),
        .expires_ms = expires_ms,
    };
}

static void put_once(struct store_fixture *f, const struct gms_once *once)
{
    store_begin(f);
    CU_ASSERT_EQUAL_FATAL(gms_store_put_once(f->store, once), MU_OK);
    store_commit(f);
}

static void an_answer_is_kept_until_it_expires(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_once once = once_row("k1", 100), got = {0};

    store_fixture_setup(&f);
    once.status = 0;
    put_once(&f, &once);
    once.status = 201;
    put_once(&f, &once);
    once = once_row("k2", 101);
    put_once(&f, &once);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_once(f.store, once.actor, span_str("k1"), &f.arena, &got),
        MU_OK);
    CU_ASSERT_EQUAL(got.status, 201);
    CU_ASSERT_EQUAL(got.expires_ms, 100);
    CU_ASSERT_EQUAL(memcmp(got.request, once.request, 32), 0);
    CU_ASSERT(span_eq(got.body, once.body));
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_drop_once(f.store, 100), MU_OK);
    store_commit(&f);
    CU_ASSERT_EQUAL(
        gms_store_once(f.store, once.actor, span_str("k1"), &f.arena, &got),
        MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(
        gms_store_once(f.store, once.actor, once.key, &f.arena, &got), MU_OK);
    CU_ASSERT_EQUAL(gms_store_once(f.store, span_str("sip:another@x"), once.key,
                        &f.arena, &got),
        MU_E_NOT_FOUND);
}

static uint64_t add_event(struct store_fixture *f, uint64_t at_ms)
{
    struct gms_event event = {.at_ms = at_ms,
        .name = span_str("key.activated"),
        .group = span_str(STORE_GROUP),
        .json = span_str("{}")};

    store_begin(f);
    CU_ASSERT_EQUAL_FATAL(gms_store_add_event(f->store, &event, 3), MU_OK);
    store_commit(f);
    return event.seq;
}

static struct mu_arena_list events(
    struct store_fixture *f, uint64_t after, size_t most)
{
    struct mu_arena_list list = {0};

    CU_ASSERT_EQUAL_FATAL(
        gms_store_events(f->store, after, most, &f->arena, &list), MU_OK);
    return list;
}

static void events_are_numbered_and_the_oldest_go(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    const struct gms_event *at;
    struct mu_arena_list list;

    store_fixture_setup(&f);
    for (uint64_t i = 1; i <= 5; i++)
        CU_ASSERT_EQUAL(add_event(&f, i * 100), i);
    list = events(&f, 0, 0);
    CU_ASSERT_EQUAL_FATAL(list.len, 3);
    at = list.at;
    CU_ASSERT_EQUAL(at[0].seq, 3);
    CU_ASSERT_EQUAL(at[2].seq, 5);
    CU_ASSERT_EQUAL(at[2].at_ms, 500);
    CU_ASSERT(span_eq(at[2].name, span_str("key.activated")));
    CU_ASSERT(span_eq(at[2].group, span_str(STORE_GROUP)));
    CU_ASSERT(span_eq(at[2].json, span_str("{}")));
    list = events(&f, 3, 1);
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    CU_ASSERT_EQUAL(((struct gms_event *)list.at)->seq, 4);
    CU_ASSERT_EQUAL(events(&f, UINT64_MAX, 0).len, 0);
}

/* A reader who saw number 1 must not miss what is then number 1 again. */
static void a_number_of_an_event_is_not_given_twice(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_event event = {.json = span_str("{}")};

    store_fixture_setup(&f);
    CU_ASSERT_EQUAL(add_event(&f, 1), 1);
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_add_event(f.store, &event, 0), MU_OK);
    CU_ASSERT_EQUAL(event.seq, 2);
    store_commit(&f);
    CU_ASSERT_EQUAL(events(&f, 0, 0).len, 0);
    store_fixture_reopen(&f);
    CU_ASSERT_EQUAL(add_event(&f, 1), 3);
}

static void a_blob_is_replaced(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct span got = {0};

    store_fixture_setup(&f);
    CU_ASSERT_EQUAL(
        gms_store_blob(f.store, "kms.cert", &f.arena, &got), MU_E_NOT_FOUND);
    store_begin(&f);
    CU_ASSERT_EQUAL(
        gms_store_put_blob(f.store, "kms.cert", span_str("one")), MU_OK);
    CU_ASSERT_EQUAL(
        gms_store_put_blob(f.store, "kms.cert", span_str("two")), MU_OK);
    CU_ASSERT_EQUAL(
        gms_store_put_blob(f.store, "none", (struct span){NULL, 0}), MU_OK);
    store_commit(&f);
    CU_ASSERT_EQUAL(gms_store_blob(f.store, "kms.cert", &f.arena, &got), MU_OK);
    CU_ASSERT(span_eq(got, span_str("two")));
    CU_ASSERT_EQUAL(gms_store_blob(f.store, "none", &f.arena, &got), MU_OK);
    CU_ASSERT_EQUAL(got.len, 0);
}

CU_TestInfo gms_store_rest_tests[] = {
    {"an intent is what was added", an_intent_is_what_was_added},
    {"intents come oldest first and by group",
        intents_come_oldest_first_and_by_group},
    {"an intent is set and deleted", an_intent_is_set_and_deleted},
    {"an answer is kept until it expires", an_answer_is_kept_until_it_expires},
    {"events are numbered and the oldest go",
        events_are_numbered_and_the_oldest_go},
    {"a number of an event is not given twice",
        a_number_of_an_event_is_not_given_twice},
    {"a blob is replaced", a_blob_is_replaced},
    CU_TEST_INFO_NULL,
};
