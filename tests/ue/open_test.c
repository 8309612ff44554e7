/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/open.h"

#include <CUnit/CUnit.h>
#include <string.h>

#include "mcptt/message.h"
#include "mikey/ntp.h"
#include "tests/kms-client/world.h"
#include "tests/suites.h"

#define GMS   "sip:gms@example.org"
#define GROUP "sip:incident@groups.example.org"

/* A member with keys for the present period, and a GMS of the same KMS. Made
 * once: tables and pairings take their time. */
static struct {
    bool made;
    struct world kms;
    struct kms_keyset *keys;
    struct ue_period *period;
    struct test_user gms;
    uint8_t octets[MCPTT_MESSAGE_MAX];
} world;

static void must(enum mu_err err)
{
    CU_ASSERT_EQUAL_FATAL(err, MU_OK);
}

static struct mcptt_uid uid_of(const char *uri, uint64_t period)
{
    struct mcptt_uid uid = {{0}};

    must(
        mcptt_uid_derive(&(struct mcptt_uid_source){.identity = span_str(uri),
                             .kms = mcptt_id_span(&world.kms.enrolment.kms_uri),
                             .rule = {.length_s = WORLD_PERIOD},
                             .number = period},
            &uid));
    return uid;
}

static void world_make(void)
{
    struct kms_wrapped_keys wrapped;
    struct mcptt_uid uid;

    if (world.made)
        return;
    world.made = true;
    world_init(&world.kms);
    world.keys = world_keyset(&world.kms);
    world_wrap_keys(&world.kms, world.kms.period_no, &wrapped);
    must(ue_period_new(kms_keyset_home(world.keys), &world.kms.enrolment.trk,
        &wrapped, &world.period));
    uid = uid_of(GMS, world.kms.period_no);
    test_user_init(&world.gms, &world.kms.kms, SPAN_OF(uid.b), &world.kms.rng);
}

int ue_open_end(void)
{
    if (!world.made)
        return 0;
    test_user_clear(&world.gms);
    ue_period_free(world.period);
    kms_keyset_free(world.keys);
    world_clear(&world.kms);
    return 0;
}

/* A message as the GMS would make it, for a test to change. */
struct draft {
    struct mcptt_key key;
    struct mcptt_key_params params;
    struct mcptt_message message;
    struct mcptt_uid to;
    uint8_t rand[MCPTT_RAND_LEN], sed[1][MIKEY_SED_LEN];
};

static void address(struct draft *d, const char *uri)
{
    struct span id;
    struct mikey_ssv ssv;

    d->to = uid_of(uri, world.kms.period_no);
    id = SPAN_OF(d->to.b);
    memcpy(ssv.b, d->key.b, sizeof(ssv.b));
    must(mikey_sakke_encapsulate(world.kms.kms.sakke, &ssv, &id, 1, d->sed));
    d->message.sed = SPAN_OF(d->sed[0]);
    d->message.responder = (struct mcptt_party){
        span_str(uri), mcptt_id_span(&world.kms.enrolment.kms_uri), id, false};
}

static void draft_init(struct draft *d)
{
    uint8_t octets[MCPTT_KEY_LEN];
    struct mcptt_message *m = &d->message;

    world_make();
    *d = (struct draft){.params = {.kind = MCPTT_KIND_GMK,
                            .status = MCPTT_STATUS_NOT_REVOKED,
                            .activation_s = WORLD_NOW + 10,
                            .expiry_s = WORLD_NOW + 1000,
                            .groups = {span_str(GROUP)},
                            .group_count = 1}};
    memset(octets, 0x5a, sizeof(octets));
    mcptt_key_set(&d->key, MCPTT_KIND_GMK, octets);
    m->key = &d->key;
    m->key_id.v = 0x0123456;
    m->scheme = MIKEY_SCHEME_UID;
    m->initiator = (struct mcptt_party){span_str(GMS),
        mcptt_id_span(&world.kms.enrolment.kms_uri), world.gms.id, false};
    m->ntp = mikey_ntp_from_unix((int64_t)WORLD_NOW, 250000000);
    m->now_s = WORLD_NOW;
    m->rand = SPAN_OF(d->rand);
    m->params = &d->params;
    address(d, "sip:user@example.org");
}

static struct span build(struct draft *d)
{
    struct span out = {NULL, 0};
    struct wr w;

    wr_init(&w, world.octets, sizeof(world.octets));
    must(mcptt_message_build(
        &w, &d->message, world.gms.signer, &world.kms.rng.rng));
    must(wr_close(&w, &out));
    return out;
}

static enum mu_err begin(struct draft *d, struct ue_opening *o)
{
    const struct ue_period *periods[] = {world.period};
    struct ue_identity who = {.uri = span_str("sip:user@example.org"),
        .gms = span_str(GMS),
        .keys = world.keys,
        .periods = periods,
        .period_count = 1};

