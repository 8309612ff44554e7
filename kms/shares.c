/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/shares.h"

#include <libgfshare.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/keyring.h"

#define KEY_LEN   sizeof(struct kms_sealing_key)
#define CHECK_LEN 4
#define BODY_LEN  (1 + 1 + 2 + KEY_LEN)
#define SHARE_LEN (BODY_LEN + CHECK_LEN)
#define CHARS     (SHARE_LEN * 8 / 5)
#define GROUP     4

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* A share as octets: a secret. */
SECRET_TYPE(share_octets, SHARE_LEN);

void kms_share_clear(struct kms_share *share)
{
    mu_wipe(share, sizeof(*share));
}

enum mu_err kms_shares_check(uint64_t shares, uint64_t threshold)
{
    return threshold >= 2 && threshold <= shares && shares <= KMS_SHARES_MAX
               ? MU_OK
               : MU_E_MALFORMED;
}

static enum mu_err tag_of(const struct kms_sealing_key *key, uint16_t *out)
{
    MU_CLEANUP(mu_kek_clear) struct mu_kek kek;
    struct mu_kek_id id;

    memcpy(kek.b, key->b, sizeof(kek.b));
    TRY(mu_kek_id(&kek, &id));
    *out = (uint16_t)(id.b[0] << 8 | id.b[1]);
    return MU_OK;
}

/*
 * libgfshare asks a function without context for its random octets and takes
 * no refusal: where they come from, and whether they came.
 */
static struct {
    const struct mu_rng *rng;
    enum mu_err err;
} source;

static void fill_random(unsigned char *out, unsigned int len)
{
    enum mu_err err = mu_rng_fill(source.rng, out, len);

    if (err != MU_OK)
        source.err = err;
}

/* The library fills what it frees; where nothing random is needed, zeros do. */
static void fill_zeros(unsigned char *out, unsigned int len)
{
    mu_wipe(out, len);
}

static void free_ctx(gfshare_ctx **ctx)
{
    if (*ctx != NULL)
        gfshare_ctx_free(*ctx);
}

static enum mu_err split(const struct kms_sealing_key *key, uint8_t count,
    uint8_t threshold, struct kms_share *out)
{
    MU_CLEANUP(free_ctx) gfshare_ctx *ctx = NULL;
    MU_CLEANUP(kms_sealing_key_clear) struct kms_sealing_key copy = *key;
    unsigned char numbers[KMS_SHARES_MAX];

    for (uint8_t i = 0; i < count; i++)
        numbers[i] = (unsigned char)(i + 1);
    ctx = gfshare_ctx_init_enc(numbers, count, threshold, KEY_LEN);
    if (ctx == NULL)
        return MU_E_NO_MEMORY;
    gfshare_ctx_enc_setsecret(ctx, copy.b);
    for (uint8_t i = 0; i < count; i++) {
        out[i].number = numbers[i];
        out[i].threshold = threshold;
        gfshare_ctx_enc_getshare(ctx, i, out[i].value.b);
    }
    return MU_OK;
}

enum mu_err kms_shares_split(const struct kms_sealing_key *key, uint8_t count,
    uint8_t threshold, const struct mu_rng *rng, struct kms_share *out)
{
    enum mu_err err;
    uint16_t tag;

    TRY(kms_shares_check(count, threshold));
    TRY(tag_of(key, &tag));
    source.rng = rng;
    source.err = MU_OK;
    gfshare_fill_rand = fill_random;
    err = split(key, count, threshold, out);
    if (err == MU_OK)
        err = source.err;
    if (err != MU_OK) /* perhaps of no random octets at all */
        mu_wipe(out, count * sizeof(*out));
    for (uint8_t i = 0; err == MU_OK && i < count; i++)
        out[i].tag = tag;
    return err;
}

/* Whether these are enough shares of one key, each once. */
static enum mu_err check_set(const struct kms_share *shares, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (shares[i].tag != shares[0].tag ||
            shares[i].threshold != shares[0].threshold)
            return MU_E_DENIED;
        for (size_t j = 0; j < i; j++)
            if (shares[i].number == shares[j].number)
                return MU_E_STATE;
    }
    return count > 0 && count >= shares[0].threshold ? MU_OK : MU_E_NOT_FOUND;
}

static enum mu_err join(
    const struct kms_share *shares, uint8_t count, struct kms_sealing_key *out)
{
    MU_CLEANUP(free_ctx) gfshare_ctx *ctx = NULL;
    unsigned char numbers[KMS_SHARES_MAX];

    for (uint8_t i = 0; i < count; i++)
        numbers[i] = shares[i].number;
    gfshare_fill_rand = fill_zeros;
    ctx = gfshare_ctx_init_dec(numbers, count, KEY_LEN);
    if (ctx == NULL)
        return MU_E_NO_MEMORY;
    for (uint8_t i = 0; i < count; i++) {
        MU_CLEANUP(kms_share_value_clear)
        struct kms_share_value value = shares[i].value;

        gfshare_ctx_dec_giveshare(ctx, i, value.b);
    }
    gfshare_ctx_dec_extract(ctx, out->b);
    return MU_OK;
}

