/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/xcap_edit.h"

#include <string.h>

#include "xml/utf8.h"

#define NS_XML "http://www.w3.org/XML/1998/namespace"

/* A change under way. */
struct edit {
    const struct xml_xcap_uri *uri;
    struct mu_arena *arena;
    struct xml_xcap_refusal *why;
    struct xml_xcap_tree tree; /* of the text as it is */
};

static enum mu_err refuse(
    struct edit *e, enum xml_xcap_error_kind kind, const char *why)
{
    *e->why = (struct xml_xcap_refusal){.kind = kind, .why = why};
    return MU_E_DENIED;
}

static enum mu_err refuse_without_parent(struct edit *e, size_t steps)
{
    while (steps > 0 && xml_xcap_select(&e->tree, e->uri, steps) == NULL)
        steps--;
    (void)refuse(e, XML_XCAP_NO_PARENT,
        "the element around it is not there, or there are several");
    e->why->ancestor = steps;
    return MU_E_DENIED;
}

/* Several octet strings as one, in the arena. */
static enum mu_err join(struct mu_arena *arena, const struct span *pieces,
    size_t count, struct span *out)
{
    size_t len = 0;
    uint8_t *octets;
    struct wr w;

    for (size_t i = 0; i < count; i++)
        len += pieces[i].len;
    octets = mu_arena_alloc(arena, len + 1, 1);
    TRY(mu_arena_err(arena));
    wr_init(&w, octets, len);
    for (size_t i = 0; i < count; i++)
        wr_span(&w, pieces[i]);
    return wr_close(&w, out);
}

/* The text with range replaced. */
static enum mu_err splice(const struct edit *e, struct xml_range range,
    struct span by, struct span *out)
{
    const struct span text = e->tree.text;
    const struct span pieces[] = {
        {text.p, range.from}, by, {text.p + range.to, text.len - range.to}};

    return join(e->arena, pieces, 3, out);
}

/*
 * Reads what came of a change. The old text was well-formed and the new piece
 * by itself as well, so this fails beyond a limit only; or where an attribute
 * would have a name that is none.
 */
static enum mu_err read_result(
    struct edit *e, struct span text, struct xml_xcap_tree *out)
{
    struct xml_fault fault;
    enum mu_err err = xml_xcap_tree_read(text, e->arena, &fault, out);

    if (err == MU_E_MALFORMED)
        return refuse(e, XML_XCAP_CANNOT_INSERT, "the result is not XML");
    return err;
}

static bool is_blank(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr(" \t\r\n", text.p[i]) == NULL || text.p[i] == '\0')
            return false;
    return true;
}

/*
 * "<w xmlns:p='...'>": an element that declares what is in scope at the place
 * where a fragment is put (RFC 4825 clause 8.2.1), so that the hardened parser
 * can judge the fragment alone. A fragment cannot break out of it: the text
 * would have a second root.
 */
static enum mu_err wrap(struct edit *e, const struct xml_xcap_element *parent,
    struct span body, struct span *out)
{
    const struct xml_xcap_attribute *scope[XML_XCAP_SCOPE_MAX];
    struct span pieces[2 * XML_XCAP_SCOPE_MAX + 4];
    size_t count = xml_xcap_scope(parent, scope), at = 0;

    pieces[at++] = span_str("<w");
    for (size_t i = 0; i < count; i++) {
        pieces[at++] = span_str(" ");
        pieces[at++] = xml_xcap_octets(&e->tree, scope[i]->whole);
    }
    pieces[at++] = span_str(">");
    pieces[at++] = body;
    pieces[at++] = span_str("</w>");
    return join(e->arena, pieces, at, out);
}

/* What the parser said of a body in its wrapper. */
static enum mu_err refuse_body(struct edit *e, struct span body,
    enum xml_xcap_error_kind kind, const struct xml_fault *fault)
{
    if (!xml_is_utf8(body))
        return refuse(e, XML_XCAP_NOT_UTF8, "is not UTF-8");
    (void)refuse(e, kind, fault->why);
    e->why->at = *fault;
    return MU_E_DENIED;
}

