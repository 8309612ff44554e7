/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/imsg.h"
#include "mikey/prf.h"
#include "tests/kms.h"
#include "tests/suites.h"
#include "tests/vec.h"

#include <string.h>

#define MESSAGE_MAX 2048

static void open_kms(struct test_kms *kms)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "mikey-kms.vec");
    CU_ASSERT_FATAL(vec_next(&v));
    test_kms_public(kms, vec_hex(&v, "Z"), vec_hex(&v, "kpak"));
}

/* What opens the messages of one record; vec_hex() has limited room. */
struct receiver {
    struct test_kms *kms;
    struct test_user user;
    struct mikey_imsg_keys keys;
};

static void receiver_init(
    struct receiver *r, struct vec *v, struct test_kms *kms)
{
    const struct span none = {NULL, 0};

    r->kms = kms;
    test_user_import(&r->user, kms, vec_hex(v, "responder_id"),
        vec_hex(v, "responder_rsk"), none, none);
    r->keys = (struct mikey_imsg_keys){
        .initiator_kms = kms->eccsi,
        .initiator_id = vec_hex(v, "initiator_id"),
        .user = r->user.sakke,
    };
}

static void receiver_clear(struct receiver *r)
{
    test_user_clear(&r->user);
}

static enum mu_err open_message(
    const struct receiver *r, struct span message, struct mikey_ssv *ssv)
{
    struct mikey_msg msg;

    TRY(mikey_msg_read(message, MIKEY_RFC6509, &msg, NULL));
    return mikey_imsg_open(&msg, &msg.sakke, &r->keys, ssv);
}

static void opens_every_vector(void)
{
    MU_CLEANUP(test_kms_clear) struct test_kms kms;
    MU_CLEANUP(vec_close) struct vec v;

    open_kms(&kms);
    vec_open(&v, "mikey-messages.vec");
    while (vec_next(&v)) {
        MU_CLEANUP(receiver_clear) struct receiver r = {0};
        struct mikey_ssv ssv;

        receiver_init(&r, &v, &kms);
        CU_ASSERT_EQUAL(open_message(&r, vec_hex(&v, "message"), &ssv), MU_OK);
        CU_ASSERT(span_eq(SPAN_OF(ssv.b), vec_hex(&v, "ssv")));
    }
}

static void sign_as_vector(struct vec *v, struct test_kms *kms,
    const struct mikey_msg *msg, struct wr *w)
{
    struct mikey_eccsi_signer *signer;
    struct mikey_eccsi_pair pair;
    struct mikey_eccsi_nonce j;
    uint8_t sig[MIKEY_SIG_LEN];

    memcpy(pair.ssk.b, vec_hex(v, "ssk").p, sizeof(pair.ssk.b));
    memcpy(pair.pvt, vec_hex(v, "pvt").p, sizeof(pair.pvt));
    memcpy(j.b, vec_hex(v, "j").p, sizeof(j.b));
    CU_ASSERT_EQUAL_FATAL(mikey_eccsi_signer_new(kms->eccsi,
                              vec_hex(v, "initiator_id"), &pair, &signer),
        MU_OK);
    mikey_msg_write_covered(w, msg);
    CU_ASSERT_EQUAL(
        mikey_eccsi_sign_with(signer, wr_so_far(w), &j, sig), MU_OK);
    wr_span(w, SPAN_OF(sig));
    mikey_eccsi_signer_free(signer);
}

/* From its parts, with the vector's j, to the last octet. */
static void rebuilds_every_vector(void)
{
    MU_CLEANUP(test_kms_clear) struct test_kms kms;
    MU_CLEANUP(vec_close) struct vec v;

    open_kms(&kms);
    vec_open(&v, "mikey-messages.vec");
    while (vec_next(&v)) {
        uint8_t buf[MESSAGE_MAX], sed[1][MIKEY_SED_LEN];
        struct span id = vec_hex(&v, "responder_id"), out = {0};
        struct mikey_msg msg;
        struct mikey_ssv ssv;
        struct wr w;

        CU_ASSERT_EQUAL_FATAL(
            mikey_msg_read(vec_hex(&v, "message"), MIKEY_RFC6509, &msg, NULL),
            MU_OK);
        memcpy(ssv.b, vec_hex(&v, "ssv").p, sizeof(ssv.b));
        CU_ASSERT_EQUAL(
            mikey_sakke_encapsulate(kms.sakke, &ssv, &id, 1, sed), MU_OK);
        msg.sakke.sed = SPAN_OF(sed[0]);
        wr_init(&w, buf, sizeof(buf));
        sign_as_vector(&v, &kms, &msg, &w);
        CU_ASSERT_EQUAL(wr_close(&w, &out), MU_OK);
        /* Vector 2 has its extension before SAKKE, which is not our order. */
        if (strcmp(vec_text(&v, "name"), "message 2") != 0)
            CU_ASSERT(span_eq(out, vec_hex(&v, "message")));
    }
}

