/* SPDX-License-Identifier: Apache-2.0 */
/* mcptt/message.h against mcptt/incoming.h: what one writes the other opens. */
#include "mcptt/incoming.h"
#include "mcptt/message.h"
#include "mikey/ntp.h"
#include "tests/kms.h"
#include "tests/suites.h"

#include <string.h>

#define KMS_URI  "kms.example.org"
#define GMS_URI  "sip:gms@example.org"
#define USER_URI "sip:user@example.org"
#define GROUP    "sip:incident-42@groups.example.org"
#define UNIX_S   1700000000

static const struct mcptt_period_rule month = {.length_s = 2592000};

/* Two parties of one KMS. It is made once: tables take their time. */
static struct {
    bool made;
    struct test_rng rng;
    struct test_kms kms;
    struct test_user gms, user;
    uint8_t octets[MCPTT_MESSAGE_MAX]; /* the message under test */
} world;

static void user_init(struct test_user *user, const char *uri)
{
    struct mcptt_uid uid;

    CU_ASSERT_EQUAL_FATAL(mcptt_uid_derive_at(
                              &(struct mcptt_uid_source){
                                  .identity = span_str(uri),
                                  .kms = span_str(KMS_URI),
                                  .rule = month,
                              },
                              UNIX_S + MIKEY_NTP_UNIX_S, &uid),
        MU_OK);
    test_user_init(user, &world.kms, SPAN_OF(uid.b), &world.rng);
}

static void world_init(void)
{
    if (world.made)
        return;
    world.made = true;
    test_rng_init(&world.rng, 33180);
    test_kms_init(&world.kms, &world.rng);
    user_init(&world.gms, GMS_URI);
    user_init(&world.user, USER_URI);
}

/* A message in the making, and the octets it borrows. */
struct draft {
    struct mcptt_key key;
    struct mcptt_key_params params;
    struct mcptt_message message;
    uint8_t rand[MCPTT_RAND_LEN];
    uint8_t sed[MIKEY_SED_LEN], self_sed[MIKEY_SED_LEN];
    struct span built; /* in world.octets */
};

static void encapsulate(
    const struct mcptt_key *key, struct span id, uint8_t *sed)
{
    uint8_t seds[1][MIKEY_SED_LEN];
    struct mikey_ssv ssv;

    memcpy(ssv.b, key->b, sizeof(ssv.b));
    CU_ASSERT_EQUAL_FATAL(
        mikey_sakke_encapsulate(world.kms.sakke, &ssv, &id, 1, seds), MU_OK);
    memcpy(sed, seds[0], sizeof(seds[0]));
}

static void draft_init(struct draft *d, enum mcptt_key_kind kind)
{
    uint8_t octets[MCPTT_KEY_LEN];
    struct mcptt_message *m = &d->message;

    world_init();
    *d = (struct draft){0};
    CU_ASSERT_EQUAL(mu_rng_fill(&world.rng.rng, octets, sizeof(octets)), MU_OK);
    CU_ASSERT_EQUAL(
        mu_rng_fill(&world.rng.rng, d->rand, sizeof(d->rand)), MU_OK);
    mcptt_key_set(&d->key, kind, octets);
    d->params = (struct mcptt_key_params){
        .kind = kind, .status = MCPTT_STATUS_NOT_REVOKED};
    d->params.text = span_str("incident 42");
    if (mcptt_key_kind_has_groups(kind))
        d->params.groups[d->params.group_count++] = span_str(GROUP);
    m->key = &d->key;
    m->key_id.v = (uint32_t)kind << MCPTT_KEY_ID_RANDOM_BITS | 0x0123456;
    m->scheme = MIKEY_SCHEME_UID;
    m->initiator = (struct mcptt_party){
        span_str(GMS_URI), span_str(KMS_URI), world.gms.id, false};
    m->responder = (struct mcptt_party){
        span_str(USER_URI), span_str(KMS_URI), world.user.id, false};
    m->ntp = mikey_ntp_from_unix(UNIX_S, 7);
    m->now_s = UNIX_S;
    m->rand = SPAN_OF(d->rand);
    m->params = &d->params;
    encapsulate(&d->key, world.user.id, d->sed);
    m->sed = SPAN_OF(d->sed);
}

