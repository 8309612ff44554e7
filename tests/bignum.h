/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bignum.h - OpenSSL's integers, against which ours are tested.
 */
#ifndef TESTS_BIGNUM_H
#define TESTS_BIGNUM_H

#include "base/bytes.h"
#include "mikey/mod.h"

#include <openssl/bn.h>

/* A modulus, and room for two operands and a result. */
struct bignum_field {
    BIGNUM *n, *a, *b, *r;
    BN_CTX *ctx;
};

/* Ends the test when there is no memory. */
void bignum_field_init(struct bignum_field *f, const struct mikey_mod *mod);
void bignum_field_clear(struct bignum_field *f);

/* r = MIKEY_LIMBS limbs in plain form. */
void bignum_load(BIGNUM *r, const uint64_t *limbs);

/* r = octets, most significant first. */
void bignum_read(BIGNUM *r, struct span octets);

#endif
