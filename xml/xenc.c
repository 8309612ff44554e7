/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/xenc.h"

#include <libxml/tree.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"
#include "xml/value.h"

#define NS        "http://www.w3.org/2001/04/xmlenc#"
#define DS        "http://www.w3.org/2000/09/xmldsig#"
#define CONTENT   NS "Content"
#define AES128GCM "http://www.w3.org/2009/xmlenc11#aes128-gcm"

#define SEALED_MAX (XML_XENC_IV_LEN + XML_XENC_PLAIN_MAX + XML_XENC_TAG_LEN)

struct reading {
    struct mu_arena *arena;
    const char *content_ns;
    unsigned last; /* child that came last, in the order of the schema */
    struct xml_encrypted out;
};

static enum mu_err in_order(
    struct reading *r, const struct xml_element *e, unsigned place)
{
    if (place <= r->last)
        return xml_refuse(e, MU_E_MALFORMED, "is out of order");
    r->last = place;
    return MU_OK;
}

/* The first declaration of that name space with a prefix, near or far. */
static const xmlChar *prefix_of(const xmlNode *node, const char *ns)
{
    for (; node != NULL && node->type == XML_ELEMENT_NODE; node = node->parent)
        for (const xmlNs *at = node->nsDef; at != NULL; at = at->next)
            if (at->prefix != NULL &&
                xmlStrEqual(at->href, (const xmlChar *)ns))
                return at->prefix;
    return NULL;
}

static enum mu_err on_data(void *to, const struct xml_element *e)
{
    struct reading *r = to;
    struct span type = xml_attribute(e, NULL, "Type");
    const xmlChar *prefix = prefix_of(xml_element_node(e), r->content_ns);

    if (type.p != NULL && !span_eq(type, span_str(CONTENT)))
        return xml_refuse(e, MU_E_UNSUPPORTED, "is not of type Content");
    if (prefix == NULL)
        return MU_OK;
    r->out.prefix = mu_arena_copy(r->arena, span_str((const char *)prefix));
    return mu_arena_err(r->arena);
}

static enum mu_err on_method(void *to, const struct xml_element *e)
{
    TRY(in_order(to, e, 1));
    if (!span_eq(xml_attribute(e, NULL, "Algorithm"), span_str(AES128GCM)))
        return xml_refuse(e, MU_E_UNSUPPORTED, "is not AES-128-GCM");
    if (xml_text(e).len > 0)
        return xml_refuse(e, MU_E_MALFORMED, "has text");
    return MU_OK;
}

static enum mu_err on_key_info(void *to, const struct xml_element *e)
{
    return in_order(to, e, 2);
}

static enum mu_err on_key_name(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_text(e, r->arena, XML_XENC_NAME_MAX, &r->out.key_name);
}

static enum mu_err on_cipher_data(void *to, const struct xml_element *e)
{
    return in_order(to, e, 3);
}

static enum mu_err on_value(void *to, const struct xml_element *e)
{
    struct reading *r = to;
    char *text = mu_arena_text(r->arena, xml_text(e));
    uint8_t *octets = mu_arena_alloc(r->arena, SEALED_MAX, 1);
    size_t len;

    if (text == NULL || octets == NULL)
        return mu_arena_err(r->arena);
    len = mu_text_squeeze(text, xml_text(e).len);
    if (mu_base64_read((struct span){(const uint8_t *)text, len}, octets,
            SEALED_MAX, &len) != MU_OK)
        return xml_refuse(e, MU_E_MALFORMED, "is not base64, or too long");
    if (len <= XML_XENC_IV_LEN + XML_XENC_TAG_LEN)
        return xml_refuse(e, MU_E_MALFORMED, "is too short");
    r->out.sealed = (struct span){octets, len};
    return MU_OK;
}

static const struct xml_rule rules[] = {
    {NULL, "EncryptedData", NULL, 0, 0, on_data, NULL},
    {"EncryptedData", "EncryptionMethod", NULL, 1, 1, on_method, NULL},
    {"EncryptedData", "KeyInfo", DS, 1, 1, on_key_info, NULL},
    {"KeyInfo", "KeyName", DS, 1, 1, on_key_name, NULL},
    {"EncryptedData", "CipherData", NULL, 1, 1, on_cipher_data, NULL},
    {"CipherData", "CipherValue", NULL, 1, 1, on_value, NULL},
};