static enum mu_err build(struct draft *d)
{
    struct wr w;

    wr_init(&w, world.octets, sizeof(world.octets));
    TRY(mcptt_message_build(&w, &d->message, world.gms.signer, &world.rng.rng));
    return wr_close(&w, &d->built);
}

static struct mcptt_opener opener_of(const struct test_user *user)
{
    return (struct mcptt_opener){
        .keys = {.initiator_kms = world.kms.eccsi,
            .initiator_id = world.gms.id,
            .user = user->sakke},
        .id = user->id,
        .uri = span_str(USER_URI),
    };
}

static void opens_as_built(struct draft *d)
{
    struct mcptt_opener opener = opener_of(&world.user);
    MU_CLEANUP(mcptt_opened_clear) struct mcptt_opened out;
    struct mcptt_incoming in;

    CU_ASSERT_EQUAL_FATAL(build(d), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        mcptt_incoming_read(d->built, MIKEY_STRICT, &in, NULL), MU_OK);
    CU_ASSERT_EQUAL(in.kind, d->key.kind);
    CU_ASSERT_EQUAL_FATAL(mcptt_incoming_open(&in, &opener, &out, NULL), MU_OK);
    CU_ASSERT(mcptt_key_eq(&out.key, &d->key));
    CU_ASSERT(out.key_id_known);
    CU_ASSERT_EQUAL(out.key_id.v, d->message.key_id.v);
    CU_ASSERT(out.has_params);
    CU_ASSERT(span_eq(out.params.text, d->params.text));
    CU_ASSERT_EQUAL(out.params.group_count, d->params.group_count);
}

static void every_kind_of_key_arrives(void)
{
    for (int kind = 0; kind < MCPTT_KINDS; kind++) {
        struct draft d;

        draft_init(&d, (enum mcptt_key_kind)kind);
        opens_as_built(&d);
    }
}

static void identities_can_be_hidden_one_by_one(void)
{
    for (unsigned hide = 0; hide < 4; hide++) {
        struct mcptt_incoming in;
        struct draft d;

        draft_init(&d, MCPTT_KIND_GMK);
        d.message.initiator.hidden = (hide & 1) != 0;
        d.message.responder.hidden = (hide & 2) != 0;
        opens_as_built(&d);
        CU_ASSERT_EQUAL_FATAL(
            mcptt_incoming_read(d.built, MIKEY_STRICT, &in, NULL), MU_OK);
        CU_ASSERT_EQUAL(in.initiator.uri.len == 0, (hide & 1) != 0);
        CU_ASSERT_EQUAL(in.responder.uri.len == 0, (hide & 2) != 0);
    }
}

static void a_stated_profile_names_key_and_policy(void)
{
    static const enum mcptt_profile_form forms[] = {
        MCPTT_PROFILE_STATED, MCPTT_PROFILE_STATED_ROC_16};

    for (size_t i = 0; i < 2; i++) {
        struct mcptt_key_id stated = {0};
        struct mcptt_incoming in;
        struct draft d;

        draft_init(&d, MCPTT_KIND_GMK);
        d.message.profile = forms[i];
        opens_as_built(&d);
        CU_ASSERT_EQUAL_FATAL(
            mcptt_incoming_read(d.built, MIKEY_STRICT, &in, NULL), MU_OK);
        CU_ASSERT_EQUAL(mcptt_profile_key_id(&in.msg.hdr, &stated), MU_OK);
        CU_ASSERT_EQUAL(stated.v, d.message.key_id.v);
        CU_ASSERT_EQUAL_FATAL(in.msg.sp_count, 1);
        CU_ASSERT_EQUAL(mikey_sp_number(&in.msg.sp[0], MIKEY_SRTP_ENCR_ALG, 99),
            MIKEY_SRTP_AES_GCM);
        CU_ASSERT_EQUAL(
            mikey_sp_number(&in.msg.sp[0], MIKEY_SRTP_ROC_RATE, 99), 1);
    }
}

