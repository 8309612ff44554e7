/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eccsi.h - identity-based signatures (RFC 6507) on P-256 with SHA-256, the
 * choice of RFC 6509 clause 2.1.1.
 *
 * A KMS has a secret KSAK and publishes the point KPAK = [KSAK]G. For an
 * identity it extracts a signing key SSK and a public token PVT, which goes
 * along in every signature, so that who knows KPAK and the identity can
 * verify. Several pairs may serve one identity, one per device.
 *
 * Points are 65 octets, 04 and both coordinates; integers 32 octets, most
 * significant first. An identity is octets of any length, hashed as they are:
 * a UID, or the form of RFC 6509 clause 3.2 with both its NULs. A signature
 * is r, s and PVT, 129 octets.
 *
 * Signatures are malleable: (r, q - s) verifies wherever (r, s) does (RFC
 * 6507 clause 5.2.2). Do not recognise a replay by its signature.
 *
 * Time depends on no KSAK, SSK, v or j. The objects are not changed after
 * they are made: any number of threads may use one.
 */
#ifndef MIKEY_ECCSI_H
#define MIKEY_ECCSI_H

#include "base/bytes.h"
#include "base/rng.h"
#include "base/secret.h"

#define MIKEY_KPAK_LEN       65
#define MIKEY_PVT_LEN        65
#define MIKEY_SIG_LEN        129
#define MIKEY_ECCSI_HASH_LEN 32

SECRET_TYPE(mikey_eccsi_secret, 32); /* KSAK, in 1..q-1 */
SECRET_TYPE(mikey_ssk, 32);          /* in 1..q-1 */
SECRET_TYPE(mikey_eccsi_nonce, 32);  /* v or j, in 1..q-1, used once */

/* What a KMS gives to one device of an identity. */
struct mikey_eccsi_pair {
    struct mikey_ssk ssk;
    uint8_t pvt[MIKEY_PVT_LEN]; /* public */
};

/* Wipes the pair; for MU_CLEANUP. */
void mikey_eccsi_pair_clear(struct mikey_eccsi_pair *pair);

/*
 * The public key of a KMS.
 *
 * Returns MU_OK; MU_E_MALFORMED if KSAK is not in 1..q-1; MU_E_NO_MEMORY;
 * MU_E_CRYPTO if OpenSSL fails.
 */
MU_MUST_CHECK enum mu_err mikey_eccsi_public(
    const struct mikey_eccsi_secret *ksak, uint8_t kpak[MIKEY_KPAK_LEN]);

/* A KMS as everybody knows it: its KPAK, checked to be a point. */
struct mikey_eccsi_kms;

/*
 * Returns MU_OK; MU_E_MALFORMED if kpak is not 65 octets, the first 04, with
 * canonical coordinates of a point on the curve (RFC 6507 demands that check
 * before any use); MU_E_NO_MEMORY. kpak is copied.
 */
MU_MUST_CHECK enum mu_err mikey_eccsi_kms_new(
    struct span kpak, struct mikey_eccsi_kms **out);

void mikey_eccsi_kms_free(struct mikey_eccsi_kms *kms);

/*
 * Extracts a pair for an identity (RFC 6507 clause 5.1.1), and validates it
 * before handing it out, so that neither a KSAK of another KMS nor a fault of
 * the machine leaves a false pair behind.
 *
 * The secret v is made from KSAK, the identity and fresh octets of rng
 * together: no v repeats for another identity, even if rng repeats. Such a
 * repetition would give KSAK away.
 *
 * Returns MU_OK; MU_E_MALFORMED if KSAK is not in 1..q-1; what rng returns;
 * MU_E_CRYPTO if KSAK is not that of the KMS, or SSK or HS comes out as 0
 * (chance 2^-256: call again); MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err mikey_eccsi_extract(const struct mikey_eccsi_kms *kms,
    const struct mikey_eccsi_secret *ksak, struct span id,
    const struct mu_rng *rng, struct mikey_eccsi_pair *out);

/* The same with a v of the caller's, for test vectors only. */
MU_MUST_CHECK enum mu_err mikey_eccsi_extract_with(
    const struct mikey_eccsi_kms *kms, const struct mikey_eccsi_secret *ksak,
    struct span id, const struct mikey_eccsi_nonce *v,
    struct mikey_eccsi_pair *out);

