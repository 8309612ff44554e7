/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kms.h"

#include <CUnit/CUnit.h>
#include <string.h>

static void must(enum mu_err err)
{
    CU_ASSERT_EQUAL_FATAL(err, MU_OK);
}

void test_kms_init(struct test_kms *kms, struct test_rng *rng)
{
    uint8_t z[MIKEY_POINT_LEN], kpak[MIKEY_KPAK_LEN];
    struct mikey_sakke_secret sakke = {0};
    struct mikey_eccsi_secret ksak;

    /* 1016 and 248 random bits: in range without a second draw. */
    must(mu_rng_fill(&rng->rng, sakke.b + 1, sizeof(sakke.b) - 1));
    must(mu_rng_fill(&rng->rng, ksak.b, sizeof(ksak.b)));
    ksak.b[0] = 0;
    must(mikey_sakke_public(&sakke, z));
    must(mikey_eccsi_public(&ksak, kpak));
    test_kms_public(kms, SPAN_OF(z), SPAN_OF(kpak));
    kms->z = sakke;
    kms->ksak = ksak;
}

void test_kms_public(struct test_kms *kms, struct span z, struct span kpak)
{
    *kms = (struct test_kms){0};
    must(mikey_sakke_kms_new(z, &kms->sakke));
    must(mikey_eccsi_kms_new(kpak, &kms->eccsi));
}

void test_kms_clear(struct test_kms *kms)
{
    mikey_sakke_kms_free(kms->sakke);
    mikey_eccsi_kms_free(kms->eccsi);
    *kms = (struct test_kms){0};
}

static void set_id(struct test_user *user, struct span id)
{
    CU_ASSERT_FATAL(id.len <= sizeof(user->id_octets));
    memcpy(user->id_octets, id.p, id.len);
    user->id = (struct span){user->id_octets, id.len};
}

static void import_rsk(
    struct test_user *user, struct test_kms *kms, struct span rsk)
{
    struct mikey_rsk key;

    CU_ASSERT_EQUAL_FATAL(rsk.len, sizeof(key.b));
    memcpy(key.b, rsk.p, sizeof(key.b));
    must(mikey_sakke_user_new(kms->sakke, user->id, &key, &user->sakke));
}

static void import_pair(struct test_user *user, struct test_kms *kms,
    struct span ssk, struct span pvt)
{
    struct mikey_eccsi_pair pair;

    CU_ASSERT_FATAL(
        ssk.len == sizeof(pair.ssk.b) && pvt.len == sizeof(pair.pvt));
    memcpy(pair.ssk.b, ssk.p, sizeof(pair.ssk.b));
    memcpy(pair.pvt, pvt.p, sizeof(pair.pvt));
    must(mikey_eccsi_signer_new(kms->eccsi, user->id, &pair, &user->signer));
}

void test_user_import(struct test_user *user, struct test_kms *kms,
    struct span id, struct span rsk, struct span ssk, struct span pvt)
{
    *user = (struct test_user){0};
    set_id(user, id);
    if (rsk.len > 0)
        import_rsk(user, kms, rsk);
    if (ssk.len > 0)
        import_pair(user, kms, ssk, pvt);
}

void test_user_init(struct test_user *user, struct test_kms *kms,
    struct span id, struct test_rng *rng)
{
    struct mikey_eccsi_pair pair;
    struct mikey_rsk rsk;

    must(mikey_sakke_extract(&kms->z, id, &rng->rng, &rsk));
    must(mikey_eccsi_extract(kms->eccsi, &kms->ksak, id, &rng->rng, &pair));
    test_user_import(
        user, kms, id, SPAN_OF(rsk.b), SPAN_OF(pair.ssk.b), SPAN_OF(pair.pvt));
}

void test_user_clear(struct test_user *user)
{
    mikey_sakke_user_free(user->sakke);
    mikey_eccsi_signer_free(user->signer);
    *user = (struct test_user){0};
}
