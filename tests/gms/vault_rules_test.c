/* SPDX-License-Identifier: Apache-2.0 */
/* What the vault decides without a key: rules, book, timestamps. */
#include "gms/vault/book.h"
#include "gms/vault/stamps.h"
#include "tests/suites.h"

#define NOW_S   UINT64_C(3909000000) /* since 1900 */
#define LENGTH  UINT64_C(2592000)
#define GROUP   "sip:g@x"
#define GMK_ID  0x00000001
#define MKFC_ID 0x40000001

static const struct mcptt_period_rule rule = {.length_s = LENGTH};
static const struct gms_vault_limits limits = {
    .prebuild_periods = 1, .activation_max_s = 1000};

static enum gms_vault_refusal period(
    uint64_t number, uint64_t prebuild, struct gms_vault_time *time)
{
    return gms_rule_period(&rule, number, NOW_S, prebuild, time);
}

static void the_present_period_and_those_prebuilt_are_good(void)
{
    uint64_t present = NOW_S / LENGTH;
    struct gms_vault_time time = {.ahead = true};

    CU_ASSERT_EQUAL(period(present, 0, &time), GMS_REFUSED_NOT);
    CU_ASSERT(!time.ahead);
    CU_ASSERT(mcptt_interval_has(time.period, NOW_S));
    CU_ASSERT_EQUAL(period(present + 1, 0, &time), GMS_REFUSED_PERIOD);
    CU_ASSERT_EQUAL(period(present + 1, 1, &time), GMS_REFUSED_NOT);
    CU_ASSERT(time.ahead);
    CU_ASSERT_EQUAL(time.period.from_s, (present + 1) * LENGTH);
    CU_ASSERT_EQUAL(period(present + 2, 1, &time), GMS_REFUSED_PERIOD);
    CU_ASSERT_EQUAL(period(present - 1, 3, &time), GMS_REFUSED_PERIOD);
    CU_ASSERT_EQUAL(period(UINT64_MAX, 3, &time), GMS_REFUSED_PERIOD);
}

static enum gms_vault_refusal terms(struct gms_sign_terms said, uint32_t id)
{
    const struct gms_sealed_key key = {.id = {id}, .group = span_str(GROUP)};

    return gms_rule_terms(&said, &key, 5000, &limits);
}

static struct gms_sign_terms times(uint64_t activation_s, uint64_t expiry_s)
{
    return (struct gms_sign_terms){
        .activation_s = activation_s,
        .expiry_s = expiry_s,
        .groups = {span_str(GROUP)},
        .group_count = 1,
    };
}

