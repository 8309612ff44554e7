/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/prf.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "base/secret.h"
#include "mikey/codes.h"

#define HASH_MAX  32 /* SHA-256 */
#define BLOCK     32 /* of inkey, for any hash */
#define LABEL_MAX (4 + 1 + 4 + MIKEY_PRF_RAND_MAX)

/* RFC 3830 clauses 4.1.3 and 4.1.4: successive digits of the number e. */
static const uint32_t constants[MIKEY_PRF_USES] = {
    [MIKEY_PRF_TEK] = 0x2ad01c64,
    [MIKEY_PRF_AUTH] = 0x1b5c7973,
    [MIKEY_PRF_ENCR] = 0x15798cef,
    [MIKEY_PRF_SALT] = 0x39a2c14b,
    [MIKEY_PRF_MESSAGE_ENCR] = 0x150533e1,
    [MIKEY_PRF_MESSAGE_AUTH] = 0x2d22ac75,
    [MIKEY_PRF_MESSAGE_SALT] = 0x29b88916,
};

SECRET_TYPE(mikey_prf_hash, HASH_MAX);
SECRET_TYPE(mikey_prf_text, HASH_MAX + LABEL_MAX);

/* One block s of inkey and all that P(s, label, m) needs besides. */
struct state {
    const EVP_MD *md;
    size_t hash_len;
    struct span s, label;
};

static enum mu_err hmac(
    const struct state *st, struct span text, struct mikey_prf_hash *out)
{
    unsigned len;

    if (HMAC(st->md, st->s.p, (int)st->s.len, text.p, text.len, out->b, &len) ==
        NULL)
        return MU_E_CRYPTO;
    return MU_OK;
}

/* HMAC(s, A_i || label), whose octets become part of the result. */
static enum mu_err hmac_labelled(const struct state *st,
    const struct mikey_prf_hash *a, struct mikey_prf_hash *out)
{
    MU_CLEANUP(mikey_prf_text_clear) struct mikey_prf_text text;

    memcpy(text.b, a->b, st->hash_len);
    memcpy(text.b + st->hash_len, st->label.p, st->label.len);
    return hmac(st, (struct span){text.b, st->hash_len + st->label.len}, out);
}

/* Adds (xor) the first len octets of P(s, label, m) to out. */
static enum mu_err add_p(const struct state *st, uint8_t *out, size_t len)
{
    MU_CLEANUP(mikey_prf_hash_clear) struct mikey_prf_hash a, previous, piece;
    struct span chained = st->label; /* A_0 */

    for (size_t at = 0; at < len; at += st->hash_len) {
        TRY(hmac(st, chained, &a));
        TRY(hmac_labelled(st, &a, &piece));
        for (size_t i = 0; i < st->hash_len && at + i < len; i++)
            out[at + i] ^= piece.b[i];
        previous = a;
        chained = (struct span){previous.b, st->hash_len};
    }
    return MU_OK;
}

static struct span write_label(
    const struct mikey_prf_label *label, uint8_t buf[LABEL_MAX])
{
    struct wr w;

    wr_init(&w, buf, LABEL_MAX);
    wr_u32(&w, constants[label->use]);
    wr_u8(&w, label->cs_id);
    wr_u32(&w, label->csb_id);
    wr_span(&w, label->rand);
    return wr_so_far(&w);
}

enum mu_err mikey_prf(uint8_t func, struct span inkey,
    const struct mikey_prf_label *label, uint8_t *out, size_t len)
{
    uint8_t label_octets[LABEL_MAX];
    struct state st;
    enum mu_err err = MU_OK;

    assert(label->use < MIKEY_PRF_USES);
    if (func != MIKEY_PRF_SHA1 && func != MIKEY_PRF_SHA256)
        return MU_E_UNSUPPORTED;
    if (inkey.len == 0 || label->rand.len > MIKEY_PRF_RAND_MAX)
        return MU_E_MALFORMED;
    st.md = func == MIKEY_PRF_SHA1 ? EVP_sha1() : EVP_sha256();
    st.hash_len = func == MIKEY_PRF_SHA1 ? 20 : 32;
    st.label = write_label(label, label_octets);
    memset(out, 0, len);
    /* RFC 3830 clause 4.1.2: blocks of 256 bits, the last perhaps shorter,
     * whatever the hash. */
    for (size_t at = 0; at < inkey.len && err == MU_OK; at += BLOCK) {
        size_t left = inkey.len - at;

        st.s = (struct span){inkey.p + at, left < BLOCK ? left : BLOCK};
        err = add_p(&st, out, len);
    }
    if (err != MU_OK)
        mu_wipe(out, len);
    return err;
}
