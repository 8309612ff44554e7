/* SPDX-License-Identifier: Apache-2.0 */
/* Which redirects are followed, and what becomes of the members' messages. */
#include "gms/redirect.h"

#include <string.h>

#include "tests/gms/keeper_world.h"
#include "tests/suites.h"
#include "xml/kms_krr.h"

#define OPEN      "<KmsRedirectResponse xmlns=\"urn:3gpp:ns:mcsecKMSKRR:1.0\">"
#define CLOSE     "</KmsRedirectResponse>"
#define URI(kms)  "<KmsUri>" kms "</KmsUri>"
#define KRR(kms)  OPEN URI(kms) CLOSE
#define UNKNOWN   "kms.unknown.example"
#define FORBIDDEN "kms.forbidden.example"

static void allow(struct keeper_world *w, size_t count)
{
    static const char *uris[] = {VAULT_ABROAD, VAULT_HOME, UNKNOWN};

    w->redirect_kmss = (struct mu_conf_strs){.at = uris, .len = count};
}

/* ----------------------------------------------------------------- judgement
 */

static enum gms_redirect judge(const struct keeper_world *w, const char *krr,
    unsigned hops, struct gms_redirect_found *out)
{
    static struct mu_arena arena;
    const struct gms_redirect_terms terms = {.allowed = &w->redirect_kmss,
        .domains = w->domains,
        .now_s = w->now.unix_ms / 1000,
        .present = span_str(VAULT_HOME),
        .hops = hops};

    mu_arena_clear(&arena);
    mu_arena_init(&arena, 1 << 16);
    return gms_redirect_judge(span_str(krr), &terms, &arena, out);
}

static void a_known_kms_that_is_allowed_is_followed(void)
{
    static const struct {
        const char *krr;
        unsigned hops;
        enum gms_redirect verdict;
    } rows[] = {
        {KRR(VAULT_ABROAD), 0, GMS_REDIRECT_FOLLOW},
        {KRR(VAULT_ABROAD), 2, GMS_REDIRECT_FOLLOW},
        {KRR(VAULT_ABROAD), 3, GMS_REDIRECT_LOOP},
        {OPEN URI(VAULT_HOME) URI(FORBIDDEN) URI(VAULT_ABROAD) CLOSE, 0,
            GMS_REDIRECT_FOLLOW},
        {KRR(UNKNOWN), 0, GMS_REDIRECT_NO_CERTIFICATE},
        {KRR(FORBIDDEN), 0, GMS_REDIRECT_NOT_ALLOWED},
        {OPEN URI(FORBIDDEN) URI(UNKNOWN) CLOSE, 0,
            GMS_REDIRECT_NO_CERTIFICATE},
        {KRR(VAULT_HOME), 0, GMS_REDIRECT_SAME},
        /* What was said before counts, and is not what is said now. */
        {OPEN URI(FORBIDDEN) KRR(VAULT_ABROAD) CLOSE, 0,
            GMS_REDIRECT_NOT_ALLOWED},
        {OPEN URI(VAULT_ABROAD) OPEN URI("a") KRR("b") CLOSE CLOSE, 0,
            GMS_REDIRECT_FOLLOW},
        {OPEN URI(VAULT_ABROAD) OPEN URI("a") OPEN URI("b") KRR("c")
                CLOSE CLOSE CLOSE,
            0, GMS_REDIRECT_LOOP},
        {OPEN CLOSE, 0, GMS_REDIRECT_MALFORMED},
        {"<x/>", 0, GMS_REDIRECT_MALFORMED},
        {"", 0, GMS_REDIRECT_MALFORMED},
    };
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_redirect_found found;

    keeper_world_init(&w, KEEPER_FAKE);
    allow(&w, 3);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        found.hops = 0;
        CU_ASSERT_EQUAL(
            judge(&w, rows[i].krr, rows[i].hops, &found), rows[i].verdict);
        CU_ASSERT_EQUAL(found.hops > 0, rows[i].verdict == GMS_REDIRECT_FOLLOW);
        if (found.hops > 0)
            CU_ASSERT(span_eq(found.kms, span_str(VAULT_ABROAD)));
    }
}

