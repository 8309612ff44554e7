/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/period.h"

#include "base/alloc.h"

static void period_drop(struct ue_period **period)
{
    ue_period_free(*period);
}

static enum mu_err open_signing_keys(struct ue_period *period,
    const struct mcptt_trk *trk, const struct kms_wrapped_keys *in)
{
    MU_CLEANUP(mikey_eccsi_pair_clear)
    struct mikey_eccsi_pair pair = {.pvt = {0}};

    TRY(xml_unwrap_ssk(trk, xml_wrapped_span(&in->ssk), &pair.ssk));
    TRY(xml_unwrap_pvt(trk, xml_wrapped_span(&in->pvt), pair.pvt));
    return mikey_eccsi_signer_new(
        period->cert->eccsi, SPAN_OF(period->uid.b), &pair, &period->signer);
}

static enum mu_err open_receiving_key(struct ue_period *period,
    const struct mcptt_trk *trk, const struct kms_wrapped_keys *in)
{
    MU_CLEANUP(mikey_rsk_clear) struct mikey_rsk rsk = {{0}};

    TRY(xml_unwrap_rsk(trk, xml_wrapped_span(&in->rsk), &rsk));
    return mikey_sakke_user_new(
        period->cert->sakke, SPAN_OF(period->uid.b), &rsk, &period->user);
}

enum mu_err ue_period_new(const struct kms_cert *cert,
    const struct mcptt_trk *trk, const struct kms_wrapped_keys *in,
    struct ue_period **out)
{
    MU_CLEANUP(period_drop) struct ue_period *period = NULL;

    period = mu_alloc(sizeof(*period));
    if (period == NULL)
        return MU_E_NO_MEMORY;
    period->number = in->period_no;
    period->uid = in->uid;
    period->cert = cert;
    TRY(mcptt_period_interval(
        &cert->says->rule, in->period_no, &period->interval));
    TRY(open_signing_keys(period, trk, in));
    TRY(open_receiving_key(period, trk, in));
    *out = period;
    period = NULL;
    return MU_OK;
}

void ue_period_free(struct ue_period *period)
{
    if (period == NULL)
        return;
    mikey_sakke_user_free(period->user);
    mikey_eccsi_signer_free(period->signer);
    mu_free(period);
}