/* RFC 3830 clause 4.1.3 with what the message carries. */
static void gives_the_srtp_keys_of_every_vector(void)
{
    MU_CLEANUP(test_kms_clear) struct test_kms kms;
    MU_CLEANUP(vec_close) struct vec v;

    open_kms(&kms);
    vec_open(&v, "mikey-messages.vec");
    while (vec_next(&v)) {
        MU_CLEANUP(receiver_clear) struct receiver r = {0};
        struct mikey_msg msg;
        struct mikey_ssv ssv;
        uint8_t tek[16];

        receiver_init(&r, &v, &kms);

        CU_ASSERT_EQUAL_FATAL(
            mikey_msg_read(vec_hex(&v, "message"), MIKEY_RFC6509, &msg, NULL),
            MU_OK);
        CU_ASSERT_EQUAL_FATAL(
            open_message(&r, vec_hex(&v, "message"), &ssv), MU_OK);
        CU_ASSERT_EQUAL(mikey_prf(msg.hdr.prf, SPAN_OF(ssv.b),
                            &(struct mikey_prf_label){
                                .use = MIKEY_PRF_TEK,
                                .cs_id = 1,
                                .csb_id = msg.hdr.csb_id,
                                .rand = msg.rand.rand,
                            },
                            tek, sizeof(tek)),
            MU_OK);
        CU_ASSERT(span_eq(SPAN_OF(tek), vec_hex(&v, "tek_cs1")));
    }
}

static void no_octet_can_be_changed(void)
{
    MU_CLEANUP(test_kms_clear) struct test_kms kms;
    MU_CLEANUP(vec_close) struct vec v;
    MU_CLEANUP(receiver_clear) struct receiver r = {0};
    uint8_t copy[MESSAGE_MAX];
    struct mikey_ssv ssv;
    struct span message;

    open_kms(&kms);
    vec_open(&v, "mikey-messages.vec");
    CU_ASSERT_FATAL(vec_next(&v));
    receiver_init(&r, &v, &kms);
    message = vec_hex(&v, "message");
    CU_ASSERT_FATAL(message.len <= sizeof(copy));
    memcpy(copy, message.p, message.len);
    for (size_t i = 0; i < message.len; i++) {
        copy[i] ^= 0x10;
        CU_ASSERT_NOT_EQUAL(
            open_message(&r, (struct span){copy, message.len}, &ssv), MU_OK);
        copy[i] ^= 0x10;
    }
}

static void a_short_coverage_needs_its_tolerance(void)
{
    MU_CLEANUP(test_kms_clear) struct test_kms kms;
    MU_CLEANUP(test_user_clear) struct test_user user = {0};
    MU_CLEANUP(vec_close) struct vec v;
    MU_CLEANUP(receiver_clear) struct receiver r = {0};
    struct test_rng rng;
    struct mikey_ssv ssv;
    struct span message, covered;
    struct mikey_msg msg;
    uint8_t copy[MESSAGE_MAX];

    test_rng_init(&rng, 1);
    open_kms(&kms);
    vec_open(&v, "mikey-messages.vec");
    CU_ASSERT_FATAL(vec_next(&v));
    receiver_init(&r, &v, &kms);
    test_user_import(&user, &kms, vec_hex(&v, "initiator_id"),
        (struct span){NULL, 0}, vec_hex(&v, "ssk"), vec_hex(&v, "pvt"));
    message = vec_hex(&v, "message");
    memcpy(copy, message.p, message.len);
    CU_ASSERT_EQUAL_FATAL(
        mikey_msg_read(message, MIKEY_RFC6509, &msg, NULL), MU_OK);
    covered = (struct span){copy, msg.covered.len - 2};
    CU_ASSERT_EQUAL(mikey_eccsi_sign(
                        user.signer, covered, &rng.rng, copy + msg.covered.len),
        MU_OK);
    message.p = copy;
    CU_ASSERT_EQUAL(open_message(&r, message, &ssv), MU_E_CRYPTO);
    r.keys.tolerance = MIKEY_ALLOW_SHORT_COVERAGE;
    CU_ASSERT_EQUAL(open_message(&r, message, &ssv), MU_OK);
}

/* By form or by mathematics, as the vector says; all change message 0. */
static void refuses_every_invalid_message(void)
{
    MU_CLEANUP(test_kms_clear) struct test_kms kms;
    MU_CLEANUP(vec_close) struct vec v, base;
    MU_CLEANUP(receiver_clear) struct receiver r = {0};
    unsigned by_form = 0, by_crypto = 0;

    open_kms(&kms);
    vec_open(&base, "mikey-messages.vec");
    CU_ASSERT_FATAL(vec_next(&base));
    receiver_init(&r, &base, &kms);
    vec_open(&v, "mikey-invalid.vec");
    while (vec_next(&v)) {
        struct span message = vec_hex(&v, "message");
        bool crypto = strcmp(vec_text(&v, "error"), "crypto") == 0;
        struct mikey_ssv ssv;
        enum mu_err err = open_message(&r, message, &ssv);

        CU_ASSERT_EQUAL_FATAL(vec_num(&v, "based_on"), 0);
        CU_ASSERT_STRING_EQUAL(mu_err_name(err), vec_text(&v, "error"));
        by_form += !crypto;
        by_crypto += crypto;
    }
    CU_ASSERT_EQUAL(by_form + by_crypto, 22);
    CU_ASSERT(by_crypto >= 3);
}

CU_TestInfo mikey_imsg_tests[] = {
    {"opens every vector", opens_every_vector},
    {"rebuilds every vector", rebuilds_every_vector},
    {"gives the SRTP keys of every vector",
        gives_the_srtp_keys_of_every_vector},
    {"no octet can be changed", no_octet_can_be_changed},
    {"a short coverage needs its tolerance",
        a_short_coverage_needs_its_tolerance},
    {"refuses every invalid message", refuses_every_invalid_message},
    CU_TEST_INFO_NULL,
};
