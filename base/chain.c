/* SPDX-License-Identifier: Apache-2.0 */
#include "base/chain.h"

#include "base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#define LABEL    "muster chain 1"
#define HASH_HEX 64
#define SIG_HEX  128
#define ID_LEN   16
#define ID_HEX   ((size_t)2 * ID_LEN)
#define SEQ_TEXT 21 /* 2^64 - 1 and a NUL */

/* PREV and SIG with the blanks before them. */
#define TAIL_LEN ((size_t)1 + HASH_HEX + 1 + SIG_HEX)

static const struct span blank = {(const uint8_t *)" ", 1};

enum mu_err mu_chain_hash(struct span covered, uint8_t out[MU_CHAIN_HASH_LEN])
{
    if (EVP_Digest(covered.p, covered.len, out, NULL, EVP_sha256(), NULL) != 1)
        return MU_E_CRYPTO;
    return MU_OK;
}

static bool printable(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] < 0x20 || s.p[i] > 0x7e)
            return false;
    return true;
}

/* Reads a decimal number that has one text only: no leading zeros. */
static enum mu_err seq_read(struct span text, uint64_t *out)
{
    if (text.len > 1 && text.p[0] == '0')
        return MU_E_MALFORMED;
    return mu_text_u64(text, out);
}

/* Reads exactly len octets of lower-case hex. */
static enum mu_err hex_read(struct span text, uint8_t *out, size_t len)
{
    size_t got;

    for (size_t i = 0; i < text.len; i++)
        if (text.p[i] >= 'A' && text.p[i] <= 'F')
            return MU_E_MALFORMED;
    TRY(mu_hex_read(text, out, len, &got));
    return got == len ? MU_OK : MU_E_MALFORMED;
}

static void write_hex(struct wr *w, struct span octets)
{
    char hex[SIG_HEX + 1];

    assert(MU_HEX_LEN(octets.len) <= sizeof(hex));
    mu_hex_write(octets, hex);
    wr_span(w, span_str(hex));
}

void mu_chain_head_write(
    const struct mu_chain_head *head, char out[MU_CHAIN_HEAD_TEXT])
{
    int n = snprintf(out, MU_CHAIN_HEAD_TEXT, "%" PRIu64 ":", head->seq);

    mu_hex_write(SPAN_OF(head->hash), out + n);
}

enum mu_err mu_chain_head_read(struct span text, struct mu_chain_head *out)
{
    const uint8_t *colon =
        text.len > 0 ? memchr(text.p, ':', text.len) : (const uint8_t *)NULL;
    struct mu_chain_head head;
    struct span seq, hash;
    struct rd r;

    if (colon == NULL)
        return MU_E_MALFORMED;
    rd_init(&r, text);
    seq = rd_span(&r, (size_t)(colon - text.p), "number");
    (void)rd_u8(&r, "colon");
    hash = rd_rest(&r, "hash");
    TRY(rd_close(&r));
    TRY(seq_read(seq, &head.seq));
    TRY(hex_read(hash, head.hash, sizeof(head.hash)));
    *out = head;
    return MU_OK;
}

/* One whole line; prev is the head before it, or NULL for record 0. */
static enum mu_err write_line(const struct mu_sign_key *key,
    const struct mu_chain_head *prev, uint64_t unix_ms, struct span payload,
    struct wr *w, struct mu_chain_head *head)
{
    static const struct mu_chain_head none = {0};
    const struct mu_chain_head *before = prev != NULL ? prev : &none;
    struct mu_chain_head next = {prev != NULL ? prev->seq + 1 : 0, {0}};
    char seq[SEQ_TEXT], time[MU_TIME_TEXT];
    size_t start = w->at;
    struct mu_signature sig;
    struct span covered;

    (void)snprintf(seq, sizeof(seq), "%" PRIu64, next.seq);
    mu_time_write(unix_ms, time);
    wr_span(w, span_str(seq));
    wr_span(w, blank);
    wr_span(w, span_str(time));
    wr_span(w, blank);
    wr_span(w, payload);
    wr_span(w, blank);
    write_hex(w, SPAN_OF(before->hash));
    if (w->err != MU_OK)
        return w->err;
    covered = (struct span){w->p + start, w->at - start};
    TRY(mu_chain_hash(covered, next.hash));
    TRY(mu_sign(key, LABEL, covered, &sig));
    wr_span(w, blank);
    write_hex(w, SPAN_OF(sig.b));
    wr_u8(w, '\n');
    if (w->err == MU_OK)
        *head = next;
    return w->err;
}

enum mu_err mu_chain_add(const struct mu_sign_key *key,
    const struct mu_chain_head *prev, uint64_t unix_ms, struct span payload,
    struct wr *w, struct mu_chain_head *head)
{
    assert(w->p != NULL && prev->seq < UINT64_MAX);
    if (payload.len == 0 || payload.len > MU_CHAIN_PAYLOAD_MAX ||
        !printable(payload))
        return MU_E_MALFORMED;
    return write_line(key, prev, unix_ms, payload, w, head);
}

