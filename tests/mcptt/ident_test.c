/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/ident.h"
#include "tests/suites.h"

#include <string.h>

static enum mu_err check(const char *uri)
{
    return mcptt_id_check(span_str(uri));
}

static void identities_are_any_printable_utf8(void)
{
    static const char *const good[] = {
        "sip:user@example.org",
        "gms@example.org", /* no scheme: in use */
        "tel:+447700900123",
        "SIP:User@Example.org;x=y?z",
        "sip:j\xc3\xbcrgen@example.org",
        "\xe2\x82\xac",     /* U+20AC */
        "\xf0\x9f\x9a\x92", /* U+1F692 */
        "\xc2\xa1",         /* U+00A1, the first after the controls */
        "\xf4\x8f\xbf\xbf", /* U+10FFFF, the last */
        "x",
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        CU_ASSERT_EQUAL(check(good[i]), MU_OK);
}

static void identities_refuse_what_is_not(void)
{
    static const char *const bad[] = {
        "",
        "sip:user @example.org",
        "sip:user\texample.org",
        "sip:user\n",
        "\x7f",
        "\xc2\x80",         /* U+0080, a control of Latin-1 */
        "\xc2\xa0",         /* U+00A0, a blank */
        "\x80",             /* continuation without lead */
        "\xc3",             /* lead without continuation */
        "\xc3x",            /* the same, something else after it */
        "\xc0\xaf",         /* overlong "/" */
        "\xc1\xbf",         /* overlong */
        "\xe0\x9f\xbf",     /* overlong, three octets */
        "\xf0\x8f\xbf\xbf", /* overlong, four octets */
        "\xed\xa0\x80",     /* U+D800, a surrogate */
        "\xed\xbf\xbf",     /* U+DFFF */
        "\xf4\x90\x80\x80", /* U+110000 */
        "\xf8\x88\x80\x80\x80",
        "\xff",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_EQUAL(check(bad[i]), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(mcptt_id_check((struct span){(const uint8_t *)"a\0b", 3}),
        MU_E_MALFORMED);
}

static void identities_have_a_longest(void)
{
    char text[MCPTT_ID_MAX + 2];
    struct mcptt_id id = {.len = 1, .b = {'x'}};

    memset(text, 'a', sizeof(text));
    text[MCPTT_ID_MAX + 1] = '\0';
    CU_ASSERT_EQUAL(mcptt_id_set(&id, span_str(text)), MU_E_MALFORMED);
    CU_ASSERT(span_eq(mcptt_id_span(&id), span_str("x")));
    text[MCPTT_ID_MAX] = '\0';
    CU_ASSERT_EQUAL(mcptt_id_set(&id, span_str(text)), MU_OK);
    CU_ASSERT(span_eq(mcptt_id_span(&id), span_str(text)));
}

static void identities_differ_in_any_octet(void)
{
    struct mcptt_id a, b, c;

    CU_ASSERT_EQUAL(mcptt_id_set(&a, span_str("sip:user@example.org")), MU_OK);
    CU_ASSERT_EQUAL(mcptt_id_set(&b, span_str("sip:user@example.org")), MU_OK);
    CU_ASSERT_EQUAL(mcptt_id_set(&c, span_str("sip:User@example.org")), MU_OK);
    CU_ASSERT(mcptt_id_eq(&a, &b));
    CU_ASSERT(!mcptt_id_eq(&a, &c));
}

static void telephone_uris_are_normalised_and_then_checked(void)
{
    static const struct {
        const char *in, *out; /* out NULL: refused */
    } cases[] = {
        {"tel:+447700900123", "tel:+447700900123"},
        {"TEL:+447700900123", "tel:+447700900123"},
        {"tel:+44770090012%33", "tel:+447700900123"},
        {"tel:%2B447700900123", NULL},
        {"tel:+44-7700-900123", NULL},
        {"tel:+44 7700 900123", NULL},
        {"tel:+447700900123;ext=1", NULL},
        {"tel:7042;phone-context=example.com", NULL},
        {"tel:07700900123", NULL},
        {"sip:+447700900123@example.com", NULL},
        {"tel:+", NULL},
        {"tel:+44%", NULL},
        {"tel:+44%3", NULL},
        {"tel:+44%zz", NULL},
        {"tel:+44%61", NULL},
        {"", NULL},
    };
    struct mcptt_id id;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum mu_err err = mcptt_tel_set(&id, span_str(cases[i].in));

        CU_ASSERT_EQUAL(err, cases[i].out != NULL ? MU_OK : MU_E_MALFORMED);
        if (err == MU_OK)
            CU_ASSERT(span_eq(mcptt_id_span(&id), span_str(cases[i].out)));
    }
}

static void telephone_uris_have_a_longest(void)
{
    char text[MCPTT_ID_MAX + 2] = "tel:+";
    struct mcptt_id id;

    memset(text + 5, '1', MCPTT_ID_MAX + 1 - 5);
    CU_ASSERT_EQUAL(mcptt_tel_check(span_str(text)), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(mcptt_tel_set(&id, span_str(text)), MU_E_MALFORMED);
    text[MCPTT_ID_MAX] = '\0';
    CU_ASSERT_EQUAL(mcptt_tel_check(span_str(text)), MU_OK);
    CU_ASSERT_EQUAL(mcptt_tel_set(&id, span_str(text)), MU_OK);
}

CU_TestInfo mcptt_ident_tests[] = {
    {"identities are any printable UTF-8", identities_are_any_printable_utf8},
    {"identities refuse what is not", identities_refuse_what_is_not},
    {"identities have a longest", identities_have_a_longest},
    {"identities differ in any octet", identities_differ_in_any_octet},
    {"telephone URIs are normalised and then checked",
        telephone_uris_are_normalised_and_then_checked},
    {"telephone URIs have a longest", telephone_uris_have_a_longest},
    CU_TEST_INFO_NULL,
};
