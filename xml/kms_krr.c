/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/kms_krr.h"

#include <libxml/tree.h>
#include <string.h>

#include "xml/parse.h"
#include "xml/value.h"
#include "xml/writer.h"

#define NS   "urn:3gpp:ns:mcsecKMSKRR:1.0"
#define ROOT "KmsRedirectResponse"

static const struct xml_limits limits = {
    .octets = 1U << 16, .elements = 200, .depth = 16};

struct reading {
    struct mu_arena *arena;
    struct xml_fault *fault;
    struct mu_arena_list uris;
};

static bool is_ours(const xmlNode *n)
{
    return n->type == XML_ELEMENT_NODE && n->ns != NULL &&
           strcmp((const char *)n->ns->href, NS) == 0;
}

static bool is_krr(const xmlNode *n)
{
    return is_ours(n) && strcmp((const char *)n->name, ROOT) == 0;
}

/* "KmsUri", "InitiatorKmsUri", "KMSURI", ... */
static bool names_a_kms(const xmlNode *n)
{
    size_t len = strlen((const char *)n->name);

    return len >= 3 && xmlStrcasestr(n->name, (const xmlChar *)"kms") != NULL &&
           xmlStrcasecmp(n->name + len - 3, (const xmlChar *)"uri") == 0;
}

static bool is_leaf(const xmlNode *n)
{
    return n->children != NULL && n->children->type == XML_TEXT_NODE &&
           n->children->next == NULL;
}

/* An element may hold children between blanks, or one text. */
static struct span trimmed(const xmlNode *n)
{
    struct span text = span_str((const char *)n->children->content);

    while (text.len > 0 && text.p[text.len - 1] <= ' ')
        text.len--;
    while (text.len > 0 && text.p[0] <= ' ') {
        text.p++;
        text.len--;
    }
    return text;
}

static enum mu_err add(struct reading *r, const xmlNode *n, unsigned depth)
{
    struct span text = trimmed(n);
    struct xml_krr_uri *uri;

    if (text.len == 0 || text.len > XML_STRING_MAX)
        return xml_fault_at(
            r->fault, MU_E_MALFORMED, "is empty or too long", n);
    if (r->uris.len == XML_KRR_URIS_MAX)
        return xml_fault_at(r->fault, MU_E_NO_SPACE, "is one too many", n);
    uri = mu_arena_list_add(r->arena, &r->uris, sizeof(*uri));
    if (uri == NULL)
        return mu_arena_err(r->arena);
    uri->depth = depth;
    uri->uri = mu_arena_copy(r->arena, text);
    return mu_arena_err(r->arena);
}

static const xmlNode *next_node(const xmlNode *n)
{
    if (n->type == XML_ELEMENT_NODE && n->children != NULL)
        return n->children;
    while (n != NULL && n->next == NULL)
        n = n->parent;
    return n != NULL ? n->next : NULL;
}

static unsigned krr_depth(const xmlNode *n)
{
    unsigned depth = 0;

    for (; n != NULL; n = n->parent)
        if (n->type == XML_ELEMENT_NODE && is_krr(n))
            depth++;
    return depth;
}

static enum mu_err visit(struct reading *r, const xmlNode *n)
{
    unsigned depth;

    if (!is_ours(n))
        return MU_OK;
    depth = krr_depth(n);
    if (depth > XML_KRR_DEPTH_MAX)
        return xml_fault_at(r->fault, MU_E_NO_SPACE, "is nested too deeply", n);
    return is_leaf(n) && names_a_kms(n) ? add(r, n, depth) : MU_OK;
}

static enum mu_err walk(struct reading *r, const xmlDoc *doc)
{
    const xmlNode *root = xmlDocGetRootElement(doc);

    if (!is_krr(root))
        return xml_fault_at(
            r->fault, MU_E_MALFORMED, "is not a document of this kind", root);
    for (const xmlNode *n = root; n != NULL; n = next_node(n))
        TRY(visit(r, n));
    if (r->uris.len == 0)
        return xml_fault_at(r->fault, MU_E_MALFORMED, "names no KMS", root);
    return MU_OK;
}

enum mu_err xml_krr_read(struct span text, struct mu_arena *arena,
    struct xml_fault *fault, struct xml_krr *out)
{
    MU_CLEANUP(xml_parse_free) xmlDoc *doc = NULL;
    struct reading r = {.arena = arena, .fault = fault};

    *fault = (struct xml_fault){.err = MU_OK};
    TRY(xml_parse(&limits, text, fault, &doc));
    TRY(walk(&r, doc));
    out->uris = r.uris.at;
    out->count = r.uris.len;
    return MU_OK;
}

enum mu_err xml_krr_write(struct wr *w, struct span kms_uri)
{
    struct xml_writer x;

    xml_writer_init(&x, w);
    xml_open(&x, ROOT);
    xml_attribute_text(&x, "xmlns", NS);
    xml_leaf(&x, "KmsUri", kms_uri);
    xml_end(&x);
    return xml_writer_close(&x);
}