enum mu_err kms_shares_join(
    const struct kms_share *shares, size_t count, struct kms_sealing_key *out)
{
    MU_CLEANUP(kms_sealing_key_clear) struct kms_sealing_key key;
    uint16_t tag;

    TRY(check_set(shares, count));
    if (count > KMS_SHARES_MAX)
        return MU_E_NO_SPACE;
    TRY(join(shares, (uint8_t)count, &key));
    TRY(tag_of(&key, &tag));
    if (tag != shares[0].tag)
        return MU_E_CRYPTO;
    *out = key;
    return MU_OK;
}

static enum mu_err check_of(
    const uint8_t body[BODY_LEN], uint8_t out[CHECK_LEN])
{
    static const char label[] = "muster share 1";
    uint8_t text[sizeof(label) - 1 + BODY_LEN], digest[32];
    int ok;

    memcpy(text, label, sizeof(label) - 1);
    memcpy(text + sizeof(label) - 1, body, BODY_LEN);
    ok = EVP_Digest(text, sizeof(text), digest, NULL, EVP_sha256(), NULL);
    mu_wipe(text, sizeof(text));
    memcpy(out, digest, CHECK_LEN);
    return ok == 1 ? MU_OK : MU_E_CRYPTO;
}

/* Five bits of the octets, from the front: n counts characters. */
static uint8_t five_bits(const struct share_octets *octets, size_t n)
{
    size_t bit = 5 * n, at = bit / 8;
    unsigned two = (unsigned)octets->b[at] << 8 |
                   (at + 1 < SHARE_LEN ? octets->b[at + 1] : 0U);

    return (uint8_t)(two >> (11 - bit % 8) & 31);
}

enum mu_err kms_share_write(
    const struct kms_share *share, char out[KMS_SHARE_TEXT])
{
    MU_CLEANUP(share_octets_clear) struct share_octets octets;
    struct wr w;

    wr_init(&w, octets.b, sizeof(octets.b));
    wr_u8(&w, share->number);
    wr_u8(&w, share->threshold);
    wr_u16(&w, share->tag);
    wr_span(&w, SPAN_OF(share->value.b));
    TRY(check_of(octets.b, octets.b + BODY_LEN));
    for (size_t i = 0; i < CHARS; i++) {
        *out++ = alphabet[five_bits(&octets, i)];
        if (i % GROUP == GROUP - 1)
            *out++ = ' ';
    }
    out[-1] = '\0'; /* the last blank */
    return MU_OK;
}

/* The value of a character, 32 for one to pass over, 33 for a wrong one. */
static uint8_t value_of(uint8_t c)
{
    const char *at;

    if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '-')
        return 32;
    if (c >= 'a' && c <= 'z')
        c = (uint8_t)(c - 'a' + 'A');
    c = c == 'I' || c == 'L' ? '1' : c == 'O' ? '0' : c;
    at = c != '\0' ? strchr(alphabet, c) : NULL;
    return at != NULL ? (uint8_t)(at - alphabet) : 33;
}

/* All characters into octets. */
static enum mu_err gather(struct span typed, struct share_octets *out)
{
    size_t n = 0;

    mu_wipe(out, sizeof(*out));
    for (size_t i = 0; i < typed.len; i++) {
        uint8_t value = value_of(typed.p[i]);
        size_t bit = 5 * n, at = bit / 8;
        unsigned two = (unsigned)value << (11 - bit % 8);

        if (value == 32)
            continue;
        if (value == 33 || n == CHARS)
            return MU_E_MALFORMED;
        out->b[at] |= (uint8_t)(two >> 8);
        if (at + 1 < SHARE_LEN)
            out->b[at + 1] |= (uint8_t)two;
        n++;
    }
    return n == CHARS ? MU_OK : MU_E_MALFORMED;
}

static enum mu_err read_octets(
    const struct share_octets *octets, struct kms_share *out)
{
    MU_CLEANUP(kms_share_clear) struct kms_share share = {.number = 0};
    uint8_t check[CHECK_LEN];
    struct rd r;

    TRY(check_of(octets->b, check));
    if (!mu_ct_eq(check, octets->b + BODY_LEN, CHECK_LEN))
        return MU_E_CRYPTO;
    rd_init(&r, (struct span){octets->b, BODY_LEN});
    share.number = rd_u8(&r, "number");
    rd_check(&r, share.number >= 1 && share.number <= KMS_SHARES_MAX,
        MU_E_MALFORMED, "number");
    share.threshold = rd_u8(&r, "threshold");
    rd_check(&r, share.threshold >= 2 && share.threshold <= KMS_SHARES_MAX,
        MU_E_MALFORMED, "threshold");
    share.tag = rd_u16(&r, "tag");
    memcpy(share.value.b, octets->b + 4, sizeof(share.value.b));
    (void)rd_rest(&r, "share");
    TRY(rd_close(&r));
    *out = share;
    return MU_OK;
}

enum mu_err kms_share_read(struct span typed, struct kms_share *out)
{
    MU_CLEANUP(share_octets_clear) struct share_octets octets;

    if (typed.len > KMS_SHARE_TYPED)
        return MU_E_MALFORMED;
    TRY(gather(typed, &octets));
    return read_octets(&octets, out);
}
