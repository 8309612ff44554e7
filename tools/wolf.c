/* SPDX-License-Identifier: Apache-2.0 */
/* wolfSSL counts in word32; what is measured here is shorter than that. */
#include "tools/wolf.h"

#include <string.h>
#include <wolfssl/options.h>

/* The options come before all other headers of wolfSSL's. */
#include <wolfssl/wolfcrypt/eccsi.h>
#include <wolfssl/wolfcrypt/random.h>
#include <wolfssl/wolfcrypt/sakke.h>

#include "base/alloc.h"
#include "base/secret.h"

#define HASH       WC_HASH_TYPE_SHA256
#define SCALAR_LEN 32
#define POINT_LEN  65
#define SIG_LEN    129
#define Z_LEN      128
#define BIG_LEN    257
#define SSV_LEN    16
#define NOT_RAW    0 /* points with their 04 */
#define TRUSTED    1 /* points not checked once more */

struct wolf_eccsi {
    EccsiKey key;
    WC_RNG rng;
    mp_int ssk;
    ecc_point *pvt;
};

struct wolf_sakke {
    SakkeKey key;
    WC_RNG rng;
    ecc_point *rsk;
};

struct wolf_eccsi *wolf_eccsi_new(void)
{
    struct wolf_eccsi *w = mu_alloc(sizeof(*w));

    if (w != NULL && wc_InitRng(&w->rng) == 0 &&
        wc_InitEccsiKey(&w->key, NULL, INVALID_DEVID) == 0 &&
        mp_init(&w->ssk) == 0 && (w->pvt = wc_ecc_new_point()) != NULL)
        return w;
    wolf_eccsi_free(w);
    return NULL;
}

void wolf_eccsi_free(struct wolf_eccsi *w)
{
    if (w == NULL)
        return;
    wc_FreeEccsiKey(&w->key);
    (void)wc_FreeRng(&w->rng);
    mp_forcezero(&w->ssk);
    wc_ecc_forcezero_point(w->pvt);
    wc_ecc_del_point(w->pvt);
    mu_free_wiped(w, sizeof(*w));
}

bool wolf_eccsi_make(struct wolf_eccsi *w, uint8_t ksak[32], uint8_t kpak[65])
{
    word32 secret_len = SCALAR_LEN, public_len = POINT_LEN;

    return wc_MakeEccsiKey(&w->key, &w->rng) == 0 &&
           wc_ExportEccsiPrivateKey(&w->key, ksak, &secret_len) == 0 &&
           wc_ExportEccsiPublicKey(&w->key, kpak, &public_len, NOT_RAW) == 0;
}

bool wolf_eccsi_load_secret(
    struct wolf_eccsi *w, const uint8_t ksak[32], const uint8_t kpak[65])
{
    uint8_t both[SCALAR_LEN + POINT_LEN - 1]; /* without the 04 */
    bool ok;

    memcpy(both, ksak, SCALAR_LEN);
    memcpy(both + SCALAR_LEN, kpak + 1, POINT_LEN - 1);
    ok = wc_ImportEccsiKey(&w->key, both, sizeof(both)) == 0;
    mu_wipe(both, sizeof(both));
    return ok;
}

bool wolf_eccsi_load_public(struct wolf_eccsi *w, const uint8_t kpak[65])
{
    return wc_ImportEccsiPublicKey(&w->key, kpak, POINT_LEN, !TRUSTED) == 0;
}

bool wolf_eccsi_extract(
    struct wolf_eccsi *w, struct span id, uint8_t ssk[32], uint8_t pvt[65])
{
    word32 ssk_len = SCALAR_LEN, pvt_len = POINT_LEN;

    return wc_MakeEccsiPair(&w->key, &w->rng, HASH, id.p, (word32)id.len,
               &w->ssk, w->pvt) == 0 &&
           wc_EncodeEccsiSsk(&w->key, &w->ssk, ssk, &ssk_len) == 0 &&
           wc_EncodeEccsiPvt(&w->key, w->pvt, pvt, &pvt_len, NOT_RAW) == 0;
}

static bool load_pair(
    struct wolf_eccsi *w, const uint8_t ssk[32], const uint8_t pvt[65])
{
    return wc_DecodeEccsiSsk(&w->key, ssk, SCALAR_LEN, &w->ssk) == 0 &&
           wc_DecodeEccsiPvt(&w->key, pvt, POINT_LEN, w->pvt) == 0;
}

bool wolf_eccsi_validate(struct wolf_eccsi *w, struct span id,
    const uint8_t ssk[32], const uint8_t pvt[65])
{
    int valid = 0;

    return load_pair(w, ssk, pvt) &&
           wc_ValidateEccsiPair(&w->key, HASH, id.p, (word32)id.len, &w->ssk,
               w->pvt, &valid) == 0 &&
           valid != 0;
}

/* HS of the identity and w->pvt, kept in the key. */
static bool set_identity(struct wolf_eccsi *w, struct span id)
{
    byte hash[WC_MAX_DIGEST_SIZE];
    byte len = 0;

    return wc_HashEccsiId(
               &w->key, HASH, id.p, (word32)id.len, w->pvt, hash, &len) == 0 &&
           wc_SetEccsiHash(&w->key, hash, len) == 0;
}

