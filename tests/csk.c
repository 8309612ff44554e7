/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/csk.h"

#include <string.h>

#include "mcptt/stamp.h"

struct mcptt_key_id test_csk_id(const struct test_csk *csk)
{
    return (struct mcptt_key_id){
        (uint32_t)csk->key.kind << MCPTT_KEY_ID_RANDOM_BITS | csk->random};
}

static struct mcptt_party party(const struct test_csk_end *end)
{
    return (struct mcptt_party){
        end->uri, end->kms, SPAN_OF(end->uid.b), end->hidden};
}

enum mu_err test_csk_write(
    const struct test_csk *csk, const struct mu_rng *rng, struct wr *out)
{
    struct mcptt_stamp stamp = mcptt_stamp_of_unix_ms(csk->unix_ms);
    struct span to = SPAN_OF(csk->server.uid.b);
    uint8_t sed[1][MIKEY_SED_LEN], rand[MCPTT_RAND_LEN];
    struct mcptt_message message = {
        .key = &csk->key,
        .key_id = test_csk_id(csk),
        .scheme = MIKEY_SCHEME_UID,
        .initiator = party(&csk->client),
        .responder = party(&csk->server),
        .ntp = mcptt_stamp_ntp(stamp),
        .now_s = csk->unix_ms / 1000,
        .rand = SPAN_OF(rand),
        .sed = SPAN_OF(sed[0]),
        .params = csk->params,
    };
    struct mikey_ssv ssv;

    memcpy(ssv.b, csk->key.b, sizeof(ssv.b));
    TRY(mu_rng_fill(rng, rand, sizeof(rand)));
    TRY(mikey_sakke_encapsulate(csk->server_kms, &ssv, &to, 1, sed));
    return mcptt_message_build(out, &message, csk->signer, rng);
}
