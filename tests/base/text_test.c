/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "tests/suites.h"

#include <string.h>

static enum mu_err hex(const char *text, uint8_t *out, size_t cap, size_t *len)
{
    return mu_hex_read(span_str(text), out, cap, len);
}

static void hex_reads_either_case_and_writes_lower(void)
{
    uint8_t all[256], back[256];
    char text[MU_HEX_LEN(256)];
    size_t len = 0;

    for (size_t i = 0; i < sizeof(all); i++)
        all[i] = (uint8_t)i;
    mu_hex_write(SPAN_OF(all), text);
    CU_ASSERT_EQUAL(strncmp(text, "000102030405060708090a0b0c", 26), 0);
    CU_ASSERT_EQUAL(hex(text, back, sizeof(back), &len), MU_OK);
    CU_ASSERT(span_eq(SPAN_OF(all), (struct span){back, len}));
    CU_ASSERT_EQUAL(hex("aBCdEf", back, sizeof(back), &len), MU_OK);
    CU_ASSERT_EQUAL(memcmp(back, "\xab\xcd\xef", 3), 0);
}

static void hex_refuses_everything_else(void)
{
    uint8_t out[4];
    size_t len = 99;

    CU_ASSERT_EQUAL(hex("abc", out, 4, &len), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(hex("0011223344", out, 4, &len), MU_E_NO_SPACE);
    for (int c = 1; c < 256; c++) {
        char text[] = {'0', (char)c, '\0'};
        bool digit = strchr("0123456789abcdefABCDEF", c) != NULL;
        enum mu_err want = digit ? MU_OK : MU_E_MALFORMED;

        CU_ASSERT_EQUAL(hex(text, out, 4, &len), want);
    }
}

static void base64_round_trips_every_length(void)
{
    uint8_t in[64], back[64];
    char text[MU_BASE64_LEN(64)];
    size_t len = 0;

    for (size_t i = 0; i < sizeof(in); i++)
        in[i] = (uint8_t)(251 * i);
    for (size_t n = 0; n <= sizeof(in); n++) {
        mu_base64_write((struct span){in, n}, text);
        CU_ASSERT_EQUAL(
            mu_base64_read(span_str(text), back, sizeof(back), &len), MU_OK);
        CU_ASSERT(span_eq((struct span){in, n}, (struct span){back, len}));
    }
}

static void base64_reads_one_text_for_one_value(void)
{
    /* RFC 4648 clause 10, and clause 3.5 for the pad bits. */
    static const struct {
        const char *text;
        enum mu_err err;
    } cases[] = {
        {"Zm9vYg==", MU_OK},
        {"Zm9vYg", MU_OK},
        {"Zm9vYmE=", MU_OK},
        {"Zm9vYh==", MU_E_MALFORMED},
        {"Zm9vYg=", MU_E_MALFORMED},
        {"Zm9vY", MU_E_MALFORMED},
        {"Zm9v Yg==", MU_E_MALFORMED},
        {"====", MU_E_MALFORMED},
        {"Zm9v\x80mE=", MU_E_MALFORMED},
    };
    uint8_t out[16];
    size_t len;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CU_ASSERT_EQUAL(
            mu_base64_read(span_str(cases[i].text), out, sizeof(out), &len),
            cases[i].err);
}

static void numbers_stop_at_64_bits(void)
{
    uint64_t v = 7;

    CU_ASSERT_EQUAL(mu_text_u64(span_str("18446744073709551615"), &v), MU_OK);
    CU_ASSERT_EQUAL(v, UINT64_MAX);
    CU_ASSERT_EQUAL(
        mu_text_u64(span_str("18446744073709551616"), &v), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(mu_text_u64(span_str(""), &v), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(mu_text_u64(span_str("-1"), &v), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(mu_text_u64(span_str("1 "), &v), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(v, UINT64_MAX);
}

CU_TestInfo base_text_tests[] = {
    {"hex reads either case and writes lower",
        hex_reads_either_case_and_writes_lower},
    {"hex refuses everything else", hex_refuses_everything_else},
    {"base64 round trips every length", base64_round_trips_every_length},
    {"base64 reads one text for one value",
        base64_reads_one_text_for_one_value},
    {"numbers stop at 64 bits", numbers_stop_at_64_bits},
    CU_TEST_INFO_NULL,
};