/* The message again, signed, with one octet of its map's last SPI changed. */
static struct span sign_with_other_spi(const struct draft *d, size_t from_end)
{
    static uint8_t octets[MCPTT_MESSAGE_MAX], map[64];
    struct mcptt_incoming in;
    struct span out = {NULL, 0};
    struct wr w;

    CU_ASSERT_EQUAL_FATAL(
        mcptt_incoming_read(d->built, MIKEY_STRICT, &in, NULL), MU_OK);
    CU_ASSERT_FATAL(in.msg.hdr.map.len <= sizeof(map));
    memcpy(map, in.msg.hdr.map.p, in.msg.hdr.map.len);
    map[in.msg.hdr.map.len - from_end] ^= 1;
    in.msg.hdr.map.p = map;
    wr_init(&w, octets, sizeof(octets));
    CU_ASSERT_EQUAL_FATAL(
        mikey_imsg_sign(&w, &in.msg, world.gms.signer, &world.rng.rng), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &out), MU_OK);
    return out;
}

/* TS 33.180 clause 7.4.2: the SPI is GMK-ID and GUK-ID, both as in the message.
 * An initiator whose signature is good says otherwise. */
static void an_spi_that_contradicts_the_csb_id_is_malformed(void)
{
    struct mcptt_opener opener;
    struct mcptt_incoming in;
    struct mikey_fault fault;
    struct mcptt_opened out;
    struct draft d;

    draft_init(&d, MCPTT_KIND_GMK);
    opener = opener_of(&world.user);
    d.message.profile = MCPTT_PROFILE_STATED;
    CU_ASSERT_EQUAL_FATAL(build(&d), MU_OK);
    for (size_t from_end = 1; from_end <= MCPTT_MKI_MAX; from_end++) {
        CU_ASSERT_EQUAL_FATAL(
            mcptt_incoming_read(
                sign_with_other_spi(&d, from_end), MIKEY_STRICT, &in, NULL),
            MU_OK);
        CU_ASSERT_EQUAL(
            mcptt_incoming_open(&in, &opener, &out, &fault), MU_E_MALFORMED);
        CU_ASSERT_STRING_EQUAL(fault.rd.field, "spi");
        CU_ASSERT_EQUAL(fault.rd.at, MIKEY_HDR_LEN);
        CU_ASSERT_EQUAL(out.key.b[0] | out.key.b[15], 0);
    }
}

static void a_kind_without_session_has_no_stated_profile(void)
{
    struct draft d;

    draft_init(&d, MCPTT_KIND_MSCCK);
    d.message.profile = MCPTT_PROFILE_STATED;
    CU_ASSERT_EQUAL(build(&d), MU_E_UNSUPPORTED);
}

static void the_initiator_recovers_his_own_key(void)
{
    MU_CLEANUP(mcptt_opened_clear) struct mcptt_opened out;
    struct mcptt_opener opener;
    struct mcptt_incoming in;
    struct draft d;

    draft_init(&d, MCPTT_KIND_GMK);
    opener = opener_of(&world.gms);
    encapsulate(&d.key, world.gms.id, d.self_sed);
    d.message.self_sed = SPAN_OF(d.self_sed);
    opens_as_built(&d);
    CU_ASSERT_EQUAL_FATAL(
        mcptt_incoming_read(d.built, MIKEY_STRICT, &in, NULL), MU_OK);
    CU_ASSERT_EQUAL(mcptt_incoming_open_self(&in, &opener, &out, NULL), MU_OK);
    CU_ASSERT(mcptt_key_eq(&out.key, &d.key));
    CU_ASSERT_EQUAL(out.key_id.v, d.message.key_id.v);
    /* The part for the receiver is not for the initiator. */
    CU_ASSERT_EQUAL(mcptt_incoming_open(&in, &opener, &out, NULL), MU_E_CRYPTO);
}

