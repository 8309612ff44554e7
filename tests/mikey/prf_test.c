/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/prf.h"
#include "tests/suites.h"
#include "tests/vec.h"

#include <string.h>

#define OUT_MAX 128

static enum mikey_prf_use use_of(const char *name)
{
    static const char *const names[] = {
        [MIKEY_PRF_TEK] = "TEK",
        [MIKEY_PRF_AUTH] = "auth",
        [MIKEY_PRF_ENCR] = "encr",
        [MIKEY_PRF_SALT] = "salt",
    };

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (name != NULL && strcmp(names[i], name) == 0)
            return (enum mikey_prf_use)i;
    CU_FAIL_FATAL("no such constant");
    return MIKEY_PRF_USES;
}

static struct mikey_prf_label label_of(struct vec *v)
{
    struct mikey_prf_label label = {
        .use = use_of(vec_text(v, "constant")),
        .cs_id = (uint8_t)vec_num(v, "cs_id"),
        .rand = vec_hex(v, "rand"),
    };
    struct rd r;

    rd_init(&r, vec_hex(v, "csb_id"));
    label.csb_id = rd_u32(&r, "csb_id");
    return label;
}

static void matches_every_vector(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    uint8_t out[OUT_MAX];

    vec_open(&v, "mikey-prf.vec");
    while (vec_next(&v)) {
        struct mikey_prf_label label = label_of(&v);
        struct span want = vec_hex(&v, "out");

        CU_ASSERT_EQUAL_FATAL(mikey_prf((uint8_t)vec_num(&v, "prf_func"),
                                  vec_hex(&v, "tgk"), &label, out, want.len),
            MU_OK);
        CU_ASSERT(span_eq((struct span){out, want.len}, want));
    }
}

static void a_shorter_result_is_the_start_of_a_longer_one(void)
{
    static const uint8_t tgk[40] = {1, 2, 3};
    static const uint8_t rand[16] = {4, 5, 6};
    struct mikey_prf_label label = {
        .use = MIKEY_PRF_TEK, .rand = SPAN_OF(rand)};
    uint8_t all[OUT_MAX], out[OUT_MAX];

    for (uint8_t func = 0; func <= 1; func++) {
        CU_ASSERT_EQUAL(
            mikey_prf(func, SPAN_OF(tgk), &label, all, OUT_MAX), MU_OK);
        for (size_t n = 0; n < OUT_MAX; n++) {
            out[n] = 0x5a;
            CU_ASSERT_EQUAL(
                mikey_prf(func, SPAN_OF(tgk), &label, out, n), MU_OK);
            CU_ASSERT_EQUAL(memcmp(out, all, n), 0);
            CU_ASSERT_EQUAL(out[n], 0x5a);
        }
    }
}

static void every_use_gives_another_key(void)
{
    static const uint8_t tgk[16] = {7};
    struct mikey_prf_label label = {.cs_id = MIKEY_PRF_MESSAGE_CS_ID};
    uint8_t out[MIKEY_PRF_USES][16];

    for (unsigned i = 0; i < MIKEY_PRF_USES; i++) {
        label.use = (enum mikey_prf_use)i;
        CU_ASSERT_EQUAL(mikey_prf(1, SPAN_OF(tgk), &label, out[i], 16), MU_OK);
        for (unsigned j = 0; j < i; j++)
            CU_ASSERT_NOT_EQUAL(memcmp(out[i], out[j], 16), 0);
    }
}

static void refuses_what_it_cannot_do_and_leaves_the_result(void)
{
    static const uint8_t long_rand[256];
    static const uint8_t tgk[16];
    struct mikey_prf_label label = {.use = MIKEY_PRF_TEK};
    uint8_t out[2] = {0x5a, 0x5a};

    CU_ASSERT_EQUAL(
        mikey_prf(2, SPAN_OF(tgk), &label, out, 2), MU_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(
        mikey_prf(1, (struct span){NULL, 0}, &label, out, 2), MU_E_MALFORMED);
    label.rand = SPAN_OF(long_rand);
    CU_ASSERT_EQUAL(mikey_prf(1, SPAN_OF(tgk), &label, out, 2), MU_E_MALFORMED);
    CU_ASSERT(out[0] == 0x5a && out[1] == 0x5a);
}

CU_TestInfo mikey_prf_tests[] = {
    {"matches every vector", matches_every_vector},
    {"a shorter result is the start of a longer one",
        a_shorter_result_is_the_start_of_a_longer_one},
    {"every use gives another key", every_use_gives_another_key},
    {"refuses what it cannot do and leaves the result",
        refuses_what_it_cannot_do_and_leaves_the_result},
    CU_TEST_INFO_NULL,
};
