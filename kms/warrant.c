/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/warrant.h"

#include <string.h>

#include "base/hkdf.h"
#include "base/lines.h"
#include "base/seal.h"

#define VERSION    1
#define LABEL      "kms monitor"
#define INFO       "muster monitor 1"
#define SEALED_LEN MU_SEAL_LEN(MIKEY_POINT_LEN)

static enum mu_err make_ring(const struct kms_import_key *mine,
    const struct kms_import_public *theirs, const uint8_t salt[64],
    struct mu_keyring *ring)
{
    MU_CLEANUP(kms_import_shared_clear) struct kms_import_shared z = {{0}};
    MU_CLEANUP(mu_kek_clear) struct mu_kek kek = {{0}};

    TRY(kms_import_agree(mine, theirs, &z));
    TRY(mu_hkdf(SPAN_OF(z.b), (struct span){salt, 64}, span_str(INFO), kek.b,
        sizeof(kek.b)));
    return mu_keyring_add(ring, &kek);
}

static void make_salt(const struct kms_import_public *ephemeral,
    const struct kms_import_public *to, uint8_t out[64])
{
    memcpy(out, ephemeral->b, 32);
    memcpy(out + 32, to->b, 32);
}

/* The key for one warrant, and the ephemeral half that goes along. */
static enum mu_err ring_to(const struct kms_import_public *to,
    const struct mu_rng *rng, struct kms_import_public *ephemeral,
    struct mu_keyring *ring)
{
    MU_CLEANUP(kms_import_key_clear) struct kms_import_key once = {{0}};
    uint8_t salt[64];

    TRY(kms_import_key_make(rng, &once));
    TRY(kms_import_key_public(&once, ephemeral));
    make_salt(ephemeral, to, salt);
    return make_ring(&once, to, salt, ring);
}

enum mu_err kms_warrant_write(struct wr *w, const struct kms_case *c,
    const struct mikey_rsk *rsk, const struct mu_rng *rng)
{
    MU_CLEANUP(mu_keyring_clear) struct mu_keyring ring = {0};
    struct mu_seal_use use = {.label = LABEL};
    struct kms_import_public ephemeral;
    uint8_t sealed[SEALED_LEN];

    TRY(ring_to(&c->investigator, rng, &ephemeral, &ring));
    mu_line_write_u64(w, "muster-monitor", VERSION);
    mu_line_write_u64(w, "number", c->number);
    mu_line_write(w, "kms_uri", mcptt_id_span(&c->kms_uri));
    mu_line_write(w, "user_uri", mcptt_id_span(&c->user_uri));
    mu_line_write_u64(w, "period", c->period);
    mu_line_write_hex(w, "ephemeral", SPAN_OF(ephemeral.b));
    use.bound = wr_so_far(w);
    if (use.bound.p == NULL)
        return MU_E_NO_SPACE;
    TRY(mu_seal(&ring, &use, SPAN_OF(rsk->b), rng, sealed));
    mu_line_write_hex(w, "sealed", SPAN_OF(sealed));
    return w->err;
}

static void read_id(struct rd *r, const char *name, struct mcptt_id *out)
{
    struct span value = mu_line_read(r, name);

    mu_line_check(r, value, mcptt_id_set(out, value) == MU_OK, name);
}

/* What a warrant's text holds, not yet authenticated. */
struct text {
    struct kms_case c;
    struct kms_import_public ephemeral;
    size_t bound; /* octets */
    uint8_t sealed[SEALED_LEN];
};

static enum mu_err read_text(struct span in, struct text *out)
{
    struct rd r;

    rd_init(&r, in);
    rd_check(&r, mu_line_read_u64(&r, "muster-monitor") == VERSION,
        MU_E_UNSUPPORTED, "muster-monitor");
    out->c.number = mu_line_read_u64(&r, "number");
    read_id(&r, "kms_uri", &out->c.kms_uri);
    read_id(&r, "user_uri", &out->c.user_uri);
    out->c.period = mu_line_read_u64(&r, "period");
    mu_line_read_hex(
        &r, "ephemeral", out->ephemeral.b, sizeof(out->ephemeral.b));
    out->bound = rd_at(&r);
    mu_line_read_hex(&r, "sealed", out->sealed, sizeof(out->sealed));
    return rd_close(&r);
}

enum mu_err kms_warrant_open(struct span text, const struct kms_import_key *key,
    struct kms_case *c, struct mikey_rsk *rsk)
{
    MU_CLEANUP(mu_keyring_clear) struct mu_keyring ring = {0};
    struct text in = {.bound = 0};
    struct kms_import_public mine;
    struct mu_seal_use use = {.label = LABEL};
    uint8_t salt[64];

    TRY(read_text(text, &in));
    TRY(kms_import_key_public(key, &mine));
    make_salt(&in.ephemeral, &mine, salt);
    TRY(make_ring(key, &in.ephemeral, salt, &ring));
    use.bound = (struct span){text.p, in.bound};
    TRY(mu_unseal(&ring, &use, SPAN_OF(in.sealed), rsk->b, sizeof(rsk->b)));
    *c = in.c;
    return MU_OK;
}