/* The one element in the body. */
static enum mu_err read_fragment(struct edit *e,
    const struct xml_xcap_element *parent, struct span body, struct span *out)
{
    struct xml_xcap_tree tree;
    struct xml_fault fault;
    struct xml_range before, after;
    struct span wrapped;
    enum mu_err err;

    TRY(wrap(e, parent, body, &wrapped));
    err = xml_xcap_tree_read(wrapped, e->arena, &fault, &tree);
    if (err == MU_E_MALFORMED || err == MU_E_UNSUPPORTED)
        return refuse_body(e, body, XML_XCAP_NOT_XML_FRAG, &fault);
    if (err != MU_OK)
        return err;
    if (tree.root->first == NULL || tree.root->first != tree.root->last)
        return refuse(e, XML_XCAP_NOT_XML_FRAG, "is not one element");
    before = (struct xml_range){
        tree.root->content.from, tree.root->first->whole.from};
    after =
        (struct xml_range){tree.root->first->whole.to, tree.root->content.to};
    if (!is_blank(xml_xcap_octets(&tree, before)) ||
        !is_blank(xml_xcap_octets(&tree, after)))
        return refuse(
            e, XML_XCAP_NOT_XML_FRAG, "has more than an element in it");
    *out = xml_xcap_octets(&tree, tree.root->first->whole);
    return MU_OK;
}

/* RFC 4825 clause 8.2.5: a GET has to give back what was put. */
static enum mu_err check_element(
    struct edit *e, struct span text, struct span fragment)
{
    const struct xml_xcap_element *element;
    struct xml_xcap_tree tree;

    TRY(read_result(e, text, &tree));
    element = xml_xcap_select(&tree, e->uri, e->uri->steps);
    if (element == NULL ||
        !span_eq(xml_xcap_octets(&tree, element->whole), fragment))
        return refuse(e, XML_XCAP_CANNOT_INSERT,
            "the address would not select what was put there");
    return MU_OK;
}

static enum mu_err replace_element(struct edit *e,
    const struct xml_xcap_element *old, struct span body,
    struct xml_xcap_changed *out)
{
    struct span fragment, text;

    TRY(read_fragment(e, old->parent, body, &fragment));
    TRY(splice(e, old->whole, fragment, &text));
    TRY(check_element(e, text, fragment));
    *out = (struct xml_xcap_changed){text, false};
    return MU_OK;
}

/*
 * Where a new child stands (RFC 4825 clause 8.2.3): behind the last of its
 * name; with a position, behind the one before that position; else at the end.
 * false if the position lies beyond what it could have.
 */
static bool find_place(const struct xml_xcap_step *step,
    const struct xml_xcap_element *parent, uint32_t *place)
{
    unsigned before = 0;

    *place = parent->content.to;
    for (const struct xml_xcap_element *s = parent->first; s != NULL;
         s = s->next) {
        if (!xml_xcap_step_names(step, s))
            continue;
        if (step->position == before + 1) {
            if (before == 0)
                *place = s->whole.from;
            return true;
        }
        *place = s->whole.to;
        before++;
    }
    return step->position == 0 || step->position == before + 1;
}

/* Into <a/>, which becomes <a>...</a>. */
static enum mu_err fill_empty(struct edit *e,
    const struct xml_xcap_element *parent, struct span fragment,
    struct span *out)
{
    const struct span pieces[] = {span_str(">"), fragment, span_str("</"),
        xml_xcap_octets(&e->tree, parent->qname), span_str(">")};
    struct span by;

    TRY(join(e->arena, pieces, sizeof(pieces) / sizeof(pieces[0]), &by));
    return splice(
        e, (struct xml_range){parent->tag.to - 2, parent->tag.to}, by, out);
}

static enum mu_err insert_element(
    struct edit *e, struct span body, struct xml_xcap_changed *out)
{
    const size_t steps = e->uri->steps;
    const struct xml_xcap_element *parent =
        xml_xcap_select(&e->tree, e->uri, steps - 1);
    struct span fragment, text;
    uint32_t place;

    if (steps == 1)
        return refuse(
            e, XML_XCAP_CANNOT_INSERT, "a document has one root element");
    if (parent == NULL)
        return refuse_without_parent(e, steps - 1);
    TRY(read_fragment(e, parent, body, &fragment));
    if (!find_place(&e->uri->step[steps - 1], parent, &place))
        return refuse(e, XML_XCAP_CANNOT_INSERT,
            "the position is beyond the end of its siblings");
    if (parent->empty_tag)
        TRY(fill_empty(e, parent, fragment, &text));
    else
        TRY(splice(e, (struct xml_range){place, place}, fragment, &text));
    TRY(check_element(e, text, fragment));
    *out = (struct xml_xcap_changed){text, true};
    return MU_OK;
}

/*
 * The body as AttValue of XML 1.0, which is quoted one way or the other; the
 * old quotes are kept where they can be. By the hardened parser again: in
 * these quotes the body cannot end its value.
 */
