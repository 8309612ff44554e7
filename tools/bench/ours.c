/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/bench/bench.h"

#include "base/rng.h"
#include "mcptt/message.h"
#include "mcptt/uid.h"
#include "mikey/eccsi.h"
#include "mikey/ntp.h"
#include "mikey/sakke.h"

#include <stdio.h>
#include <string.h>

#define NOW_S   1800000000 /* a moment like any other */
#define KMS_URI "kms.example.org"

struct ours {
    const struct mu_rng *rng;
    uint8_t id[BENCH_ID_LEN]; /* of the one user, signer and receiver */
    struct mikey_sakke_secret z;
    struct mikey_sakke_kms *kms;
    struct mikey_sakke_user *user;
    struct mikey_ssv ssv;
    uint8_t sed[1][MIKEY_SED_LEN]; /* to the user */
    struct mikey_eccsi_kms *signing;
    struct mikey_eccsi_signer *signer;
    struct mikey_eccsi_verifier *verifier;
    uint8_t msg[400]; /* about what an I_MESSAGE has before its signature */
    uint8_t sig[MIKEY_SIG_LEN];
    uint8_t issued[MCPTT_MESSAGE_MAX];
    uint8_t ids[BENCH_BATCH][BENCH_ID_LEN];
    struct span id_spans[BENCH_BATCH];
    uint8_t seds[BENCH_BATCH][MIKEY_SED_LEN];
};

static bool encap(void *ctx)
{
    struct ours *o = ctx;
    uint8_t id[BENCH_ID_LEN], sed[1][MIKEY_SED_LEN];
    const struct span ids[] = {SPAN_OF(id)};

    bench_fresh_id(id);
    return mikey_sakke_encapsulate(o->kms, &o->ssv, ids, 1, sed) == MU_OK;
}

static bool batch(void *ctx)
{
    struct ours *o = ctx;

    for (size_t i = 0; i < BENCH_BATCH; i++) {
        bench_fresh_id(o->ids[i]);
        o->id_spans[i] = SPAN_OF(o->ids[i]);
    }
    return mikey_sakke_encapsulate(
               o->kms, &o->ssv, o->id_spans, BENCH_BATCH, o->seds) == MU_OK;
}

static bool decap(void *ctx)
{
    struct ours *o = ctx;
    MU_CLEANUP(mikey_ssv_clear) struct mikey_ssv ssv = {0};

    return mikey_sakke_decapsulate(o->user, SPAN_OF(o->sed[0]), &ssv) ==
               MU_OK &&
           mikey_ssv_eq(&ssv, &o->ssv);
}

static bool extract(void *ctx)
{
    struct ours *o = ctx;
    uint8_t id[BENCH_ID_LEN];
    MU_CLEANUP(mikey_rsk_clear) struct mikey_rsk rsk = {0};

    bench_fresh_id(id);
    return mikey_sakke_extract(&o->z, SPAN_OF(id), o->rng, &rsk) == MU_OK;
}

static bool sign(void *ctx)
{
    struct ours *o = ctx;

    return mikey_eccsi_sign(o->signer, SPAN_OF(o->msg), o->rng, o->sig) ==
           MU_OK;
}

static bool verify(void *ctx)
{
    struct ours *o = ctx;

    return mikey_eccsi_verify(o->signing, SPAN_OF(o->id), SPAN_OF(o->msg),
               SPAN_OF(o->sig)) == MU_OK;
}

static bool verify_known(void *ctx)
{
    struct ours *o = ctx;

    return mikey_eccsi_verifier_check(
               o->verifier, SPAN_OF(o->msg), SPAN_OF(o->sig)) == MU_OK;
}

/* All that one new member of a group costs: UID, key, GUK-ID, signature. */
static enum mu_err issue_to(struct ours *o, struct span uri)
{
    static const uint8_t rand[MCPTT_RAND_LEN] = {1};
    uint8_t sed[1][MIKEY_SED_LEN];
    MU_CLEANUP(mcptt_key_clear) struct mcptt_key gmk = {MCPTT_KIND_GMK, {0}};
    struct mcptt_key_params params = {.kind = MCPTT_KIND_GMK,
        .status = MCPTT_STATUS_NOT_REVOKED,
        .groups = {span_str("sip:incident-42@example.org")},
        .group_count = 1};
    struct mcptt_uid uid;
    const struct span id = SPAN_OF(uid.b);
    struct span message;
    struct wr w;

