/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/device.h"

#include <string.h>

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

static void write_certs(struct wr *w, const struct kms_keyset *keys)
{
    const struct kms_cert *home = kms_keyset_home(keys);
    const struct kms_cert *cert;
    uint16_t count = 0;

    write_sized(w, home != NULL ? home->text : (struct span){NULL, 0});
    while (kms_keyset_external(keys, count) != NULL)
        count++;
    wr_u16(w, count);
    for (size_t i = 0; (cert = kms_keyset_external(keys, i)) != NULL; i++)
        write_sized(w, cert->text);
}

static void write_keys(struct wr *w, const struct kms_keyset *keys)
{
    const struct kms_period_keys *period;
    uint16_t count = 0;

    while (kms_keyset_at(keys, count) != NULL)
        count++;
    wr_u16(w, count);
    for (size_t i = 0; (period = kms_keyset_at(keys, i)) != NULL; i++) {
        wr_u64(w, period->wrapped.period_no);
        wr_span(w, SPAN_OF(period->wrapped.uid.b));
        write_sized(w, xml_wrapped_span(&period->wrapped.rsk));
        write_sized(w, xml_wrapped_span(&period->wrapped.ssk));
        write_sized(w, xml_wrapped_span(&period->wrapped.pvt));
    }
}

static void write_all(
    struct wr *w, const struct kms_device *device, struct span enrolment)
{
    wr_u8(w, VERSION);
    wr_u8(w, device->signed_seen ? 1 : 0);
    wr_u64(w, device->cache_num);
    write_sized(w, enrolment);
    write_certs(w, device->keys);
    write_keys(w, device->keys);
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

static struct span read_sized(struct rd *r, const char *field)
{
    return rd_span(r, rd_u16(r, field), field);
}

/* One that it had is believed by what the enrolment says, as any other. */
static enum mu_err read_cert(
    struct rd *r, const struct kms_device *d, struct kms_cert **out)
{
    struct span text = read_sized(r, "certificate");
    struct xml_fault fault;
    struct kms_trust trust;

    TRY(rd_err(r));
    if (text.len == 0)
        return MU_OK;
    kms_trust_of(&d->enrolment, &trust);
    return kms_cert_new(&trust, text, &fault, out);
}

static enum mu_err read_home(struct rd *r, struct kms_device *d)
{
    MU_CLEANUP(kms_cert_drop) struct kms_cert *cert = NULL;

    TRY(read_cert(r, d, &cert));
    return cert == NULL ? MU_OK : kms_keyset_set_home(d->keys, cert);
}

static enum mu_err read_external(struct rd *r, struct kms_device *d)
{
    MU_CLEANUP(kms_cert_drop) struct kms_cert *cert = NULL;

    TRY(read_cert(r, d, &cert));
    return cert == NULL ? MU_E_MALFORMED
                        : kms_keyset_add_external(d->keys, cert);
}

static void read_wrapped(
    struct rd *r, const char *field, struct xml_wrapped *out)
{
    struct span wrapped = read_sized(r, field);

    rd_check(r, wrapped.len <= sizeof(out->b), MU_E_MALFORMED, field);
    if (rd_err(r) != MU_OK || wrapped.len == 0)
        return;
    memcpy(out->b, wrapped.p, wrapped.len);
    out->len = wrapped.len;
}

static enum mu_err read_keys(struct rd *r, struct kms_device *d)
{
    struct kms_wrapped_keys keys = {.period_no = rd_u64(r, "period")};
    struct span uid = rd_span(r, sizeof(keys.uid.b), "UID");

    read_wrapped(r, "UserDecryptKey", &keys.rsk);
    read_wrapped(r, "UserSigningKeySSK", &keys.ssk);
    read_wrapped(r, "UserPubTokenPVT", &keys.pvt);
    TRY(rd_err(r));
    memcpy(keys.uid.b, uid.p, uid.len);
    return kms_keyset_add(d->keys, &d->enrolment.trk, &keys);
}

/* All but the enrolment, which was read before. */
static enum mu_err read_rest(struct rd *r, struct kms_device *d)
{
    unsigned count;

    TRY(read_home(r, d));
    count = rd_u16(r, "external certificates");
    for (unsigned i = 0; i < count; i++)
        TRY(read_external(r, d));
    count = rd_u16(r, "periods");
    for (unsigned i = 0; i < count; i++)
        TRY(read_keys(r, d));
    return rd_close(r);
}

enum mu_err kms_device_read(struct span octets, struct kms_device *out)
{
    MU_CLEANUP(kms_enrolment_clear) struct kms_enrolment enrolment = {0};
    MU_CLEANUP(kms_device_clear) struct kms_device d = {.keys = NULL};
    uint64_t cache_num;
    uint8_t seen;
    struct span text;
    struct rd r;

    rd_init(&r, octets);
    rd_check(&r, rd_u8(&r, "version") == VERSION, MU_E_UNSUPPORTED, "version");
    seen = rd_u8(&r, "signed seen");
    rd_check(&r, seen <= 1, MU_E_MALFORMED, "signed seen");
    cache_num = rd_u64(&r, "cache number");
    text = read_sized(&r, "enrolment");
    TRY(rd_err(&r));
    TRY(kms_enrolment_read(text, &enrolment, NULL));
    TRY(kms_device_init(&d, &enrolment));
    d.signed_seen = seen == 1;
    d.cache_num = cache_num;
    TRY(read_rest(&r, &d));
    *out = d;
    d = (struct kms_device){.keys = NULL};
    return MU_OK;
}
