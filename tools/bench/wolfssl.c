/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/bench/bench.h"

/* Its options decide about its types, so they come before its headers. */
#include <wolfssl/options.h>

#include <string.h>
#include <wolfssl/wolfcrypt/eccsi.h>
#include <wolfssl/wolfcrypt/random.h>
#include <wolfssl/wolfcrypt/sakke.h>

#define SSV_LEN   16
#define POINT_LEN 257 /* wolfSSL's auth: 04 || x || y */
#define SIG_LEN   129
#define HASH_LEN  32

struct wolf {
    WC_RNG rng;
    byte id[BENCH_ID_LEN];
    SakkeKey kms;  /* has z, extracts and encapsulates */
    SakkeKey user; /* has the user's RSK */
    ecc_point *rsk, *other_rsk;
    byte ssv[SSV_LEN];
    byte masked[SSV_LEN]; /* H, to the user */
    byte point[POINT_LEN];
    EccsiKey eccsi;
    mp_int ssk;
    ecc_point *pvt;
    byte msg[400];
    byte hash[HASH_LEN], hash_len;
    byte sig[SIG_LEN];
};

static bool encap_to(
    struct wolf *w, SakkeKey *key, const byte *id, byte *masked, byte *point)
{
    word16 len = POINT_LEN;

    memcpy(masked, w->ssv, SSV_LEN);
    return wc_SetSakkeIdentity(key, id, BENCH_ID_LEN) == 0 &&
           wc_MakeSakkePointI(key, id, BENCH_ID_LEN) == 0 &&
           wc_MakeSakkeEncapsulatedSSV(
               key, WC_HASH_TYPE_SHA256, masked, SSV_LEN, point, &len) == 0;
}

static bool encap(void *ctx)
{
    struct wolf *w = ctx;
    byte id[BENCH_ID_LEN], masked[SSV_LEN], point[POINT_LEN];

    bench_fresh_id(id);
    return encap_to(w, &w->kms, id, masked, point);
}

/* The check in it, that the point is the right one, needs point I again. */
static bool decap(void *ctx)
{
    struct wolf *w = ctx;
    byte ssv[SSV_LEN];

    memcpy(ssv, w->masked, SSV_LEN);
    return wc_DeriveSakkeSSV(&w->user, WC_HASH_TYPE_SHA256, ssv, SSV_LEN,
               w->point, POINT_LEN) == 0 &&
           memcmp(ssv, w->ssv, SSV_LEN) == 0;
}

static bool extract(void *ctx)
{
    struct wolf *w = ctx;
    byte id[BENCH_ID_LEN];

    bench_fresh_id(id);
    return wc_MakeSakkeRsk(&w->kms, id, BENCH_ID_LEN, w->other_rsk) == 0;
}

static bool sign(void *ctx)
{
    struct wolf *w = ctx;
    word32 len = sizeof(w->sig);

    return wc_SignEccsiHash(&w->eccsi, &w->rng, WC_HASH_TYPE_SHA256, w->msg,
               sizeof(w->msg), w->sig, &len) == 0;
}

static bool verify(void *ctx)
{
    struct wolf *w = ctx;
    int verified = 0;

    return wc_HashEccsiId(&w->eccsi, WC_HASH_TYPE_SHA256, w->id, BENCH_ID_LEN,
               w->pvt, w->hash, &w->hash_len) == 0 &&
           wc_SetEccsiHash(&w->eccsi, w->hash, w->hash_len) == 0 &&
           wc_VerifyEccsiHash(&w->eccsi, WC_HASH_TYPE_SHA256, w->msg,
               sizeof(w->msg), w->sig, sizeof(w->sig), &verified) == 0 &&
           verified == 1;
}

static bool prepare_sakke(struct wolf *w)
{
    byte z_pub[2 * 128];
    word32 len = sizeof(z_pub);

    w->rsk = wc_ecc_new_point();
    w->other_rsk = wc_ecc_new_point();
    return w->rsk != NULL && w->other_rsk != NULL &&
           wc_InitSakkeKey_ex(&w->kms, 128, ECC_SAKKE_1, NULL, INVALID_DEVID) ==
               0 &&
           wc_InitSakkeKey_ex(
               &w->user, 128, ECC_SAKKE_1, NULL, INVALID_DEVID) == 0 &&
           wc_MakeSakkeKey(&w->kms, &w->rng) == 0 &&
           wc_ExportSakkePublicKey(&w->kms, z_pub, &len, 1) == 0 &&
           wc_ImportSakkePublicKey(&w->user, z_pub, len, 1) == 0 &&
           wc_MakeSakkeRsk(&w->kms, w->id, BENCH_ID_LEN, w->rsk) == 0 &&
           encap_to(w, &w->kms, w->id, w->masked, w->point) &&
           wc_SetSakkeIdentity(&w->user, w->id, BENCH_ID_LEN) == 0 &&
           wc_SetSakkeRsk(&w->user, w->rsk, NULL, 0) == 0;
}

static bool prepare_eccsi(struct wolf *w)
{
    w->pvt = wc_ecc_new_point();
    return w->pvt != NULL && mp_init(&w->ssk) == 0 &&
           wc_InitEccsiKey(&w->eccsi, NULL, INVALID_DEVID) == 0 &&
           wc_MakeEccsiKey(&w->eccsi, &w->rng) == 0 &&
           wc_MakeEccsiPair(&w->eccsi, &w->rng, WC_HASH_TYPE_SHA256, w->id,
               BENCH_ID_LEN, &w->ssk, w->pvt) == 0 &&
           wc_HashEccsiId(&w->eccsi, WC_HASH_TYPE_SHA256, w->id, BENCH_ID_LEN,
               w->pvt, w->hash, &w->hash_len) == 0 &&
           wc_SetEccsiHash(&w->eccsi, w->hash, w->hash_len) == 0 &&
           wc_SetEccsiPair(&w->eccsi, &w->ssk, w->pvt) == 0 && sign(w);
}

bool bench_wolfssl(struct bench_candidate *out)
{
    static struct wolf w;

    bench_fresh_id(w.id);
    memset(w.msg, 0x5a, sizeof(w.msg));
    memset(w.ssv, 0xa5, sizeof(w.ssv));
    *out = (struct bench_candidate){
        .run = {[BENCH_SAKKE_ENCAP] = encap,
            [BENCH_SAKKE_DECAP] = decap,
            [BENCH_SAKKE_EXTRACT] = extract,
            [BENCH_ECCSI_SIGN] = sign,
            [BENCH_ECCSI_VERIFY] = verify},
        .ctx = &w,
    };
    return wc_InitRng(&w.rng) == 0 && prepare_sakke(&w) && prepare_eccsi(&w);
}
