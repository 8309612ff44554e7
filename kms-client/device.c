/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/device.h"

#include "kms-client/keyset_octets.h"

#define VERSION 1

void kms_device_clear(struct kms_device *device)
{
    kms_keyset_free(device->keys);
    mu_wipe(device, sizeof(*device));
}

enum mu_err kms_device_init(
    struct kms_device *out, const struct kms_enrolment *enrolment)
{
    struct kms_keyset *keys = NULL;

    TRY(kms_keyset_new(&enrolment->user_uri, &keys));
    *out = (struct kms_device){.enrolment = *enrolment, .keys = keys};
    return MU_OK;
}

static void write_sized(struct wr *w, struct span octets)
{
    size_t mark = wr_len16_open(w);

    wr_span(w, octets);
    wr_len16_close(w, mark);
}

static void write_all(
    struct wr *w, const struct kms_device *device, struct span enrolment)
{
    wr_u8(w, VERSION);
    wr_u8(w, device->signed_seen ? 1 : 0);
    wr_u64(w, device->cache_num);
    write_sized(w, enrolment);
    kms_keyset_write(w, device->keys);
}

static enum mu_err write_with(
    const struct kms_device *device, struct span enrolment, struct buf *out)
{
    struct span need = {NULL, 0}, written;
    struct wr w;

    wr_init(&w, NULL, SIZE_MAX);
    write_all(&w, device, enrolment);
    TRY(wr_close(&w, &need));
    if (!buf_reserve(out, need.len))
        return out->err;
    wr_init(&w, out->p + out->len, need.len);
    write_all(&w, device, enrolment);
    TRY(wr_close(&w, &written));
    out->len += written.len;
    return MU_OK;
}

enum mu_err kms_device_write(const struct kms_device *device, struct buf *out)
{
    uint8_t text[KMS_ENROL_TEXT_MAX];
    struct span enrolment = {NULL, 0};
    struct wr w;
    enum mu_err err;

    wr_init(&w, text, sizeof(text));
    err = kms_enrolment_write(&w, &device->enrolment);
    if (err == MU_OK)
        err = wr_close(&w, &enrolment);
    if (err == MU_OK)
        err = write_with(device, enrolment, out);
    mu_wipe(text, sizeof(text));
    return err;
}

enum mu_err kms_device_read(struct span octets, struct kms_device *out)
{
    MU_CLEANUP(kms_enrolment_clear) struct kms_enrolment enrolment = {0};
    MU_CLEANUP(kms_device_clear) struct kms_device d = {.keys = NULL};
    uint64_t cache_num;
    uint8_t seen;
    struct kms_trust trust;
    struct span text;
    struct rd r;

    rd_init(&r, octets);
    rd_check(&r, rd_u8(&r, "version") == VERSION, MU_E_UNSUPPORTED, "version");
    seen = rd_u8(&r, "signed seen");
    rd_check(&r, seen <= 1, MU_E_MALFORMED, "signed seen");
    cache_num = rd_u64(&r, "cache number");
    text = rd_span(&r, rd_u16(&r, "enrolment"), "enrolment");
    TRY(rd_err(&r));
    TRY(kms_enrolment_read(text, &enrolment, NULL));
    TRY(kms_device_init(&d, &enrolment));
    d.signed_seen = seen == 1;
    d.cache_num = cache_num;
    kms_trust_of(&enrolment, &trust);
    TRY(kms_keyset_read(&r, &trust, &enrolment.trk, d.keys));
    TRY(rd_close(&r));
    *out = d;
    d = (struct kms_device){.keys = NULL};
    return MU_OK;
}
