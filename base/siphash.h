/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siphash.h - SipHash-2-4 (Aumasson and Bernstein, 2012): a short hash with a
 * key, for tables whose keys strangers choose.
 *
 * Without the key nobody can find names that share a place, so nobody can make
 * a table slow or push others out of it on purpose. Not for signatures or
 * anything that is kept.
 */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include "base/bytes.h"

#define MU_SIPHASH_KEY 16

/* Pure. */
uint64_t mu_siphash(const uint8_t key[MU_SIPHASH_KEY], struct span octets);

#endif
