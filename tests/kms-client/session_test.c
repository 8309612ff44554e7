/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/session.h"

#include <stdio.h>
#include <string.h>

#include "tests/kms-client/fake_kms.h"
#include "tests/suites.h"

#define BASE "https://kds.example.org:8444/keymanagement/identity/v1"

/* A device in conversation with a KMS. */
struct talk {
    struct fake_kms kms;
    struct kms_session_config config;
    struct kms_session *session;
    struct kms_next next;
    uint64_t now_s;
};

static void must(enum mu_err err)
{
    CU_ASSERT_EQUAL_FATAL(err, MU_OK);
}

/* Begins another session over the same key set. */
static void talk_anew(struct talk *t)
{
    kms_session_free(t->session);
    must(kms_session_new(&t->config, &t->session));
}

static void talk_init(struct talk *t)
{
    struct kms_keyset *keys = NULL;

    *t = (struct talk){.now_s = WORLD_NOW};
    fake_kms_init(&t->kms);
    must(kms_keyset_new(&t->kms.world.enrolment.user_uri, &keys));
    t->config = (struct kms_session_config){
        .enrolment = &t->kms.world.enrolment,
        .keys = keys,
        .rng = &t->kms.world.rng.rng,
    };
    talk_anew(t);
}

static void talk_clear(struct talk *t)
{
    kms_session_free(t->session);
    kms_keyset_free(t->config.keys);
    fake_kms_clear(&t->kms);
}

static void start(struct talk *t)
{
    must(kms_session_start(t->session, t->now_s, &t->next));
    CU_ASSERT_EQUAL(t->next.what, KMS_DO_SEND);
}

/* The KMS answers the request that is open. */
static void answer(struct talk *t)
{
    struct kms_answer a;

    fake_kms_answer(&t->kms, &t->next.request, t->now_s, &a);
    must(kms_session_answer(t->session, &a, t->now_s, &t->next));
}

static void answer_status(
    struct talk *t, unsigned status, const char *retry_after)
{
    const struct kms_answer a = {
        .status = status, .retry_after = span_str(retry_after)};

    must(kms_session_answer(t->session, &a, t->now_s, &t->next));
}

static void answer_err(struct talk *t, enum mu_err err)
{
    const struct kms_answer a = {.err = err, .why = "no connection"};

    must(kms_session_answer(t->session, &a, t->now_s, &t->next));
}

/* From the start to the end, whatever it is. */
static void run(struct talk *t)
{
    start(t);
    while (t->next.what == KMS_DO_SEND)
        answer(t);
}

static void expect_url(const struct talk *t, const char *url)
{
    CU_ASSERT_EQUAL(t->next.what, KMS_DO_SEND);
    CU_ASSERT_EQUAL(strncmp(t->next.request.url, url, strlen(url)), 0);
}

static void asks_for_certificate_keys_and_cache_in_turn(void)
{
    MU_CLEANUP(talk_clear) struct talk t;

    talk_init(&t);
    start(&t);
    expect_url(&t, BASE "/init");
    answer(&t);
    expect_url(&t, BASE "/keyprov/sip%3Auser%40example.org/ECED");
    answer(&t);
    expect_url(&t, BASE "/keyprov/sip%3Auser%40example.org/ECFE");
    answer(&t);
    expect_url(&t, BASE "/certcache/0");
    answer(&t);
    CU_ASSERT_EQUAL(t.next.what, KMS_DO_DONE);
    CU_ASSERT(kms_keyset_at(t.config.keys, 0)->open);
    CU_ASSERT(kms_keyset_at(t.config.keys, 1)->open);
    CU_ASSERT_EQUAL(kms_session_facts(t.session).cache_num, 5);
    CU_ASSERT(kms_session_facts(t.session).signed_seen);
    CU_ASSERT_FALSE(kms_session_facts(t.session).lacks_next);
}

