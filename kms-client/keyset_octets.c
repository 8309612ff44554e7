/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/keyset_octets.h"

#include <string.h>

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

void kms_keyset_write(struct wr *w, const struct kms_keyset *keys)
{
    write_certs(w, keys);
    write_keys(w, keys);
}

static struct span read_sized(struct rd *r, const char *field)
{
    return rd_span(r, rd_u16(r, field), field);
}

static enum mu_err read_cert(
    struct rd *r, const struct kms_trust *trust, struct kms_cert **out)
{
    struct span text = read_sized(r, "certificate");
    struct xml_fault fault;

    TRY(rd_err(r));
    if (text.len == 0)
        return MU_OK;
    return kms_cert_new(trust, text, &fault, out);
}

static enum mu_err read_home(
    struct rd *r, const struct kms_trust *trust, struct kms_keyset *keys)
{
    MU_CLEANUP(kms_cert_drop) struct kms_cert *cert = NULL;

    TRY(read_cert(r, trust, &cert));
    return cert == NULL ? MU_OK : kms_keyset_set_home(keys, cert);
}

static enum mu_err read_external(
    struct rd *r, const struct kms_trust *trust, struct kms_keyset *keys)
{
    MU_CLEANUP(kms_cert_drop) struct kms_cert *cert = NULL;

    TRY(read_cert(r, trust, &cert));
    return cert == NULL ? MU_E_MALFORMED : kms_keyset_add_external(keys, cert);
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

static enum mu_err read_keys(
    struct rd *r, const struct mcptt_trk *trk, struct kms_keyset *keys)
{
    struct kms_wrapped_keys in = {.period_no = rd_u64(r, "period")};
    struct span uid = rd_span(r, sizeof(in.uid.b), "UID");

    read_wrapped(r, "UserDecryptKey", &in.rsk);
    read_wrapped(r, "UserSigningKeySSK", &in.ssk);
    read_wrapped(r, "UserPubTokenPVT", &in.pvt);
    TRY(rd_err(r));
    memcpy(in.uid.b, uid.p, uid.len);
    return kms_keyset_add(keys, trk, &in);
}

enum mu_err kms_keyset_read(struct rd *r, const struct kms_trust *trust,
    const struct mcptt_trk *trk, struct kms_keyset *keys)
{
    unsigned count;

    TRY(read_home(r, trust, keys));
    count = rd_u16(r, "external certificates");
    for (unsigned i = 0; i < count; i++)
        TRY(read_external(r, trust, keys));
    count = rd_u16(r, "periods");
    for (unsigned i = 0; i < count; i++)
        TRY(read_keys(r, trk, keys));
    return rd_err(r);
}
