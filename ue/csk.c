/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/csk.h"

#include <string.h>

#include "mcptt/message.h"
#include "mcptt/stamp.h"

void ue_csk_clear(struct ue_csk *csk)
{
    mu_wipe(csk, sizeof(*csk));
}

/* Who sends what to whom, and all that the message borrows. */
struct making {
    const struct ue_identity *who;
    const struct mu_rng *rng;
    uint64_t unix_ms;
    struct mcptt_stamp stamp;
    const struct ue_period *period; /* ours */
    const struct kms_cert *cert;    /* of the server's KMS */
    struct mcptt_uid server;
    struct mcptt_key key;
    uint8_t rand[MCPTT_RAND_LEN], sed[1][MIKEY_SED_LEN];
};

static void making_clear(struct making *m)
{
    mcptt_key_clear(&m->key);
}

static const struct ue_period *period_at(
    const struct ue_identity *who, uint64_t t_s)
{
    for (size_t i = 0; i < who->period_count; i++)
        if (mcptt_interval_has(who->periods[i]->interval, t_s))
            return who->periods[i];
    return NULL;
}

static enum mu_err find_ends(struct making *m, struct span kms)
{
    struct mcptt_uid_source server = {.identity = m->who->gms, .kms = kms};

    m->period = period_at(m->who, m->stamp.s);
    if (m->period == NULL)
        return MU_E_NOT_FOUND;
    m->cert = m->period->cert;
    if (kms.len > 0 && !span_eq(kms, m->cert->says->origin.kms_uri))
        m->cert = kms_keyset_external_of(m->who->keys, kms);
    if (m->cert == NULL)
        return MU_E_NOT_FOUND;
    server.kms = m->cert->says->origin.kms_uri;
    server.rule = m->cert->says->rule;
    return mcptt_uid_derive_at(&server, m->stamp.s, &m->server);
}

static bool never(void *ctx, struct mcptt_key_id id)
{
    (void)ctx;
    (void)id;
    return false;
}

/* The key, its name, and what only the server can undo. */
static enum mu_err draw(struct making *m, struct mcptt_key_id *id)
{
    static const struct mcptt_key_id_set in_use = {never, NULL};
    MU_CLEANUP(mikey_ssv_clear) struct mikey_ssv ssv = {{0}};
    struct span to = SPAN_OF(m->server.b);

    TRY(mu_rng_fill(m->rng, ssv.b, sizeof(ssv.b)));
    TRY(mu_rng_fill(m->rng, m->rand, sizeof(m->rand)));
    TRY(mcptt_key_id_draw(MCPTT_KIND_CSK, &in_use, m->rng, id));
    mcptt_key_set(&m->key, MCPTT_KIND_CSK, ssv.b);
    return mikey_sakke_encapsulate(m->cert->sakke, &ssv, &to, 1, m->sed);
}

static enum mu_err write_message(
    const struct making *m, struct mcptt_key_id id, struct ue_csk *out)
{
    const struct mcptt_key_params params = {
        .kind = MCPTT_KIND_CSK, .status = MCPTT_STATUS_NOT_REVOKED};
    const struct mcptt_message message = {
        .key = &m->key,
        .key_id = id,
        .scheme = MIKEY_SCHEME_UID,
        .initiator = {.uri = m->who->uri,
            .kms = m->period->cert->says->origin.kms_uri,
            .id = SPAN_OF(m->period->uid.b)},
        .responder = {.uri = m->who->gms,
            .kms = m->cert->says->origin.kms_uri,
            .id = SPAN_OF(m->server.b)},
        .ntp = mcptt_stamp_ntp(m->stamp),
        .now_s = m->unix_ms / 1000,
        .rand = SPAN_OF(m->rand),
        .sed = SPAN_OF(m->sed[0]),
        .params = &params,
    };
    struct span whole = {NULL, 0};
    struct wr w;

    wr_init(&w, out->octets, sizeof(out->octets));
    TRY(mcptt_message_build(&w, &message, m->period->signer, m->rng));
    TRY(wr_close(&w, &whole));
    out->len = whole.len;
    return MU_OK;
}

enum mu_err ue_csk_make(const struct ue_identity *who, struct span kms,
    uint64_t unix_ms, const struct mu_rng *rng, struct ue_csk *out)
{
    MU_CLEANUP(making_clear)
    struct making m = {.who = who,
        .rng = rng,
        .unix_ms = unix_ms,
        .stamp = mcptt_stamp_of_unix_ms(unix_ms)};
    struct mcptt_xpk_use use = {.xpk = &m.key, .user = who->uri};

    TRY(find_ends(&m, kms));
    TRY(draw(&m, &out->id));
    use.xpk_id = out->id;
    TRY(mcptt_kdf_sig_conf(&use, &out->key));
    return write_message(&m, out->id, out);
}
