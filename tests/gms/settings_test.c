/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/settings.h"

#include <stdio.h>
#include <string.h>

#include "tests/suites.h"

static const struct gms_policy defaults = {
    .hot_spare = true, .grace_s = 30, .overlap_s = 60, .quorum = 80};

static enum mu_err read_text(const char *json, struct mu_arena *arena,
    struct gms_settings *out, const char **at_fault)
{
    mu_arena_init(arena, 1U << 16);
    return gms_settings_read(span_str(json), &defaults, arena, out, at_fault);
}

static void what_is_not_said_is_the_default(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_settings got;
    const char *at_fault;

    CU_ASSERT_EQUAL_FATAL(
        read_text("{\"grace_s\": 5}", &arena, &got, &at_fault), MU_OK);
    CU_ASSERT_EQUAL(got.policy.grace_s, 5);
    CU_ASSERT_EQUAL(got.policy.overlap_s, 60);
    CU_ASSERT_EQUAL(got.policy.quorum, 80);
    CU_ASSERT(got.policy.hot_spare && !got.policy.backward_secrecy);
    CU_ASSERT(!got.hidden_identities);
    CU_ASSERT_EQUAL(got.media_entities.count, 0);
    mu_arena_clear(&arena);
    CU_ASSERT_EQUAL_FATAL(read_text("", &arena, &got, &at_fault), MU_OK);
    CU_ASSERT_EQUAL(got.policy.grace_s, 30);
}

static void each_member_is_taken(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_settings got;
    const char *at_fault;

    CU_ASSERT_EQUAL_FATAL(
        read_text("{\"backward_secrecy\": true, \"hot_spare\": false,"
                  " \"grace_s\": 1, \"overlap_s\": 2, \"lifetime_s\": 3,"
                  " \"quorum\": 100, \"hidden_identities\": true,"
                  " \"media_entities\": [\"sip:mixer@x\"],"
                  " \"shared_ids\": [\"sip:video@x\", \"sip:data@x\"]}",
            &arena, &got, &at_fault),
        MU_OK);
    CU_ASSERT(got.policy.backward_secrecy && !got.policy.hot_spare);
    CU_ASSERT_EQUAL(got.policy.grace_s, 1);
    CU_ASSERT_EQUAL(got.policy.overlap_s, 2);
    CU_ASSERT_EQUAL(got.policy.lifetime_s, 3);
    CU_ASSERT_EQUAL(got.policy.quorum, 100);
    CU_ASSERT(got.hidden_identities);
    CU_ASSERT_EQUAL_FATAL(got.media_entities.count, 1);
    CU_ASSERT(span_eq(got.media_entities.at[0], span_str("sip:mixer@x")));
    CU_ASSERT_EQUAL_FATAL(got.shared_ids.count, 2);
    CU_ASSERT(span_eq(got.shared_ids.at[1], span_str("sip:data@x")));
}

/* What is wrong, and where. */
static const struct {
    const char *json, *at_fault;
} bad[] = {
    {"[]", ""},
    {"{", ""},
    {"null", ""},
    {"{} {}", ""},
    {"{\"grace_s\": 1, \"grace_s\": 2}", ""},
    {"{\"grace\": 1}", "grace"},
    {"{\"grace_s\": -1}", "grace_s"},
    {"{\"grace_s\": 86401}", "grace_s"},
    {"{\"grace_s\": 1.5}", "grace_s"},
    {"{\"grace_s\": \"1\"}", "grace_s"},
    {"{\"overlap_s\": 604801}", "overlap_s"},
    {"{\"lifetime_s\": 31622401}", "lifetime_s"},
    {"{\"quorum\": 101}", "quorum"},
    {"{\"quorum\": null}", "quorum"},
    {"{\"hot_spare\": 1}", "hot_spare"},
    {"{\"backward_secrecy\": \"no\"}", "backward_secrecy"},
    {"{\"media_entities\": \"sip:a@x\"}", "media_entities"},
    {"{\"media_entities\": [1]}", "media_entities"},
    {"{\"media_entities\": [\"\"]}", "media_entities"},
    {"{\"media_entities\": [\"a\\u0007b\"]}", "media_entities"},
    {"{\"media_entities\": [\"sip:a@x\", \"sip:a@x\"]}", "media_entities"},
    {"{\"shared_ids\": [\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\"]}",
        "shared_ids"},
};

static void what_is_wrong_is_refused_and_named(void)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct gms_settings got = {.policy.grace_s = 77};
        const char *at_fault = NULL;

        CU_ASSERT_EQUAL(
            read_text(bad[i].json, &arena, &got, &at_fault), MU_E_MALFORMED);
        CU_ASSERT_STRING_EQUAL(at_fault, bad[i].at_fault);
        CU_ASSERT_EQUAL(got.policy.grace_s, 77);
    }
}

static void text_without_end_is_refused(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    static char text[GMS_SETTINGS_MAX + 2];
    struct gms_settings got;
    const char *at_fault;

    memset(text, ' ', sizeof(text) - 1);
    text[0] = '{';
    text[1] = '}';
    CU_ASSERT_EQUAL(read_text(text, &arena, &got, &at_fault), MU_E_MALFORMED);
    mu_arena_clear(&arena);
    text[GMS_SETTINGS_MAX] = '\0';
    CU_ASSERT_EQUAL(read_text(text, &arena, &got, &at_fault), MU_OK);
}

CU_TestInfo gms_settings_tests[] = {
    {"what is not said is the default", what_is_not_said_is_the_default},
    {"each member is taken", each_member_is_taken},
    {"what is wrong is refused and named", what_is_wrong_is_refused_and_named},
    {"text without end is refused", text_without_end_is_refused},
    CU_TEST_INFO_NULL,
};
