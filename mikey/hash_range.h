/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash_range.h - HashToIntegerRange of RFC 6508 clause 5.1, with SHA-256.
 */
#ifndef MIKEY_HASH_RANGE_H
#define MIKEY_HASH_RANGE_H

#include "base/bytes.h"

#define MIKEY_RANGE_MAX 128 /* octets of a range */

/*
 * Hashes s to an integer in 0..n-1.
 *
 *   s    may be secret: the time taken depends on its length alone
 *   n    the range, public, at least 2, most significant octet first, at
 *        most MIKEY_RANGE_MAX octets and the first of them not zero
 *   out  n.len octets, zeros included; set on success
 *
 * Returns MU_OK, or MU_E_CRYPTO if the hash fails.
 */
MU_MUST_CHECK enum mu_err mikey_hash_to_range(
    struct span s, struct span n, uint8_t *out);

#endif
