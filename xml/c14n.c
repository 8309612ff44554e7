/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/c14n.h"

#include <libxml/c14n.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/alloc.h"
#include "xml/library.h"

void xml_canonical_clear(struct xml_canonical *c)
{
    mu_free_wiped(c->p, c->len);
    *c = (struct xml_canonical){NULL, 0};
}

struct span xml_canonical_span(const struct xml_canonical *c)
{
    return (struct span){c->p, c->len};
}

static bool is_within(const xmlNode *n, const xmlNode *apex)
{
    while (n != NULL && n != apex)
        n = n->parent;
    return n == apex;
}

/* Attributes and declarations, whose struct differs, go with their element. */
static int is_visible(void *apex, xmlNode *node, xmlNode *parent)
{
    bool own =
        node->type == XML_NAMESPACE_DECL || node->type == XML_ATTRIBUTE_NODE;

    return is_within(own ? parent : node, apex);
}

static unsigned declarations(const xmlNode *n)
{
    unsigned count = 0;

    for (; n != NULL && n->type == XML_ELEMENT_NODE; n = n->parent)
        for (const xmlNs *ns = n->nsDef; ns != NULL; ns = ns->next)
            count++;
    return count;
}

/* Next in document order below apex; NULL at the end. */
static const xmlNode *next_within(const xmlNode *n, const xmlNode *apex)
{
    if (n->type == XML_ELEMENT_NODE && n->children != NULL)
        return n->children;
    while (n != apex && n->next == NULL)
        n = n->parent;
    return n != apex ? n->next : NULL;
}

static enum mu_err check_scope(const struct xml_element *e, const xmlNode *apex)
{
    for (const xmlNode *n = apex; n != NULL; n = next_within(n, apex))
        if (n->type == XML_ELEMENT_NODE && n->nsDef != NULL &&
            declarations(n) > XML_IN_SCOPE_MAX)
            return xml_refuse(
                e, MU_E_NO_SPACE, "declares too many name spaces");
    return declarations(apex) > XML_IN_SCOPE_MAX
               ? xml_refuse(e, MU_E_NO_SPACE, "declares too many name spaces")
               : MU_OK;
}

static void buffer_close(xmlOutputBuffer **buffer)
{
    if (*buffer != NULL)
        (void)xmlOutputBufferClose(*buffer);
}

/* Faults are told at e, which node is or lies in. */
static enum mu_err canonical(
    const struct xml_element *e, xmlNode *node, struct xml_canonical *out)
{
    MU_CLEANUP(buffer_close) xmlOutputBuffer *buffer = NULL;
    struct xml_canonical c;
    int done = -1;

    TRY(check_scope(e, node));
    (void)xml_starved();
    buffer = xmlAllocOutputBuffer(NULL);
    if (buffer != NULL)
        done = xmlC14NExecute(
            node->doc, is_visible, node, XML_C14N_1_0, NULL, 0, buffer);
    if (xml_starved() || buffer == NULL)
        return xml_refuse(e, MU_E_NO_MEMORY, "out of memory");
    if (done < 0)
        return xml_refuse(e, MU_E_MALFORMED, "has no canonical form");
    c.len = xmlOutputBufferGetSize(buffer);
    c.p = mu_alloc(c.len);
    if (c.p == NULL)
        return xml_refuse(e, MU_E_NO_MEMORY, "out of memory");
    memcpy(c.p, xmlOutputBufferGetContent(buffer), c.len);
    *out = c;
    return MU_OK;
}

enum mu_err xml_canonical_of(
    const struct xml_element *e, struct xml_canonical *out)
{
    return canonical(e, xml_element_node(e), out);
}

enum mu_err xml_canonical_child(
    const struct xml_element *e, struct xml_canonical *out)
{
    xmlNode *child = xml_element_node(e)->children;

    while (child != NULL && child->type != XML_ELEMENT_NODE)
        child = child->next;
    return child != NULL ? canonical(e, child, out) : MU_E_NOT_FOUND;
}

enum mu_err xml_sha256(struct span octets, uint8_t out[XML_SHA256_LEN])
{
    if (EVP_Digest(octets.p, octets.len, out, NULL, EVP_sha256(), NULL) != 1)
        return MU_E_CRYPTO;
    return MU_OK;
}