static const struct xml_table table = {.ns = NS,
    .rules = rules,
    .count = sizeof(rules) / sizeof(rules[0]),
    .limits = {.octets = 1U << 16, .elements = 16, .depth = 8}};

enum mu_err xml_encrypted_read(struct span text, const char *content_ns,
    struct mu_arena *arena, struct xml_fault *fault, struct xml_encrypted *out)
{
    struct reading r = {.arena = arena, .content_ns = content_ns};

    TRY(xml_read(&table, text, &r, fault));
    *out = r.out;
    return MU_OK;
}

/* ------------------------------------------------------------- AES-128-GCM */

static void cipher_free(EVP_CIPHER_CTX **ctx)
{
    EVP_CIPHER_CTX_free(*ctx);
}

static bool decrypt(const uint8_t *key, struct span sealed, uint8_t *plain)
{
    MU_CLEANUP(cipher_free) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    const uint8_t *text = sealed.p + XML_XENC_IV_LEN;
    int len = (int)(sealed.len - XML_XENC_IV_LEN - XML_XENC_TAG_LEN), n = 0;
    uint8_t tag[XML_XENC_TAG_LEN];

    memcpy(tag, text + len, sizeof(tag));
    return ctx != NULL &&
           EVP_DecryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key, sealed.p) ==
               1 &&
           EVP_DecryptUpdate(ctx, plain, &n, text, len) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) ==
               1 &&
           EVP_DecryptFinal_ex(ctx, plain + n, &n) == 1;
}

enum mu_err xml_encrypted_open(const struct xml_encrypted *in,
    const uint8_t key[XML_XENC_KEY_LEN], struct buf *plain)
{
    size_t len = in->sealed.len - XML_XENC_IV_LEN - XML_XENC_TAG_LEN;

    if (!buf_reserve(plain, len))
        return plain->err;
    if (!decrypt(key, in->sealed, plain->p + plain->len)) {
        mu_wipe(plain->p + plain->len, len);
        return MU_E_CRYPTO;
    }
    plain->len += len;
    return MU_OK;
}

static bool encrypt(const uint8_t *key, struct span plain, uint8_t *sealed)
{
    MU_CLEANUP(cipher_free) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t *text = sealed + XML_XENC_IV_LEN;
    int n = 0;

    return ctx != NULL &&
           EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key, sealed) == 1 &&
           EVP_EncryptUpdate(ctx, text, &n, plain.p, (int)plain.len) == 1 &&
           EVP_EncryptFinal_ex(ctx, text + n, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, XML_XENC_TAG_LEN,
               text + plain.len) == 1;
}

static void write_element(
    struct xml_writer *x, struct span key_name, const char *base64)
{
    xml_open(x, "xenc:EncryptedData");
    xml_attribute_text(x, "xmlns:xenc", NS);
    xml_attribute_text(x, "Type", CONTENT);
    xml_open(x, "xenc:EncryptionMethod");
    xml_attribute_text(x, "Algorithm", AES128GCM);
    xml_end(x);
    xml_open(x, "ds:KeyInfo");
    xml_attribute_text(x, "xmlns:ds", DS);
    xml_leaf(x, "ds:KeyName", key_name);
    xml_end(x);
    xml_open(x, "xenc:CipherData");
    xml_leaf(x, "xenc:CipherValue", span_str(base64));
    xml_end(x);
    xml_end(x);
}

enum mu_err xml_encrypted_write(struct xml_writer *x, struct span key_name,
    const uint8_t key[XML_XENC_KEY_LEN], struct span plain,
    const struct mu_rng *rng)
{
    MU_CLEANUP(buf_clear) struct buf sealed = {.p = NULL};
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    size_t len = XML_XENC_IV_LEN + plain.len + XML_XENC_TAG_LEN;

    if (plain.len > XML_XENC_PLAIN_MAX)
        return MU_E_NO_SPACE;
    if (!buf_reserve(&sealed, len) || !buf_reserve(&text, MU_BASE64_LEN(len)))
        return MU_E_NO_MEMORY;
    TRY(mu_rng_fill(rng, sealed.p, XML_XENC_IV_LEN));
    if (!encrypt(key, plain, sealed.p))
        return MU_E_CRYPTO;
    mu_base64_write((struct span){sealed.p, len}, (char *)text.p);
    write_element(x, key_name, (const char *)text.p);
    return MU_OK;
}
