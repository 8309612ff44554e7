/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/hash_range.h"

#include "base/secret.h"

#include <assert.h>
#include <openssl/sha.h>
#include <string.h>

#define HASH  32
#define LIMBS (MIKEY_RANGE_MAX / 8)

/* Reads octets, most significant first, into limbs, least significant first. */
static void load(uint64_t *limbs, struct span octets)
{
    memset(limbs, 0, LIMBS * sizeof(*limbs));
    for (size_t i = 0; i < octets.len; i++)
        limbs[i / 8] |= (uint64_t)octets.p[octets.len - 1 - i] << i % 8 * 8;
}

static unsigned bit_length(const uint64_t *limbs)
{
    for (unsigned i = LIMBS; i-- > 0;) {
        if (limbs[i] != 0)
            return 64 * i + 64 - (unsigned)__builtin_clzll(limbs[i]);
    }
    return 0;
}

static void shift_left(uint64_t *limbs, unsigned bits)
{
    for (unsigned i = LIMBS; i-- > 0;) {
        unsigned from = i - bits / 64;
        uint64_t limb = from < LIMBS ? limbs[from] << bits % 64 : 0;

        if (bits % 64 != 0 && from - 1 < LIMBS)
            limb |= limbs[from - 1] >> (64 - bits % 64);
        limbs[i] = limb;
    }
}

static void halve(uint64_t *limbs)
{
    for (unsigned i = 0; i < LIMBS; i++)
        limbs[i] = limbs[i] >> 1 | (i + 1 < LIMBS ? limbs[i + 1] << 63 : 0);
}

/* v -= n if v >= n, without a branch. */
static void subtract_if(uint64_t *v, const uint64_t *n)
{
    uint64_t less[LIMBS], borrow = 0;

    for (unsigned i = 0; i < LIMBS; i++) {
        unsigned __int128 d = (unsigned __int128)v[i] - n[i] - borrow;

        less[i] = (uint64_t)d;
        borrow = (uint64_t)(d >> 64) & 1;
    }
    for (unsigned i = 0; i < LIMBS; i++)
        v[i] = (v[i] & (0 - borrow)) | (less[i] & (borrow - 1));
    mu_wipe(less, sizeof(less));
}

/*
 * v mod n for a v of some bits: n is shifted up until it has as many, so
 * that v < 2n, and down again; one conditional subtraction at each stop. For
 * n = q these are three.
 */
static void reduce(uint64_t *v, unsigned bits, uint64_t *n)
{
    unsigned n_bits = bit_length(n);

    if (n_bits > bits)
        return; /* v < n */
    shift_left(n, bits - n_bits);
    for (unsigned i = 0; i <= bits - n_bits; i++) {
        subtract_if(v, n);
        halve(n);
    }
}

/* l = ceil(log2(n) / 256). The logarithm of a power of two is exact: 2^256
 * takes one block although it has 257 bits, so n - 1 is what counts. */
static unsigned blocks(struct span n)
{
    unsigned octets = (unsigned)n.len;
    bool power = n.p[0] == 1; /* 1 00 .. 00: n - 1 is an octet shorter */

    for (size_t i = 1; i < n.len; i++)
        power = power && n.p[i] == 0;
    if (power)
        octets--;
    return octets == 0 ? 0 : (octets + HASH - 1) / HASH;
}

static enum mu_err fill(struct span s, uint8_t *v, unsigned l)
{
    uint8_t input[2 * HASH] = {0}; /* h_i || A, from h_0 = 0 */
    bool good = SHA256(s.p, s.len, input + HASH) != NULL;

    for (unsigned i = 0; i < l && good; i++) {
        good = SHA256(input, HASH, input) != NULL &&
               SHA256(input, sizeof(input), v + (size_t)i * HASH) != NULL;
    }
    mu_wipe(input, sizeof(input));
    return good ? MU_OK : MU_E_CRYPTO;
}

enum mu_err mikey_hash_to_range(struct span s, struct span n, uint8_t *out)
{
    uint8_t octets[MIKEY_RANGE_MAX];
    uint64_t v[LIMBS], range[LIMBS];
    unsigned l = blocks(n);
    enum mu_err err;

    assert(n.len > 0 && n.len <= MIKEY_RANGE_MAX && n.p[0] != 0);
    err = fill(s, octets, l);
    if (err == MU_OK) {
        load(v, (struct span){octets, (size_t)l * HASH});
        load(range, n);
        reduce(v, 8 * HASH * l, range);
        for (size_t i = 0; i < n.len; i++)
            out[n.len - 1 - i] = (uint8_t)(v[i / 8] >> i % 8 * 8);
        mu_wipe(v, sizeof(v));
    }
    mu_wipe(octets, sizeof(octets));
    return err;
}
