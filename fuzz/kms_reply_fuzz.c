/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A KMS that sends anything at all: the first octet chooses a status, the rest
 * is the body of every answer in a session. Whatever comes, the session ends,
 * says why it failed, and has keys under no certificate but the one whose
 * fingerprint it was given.
 */
#include <stdio.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "kms-client/session.h"
#include "xml/library.h"

#define NOW_S UINT64_C(1766000000)

/* Of the root certificate in the corpus. */
static const uint8_t fingerprint[KMS_ENROL_SHA256_LEN] = {0xa0, 0x48, 0x4a,
    0x08, 0xea, 0x94, 0x64, 0xe9, 0xb8, 0xab, 0xf8, 0xd9, 0xb3, 0xaa, 0xc9,
    0xf4, 0x40, 0xea, 0x67, 0xdc, 0xd6, 0x31, 0x03, 0xa7, 0xed, 0x59, 0x91,
    0x5d, 0x59, 0xd2, 0x86, 0x6a};

static enum mu_err fill(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    memset(out, 0x5a, len);
    return MU_OK;
}

static const struct mu_rng rng = {.fill = fill};

static void make_enrolment(struct kms_enrolment *out)
{
    *out = (struct kms_enrolment){.serial = 1};
    fuzz_demand(
        mcptt_id_set(&out->kms_uri, span_str("kms.example.org")) == MU_OK);
    fuzz_demand(mcptt_id_set(
                    &out->user_uri, span_str("sip:user@example.org")) == MU_OK);
    (void)snprintf(out->kds_url, sizeof(out->kds_url), "%s",
        "https://kds.example.org:8444");
    memcpy(out->cert_sha256, fingerprint, sizeof(fingerprint));
}

/* Sends the same answer until the session is over. */
static void talk(struct kms_session *session, const struct kms_answer *answer)
{
    struct kms_next next;
    unsigned turns = 0;

    fuzz_demand(kms_session_start(session, NOW_S, &next) == MU_OK);
    while (next.what == KMS_DO_SEND || next.what == KMS_DO_WAIT) {
        fuzz_demand(turns++ < 100);
        if (next.what == KMS_DO_SEND)
            fuzz_demand(
                kms_session_answer(session, answer, NOW_S, &next) == MU_OK);
        else
            fuzz_demand(kms_session_wake(session, NOW_S, &next) == MU_OK);
    }
    fuzz_demand((next.what == KMS_DO_FAIL) == (next.err != MU_OK));
    fuzz_demand(next.what != KMS_DO_FAIL || next.why[0] != '\0');
}

static void check(const struct kms_answer *answer)
{
    struct kms_session *session = NULL;
    struct kms_keyset *keys = NULL;
    struct kms_enrolment enrolment;
    struct kms_session_config config = {
        .enrolment = &enrolment, .rng = &rng, .unsigned_responses = true};
    const struct kms_cert *home;

    make_enrolment(&enrolment);
    fuzz_demand(kms_keyset_new(&enrolment.user_uri, &keys) == MU_OK);
    config.keys = keys;
    fuzz_demand(kms_session_new(&config, &session) == MU_OK);
    talk(session, answer);
    home = kms_keyset_home(keys);
    fuzz_demand(home == NULL ||
                memcmp(home->sha256, fingerprint, sizeof(fingerprint)) == 0);
    fuzz_demand(home != NULL || kms_keyset_at(keys, 0) == NULL);
    kms_session_free(session);
    kms_keyset_free(keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned statuses[] = {200, 401, 403, 404, 500, 503};
    struct kms_answer answer = {.err = MU_OK};
    static bool ready;

    if (!ready)
        fuzz_demand(xml_init() == MU_OK);
    ready = true;
    if (size == 0)
        return 0;
    answer.status =
        statuses[data[0] % (sizeof(statuses) / sizeof(statuses[0]))];
    answer.body = (struct span){data + 1, size - 1};
    check(&answer);
    return 0;
}
