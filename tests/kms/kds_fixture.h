/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kds_fixture.h - a kdsd's store in a folder of its own, and bundles for it
 * from a KMS of the tests. Failures end the running test.
 */
#ifndef TESTS_KMS_KDS_FIXTURE_H
#define TESTS_KMS_KDS_FIXTURE_H

#include "kms/bundle.h"
#include "kms/kds_import.h"
#include "kms/kds_ink.h"
#include "tests/folder.h"
#include "tests/rng.h"

#define KDS_TEST_KMS "kms.example.org"

struct kds_fixture {
    struct test_folder folder;
    struct kds_store *store;
    struct mu_arena arena; /* of what is read from the store */
    struct test_rng rng;
    struct mu_keyring ring;
    struct kms_import_key import_key;
    struct mu_sign_key bundle_key;
    struct kds_import_config config; /* for bundles of this fixture's KMS */
    struct kds_import_why why;       /* of the last import */
};

void kds_fixture_setup(struct kds_fixture *f);
void kds_fixture_clear(struct kds_fixture *f);

/* The store as the next process would see it. */
void kds_fixture_reopen(struct kds_fixture *f);

/* The InK of every user here. */
extern const struct mcptt_ink kds_test_ink;

/* A bundle on its way: its octets and what the next one must name. */
struct kds_bundle {
    uint8_t b[16384];
    struct wr w;
    struct span whole; /* once it is closed */
};

/* previous: the bundle before, or NULL for the first. */
void kds_bundle_begin(
    struct kds_bundle *b, uint64_t sequence, const struct kds_bundle *previous);
void kds_bundle_root(struct kds_bundle *b);
void kds_bundle_external(struct kds_bundle *b, const char *kms_uri);
/* With his InK sealed to the fixture's import key. */
void kds_bundle_user(struct kds_bundle *b, struct kds_fixture *f,
    const char *uri, uint64_t serial);
void kds_bundle_revoke(struct kds_bundle *b, const char *uri, uint64_t serial);
/* A KmsKeySet, its keys all zeros, with the HMAC of it; one that another
 * user's name is in; any text. */
void kds_bundle_key_set(
    struct kds_bundle *b, const char *uri, uint64_t serial, uint64_t period);
void kds_bundle_key_set_as(struct kds_bundle *b, const char *uri,
    uint64_t serial, uint64_t period, const char *other);
void kds_bundle_key_set_of(struct kds_bundle *b, const char *uri,
    uint64_t serial, uint64_t period, struct span xml);
void kds_bundle_close(struct kds_bundle *b, const struct mu_sign_key *key);

/* Root, alice (serial 1) with periods 5 and 6, bob (serial 2) with 5. */
void kds_bundle_first(struct kds_bundle *b, struct kds_fixture *f);

/* Imports with the fixture's configuration. */
enum mu_err kds_fixture_import(
    struct kds_fixture *f, const struct kds_bundle *b);

/* Reads from the store: serial of a user, 0 when unknown; whether there is a
 * key set; the number of the last bundle. */
uint64_t kds_fixture_serial(struct kds_fixture *f, const char *uri);
bool kds_fixture_has(struct kds_fixture *f, const char *uri, uint64_t period);
uint64_t kds_fixture_sequence(struct kds_fixture *f);

#endif
