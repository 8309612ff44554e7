/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kms.h - a KMS in memory, and users with their keys, for tests.
 *
 * Failures end the running test.
 */
#ifndef TESTS_KMS_H
#define TESTS_KMS_H

#include "mikey/eccsi.h"
#include "mikey/sakke.h"
#include "tests/rng.h"

struct test_kms {
    struct mikey_sakke_secret z;
    struct mikey_eccsi_secret ksak;
    struct mikey_sakke_kms *sakke;
    struct mikey_eccsi_kms *eccsi;
};

/* Secrets drawn from rng. */
void test_kms_init(struct test_kms *kms, struct test_rng *rng);
/* Public keys alone: the secrets are zero. */
void test_kms_public(struct test_kms *kms, struct span z, struct span kpak);
void test_kms_clear(struct test_kms *kms);

/* One identity's keys, ready for use. */
struct test_user {
    uint8_t id_octets[64];
    struct span id; /* points into id_octets; the struct stays put */
    struct mikey_sakke_user *sakke;
    struct mikey_eccsi_signer *signer;
};

void test_user_init(struct test_user *user, struct test_kms *kms,
    struct span id, struct test_rng *rng);
/* From somebody else's key material; without rsk or ssk: without that half. */
void test_user_import(struct test_user *user, struct test_kms *kms,
    struct span id, struct span rsk, struct span ssk, struct span pvt);
void test_user_clear(struct test_user *user);

#endif
