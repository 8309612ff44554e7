/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/xcap_match.h"

#include "tests/suites.h"

#define ETAG "a1b2"

struct match_case {
    const char *if_match, *if_none_match; /* NULL: no such field */
    const char *etag;                     /* "": nothing is there */
    bool reads;
    enum gms_match want;
};

static struct span field(const char *text)
{
    return text != NULL ? span_str(text) : (struct span){NULL, 0};
}

static void run(const struct match_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct gms_match_fields fields = {
            field(cases[i].if_match), field(cases[i].if_none_match)};

        CU_ASSERT_EQUAL(
            gms_match_judge(&fields, span_str(cases[i].etag), cases[i].reads),
            cases[i].want);
    }
}

#define RUN(cases) run((cases), sizeof(cases) / sizeof((cases)[0]))

static void without_fields_everything_goes(void)
{
    static const struct match_case cases[] = {
        {NULL, NULL, ETAG, true, GMS_MATCH_GO},
        {NULL, NULL, ETAG, false, GMS_MATCH_GO},
        {NULL, NULL, "", false, GMS_MATCH_GO},
    };

    RUN(cases);
}

static void if_match_wants_the_present_tag(void)
{
    static const struct match_case cases[] = {
        {"\"a1b2\"", NULL, ETAG, false, GMS_MATCH_GO},
        {"\"a1b2\"", NULL, ETAG, true, GMS_MATCH_GO},
        {"\"a1b\"", NULL, ETAG, false, GMS_MATCH_FAILED},
        {"\"a1b22\"", NULL, ETAG, false, GMS_MATCH_FAILED},
        {"\"x\", \"a1b2\"", NULL, ETAG, false, GMS_MATCH_GO},
        {"\"x\",\t\"a1b2\" ,\"y\"", NULL, ETAG, false, GMS_MATCH_GO},
        {"*", NULL, ETAG, false, GMS_MATCH_GO},
        {"*", NULL, "", false, GMS_MATCH_FAILED},
        {"\"a1b2\"", NULL, "", false, GMS_MATCH_FAILED},
        {"\"\"", NULL, "", false, GMS_MATCH_FAILED},
    };

    RUN(cases);
}

/* RFC 9110 clause 13.1.1: strong comparison. */
static void a_weak_tag_is_no_reason_to_write(void)
{
    static const struct match_case cases[] = {
        {"W/\"a1b2\"", NULL, ETAG, false, GMS_MATCH_FAILED},
        {NULL, "W/\"a1b2\"", ETAG, true, GMS_MATCH_NOT_MODIFIED},
        {NULL, "W/\"a1b2\"", ETAG, false, GMS_MATCH_FAILED},
    };

    RUN(cases);
}

static void if_none_match_is_304_to_readers_and_412_to_writers(void)
{
    static const struct match_case cases[] = {
        {NULL, "\"a1b2\"", ETAG, true, GMS_MATCH_NOT_MODIFIED},
        {NULL, "\"a1b2\"", ETAG, false, GMS_MATCH_FAILED},
        {NULL, "\"x\"", ETAG, true, GMS_MATCH_GO},
        {NULL, "\"x\"", ETAG, false, GMS_MATCH_GO},
        {NULL, "\"x\", \"a1b2\"", ETAG, true, GMS_MATCH_NOT_MODIFIED},
        {NULL, "*", ETAG, true, GMS_MATCH_NOT_MODIFIED},
        {NULL, "*", ETAG, false, GMS_MATCH_FAILED},
        {NULL, "*", "", false, GMS_MATCH_GO},
        {"\"a1b2\"", "\"a1b2\"", ETAG, true, GMS_MATCH_NOT_MODIFIED},
        {"\"x\"", "\"a1b2\"", ETAG, true, GMS_MATCH_FAILED},
    };

    RUN(cases);
}

static void what_is_no_list_never_lets_a_writer_through(void)
{
    static const char *const broken[] = {"", "a1b2", "\"a1b2", "\"a1b2\" x",
        "\"a1b2\",", "* , \"a1b2\"", "w/\"a1b2\"", "'a1b2'"};

    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        const struct match_case cases[] = {
            {broken[i], NULL, ETAG, false, GMS_MATCH_FAILED},
            {broken[i], NULL, ETAG, true, GMS_MATCH_FAILED},
            {NULL, broken[i], ETAG, false, GMS_MATCH_FAILED},
            {NULL, broken[i], ETAG, true, GMS_MATCH_GO},
        };

        RUN(cases);
    }
}

CU_TestInfo gms_xcap_match_tests[] = {
    {"without fields everything goes", without_fields_everything_goes},
    {"If-Match wants the present tag", if_match_wants_the_present_tag},
    {"a weak tag is no reason to write", a_weak_tag_is_no_reason_to_write},
    {"If-None-Match is 304 to readers and 412 to writers",
        if_none_match_is_304_to_readers_and_412_to_writers},
    {"what is no list never lets a writer through",
        what_is_no_list_never_lets_a_writer_through},
    CU_TEST_INFO_NULL,
};
