/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/enrol.h"

#include "base/text.h"

#include <openssl/evp.h>
#include <stdio.h>
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

static void write_line(struct wr *w, const char *name, struct span value)
{
    wr_span(w, span_str(name));
    wr_span(w, span_str(" = "));
    wr_span(w, value);
    wr_u8(w, '\n');
}

static void write_number(struct wr *w, const char *name, uint64_t value)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    write_line(w, name, span_str(text));
}

static void write_hex(struct wr *w, const char *name, struct span octets)
{
    char text[MU_HEX_LEN(KMS_ENROL_CERT_KEY_LEN)];

    mu_hex_write(octets, text);
    write_line(w, name, span_str(text));
    mu_wipe(text, sizeof(text));
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
    write_number(w, "muster-enrolment", VERSION);
    write_line(w, "kms_uri", mcptt_id_span(&in->kms_uri));
    write_line(w, "user_uri", mcptt_id_span(&in->user_uri));
    write_number(w, "serial", in->serial);
    write_number(w, "not_after", in->not_after_s);
    write_line(w, "kds_url", url);
    write_hex(w, "trk", SPAN_OF(in->trk.b));
    write_hex(w, "ink", SPAN_OF(in->ink.b));
    write_hex(w, "cert_key", SPAN_OF(in->cert_key));
    write_hex(w, "cert_sha256", SPAN_OF(in->cert_sha256));
    above = wr_so_far(w);
    if (above.p == NULL)
        return MU_E_NO_SPACE;
    TRY(digest((struct span){above.p + start, above.len - start}, check));
    write_hex(w, "check", SPAN_OF(check));
    return w->err;
}

/* The value of the next line, which has to be of that name. */
static struct span read_line(struct rd *r, const char *name)
{
    size_t head = strlen(name) + 3;
    struct span rest = {r->p + r->at, rd_left(r)};
    const uint8_t *end = rest.len > 0 ? memchr(rest.p, '\n', rest.len) : NULL;
    struct span line, none = {NULL, 0};
    char want[32];

    line = rd_span(r, end != NULL ? (size_t)(end - rest.p) : rest.len, name);
    (void)snprintf(want, sizeof(want), "%s = ", name);
    rd_check(r,
        end != NULL && line.len > head && memcmp(line.p, want, head) == 0,
        MU_E_MALFORMED, name);
    if (rd_err(r) != MU_OK)
        return none;
    (void)rd_u8(r, name);
    return (struct span){line.p + head, line.len - head};
}

/* A fault belongs to the value, not to the LF that was read last. */
static void check_value(
    struct rd *r, struct span value, bool ok, const char *name)
{
    if (value.p == NULL || ok)
        return;
    r->last = (size_t)(value.p - r->p);
    rd_check(r, false, MU_E_MALFORMED, name);
}

static uint64_t read_number(struct rd *r, const char *name)
{
    struct span value = read_line(r, name);
    uint64_t n = 0;

    check_value(r, value, mu_text_u64(value, &n) == MU_OK, name);
    return n;
}

static void read_hex(struct rd *r, const char *name, uint8_t *out, size_t want)
{
    struct span value = read_line(r, name);
    size_t len = 0;
    bool ok = mu_hex_read(value, out, want, &len) == MU_OK && len == want;

    check_value(r, value, ok, name);
}

static void read_id(struct rd *r, const char *name, struct mcptt_id *out)
{
    struct span value = read_line(r, name);

    check_value(r, value, mcptt_id_set(out, value) == MU_OK, name);
}

static void read_url(struct rd *r, const char *name, char *out)
{
    struct span value = read_line(r, name);

    check_value(r, value, fits_line(value), name);
    if (value.p != NULL && rd_err(r) == MU_OK)
        memcpy(out, value.p, value.len); /* the rest is zero */
}

static void read_check(struct rd *r)
{
    uint8_t is[SHA256_LEN] = {0}, want[SHA256_LEN] = {0};
    size_t above = r->at;

    read_hex(r, "check", want, sizeof(want));
    if (rd_err(r) != MU_OK)
        return;
    rd_check(r,
        digest((struct span){r->p, above}, is) == MU_OK &&
            mu_ct_eq(is, want, sizeof(is)),
        MU_E_CRYPTO, "check");
}

static void read_all(struct rd *r, struct kms_enrolment *out)
{
    uint64_t version = read_number(r, "muster-enrolment");

    rd_check(r, version == VERSION, MU_E_UNSUPPORTED, "muster-enrolment");
    read_id(r, "kms_uri", &out->kms_uri);
    read_id(r, "user_uri", &out->user_uri);
    out->serial = read_number(r, "serial");
    out->not_after_s = read_number(r, "not_after");
    read_url(r, "kds_url", out->kds_url);
    read_hex(r, "trk", out->trk.b, sizeof(out->trk.b));
    read_hex(r, "ink", out->ink.b, sizeof(out->ink.b));
    read_hex(r, "cert_key", out->cert_key, sizeof(out->cert_key));
    read_hex(r, "cert_sha256", out->cert_sha256, sizeof(out->cert_sha256));
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
