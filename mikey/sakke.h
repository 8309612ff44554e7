/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sakke.h - Sakai-Kasahara key encryption (RFC 6508) with parameter set 1 of
 * RFC 6509: 112 bits of security, SHA-256, shared values of 16 octets.
 *
 * An identifier is the octet string that is hashed and, as an integer, most
 * significant octet first, the user's public key: 2..q-1, at most 128
 * octets. Leading zero octets count for the hash and not for the integer.
 * Longer ones are hashed by the application first.
 *
 * Pure and free of globals: one KMS or user object may be used by several
 * threads at the same time.
 */
#ifndef MIKEY_SAKKE_H
#define MIKEY_SAKKE_H

#include "base/bytes.h"
#include "base/rng.h"
#include "base/secret.h"
#include "mikey/curve.h"

#define MIKEY_SSV_LEN      16
#define MIKEY_SED_LEN      273 /* point R, 257 octets; hint H, 16 */
#define MIKEY_SAKKE_ID_MAX 128

SECRET_TYPE(mikey_ssv, MIKEY_SSV_LEN);          /* shared secret value */
SECRET_TYPE(mikey_rsk, MIKEY_POINT_LEN);        /* receiver secret key K */
SECRET_TYPE(mikey_sakke_secret, MIKEY_MOD_LEN); /* z_T of a KMS, 2..q-1 */

/*
 * Z = [z]P, the public key of a KMS (clause 6.1.1).
 *
 * Returns MU_OK, or MU_E_MALFORMED when z is out of range.
 */
MU_MUST_CHECK enum mu_err mikey_sakke_public(
    const struct mikey_sakke_secret *z, uint8_t out[MIKEY_POINT_LEN]);

/*
 * K = [1/(a+z)]P, the key of the user with identifier a (clause 6.1.1). The
 * time taken depends neither on z nor on a beyond its length; a random factor
 * from rng blinds the inversion, as users choose a and z lasts for years.
 *
 * Returns MU_OK; MU_E_MALFORMED when z or the identifier is out of range;
 * MU_E_CRYPTO when a = -z mod q, which has no key, or rng fails.
 */
MU_MUST_CHECK enum mu_err mikey_sakke_extract(
    const struct mikey_sakke_secret *z, struct span id,
    const struct mu_rng *rng, struct mikey_rsk *out);

/*
 * The same for n identifiers, with their inversions shared: keys, in their
 * order, into the caller's memory. One bad identifier fails the call, and
 * then keys are all zero.
 */
MU_MUST_CHECK enum mu_err mikey_sakke_extract_many(
    const struct mikey_sakke_secret *z, const struct span *ids, size_t n,
    const struct mu_rng *rng, struct mikey_rsk *keys);

/*
 * The KMS's check of a key before it leaves: [a+z]K = P, in another way than it
 * was made, a quarter of the cost of a pairing. An odd multiple is taken, so
 * that a K which is right up to a point of order two or four fails as well.
 * Time as for mikey_sakke_extract().
 *
 * Returns MU_OK; MU_E_MALFORMED when z or the identifier is out of range;
 * MU_E_CRYPTO when the key is not that identifier's; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err mikey_sakke_check_extracted(
    const struct mikey_sakke_secret *z, struct span id,
    const struct mikey_rsk *key);

#define MIKEY_SAKKE_CHECK_MAX 16

/*
 * The same for n <= MIKEY_SAKKE_CHECK_MAX keys at a fraction of the cost each:
 * one equation, the sum of all with random factors of 64 bits from rng, and
 * the order of the sum of the keys. A false key passes with a chance of 2^-62,
 * and one that is right up to a point of even order passes only when another
 * of the batch is wrong in the same way.
 *
 * Returns as above, and MU_E_CRYPTO when any of the keys is not good.
 */
MU_MUST_CHECK enum mu_err mikey_sakke_check_many(
    const struct mikey_sakke_secret *z, const struct span *ids,
    const struct mikey_rsk *keys, size_t n, const struct mu_rng *rng);

/* Public keys of a KMS. */
struct mikey_sakke_kms;

/*
 * Checks Z, 257 octets 04 || x || y, and makes its table: 2 MiB and some
 * 30 ms, so keep the object for as long as the KMS key is in use.
 *
 * Returns MU_OK; MU_E_CRYPTO when Z is not a canonical point of order q;
 * MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err mikey_sakke_kms_new(
    struct span z, struct mikey_sakke_kms **out);
void mikey_sakke_kms_free(struct mikey_sakke_kms *kms);

/*
 * Encapsulates one SSV to n identifiers of one KMS (clauses 6.2.1, 6.3).
 *
 *   ids   n identifiers
 *   seds  room for n of them: 04 || R_x || R_y || H, in the order of ids
 *
 * No two receivers share anything but the SSV, and the result is a function
 * of SSV, KMS and identifier. No allocation; the time taken depends on n and
 * the identifiers' lengths alone. More than one at a time is cheaper.
 *
 * Returns MU_OK; MU_E_MALFORMED when an identifier is out of range, with
 * seds untouched; MU_E_CRYPTO when R would be the neutral element (an
 * identifier made as -z mod q) or the hash fails, with all of seds zero.
 */
MU_MUST_CHECK enum mu_err mikey_sakke_encapsulate(
    const struct mikey_sakke_kms *kms, const struct mikey_ssv *ssv,
    const struct span *ids, size_t n, uint8_t (*seds)[MIKEY_SED_LEN]);

/*
 * Checks a user's key (clause 6.1.2, a MUST): a canonical point of order q
 * with <[a]P + Z, K> = g. The order is ours: K + (0,0) satisfies the
 * equation, too.
 *
 * Returns MU_OK; MU_E_MALFORMED when the identifier is out of range;
 * MU_E_CRYPTO when the key is not the user's; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err mikey_sakke_validate_rsk(
    const struct mikey_sakke_kms *kms, struct span id,
    const struct mikey_rsk *rsk);

/* A user able to decapsulate: identifier, and the lines of the checked key. */
struct mikey_sakke_user;

/*
 * Validates the key and prepares it for pairings: 350 KiB. kms is borrowed
 * until mikey_sakke_user_free(), id and rsk are copied or used up. Errors as
 * for mikey_sakke_validate_rsk().
 */
MU_MUST_CHECK enum mu_err mikey_sakke_user_new(
    const struct mikey_sakke_kms *kms, struct span id,
    const struct mikey_rsk *rsk, struct mikey_sakke_user **out);
void mikey_sakke_user_free(struct mikey_sakke_user *user); /* wipes */

/*
 * Decapsulates a SED (clause 6.2.2), and checks that it is the one that
 * encapsulation makes of the SSV.
 *
 * Returns MU_OK, or MU_E_CRYPTO whatever may be wrong; out is set on success
 * alone. Be silent about the reason towards the sender.
 */
MU_MUST_CHECK enum mu_err mikey_sakke_decapsulate(
    const struct mikey_sakke_user *user, struct span sed,
    struct mikey_ssv *out);

#endif