static void does_not_ask_again_for_the_next_period(void)
{
    MU_CLEANUP(talk_clear) struct talk t;

    talk_init(&t);
    run(&t);
    talk_anew(&t);
    start(&t);
    answer(&t);
    answer(&t);
    expect_url(&t, BASE "/certcache/0");
}

static void the_next_period_may_be_lacking(void)
{
    MU_CLEANUP(talk_clear) struct talk t;

    talk_init(&t);
    t.kms.lacks_next = true;
    run(&t);
    CU_ASSERT_EQUAL(t.next.what, KMS_DO_DONE);
    CU_ASSERT(kms_session_facts(t.session).lacks_next);
}

static void keys_can_stay_unopened(void)
{
    MU_CLEANUP(talk_clear) struct talk t;

    talk_init(&t);
    t.config.unopened = true;
    talk_anew(&t);
    run(&t);
    CU_ASSERT_EQUAL(t.next.what, KMS_DO_DONE);
    CU_ASSERT_FALSE(kms_keyset_at(t.config.keys, 0)->open);
}

static void asks_for_wanted_certificates_that_are_missing(void)
{
    MU_CLEANUP(talk_clear) struct talk t;
    const struct span wanted[] = {span_str("kms.example.net")};

    talk_init(&t);
    t.config.wanted = wanted;
    t.config.wanted_len = 1;
    for (unsigned i = 0; i < 4; i++) {
        if (i == 0) {
            talk_anew(&t);
            start(&t);
        }
        answer(&t);
    }
    expect_url(&t, BASE "/cert/kms.example.net");
    answer(&t);
    CU_ASSERT_EQUAL(t.next.what, KMS_DO_DONE);
    CU_ASSERT_PTR_NOT_NULL(kms_keyset_external(t.config.keys, 0));
}

static void release_13_requests_have_no_body(void)
{
    MU_CLEANUP(talk_clear) struct talk t;

    talk_init(&t);
    t.config.unsigned_requests = true;
    talk_anew(&t);
    start(&t);
    CU_ASSERT_EQUAL(t.next.request.body.len, 0);
    CU_ASSERT_PTR_NULL(t.next.request.type);
}

static void waits_as_long_as_a_busy_kms_asks(void)
{
    MU_CLEANUP(talk_clear) struct talk t;

    talk_init(&t);
    start(&t);
    answer_status(&t, 503, "17");
    CU_ASSERT_EQUAL(t.next.what, KMS_DO_WAIT);
    CU_ASSERT_EQUAL(t.next.at_s, WORLD_NOW + 17);
    t.now_s += 17;
    must(kms_session_wake(t.session, t.now_s, &t.next));
    expect_url(&t, BASE "/init");
    answer(&t);
    expect_url(&t, BASE "/keyprov/");
}

static void a_pause_has_a_limit(void)
{
    MU_CLEANUP(talk_clear) struct talk t;

    talk_init(&t);
    start(&t);
    answer_status(&t, 429, "99999999");
    CU_ASSERT_EQUAL(t.next.at_s, WORLD_NOW + KMS_SESSION_PAUSE_MAX);
}

static void gives_up_after_some_tries(void)
{
    MU_CLEANUP(talk_clear) struct talk t;
    unsigned pauses = 0;
    uint64_t last_s = 0;

    talk_init(&t);
    start(&t);
    for (;;) {
        answer_err(&t, MU_E_IO);
        if (t.next.what != KMS_DO_WAIT)
            break;
        CU_ASSERT(t.next.at_s - t.now_s > last_s); /* longer and longer */
        last_s = t.next.at_s - t.now_s;
        must(kms_session_wake(t.session, t.now_s, &t.next));
        pauses++;
    }
    CU_ASSERT_EQUAL(pauses, KMS_SESSION_TRIES - 1);
    CU_ASSERT_EQUAL(t.next.what, KMS_DO_FAIL);
    CU_ASSERT_EQUAL(t.next.err, MU_E_IO);
    CU_ASSERT_STRING_EQUAL(t.next.why, "no connection");
}

