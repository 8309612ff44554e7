/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mikey/eccsi_fixture.h"

#include <CUnit/CUnit.h>
#include <string.h>

void eccsi_kms_drop(struct mikey_eccsi_kms **kms)
{
    mikey_eccsi_kms_free(*kms);
}

void eccsi_signer_drop(struct mikey_eccsi_signer **signer)
{
    mikey_eccsi_signer_free(*signer);
}

void eccsi_verifier_drop(struct mikey_eccsi_verifier **verifier)
{
    mikey_eccsi_verifier_free(*verifier);
}

void eccsi_take(struct vec *v, const char *name, uint8_t *out, size_t len)
{
    struct span s = vec_hex(v, name);

    CU_ASSERT_EQUAL_FATAL(s.len, len);
    memcpy(out, s.p, len);
}

struct mikey_eccsi_kms *eccsi_kms_of(struct vec *v)
{
    struct mikey_eccsi_kms *kms = NULL;

    CU_ASSERT_EQUAL_FATAL(mikey_eccsi_kms_new(vec_hex(v, "kpak"), &kms), MU_OK);
    return kms;
}

void eccsi_pair_of(struct vec *v, struct mikey_eccsi_pair *out)
{
    eccsi_take(v, "ssk", out->ssk.b, sizeof(out->ssk.b));
    eccsi_take(v, "pvt", out->pvt, sizeof(out->pvt));
}

void eccsi_open_rfc(struct vec *v)
{
    vec_open(v, "eccsi.vec");
    CU_ASSERT_FATAL(vec_next(v));
}

struct mikey_eccsi_signer *eccsi_signer_of(
    struct vec *v, const struct mikey_eccsi_kms *kms)
{
    MU_CLEANUP(mikey_eccsi_pair_clear) struct mikey_eccsi_pair pair;
    struct mikey_eccsi_signer *signer = NULL;

    eccsi_pair_of(v, &pair);
    CU_ASSERT_EQUAL_FATAL(
        mikey_eccsi_signer_new(kms, vec_hex(v, "id"), &pair, &signer), MU_OK);
    return signer;
}
