/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/kds_ink.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "mcptt/ident.h"

/* Which enrolment it is; the layout stands in the header. */
struct bound {
    uint8_t b[8 + MCPTT_ID_MAX];
    size_t len;
};

static enum mu_err bind_to(
    struct bound *bound, struct span uri, uint64_t serial)
{
    struct span done;
    struct wr w;

    wr_init(&w, bound->b, sizeof(bound->b));
    wr_u64(&w, serial);
    wr_span(&w, uri);
    TRY(wr_close(&w, &done));
    bound->len = done.len;
    return MU_OK;
}

static struct mu_seal_use use_of(const struct bound *bound)
{
    return (struct mu_seal_use){"kdsd ink", {bound->b, bound->len}};
}

enum mu_err kds_ink_seal(const struct mu_keyring *ring, struct span uri,
    uint64_t serial, const struct mcptt_ink *ink, const struct mu_rng *rng,
    uint8_t out[KDS_INK_SEALED_LEN])
{
    struct mu_seal_use use;
    struct bound bound;

    TRY(bind_to(&bound, uri, serial));
    use = use_of(&bound);
    return mu_seal(ring, &use, SPAN_OF(ink->b), rng, out);
}

enum mu_err kds_ink_open(const struct mu_keyring *ring, struct span uri,
    uint64_t serial, struct span sealed, struct mcptt_ink *ink)
{
    MU_CLEANUP(mcptt_ink_clear) struct mcptt_ink got = {0};
    struct mu_seal_use use;
    struct bound bound;

    TRY(bind_to(&bound, uri, serial));
    use = use_of(&bound);
    TRY(mu_unseal(ring, &use, sealed, got.b, sizeof(got.b)));
    *ink = got;
    return MU_OK;
}

enum mu_err kds_ink_check(
    const struct mcptt_ink *ink, struct span octets, struct span mac)
{
    uint8_t want[KDS_MAC_LEN];
    bool same;

    if (mac.len != sizeof(want))
        return MU_E_MALFORMED;
    if (HMAC(EVP_sha256(), ink->b, sizeof(ink->b), octets.p, octets.len, want,
            NULL) == NULL)
        return MU_E_CRYPTO;
    same = mu_ct_eq(want, mac.p, sizeof(want));
    mu_wipe(want, sizeof(want));
    return same ? MU_OK : MU_E_CRYPTO;
}
