/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/vault/record.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/suites.h"

static uint8_t room[MU_CHAIN_PAYLOAD_MAX];

static const char bad_flag[] = "event=vault.wrap group=g epoch=7"
                               " key_id=0x0a1b2c3d kms=k period=1"
                               " revocation=2 to=sip:a@x";

/* Octets that a line must not hold as they are, and one that looks escaped. */
#define ODD "sip:b\xc3\xa4r\\x41@x"

static const struct span uris[] = {
    {(const uint8_t *)"sip:a@x", 7}, {(const uint8_t *)ODD, 14}};

static struct gms_vault_record sample(enum gms_vault_op op)
{
    struct gms_vault_record record = {
        .op = op, .group = span_str("sip:g@x"), .epoch = 7};

    if (op != GMS_VAULT_EXCLUDE && op != GMS_VAULT_ADMIT)
        record.key_id.v = 0x0a1b2c3d;
    if (op == GMS_VAULT_WRAP || op == GMS_VAULT_SIGN) {
        record.period = (struct gms_vault_period){span_str("kms.x"), 1519};
        record.revocation = true;
    }
    if (op == GMS_VAULT_SIGN) {
        record.activation_s = 1700000000;
        record.expiry_s = 1800000000;
    }
    if (op != GMS_VAULT_NEW_KEY) {
        record.uris = uris;
        record.count = 2;
    }
    return record;
}

static struct span write_record(const struct gms_vault_record *record)
{
    struct span payload = {NULL, 0};
    size_t taken = 0;
    struct wr w;

    wr_init(&w, room, sizeof(room));
    CU_ASSERT_EQUAL_FATAL(gms_vault_record_write(&w, record, &taken), MU_OK);
    CU_ASSERT_EQUAL(taken, record->count);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &payload), MU_OK);
    return payload;
}

static enum mu_err read_text(struct span text)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_vault_record record = {.epoch = 99};
    enum mu_err err;

    mu_arena_init(&arena, 1 << 18);
    err = gms_vault_record_read(text, &arena, &record);
    if (err != MU_OK)
        CU_ASSERT_EQUAL(record.epoch, 99);
    return err;
}

static void the_text_is_as_documented(void)
{
    struct gms_vault_record record = sample(GMS_VAULT_SIGN);

    CU_ASSERT(span_eq(write_record(&record),
        span_str("event=vault.sign group=sip:g@x epoch=7 key_id=0x0a1b2c3d"
                 " kms=kms.x period=1519 revocation=1 activation=1700000000"
                 " expiry=1800000000 to=sip:a@x"
                 " to=sip:b\\xc3\\xa4r\\x5cx41@x")));
    record = sample(GMS_VAULT_NEW_KEY);
    CU_ASSERT(span_eq(write_record(&record),
        span_str(
            "event=vault.new_key group=sip:g@x epoch=7 key_id=0x0a1b2c3d")));
    record = sample(GMS_VAULT_EXCLUDE);
    record.count = 1;
    CU_ASSERT(span_eq(write_record(&record),
        span_str("event=vault.exclude group=sip:g@x epoch=7 to=sip:a@x")));
}

static struct gms_vault_record csk_sample(void)
{
    return (struct gms_vault_record){.op = GMS_VAULT_CSK,
        .key_id = {0x2a1b2c3d},
        .kms = span_str("kms.x"),
        .time_s = 3900000000,
        .sha256 = {0xab, 1},
        .uris = uris,
        .count = 1};
}

#define CSK_TEXT                                                               \
    "event=vault.csk key_id=0x2a1b2c3d kms=kms.x time=3900000000"              \
    " sha256="                                                                 \
    "ab01000000000000000000000000000000000000000000000000000000000000"         \
    " from=sip:a@x"