bool wolf_eccsi_become(struct wolf_eccsi *w, struct span id,
    const uint8_t ssk[32], const uint8_t pvt[65])
{
    return load_pair(w, ssk, pvt) && set_identity(w, id) &&
           wc_SetEccsiPair(&w->key, &w->ssk, w->pvt) == 0;
}

bool wolf_eccsi_sign(struct wolf_eccsi *w, struct span msg, uint8_t sig[129])
{
    word32 len = SIG_LEN;

    return wc_SignEccsiHash(&w->key, &w->rng, HASH, msg.p, (word32)msg.len, sig,
               &len) == 0 &&
           len == SIG_LEN;
}

bool wolf_eccsi_verify(struct wolf_eccsi *w, struct span id, struct span msg,
    const uint8_t sig[129])
{
    int verified = 0;

    return wc_DecodeEccsiPvtFromSig(&w->key, sig, SIG_LEN, w->pvt) == 0 &&
           set_identity(w, id) &&
           wc_VerifyEccsiHash(&w->key, HASH, msg.p, (word32)msg.len, sig,
               SIG_LEN, &verified) == 0 &&
           verified != 0;
}

struct wolf_sakke *wolf_sakke_new(void)
{
    struct wolf_sakke *w = mu_alloc(sizeof(*w));

    if (w != NULL && wc_InitRng(&w->rng) == 0 &&
        wc_InitSakkeKey(&w->key, NULL, INVALID_DEVID) == 0 &&
        (w->rsk = wc_ecc_new_point()) != NULL)
        return w;
    wolf_sakke_free(w);
    return NULL;
}

void wolf_sakke_free(struct wolf_sakke *w)
{
    if (w == NULL)
        return;
    wc_FreeSakkeKey(&w->key);
    (void)wc_FreeRng(&w->rng);
    wc_ecc_forcezero_point(w->rsk);
    wc_ecc_del_point(w->rsk);
    mu_free_wiped(w, sizeof(*w));
}

bool wolf_sakke_make(struct wolf_sakke *w, uint8_t z[128], uint8_t pub[257])
{
    word32 secret_len = Z_LEN, public_len = BIG_LEN;

    return wc_MakeSakkeKey(&w->key, &w->rng) == 0 &&
           wc_ExportSakkePrivateKey(&w->key, z, &secret_len) == 0 &&
           wc_ExportSakkePublicKey(&w->key, pub, &public_len, NOT_RAW) == 0;
}

bool wolf_sakke_load_secret(
    struct wolf_sakke *w, const uint8_t z[128], const uint8_t pub[257])
{
    uint8_t both[Z_LEN + BIG_LEN - 1]; /* without the 04 */
    bool ok;

    memcpy(both, z, Z_LEN);
    memcpy(both + Z_LEN, pub + 1, BIG_LEN - 1);
    ok = wc_ImportSakkeKey(&w->key, both, sizeof(both)) == 0;
    mu_wipe(both, sizeof(both));
    return ok;
}

bool wolf_sakke_load_public(struct wolf_sakke *w, const uint8_t pub[257])
{
    return wc_ImportSakkePublicKey(&w->key, pub, BIG_LEN, !TRUSTED) == 0;
}

bool wolf_sakke_extract(struct wolf_sakke *w, struct span id, uint8_t rsk[257])
{
    word32 len = BIG_LEN;

    return wc_MakeSakkeRsk(&w->key, id.p, (word16)id.len, w->rsk) == 0 &&
           wc_EncodeSakkeRsk(&w->key, w->rsk, rsk, &len, NOT_RAW) == 0;
}

bool wolf_sakke_validate(
    struct wolf_sakke *w, struct span id, const uint8_t rsk[257])
{
    int valid = 0;

    return wc_DecodeSakkeRsk(&w->key, rsk, BIG_LEN, w->rsk) == 0 &&
           wc_ValidateSakkeRsk(&w->key, id.p, (word16)id.len, w->rsk, &valid) ==
               0 &&
           valid != 0;
}

bool wolf_sakke_encapsulate(struct wolf_sakke *w, struct span id,
    const uint8_t ssv[16], uint8_t sed[273])
{
    word16 len = BIG_LEN;

    /* The SSV is masked where it lies, and so becomes the hint. */
    memcpy(sed + BIG_LEN, ssv, SSV_LEN);
    return wc_MakeSakkePointI(&w->key, id.p, (word16)id.len) == 0 &&
           wc_SetSakkeIdentity(&w->key, id.p, (word16)id.len) == 0 &&
           wc_MakeSakkeEncapsulatedSSV(
               &w->key, HASH, sed + BIG_LEN, SSV_LEN, sed, &len) == 0;
}

bool wolf_sakke_become(
    struct wolf_sakke *w, struct span id, const uint8_t rsk[257])
{
    return wc_DecodeSakkeRsk(&w->key, rsk, BIG_LEN, w->rsk) == 0 &&
           wc_SetSakkeRsk(&w->key, w->rsk, NULL, 0) == 0 &&
           wc_MakeSakkePointI(&w->key, id.p, (word16)id.len) == 0 &&
           wc_SetSakkeIdentity(&w->key, id.p, (word16)id.len) == 0;
}

bool wolf_sakke_decapsulate(
    struct wolf_sakke *w, const uint8_t sed[273], uint8_t ssv[16])
{
    memcpy(ssv, sed + BIG_LEN, SSV_LEN);
    return wc_DeriveSakkeSSV(&w->key, HASH, ssv, SSV_LEN, sed, BIG_LEN) == 0;
}