static void a_false_tls_certificate_is_not_tried_again(void)
{
    MU_CLEANUP(talk_clear) struct talk t;

    talk_init(&t);
    start(&t);
    answer_err(&t, MU_E_CRYPTO);
    CU_ASSERT_EQUAL(t.next.what, KMS_DO_FAIL);
    CU_ASSERT_EQUAL(t.next.err, MU_E_CRYPTO);
}

static void each_status_has_its_meaning(void)
{
    static const struct {
        unsigned status;
        enum mu_err err;
    } cases[] = {
        {204, MU_E_IO},
        {302, MU_E_IO},
        {400, MU_E_IO},
        {401, MU_E_DENIED},
        {403, MU_E_DENIED},
        {404, MU_E_NOT_FOUND},
        {500, MU_E_IO},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        MU_CLEANUP(talk_clear) struct talk t;

        talk_init(&t);
        start(&t);
        answer_status(&t, cases[i].status, "");
        CU_ASSERT_EQUAL(t.next.what, KMS_DO_FAIL);
        CU_ASSERT_EQUAL(t.next.err, cases[i].err);
        CU_ASSERT_NOT_EQUAL(t.next.why[0], '\0');
    }
}

/* Every event that a phase does not await, in each phase. */
static void unexpected_events_change_nothing(void)
{
    const struct kms_answer a = {.status = 200};
    MU_CLEANUP(talk_clear) struct talk t;
    struct kms_next next;

    talk_init(&t);
    CU_ASSERT_EQUAL(
        kms_session_answer(t.session, &a, t.now_s, &next), MU_E_STATE);
    CU_ASSERT_EQUAL(kms_session_wake(t.session, t.now_s, &next), MU_E_STATE);
    start(&t);
    CU_ASSERT_EQUAL(kms_session_start(t.session, t.now_s, &next), MU_E_STATE);
    CU_ASSERT_EQUAL(kms_session_wake(t.session, t.now_s, &next), MU_E_STATE);
    CU_ASSERT_EQUAL(next.what, KMS_DO_SEND);
    answer_err(&t, MU_E_IO);
    CU_ASSERT_EQUAL(kms_session_start(t.session, t.now_s, &next), MU_E_STATE);
    CU_ASSERT_EQUAL(
        kms_session_answer(t.session, &a, t.now_s, &next), MU_E_STATE);
    CU_ASSERT_EQUAL(next.what, KMS_DO_WAIT);
    must(kms_session_wake(t.session, t.now_s, &t.next));
    answer_err(&t, MU_E_CRYPTO);
    CU_ASSERT_EQUAL(kms_session_start(t.session, t.now_s, &next), MU_E_STATE);
    CU_ASSERT_EQUAL(
        kms_session_answer(t.session, &a, t.now_s, &next), MU_E_STATE);
    CU_ASSERT_EQUAL(kms_session_wake(t.session, t.now_s, &next), MU_E_STATE);
    CU_ASSERT_EQUAL(next.what, KMS_DO_FAIL);
}

static void a_session_that_is_done_stays_done(void)
{
    const struct kms_answer a = {.status = 200};
    MU_CLEANUP(talk_clear) struct talk t;
    struct kms_next next;

    talk_init(&t);
    run(&t);
    CU_ASSERT_EQUAL(kms_session_start(t.session, t.now_s, &next), MU_E_STATE);
    CU_ASSERT_EQUAL(
        kms_session_answer(t.session, &a, t.now_s, &next), MU_E_STATE);
    CU_ASSERT_EQUAL(kms_session_wake(t.session, t.now_s, &next), MU_E_STATE);
    CU_ASSERT_EQUAL(next.what, KMS_DO_DONE);
}

static void answer_redirect(struct talk *t, const char *kms_uri)
{
    char text[256];
    struct kms_answer a = {.status = 403};

    (void)snprintf(text, sizeof(text),
        "<KmsRedirectResponse xmlns=\"urn:3gpp:ns:mcsecKMSKRR:1.0\">"
        "<KmsUri>%s</KmsUri></KmsRedirectResponse>",
        kms_uri);
    a.body = span_str(text);
    must(kms_session_answer(t->session, &a, t->now_s, &t->next));
}

