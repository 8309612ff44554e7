/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/bundle.h"

#include <assert.h>
#include <openssl/evp.h>
#include <string.h>

#define MAGIC        "muster bundle\n"
#define MAGIC_LEN    14
#define VERSION      1
#define LABEL        "muster bundle 1"
#define END_LEN      (1 + 4 + sizeof(struct mu_signature))
#define FLAG_REVOKED 1U

static void write_uri(struct wr *w, struct span uri)
{
    assert(uri.len > 0 && uri.len <= KMS_BUNDLE_URI_MAX);
    wr_u16(w, (uint16_t)uri.len);
    wr_span(w, uri);
}

static struct span read_uri(struct rd *r, const char *field)
{
    size_t len = rd_u16(r, "URI length");

    rd_check(
        r, len > 0 && len <= KMS_BUNDLE_URI_MAX, MU_E_MALFORMED, "URI length");
    return rd_span(r, len, field);
}

static void read_octets(
    struct rd *r, uint8_t *out, size_t len, const char *field)
{
    struct span s = rd_span(r, len, field);

    if (s.p != NULL)
        memcpy(out, s.p, len);
}

void kms_bundle_begin(struct wr *w, const struct kms_bundle_header *header)
{
    assert(w->at == 0 && header->sequence > 0);
    wr_span(w, span_str(MAGIC));
    wr_u8(w, VERSION);
    write_uri(w, header->kms_uri);
    wr_u64(w, header->sequence);
    wr_span(w, SPAN_OF(header->previous));
    wr_u64(w, header->created_s);
    wr_u64(w, header->log_head.seq);
    wr_span(w, SPAN_OF(header->log_head.hash));
    wr_span(w, SPAN_OF(header->certificate));
}

static void read_header(struct rd *r, struct kms_bundle_header *out)
{
    struct span magic = rd_span(r, MAGIC_LEN, "magic");
    uint8_t version;

    rd_check(r, span_eq(magic, span_str(MAGIC)), MU_E_MALFORMED, "magic");
    version = rd_u8(r, "version");
    rd_check(r, version == VERSION, MU_E_UNSUPPORTED, "version");
    out->kms_uri = read_uri(r, "KMS URI");
    out->sequence = rd_u64(r, "sequence");
    rd_check(r, out->sequence > 0, MU_E_MALFORMED, "sequence");
    read_octets(r, out->previous, sizeof(out->previous), "previous");
    out->created_s = rd_u64(r, "created");
    out->log_head.seq = rd_u64(r, "log head sequence");
    read_octets(
        r, out->log_head.hash, sizeof(out->log_head.hash), "log head hash");
    read_octets(r, out->certificate, sizeof(out->certificate), "certificate");
}

static void write_user(struct wr *w, const struct kms_bundle_user *user)
{
    assert(user->ink.len <= KMS_BUNDLE_INK_MAX);
    wr_u8(w, user->revoked ? FLAG_REVOKED : 0);
    wr_u64(w, user->serial);
    write_uri(w, user->uri);
    wr_u16(w, (uint16_t)user->ink.len);
    wr_span(w, user->ink);
}

static void read_user(struct rd *r, struct kms_bundle_user *out)
{
    uint8_t flags = rd_u8(r, "flags");
    size_t len;

    rd_check(r, (flags & ~FLAG_REVOKED) == 0, MU_E_UNSUPPORTED, "flags");
    out->revoked = (flags & FLAG_REVOKED) != 0;
    out->serial = rd_u64(r, "serial");
    out->uri = read_uri(r, "user URI");
    len = rd_u16(r, "InK length");
    rd_check(r, len <= KMS_BUNDLE_INK_MAX, MU_E_MALFORMED, "InK length");
    out->ink = rd_span(r, len, "InK");
}

static void write_key_set(struct wr *w, const struct kms_bundle_key_set *set)
{
    assert(set->mac.len == KMS_BUNDLE_HASH_LEN && set->xml.len > 0);
    wr_u64(w, set->period);
    wr_u64(w, set->serial);
    write_uri(w, set->uri);
    wr_span(w, set->mac);
    wr_span(w, set->xml);
}

static void read_key_set(struct rd *r, struct kms_bundle_key_set *out)
{
    out->period = rd_u64(r, "period");
    out->serial = rd_u64(r, "serial");
    out->uri = read_uri(r, "user URI");
    out->mac = rd_span(r, KMS_BUNDLE_HASH_LEN, "HMAC");
    out->xml = rd_rest(r, "key set");
    rd_check(r, out->xml.len > 0, MU_E_MALFORMED, "key set");
}