static enum mu_err quote_value(
    struct edit *e, struct span body, char old, struct span *out)
{
    bool has_double = body.len > 0 && memchr(body.p, '"', body.len) != NULL;
    bool has_single = body.len > 0 && memchr(body.p, '\'', body.len) != NULL;
    bool single = old == '\'' ? !has_single : has_double;
    const char *quote = single ? "'" : "\"";
    const struct span pieces[] = {span_str("<w a="), span_str(quote), body,
        span_str(quote), span_str("/>")};
    struct xml_xcap_tree tree;
    struct xml_fault fault;
    struct span wrapped;
    enum mu_err err;

    if (has_double && has_single)
        return refuse(e, XML_XCAP_NOT_XML_ATT_VALUE,
            "has quotes of both kinds, and one has to be a reference");
    TRY(join(e->arena, pieces, 5, &wrapped));
    err = xml_xcap_tree_read(wrapped, e->arena, &fault, &tree);
    if (err == MU_E_MALFORMED || err == MU_E_UNSUPPORTED)
        return refuse_body(e, body, XML_XCAP_NOT_XML_ATT_VALUE, &fault);
    if (err != MU_OK)
        return err;
    return join(e->arena, pieces + 1, 3, out);
}

/* A prefix bound to ns at the element; an attribute has no default one. */
static bool find_prefix(
    const struct xml_xcap_element *element, struct span ns, struct span *out)
{
    const struct xml_xcap_attribute *scope[XML_XCAP_SCOPE_MAX];
    size_t count = xml_xcap_scope(element, scope);

    *out = span_str("xml");
    if (span_eq(ns, span_str(NS_XML)))
        return true;
    for (size_t i = 0; i < count; i++)
        if (scope[i]->name.local.len > 0 && span_eq(scope[i]->value, ns)) {
            *out = scope[i]->name.local;
            return true;
        }
    return false;
}

/* Behind the last attribute of the tag. */
static uint32_t attributes_end(const struct xml_xcap_element *element)
{
    uint32_t end = element->qname.to;

    for (const struct xml_xcap_attribute *a = element->attributes; a != NULL;
         a = a->next)
        end = a->whole.to;
    return end;
}

static enum mu_err add_attribute(struct edit *e,
    const struct xml_xcap_element *element, struct span quoted,
    struct span *out)
{
    const struct xml_xcap_name *name = &e->uri->attribute;
    const uint32_t end = attributes_end(element);
    struct span prefix = span_str(""), by;

    if (name->ns.len > 0 && !find_prefix(element, name->ns, &prefix))
        return refuse(e, XML_XCAP_CANNOT_INSERT,
            "the attribute's name space has no prefix there");
    {
        const struct span pieces[] = {span_str(" "), prefix,
            span_str(prefix.len > 0 ? ":" : ""), name->local, span_str("="),
            quoted};

        TRY(join(e->arena, pieces, 6, &by));
    }
    return splice(e, (struct xml_range){end, end}, by, out);
}

static enum mu_err check_attribute(
    struct edit *e, struct span text, struct span body)
{
    const struct xml_xcap_attribute *a = NULL;
    const struct xml_xcap_element *element;
    struct xml_xcap_tree tree;

    TRY(read_result(e, text, &tree));
    element = xml_xcap_select(&tree, e->uri, e->uri->steps);
    if (element != NULL)
        a = xml_xcap_attribute_of(element, &e->uri->attribute);
    if (a == NULL || !span_eq(xml_xcap_octets(&tree, a->raw), body))
        return refuse(e, XML_XCAP_CANNOT_INSERT,
            "the address would not select what was put there");
    return MU_OK;
}

static enum mu_err put_attribute(
    struct edit *e, struct span body, struct xml_xcap_changed *out)
{
    const struct xml_xcap_element *element =
        xml_xcap_select(&e->tree, e->uri, e->uri->steps);
    const struct xml_xcap_attribute *old;
    struct span quoted, text;
    char quote = '"';

    if (element == NULL)
        return refuse_without_parent(e, e->uri->steps);
    old = xml_xcap_attribute_of(element, &e->uri->attribute);
    if (old != NULL)
        quote = (char)e->tree.text.p[old->raw.to];
    TRY(quote_value(e, body, quote, &quoted));
    if (old != NULL)
        TRY(splice(e, (struct xml_range){old->raw.from - 1, old->raw.to + 1},
            quoted, &text));
    else
        TRY(add_attribute(e, element, quoted, &text));
    TRY(check_attribute(e, text, body));
    *out = (struct xml_xcap_changed){text, old == NULL};
    return MU_OK;
}

static enum mu_err begin(struct edit *e, struct span text)
{
    struct xml_fault fault;

    *e->why = (struct xml_xcap_refusal){.kind = XML_XCAP_NOT_WELL_FORMED};
    return xml_xcap_tree_read(text, e->arena, &fault, &e->tree);
}

