/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eccsi_fixture.h - what the tests of ECCSI take from its vector files.
 */
#ifndef TESTS_MIKEY_ECCSI_FIXTURE_H
#define TESTS_MIKEY_ECCSI_FIXTURE_H

#include "mikey/eccsi.h"
#include "tests/vec.h"

#define ECCSI_S_OFFSET   32 /* in a signature */
#define ECCSI_PVT_OFFSET 64

/* For MU_CLEANUP. */
void eccsi_kms_drop(struct mikey_eccsi_kms **kms);
void eccsi_signer_drop(struct mikey_eccsi_signer **signer);
void eccsi_verifier_drop(struct mikey_eccsi_verifier **verifier);

/* Opens the file of good vectors at its first record, RFC 6507 appendix A. */
void eccsi_open_rfc(struct vec *v);

/* Copies a field of the record that has exactly len octets. */
void eccsi_take(struct vec *v, const char *name, uint8_t *out, size_t len);

/* The record's KMS, pair and signer; the caller's to free. */
struct mikey_eccsi_kms *eccsi_kms_of(struct vec *v);
void eccsi_pair_of(struct vec *v, struct mikey_eccsi_pair *out);
struct mikey_eccsi_signer *eccsi_signer_of(
    struct vec *v, const struct mikey_eccsi_kms *kms);

#endif
