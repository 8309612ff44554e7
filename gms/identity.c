/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/identity.h"

#include <string.h>

#define VERSION 1

static const struct mu_seal_use use = {.label = "gms identity"};

/* The plaintext on its way. */
SECRET_TYPE(plain, GMS_IDENTITY_PLAIN_MAX);

void gms_identity_clear(struct gms_identity *identity)
{
    mu_wipe(identity, sizeof(*identity));
}

enum mu_err gms_identity_new(const struct kms_enrolment *enrolment,
    const struct mu_rng *rng, struct gms_identity *out)
{
    MU_CLEANUP(gms_identity_clear)
    struct gms_identity made = {
        .kms_uri = enrolment->kms_uri,
        .user_uri = enrolment->user_uri,
        .trk = enrolment->trk,
    };

    memcpy(made.cert_key, enrolment->cert_key, sizeof(made.cert_key));
    memcpy(made.cert_sha256, enrolment->cert_sha256, sizeof(made.cert_sha256));
    TRY(mu_sign_key_make(rng, &made.log_key));
    TRY(mu_rng_fill(rng, made.instance, sizeof(made.instance)));
    *out = made;
    return MU_OK;
}

static void write_id(struct wr *w, const struct mcptt_id *id)
{
    wr_u8(w, id->len);
    wr_span(w, mcptt_id_span(id));
}

static void write_plain(struct wr *w, const struct gms_identity *in)
{
    wr_u8(w, VERSION);
    write_id(w, &in->kms_uri);
    write_id(w, &in->user_uri);
    wr_span(w, SPAN_OF(in->trk.b));
    wr_span(w, SPAN_OF(in->cert_key));
    wr_span(w, SPAN_OF(in->cert_sha256));
    wr_span(w, SPAN_OF(in->log_key.b));
    wr_span(w, SPAN_OF(in->instance));
}

static void read_id(struct rd *r, const char *field, struct mcptt_id *out)
{
    struct span uri = rd_span(r, rd_u8(r, field), field);

    if (rd_err(r) == MU_OK)
        rd_check(r, mcptt_id_set(out, uri) == MU_OK, MU_E_MALFORMED, field);
}

static void read_octets(
    struct rd *r, const char *field, uint8_t *out, size_t len)
{
    struct span octets = rd_span(r, len, field);

    if (octets.p != NULL)
        memcpy(out, octets.p, len);
}

static void read_plain(struct rd *r, struct gms_identity *out)
{
    uint8_t version = rd_u8(r, "version");

    rd_check(r, version == VERSION, MU_E_UNSUPPORTED, "version");
    read_id(r, "kms_uri", &out->kms_uri);
    read_id(r, "user_uri", &out->user_uri);
    read_octets(r, "trk", out->trk.b, sizeof(out->trk.b));
    read_octets(r, "cert_key", out->cert_key, sizeof(out->cert_key));
    read_octets(r, "cert_sha256", out->cert_sha256, sizeof(out->cert_sha256));
    read_octets(r, "log_key", out->log_key.b, sizeof(out->log_key.b));
    read_octets(r, "instance", out->instance, sizeof(out->instance));
}

enum mu_err gms_identity_seal(struct wr *w, const struct mu_keyring *ring,
    const struct gms_identity *in, const struct mu_rng *rng)
{
    MU_CLEANUP(plain_clear) struct plain room = {{0}};
    uint8_t sealed[GMS_IDENTITY_MAX];
    struct span plain;
    struct wr p;

    wr_init(&p, room.b, sizeof(room.b));
    write_plain(&p, in);
    TRY(wr_close(&p, &plain));
    TRY(mu_seal(ring, &use, plain, rng, sealed));
    wr_span(w, (struct span){sealed, MU_SEAL_LEN(plain.len)});
    return w->err;
}

enum mu_err gms_identity_open(
    const struct mu_keyring *ring, struct span sealed, struct gms_identity *out)
{
    MU_CLEANUP(plain_clear) struct plain room = {{0}};
    MU_CLEANUP(gms_identity_clear) struct gms_identity got = {.trk = {{0}}};
    size_t len = 0;
    struct rd r;

    TRY(mu_seal_plain_len(sealed, &len));
    if (len > sizeof(room.b))
        return MU_E_MALFORMED;
    TRY(mu_unseal(ring, &use, sealed, room.b, len));
    rd_init(&r, (struct span){room.b, len});
    read_plain(&r, &got);
    TRY(rd_close(&r));
    *out = got;
    return MU_OK;
}
