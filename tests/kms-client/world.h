/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world.h - a KMS, one user enrolled at it, and what the KMS would send, made
 * from the master secrets here and signed and wrapped as it has to be.
 *
 * Failures end the running test.
 */
#ifndef TESTS_KMS_CLIENT_WORLD_H
#define TESTS_KMS_CLIENT_WORLD_H

#include "kms-client/keyset.h"
#include "tests/kms.h"
#include "xml/cert_key.h"

#define WORLD_NOW    UINT64_C(1766000000)
#define WORLD_PERIOD 2592000
#define WORLD_TEXT   3072

struct world {
    struct test_rng rng;
    struct test_kms kms;
    struct xml_cert_key cert_key;
    struct kms_enrolment enrolment;
    uint64_t period_no; /* of WORLD_NOW */
};

void world_init(struct world *w);
void world_clear(struct world *w);

/* A certificate to be signed, the good one as it stands. */
struct world_cert {
    const char *kms_uri, *role;
    uint64_t from_s, to_s;
    const struct test_kms *kms;
    bool revoked;
};

/* The root certificate. */
struct world_cert world_root(const struct world *w);

/* Signed under the world's key; text is a string. */
void world_sign_cert(const struct world *w, const struct world_cert *cert,
    char text[WORLD_TEXT]);
/* The same without a signature. */
void world_bare_cert(const struct world *w, const struct world_cert *cert,
    char text[WORLD_TEXT]);

/* The user's keys for a period, wrapped under the TrK of the enrolment. */
void world_wrap_keys(
    struct world *w, uint64_t period_no, struct kms_wrapped_keys *out);

/* A key set that has the root certificate. */
struct kms_keyset *world_keyset(const struct world *w);

#endif