static void without_sakke_to_self_there_is_nothing_to_recover(void)
{
    struct mcptt_opener opener;
    struct mcptt_incoming in;
    struct mcptt_opened out;
    struct draft d;

    draft_init(&d, MCPTT_KIND_GMK);
    opener = opener_of(&world.gms);
    CU_ASSERT_EQUAL_FATAL(build(&d), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        mcptt_incoming_read(d.built, MIKEY_STRICT, &in, NULL), MU_OK);
    CU_ASSERT_EQUAL(
        mcptt_incoming_open_self(&in, &opener, &out, NULL), MU_E_NOT_FOUND);
}

/* RFC 6509 clause 2.3: a message is for one identity. */
static void nobody_else_opens_it(void)
{
    struct mcptt_opener opener;
    struct mikey_fault fault = {0};
    struct mcptt_incoming in;
    struct mcptt_opened out;
    struct draft d;

    draft_init(&d, MCPTT_KIND_GMK);
    opener = opener_of(&world.gms);
    CU_ASSERT_EQUAL_FATAL(build(&d), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        mcptt_incoming_read(d.built, MIKEY_STRICT, &in, NULL), MU_OK);
    opener.uri = span_str(GMS_URI);
    CU_ASSERT_EQUAL(
        mcptt_incoming_open(&in, &opener, &out, &fault), MU_E_DENIED);
    CU_ASSERT_STRING_EQUAL(fault.payload, "IDR");
    CU_ASSERT_EQUAL(
        memcmp(world.octets + fault.rd.at, USER_URI, strlen(USER_URI)), 0);
    /* Nor when he does not look at the identities. */
    CU_ASSERT_EQUAL(
        mcptt_incoming_open_bare(&in, &opener, &out, &fault), MU_E_CRYPTO);
    CU_ASSERT_EQUAL(fault.rd.err, MU_E_CRYPTO);
    CU_ASSERT_EQUAL(out.key.b[0] | out.key.b[15], 0);
}

/* RFC 6509 lets IDR payloads be absent; whoever does not say who he is must
 * not be taken for whom the message does not name. */
static void a_message_for_nobody_is_not_for_a_nameless_opener(void)
{
    struct mcptt_opener opener;
    struct mcptt_incoming in;
    struct mcptt_opened out;
    struct draft d;

    draft_init(&d, MCPTT_KIND_PCK);
    opener = opener_of(&world.user);
    opener.uri = (struct span){NULL, 0};
    d.message.responder.uri = (struct span){NULL, 0};
    CU_ASSERT_EQUAL_FATAL(build(&d), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        mcptt_incoming_read(d.built, MIKEY_ALLOW_NO_IDR, &in, NULL), MU_OK);
    CU_ASSERT_EQUAL(mcptt_incoming_open(&in, &opener, &out, NULL), MU_E_DENIED);
    CU_ASSERT_EQUAL(mcptt_incoming_open_bare(&in, &opener, &out, NULL), MU_OK);
    mcptt_opened_clear(&out);
}

static void a_hidden_initiator_has_to_be_the_one_claimed(void)
{
    struct mcptt_opener opener;
    struct mcptt_incoming in;
    struct mcptt_opened out;
    struct draft d;

    draft_init(&d, MCPTT_KIND_GMK);
    opener = opener_of(&world.user);
    d.message.initiator.hidden = true;
    CU_ASSERT_EQUAL_FATAL(build(&d), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        mcptt_incoming_read(d.built, MIKEY_STRICT, &in, NULL), MU_OK);
    opener.keys.initiator_id = world.user.id;
    CU_ASSERT_EQUAL(mcptt_incoming_open(&in, &opener, &out, NULL), MU_E_DENIED);
}

