/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/reply.h"

#include <string.h>

#include "tests/kms-client/talk.h"
#include "tests/suites.h"

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
    kms->url = TALK_BASE "/certcache/0";
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
        talk_run(&t);
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
    talk_run(&t);
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
    talk_run(&t);
    CU_ASSERT_EQUAL(t.next.what, KMS_DO_DONE);
    CU_ASSERT_FALSE(kms_session_facts(t.session).signed_seen);
}

static void an_older_certificate_is_a_downgrade(void)
{
    MU_CLEANUP(talk_clear) struct talk t;

    talk_init(&t);
    talk_run(&t);
    talk_anew(&t);
    t.kms.root.from_s--;
    talk_run(&t);
    CU_ASSERT_EQUAL(t.next.what, KMS_DO_FAIL);
    CU_ASSERT_EQUAL(t.next.err, MU_E_DENIED);
    CU_ASSERT_PTR_NOT_NULL(kms_keyset_at(t.config.keys, 1)); /* none lost */
}

static void an_old_answer_is_not_taken_again(void)
{
    MU_CLEANUP(talk_clear) struct talk t;
    struct kms_answer first;

    talk_init(&t);
    talk_start(&t);
    fake_kms_answer(&t.kms, &t.next.request, t.now_s, &first);
    t.now_s += 301;
    talk_must(kms_session_answer(t.session, &first, t.now_s, &t.next));
    CU_ASSERT_EQUAL(t.next.err, MU_E_EXPIRED);
}

static void an_answer_serves_its_own_request_alone(void)
{
    MU_CLEANUP(talk_clear) struct talk t;
    struct kms_answer first;

    talk_init(&t);
    talk_start(&t);
    fake_kms_answer(&t.kms, &t.next.request, t.now_s, &first);
    talk_must(kms_session_answer(t.session, &first, t.now_s, &t.next));
    talk_must(kms_session_answer(t.session, &first, t.now_s, &t.next));
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
            talk_start(&t);
            for (unsigned i = 0; i < at; i++)
                talk_answer(&t);
            fake_kms_answer(&t.kms, &t.next.request, t.now_s, &a);
            a.body.len -= cut < a.body.len ? cut : a.body.len;
            talk_must(kms_session_answer(t.session, &a, t.now_s, &t.next));
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
    talk_start(&t);
    fake_kms_answer(&t.kms, &t.next.request, t.now_s, &a);
    text = (const char *)t.kms.body.p;
    from = strstr(text, "<KmsResponse ");
    until = strstr(text, "</KmsResponse>");
    CU_ASSERT_FATAL(from != NULL && until != NULL);
    for (size_t i = (size_t)(from - text); text + i < until; i += 13) {
        talk_anew(&t);
        talk_start(&t);
        t.kms.body.p[i] ^= 1;
        talk_must(kms_session_answer(t.session, &a, t.now_s, &t.next));
        t.kms.body.p[i] ^= 1;
        CU_ASSERT_EQUAL(t.next.what, KMS_DO_FAIL);
    }
    CU_ASSERT_PTR_NULL(kms_keyset_home(t.config.keys));
}

CU_TestInfo kms_client_reply_tests[] = {
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
