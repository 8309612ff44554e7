/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/receipt.h"

#include <string.h>

#include "mikey/msg.h"
#include "tests/kms.h"
#include "tests/suites.h"

#define GROUP  "sip:incident-42@groups.example.org"
#define MEMBER "sip:user@example.org"
#define KMS    "kms.example.org"

/* Two members of one KMS, made once. */
static struct {
    bool made;
    struct test_rng rng;
    struct test_kms kms;
    struct test_user user, other;
    uint8_t sha256[MCPTT_RECEIPT_SHA256_LEN];
} world;

static void world_init(void)
{
    if (world.made)
        return;
    world.made = true;
    test_rng_init(&world.rng, 6507);
    test_kms_init(&world.kms, &world.rng);
    test_user_init(&world.user, &world.kms, span_str("user uid"), &world.rng);
    test_user_init(&world.other, &world.kms, span_str("other uid"), &world.rng);
    memset(world.sha256, 0xa5, sizeof(world.sha256));
}

static struct mcptt_key key_of(uint8_t octet)
{
    struct mcptt_key key = {.kind = MCPTT_KIND_GMK};

    memset(key.b, octet, sizeof(key.b));
    return key;
}

static struct mcptt_receipt draft(void)
{
    return (struct mcptt_receipt){.key_id = {0x0a1b2c3d},
        .time_ms = UINT64_C(1795788084123),
        .group = span_str(GROUP),
        .member = span_str(MEMBER),
        .kms = span_str(KMS),
        .message_sha256 = SPAN_OF(world.sha256)};
}

static struct span written(uint8_t *room)
{
    const struct mcptt_receipt in = draft();
    struct mcptt_key key = key_of(7);
    struct span out = {NULL, 0};
    struct wr w;

    world_init();
    wr_init(&w, room, MCPTT_RECEIPT_MAX);
    CU_ASSERT_EQUAL_FATAL(
        mcptt_receipt_write(&w, &in, &key, world.user.signer, &world.rng.rng),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &out), MU_OK);
    return out;
}

static enum mu_err check(struct span octets, uint8_t key_octet, const char *id)
{
    struct mcptt_key key = key_of(key_octet);
    struct mcptt_receipt receipt;

    CU_ASSERT_EQUAL_FATAL(mcptt_receipt_read(octets, &receipt, NULL), MU_OK);
    return mcptt_receipt_check(&receipt, &key, world.kms.eccsi, span_str(id));
}

static void a_receipt_is_read_and_checked(void)
{
    uint8_t room[MCPTT_RECEIPT_MAX];
    const struct mcptt_receipt in = draft();
    struct span octets = written(room);
    struct mcptt_receipt out;

    CU_ASSERT_EQUAL_FATAL(mcptt_receipt_read(octets, &out, NULL), MU_OK);
    CU_ASSERT_EQUAL(out.key_id.v, in.key_id.v);
    CU_ASSERT_EQUAL(out.time_ms, in.time_ms);
    CU_ASSERT(span_eq(out.group, in.group));
    CU_ASSERT(span_eq(out.member, in.member));
    CU_ASSERT(span_eq(out.kms, in.kms));
    CU_ASSERT(span_eq(out.message_sha256, in.message_sha256));
    CU_ASSERT_EQUAL(check(octets, 7, "user uid"), MU_OK);
}

/* Whoever has the key but is somebody else, and he himself without it. */
static void each_proof_counts(void)
{
    uint8_t room[MCPTT_RECEIPT_MAX];
    struct span octets = written(room);

    CU_ASSERT_EQUAL(check(octets, 7, "other uid"), MU_E_CRYPTO);
    CU_ASSERT_EQUAL(check(octets, 8, "user uid"), MU_E_CRYPTO);
}

static void every_changed_octet_is_found(void)
{
    uint8_t room[MCPTT_RECEIPT_MAX];
    struct span octets = written(room);

    for (size_t i = 0; i < octets.len; i++) {
        struct mcptt_receipt receipt;
        struct mcptt_key key = key_of(7);

        room[i] ^= 1;
        if (mcptt_receipt_read(octets, &receipt, NULL) == MU_OK)
            CU_ASSERT_EQUAL(mcptt_receipt_check(&receipt, &key, world.kms.eccsi,
                                span_str("user uid")),
                MU_E_CRYPTO);
        room[i] ^= 1;
    }
}

static void every_truncation_is_malformed(void)
{
    uint8_t room[MCPTT_RECEIPT_MAX];
    struct span octets = written(room);
    struct mcptt_receipt receipt;
    struct rd_fault fault;

    for (size_t len = 0; len < octets.len; len++)
        CU_ASSERT_EQUAL(
            mcptt_receipt_read((struct span){room, len}, &receipt, &fault),
            MU_E_MALFORMED);
    room[0] = 2;
    CU_ASSERT_EQUAL(
        mcptt_receipt_read(octets, &receipt, &fault), MU_E_UNSUPPORTED);
    CU_ASSERT_STRING_EQUAL(fault.field, "version");
}

/* What is signed begins with no version of MIKEY, nor does a receipt read as a
 * message. */
static void a_receipt_is_no_mikey_message(void)
{
    uint8_t room[MCPTT_RECEIPT_MAX];
    struct span octets = written(room);
    struct mikey_fault fault;
    struct mikey_msg msg;

    CU_ASSERT_NOT_EQUAL(mikey_msg_read(octets, 0, &msg, &fault), MU_OK);
    CU_ASSERT_NOT_EQUAL("muster receipt 1"[0], 1);
}

static void a_bad_draft_is_malformed(void)
{
    static const uint8_t large[MCPTT_ID_MAX + 1];
    uint8_t room[MCPTT_RECEIPT_MAX];
    struct mcptt_key key = key_of(7);
    struct mcptt_receipt bad[3];

    world_init();
    bad[0] = bad[1] = bad[2] = draft();
    bad[0].member = SPAN_OF(large);
    bad[1].group = (struct span){NULL, 0};
    bad[2].message_sha256.len--;
    for (size_t i = 0; i < 3; i++) {
        struct wr w;

        wr_init(&w, room, sizeof(room));
        CU_ASSERT_EQUAL(mcptt_receipt_write(&w, &bad[i], &key,
                            world.user.signer, &world.rng.rng),
            MU_E_MALFORMED);
    }
}

static void a_full_buffer_is_no_space(void)
{
    uint8_t room[MCPTT_RECEIPT_MAX];
    size_t len = written(room).len;
    const struct mcptt_receipt in = draft();
    struct mcptt_key key = key_of(7);
    struct wr w;

    wr_init(&w, room, len - 1);
    CU_ASSERT_EQUAL(
        mcptt_receipt_write(&w, &in, &key, world.user.signer, &world.rng.rng),
        MU_E_NO_SPACE);
}

CU_TestInfo mcptt_receipt_tests[] = {
    {"a receipt is read and checked", a_receipt_is_read_and_checked},
    {"each proof counts", each_proof_counts},
    {"every changed octet is found", every_changed_octet_is_found},
    {"every truncation is malformed", every_truncation_is_malformed},
    {"a receipt is no MIKEY message", a_receipt_is_no_mikey_message},
    {"a bad draft is malformed", a_bad_draft_is_malformed},
    {"a full buffer is no space", a_full_buffer_is_no_space},
    CU_TEST_INFO_NULL,
};

int mcptt_receipt_end(void)
{
    if (world.made) {
        test_user_clear(&world.user);
        test_user_clear(&world.other);
        test_kms_clear(&world.kms);
        world.made = false;
    }
    return 0;
}
