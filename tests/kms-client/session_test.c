/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/session.h"

#include <stdio.h>
#include <string.h>

#include "tests/kms-client/talk.h"
#include "tests/suites.h"

static void answer_status(
    struct talk *t, unsigned status, const char *retry_after)
{
    const struct kms_answer a = {
        .status = status, .retry_after = span_str(retry_after)};

    talk_must(kms_session_answer(t->session, &a, t->now_s, &t->next));
}

static void answer_err(struct talk *t, enum mu_err err)
{
    const struct kms_answer a = {.err = err, .why = "no connection"};

    talk_must(kms_session_answer(t->session, &a, t->now_s, &t->next));
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
    talk_start(&t);
    expect_url(&t, TALK_BASE "/init");
    talk_answer(&t);
    expect_url(&t, TALK_BASE "/keyprov/sip%3Auser%40example.org/ECED");
    talk_answer(&t);
    expect_url(&t, TALK_BASE "/keyprov/sip%3Auser%40example.org/ECFE");
    talk_answer(&t);
    expect_url(&t, TALK_BASE "/certcache/0");
    talk_answer(&t);
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
    talk_run(&t);
    talk_anew(&t);
    talk_start(&t);
    talk_answer(&t);
    talk_answer(&t);
    expect_url(&t, TALK_BASE "/certcache/0");
}

static void the_next_period_may_be_lacking(void)
{
    MU_CLEANUP(talk_clear) struct talk t;

    talk_init(&t);
    t.kms.lacks_next = true;
    talk_run(&t);
    CU_ASSERT_EQUAL(t.next.what, KMS_DO_DONE);
    CU_ASSERT(kms_session_facts(t.session).lacks_next);
}

static void keys_can_stay_unopened(void)
{
    MU_CLEANUP(talk_clear) struct talk t;

    talk_init(&t);
    t.config.unopened = true;
    talk_anew(&t);
    talk_run(&t);
    CU_ASSERT_EQUAL(t.next.what, KMS_DO_DONE);
    CU_ASSERT_FALSE(kms_keyset_at(t.config.keys, 0)->open);
}

/* A second key set, whose session is told of the first one's certificate. */
static void run_with_known(struct talk *t, struct kms_cert *known)
{
    kms_keyset_free(t->config.keys);
    t->config.keys = NULL;
    talk_must(
        kms_keyset_new(&t->kms.world.enrolment.user_uri, &t->config.keys));
    t->config.known = known;
    talk_anew(t);
    talk_run(t);
    CU_ASSERT_EQUAL(t->next.what, KMS_DO_DONE);
}

static void a_known_certificate_is_not_made_again(void)
{
    MU_CLEANUP(kms_cert_drop) struct kms_cert *known = NULL;
    MU_CLEANUP(talk_clear) struct talk t;

    talk_init(&t);
    talk_run(&t);
    known = kms_cert_ref(kms_keyset_home(t.config.keys));
    run_with_known(&t, known);
    CU_ASSERT_PTR_EQUAL(kms_keyset_home(t.config.keys), known);
    known->sha256[0] ^= 1; /* of another certificate */
    run_with_known(&t, known);
    CU_ASSERT_PTR_NOT_EQUAL(kms_keyset_home(t.config.keys), known);
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
            talk_start(&t);
        }
        talk_answer(&t);
    }
    expect_url(&t, TALK_BASE "/cert/kms.example.net");
    talk_answer(&t);
    CU_ASSERT_EQUAL(t.next.what, KMS_DO_DONE);
    CU_ASSERT_PTR_NOT_NULL(kms_keyset_external(t.config.keys, 0));
}

static void release_13_requests_have_no_body(void)
{
    MU_CLEANUP(talk_clear) struct talk t;

    talk_init(&t);
    t.config.unsigned_requests = true;
    talk_anew(&t);
    talk_start(&t);
    CU_ASSERT_EQUAL(t.next.request.body.len, 0);
    CU_ASSERT_PTR_NULL(t.next.request.type);
}

static void waits_as_long_as_a_busy_kms_asks(void)
{
    MU_CLEANUP(talk_clear) struct talk t;

    talk_init(&t);
    talk_start(&t);
    answer_status(&t, 503, "17");
    CU_ASSERT_EQUAL(t.next.what, KMS_DO_WAIT);
    CU_ASSERT_EQUAL(t.next.at_s, WORLD_NOW + 17);
    t.now_s += 17;
    talk_must(kms_session_wake(t.session, t.now_s, &t.next));
    expect_url(&t, TALK_BASE "/init");
    talk_answer(&t);
    expect_url(&t, TALK_BASE "/keyprov/");
}

static void a_pause_has_a_limit(void)
{
    MU_CLEANUP(talk_clear) struct talk t;

    talk_init(&t);
    talk_start(&t);
    answer_status(&t, 429, "99999999");
    CU_ASSERT_EQUAL(t.next.at_s, WORLD_NOW + KMS_SESSION_PAUSE_MAX);
}

static void gives_up_after_some_tries(void)
{
    MU_CLEANUP(talk_clear) struct talk t;
    unsigned pauses = 0;
    uint64_t last_s = 0;

    talk_init(&t);
    talk_start(&t);
    for (;;) {
        answer_err(&t, MU_E_IO);
        if (t.next.what != KMS_DO_WAIT)
            break;
        CU_ASSERT(t.next.at_s - t.now_s > last_s); /* longer and longer */
        last_s = t.next.at_s - t.now_s;
        talk_must(kms_session_wake(t.session, t.now_s, &t.next));
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
    talk_start(&t);
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
        talk_start(&t);
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
    talk_start(&t);
    CU_ASSERT_EQUAL(kms_session_start(t.session, t.now_s, &next), MU_E_STATE);
    CU_ASSERT_EQUAL(kms_session_wake(t.session, t.now_s, &next), MU_E_STATE);
    CU_ASSERT_EQUAL(next.what, KMS_DO_SEND);
    answer_err(&t, MU_E_IO);
    CU_ASSERT_EQUAL(kms_session_start(t.session, t.now_s, &next), MU_E_STATE);
    CU_ASSERT_EQUAL(
        kms_session_answer(t.session, &a, t.now_s, &next), MU_E_STATE);
    CU_ASSERT_EQUAL(next.what, KMS_DO_WAIT);
    talk_must(kms_session_wake(t.session, t.now_s, &t.next));
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
    talk_run(&t);
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
    talk_must(kms_session_answer(t->session, &a, t->now_s, &t->next));
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
    talk_start(&t);
    answer_redirect(&t, "kms.example.net");
    expect_url(&t, "https://kds.example.net/keymanagement/identity/v1/init");
    talk_answer(&t);
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
    talk_start(&t);
    answer_redirect(&t, "kms.example.net");
    CU_ASSERT_EQUAL(t.next.what, KMS_DO_FAIL);
    CU_ASSERT_EQUAL(t.next.err, MU_E_DENIED);
}

CU_TestInfo kms_client_session_tests[] = {
    {"asks for certificate, keys and cache in turn",
        asks_for_certificate_keys_and_cache_in_turn},
    {"does not ask again for the next period",
        does_not_ask_again_for_the_next_period},
    {"the next period may be lacking", the_next_period_may_be_lacking},
    {"keys can stay unopened", keys_can_stay_unopened},
    {"a known certificate is not made again",
        a_known_certificate_is_not_made_again},
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
    CU_TEST_INFO_NULL,
};