static void the_identifier_follows_the_timestamp(void)
{
    struct mcptt_identifier id;
    struct mcptt_incoming in;
    struct draft d;

    draft_init(&d, MCPTT_KIND_GMK);
    CU_ASSERT_EQUAL_FATAL(build(&d), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        mcptt_incoming_read(d.built, MIKEY_STRICT, &in, NULL), MU_OK);
    CU_ASSERT_EQUAL(
        mcptt_incoming_identifier(&in, &in.initiator, &month, UNIX_S, &id),
        MU_OK);
    CU_ASSERT(span_eq((struct span){id.b, id.len}, world.gms.id));
    CU_ASSERT_EQUAL(
        mcptt_incoming_identifier(&in, &in.responder, &month, UNIX_S, &id),
        MU_OK);
    CU_ASSERT(span_eq((struct span){id.b, id.len}, world.user.id));
}

static void one_key_has_as_many_csb_ids_as_receivers(void)
{
    struct mcptt_key_id a = {0}, b = {0};
    struct draft d;

    draft_init(&d, MCPTT_KIND_GMK);
    CU_ASSERT_EQUAL(
        mcptt_message_csb_id(&d.key, d.message.key_id, span_str(USER_URI), &a),
        MU_OK);
    CU_ASSERT_EQUAL(mcptt_message_csb_id(&d.key, d.message.key_id,
                        span_str("sip:other@example.org"), &b),
        MU_OK);
    CU_ASSERT_NOT_EQUAL(a.v, b.v);
    CU_ASSERT_EQUAL(mcptt_key_id_tag(a), MCPTT_KIND_GMK);
}

static void what_cannot_be_sent_is_not_built(void)
{
    struct draft d;

    draft_init(&d, MCPTT_KIND_GMK);
    d.message.rand.len--;
    CU_ASSERT_EQUAL(build(&d), MU_E_MALFORMED);
    draft_init(&d, MCPTT_KIND_GMK);
    d.message.key_id.v |= (uint32_t)MCPTT_KIND_CSK << 28;
    CU_ASSERT_EQUAL(build(&d), MU_E_STATE);
    draft_init(&d, MCPTT_KIND_GMK);
    d.message.sed.len--;
    CU_ASSERT_EQUAL(build(&d), MU_E_MALFORMED);
    draft_init(&d, MCPTT_KIND_GMK);
    d.params.kind = MCPTT_KIND_PCK;
    CU_ASSERT_EQUAL(build(&d), MU_E_MALFORMED);
    draft_init(&d, MCPTT_KIND_GMK);
    d.message.scheme = MIKEY_SCHEME_TEL;
    d.message.initiator.hidden = true;
    CU_ASSERT_EQUAL(build(&d), MU_E_MALFORMED);
}

static void every_truncation_is_malformed(void)
{
    struct mcptt_incoming in;
    struct draft d;

    draft_init(&d, MCPTT_KIND_GMK);
    d.message.profile = MCPTT_PROFILE_STATED;
    CU_ASSERT_EQUAL_FATAL(build(&d), MU_OK);
    for (size_t len = 0; len < d.built.len; len++) {
        struct mikey_fault fault = {0};

        CU_ASSERT_EQUAL(mcptt_incoming_read((struct span){world.octets, len},
                            MIKEY_STRICT, &in, &fault),
            MU_E_MALFORMED);
        CU_ASSERT(fault.rd.at <= len);
    }
}

