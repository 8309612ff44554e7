/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/vault/proto.h"

#include "base/alloc.h"
#include "tests/gms/vault_frames.h"
#include "tests/suites.h"

#include <string.h>

#define ARENA_MAX 65536

/* A frame's octets; static, as a frame is too much for a stack. */
static uint8_t octets[2][GMS_VAULT_FRAME_MAX + 1];

static struct span write_request(
    const struct gms_vault_request *request, size_t which)
{
    struct span frame = {NULL, 0};
    struct wr w;

    wr_init(&w, octets[which], sizeof(octets[which]));
    CU_ASSERT_EQUAL_FATAL(gms_vault_request_write(&w, request), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &frame), MU_OK);
    return frame;
}

static struct span write_answer(
    const struct gms_vault_answer *answer, size_t which)
{
    struct span frame = {NULL, 0};
    struct wr w;

    wr_init(&w, octets[which], sizeof(octets[which]));
    CU_ASSERT_EQUAL_FATAL(gms_vault_answer_write(&w, answer), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &frame), MU_OK);
    return frame;
}

/* What a reader says; *out must stay as it was when it says no. */
static enum mu_err read_request(struct span frame)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_vault_request out, before;
    enum mu_err err;

    memset(&out, 0x5a, sizeof(out));
    memcpy(&before, &out, sizeof(out));
    mu_arena_init(&arena, ARENA_MAX);
    err = gms_vault_request_read(frame, &arena, &out);
    if (err != MU_OK)
        CU_ASSERT(span_eq((struct span){(const uint8_t *)&out, sizeof(out)},
            (struct span){(const uint8_t *)&before, sizeof(before)}));
    return err;
}

static enum mu_err read_answer(struct span frame)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_vault_answer out, before;
    enum mu_err err;

    memset(&out, 0x5a, sizeof(out));
    memcpy(&before, &out, sizeof(out));
    mu_arena_init(&arena, ARENA_MAX);
    err = gms_vault_answer_read(frame, &arena, &out);
    if (err != MU_OK)
        CU_ASSERT(span_eq((struct span){(const uint8_t *)&out, sizeof(out)},
            (struct span){(const uint8_t *)&before, sizeof(before)}));
    return err;
}

static void every_request_round_trips(void)
{
    struct frames f;

    frames_init(&f);
    for (unsigned op = GMS_VAULT_HELLO; op < GMS_VAULT_OPS; op++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct gms_vault_request in = frames_request(&f, op), out = {.id = 0};
        struct span frame = write_request(&in, 0);

        mu_arena_init(&arena, ARENA_MAX);
        CU_ASSERT_EQUAL_FATAL(
            gms_vault_request_read(frame, &arena, &out), MU_OK);
        CU_ASSERT_EQUAL(out.op, op);
        CU_ASSERT_EQUAL(out.id, in.id);
        CU_ASSERT(span_eq(frame, write_request(&out, 1)));
    }
}

static void every_answer_round_trips(void)
{
    struct frames f;

    frames_init(&f);
    for (unsigned op = GMS_VAULT_HELLO; op < GMS_VAULT_OPS; op++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct gms_vault_answer in = frames_answer(&f, op), out = {.id = 0};
        struct span frame = write_answer(&in, 0);

        mu_arena_init(&arena, ARENA_MAX);
        CU_ASSERT_EQUAL_FATAL(
            gms_vault_answer_read(frame, &arena, &out), MU_OK);
        CU_ASSERT_EQUAL(out.op, op);
        CU_ASSERT_EQUAL(out.id, in.id);
        CU_ASSERT_EQUAL(out.last, in.last);
        CU_ASSERT(span_eq(frame, write_answer(&out, 1)));
    }
}

static void a_refusal_round_trips(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_vault_answer in = frames_refusal(), out = {.id = 0};

    mu_arena_init(&arena, ARENA_MAX);
    CU_ASSERT_EQUAL_FATAL(
        gms_vault_answer_read(write_answer(&in, 0), &arena, &out), MU_OK);
    CU_ASSERT_EQUAL(out.err, MU_E_DENIED);
    CU_ASSERT_EQUAL(out.refusal, GMS_REFUSED_EXCLUDED);
    CU_ASSERT(span_eq(out.why, in.why));
    CU_ASSERT(out.last);
}