enum mu_err xml_xcap_put(struct span text, const struct xml_xcap_uri *uri,
    struct span body, struct mu_arena *arena, struct xml_xcap_refusal *why,
    struct xml_xcap_changed *out)
{
    struct edit e = {.uri = uri, .arena = arena, .why = why};
    const struct xml_xcap_element *old;

    TRY(begin(&e, text));
    if (uri->kind == XML_XCAP_AT_ATTRIBUTE)
        return put_attribute(&e, body, out);
    old = xml_xcap_select(&e.tree, uri, uri->steps);
    return old != NULL ? replace_element(&e, old, body, out)
                       : insert_element(&e, body, out);
}

static enum mu_err delete_attribute(struct edit *e,
    const struct xml_xcap_element *element, struct xml_xcap_changed *out)
{
    const struct xml_xcap_attribute *a =
        xml_xcap_attribute_of(element, &e->uri->attribute);
    struct span text;

    if (a == NULL)
        return MU_E_NOT_FOUND;
    TRY(splice(e, a->whole, span_str(""), &text));
    *out = (struct xml_xcap_changed){text, false};
    return MU_OK;
}

/* RFC 4825 clause 8.4: a GET has to find nothing. */
static enum mu_err delete_element(struct edit *e,
    const struct xml_xcap_element *element, struct xml_xcap_changed *out)
{
    struct xml_xcap_tree tree;
    struct span text;

    if (element->parent == NULL)
        return refuse(
            e, XML_XCAP_CANNOT_DELETE, "a document needs its root element");
    TRY(splice(e, element->whole, span_str(""), &text));
    TRY(read_result(e, text, &tree));
    if (xml_xcap_select(&tree, e->uri, e->uri->steps) != NULL)
        return refuse(e, XML_XCAP_CANNOT_DELETE,
            "the address would then select a sibling");
    *out = (struct xml_xcap_changed){text, false};
    return MU_OK;
}

enum mu_err xml_xcap_delete(struct span text, const struct xml_xcap_uri *uri,
    struct mu_arena *arena, struct xml_xcap_refusal *why,
    struct xml_xcap_changed *out)
{
    struct edit e = {.uri = uri, .arena = arena, .why = why};
    const struct xml_xcap_element *element;

    TRY(begin(&e, text));
    element = xml_xcap_select(&e.tree, uri, uri->steps);
    if (element == NULL)
        return MU_E_NOT_FOUND;
    return uri->kind == XML_XCAP_AT_ATTRIBUTE
               ? delete_attribute(&e, element, out)
               : delete_element(&e, element, out);
}

/* An empty tag that declares all that is in scope (RFC 4825 clause 7.10). */
static enum mu_err get_bindings(const struct xml_xcap_tree *tree,
    const struct xml_xcap_element *element, struct mu_arena *arena,
    struct span *out)
{
    const struct xml_xcap_attribute *scope[XML_XCAP_SCOPE_MAX];
    struct span pieces[2 * XML_XCAP_SCOPE_MAX + 3];
    size_t count = xml_xcap_scope(element, scope), at = 0;

    pieces[at++] = span_str("<");
    pieces[at++] = xml_xcap_octets(tree, element->qname);
    for (size_t i = 0; i < count; i++) {
        if (scope[i]->value.len == 0)
            continue;
        pieces[at++] = span_str(" ");
        pieces[at++] = xml_xcap_octets(tree, scope[i]->whole);
    }
    pieces[at++] = span_str("/>");
    return join(arena, pieces, at, out);
}

enum mu_err xml_xcap_get(struct span text, const struct xml_xcap_uri *uri,
    struct mu_arena *arena, struct xml_fault *fault, struct span *out)
{
    const struct xml_xcap_element *element;
    const struct xml_xcap_attribute *a;
    struct xml_xcap_tree tree;

    TRY(xml_xcap_tree_read(text, arena, fault, &tree));
    element = xml_xcap_select(&tree, uri, uri->steps);
    if (element == NULL)
        return MU_E_NOT_FOUND;
    if (uri->kind == XML_XCAP_AT_NAMESPACES)
        return get_bindings(&tree, element, arena, out);
    if (uri->kind == XML_XCAP_AT_ELEMENT) {
        *out = xml_xcap_octets(&tree, element->whole);
        return MU_OK;
    }
    a = xml_xcap_attribute_of(element, &uri->attribute);
    if (a == NULL)
        return MU_E_NOT_FOUND;
    *out = xml_xcap_octets(&tree, a->raw);
    return MU_OK;
}