/*
 * The user's check of what a KMS sent (RFC 6507 clause 5.1.2): SSK in range,
 * PVT a point, and [SSK]G = KPAK + [HS]PVT.
 *
 * Returns MU_OK; MU_E_CRYPTO for every refusal.
 */
MU_MUST_CHECK enum mu_err mikey_eccsi_validate(
    const struct mikey_eccsi_kms *kms, struct span id,
    const struct mikey_eccsi_pair *pair);

/* An identity that signs: its validated pair and what depends on it alone. */
struct mikey_eccsi_signer;

/*
 * Copies the pair and validates it as mikey_eccsi_validate() does. kms must
 * outlive the signer.
 *
 * Returns MU_OK; MU_E_CRYPTO if the pair is refused; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err mikey_eccsi_signer_new(
    const struct mikey_eccsi_kms *kms, struct span id,
    const struct mikey_eccsi_pair *pair, struct mikey_eccsi_signer **out);

/* Wipes the key. */
void mikey_eccsi_signer_free(struct mikey_eccsi_signer *signer);

/*
 * Signs (RFC 6507 clause 5.2.1). The secret j is made from SSK, the message
 * and fresh octets of rng together: no j repeats for another message, even if
 * rng repeats. Such a repetition would give SSK away.
 *
 * Returns MU_OK; what rng returns; MU_E_CRYPTO if OpenSSL fails or HE + r SSK
 * comes out as 0 (chance 2^-256: call again).
 */
MU_MUST_CHECK enum mu_err mikey_eccsi_sign(
    const struct mikey_eccsi_signer *signer, struct span msg,
    const struct mu_rng *rng, uint8_t sig[MIKEY_SIG_LEN]);

/*
 * The same with a j of the caller's, for test vectors only. MU_E_MALFORMED if
 * j is not in 1..q-1.
 */
MU_MUST_CHECK enum mu_err mikey_eccsi_sign_with(
    const struct mikey_eccsi_signer *signer, struct span msg,
    const struct mikey_eccsi_nonce *j, uint8_t sig[MIKEY_SIG_LEN]);

/*
 * Verifies a signature of any length (RFC 6507 clause 5.2.2).
 *
 * Returns MU_OK if it is one of id on msg under this KMS; MU_E_CRYPTO for
 * every refusal.
 */
MU_MUST_CHECK enum mu_err mikey_eccsi_verify(const struct mikey_eccsi_kms *kms,
    struct span id, struct span msg, struct span sig);

/*
 * A signer as its peers know it: the point Y = [HS]PVT + KPAK, which is good
 * for a key period and saves nearly half of each verification.
 */
struct mikey_eccsi_verifier;

/*
 * kms must outlive the verifier; id and pvt are not kept.
 *
 * Returns MU_OK; MU_E_CRYPTO if pvt is not a point or Y is neutral;
 * MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err mikey_eccsi_verifier_new(
    const struct mikey_eccsi_kms *kms, struct span id, struct span pvt,
    struct mikey_eccsi_verifier **out);

void mikey_eccsi_verifier_free(struct mikey_eccsi_verifier *verifier);

/*
 * As mikey_eccsi_verify(); a signature with another PVT is refused too, for
 * it belongs to another pair of that identity.
 */
MU_MUST_CHECK enum mu_err mikey_eccsi_verifier_check(
    const struct mikey_eccsi_verifier *verifier, struct span msg,
    struct span sig);

/*
 * The two hashes of the scheme, both public, for tools that explain:
 * HS = SHA-256(G, KPAK, id, PVT) and HE = SHA-256(HS, r, message). They do
 * not check pvt. MU_E_CRYPTO if OpenSSL fails.
 */
MU_MUST_CHECK enum mu_err mikey_eccsi_hash_id(const struct mikey_eccsi_kms *kms,
    struct span id, const uint8_t pvt[MIKEY_PVT_LEN],
    uint8_t hs[MIKEY_ECCSI_HASH_LEN]);
MU_MUST_CHECK enum mu_err mikey_eccsi_hash_message(
    const uint8_t hs[MIKEY_ECCSI_HASH_LEN], const uint8_t r[32],
    struct span msg, uint8_t he[MIKEY_ECCSI_HASH_LEN]);

#endif