/* The fields, not only the octets: of the richest request and answer. */
static void a_sign_request_reads_as_it_was(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_vault_request in, out = {.id = 0};
    struct frames f;

    frames_init(&f);
    in = frames_request(&f, GMS_VAULT_SIGN);
    mu_arena_init(&arena, ARENA_MAX);
    CU_ASSERT_EQUAL_FATAL(
        gms_vault_request_read(write_request(&in, 0), &arena, &out), MU_OK);
    CU_ASSERT_EQUAL(out.sign.key.id.v, in.sign.key.id.v);
    CU_ASSERT(span_eq(out.sign.key.group, in.sign.key.group));
    CU_ASSERT_EQUAL(out.sign.key.epoch, 7);
    CU_ASSERT(span_eq(out.sign.key.sealed, SPAN_OF(f.sealed)));
    CU_ASSERT(span_eq(out.sign.period.kms, in.sign.period.kms));
    CU_ASSERT_EQUAL(out.sign.period.number, 1519);
    CU_ASSERT(!out.sign.terms.revoked);
    CU_ASSERT_EQUAL(out.sign.terms.activation_s, 1700000000);
    CU_ASSERT_EQUAL(out.sign.terms.expiry_s, 1800000000);
    CU_ASSERT(span_eq(out.sign.terms.text, in.sign.terms.text));
    CU_ASSERT_EQUAL_FATAL(out.sign.terms.group_count, 2);
    CU_ASSERT(span_eq(out.sign.terms.groups[1], in.sign.terms.groups[1]));
    CU_ASSERT_EQUAL_FATAL(out.sign.count, 2);
    CU_ASSERT(span_eq(out.sign.items[1].recipient, f.uris[1]));
    CU_ASSERT(span_eq(out.sign.items[1].envelope, SPAN_OF(f.envelopes[1])));
}

static void a_hello_reads_as_it_was(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_vault_answer in, out = {.id = 0};
    struct frames f;

    frames_init(&f);
    in = frames_answer(&f, GMS_VAULT_HELLO);
    mu_arena_init(&arena, ARENA_MAX);
    CU_ASSERT_EQUAL_FATAL(
        gms_vault_answer_read(write_answer(&in, 0), &arena, &out), MU_OK);
    CU_ASSERT(span_eq(out.hello.identity, in.hello.identity));
    CU_ASSERT(span_eq(out.hello.kms, in.hello.kms));
    CU_ASSERT(span_eq(SPAN_OF(out.hello.kek.b), SPAN_OF(in.hello.kek.b)));
    CU_ASSERT_EQUAL(out.hello.now_ms, 1700000000123);
    CU_ASSERT(out.hello.ready);
    CU_ASSERT(span_eq(out.hello.log_head, in.hello.log_head));
    CU_ASSERT(span_eq(
        SPAN_OF(out.hello.identity_kek.b), SPAN_OF(in.hello.identity_kek.b)));
    CU_ASSERT_EQUAL_FATAL(out.hello.kek_count, 2);
    CU_ASSERT(
        span_eq(SPAN_OF(out.hello.keks[1].b), SPAN_OF(in.hello.keks[1].b)));
}

static void a_reseal_request_reads_as_it_was(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_vault_request in, out = {.id = 0};
    struct frames f;

    frames_init(&f);
    in = frames_request(&f, GMS_VAULT_RESEAL);
    mu_arena_init(&arena, ARENA_MAX);
    CU_ASSERT_EQUAL_FATAL(
        gms_vault_request_read(write_request(&in, 0), &arena, &out), MU_OK);
    CU_ASSERT_EQUAL_FATAL(out.reseal.count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct gms_vault_object *got = &out.reseal.at[i];

        CU_ASSERT_EQUAL(got->key.id.v, f.objects[i].key.id.v);
        CU_ASSERT(span_eq(got->key.group, f.objects[i].key.group));
        CU_ASSERT_EQUAL(got->key.epoch, f.objects[i].key.epoch);
        CU_ASSERT(span_eq(got->key.sealed, f.objects[i].key.sealed));
        CU_ASSERT(span_eq(got->envelope, f.objects[i].envelope));
        CU_ASSERT(span_eq(got->recipient, f.objects[i].recipient));
        CU_ASSERT(span_eq(got->period.kms, f.objects[i].period.kms));
        CU_ASSERT_EQUAL(got->period.number, f.objects[i].period.number);
        CU_ASSERT_EQUAL(got->revocation, f.objects[i].revocation);
    }
}