static void times_are_bounded(void)
{
    CU_ASSERT_EQUAL(terms(times(0, 0), GMK_ID), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(terms(times(6000, 0), GMK_ID), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(terms(times(6001, 0), GMK_ID), GMS_REFUSED_ACTIVATION);
    CU_ASSERT_EQUAL(terms(times(0, 5001), GMK_ID), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(terms(times(0, 5000), GMK_ID), GMS_REFUSED_ACTIVATION);
    CU_ASSERT_EQUAL(terms(times(6000, 6000), GMK_ID), GMS_REFUSED_ACTIVATION);
    CU_ASSERT_EQUAL(terms(times(6000, 6001), GMK_ID), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(
        terms(times(0, UINT64_C(1) << 40), GMK_ID), GMS_REFUSED_ACTIVATION);
    CU_ASSERT_EQUAL(
        terms(times(UINT64_C(1) << 40, 0), GMK_ID), GMS_REFUSED_ACTIVATION);
}

/* The key that is revoked has its times behind it. */
static void a_revocation_repeats_times_that_are_past(void)
{
    struct gms_sign_terms said = times(100, 200);

    CU_ASSERT_EQUAL(terms(said, GMK_ID), GMS_REFUSED_ACTIVATION);
    said.revoked = true;
    CU_ASSERT_EQUAL(terms(said, GMK_ID), GMS_REFUSED_NOT);
    said.expiry_s = 100;
    CU_ASSERT_EQUAL(terms(said, GMK_ID), GMS_REFUSED_ACTIVATION);
}

static void a_kind_without_groups_names_none(void)
{
    struct gms_sign_terms said = times(0, 0);

    CU_ASSERT_EQUAL(terms(said, 0x10000001), GMS_REFUSED_SEALED_KEY);
    said.group_count = 0;
    CU_ASSERT_EQUAL(terms(said, 0x10000001), GMS_REFUSED_NOT); /* PCK */
    CU_ASSERT_EQUAL(terms(said, MKFC_ID), GMS_REFUSED_SEALED_KEY);
}

static void every_refusal_is_an_error(void)
{
    CU_ASSERT_EQUAL(gms_vault_refusal_err(GMS_REFUSED_NOT), MU_OK);
    for (unsigned i = GMS_REFUSED_NOT + 1; i < GMS_REFUSALS; i++)
        CU_ASSERT_NOT_EQUAL(gms_vault_refusal_err(i), MU_OK);
}

static void drop_book(struct gms_book **book)
{
    gms_book_free(*book);
}

static struct gms_book *new_book(void)
{
    struct gms_book *book = NULL;

    CU_ASSERT_EQUAL_FATAL(gms_book_new(&book), MU_OK);
    return book;
}

static void note_sign(struct gms_book *book, uint32_t id, uint64_t epoch,
    uint64_t activation_s, uint64_t now_s)
{
    const struct gms_vault_record record = {.op = GMS_VAULT_SIGN,
        .group = span_str(GROUP),
        .epoch = epoch,
        .key_id = {id},
        .activation_s = activation_s};

    CU_ASSERT_EQUAL(gms_book_note(book, &record, now_s), MU_OK);
}

static bool outdated(const struct gms_book *book, enum mcptt_key_kind kind,
    uint64_t epoch, uint64_t now_s)
{
    return gms_book_outdated(book, span_str(GROUP), kind, epoch, now_s);
}

static void an_epoch_is_past_when_the_next_is_in_force(void)
{
    MU_CLEANUP(drop_book) struct gms_book *book = new_book();

    CU_ASSERT(!outdated(book, MCPTT_KIND_GMK, 1, 100));
    note_sign(book, GMK_ID, 2, 200, 100);
    CU_ASSERT(!outdated(book, MCPTT_KIND_GMK, 1, 199));
    CU_ASSERT(outdated(book, MCPTT_KIND_GMK, 1, 200));
    CU_ASSERT(!outdated(book, MCPTT_KIND_GMK, 2, 200));
    CU_ASSERT(!outdated(book, MCPTT_KIND_MKFC, 1, 200));
    CU_ASSERT_EQUAL(gms_book_newest(book, span_str(GROUP), MCPTT_KIND_GMK), 2);
}

static void an_activation_is_postponed_until_it_has_come(void)
{
    MU_CLEANUP(drop_book) struct gms_book *book = new_book();

    note_sign(book, GMK_ID, 2, 200, 100);
    note_sign(book, GMK_ID, 2, 300, 150);
    CU_ASSERT(!outdated(book, MCPTT_KIND_GMK, 1, 299));
    note_sign(book, GMK_ID, 2, 900, 300);
    CU_ASSERT(outdated(book, MCPTT_KIND_GMK, 1, 300));
    note_sign(book, GMK_ID, 1, 0, 400); /* of the past: changes nothing */
    CU_ASSERT(outdated(book, MCPTT_KIND_GMK, 1, 400));
}

static void a_revocation_puts_nothing_in_force(void)
{
    MU_CLEANUP(drop_book) struct gms_book *book = new_book();
    const struct gms_vault_record record = {.op = GMS_VAULT_SIGN,
        .group = span_str(GROUP),
        .epoch = 5,
        .revocation = true};

    CU_ASSERT_EQUAL(gms_book_note(book, &record, 100), MU_OK);
    CU_ASSERT(!outdated(book, MCPTT_KIND_GMK, 1, 200));
}

static void note_members(struct gms_book *book, enum gms_vault_op op,
    uint64_t epoch, struct span uri)
{
    const struct gms_vault_record record = {.op = op,
        .group = span_str(GROUP),
        .epoch = epoch,
        .uris = &uri,
        .count = 1};

    CU_ASSERT_EQUAL(gms_book_note(book, &record, 0), MU_OK);
}

static void exclusions_are_from_the_lowest_epoch_until_admitted(void)
{
    MU_CLEANUP(drop_book) struct gms_book *book = new_book();
    struct span a = span_str("sip:a@x"), b = span_str("sip:b@x");
    struct span group = span_str(GROUP);

    note_members(book, GMS_VAULT_EXCLUDE, 5, b);
    note_members(book, GMS_VAULT_EXCLUDE, 3, a);
    note_members(book, GMS_VAULT_EXCLUDE, 9, a);
    CU_ASSERT(!gms_book_excludes(book, group, 2, a));
    CU_ASSERT(gms_book_excludes(book, group, 3, a));
    CU_ASSERT(!gms_book_excludes(book, group, 4, b));
    CU_ASSERT(!gms_book_excludes(book, span_str("sip:h@x"), 9, a));
    note_members(book, GMS_VAULT_ADMIT, 4, a);
    CU_ASSERT(!gms_book_excludes(book, group, 9, a));
    CU_ASSERT(gms_book_excludes(book, group, 9, b));
    note_members(book, GMS_VAULT_ADMIT, 4, a); /* not there: nothing */
}

static void a_key_once_made_is_known(void)
{
    MU_CLEANUP(drop_book) struct gms_book *book = new_book();

    for (uint32_t i = 0; i < 100; i++) {
        /* 37 is prime to 100: each once, in no order. */
        const struct gms_vault_record record = {.op = GMS_VAULT_NEW_KEY,
            .group = span_str(GROUP),
            .key_id = {i * 37 % 100 * 2}};

        CU_ASSERT_EQUAL(gms_book_note(book, &record, 0), MU_OK);
    }
    for (uint32_t i = 0; i < 200; i++)
        CU_ASSERT_EQUAL(
            gms_book_has_key(book, (struct mcptt_key_id){i}), i % 2 == 0);
}

static void prebuilt_stamps_differ_and_stay_at_the_beginning(void)
{
    const struct gms_vault_time time = {true, {1000, 1000 + LENGTH}};
    struct gms_stamps stamps = {.ahead = 0}, restarted = {.ahead = 0};
    struct mcptt_stamp last = {0, 0}, next;

    for (int i = 0; i < 100; i++) { /* more than a millisecond has places */
        CU_ASSERT_EQUAL_FATAL(
            gms_stamps_next(&stamps, &time, time.period, 123456, &next), MU_OK);
        CU_ASSERT(mcptt_stamp_ntp(next) > mcptt_stamp_ntp(last));
        CU_ASSERT(next.s >= 1000 && next.s < 1000 + GMS_STAMPS_AHEAD_S);
        last = next;
    }
    /* A vault that was started again, some milliseconds later. */
    CU_ASSERT_EQUAL(
        gms_stamps_next(&restarted, &time, time.period, 123480, &next), MU_OK);
    CU_ASSERT(mcptt_stamp_ntp(next) > mcptt_stamp_ntp(last));
    CU_ASSERT_EQUAL(gms_stamps_from(&time, 5), 1000);
}

static void a_stamp_outside_both_periods_is_none(void)
{
    const struct gms_vault_time time = {true, {1000, 1000 + LENGTH}};
    const struct mcptt_interval none = {2000, 3000};
    struct gms_stamps stamps = {.ahead = 0};
    struct mcptt_stamp next;

    CU_ASSERT_EQUAL(
        gms_stamps_next(&stamps, &time, none, 1, &next), MU_E_EXPIRED);
    CU_ASSERT_EQUAL(stamps.ahead, 0);
}

CU_TestInfo gms_vault_rules_tests[] = {
    {"the present period and those prebuilt are good",
        the_present_period_and_those_prebuilt_are_good},
    {"times are bounded", times_are_bounded},
    {"a revocation repeats times that are past",
        a_revocation_repeats_times_that_are_past},
    {"a kind without groups names none", a_kind_without_groups_names_none},
    {"every refusal is an error", every_refusal_is_an_error},
    {"an epoch is past when the next is in force",
        an_epoch_is_past_when_the_next_is_in_force},
    {"an activation is postponed until it has come",
        an_activation_is_postponed_until_it_has_come},
    {"a revocation puts nothing in force", a_revocation_puts_nothing_in_force},
    {"exclusions are from the lowest epoch until admitted",
        exclusions_are_from_the_lowest_epoch_until_admitted},
    {"a key once made is known", a_key_once_made_is_known},
    {"prebuilt stamps differ and stay at the beginning",
        prebuilt_stamps_differ_and_stay_at_the_beginning},
    {"a stamp outside both periods is none",
        a_stamp_outside_both_periods_is_none},
    CU_TEST_INFO_NULL,
};