/* RFC 6509's own identifiers, which 33.180 does not use. */
static void telephone_users_reach_each_other(void)
{
    static const char caller[] = "2023-11\0tel:+447700900123";
    static const char callee[] = "2023-11\0tel:+447700900999";
    MU_CLEANUP(test_user_clear) struct test_user from = {0}, to = {0};
    MU_CLEANUP(mcptt_opened_clear) struct mcptt_opened out;
    struct mcptt_identifier id;
    struct mcptt_incoming in;
    struct mcptt_opener opener;
    struct draft d;
    struct wr w;

    draft_init(&d, MCPTT_KIND_PCK);
    test_user_init(&from, &world.kms, SPAN_OF(caller), &world.rng);
    test_user_init(&to, &world.kms, SPAN_OF(callee), &world.rng);
    d.message.scheme = MIKEY_SCHEME_TEL;
    d.message.initiator.uri = span_str(caller + 8);
    d.message.responder.uri = span_str(callee + 8);
    encapsulate(&d.key, to.id, d.sed);
    wr_init(&w, world.octets, sizeof(world.octets));
    d.message.params = NULL;
    CU_ASSERT_EQUAL_FATAL(
        mcptt_message_build(&w, &d.message, from.signer, &world.rng.rng),
        MU_OK);
    CU_ASSERT_EQUAL(wr_close(&w, &d.built), MU_OK);
    CU_ASSERT_EQUAL(mcptt_incoming_read(d.built, MIKEY_STRICT, &in, NULL),
        MU_E_UNSUPPORTED);
    CU_ASSERT_EQUAL_FATAL(
        mcptt_incoming_read(d.built, MIKEY_ALLOW_TEL, &in, NULL), MU_OK);
    CU_ASSERT_EQUAL(
        mcptt_incoming_identifier(&in, &in.initiator, &month, UNIX_S, &id),
        MU_OK);
    CU_ASSERT(span_eq((struct span){id.b, id.len}, from.id));
    opener = opener_of(&to);
    opener.keys.initiator_id = (struct span){id.b, id.len};
    opener.uri = d.message.responder.uri;
    CU_ASSERT_EQUAL(mcptt_incoming_open(&in, &opener, &out, NULL), MU_OK);
    CU_ASSERT_EQUAL(out.key.kind, MCPTT_KINDS);
    CU_ASSERT_EQUAL(memcmp(out.key.b, d.key.b, MCPTT_KEY_LEN), 0);
}

int mcptt_message_done(void)
{
    test_user_clear(&world.gms);
    test_user_clear(&world.user);
    test_kms_clear(&world.kms);
    return 0;
}

CU_TestInfo mcptt_message_tests[] = {
    {"every kind of key arrives", every_kind_of_key_arrives},
    {"identities can be hidden one by one",
        identities_can_be_hidden_one_by_one},
    {"a stated profile names key and policy",
        a_stated_profile_names_key_and_policy},
    {"an SPI that contradicts the CSB ID is malformed",
        an_spi_that_contradicts_the_csb_id_is_malformed},
    {"a kind without session has no stated profile",
        a_kind_without_session_has_no_stated_profile},
    {"the initiator recovers his own key", the_initiator_recovers_his_own_key},
    {"without SAKKE-to-self there is nothing to recover",
        without_sakke_to_self_there_is_nothing_to_recover},
    {"nobody else opens it", nobody_else_opens_it},
    {"a message for nobody is not for a nameless opener",
        a_message_for_nobody_is_not_for_a_nameless_opener},
    {"a hidden initiator has to be the one claimed",
        a_hidden_initiator_has_to_be_the_one_claimed},
    {"the identifier follows the timestamp",
        the_identifier_follows_the_timestamp},
    {"one key has as many CSB IDs as receivers",
        one_key_has_as_many_csb_ids_as_receivers},
    {"what cannot be sent is not built", what_cannot_be_sent_is_not_built},
    {"every truncation is malformed", every_truncation_is_malformed},
    {"telephone users reach each other", telephone_users_reach_each_other},
    CU_TEST_INFO_NULL,
};