static void every_truncated_frame_is_malformed(void)
{
    struct frames f;

    frames_init(&f);
    for (unsigned op = GMS_VAULT_HELLO; op < GMS_VAULT_OPS; op++) {
        struct gms_vault_request request = frames_request(&f, op);
        struct gms_vault_answer answer = frames_answer(&f, op);
        struct span frame = write_request(&request, 0);

        for (size_t len = 0; len < frame.len; len++)
            CU_ASSERT_EQUAL(
                read_request((struct span){frame.p, len}), MU_E_MALFORMED);
        frame = write_answer(&answer, 0);
        for (size_t len = 0; len < frame.len; len++)
            CU_ASSERT_EQUAL(
                read_answer((struct span){frame.p, len}), MU_E_MALFORMED);
    }
}

static void an_octet_too_many_is_malformed(void)
{
    struct frames f;

    frames_init(&f);
    for (unsigned op = GMS_VAULT_HELLO; op < GMS_VAULT_OPS; op++) {
        struct gms_vault_request request = frames_request(&f, op);
        struct gms_vault_answer answer = frames_answer(&f, op);
        struct span frame = write_request(&request, 0);

        octets[0][frame.len] = 0;
        CU_ASSERT_EQUAL(read_request((struct span){frame.p, frame.len + 1}),
            MU_E_MALFORMED);
        frame = write_answer(&answer, 0);
        octets[0][frame.len] = 0;
        CU_ASSERT_EQUAL(
            read_answer((struct span){frame.p, frame.len + 1}), MU_E_MALFORMED);
    }
}

/* Offsets: a head has 6 octets, of an answer 8; the sample's group 2 + 7, the
 * KMS 2 + 5, a sealed key 89, a whole key 4 + 9 + 8 + 89, a period 7 + 8. */
#define KEY_LEN    (4 + 9 + 8 + GMS_SEALED_KEY_LEN)
#define AFTER_KEY  (6 + KEY_LEN)
#define AFTER_PER  (AFTER_KEY + 15)
#define TERMS_TEXT (AFTER_PER + 18)
#define TERMS_GRPS (TERMS_TEXT + 2 + 11)
#define ITEMS      (TERMS_GRPS + 2 + 9 + 9)
/* In a reseal, behind the first object's envelope. */
#define OBJECT (8 + 4 + 9 + 8 + 1 + GMS_ENVELOPE_LEN)

struct bad {
    enum gms_vault_op op;
    size_t at;
    uint8_t value;
    enum mu_err err;
};