static bool is_name(const char *name)
{
    size_t len = strlen(name);

    return len >= 1 && len <= MU_CHAIN_NAME_MAX &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") == len;
}

/* Record 0 in two parts around the random id. */
struct origin {
    char before[32 + MU_CHAIN_NAME_MAX];
    char after[8 + HASH_HEX];
};

static void origin_of(
    const char *name, const struct mu_verify_key *key, struct origin *out)
{
    char hex[MU_HEX_LEN(sizeof(key->b))];

    assert(is_name(name));
    mu_hex_write(SPAN_OF(key->b), hex);
    (void)snprintf(
        out->before, sizeof(out->before), "chain=1 name=%s id=", name);
    (void)snprintf(out->after, sizeof(out->after), " key=%s", hex);
}

enum mu_err mu_chain_begin(const struct mu_sign_key *key, const char *name,
    const struct mu_rng *rng, uint64_t unix_ms, struct wr *w,
    struct mu_chain_head *head)
{
    uint8_t id[ID_LEN], payload[sizeof(struct origin) + ID_HEX];
    struct mu_verify_key public;
    struct origin origin = {{0}, {0}};
    struct span done;
    struct wr p;

    assert(w->p != NULL);
    if (!is_name(name))
        return MU_E_MALFORMED;
    TRY(mu_rng_fill(rng, id, sizeof(id)));
    TRY(mu_sign_public(key, &public));
    origin_of(name, &public, &origin);
    wr_init(&p, payload, sizeof(payload));
    wr_span(&p, span_str(origin.before));
    write_hex(&p, SPAN_OF(id));
    wr_span(&p, span_str(origin.after));
    TRY(wr_close(&p, &done));
    return write_line(key, NULL, unix_ms, done, w, head);
}

/* The fields of a line, borrowed from it; covered goes to the end of PREV. */
struct fields {
    struct span seq, time, payload, prev, covered, sig;
};

static void take_blank(struct rd *r)
{
    rd_check(r, rd_u8(r, "blank") == ' ', MU_E_MALFORMED, "blank");
}

static enum mu_err split(struct span line, struct fields *out)
{
    const uint8_t *end =
        line.len > 0 ? memchr(line.p, ' ', line.len) : (const uint8_t *)NULL;
    struct rd r;

    if (end == NULL || !printable(line))
        return MU_E_MALFORMED;
    rd_init(&r, line);
    out->seq = rd_span(&r, (size_t)(end - line.p), "number");
    take_blank(&r);
    out->time = rd_span(&r, MU_TIME_TEXT - 1, "time");
    take_blank(&r);
    rd_check(&r, rd_left(&r) > TAIL_LEN, MU_E_MALFORMED, "payload");
    /* Should that have failed, nothing is read, whatever the length. */
    out->payload = rd_span(&r, rd_left(&r) - TAIL_LEN, "payload");
    rd_check(&r, out->payload.len <= MU_CHAIN_PAYLOAD_MAX, MU_E_MALFORMED,
        "payload");
    take_blank(&r);
    out->prev = rd_span(&r, HASH_HEX, "hash");
    out->covered = (struct span){line.p, rd_at(&r)};
    take_blank(&r);
    out->sig = rd_span(&r, SIG_HEX, "signature");
    return rd_close(&r);
}

enum mu_err mu_chain_record_read(struct span line, struct mu_chain_record *out)
{
    struct mu_chain_record record;
    struct fields f;

    TRY(split(line, &f));
    TRY(seq_read(f.seq, &record.seq));
    TRY(mu_time_read(f.time, &record.unix_ms));
    TRY(hex_read(f.prev, record.prev, sizeof(record.prev)));
    TRY(hex_read(f.sig, record.sig.b, sizeof(record.sig.b)));
    record.payload = f.payload;
    record.covered = f.covered;
    *out = record;
    return MU_OK;
}

enum mu_err mu_chain_record_verify(
    const struct mu_verify_key *key, const struct mu_chain_record *record)
{
    return mu_verify(key, LABEL, record->covered, &record->sig);
}

bool mu_chain_is_first(
    struct span payload, const char *name, const struct mu_verify_key *key)
{
    struct origin origin = {{0}, {0}};
    struct span before, id, after;
    uint8_t octets[ID_LEN];
    struct rd r;

    origin_of(name, key, &origin);
    rd_init(&r, payload);
    before = rd_span(&r, strlen(origin.before), "name");
    id = rd_span(&r, ID_HEX, "id");
    after = rd_rest(&r, "key");
    return rd_close(&r) == MU_OK && span_eq(before, span_str(origin.before)) &&
           hex_read(id, octets, sizeof(octets)) == MU_OK &&
           span_eq(after, span_str(origin.after));
}