static void write_body(struct wr *w, const struct kms_bundle_item *item)
{
    switch (item->kind) {
    case KMS_BUNDLE_ROOT:
    case KMS_BUNDLE_EXTERNAL:
        wr_span(w, item->certificate);
        break;
    case KMS_BUNDLE_USER:
        write_user(w, &item->user);
        break;
    case KMS_BUNDLE_KEY_SET:
        write_key_set(w, &item->key_set);
        break;
    case KMS_BUNDLE_END:
        assert(false);
    }
}

void kms_bundle_add(struct wr *w, const struct kms_bundle_item *item)
{
    struct wr count;

    wr_init(&count, NULL, KMS_BUNDLE_ITEM_MAX);
    write_body(&count, item);
    assert(count.err == MU_OK);
    wr_u8(w, (uint8_t)item->kind);
    wr_u32(w, (uint32_t)count.at);
    write_body(w, item);
}

enum mu_err kms_bundle_end(struct wr *w, const struct mu_sign_key *key)
{
    struct mu_signature sig = {0};
    struct span covered;

    wr_u8(w, KMS_BUNDLE_END);
    wr_u32(w, sizeof(sig));
    covered = wr_so_far(w);
    if (covered.p != NULL)
        TRY(mu_sign(key, LABEL, covered, &sig));
    wr_span(w, SPAN_OF(sig.b));
    return w->err;
}

/* The last octets; they tell where the items end. */
static void read_end(struct rd *r, struct mu_signature *sig)
{
    uint8_t kind = rd_u8(r, "end");
    uint32_t len;

    rd_check(r, kind == KMS_BUNDLE_END, MU_E_MALFORMED, "end");
    len = rd_u32(r, "signature length");
    rd_check(r, len == sizeof(sig->b), MU_E_MALFORMED, "signature length");
    read_octets(r, sig->b, sizeof(sig->b), "signature");
}

static enum mu_err refuse(struct rd_fault *fault, const struct rd_fault *found)
{
    if (fault != NULL)
        *fault = *found;
    return found->err;
}

enum mu_err kms_bundle_open(struct span in, const struct mu_verify_key *key,
    struct kms_bundle_header *out, struct rd *items, struct rd_fault *fault)
{
    struct kms_bundle_header header = {0};
    struct mu_signature sig = {0};
    struct rd r, body;

    rd_init(&r, in);
    read_header(&r, &header);
    body =
        rd_sub(&r, rd_left(&r) > END_LEN ? rd_left(&r) - END_LEN : 0, "items");
    read_end(&r, &sig);
    if (rd_close(&r) != MU_OK)
        return refuse(fault, &r.fault);
    if (key != NULL) {
        struct span covered = {in.p, in.len - sizeof(sig)};

        rd_check(&r, mu_verify(key, LABEL, covered, &sig) == MU_OK, MU_E_CRYPTO,
            "signature");
        if (rd_err(&r) != MU_OK)
            return refuse(fault, &r.fault);
    }
    *out = header;
    *items = body;
    return MU_OK;
}

bool kms_bundle_next(struct rd *items, struct kms_bundle_item *out)
{
    struct kms_bundle_item item = {0};
    struct rd body;
    size_t len;

    if (!rd_more(items))
        return false;
    item.at = rd_at(items);
    item.kind = (enum kms_bundle_kind)rd_u8(items, "kind");
    rd_check(items,
        item.kind >= KMS_BUNDLE_ROOT && item.kind <= KMS_BUNDLE_KEY_SET,
        MU_E_UNSUPPORTED, "kind");
    len = rd_u32(items, "item length");
    rd_check(items, len <= KMS_BUNDLE_ITEM_MAX, MU_E_MALFORMED, "item length");
    body = rd_sub(items, len, "item");
    if (item.kind == KMS_BUNDLE_USER)
        read_user(&body, &item.user);
    else if (item.kind == KMS_BUNDLE_KEY_SET)
        read_key_set(&body, &item.key_set);
    else
        item.certificate = rd_rest(&body, "certificate");
    rd_join(items, &body);
    if (rd_err(items) != MU_OK)
        return false;
    *out = item;
    return true;
}

enum mu_err kms_bundle_hash(struct span whole, uint8_t out[KMS_BUNDLE_HASH_LEN])
{
    if (EVP_Digest(whole.p, whole.len, out, NULL, EVP_sha256(), NULL) != 1)
        return MU_E_CRYPTO;
    return MU_OK;
}

enum mu_err kms_bundle_follows(const struct kms_bundle_header *header,
    uint64_t held, const uint8_t hash[KMS_BUNDLE_HASH_LEN])
{
    static const uint8_t none[KMS_BUNDLE_HASH_LEN];
    const uint8_t *want = held > 0 ? hash : none;

    if (header->sequence <= held)
        return MU_E_STATE;
    if (header->sequence > held + 1)
        return MU_E_NOT_FOUND;
    if (memcmp(header->previous, want, KMS_BUNDLE_HASH_LEN) != 0)
        return MU_E_DENIED;
    return MU_OK;
}