static const struct bad bad_requests[] = {
    {GMS_VAULT_HELLO, 0, 0, MU_E_UNSUPPORTED},
    {GMS_VAULT_HELLO, 0, 2, MU_E_UNSUPPORTED},
    {GMS_VAULT_HELLO, 1, 0, MU_E_MALFORMED},
    {GMS_VAULT_HELLO, 1, GMS_VAULT_OPS, MU_E_MALFORMED},
    {GMS_VAULT_CERT, 7, 0, MU_E_MALFORMED},      /* length */
    {GMS_VAULT_KEYS, 6 + 40, 2, MU_E_MALFORMED}, /* RSK length */
    {GMS_VAULT_NEW_KEY, 6, MCPTT_KINDS, MU_E_MALFORMED},
    {GMS_VAULT_NEW_KEY, 8, 0, MU_E_MALFORMED}, /* group length */
    {GMS_VAULT_NEW_KEY, 10, '\n', MU_E_MALFORMED},
    {GMS_VAULT_WRAP, 6, 0x71, MU_E_MALFORMED}, /* the identifier's tag */
    {GMS_VAULT_WRAP, 13, 0, MU_E_MALFORMED},   /* group */
    {GMS_VAULT_WRAP, AFTER_KEY + 3, 0, MU_E_MALFORMED}, /* KMS */
    {GMS_VAULT_WRAP, AFTER_PER, 2, MU_E_MALFORMED},     /* revocation */
    {GMS_VAULT_WRAP, AFTER_PER + 1, 2, MU_E_MALFORMED}, /* count */
    {GMS_VAULT_WRAP, AFTER_PER + 2, 0, MU_E_MALFORMED},
    {GMS_VAULT_WRAP, AFTER_PER + 5, 0, MU_E_MALFORMED}, /* a recipient */
    {GMS_VAULT_SIGN, AFTER_PER, 2, MU_E_MALFORMED},     /* revoked */
    {GMS_VAULT_SIGN, AFTER_PER + 1, 2, MU_E_MALFORMED}, /* hidden */
    {GMS_VAULT_SIGN, TERMS_TEXT + 1, 129, MU_E_MALFORMED},
    {GMS_VAULT_SIGN, TERMS_GRPS + 1, 16, MU_E_MALFORMED},
    {GMS_VAULT_SIGN, TERMS_GRPS + 5, 0, MU_E_MALFORMED}, /* a group */
    {GMS_VAULT_SIGN, ITEMS + 1, 0, MU_E_MALFORMED},      /* count */
    {GMS_VAULT_SIGN, ITEMS + 1, 129, MU_E_MALFORMED},
    {GMS_VAULT_SIGN, ITEMS + 4, 0, MU_E_MALFORMED},      /* a recipient */
    {GMS_VAULT_EXCLUDE, 9, 0, MU_E_MALFORMED},           /* group */
    {GMS_VAULT_EXCLUDE, 6 + 9 + 8, 2, MU_E_MALFORMED},   /* count */
    {GMS_VAULT_ADMIT, 6 + 9 + 8 + 5, 0, MU_E_MALFORMED}, /* a URI */
    {GMS_VAULT_CSK, 7, 0, MU_E_MALFORMED},               /* length */
    {GMS_VAULT_CSK, 6, 1, MU_E_MALFORMED},
    {GMS_VAULT_RESEAL, 7, 0, MU_E_MALFORMED}, /* count */
    {GMS_VAULT_RESEAL, 7, GMS_VAULT_RESEAL_MAX + 1, MU_E_MALFORMED},
    {GMS_VAULT_RESEAL, 8, 0x71, MU_E_MALFORMED},   /* the identifier's tag */
    {GMS_VAULT_RESEAL, 15, 0, MU_E_MALFORMED},     /* group */
    {GMS_VAULT_RESEAL, 8 + 21, 2, MU_E_MALFORMED}, /* is an envelope */
    {GMS_VAULT_RESEAL, OBJECT + 3, 0, MU_E_MALFORMED},      /* KMS */
    {GMS_VAULT_RESEAL, OBJECT + 15, 2, MU_E_MALFORMED},     /* revocation */
    {GMS_VAULT_RESEAL, OBJECT + 16 + 3, 0, MU_E_MALFORMED}, /* recipient */
};

