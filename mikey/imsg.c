/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/imsg.h"

#include <assert.h>

/* S type and length, the last octets that the signature covers. */
#define SIGN_HEAD_LEN 2

enum mu_err mikey_imsg_sign(struct wr *w, const struct mikey_msg *msg,
    const struct mikey_eccsi_signer *signer, const struct mu_rng *rng)
{
    uint8_t sig[MIKEY_SIG_LEN];
    struct span covered;

    assert(w->at == 0);
    mikey_msg_write_covered(w, msg);
    covered = wr_so_far(w);
    if (covered.p == NULL)
        return MU_E_NO_SPACE;
    TRY(mikey_eccsi_sign(signer, covered, rng, sig));
    wr_span(w, SPAN_OF(sig));
    return w->err;
}

static enum mu_err verify(
    const struct mikey_msg *msg, const struct mikey_imsg_keys *keys)
{
    struct span covered = msg->covered;
    enum mu_err err = mikey_eccsi_verify(
        keys->initiator_kms, keys->initiator_id, covered, msg->sign.signature);

    if (err == MU_OK || (keys->tolerance & MIKEY_ALLOW_SHORT_COVERAGE) == 0)
        return err;
    assert(covered.len > SIGN_HEAD_LEN);
    covered.len -= SIGN_HEAD_LEN;
    return mikey_eccsi_verify(
        keys->initiator_kms, keys->initiator_id, covered, msg->sign.signature);
}

enum mu_err mikey_imsg_open(const struct mikey_msg *msg,
    const struct mikey_sakke_pl *sakke, const struct mikey_imsg_keys *keys,
    struct mikey_ssv *out)
{
    TRY(verify(msg, keys));
    return mikey_sakke_decapsulate(keys->user, sakke->sed, out);
}
