/* SPDX-License-Identifier: Apache-2.0 */
#include "http/field.h"

#include <string.h>

#include "tests/rng.h"
#include "tests/suites.h"

static void bearer_tokens_are_found(void)
{
    static const struct {
        const char *value;
        enum mu_err err;
    } cases[] = {
        {"Bearer a.b-c_d~e+f/g=", MU_OK},
        {"bearer  a.b-c_d~e+f/g= ", MU_OK},
        {"Basic YTpi", MU_E_UNSUPPORTED},
        {"Bearer", MU_E_UNSUPPORTED},
        {"", MU_E_UNSUPPORTED},
        {"Bearer  ", MU_E_UNSUPPORTED},
        {"Bearer a b", MU_E_MALFORMED},
        {"Bearer a,b", MU_E_MALFORMED},
        {"Bearer \"a\"", MU_E_MALFORMED},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span token = {NULL, 0};

        CU_ASSERT_EQUAL(
            http_field_bearer(span_str(cases[i].value), &token), cases[i].err);
        CU_ASSERT(span_eq(
            token, span_str(cases[i].err == MU_OK ? "a.b-c_d~e+f/g=" : "")));
    }
}

static void asserted_identities_are_quoted_or_bare(void)
{
    static const struct {
        const char *value;
        enum mu_err err;
        size_t count;
    } cases[] = {
        {"\"sip:a@b\"", MU_OK, 1},
        {"sip:a@b", MU_OK, 1},
        {" \"sip:a@b\" , sip:c@d", MU_OK, 2},
        {"", MU_E_MALFORMED, 0},
        {"\"\"", MU_E_MALFORMED, 0},
        {"sip:a@b,,sip:c@d", MU_E_MALFORMED, 0},
        {"\"sip:a@b", MU_E_MALFORMED, 0},
        {"sip:a@b c", MU_E_MALFORMED, 0},
        {"sip:a@\xff", MU_E_MALFORMED, 0},
        {"a,b,c", MU_E_NO_SPACE, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span uris[2] = {{NULL, 0}, {NULL, 0}};
        size_t count = 0;

        CU_ASSERT_EQUAL(
            http_field_asserted(span_str(cases[i].value), uris, 2, &count),
            cases[i].err);
        CU_ASSERT_EQUAL(count, cases[i].count);
        if (cases[i].count > 0)
            CU_ASSERT(span_eq(uris[0], span_str("sip:a@b")));
        if (cases[i].count > 1)
            CU_ASSERT(span_eq(uris[1], span_str("sip:c@d")));
    }
}

static void media_types_are_compared_without_case_and_parameters(void)
{
    const char *type = "application/vnd.3gpp.gmop+xml";

    CU_ASSERT(
        http_field_is_type(span_str("application/vnd.3gpp.GMOP+xml"), type));
    CU_ASSERT(http_field_is_type(
        span_str(" application/vnd.3gpp.gmop+xml ; charset=utf-8"), type));
    CU_ASSERT_FALSE(
        http_field_is_type(span_str("application/vnd.3gpp.gmop+xmlx"), type));
    CU_ASSERT_FALSE(http_field_is_type(span_str("application"), type));
    CU_ASSERT_FALSE(http_field_is_type((struct span){NULL, 0}, type));
}

static void a_type_of_xml_is_accepted_by_its_name(void)
{
    static const struct {
        const char *accept, *type; /* NULL: none */
    } cases[] = {
        {"application/vnd.3gpp.mcptt-gktp+xml",
            "application/vnd.3gpp.mcptt-gktp+xml"},
        {"text/xml;q=0.5", "text/xml"},
        {"text/html, application/XML ; q=1, a/b+xml", "application/XML"},
        {",,\t, a/b+xml,", "a/b+xml"},
        {"*/*", NULL},
        {"*/xml, a/*+xml", NULL},
        {"text/html;x=text/xml", NULL},
        {"+xml, /xml, b+xml", NULL},
        {"a b/xml", NULL},
        {"", NULL},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span type = http_field_accepted_xml(span_str(cases[i].accept));

        CU_ASSERT_EQUAL(type.p == NULL, cases[i].type == NULL);
        if (cases[i].type != NULL)
            CU_ASSERT(span_eq(type, span_str(cases[i].type)));
    }
    CU_ASSERT_PTR_NULL(http_field_accepted_xml((struct span){NULL, 0}).p);
}

static void a_challenge_says_what_was_wrong(void)
{
    char text[HTTP_CHALLENGE_MAX];

    http_field_challenge("kds", NULL, NULL, text);
    CU_ASSERT_STRING_EQUAL(text, "Bearer realm=\"kds\"");
    http_field_challenge("kds", "insufficient_scope", "a:b", text);
    CU_ASSERT_STRING_EQUAL(text, "Bearer realm=\"kds\", "
                                 "error=\"insufficient_scope\", scope=\"a:b\"");
}

static void retries_are_spread_over_the_whole_range(void)
{
    unsigned seen[4] = {0};
    struct test_rng rng;

    test_rng_init(&rng, 1);
    for (int i = 0; i < 400; i++) {
        unsigned s = http_field_retry_s(&rng.rng, 10, 3);

        CU_ASSERT_FATAL(s >= 10 && s <= 13);
        seen[s - 10]++;
    }
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT(seen[i] > 50);
    rng.fails = true;
    CU_ASSERT_EQUAL(http_field_retry_s(&rng.rng, 10, 3), 13);
}

CU_TestInfo http_field_tests[] = {
    {"bearer tokens are found", bearer_tokens_are_found},
    {"asserted identities are quoted or bare",
        asserted_identities_are_quoted_or_bare},
    {"media types are compared without case and parameters",
        media_types_are_compared_without_case_and_parameters},
    {"a type of XML is accepted by its name",
        a_type_of_xml_is_accepted_by_its_name},
    {"a challenge says what was wrong", a_challenge_says_what_was_wrong},
    {"retries are spread over the whole range",
        retries_are_spread_over_the_whole_range},
    CU_TEST_INFO_NULL,
};