static const struct bad bad_answers[] = {
    {GMS_VAULT_HELLO, 0, 2, MU_E_UNSUPPORTED},
    {GMS_VAULT_HELLO, 1, GMS_VAULT_OPS, MU_E_MALFORMED},
    {GMS_VAULT_CERT, 6, MU_E_CRYPTO + 1, MU_E_MALFORMED},  /* err */
    {GMS_VAULT_CERT, 7, 2, MU_E_MALFORMED},                /* last */
    {GMS_VAULT_HELLO, 10, 0, MU_E_MALFORMED},              /* identity */
    {GMS_VAULT_HELLO, 8 + 11 + 2, 0, MU_E_MALFORMED},      /* KMS */
    {GMS_VAULT_HELLO, 8 + 11 + 7 + 16, 2, MU_E_MALFORMED}, /* ready */
    {GMS_VAULT_NEW_KEY, 8, 0x71, MU_E_MALFORMED},          /* tag */
    {GMS_VAULT_WRAP, 9, 255, MU_E_MALFORMED}, /* items behind the last */
    {GMS_VAULT_WRAP, 11, 0, MU_E_MALFORMED},  /* count */
    {GMS_VAULT_SIGN, 9, 127, MU_E_MALFORMED},
    {GMS_VAULT_SIGN, 11, 0, MU_E_MALFORMED},
    {GMS_VAULT_SIGN, 11, 129, MU_E_MALFORMED},
    {GMS_VAULT_CSK, 9, 0, MU_E_MALFORMED},        /* length of the sender */
    {GMS_VAULT_CSK, 10, '\n', MU_E_MALFORMED},    /* the sender */
    {GMS_VAULT_CSK, 8 + 9, 0x00, MU_E_MALFORMED}, /* the tag of a GMK */
    {GMS_VAULT_CSK, 8 + 9, 0x70, MU_E_MALFORMED}, /* of nothing */
    {GMS_VAULT_HELLO, 8 + 11 + 7 + 17 + 8 + 8 + 1, MU_KEYRING_MAX + 1,
        MU_E_MALFORMED},                        /* KEKs */
    {GMS_VAULT_RESEAL, 9, 63, MU_E_MALFORMED},  /* behind the last */
    {GMS_VAULT_RESEAL, 11, 0, MU_E_MALFORMED},  /* count */
    {GMS_VAULT_RESEAL, 13, 42, MU_E_MALFORMED}, /* as long as nothing is */
};

static void a_bad_value_in_a_request_is_found(void)
{
    struct frames f;

    frames_init(&f);
    for (size_t i = 0; i < sizeof(bad_requests) / sizeof(bad_requests[0]);
         i++) {
        const struct bad *bad = &bad_requests[i];
        struct gms_vault_request request = frames_request(&f, bad->op);
        struct span frame = write_request(&request, 0);

        CU_ASSERT_NOT_EQUAL(octets[0][bad->at], bad->value);
        octets[0][bad->at] = bad->value;
        CU_ASSERT_EQUAL(read_request(frame), bad->err);
    }
}

static void a_bad_value_in_an_answer_is_found(void)
{
    struct frames f;

    frames_init(&f);
    for (size_t i = 0; i < sizeof(bad_answers) / sizeof(bad_answers[0]); i++) {
        const struct bad *bad = &bad_answers[i];
        struct gms_vault_answer answer = frames_answer(&f, bad->op);
        struct span frame = write_answer(&answer, 0);

        CU_ASSERT_NOT_EQUAL(octets[0][bad->at], bad->value);
        octets[0][bad->at] = bad->value;
        CU_ASSERT_EQUAL(read_answer(frame), bad->err);
    }
}

static void a_bad_value_in_a_refusal_is_found(void)
{
    struct gms_vault_answer answer = frames_refusal();
    struct span frame = write_answer(&answer, 0);

    octets[0][8] = GMS_REFUSALS;
    CU_ASSERT_EQUAL(read_answer(frame), MU_E_MALFORMED);
    octets[0][8] = GMS_REFUSED_LOG;
    octets[0][7] = 0; /* not the last: a refusal ends its request */
    CU_ASSERT_EQUAL(read_answer(frame), MU_E_MALFORMED);
    octets[0][7] = 1;
    CU_ASSERT_EQUAL(read_answer(frame), MU_OK);
}

static enum mu_err try_write(const struct gms_vault_request *request)
{
    struct wr w;

    wr_init(&w, octets[0], sizeof(octets[0]));
    return gms_vault_request_write(&w, request);
}