static void follows_a_redirect_to_a_permitted_kms(void)
{
    MU_CLEANUP(talk_clear) struct talk t;
    const struct kms_peer peer = {
        span_str("kms.example.net"), "https://kds.example.net"};

    talk_init(&t);
    t.config.peers = &peer;
    t.config.peers_len = 1;
    talk_anew(&t);
    start(&t);
    answer_redirect(&t, "kms.example.net");
    expect_url(&t, "https://kds.example.net/keymanagement/identity/v1/init");
    answer(&t);
    expect_url(&t, "https://kds.example.net/keymanagement/identity/v1/key");
    for (unsigned i = 0; i < KMS_SESSION_REDIRECTS; i++)
        answer_redirect(&t, "kms.example.net");
    CU_ASSERT_EQUAL(t.next.what, KMS_DO_FAIL);
    CU_ASSERT_EQUAL(t.next.err, MU_E_DENIED);
}

static void follows_no_redirect_to_another_kms(void)
{
    MU_CLEANUP(talk_clear) struct talk t;

    talk_init(&t);
    start(&t);
    answer_redirect(&t, "kms.example.net");
    CU_ASSERT_EQUAL(t.next.what, KMS_DO_FAIL);
    CU_ASSERT_EQUAL(t.next.err, MU_E_DENIED);
}

/* A KMS, or whoever sits on its server, that lies in one thing. */
struct lie {
    const char *why; /* how the reason begins */
    enum mu_err err;
    void (*tell)(struct fake_kms *kms);
};

static void another_user(struct fake_kms *kms)
{
    kms->user_uri = "sip:else@example.org";
}

static void another_kms(struct fake_kms *kms)
{
    kms->kms_uri = "kms.example.net";
}

static void another_request(struct fake_kms *kms)
{
    kms->url = BASE "/certcache/0";
}

static void a_late_clock(struct fake_kms *kms)
{
    kms->clock_s = -301;
}

static void an_early_clock(struct fake_kms *kms)
{
    kms->clock_s = 301;
}

static void another_ink(struct fake_kms *kms)
{
    kms->ink.b[0] ^= 1;
}

static void no_envelope(struct fake_kms *kms)
{
    kms->unsigned_envelope = true;
}

static void no_signature(struct fake_kms *kms)
{
    kms->bare_root = true;
}

static void another_signature(struct fake_kms *kms)
{
    kms->world.cert_key.b[31] ^= 1;
}

static void an_expired_certificate(struct fake_kms *kms)
{
    kms->root.to_s = WORLD_NOW;
}

static void a_certificate_to_come(struct fake_kms *kms)
{
    kms->root.from_s = WORLD_NOW + 1;
}

static void a_revoked_certificate(struct fake_kms *kms)
{
    kms->root.revoked = true;
}

static void an_external_certificate(struct fake_kms *kms)
{
    kms->root.role = "External";
}

static void a_partners_certificate(struct fake_kms *kms)
{
    kms->root.kms_uri = "kms.example.net";
}

static void an_error(struct fake_kms *kms)
{
    kms->error_code = 403;
}

static void keys_of_the_next_period(struct fake_kms *kms)
{
    kms->period_add = 1;
}

static void no_keys(struct fake_kms *kms)
{
    kms->lacks_keys = true;
}

