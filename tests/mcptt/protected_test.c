/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/protected.h"

#include "tests/rng.h"
#include "tests/suites.h"

#include <string.h>

#define WIRE_MAX (MCPTT_PROTECTED_PLAIN_MAX + MCPTT_PROTECTED_OVERHEAD)

static const struct mcptt_dpck dpck = {{1, 2, 3}};
static const struct mcptt_key_id dppk_id = {0x06a12aea};

/* Seals len octets and reads them back as far as the ciphertext. */
static enum mu_err seal(const uint8_t *plain, size_t len, uint8_t *wire,
    struct mcptt_protected *out)
{
    struct mcptt_protected in = {.message_type = 0x43,
        .date_time_s = 1758980858,
        .algorithm = MCPTT_PROTECTED_AES_128_GCM,
        .dppk_id = dppk_id};
    struct span octets = {NULL, 0};
    struct test_rng rng;
    struct wr w;
    struct rd r;

    test_rng_init(&rng, len);
    wr_init(&w, wire, WIRE_MAX);
    TRY(mcptt_protected_seal(
        &w, &in, &dpck, &rng.rng, (struct span){plain, len}));
    TRY(wr_close(&w, &octets));
    CU_ASSERT_EQUAL(octets.len, len + MCPTT_PROTECTED_OVERHEAD);
    rd_init(&r, octets);
    mcptt_protected_read(&r, &dppk_id, out);
    return rd_close(&r);
}

static void any_length_up_to_the_longest_opens_again(void)
{
    static const size_t lengths[] = {0, 1, 15, 16, 17, 255, 256, 4095, 4096};
    static uint8_t in[MCPTT_PROTECTED_PLAIN_MAX], out[sizeof(in)];
    static uint8_t wire[WIRE_MAX];

    memset(in, 0x5a, sizeof(in));
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct mcptt_protected p;
        size_t len = 99999;

        CU_ASSERT_EQUAL_FATAL(seal(in, lengths[i], wire, &p), MU_OK);
        CU_ASSERT_EQUAL_FATAL(
            mcptt_protected_open(&p, &dpck, out, sizeof(out), &len), MU_OK);
        CU_ASSERT_EQUAL(len, lengths[i]);
        CU_ASSERT_EQUAL(memcmp(in, out, len), 0);
    }
}

static void too_much_is_neither_sealed_nor_opened(void)
{
    static const uint8_t in[MCPTT_PROTECTED_PLAIN_MAX + 1];
    static uint8_t wire[WIRE_MAX], out[20];
    struct mcptt_protected p;
    size_t len = 7;

    CU_ASSERT_EQUAL(seal(in, sizeof(in), wire, &p), MU_E_NO_SPACE);
    CU_ASSERT_EQUAL(seal(in, sizeof(out) + 1, wire, &p), MU_OK);
    CU_ASSERT_EQUAL(
        mcptt_protected_open(&p, &dpck, out, sizeof(out), &len), MU_E_NO_SPACE);
    CU_ASSERT_EQUAL(len, 7);
}

static void what_does_not_open_leaves_nothing_behind(void)
{
    static const uint8_t in[20] = "in clear, or not yet";
    static const uint8_t nothing[20];
    static uint8_t wire[WIRE_MAX];
    struct mcptt_protected p;
    uint8_t out[20];
    size_t len = 7;

    CU_ASSERT_EQUAL_FATAL(seal(in, sizeof(in), wire, &p), MU_OK);
    wire[p.sealed_at + sizeof(in)] ^= 1; /* first octet of the tag */
    CU_ASSERT_EQUAL(
        mcptt_protected_open(&p, &dpck, out, sizeof(out), &len), MU_E_CRYPTO);
    CU_ASSERT_EQUAL(memcmp(out, nothing, sizeof(out)), 0);
    CU_ASSERT_EQUAL(len, 7);
}

static void every_payload_has_an_iv_of_its_own(void)
{
    static uint8_t wire[2][WIRE_MAX];
    const uint8_t one[1] = {0};
    struct mcptt_protected p[2];

    CU_ASSERT_EQUAL_FATAL(seal(NULL, 0, wire[0], &p[0]), MU_OK);
    CU_ASSERT_EQUAL_FATAL(seal(one, sizeof(one), wire[1], &p[1]), MU_OK);
    CU_ASSERT(!span_eq(p[0].iv, p[1].iv));
}

/* The names of the fields in the order in which they were read. */
struct names {
    char text[256];
    size_t len;
};

static void add_name(struct names *names, const char *field)
{
    size_t len = strlen(field);

    CU_ASSERT_FATAL(names->len + len + 2 <= sizeof(names->text));
    memcpy(names->text + names->len, field, len);
    names->len += len;
    names->text[names->len++] = ' ';
}

static void on_octets(
    void *ctx, const char *field, size_t at, struct span octets)
{
    (void)at;
    (void)octets;
    add_name(ctx, field);
}

static void on_number(void *ctx, const char *field, size_t at, uint64_t value)
{
    (void)at;
    (void)value;
    add_name(ctx, field);
}

static void a_trace_sees_every_field_in_order(void)
{
    static uint8_t wire[WIRE_MAX];
    struct names names = {.len = 0};
    struct rd_trace trace = {on_octets, on_number, &names, NULL, NULL};
    struct mcptt_protected p;
    struct rd r;

    CU_ASSERT_EQUAL_FATAL(seal(NULL, 0, wire, &p), MU_OK);
    rd_init(&r, (struct span){wire, MCPTT_PROTECTED_OVERHEAD});
    r.trace = &trace;
    mcptt_protected_read(&r, NULL, &p);
    CU_ASSERT_EQUAL(rd_close(&r), MU_OK);
    CU_ASSERT_STRING_EQUAL(names.text,
        "message_type date_time payload_id payload_sequence payload_alg iv "
        "dppk_id payload_iei payload_len payload ");
}

CU_TestInfo mcptt_protected_tests[] = {
    {"any length up to the longest opens again",
        any_length_up_to_the_longest_opens_again},
    {"too much is neither sealed nor opened",
        too_much_is_neither_sealed_nor_opened},
    {"what does not open leaves nothing behind",
        what_does_not_open_leaves_nothing_behind},
    {"every payload has an IV of its own", every_payload_has_an_iv_of_its_own},
    {"a trace sees every field in order", a_trace_sees_every_field_in_order},
    CU_TEST_INFO_NULL,
};
