/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/msg.h"

#include "mikey/rules.h"
#include "tests/mikey/parts.h"
#include "tests/rng.h"
#include "tests/suites.h"
#include "tests/vec.h"

#include <string.h>

static struct parts parts; /* too large for a stack */

static void reads_every_message(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "mikey-messages.vec");
    while (vec_next(&v)) {
        struct span message = vec_hex(&v, "message");
        struct mikey_msg m;

        CU_ASSERT_EQUAL_FATAL(
            mikey_msg_read(message, MIKEY_RFC6509, &m, NULL), MU_OK);
        CU_ASSERT_EQUAL(m.sakke.scheme, vec_num(&v, "id_scheme"));
        CU_ASSERT_EQUAL(m.hdr.map_type, vec_num(&v, "cs_id_map_type"));
        CU_ASSERT(span_eq(m.rand.rand, vec_hex(&v, "rand")));
        CU_ASSERT_PTR_EQUAL(m.covered.p, message.p);
        CU_ASSERT_EQUAL(m.covered.len, message.len - MIKEY_SIGN_ECCSI_LEN);
    }
}

static void writes_every_message_again(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    uint8_t buf[2048];

    vec_open(&v, "mikey-messages.vec");
    while (vec_next(&v)) {
        struct span message = vec_hex(&v, "message"), out = {0};
        struct mikey_msg m;
        struct wr w;

        CU_ASSERT_EQUAL_FATAL(
            mikey_msg_read(message, MIKEY_RFC6509, &m, NULL), MU_OK);
        if (m.ext_count > 0)
            continue; /* not in our order: an extension before SAKKE */
        wr_init(&w, buf, sizeof(buf));
        mikey_msg_write_covered(&w, &m);
        CU_ASSERT(span_eq(wr_so_far(&w), m.covered));
        wr_init(&w, buf, sizeof(buf));
        mikey_msg_write(&w, &m);
        CU_ASSERT_EQUAL_FATAL(wr_close(&w, &out), MU_OK);
        CU_ASSERT(span_eq(out, message));
    }
}

static void every_truncation_is_malformed_inside(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "mikey-messages.vec");
    while (vec_next(&v)) {
        struct span message = vec_hex(&v, "message");

        for (size_t len = 0; len < message.len; len++) {
            struct mikey_fault fault = {0};
            struct mikey_msg m;

            CU_ASSERT_EQUAL(mikey_msg_read((struct span){message.p, len},
                                MIKEY_RFC6509, &m, &fault),
                MU_E_MALFORMED);
            CU_ASSERT(fault.rd.at <= len);
        }
    }
}

/* By form a message with another signature or key is as good as any. */
static void refuses_every_invalid_message_whose_form_is_wrong(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "mikey-invalid.vec");
    while (vec_next(&v)) {
        struct span message = vec_hex(&v, "message");
        struct mikey_fault fault = {0};
        struct mikey_msg m;
        enum mu_err err = mikey_msg_read(message, MIKEY_RFC6509, &m, &fault);

        if (strcmp(vec_text(&v, "error"), "crypto") == 0) {
            CU_ASSERT_EQUAL(err, MU_OK);
            continue;
        }
        CU_ASSERT_STRING_EQUAL_FATAL(mu_err_name(err), vec_text(&v, "error"));
        CU_ASSERT_STRING_EQUAL(fault.rd.field, vec_text(&v, "field"));
        CU_ASSERT_EQUAL(fault.rd.at, vec_num(&v, "at"));
    }
}

static const struct {
    const char *name;
    enum mikey_tolerance bit;
} tolerances[] = {
    {"no_idr", MIKEY_ALLOW_NO_IDR},
    {"tel", MIKEY_ALLOW_TEL},
    {"ntp", MIKEY_ALLOW_NTP},
    {"srtp_id", MIKEY_ALLOW_SRTP_ID},
    {"other_ext", MIKEY_ALLOW_OTHER_EXT},
    {"v", MIKEY_ALLOW_V},
    {"prf_sha1", MIKEY_ALLOW_PRF_SHA1},
    {"uid_as_uri", MIKEY_ALLOW_UID_AS_URI},
    {"nul", MIKEY_ALLOW_NUL},
    {"empty_generic_id", MIKEY_ALLOW_EMPTY_GENERIC_ID},
};