static void what_would_end_the_vault_is_not_written(void)
{
    struct gms_vault_request request;
    struct frames f;

    frames_init(&f);
    request = frames_request(&f, GMS_VAULT_WRAP);
    request.wrap.recipients = (const struct span[]){{NULL, 0}};
    request.wrap.count = 1;
    CU_ASSERT_EQUAL(try_write(&request), MU_E_MALFORMED);
    request = frames_request(&f, GMS_VAULT_WRAP);
    request.wrap.count = 0;
    CU_ASSERT_EQUAL(try_write(&request), MU_E_MALFORMED);
    request = frames_request(&f, GMS_VAULT_SIGN);
    request.sign.key.sealed.len--;
    CU_ASSERT_EQUAL(try_write(&request), MU_E_MALFORMED);
    request = frames_request(&f, GMS_VAULT_SIGN);
    request.sign.terms.group_count = MCPTT_KEY_PARAMS_GROUPS_MAX + 1;
    CU_ASSERT_EQUAL(try_write(&request), MU_E_MALFORMED);
    request = frames_request(&f, GMS_VAULT_HELLO);
    request.op = GMS_VAULT_OPS;
    CU_ASSERT_EQUAL(try_write(&request), MU_E_MALFORMED);
}

static void more_than_a_frame_is_no_space(void)
{
    static struct gms_vault_sign_item items[GMS_VAULT_SIGN_MAX];
    struct gms_vault_request request;
    uint8_t uri[MCPTT_ID_MAX];
    struct frames f;

    frames_init(&f);
    memset(uri, 'u', sizeof(uri));
    for (size_t i = 0; i < GMS_VAULT_SIGN_MAX; i++)
        items[i] =
            (struct gms_vault_sign_item){SPAN_OF(uri), SPAN_OF(f.envelopes[0])};
    request = frames_request(&f, GMS_VAULT_SIGN);
    request.sign.items = items;
    request.sign.count = GMS_VAULT_SIGN_MAX;
    CU_ASSERT_EQUAL(try_write(&request), MU_E_NO_SPACE);
    request.sign.count = 100;
    CU_ASSERT_EQUAL(try_write(&request), MU_OK);
    CU_ASSERT_EQUAL(read_request((struct span){octets[0], sizeof(octets[0])}),
        MU_E_MALFORMED);
}

static void a_reader_says_when_memory_ends(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_vault_request in, out;
    struct frames f;
    struct span frame;

    frames_init(&f);
    in = frames_request(&f, GMS_VAULT_WRAP);
    frame = write_request(&in, 0);
    mu_arena_init(&arena, 8);
    CU_ASSERT_EQUAL(gms_vault_request_read(frame, &arena, &out), MU_E_NO_SPACE);
    mu_alloc_fail_nth(1);
    CU_ASSERT_EQUAL(read_request(frame), MU_E_NO_MEMORY);
    CU_ASSERT(mu_alloc_fail_end());
}

static void every_refusal_has_a_name_of_its_own(void)
{
    for (unsigned i = 0; i < GMS_REFUSALS; i++) {
        CU_ASSERT_PTR_NOT_NULL_FATAL(gms_vault_refusal_name(i));
        for (unsigned j = 0; j < i; j++)
            CU_ASSERT_STRING_NOT_EQUAL(
                gms_vault_refusal_name(i), gms_vault_refusal_name(j));
    }
    CU_ASSERT_STRING_EQUAL(gms_vault_refusal_name(GMS_REFUSALS), "unknown");
}

CU_TestInfo gms_vault_proto_tests[] = {
    {"every request round trips", every_request_round_trips},
    {"every answer round trips", every_answer_round_trips},
    {"a refusal round trips", a_refusal_round_trips},
    {"a sign request reads as it was", a_sign_request_reads_as_it_was},
    {"a hello reads as it was", a_hello_reads_as_it_was},
    {"a reseal request reads as it was", a_reseal_request_reads_as_it_was},
    {"every truncated frame is malformed", every_truncated_frame_is_malformed},
    {"an octet too many is malformed", an_octet_too_many_is_malformed},
    {"a bad value in a request is found", a_bad_value_in_a_request_is_found},
    {"a bad value in an answer is found", a_bad_value_in_an_answer_is_found},
    {"a bad value in a refusal is found", a_bad_value_in_a_refusal_is_found},
    {"what would end the vault is not written",
        what_would_end_the_vault_is_not_written},
    {"more than a frame is no space", more_than_a_frame_is_no_space},
    {"a reader says when memory ends", a_reader_says_when_memory_ends},
    {"every refusal has a name of its own",
        every_refusal_has_a_name_of_its_own},
    CU_TEST_INFO_NULL,
};
