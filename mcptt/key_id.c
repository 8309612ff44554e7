/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/key_id.h"

#include "mcptt/kdf.h"

#define RANDOM_MASK ((UINT32_C(1) << MCPTT_KEY_ID_RANDOM_BITS) - 1)

/* With 2^27 identifiers in use, half of all, 64 draws fail once in 2^64. */
#define DRAWS 64

unsigned mcptt_key_id_tag(struct mcptt_key_id id)
{
    return id.v >> MCPTT_KEY_ID_RANDOM_BITS;
}

struct mcptt_key_id mcptt_key_id_read(struct rd *r, const char *field)
{
    return (struct mcptt_key_id){rd_u32(r, field)};
}

void mcptt_key_id_write(struct wr *w, struct mcptt_key_id id)
{
    wr_u32(w, id.v);
}

static enum mu_err candidate(enum mcptt_key_kind kind, const struct mu_rng *rng,
    struct mcptt_key_id *out)
{
    uint8_t random[MCPTT_KEY_ID_LEN];
    struct rd r;

    TRY(mu_rng_fill(rng, random, sizeof(random)));
    rd_init(&r, SPAN_OF(random));
    out->v = rd_u32(&r, "random") & RANDOM_MASK;
    out->v |= (uint32_t)kind << MCPTT_KEY_ID_RANDOM_BITS;
    return rd_close(&r);
}

enum mu_err mcptt_key_id_draw(enum mcptt_key_kind kind,
    const struct mcptt_key_id_set *in_use, const struct mu_rng *rng,
    struct mcptt_key_id *out)
{
    struct mcptt_key_id id;

    for (unsigned i = 0; i < DRAWS; i++) {
        TRY(candidate(kind, rng, &id));
        if (in_use->has(in_use->ctx, id))
            continue;
        *out = id;
        return MU_OK;
    }
    return MU_E_NO_SPACE;
}

enum mu_err mcptt_guk_id_derive(const struct mcptt_gmk *gmk,
    struct mcptt_key_id gmk_id, struct span member, struct mcptt_key_id *out)
{
    uint32_t salt;

    TRY(mcptt_kdf_user_salt(gmk, member, &salt));
    /* TS 33.180 clause 5.2.3: the salt has 28 bits, so the tag stays. */
    out->v = gmk_id.v ^ salt;
    return MU_OK;
}

size_t mcptt_mki_len(struct mcptt_key_id key_id)
{
    return mcptt_key_id_tag(key_id) == MCPTT_KIND_GMK ? 8 : 4;
}

void mcptt_mki_read(struct rd *r, struct mcptt_mki *out)
{
    *out = (struct mcptt_mki){mcptt_key_id_read(r, "mki_key_id"), {0}};
    if (mcptt_key_id_tag(out->key_id) != MCPTT_KIND_GMK)
        return;
    out->guk_id = mcptt_key_id_read(r, "mki_guk_id");
    rd_check(r, mcptt_key_id_tag(out->guk_id) == MCPTT_KIND_GMK, MU_E_MALFORMED,
        "mki_guk_id");
}

void mcptt_mki_write(struct wr *w, const struct mcptt_mki *in)
{
    mcptt_key_id_write(w, in->key_id);
    if (mcptt_key_id_tag(in->key_id) == MCPTT_KIND_GMK)
        mcptt_key_id_write(w, in->guk_id);
}