#define TOLERANCES (sizeof(tolerances) / sizeof(tolerances[0]))
#define EVERYTHING ((1U << TOLERANCES) - 1)

static unsigned tolerance(const char *name)
{
    for (size_t i = 0; i < TOLERANCES; i++)
        if (strcmp(tolerances[i].name, name) == 0)
            return tolerances[i].bit;
    CU_FAIL_FATAL("no such tolerance");
    return 0;
}

static void strictness_follows_every_vector(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    parts_open(&parts, &v, "mikey-msg.vec");
    while (parts_next(&parts, &v)) {
        struct mikey_fault fault = {0};
        struct mikey_msg m;
        enum mu_err err =
            mikey_msg_read(parts.message, MIKEY_STRICT, &m, &fault);

        if (vec_text(&v, "error") == NULL) {
            CU_ASSERT_EQUAL(err, MU_OK);
            CU_ASSERT_EQUAL(m.allowed, 0);
            continue;
        }
        CU_ASSERT_STRING_EQUAL_FATAL(mu_err_name(err), vec_text(&v, "error"));
        CU_ASSERT_STRING_EQUAL(fault.rd.field, vec_text(&v, "field"));
        CU_ASSERT_EQUAL(fault.rd.at, vec_num(&v, "at"));
        CU_ASSERT_PTR_NOT_NULL(fault.rd.why);
    }
}

static void each_tolerance_lets_its_oddity_pass(void)
{
    unsigned seen = 0;
    MU_CLEANUP(vec_close) struct vec v;

    parts_open(&parts, &v, "mikey-msg.vec");
    while (parts_next(&parts, &v)) {
        struct mikey_msg m;
        unsigned bit;

        if (vec_text(&v, "allow") == NULL)
            continue;
        bit = tolerance(vec_text(&v, "allow"));
        seen |= bit;
        CU_ASSERT_EQUAL_FATAL(
            mikey_msg_read(parts.message, bit, &m, NULL), MU_OK);
        CU_ASSERT_EQUAL(m.allowed, bit);
    }
    CU_ASSERT_EQUAL(seen, EVERYTHING);
}

static void no_other_tolerance_lets_an_oddity_pass(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    parts_open(&parts, &v, "mikey-msg.vec");
    while (parts_next(&parts, &v)) {
        unsigned rest = EVERYTHING;
        struct mikey_msg m;

        if (vec_text(&v, "error") == NULL)
            continue;
        if (vec_text(&v, "allow") != NULL)
            rest &= ~tolerance(vec_text(&v, "allow"));
        CU_ASSERT_NOT_EQUAL(
            mikey_msg_read(parts.message, rest, &m, NULL), MU_OK);
    }
}

/* The message of mikey-msg.vec with this name, in parts.message. */
static void find(struct vec *v, const char *name)
{
    parts_open(&parts, v, "mikey-msg.vec");
    while (parts_next(&parts, v))
        if (strcmp(vec_text(v, "name"), name) == 0)
            return;
    CU_FAIL_FATAL("no such message");
}

static void finds_identities_and_extensions(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct mikey_msg m;

    find(&v, "all that may be there");
    CU_ASSERT_EQUAL_FATAL(
        mikey_msg_read(parts.message, MIKEY_STRICT, &m, NULL), MU_OK);
    CU_ASSERT(span_eq(
        mikey_msg_idr(&m, MIKEY_ROLE_RESPONDER)->id, span_str("sip:b")));
    CU_ASSERT_PTR_NULL(mikey_msg_idr(&m, MIKEY_ROLE_RESPONDER_UID));
    CU_ASSERT(
        span_eq(mikey_msg_ext(&m, MIKEY_EXT_SDP_IDS)->data, span_str("mikey")));
    CU_ASSERT_PTR_NULL(mikey_msg_ext(&m, MIKEY_EXT_VENDOR));
}

static void writes_in_the_order_of_the_rules(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct span out = {0};
    uint8_t buf[1024];
    struct mikey_msg m;
    struct wr w;

    find(&v, "another order");
    CU_ASSERT_EQUAL_FATAL(
        mikey_msg_read(parts.message, MIKEY_STRICT, &m, NULL), MU_OK);
    vec_close(&v);
    wr_init(&w, buf, sizeof(buf));
    mikey_msg_write(&w, &m);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &out), MU_OK);
    find(&v, "clear identities");
    CU_ASSERT(span_eq(out, parts.message));
}