static const struct lie lies[] = {
    {"UserUri: ", MU_E_DENIED, another_user},
    {"KmsUri: ", MU_E_DENIED, another_kms},
    {"ClientReqUrl: ", MU_E_DENIED, another_request},
    {"Time: ", MU_E_EXPIRED, a_late_clock},
    {"Time: ", MU_E_EXPIRED, an_early_clock},
    {"the envelope's signature", MU_E_CRYPTO, another_ink},
    {"the envelope is not signed", MU_E_DENIED, no_envelope},
    {"the certificate", MU_E_DENIED, no_signature},
    {"the certificate", MU_E_CRYPTO, another_signature},
    {"KmsCertificate: Valid", MU_E_EXPIRED, an_expired_certificate},
    {"KmsCertificate: Valid", MU_E_EXPIRED, a_certificate_to_come},
    {"KmsCertificate/Revoked", MU_E_DENIED, a_revoked_certificate},
    {"KmsCertificate: its Role", MU_E_MALFORMED, an_external_certificate},
    {"KmsCertificate/KmsUri", MU_E_DENIED, a_partners_certificate},
    {"KmsError 403: because", MU_E_DENIED, an_error},
    {"KmsKeySet/UserID", MU_E_DENIED, keys_of_the_next_period},
    {"no keys for this key period", MU_E_NOT_FOUND, no_keys},
};

static void lies_are_refused(void)
{
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        MU_CLEANUP(talk_clear) struct talk t;

        talk_init(&t);
        lies[i].tell(&t.kms);
        run(&t);
        CU_ASSERT_EQUAL(t.next.what, KMS_DO_FAIL);
        CU_ASSERT_EQUAL(t.next.err, lies[i].err);
        CU_ASSERT_EQUAL(
            strncmp(t.next.why, lies[i].why, strlen(lies[i].why)), 0);
        CU_ASSERT_PTR_NULL(kms_keyset_at(t.config.keys, 0));
    }
}

static void another_trk_opens_nothing(void)
{
    MU_CLEANUP(talk_clear) struct talk t;
    MU_CLEANUP(kms_enrolment_clear) struct kms_enrolment mine = {0};

    talk_init(&t);
    mine = t.kms.world.enrolment;
    mine.trk.b[0] ^= 1;
    t.config.enrolment = &mine;
    talk_anew(&t);
    run(&t);
    CU_ASSERT_EQUAL(t.next.err, MU_E_CRYPTO);
    CU_ASSERT_PTR_NULL(kms_keyset_at(t.config.keys, 0));
}

static void an_unsigned_envelope_will_do_where_policy_says_so(void)
{
    MU_CLEANUP(talk_clear) struct talk t;

    talk_init(&t);
    t.config.unsigned_responses = true;
    t.kms.unsigned_envelope = true;
    talk_anew(&t);
    run(&t);
    CU_ASSERT_EQUAL(t.next.what, KMS_DO_DONE);
    CU_ASSERT_FALSE(kms_session_facts(t.session).signed_seen);
}

static void an_older_certificate_is_a_downgrade(void)
{
    MU_CLEANUP(talk_clear) struct talk t;

    talk_init(&t);
    run(&t);
    talk_anew(&t);
    t.kms.root.from_s--;
    run(&t);
    CU_ASSERT_EQUAL(t.next.what, KMS_DO_FAIL);
    CU_ASSERT_EQUAL(t.next.err, MU_E_DENIED);
    CU_ASSERT_PTR_NOT_NULL(kms_keyset_at(t.config.keys, 1)); /* none lost */
}

static void an_old_answer_is_not_taken_again(void)
{
    MU_CLEANUP(talk_clear) struct talk t;
    struct kms_answer first;

    talk_init(&t);
    start(&t);
    fake_kms_answer(&t.kms, &t.next.request, t.now_s, &first);
    t.now_s += 301;
    must(kms_session_answer(t.session, &first, t.now_s, &t.next));
    CU_ASSERT_EQUAL(t.next.err, MU_E_EXPIRED);
}

static void an_answer_serves_its_own_request_alone(void)
{
    MU_CLEANUP(talk_clear) struct talk t;
    struct kms_answer first;

    talk_init(&t);
    start(&t);
    fake_kms_answer(&t.kms, &t.next.request, t.now_s, &first);
    must(kms_session_answer(t.session, &first, t.now_s, &t.next));
    must(kms_session_answer(t.session, &first, t.now_s, &t.next));
    CU_ASSERT_EQUAL(t.next.what, KMS_DO_FAIL);
    CU_ASSERT_EQUAL(t.next.err, MU_E_DENIED);
}