static void layers_count_as_redirects(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_redirect_found found = {.hops = 0};

    keeper_world_init(&w, KEEPER_FAKE);
    allow(&w, 3);
    CU_ASSERT_EQUAL(judge(&w, OPEN URI(VAULT_ABROAD) KRR("a") CLOSE, 0, &found),
        GMS_REDIRECT_FOLLOW);
    CU_ASSERT_EQUAL(found.hops, 2);
    CU_ASSERT_EQUAL(
        judge(&w, KRR(VAULT_ABROAD), 0, &found), GMS_REDIRECT_FOLLOW);
    CU_ASSERT_EQUAL(found.hops, 1);
}

/* -------------------------------------------------------------------- keeper
 */

static struct gms_brought brought(const struct keeper_world *w, char letter)
{
    return (struct gms_brought){.group = span_str(KEEPER_GROUP),
        .member = kw_uri(letter),
        .at_ms = w->now.unix_ms};
}

static void redirect(struct keeper_world *w, char letter, const char *krr)
{
    const struct gms_brought what = brought(w, letter);

    CU_ASSERT_EQUAL_FATAL(
        gms_keeper_redirected(w->keeper, &what, span_str(krr)), MU_OK);
    kw_run(w);
}

/* How many rows of his are in that state, at that KMS. */
static size_t rows_in(struct keeper_world *w, char letter,
    enum gms_delivery_state state, const char *kms)
{
    const struct gms_delivery_query query = {.group = span_str(KEEPER_GROUP),
        .member = kw_uri(letter),
        .kms = span_str(kms),
        .states = 1U << state,
        .bare = true};
    struct mu_arena_list list = {0};

    CU_ASSERT_EQUAL_FATAL(
        gms_store_deliveries(w->store, &query, &w->arena, &list), MU_OK);
    return list.len;
}

static void make(struct keeper_world *w)
{
    keeper_world_init(w, KEEPER_FAKE);
    allow(w, 2);
    w->policy.hot_spare = false;
    keeper_world_restart(w);
    kw_put(w, "abc", 0);
    kw_run(w);
}

static void a_redirected_member_is_sent_the_key_for_his_kms(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct keeper_held held;

    make(&w);
    redirect(&w, 'b', KRR(VAULT_ABROAD));
    CU_ASSERT_EQUAL(rows_in(&w, 'b', GMS_DLV_REDIRECTED, VAULT_HOME), 1);
    CU_ASSERT_EQUAL(rows_in(&w, 'b', GMS_DLV_SENT, VAULT_ABROAD), 1);
    CU_ASSERT_EQUAL(w.fake.keys, 1);
    kw_read(&w, 'b', &held);
    CU_ASSERT_EQUAL_FATAL(held.count, 1);
    CU_ASSERT_STRING_EQUAL(held.at[0].kms, VAULT_ABROAD);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abc");
    CU_ASSERT_EQUAL(kw_events(&w, "delivery.redirected"), 1);
    CU_ASSERT_EQUAL(gms_keeper_stats(w.keeper).redirected, 1);
    CU_ASSERT_EQUAL(rows_in(&w, 'a', GMS_DLV_SENT, VAULT_HOME), 1);
}

/* For later keys, and for the process that comes next. */
static void he_stays_where_he_was_sent(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct keeper_held held;
    struct span kms;

    make(&w);
    redirect(&w, 'b', KRR(VAULT_ABROAD));
    keeper_world_restart(&w);
    CU_ASSERT_EQUAL(gms_domains_kms_of(w.domains, kw_uri('b'), &kms), MU_OK);
    CU_ASSERT(span_eq(kms, span_str(VAULT_ABROAD)));
    CU_ASSERT_EQUAL(gms_keeper_rekey(w.keeper, span_str("sip:x"),
                        span_str(KEEPER_GROUP), GMS_STOP_SOFT),
        MU_OK);
    kw_run(&w);
    kw_wait(&w, 30);
    kw_read(&w, 'b', &held);
    CU_ASSERT_FATAL(held.count >= 1);
    for (size_t i = 0; i < held.count; i++)
        CU_ASSERT_STRING_EQUAL(held.at[i].kms, VAULT_ABROAD);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abc");
}

static void a_kms_that_is_not_known_is_refused(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    make(&w);
    redirect(&w, 'b', KRR(UNKNOWN));
    CU_ASSERT_EQUAL(rows_in(&w, 'b', GMS_DLV_FAILED, VAULT_HOME), 1);
    CU_ASSERT_EQUAL(kw_events(&w, "delivery.failed"), 1);
    CU_ASSERT_EQUAL(gms_keeper_stats(w.keeper).redirects_refused, 1);
    /* Not again by itself; and others are not touched. */
    kw_wait(&w, 600);
    CU_ASSERT_EQUAL(rows_in(&w, 'b', GMS_DLV_FAILED, VAULT_HOME), 1);
    CU_ASSERT_EQUAL(rows_in(&w, 'a', GMS_DLV_SENT, VAULT_HOME), 1);
}

