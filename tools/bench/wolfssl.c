/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/bench/bench.h"

#include <string.h>

#include "tools/wolf.h"

struct wolf {
    uint8_t id[BENCH_ID_LEN]; /* of the one user, signer and receiver */
    struct wolf_sakke *kms, *user;
    uint8_t ssv[16], sed[273]; /* to the user */
    struct wolf_eccsi *signer, *verifier;
    uint8_t msg[400], sig[129];
};

static bool encap(void *ctx)
{
    struct wolf *w = ctx;
    uint8_t id[BENCH_ID_LEN], sed[sizeof(w->sed)];

    bench_fresh_id(id);
    return wolf_sakke_encapsulate(w->kms, SPAN_OF(id), w->ssv, sed);
}

static bool decap(void *ctx)
{
    struct wolf *w = ctx;
    uint8_t ssv[sizeof(w->ssv)];

    return wolf_sakke_decapsulate(w->user, w->sed, ssv) &&
           memcmp(ssv, w->ssv, sizeof(ssv)) == 0;
}

static bool extract(void *ctx)
{
    struct wolf *w = ctx;
    uint8_t id[BENCH_ID_LEN], rsk[257];

    bench_fresh_id(id);
    return wolf_sakke_extract(w->kms, SPAN_OF(id), rsk);
}

static bool sign(void *ctx)
{
    struct wolf *w = ctx;

    return wolf_eccsi_sign(w->signer, SPAN_OF(w->msg), w->sig);
}

static bool verify(void *ctx)
{
    struct wolf *w = ctx;

    return wolf_eccsi_verify(
        w->verifier, SPAN_OF(w->id), SPAN_OF(w->msg), w->sig);
}

static bool prepare_sakke(struct wolf *w)
{
    const struct span id = SPAN_OF(w->id);
    uint8_t z[128], pub[257], rsk[257];

    w->kms = wolf_sakke_new();
    w->user = wolf_sakke_new();
    return w->kms != NULL && w->user != NULL &&
           wolf_sakke_make(w->kms, z, pub) &&
           wolf_sakke_load_public(w->user, pub) &&
           wolf_sakke_extract(w->kms, id, rsk) &&
           wolf_sakke_encapsulate(w->kms, id, w->ssv, w->sed) &&
           wolf_sakke_become(w->user, id, rsk);
}

static bool prepare_eccsi(struct wolf *w)
{
    const struct span id = SPAN_OF(w->id);
    uint8_t ksak[32], kpak[65], ssk[32], pvt[65];

    w->signer = wolf_eccsi_new();
    w->verifier = wolf_eccsi_new();
    return w->signer != NULL && w->verifier != NULL &&
           wolf_eccsi_make(w->signer, ksak, kpak) &&
           wolf_eccsi_load_public(w->verifier, kpak) &&
           wolf_eccsi_extract(w->signer, id, ssk, pvt) &&
           wolf_eccsi_become(w->signer, id, ssk, pvt) && sign(w);
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
    return prepare_sakke(&w) && prepare_eccsi(&w);
}