/* The steps of a session whose answer holds anything: 0, 1, 2. */
static void truncated_answers_are_refused(void)
{
    for (unsigned at = 0; at < 3; at++)
        for (size_t cut = 1; cut < 4000; cut += 331) {
            MU_CLEANUP(talk_clear) struct talk t;
            struct kms_answer a;

            talk_init(&t);
            start(&t);
            for (unsigned i = 0; i < at; i++)
                answer(&t);
            fake_kms_answer(&t.kms, &t.next.request, t.now_s, &a);
            a.body.len -= cut < a.body.len ? cut : a.body.len;
            must(kms_session_answer(t.session, &a, t.now_s, &t.next));
            CU_ASSERT_EQUAL(t.next.what, KMS_DO_FAIL);
            CU_ASSERT_EQUAL(t.next.err, MU_E_MALFORMED);
        }
}

/* One bit in each of some octets of what the envelope's signature covers. */
static void changed_answers_are_refused(void)
{
    MU_CLEANUP(talk_clear) struct talk t;
    struct kms_answer a;
    const char *text, *from, *until;

    talk_init(&t);
    start(&t);
    fake_kms_answer(&t.kms, &t.next.request, t.now_s, &a);
    text = (const char *)t.kms.body.p;
    from = strstr(text, "<KmsResponse ");
    until = strstr(text, "</KmsResponse>");
    CU_ASSERT_FATAL(from != NULL && until != NULL);
    for (size_t i = (size_t)(from - text); text + i < until; i += 13) {
        talk_anew(&t);
        start(&t);
        t.kms.body.p[i] ^= 1;
        must(kms_session_answer(t.session, &a, t.now_s, &t.next));
        t.kms.body.p[i] ^= 1;
        CU_ASSERT_EQUAL(t.next.what, KMS_DO_FAIL);
    }
    CU_ASSERT_PTR_NULL(kms_keyset_home(t.config.keys));
}

CU_TestInfo kms_client_session_tests[] = {
    {"asks for certificate, keys and cache in turn",
        asks_for_certificate_keys_and_cache_in_turn},
    {"does not ask again for the next period",
        does_not_ask_again_for_the_next_period},
    {"the next period may be lacking", the_next_period_may_be_lacking},
    {"keys can stay unopened", keys_can_stay_unopened},
    {"asks for wanted certificates that are missing",
        asks_for_wanted_certificates_that_are_missing},
    {"Release 13 requests have no body", release_13_requests_have_no_body},
    {"waits as long as a busy KMS asks", waits_as_long_as_a_busy_kms_asks},
    {"a pause has a limit", a_pause_has_a_limit},
    {"gives up after some tries", gives_up_after_some_tries},
    {"a false TLS certificate is not tried again",
        a_false_tls_certificate_is_not_tried_again},
    {"each status has its meaning", each_status_has_its_meaning},
    {"unexpected events change nothing", unexpected_events_change_nothing},
    {"a session that is done stays done", a_session_that_is_done_stays_done},
    {"follows a redirect to a permitted KMS",
        follows_a_redirect_to_a_permitted_kms},
    {"follows no redirect to another KMS", follows_no_redirect_to_another_kms},
    {"lies are refused", lies_are_refused},
    {"another TrK opens nothing", another_trk_opens_nothing},
    {"an unsigned envelope will do where policy says so",
        an_unsigned_envelope_will_do_where_policy_says_so},
    {"an older certificate is a downgrade",
        an_older_certificate_is_a_downgrade},
    {"an old answer is not taken again", an_old_answer_is_not_taken_again},
    {"an answer serves its own request alone",
        an_answer_serves_its_own_request_alone},
    {"truncated answers are refused", truncated_answers_are_refused},
    {"changed answers are refused", changed_answers_are_refused},
    CU_TEST_INFO_NULL,
};