    return ue_opening_begin(
        o, &who, span_str(GROUP), build(d), WORLD_NOW + 100);
}

static enum mu_err open_it(struct draft *d, struct ue_opening *o)
{
    TRY(begin(d, o));
    ue_opening_run(o);
    return o->err;
}

static void says_all_that_the_message_says(void)
{
    MU_CLEANUP(ue_opening_clear) struct ue_opening o;
    struct mcptt_key_id guk_id = {0};
    struct mcptt_gmk gmk;
    struct draft d;

    draft_init(&d);
    CU_ASSERT_EQUAL_FATAL(open_it(&d, &o), MU_OK);
    CU_ASSERT_EQUAL(o.key.gmk_id.v, 0x0123456);
    must(mcptt_key_to_gmk(&d.key, &gmk));
    CU_ASSERT(mcptt_gmk_eq(&o.key.gmk, &gmk));
    must(mcptt_guk_id_derive(
        &gmk, o.key.gmk_id, span_str("sip:user@example.org"), &guk_id));
    CU_ASSERT_EQUAL(o.key.guk_id.v, guk_id.v);
    CU_ASSERT_EQUAL(o.key.from_s, WORLD_NOW + 10);
    CU_ASSERT_EQUAL(o.key.until_s, WORLD_NOW + 1000);
    CU_ASSERT_EQUAL(o.key.message_ms, WORLD_NOW * 1000 + 250);
    CU_ASSERT_FALSE(o.revoked);
    CU_ASSERT(o.replay.deferred);
    CU_ASSERT(mcptt_interval_has(o.replay.period, o.replay.t_s));
}

static void a_revocation_is_seen(void)
{
    MU_CLEANUP(ue_opening_clear) struct ue_opening o;
    struct draft d;

    draft_init(&d);
    d.params.status = 0;
    CU_ASSERT_EQUAL_FATAL(open_it(&d, &o), MU_OK);
    CU_ASSERT(o.revoked);
}

static void identities_may_be_hidden(void)
{
    MU_CLEANUP(ue_opening_clear) struct ue_opening o;
    struct draft d;

    draft_init(&d);
    d.message.initiator.hidden = true;
    d.message.responder.hidden = true;
    CU_ASSERT_EQUAL(open_it(&d, &o), MU_OK);
}

/* Each way to be wrong, and what a person is told. */
static void without_group(struct draft *d)
{
    d->params.groups[0] = span_str("sip:other@groups.example.org");
}

static void without_params(struct draft *d)
{
    d->message.params = NULL;
}

static void of_another_kind(struct draft *d)
{
    uint8_t octets[MCPTT_KEY_LEN];

    must(mcptt_key_get(&d->key, MCPTT_KIND_GMK, octets));
    mcptt_key_set(&d->key, MCPTT_KIND_MUSIK, octets);
    d->message.key_id.v = (uint32_t)MCPTT_KIND_MUSIK << 28 | 1;
    d->params.kind = MCPTT_KIND_MUSIK;
}

static void for_another(struct draft *d)
{
    address(d, "sip:other@example.org");
}

/* Ciphertext of another under our name. */
static void with_anothers_sed(struct draft *d)
{
    struct mcptt_party me = d->message.responder;
    struct mcptt_uid uid = d->to;

    address(d, "sip:other@example.org");
    d->to = uid;
    me.id = SPAN_OF(d->to.b);
    d->message.responder = me;
}

static void by_another(struct draft *d)
{
    d->message.initiator.uri = span_str("sip:thief@example.org");
}

static void of_another_kms(struct draft *d)
{
    d->message.initiator.kms = span_str("kms.example.net");
}

static void of_a_past_period(struct draft *d)
{
    d->message.now_s = WORLD_NOW - UINT64_C(2) * WORLD_PERIOD;
    d->message.ntp =
        mikey_ntp_from_unix((int64_t)WORLD_NOW - INT64_C(2) * WORLD_PERIOD, 0);
}

static const struct {
    void (*spoil)(struct draft *d);
    enum mu_err err;
    const char *cause, *why;
} refusals[] = {
    {without_group, MU_E_DENIED, "group", "the key is not of this group"},
    {without_params, MU_E_MALFORMED, "form",
        "the message has no key parameters"},
    {of_another_kind, MU_E_UNSUPPORTED, "kind", "the key is not a GMK"},
    {for_another, MU_E_DENIED, "receiver", "IDR id: not the opener"},
    {with_anothers_sed, MU_E_CRYPTO, "key", NULL},
    {by_another, MU_E_DENIED, "sender", "the message is not by the GMS"},
    {of_another_kms, MU_E_NOT_FOUND, "kms",
        "no certificate of the KMS of who made it"},
    {of_a_past_period, MU_E_NOT_FOUND, "period",
        "no keys for the key period of the message"},
};

