/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/mcptt_token.h"

#include <string.h>

#include "base/text.h"
#include "xml/mcptt_info.h"
#include "xml/value.h"

#define NS      XML_MCPTT_INFO_NS
#define ELEMENT "mcptt-access-token"

/* ----------------------------------------------------------------- KeyName */

static bool read_name(struct span name, struct mcptt_key_id *out)
{
    uint8_t octets[MCPTT_KEY_ID_LEN];
    size_t len = 0;
    struct rd r;

    if (mu_base64_read(name, octets, sizeof(octets), &len) != MU_OK)
        return false;
    rd_init(&r, (struct span){octets, len});
    *out = mcptt_key_id_read(&r, "key name");
    return rd_close(&r) == MU_OK;
}

static void write_name(
    struct mcptt_key_id id, char out[MU_BASE64_LEN(MCPTT_KEY_ID_LEN)])
{
    uint8_t octets[MCPTT_KEY_ID_LEN];
    struct wr w;

    wr_init(&w, octets, sizeof(octets));
    mcptt_key_id_write(&w, id);
    mu_base64_write(SPAN_OF(octets), out);
}

enum mu_err xml_sealed_token_read(struct span data, struct mu_arena *arena,
    struct xml_fault *fault, struct xml_sealed_token *out)
{
    struct xml_sealed_token got;

    TRY(xml_encrypted_read(data, NS, arena, fault, &got.data));
    if (!read_name(got.data.key_name, &got.key_id))
        return xml_fault_whole(
            fault, MU_E_MALFORMED, "its key name is no identifier", 0);
    *out = got;
    return MU_OK;
}

/* ----------------------------------------------------------------- content */

struct reading {
    struct mu_arena *arena;
    struct span token;
};

static enum mu_err on_string(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_text(e, r->arena, XML_MCPTT_TOKEN_MAX, &r->token);
}

static const struct xml_rule rules[] = {
    {NULL, ELEMENT, NULL, 0, 0, NULL, NULL},
    {ELEMENT, "mcpttString", NULL, 1, 1, on_string, NULL},
};

static const struct xml_table table = {.ns = NS,
    .rules = rules,
    .count = sizeof(rules) / sizeof(rules[0]),
    .limits = {.octets = 1U << 15, .elements = 4, .depth = 4}};

/* As it stood in its element, with the declarations around. */
static void surround(
    struct span prefix, struct span content, struct buf *document)
{
    buf_text(document, "<" ELEMENT " xmlns=\"" NS "\"");
    if (prefix.len > 0) {
        buf_text(document, " xmlns:");
        buf_add(document, prefix);
        buf_text(document, "=\"" NS "\"");
    }
    buf_text(document, ">");
    buf_add(document, content);
    buf_text(document, "</" ELEMENT ">");
}

static enum mu_err read_element(
    struct span prefix, struct span content, struct reading *r)
{
    MU_CLEANUP(buf_clear) struct buf document = {.p = NULL};
    struct xml_fault fault;

    surround(prefix, content, &document);
    TRY(document.err);
    return xml_read(&table, buf_span(&document), r, &fault);
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct span trim(struct span text)
{
    while (text.len > 0 && is_space(text.p[0]))
        text = (struct span){text.p + 1, text.len - 1};
    while (text.len > 0 && is_space(text.p[text.len - 1]))
        text.len--;
    return text;
}

enum mu_err xml_sealed_token_open(const struct xml_sealed_token *in,
    const struct mcptt_sig_conf_key *key, struct mu_arena *arena,
    struct span *token)
{
    MU_CLEANUP(buf_clear) struct buf plain = {.p = NULL};
    struct reading r = {.arena = arena};
    struct span content;

    TRY(xml_encrypted_open(&in->data, key->b, &plain));
    content = trim(buf_span(&plain));
    if (content.len == 0)
        return MU_E_MALFORMED;
    if (content.p[0] == '<') {
        TRY(read_element(in->data.prefix, content, &r));
    } else if (content.len > XML_MCPTT_TOKEN_MAX) {
        return MU_E_NO_SPACE;
    } else {
        r.token = mu_arena_copy(arena, content);
        TRY(mu_arena_err(arena));
    }
    *token = r.token;
    return MU_OK;
}

/* ------------------------------------------------------------------- write */

static enum mu_err write_content(struct span token, struct wr *w)
{
    struct xml_writer x;

    xml_writer_init(&x, w);
    xml_leaf(&x, "mcpttString", token);
    return xml_writer_close(&x);
}

static enum mu_err write_body(struct wr *w, struct span content,
    const char *name, const struct mcptt_sig_conf_key *key,
    const struct mu_rng *rng)
{
    struct xml_writer x;

    xml_writer_init(&x, w);
    xml_open(&x, "mcpttinfo");
    xml_attribute_text(&x, "xmlns", NS);
    xml_open(&x, "mcptt-Params");
    xml_open(&x, ELEMENT);
    xml_attribute_text(&x, "type", "Encrypted");
    TRY(xml_encrypted_write(&x, span_str(name), key->b, content, rng));
    xml_end(&x);
    xml_end(&x);
    xml_end(&x);
    return xml_writer_close(&x);
}

enum mu_err xml_sealed_token_write(struct wr *w, struct span token,
    struct mcptt_key_id key_id, const struct mcptt_sig_conf_key *key,
    const struct mu_rng *rng)
{
    MU_CLEANUP(buf_clear) struct buf content = {.p = NULL};
    char name[MU_BASE64_LEN(MCPTT_KEY_ID_LEN)];
    struct span written;
    struct wr plain;

    if (!buf_reserve(&content, XML_XENC_PLAIN_MAX))
        return MU_E_NO_MEMORY;
    wr_init(&plain, content.p, XML_XENC_PLAIN_MAX);
    TRY(write_content(token, &plain));
    TRY(wr_close(&plain, &written));
    content.len = written.len;
    write_name(key_id, name);
    return write_body(w, written, name, key, rng);
}
