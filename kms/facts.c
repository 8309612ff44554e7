/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/facts.h"

#include "base/lines.h"
#include "kms/shares.h"

#define VERSION 1

enum mu_err kms_facts_write(struct wr *w, const struct kms_facts *facts)
{
    const struct kms_public *keys = &facts->keys;

    mu_line_write_u64(w, "muster-kms", VERSION);
    mu_line_write(w, "uri", mcptt_id_span(&facts->uri));
    mu_line_write_u64(w, "period", facts->rule.length_s);
    mu_line_write_u64(w, "offset", facts->rule.offset_s);
    mu_line_write_u64(w, "created", facts->created_s);
    mu_line_write_u64(w, "shares", facts->shares);
    mu_line_write_u64(w, "threshold", facts->threshold);
    mu_line_write(
        w, "insecure-test-key", span_str(facts->test_key ? "yes" : "no"));
    mu_line_write_hex(w, "z", SPAN_OF(keys->z));
    mu_line_write_hex(w, "kpak", SPAN_OF(keys->kpak));
    mu_line_write_hex(w, "cert-key", SPAN_OF(keys->cert_key));
    mu_line_write_hex(w, "bundle-key", SPAN_OF(keys->bundle.b));
    mu_line_write_hex(w, "log-key", SPAN_OF(facts->log.b));
    return w->err;
}

static void read_uri(struct rd *r, struct mcptt_id *out)
{
    struct span value = mu_line_read(r, "uri");

    mu_line_check(r, value, mcptt_id_set(out, value) == MU_OK, "uri");
}

static void read_rule(struct rd *r, struct mcptt_period_rule *out)
{
    out->length_s = mu_line_read_u64(r, "period");
    out->offset_s = mu_line_read_u64(r, "offset");
    rd_check(r, mcptt_period_check(out) == MU_OK, MU_E_MALFORMED, "offset");
}

static bool read_yes(struct rd *r, const char *name)
{
    struct span value = mu_line_read(r, name);
    bool yes = span_eq(value, span_str("yes"));

    mu_line_check(r, value, yes || span_eq(value, span_str("no")), name);
    return yes;
}

/* How the sealing key is kept: in shares, or not at all. */
static void read_sharing(struct rd *r, struct kms_facts *out)
{
    uint64_t shares = mu_line_read_u64(r, "shares");
    uint64_t threshold = mu_line_read_u64(r, "threshold");
    bool ok;

    out->test_key = read_yes(r, "insecure-test-key");
    ok = out->test_key ? shares == 0 && threshold == 0
                       : kms_shares_check(shares, threshold) == MU_OK;
    rd_check(r, ok, MU_E_MALFORMED, "shares");
    out->shares = (uint8_t)shares;
    out->threshold = (uint8_t)threshold;
}

static void read_all(struct rd *r, struct kms_facts *out)
{
    struct kms_public *keys = &out->keys;

    rd_check(r, mu_line_read_u64(r, "muster-kms") == VERSION, MU_E_UNSUPPORTED,
        "muster-kms");
    read_uri(r, &out->uri);
    read_rule(r, &out->rule);
    out->created_s = mu_line_read_u64(r, "created");
    read_sharing(r, out);
    mu_line_read_hex(r, "z", keys->z, sizeof(keys->z));
    mu_line_read_hex(r, "kpak", keys->kpak, sizeof(keys->kpak));
    mu_line_read_hex(r, "cert-key", keys->cert_key, sizeof(keys->cert_key));
    mu_line_read_hex(r, "bundle-key", keys->bundle.b, sizeof(keys->bundle.b));
    mu_line_read_hex(r, "log-key", out->log.b, sizeof(out->log.b));
}

enum mu_err kms_facts_read(
    struct span text, struct kms_facts *out, struct rd_fault *fault)
{
    struct kms_facts facts = {.created_s = 0};
    struct rd r;

    rd_init(&r, text);
    read_all(&r, &facts);
    if (rd_close(&r) == MU_OK) {
        *out = facts;
        return MU_OK;
    }
    if (fault != NULL)
        *fault = r.fault;
    return rd_err(&r);
}

enum mu_err kms_facts_load(const struct kms_dir *dir, struct kms_facts *out)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};

    TRY(kms_dir_read(dir, KMS_DIR_CONF, &text));
    return kms_facts_read(buf_span(&text), out, NULL);
}
