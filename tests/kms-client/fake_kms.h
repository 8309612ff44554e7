/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_kms.h - a distribution server in memory that answers the requests of a
 * session, and can be told to lie.
 *
 * Failures end the running test.
 */
#ifndef TESTS_KMS_CLIENT_FAKE_KMS_H
#define TESTS_KMS_CLIENT_FAKE_KMS_H

#include "base/buf.h"
#include "kms-client/session.h"
#include "tests/kms-client/world.h"

struct fake_kms {
    struct world world;
    /* What it lies about; as made it tells the truth. */
    struct world_cert root;
    struct world_cert external;
    bool bare_root;         /* the root certificate without its signature */
    bool unsigned_envelope; /* responses without a signature */
    bool lacks_next;        /* no keys for the next period */
    bool lacks_keys;        /* key sets for no period at all */
    int64_t clock_s;        /* added to Time */
    uint64_t period_add;    /* added to the period whose keys it gives */
    const char *user_uri, *kms_uri, *url; /* in the envelope; NULL: the truth */
    unsigned error_code;                  /* of a KmsError */
    struct mcptt_ink ink;                 /* that signs envelopes */
    uint64_t cache_num;
    struct buf body; /* of the last answer */
};

void fake_kms_init(struct fake_kms *fake);
void fake_kms_clear(struct fake_kms *fake);

/* Answers a request at that time; out borrows fake->body. */
void fake_kms_answer(struct fake_kms *fake, const struct kms_request *request,
    uint64_t now_s, struct kms_answer *out);

#endif
