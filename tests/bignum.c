/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bignum.h"

#include <CUnit/CUnit.h>

void bignum_field_init(struct bignum_field *f, const struct mikey_mod *mod)
{
    *f = (struct bignum_field){
        BN_new(), BN_new(), BN_new(), BN_new(), BN_CTX_new()};
    CU_ASSERT_FATAL(f->n && f->a && f->b && f->r && f->ctx);
    bignum_load(f->n, mod->n);
}

void bignum_field_clear(struct bignum_field *f)
{
    BN_free(f->n);
    BN_free(f->a);
    BN_free(f->b);
    BN_free(f->r);
    BN_CTX_free(f->ctx);
}

void bignum_load(BIGNUM *r, const uint64_t *limbs)
{
    uint8_t octets[MIKEY_MOD_LEN];

    mikey_mod_store(octets, limbs);
    bignum_read(r, SPAN_OF(octets));
}

void bignum_read(BIGNUM *r, struct span octets)
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(BN_bin2bn(octets.p, (int)octets.len, r));
}