static void a_csks_record_is_as_documented_and_round_trips(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_vault_record in = csk_sample(), out = {.epoch = 0};
    struct span text = write_record(&in);

    mu_arena_init(&arena, 1 << 16);
    CU_ASSERT(span_eq(text, span_str(CSK_TEXT)));
    CU_ASSERT_EQUAL_FATAL(gms_vault_record_read(text, &arena, &out), MU_OK);
    CU_ASSERT_EQUAL(out.op, GMS_VAULT_CSK);
    CU_ASSERT_EQUAL(out.key_id.v, in.key_id.v);
    CU_ASSERT(span_eq(out.kms, in.kms));
    CU_ASSERT_EQUAL(out.time_s, in.time_s);
    CU_ASSERT(span_eq(SPAN_OF(out.sha256), SPAN_OF(in.sha256)));
    CU_ASSERT_EQUAL_FATAL(out.count, 1);
    CU_ASSERT(span_eq(out.uris[0], uris[0]));
    for (size_t len = 0; len < strlen(CSK_TEXT) - strlen("sip:a@x"); len++)
        CU_ASSERT_EQUAL(read_text((struct span){text.p, len}), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(
        read_text(span_str(CSK_TEXT " from=sip:b@x")), MU_E_MALFORMED);
}

#define RESEAL_TEXT                                                            \
    "event=vault.reseal kek=0102030405060708 keys=2 envelopes=62"

static void a_reseals_record_is_as_documented_and_round_trips(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_vault_record in = {.op = GMS_VAULT_RESEAL,
        .kek = {{1, 2, 3, 4, 5, 6, 7, 8}},
        .keys = 2,
        .envelopes = 62};
    struct gms_vault_record out = {.epoch = 0};
    struct span text = write_record(&in);

    mu_arena_init(&arena, 1 << 16);
    CU_ASSERT(span_eq(text, span_str(RESEAL_TEXT)));
    CU_ASSERT_EQUAL_FATAL(gms_vault_record_read(text, &arena, &out), MU_OK);
    CU_ASSERT_EQUAL(out.op, GMS_VAULT_RESEAL);
    CU_ASSERT(span_eq(SPAN_OF(out.kek.b), SPAN_OF(in.kek.b)));
    CU_ASSERT_EQUAL(out.keys, 2);
    CU_ASSERT_EQUAL(out.envelopes, 62);
    for (size_t len = 0; len < strlen(RESEAL_TEXT) - 2; len++)
        CU_ASSERT_EQUAL(read_text((struct span){text.p, len}), MU_E_MALFORMED);
}

static void every_record_round_trips(void)
{
    for (unsigned op = GMS_VAULT_NEW_KEY; op <= GMS_VAULT_ADMIT; op++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct gms_vault_record in = sample(op), out = {.epoch = 0};

        mu_arena_init(&arena, 1 << 16);
        CU_ASSERT_EQUAL_FATAL(
            gms_vault_record_read(write_record(&in), &arena, &out), MU_OK);
        CU_ASSERT_EQUAL(out.op, op);
        CU_ASSERT(span_eq(out.group, in.group));
        CU_ASSERT_EQUAL(out.epoch, 7);
        CU_ASSERT_EQUAL(out.key_id.v, in.key_id.v);
        CU_ASSERT(span_eq(out.period.kms, in.period.kms));
        CU_ASSERT_EQUAL(out.period.number, in.period.number);
        CU_ASSERT_EQUAL(out.revocation, in.revocation);
        CU_ASSERT_EQUAL(out.activation_s, in.activation_s);
        CU_ASSERT_EQUAL(out.expiry_s, in.expiry_s);
        CU_ASSERT_EQUAL_FATAL(out.count, in.count);
        for (size_t i = 0; i < in.count; i++)
            CU_ASSERT(span_eq(out.uris[i], uris[i]));
    }
}

/* Cut inside of a field it is malformed or says something else; never is it
 * taken for the whole. */
static void no_truncated_record_is_the_whole(void)
{
    struct gms_vault_record in = sample(GMS_VAULT_SIGN);
    struct span text = write_record(&in);

    for (size_t len = 0; len < text.len; len++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct gms_vault_record out;

        mu_arena_init(&arena, 1 << 16);
        if (gms_vault_record_read((struct span){text.p, len}, &arena, &out) ==
            MU_OK)
            CU_ASSERT(out.count < 2 || !span_eq(out.uris[1], uris[1]));
    }
}

static void every_bad_field_is_malformed(void)
{
    static const char *const bad[] = {
        "",
        "event=",
        "event=vault.cert group=sip:g@x epoch=7",
        "event=vault.exclude epoch=7 group=sip:g@x to=sip:a@x",
        "event=vault.exclude group= epoch=7 to=sip:a@x",
        "event=vault.exclude group=sip:g@x epoch=x to=sip:a@x",
        "event=vault.exclude group=sip:g@x epoch=7 to=",
        "event=vault.exclude group=sip:g@x epoch=7 to=sip:\\x0a",
        "event=vault.exclude group=sip:g@x epoch=7 to=sip:\\x4",
        "event=vault.exclude group=sip:g@x epoch=7 to=sip:\\y41",
        "event=vault.exclude group=sip:g@x epoch=7  to=sip:a@x",
        "event=vault.exclude group=sip:g@x epoch=7 to=sip:a@x more",
        "event=vault.new_key group=sip:g@x epoch=7 key_id=0a1b2c3d",
        "event=vault.new_key group=sip:g@x epoch=7 key_id=0x0a1b2c3",
        "event=vault.new_key group=sip:g@x epoch=7 key_id=0x0a1b2c3dd",
        "event=vault.new_key group=sip:g@x epoch=7 key_id=0x0a1b2c3d to=a",
        "event=vault.reseal kek=01020304050607 keys=2 envelopes=62",
        "event=vault.reseal kek=0102030405060708 keys=-1 envelopes=62",
        "event=vault.reseal kek=0102030405060708 keys=2 envelopes=62 to=a",
        bad_flag,
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_EQUAL(read_text(span_str(bad[i])), MU_E_MALFORMED);
}

static void record_0_is_not_one_of_ours(void)
{
    CU_ASSERT_EQUAL(read_text(span_str("chain=1 name=gmsd-vault id=00 key=00")),
        MU_E_NOT_FOUND);
}

static void what_is_not_logged_is_not_written(void)
{
    struct gms_vault_record record = {.op = GMS_VAULT_HELLO};
    size_t taken = 0;
    struct wr w;

    wr_init(&w, room, sizeof(room));
    CU_ASSERT_EQUAL(
        gms_vault_record_write(&w, &record, &taken), MU_E_MALFORMED);
}

/* 256 of the longest URIs, each octet of which has to be escaped. */
static void what_one_payload_does_not_take_is_left(void)
{
    static struct span many[GMS_VAULT_RECIPIENTS_MAX];
    struct gms_vault_record record = sample(GMS_VAULT_EXCLUDE);
    uint8_t uri[MCPTT_ID_MAX - 1];
    size_t payloads = 0, taken = 0;

    for (size_t i = 0; i < sizeof(uri); i += 2) {
        uri[i] = 0xc3;
        uri[i + 1] = 0xa4;
    }
    for (size_t i = 0; i < GMS_VAULT_RECIPIENTS_MAX; i++)
        many[i] = SPAN_OF(uri);
    record.uris = many;
    record.count = GMS_VAULT_RECIPIENTS_MAX;
    while (record.count > 0) {
        struct wr w;

        wr_init(&w, room, sizeof(room));
        CU_ASSERT_EQUAL_FATAL(
            gms_vault_record_write(&w, &record, &taken), MU_OK);
        CU_ASSERT_FATAL(taken > 0 && taken < record.count + 1);
        CU_ASSERT_EQUAL(read_text((struct span){room, w.at}), MU_OK);
        record.uris += taken;
        record.count -= taken;
        payloads++;
    }
    CU_ASSERT(payloads > 1 && payloads <= 16);
}

static void a_reader_says_when_memory_ends(void)
{
    struct gms_vault_record record = sample(GMS_VAULT_EXCLUDE);
    struct span text = write_record(&record);
    enum mu_err err;

    for (unsigned n = 1;; n++) {
        mu_alloc_fail_nth(n);
        err = read_text(text);
        if (!mu_alloc_fail_end())
            break;
        CU_ASSERT_EQUAL(err, MU_E_NO_MEMORY);
    }
    CU_ASSERT_EQUAL(err, MU_OK);
}

CU_TestInfo gms_vault_record_tests[] = {
    {"the text is as documented", the_text_is_as_documented},
    {"a CSK's record is as documented and round trips",
        a_csks_record_is_as_documented_and_round_trips},
    {"a reseal's record is as documented and round trips",
        a_reseals_record_is_as_documented_and_round_trips},
    {"every record round trips", every_record_round_trips},
    {"no truncated record is the whole", no_truncated_record_is_the_whole},
    {"every bad field is malformed", every_bad_field_is_malformed},
    {"record 0 is not one of ours", record_0_is_not_one_of_ours},
    {"what is not logged is not written", what_is_not_logged_is_not_written},
    {"what one payload does not take is left",
        what_one_payload_does_not_take_is_left},
    {"a reader says when memory ends", a_reader_says_when_memory_ends},
    CU_TEST_INFO_NULL,
};