static void each_refusal_says_why(void)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        MU_CLEANUP(ue_opening_clear) struct ue_opening o;
        struct draft d;

        draft_init(&d);
        refusals[i].spoil(&d);
        CU_ASSERT_EQUAL(open_it(&d, &o), refusals[i].err);
        CU_ASSERT_STRING_EQUAL(ue_cause_name(o.cause), refusals[i].cause);
        if (refusals[i].why != NULL)
            CU_ASSERT_STRING_EQUAL(o.why, refusals[i].why);
        CU_ASSERT_NOT_EQUAL(o.why[0], '\0');
    }
}

/* It says that it is the GMS's, and another has signed it. */
static void a_signature_of_another_identity_is_refused(void)
{
    MU_CLEANUP(ue_opening_clear) struct ue_opening o;
    struct mcptt_uid uid;
    struct test_user thief;
    struct span built;
    struct draft d;
    struct wr w;
    const struct ue_period *periods[1];
    struct ue_identity who;

    draft_init(&d);
    periods[0] = world.period;
    who = (struct ue_identity){.uri = span_str("sip:user@example.org"),
        .gms = span_str(GMS),
        .keys = world.keys,
        .periods = periods,
        .period_count = 1};
    uid = uid_of("sip:thief@example.org", world.kms.period_no);
    test_user_init(&thief, &world.kms.kms, SPAN_OF(uid.b), &world.kms.rng);
    wr_init(&w, world.octets, sizeof(world.octets));
    must(mcptt_message_build(&w, &d.message, thief.signer, &world.kms.rng.rng));
    must(wr_close(&w, &built));
    test_user_clear(&thief);
    must(ue_opening_begin(&o, &who, span_str(GROUP), built, WORLD_NOW));
    ue_opening_run(&o);
    CU_ASSERT_EQUAL(o.err, MU_E_CRYPTO);
    CU_ASSERT_EQUAL(o.cause, UE_CAUSE_SIGNATURE);
}

/* Whoever gets hold of it and does not ask whom it is for has no use of it. */
static void a_stolen_message_does_not_open(void)
{
    MU_CLEANUP(ue_opening_clear) struct ue_opening o;
    struct draft d;

    draft_init(&d);
    for_another(&d);
    CU_ASSERT_EQUAL_FATAL(begin(&d, &o), MU_OK);
    o.any_receiver = true;
    ue_opening_run(&o);
    CU_ASSERT_EQUAL(o.err, MU_E_CRYPTO);
    CU_ASSERT_EQUAL(o.cause, UE_CAUSE_KEY);
}

static void every_truncation_is_malformed(void)
{
    struct draft d;
    struct span whole;
    struct ue_identity who = {
        .uri = span_str("sip:user@example.org"), .gms = span_str(GMS)};

    draft_init(&d);
    who.keys = world.keys;
    whole = build(&d);
    for (size_t len = 0; len < whole.len; len++) {
        MU_CLEANUP(ue_opening_clear) struct ue_opening o;

        CU_ASSERT_NOT_EQUAL(ue_opening_begin(&o, &who, span_str(GROUP),
                                (struct span){whole.p, len}, WORLD_NOW),
            MU_OK);
        CU_ASSERT_EQUAL(o.cause, UE_CAUSE_FORM);
        CU_ASSERT_NOT_EQUAL(o.why[0], '\0');
    }
}

static void keys_of_another_user_make_no_period(void)
{
    struct kms_wrapped_keys wrapped;
    struct ue_period *period = NULL;

    world_make();
    world_wrap_keys(&world.kms, world.kms.period_no, &wrapped);
    wrapped.uid = uid_of("sip:other@example.org", world.kms.period_no);
    CU_ASSERT_EQUAL(ue_period_new(kms_keyset_home(world.keys),
                        &world.kms.enrolment.trk, &wrapped, &period),
        MU_E_CRYPTO);
    CU_ASSERT_PTR_NULL(period);
}

CU_TestInfo ue_open_tests[] = {
    {"says all that the message says", says_all_that_the_message_says},
    {"a revocation is seen", a_revocation_is_seen},
    {"identities may be hidden", identities_may_be_hidden},
    {"each refusal says why", each_refusal_says_why},
    {"a signature of another identity is refused",
        a_signature_of_another_identity_is_refused},
    {"a stolen message does not open", a_stolen_message_does_not_open},
    {"every truncation is malformed", every_truncation_is_malformed},
    {"keys of another user make no period",
        keys_of_another_user_make_no_period},
    CU_TEST_INFO_NULL,
};
