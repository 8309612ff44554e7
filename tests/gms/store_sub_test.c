/* SPDX-License-Identifier: Apache-2.0 */
/* Subscriptions in the store. */
#include "gms/store.h"

#include "tests/gms/store_fixture.h"
#include "tests/suites.h"

static struct gms_sub_row sub_row(uint64_t id)
{
    return (struct gms_sub_row){.id = id,
        .who = span_str("sip:alice@example.org"),
        .asserted = true,
        .token_expires_s = 70,
        .expires_ms = 80000,
        .event_id = span_str("e"),
        .dialog = span_str("dialog"),
        .watch = span_str("watch"),
        .parts = id == 7,
        .area = UINT32_MAX};
}

static void put(struct store_fixture *f, const struct gms_sub_row *row)
{
    store_begin(f);
    CU_ASSERT_EQUAL_FATAL(gms_store_put_sub(f->store, row), MU_OK);
    store_commit(f);
}

static struct mu_arena_list all(struct store_fixture *f)
{
    struct mu_arena_list list = {0};

    CU_ASSERT_EQUAL_FATAL(gms_store_subs(f->store, &f->arena, &list), MU_OK);
    return list;
}

static void a_subscription_is_what_was_put(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    const struct gms_sub_row row = sub_row(7), *got;
    struct mu_arena_list list;

    store_fixture_setup(&f);
    put(&f, &row);
    store_fixture_reopen(&f);
    list = all(&f);
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    got = list.at;
    CU_ASSERT_EQUAL(got->id, 7);
    CU_ASSERT(span_eq(got->who, row.who));
    CU_ASSERT(got->asserted);
    CU_ASSERT_EQUAL(got->token_expires_s, 70);
    CU_ASSERT_EQUAL(got->expires_ms, 80000);
    CU_ASSERT(span_eq(got->event_id, row.event_id));
    CU_ASSERT(span_eq(got->dialog, row.dialog));
    CU_ASSERT(span_eq(got->watch, row.watch));
    CU_ASSERT(got->parts);
    CU_ASSERT_EQUAL(got->area, UINT32_MAX);
}

static void a_subscription_is_replaced_by_its_id(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_sub_row row = sub_row(7);
    struct mu_arena_list list;

    store_fixture_setup(&f);
    put(&f, &row);
    row.watch = span_str("later");
    put(&f, &row);
    list = all(&f);
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    CU_ASSERT(span_eq(
        ((const struct gms_sub_row *)list.at)->watch, span_str("later")));
}

static void subscriptions_come_by_id_and_go(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    const struct gms_sub_row first = sub_row(3), second = sub_row(9);
    struct mu_arena_list list;

    store_fixture_setup(&f);
    put(&f, &second);
    put(&f, &first);
    list = all(&f);
    CU_ASSERT_EQUAL_FATAL(list.len, 2);
    CU_ASSERT_EQUAL(((const struct gms_sub_row *)list.at)[0].id, 3);
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_delete_sub(f.store, 3), MU_OK);
    CU_ASSERT_EQUAL(gms_store_delete_sub(f.store, 4), MU_OK);
    store_commit(&f);
    list = all(&f);
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    CU_ASSERT_EQUAL(((const struct gms_sub_row *)list.at)[0].id, 9);
}

static void a_redirect_is_what_was_put_last(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_redirect_row row = {.member = span_str("sip:b@x"),
        .kms = span_str("kms.one"),
        .key = {0x0a1b2c3d},
        .hops = 1};
    struct gms_redirect_row got;
    struct mu_arena_list list;

    store_fixture_setup(&f);
    CU_ASSERT_EQUAL(gms_store_redirect(f.store, row.member, &f.arena, &got),
        MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(gms_store_put_redirect(f.store, &row), MU_E_STATE);
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_put_redirect(f.store, &row), MU_OK);
    row.kms = span_str("kms.two");
    row.hops = 2;
    CU_ASSERT_EQUAL(gms_store_put_redirect(f.store, &row), MU_OK);
    row.member = span_str("sip:a@x");
    CU_ASSERT_EQUAL(gms_store_put_redirect(f.store, &row), MU_OK);
    store_commit(&f);
    store_fixture_reopen(&f);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_redirect(f.store, span_str("sip:b@x"), &f.arena, &got),
        MU_OK);
    CU_ASSERT(span_eq(got.kms, span_str("kms.two")));
    CU_ASSERT_EQUAL(got.key.v, 0x0a1b2c3d);
    CU_ASSERT_EQUAL(got.hops, 2);
    CU_ASSERT_EQUAL_FATAL(gms_store_redirects(f.store, &f.arena, &list), MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 2);
    CU_ASSERT(span_eq(((const struct gms_redirect_row *)list.at)->member,
        span_str("sip:a@x")));
}

static void writing_is_within_a_transaction(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    const struct gms_sub_row row = sub_row(7);

    store_fixture_setup(&f);
    CU_ASSERT_EQUAL(gms_store_put_sub(f.store, &row), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_store_delete_sub(f.store, 7), MU_E_STATE);
}

CU_TestInfo gms_store_sub_tests[] = {
    {"a subscription is what was put", a_subscription_is_what_was_put},
    {"a subscription is replaced by its id",
        a_subscription_is_replaced_by_its_id},
    {"subscriptions come by id and go", subscriptions_come_by_id_and_go},
    {"a redirect is what was put last", a_redirect_is_what_was_put_last},
    {"writing is within a transaction", writing_is_within_a_transaction},
    CU_TEST_INFO_NULL,
};