static void leaves_the_result_alone_on_failure(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct mikey_msg m = {.allowed = 0x5a5a};

    find(&v, "no SAKKE");
    CU_ASSERT_EQUAL(
        mikey_msg_read(parts.message, MIKEY_STRICT, &m, NULL), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(m.allowed, 0x5a5a);
    CU_ASSERT_PTR_NULL(m.covered.p);
}

static void the_signature_covers_all_payloads_but_itself(void)
{
    for (size_t i = 0; i < MIKEY_RULES; i++)
        CU_ASSERT_EQUAL(
            mikey_rules[i].covered, mikey_rules[i].type != MIKEY_PL_SIGN);
}

static void no_payload_has_a_rule_that_never_speaks(void)
{
    struct mikey_payload p = {.type = MIKEY_PL_EXT};

    CU_ASSERT_STRING_EQUAL(mikey_rules[mikey_rule_find(&p)].name, "GEN_EXT");
    p.ext.type = MIKEY_EXT_KEY_PARAMS;
    CU_ASSERT_STRING_EQUAL(
        mikey_rules[mikey_rule_find(&p)].name, "key parameters");
    p.ext.type = 0xf7;
    CU_ASSERT_STRING_EQUAL(mikey_rules[mikey_rule_find(&p)].name, "GEN_EXT");
    p = (struct mikey_payload){.type = MIKEY_PL_PKE};
    CU_ASSERT_EQUAL(mikey_rule_find(&p), MIKEY_RULES);
}

/* Read and written again, what was accepted is accepted, and the same. */
static void check_again(const struct mikey_msg *m)
{
    uint8_t buf[1024], again[1024];
    struct span first = {0}, second = {0};
    struct mikey_msg n;
    struct wr w;

    wr_init(&w, buf, sizeof(buf));
    mikey_msg_write(&w, m);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &first), MU_OK);
    CU_ASSERT_EQUAL_FATAL(mikey_msg_read(first, EVERYTHING, &n, NULL), MU_OK);
    wr_init(&w, again, sizeof(again));
    mikey_msg_write(&w, &n);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &second), MU_OK);
    CU_ASSERT(span_eq(first, second));
}

#define ROUNDS 2000

static void changed_octets_fail_inside_or_read_as_they_write(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct test_rng rng;

    test_rng_init(&rng, 26);
    vec_open(&v, "mikey-messages.vec");
    while (vec_next(&v)) {
        struct span message = vec_hex(&v, "message");
        uint8_t changed[1024];

        for (unsigned i = 0; i < ROUNDS; i++) {
            struct mikey_fault fault = {0};
            struct mikey_msg m;

            memcpy(changed, message.p, message.len);
            for (uint64_t n = 1 + test_rng_below(&rng, 4); n > 0; n--)
                changed[test_rng_below(&rng, message.len)] =
                    (uint8_t)test_rng_below(&rng, 256);
            if (mikey_msg_read((struct span){changed, message.len}, EVERYTHING,
                    &m, &fault) == MU_OK)
                check_again(&m);
            else
                CU_ASSERT(fault.rd.at <= message.len);
        }
    }
}

CU_TestInfo mikey_msg_tests[] = {
    {"reads every message", reads_every_message},
    {"writes every message again", writes_every_message_again},
    {"every truncation is malformed inside",
        every_truncation_is_malformed_inside},
    {"refuses every invalid message whose form is wrong",
        refuses_every_invalid_message_whose_form_is_wrong},
    {"strictness follows every vector", strictness_follows_every_vector},
    {"each tolerance lets its oddity pass",
        each_tolerance_lets_its_oddity_pass},
    {"no other tolerance lets an oddity pass",
        no_other_tolerance_lets_an_oddity_pass},
    {"finds identities and extensions", finds_identities_and_extensions},
    {"writes in the order of the rules", writes_in_the_order_of_the_rules},
    {"leaves the result alone on failure", leaves_the_result_alone_on_failure},
    {"the signature covers all payloads but itself",
        the_signature_covers_all_payloads_but_itself},
    {"no payload has a rule that never speaks",
        no_payload_has_a_rule_that_never_speaks},
    {"changed octets fail inside or read as they write",
        changed_octets_fail_inside_or_read_as_they_write},
    CU_TEST_INFO_NULL,
};
