/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/vault/seals.h"

#include <string.h>

#define KEY_PLAIN (MCPTT_KEY_LEN + MCPTT_RAND_LEN)

/* Enough for two URIs with their lengths and all that has a fixed one. */
#define BOUND_MAX 1024

SECRET_TYPE(key_plain, KEY_PLAIN);

void gms_open_key_clear(struct gms_open_key *key)
{
    mu_wipe(key, sizeof(*key));
}

/* | key identifier (32) | epoch (64) | group length (16) | group | */
static void bind_key(struct wr *w, const struct gms_sealed_key *key)
{
    mcptt_key_id_write(w, key->id);
    wr_u64(w, key->epoch);
    wr_u16(w, (uint16_t)key->group.len);
    wr_span(w, key->group);
}

/* The same, then | UID (256) | KMS length (16) | KMS | period (64) |
 * digest of Z (256) | purpose (8) | */
static void bind_envelope(struct wr *w, const struct gms_envelope_use *use)
{
    bind_key(w, use->key);
    wr_span(w, SPAN_OF(use->uid.b));
    wr_u16(w, (uint16_t)use->period->kms.len);
    wr_span(w, use->period->kms);
    wr_u64(w, use->period->number);
    wr_span(w, (struct span){use->z_sha256, 32});
    wr_u8(w, use->revocation ? 1 : 0);
}

/* Of a key and of an envelope, over room for the octets that bind. */
static enum mu_err use_of_key(const struct gms_sealed_key *key,
    uint8_t room[BOUND_MAX], struct mu_seal_use *out)
{
    struct wr w;

    wr_init(&w, room, BOUND_MAX);
    bind_key(&w, key);
    out->label = "gms key";
    return wr_close(&w, &out->bound);
}

static enum mu_err use_of_envelope(const struct gms_envelope_use *use,
    uint8_t room[BOUND_MAX], struct mu_seal_use *out)
{
    struct wr w;

    wr_init(&w, room, BOUND_MAX);
    bind_envelope(&w, use);
    out->label = "gms envelope";
    return wr_close(&w, &out->bound);
}

enum mu_err gms_key_seal(const struct mu_keyring *ring,
    const struct gms_sealed_key *as, const struct gms_open_key *key,
    const struct mu_rng *rng, uint8_t out[GMS_SEALED_KEY_LEN])
{
    MU_CLEANUP(key_plain_clear) struct key_plain plain;
    struct mu_seal_use use;
    uint8_t bound[BOUND_MAX];

    memcpy(plain.b, key->key.b, MCPTT_KEY_LEN);
    memcpy(plain.b + MCPTT_KEY_LEN, key->rand, MCPTT_RAND_LEN);
    TRY(use_of_key(as, bound, &use));
    return mu_seal(ring, &use, SPAN_OF(plain.b), rng, out);
}

enum mu_err gms_key_unseal(const struct mu_keyring *ring,
    const struct gms_sealed_key *as, struct gms_open_key *out)
{
    MU_CLEANUP(key_plain_clear) struct key_plain plain = {{0}};
    struct mu_seal_use use;
    uint8_t bound[BOUND_MAX];

    gms_open_key_clear(out);
    TRY(use_of_key(as, bound, &use));
    TRY(mu_unseal(ring, &use, as->sealed, plain.b, sizeof(plain.b)));
    mcptt_key_set(
        &out->key, (enum mcptt_key_kind)mcptt_key_id_tag(as->id), plain.b);
    memcpy(out->rand, plain.b + MCPTT_KEY_LEN, MCPTT_RAND_LEN);
    return MU_OK;
}

enum mu_err gms_envelope_seal(const struct mu_keyring *ring,
    const struct gms_envelope_use *use, const uint8_t sed[MIKEY_SED_LEN],
    const struct mu_rng *rng, uint8_t out[GMS_ENVELOPE_LEN])
{
    struct mu_seal_use seal;
    uint8_t bound[BOUND_MAX];

    TRY(use_of_envelope(use, bound, &seal));
    return mu_seal(ring, &seal, (struct span){sed, MIKEY_SED_LEN}, rng, out);
}

enum mu_err gms_envelope_unseal(const struct mu_keyring *ring,
    const struct gms_envelope_use *use, struct span sealed,
    uint8_t sed[MIKEY_SED_LEN])
{
    struct mu_seal_use seal;
    uint8_t bound[BOUND_MAX];

    TRY(use_of_envelope(use, bound, &seal));
    return mu_unseal(ring, &seal, sealed, sed, MIKEY_SED_LEN);
}

enum mu_err gms_key_reseal(const struct mu_keyring *ring,
    const struct gms_sealed_key *as, const struct mu_rng *rng,
    uint8_t out[GMS_SEALED_KEY_LEN])
{
    struct mu_seal_use use;
    uint8_t bound[BOUND_MAX];

    TRY(use_of_key(as, bound, &use));
    return mu_reseal(ring, &use, as->sealed, rng, out);
}

enum mu_err gms_envelope_reseal(const struct mu_keyring *ring,
    const struct gms_envelope_use *use, struct span sealed,
    const struct mu_rng *rng, uint8_t out[GMS_ENVELOPE_LEN])
{
    struct mu_seal_use seal;
    uint8_t bound[BOUND_MAX];

    TRY(use_of_envelope(use, bound, &seal));
    return mu_reseal(ring, &seal, sealed, rng, out);
}