    TRY(mcptt_uid_derive_at(&(struct mcptt_uid_source){.identity = uri,
                                .kms = span_str(KMS_URI),
                                .rule = {.length_s = 2592000}},
        NOW_S + MIKEY_NTP_UNIX_S, &uid));
    TRY(mikey_sakke_encapsulate(o->kms, &o->ssv, &id, 1, sed));
    mcptt_key_set(&gmk, MCPTT_KIND_GMK, o->ssv.b);
    wr_init(&w, o->issued, sizeof(o->issued));
    TRY(mcptt_message_build(&w,
        &(struct mcptt_message){.key = &gmk,
            .key_id = {0x0123456},
            .scheme = MIKEY_SCHEME_UID,
            .initiator = {span_str("sip:gms@example.org"), span_str(KMS_URI),
                SPAN_OF(o->id), false},
            .responder = {uri, span_str(KMS_URI), id, false},
            .ntp = mikey_ntp_from_unix(NOW_S, 0),
            .now_s = NOW_S,
            .rand = SPAN_OF(rand),
            .sed = SPAN_OF(sed[0]),
            .params = &params},
        o->signer, o->rng));
    return wr_close(&w, &message);
}

static bool issue(void *ctx)
{
    static unsigned count;
    char uri[64];

    (void)snprintf(uri, sizeof(uri), "sip:unit-%u@example.org", count++);
    return issue_to(ctx, span_str(uri)) == MU_OK;
}

static enum mu_err prepare_sakke(struct ours *o)
{
    uint8_t z_pub[MIKEY_POINT_LEN];
    MU_CLEANUP(mikey_rsk_clear) struct mikey_rsk rsk = {0};
    const struct span ids[] = {SPAN_OF(o->id)};

    TRY(mu_rng_fill(o->rng, o->z.b, sizeof(o->z.b)));
    o->z.b[0] = 0; /* below q */
    TRY(mu_rng_fill(o->rng, o->ssv.b, sizeof(o->ssv.b)));
    TRY(mikey_sakke_public(&o->z, z_pub));
    TRY(mikey_sakke_kms_new(SPAN_OF(z_pub), &o->kms));
    TRY(mikey_sakke_extract(&o->z, ids[0], o->rng, &rsk));
    TRY(mikey_sakke_user_new(o->kms, ids[0], &rsk, &o->user));
    return mikey_sakke_encapsulate(o->kms, &o->ssv, ids, 1, o->sed);
}

static enum mu_err prepare_eccsi(struct ours *o)
{
    uint8_t kpak[MIKEY_KPAK_LEN];
    MU_CLEANUP(mikey_eccsi_secret_clear) struct mikey_eccsi_secret ksak = {0};
    MU_CLEANUP(mikey_eccsi_pair_clear) struct mikey_eccsi_pair pair = {0};

    TRY(mu_rng_fill(o->rng, ksak.b, sizeof(ksak.b)));
    ksak.b[0] = 0; /* below q */
    TRY(mikey_eccsi_public(&ksak, kpak));
    TRY(mikey_eccsi_kms_new(SPAN_OF(kpak), &o->signing));
    TRY(mikey_eccsi_extract(o->signing, &ksak, SPAN_OF(o->id), o->rng, &pair));
    TRY(mikey_eccsi_verifier_new(
        o->signing, SPAN_OF(o->id), SPAN_OF(pair.pvt), &o->verifier));
    TRY(mikey_eccsi_signer_new(o->signing, SPAN_OF(o->id), &pair, &o->signer));
    return mikey_eccsi_sign(o->signer, SPAN_OF(o->msg), o->rng, o->sig);
}

bool bench_ours(struct bench_candidate *out)
{
    static struct ours o;

    o.rng = mu_rng_system();
    bench_fresh_id(o.id);
    memset(o.msg, 0x5a, sizeof(o.msg));
    *out = (struct bench_candidate){
        .run = {[BENCH_SAKKE_ENCAP] = encap,
            [BENCH_SAKKE_BATCH] = batch,
            [BENCH_SAKKE_DECAP] = decap,
            [BENCH_SAKKE_EXTRACT] = extract,
            [BENCH_ECCSI_SIGN] = sign,
            [BENCH_ECCSI_VERIFY] = verify,
            [BENCH_ECCSI_VERIFY_KNOWN] = verify_known,
            [BENCH_IMESSAGE_ISSUE] = issue},
        .ctx = &o,
    };
    return prepare_sakke(&o) == MU_OK && prepare_eccsi(&o) == MU_OK;
}