static void a_loop_is_stopped_at_three(void)
{
    static const char *const krrs[] = {KRR(VAULT_ABROAD), KRR(VAULT_HOME)};
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;

    make(&w);
    for (int i = 0; i < 6; i++)
        redirect(&w, 'b', krrs[i % 2]);
    CU_ASSERT_EQUAL(gms_keeper_stats(w.keeper).redirected, 3);
    CU_ASSERT_EQUAL(gms_keeper_stats(w.keeper).redirects_refused, 1);
    CU_ASSERT_EQUAL(rows_in(&w, 'b', GMS_DLV_FAILED, VAULT_ABROAD), 1);
    CU_ASSERT_EQUAL(rows_in(&w, 'b', GMS_DLV_SENT, VAULT_HOME), 0);
}

static void what_he_refused_he_may_fetch_still(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_brought what;

    make(&w);
    what = brought(&w, 'b');
    CU_ASSERT_EQUAL(gms_keeper_refused(w.keeper, &what, "message: 403"), MU_OK);
    kw_run(&w);
    CU_ASSERT_EQUAL(rows_in(&w, 'b', GMS_DLV_FAILED, VAULT_HOME), 1);
    CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abc");
    kw_fetch(&w, "b");
    kw_run(&w);
    CU_ASSERT_EQUAL(rows_in(&w, 'b', GMS_DLV_ACCEPTED, VAULT_HOME), 1);
}

static void an_answer_is_about_what_was_sent_before_it(void)
{
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct gms_brought what;

    make(&w);
    what = brought(&w, 'b');
    what.at_ms -= 1000;
    CU_ASSERT_EQUAL(gms_keeper_refused(w.keeper, &what, "late"), MU_OK);
    kw_run(&w);
    CU_ASSERT_EQUAL(rows_in(&w, 'b', GMS_DLV_SENT, VAULT_HOME), 1);
}

/* What brought one message alone proves no other. */
static void one_row_is_accepted_by_itself(void)
{
    const struct gms_delivery_query query = {
        .member = kw_uri('b'), .bare = true};
    MU_CLEANUP(keeper_world_clear) struct keeper_world w;
    struct mu_arena_list list = {0};
    const struct gms_delivery *row;

    make(&w);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_deliveries(w.store, &query, &w.arena, &list), MU_OK);
    row = list.at;
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    CU_ASSERT_EQUAL(
        gms_keeper_accepted_row(w.keeper, row->id, w.now.unix_ms - 1000),
        MU_OK);
    CU_ASSERT_EQUAL(
        gms_keeper_accepted_row(w.keeper, row->id + 1000, w.now.unix_ms),
        MU_OK);
    kw_run(&w);
    CU_ASSERT_EQUAL(rows_in(&w, 'b', GMS_DLV_SENT, VAULT_HOME), 1);
    CU_ASSERT_EQUAL(
        gms_keeper_accepted_row(w.keeper, row->id, w.now.unix_ms), MU_OK);
    kw_run(&w);
    CU_ASSERT_EQUAL(rows_in(&w, 'b', GMS_DLV_ACCEPTED, VAULT_HOME), 1);
    CU_ASSERT_EQUAL(rows_in(&w, 'a', GMS_DLV_SENT, VAULT_HOME), 1);
}

CU_TestInfo gms_redirect_tests[] = {
    {"a known KMS that is allowed is followed",
        a_known_kms_that_is_allowed_is_followed},
    {"layers count as redirects", layers_count_as_redirects},
    {"KD-07 a redirected member is sent the key for his KMS",
        a_redirected_member_is_sent_the_key_for_his_kms},
    {"KD-07 he stays where he was sent", he_stays_where_he_was_sent},
    {"KD-07 a KMS that is not known is refused",
        a_kms_that_is_not_known_is_refused},
    {"KD-07 a loop is stopped at three", a_loop_is_stopped_at_three},
    {"what he refused he may fetch still", what_he_refused_he_may_fetch_still},
    {"an answer is about what was sent before it",
        an_answer_is_about_what_was_sent_before_it},
    {"one row is accepted by itself", one_row_is_accepted_by_itself},
    CU_TEST_INFO_NULL,
};
