/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/xcap_node.h"

/* Whether the element or one between it and top declares that prefix. */
static bool is_declared_below(const struct xml_xcap_element *element,
    const struct xml_xcap_element *top, struct span prefix)
{
    for (const struct xml_xcap_element *e = element; e != top; e = e->parent)
        for (const struct xml_xcap_attribute *a = e->attributes; a != NULL;
             a = a->next)
            if (a->declaration && span_eq(a->name.local, prefix))
                return true;
    return false;
}

static void add_declarations(const struct xml_xcap_tree *tree,
    const struct xml_xcap_element *element, struct buf *out)
{
    for (const struct xml_xcap_element *e = element->parent; e != NULL;
         e = e->parent)
        for (const struct xml_xcap_attribute *a = e->attributes; a != NULL;
             a = a->next)
            if (a->declaration &&
                !is_declared_below(element, e, a->name.local)) {
                buf_text(out, " ");
                buf_add(out, xml_xcap_octets(tree, a->whole));
            }
}

static void add_element(const struct xml_xcap_tree *tree,
    const struct xml_xcap_element *element, struct buf *out)
{
    const struct xml_range head = {element->whole.from, element->qname.to},
                           rest = {element->qname.to, element->whole.to};

    buf_add(out, xml_xcap_octets(tree, head));
    add_declarations(tree, element, out);
    buf_add(out, xml_xcap_octets(tree, rest));
}

enum mu_err xml_xcap_node(
    struct span text, const struct xml_xcap_uri *uri, struct buf *out)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    const struct xml_xcap_attribute *attribute;
    const struct xml_xcap_element *element;
    struct xml_xcap_tree tree;
    struct xml_fault fault;

    mu_arena_init(&arena, XML_XCAP_TREE_ARENA);
    TRY(xml_xcap_tree_read(text, &arena, &fault, &tree));
    element = xml_xcap_select(&tree, uri, uri->steps);
    if (element == NULL)
        return MU_E_NOT_FOUND;
    switch (uri->kind) {
    case XML_XCAP_AT_ELEMENT:
        add_element(&tree, element, out);
        return out->err;
    case XML_XCAP_AT_ATTRIBUTE:
        attribute = xml_xcap_attribute_of(element, &uri->attribute);
        if (attribute == NULL)
            return MU_E_NOT_FOUND;
        buf_add(out, attribute->value);
        return out->err;
    case XML_XCAP_AT_DOCUMENT:
    case XML_XCAP_AT_NAMESPACES:
        break;
    }
    return MU_E_UNSUPPORTED;
}
