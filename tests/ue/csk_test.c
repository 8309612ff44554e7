/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/csk.h"

#include <string.h>

#include "mcptt/message.h"
#include "mikey/ntp.h"
#include "tests/kms-client/world.h"
#include "tests/suites.h"

#define GMS "sip:gms@example.org"

/* A member with keys for the present period, and the group server. */
struct both {
    struct world kms;
    struct kms_keyset *keys;
    struct ue_period *period;
    const struct ue_period *periods[1];
    struct ue_identity member;
    struct test_user gms;
};

static void must(enum mu_err err)
{
    CU_ASSERT_EQUAL_FATAL(err, MU_OK);
}

static void both_init(struct both *b)
{
    struct kms_wrapped_keys wrapped;
    struct mcptt_uid uid = {{0}};

    world_init(&b->kms);
    b->keys = world_keyset(&b->kms);
    world_wrap_keys(&b->kms, b->kms.period_no, &wrapped);
    must(ue_period_new(
        kms_keyset_home(b->keys), &b->kms.enrolment.trk, &wrapped, &b->period));
    must(mcptt_uid_derive(&(struct mcptt_uid_source){.identity = span_str(GMS),
                              .kms = mcptt_id_span(&b->kms.enrolment.kms_uri),
                              .rule = {.length_s = WORLD_PERIOD},
                              .number = b->kms.period_no},
        &uid));
    test_user_init(&b->gms, &b->kms.kms, SPAN_OF(uid.b), &b->kms.rng);
    b->periods[0] = b->period;
    b->member =
        (struct ue_identity){.uri = mcptt_id_span(&b->kms.enrolment.user_uri),
            .gms = span_str(GMS),
            .keys = b->keys,
            .periods = b->periods,
            .period_count = 1};
}

static void both_clear(struct both *b)
{
    test_user_clear(&b->gms);
    ue_period_free(b->period);
    kms_keyset_free(b->keys);
    world_clear(&b->kms);
}

/* As the server does; yields what decrypts the member's XML. */
static void open_it(const struct both *b, const struct ue_csk *csk,
    struct mcptt_sig_conf_key *key)
{
    static struct mcptt_opened opened;
    const struct mcptt_period_rule rule = {.length_s = WORLD_PERIOD};
    struct mcptt_identifier sender;
    struct mcptt_incoming in;
    struct mcptt_opener opener = {.id = b->gms.id, .uri = span_str(GMS)};
    struct mcptt_xpk_use use = {.xpk = &opened.key, .user = b->member.uri};

    must(mcptt_incoming_read(
        (struct span){csk->octets, csk->len}, MIKEY_STRICT, &in, NULL));
    CU_ASSERT_EQUAL(in.kind, MCPTT_KIND_CSK);
    CU_ASSERT(span_eq(in.initiator.uri, b->member.uri));
    must(mcptt_incoming_identifier(
        &in, &in.initiator, &rule, (int64_t)WORLD_NOW, &sender));
    opener.keys = (struct mikey_imsg_keys){.initiator_kms = b->kms.kms.eccsi,
        .initiator_id = {sender.b, sender.len},
        .user = b->gms.sakke};
    must(mcptt_incoming_open(&in, &opener, &opened, NULL));
    CU_ASSERT(opened.has_params);
    CU_ASSERT(!mcptt_key_params_revoked(&opened.params, 0));
    CU_ASSERT_EQUAL(opened.key_id.v, csk->id.v);
    use.xpk_id = opened.key_id;
    must(mcptt_kdf_sig_conf(&use, key));
    mcptt_opened_clear(&opened);
}

static void the_server_derives_the_same_key(void)
{
    MU_CLEANUP(both_clear) struct both b;
    MU_CLEANUP(ue_csk_clear) struct ue_csk csk = {.len = 0};
    struct mcptt_sig_conf_key key;

    both_init(&b);
    must(ue_csk_make(&b.member, (struct span){NULL, 0}, WORLD_NOW * 1000,
        mu_rng_system(), &csk));
    open_it(&b, &csk, &key);
    CU_ASSERT(mcptt_sig_conf_key_eq(&key, &csk.key));
}

static void each_is_another(void)
{
    MU_CLEANUP(both_clear) struct both b;
    MU_CLEANUP(ue_csk_clear) struct ue_csk one = {.len = 0};
    MU_CLEANUP(ue_csk_clear) struct ue_csk two = {.len = 0};

    both_init(&b);
    must(ue_csk_make(&b.member, (struct span){NULL, 0}, WORLD_NOW * 1000,
        mu_rng_system(), &one));
    must(ue_csk_make(&b.member, mcptt_id_span(&b.kms.enrolment.kms_uri),
        WORLD_NOW * 1000, mu_rng_system(), &two));
    CU_ASSERT_NOT_EQUAL(one.id.v, two.id.v);
    CU_ASSERT(!mcptt_sig_conf_key_eq(&one.key, &two.key));
}

static void without_keys_or_certificate_there_is_none(void)
{
    MU_CLEANUP(both_clear) struct both b;
    struct ue_csk csk = {.len = 0};

    both_init(&b);
    CU_ASSERT_EQUAL(ue_csk_make(&b.member, span_str("kms.nobody.example"),
                        WORLD_NOW * 1000, mu_rng_system(), &csk),
        MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(ue_csk_make(&b.member, (struct span){NULL, 0},
                        (WORLD_NOW + 2 * (uint64_t)WORLD_PERIOD) * 1000,
                        mu_rng_system(), &csk),
        MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(csk.len, 0);
}

CU_TestInfo ue_csk_tests[] = {
    {"the server derives the same key", the_server_derives_the_same_key},
    {"each is another", each_is_another},
    {"without keys or certificate there is none",
        without_keys_or_certificate_there_is_none},
    CU_TEST_INFO_NULL,
};
