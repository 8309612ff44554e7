/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/enrol.h"

#include "base/lines.h"

#include <openssl/evp.h>
#include <string.h>

#define VERSION    1
#define SHA256_LEN 32

void kms_enrolment_clear(struct kms_enrolment *enrolment)
{
    mu_wipe(enrolment, sizeof(*enrolment));
}

static enum mu_err digest(struct span text, uint8_t out[SHA256_LEN])
{
    if (EVP_Digest(text.p, text.len, out, NULL, EVP_sha256(), NULL) != 1)
        return MU_E_CRYPTO;
    return MU_OK;
}

/* What a line can hold: no blanks and no controls. */
static bool fits_line(struct span value)
{
    return value.len <= KMS_ENROL_URL_MAX && mcptt_id_check(value) == MU_OK;
}

enum mu_err kms_enrolment_write(struct wr *w, const struct kms_enrolment *in)
{
    struct span url = span_str(in->kds_url);
    uint8_t check[SHA256_LEN];
    size_t start = w->at;
    struct span above;

    if (!fits_line(mcptt_id_span(&in->kms_uri)) ||
        !fits_line(mcptt_id_span(&in->user_uri)) || !fits_line(url))
        return MU_E_MALFORMED;
    mu_line_write_u64(w, "muster-enrolment", VERSION);
    mu_line_write(w, "kms_uri", mcptt_id_span(&in->kms_uri));
    mu_line_write(w, "user_uri", mcptt_id_span(&in->user_uri));
    mu_line_write_u64(w, "serial", in->serial);
    mu_line_write_u64(w, "not_after", in->not_after_s);
    mu_line_write(w, "kds_url", url);
    mu_line_write_hex(w, "trk", SPAN_OF(in->trk.b));
    mu_line_write_hex(w, "ink", SPAN_OF(in->ink.b));
    mu_line_write_hex(w, "cert_key", SPAN_OF(in->cert_key));
    mu_line_write_hex(w, "cert_sha256", SPAN_OF(in->cert_sha256));
    above = wr_so_far(w);
    if (above.p == NULL)
        return MU_E_NO_SPACE;
    TRY(digest((struct span){above.p + start, above.len - start}, check));
    mu_line_write_hex(w, "check", SPAN_OF(check));
    return w->err;
}

static void read_id(struct rd *r, const char *name, struct mcptt_id *out)
{
    struct span value = mu_line_read(r, name);

    mu_line_check(r, value, mcptt_id_set(out, value) == MU_OK, name);
}

static void read_url(struct rd *r, const char *name, char *out)
{
    struct span value = mu_line_read(r, name);

    mu_line_check(r, value, fits_line(value), name);
    if (value.p != NULL && rd_err(r) == MU_OK)
        memcpy(out, value.p, value.len); /* the rest is zero */
}

static void read_check(struct rd *r)
{
    uint8_t is[SHA256_LEN] = {0}, want[SHA256_LEN] = {0};
    size_t above = r->at;

    mu_line_read_hex(r, "check", want, sizeof(want));
    if (rd_err(r) != MU_OK)
        return;
    rd_check(r,
        digest((struct span){r->p, above}, is) == MU_OK &&
            mu_ct_eq(is, want, sizeof(is)),
        MU_E_CRYPTO, "check");
}

static void read_all(struct rd *r, struct kms_enrolment *out)
{
    uint64_t version = mu_line_read_u64(r, "muster-enrolment");

    rd_check(r, version == VERSION, MU_E_UNSUPPORTED, "muster-enrolment");
    read_id(r, "kms_uri", &out->kms_uri);
    read_id(r, "user_uri", &out->user_uri);
    out->serial = mu_line_read_u64(r, "serial");
    out->not_after_s = mu_line_read_u64(r, "not_after");
    read_url(r, "kds_url", out->kds_url);
    mu_line_read_hex(r, "trk", out->trk.b, sizeof(out->trk.b));
    mu_line_read_hex(r, "ink", out->ink.b, sizeof(out->ink.b));
    mu_line_read_hex(r, "cert_key", out->cert_key, sizeof(out->cert_key));
    mu_line_read_hex(
        r, "cert_sha256", out->cert_sha256, sizeof(out->cert_sha256));
    read_check(r);
}

enum mu_err kms_enrolment_read(
    struct span text, struct kms_enrolment *out, struct rd_fault *fault)
{
    MU_CLEANUP(kms_enrolment_clear) struct kms_enrolment e = {0};
    struct rd r;

    rd_init(&r, text);
    read_all(&r, &e);
    if (rd_close(&r) == MU_OK) {
        *out = e;
        return MU_OK;
    }
    if (fault != NULL)
        *fault = r.fault;
    return rd_err(&r);
}
