/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/xcap_tree.h"

#include <assert.h>
#include <libxml/tree.h>
#include <string.h>

#include "xml/resolve.h"

#define NS_XML "http://www.w3.org/XML/1998/namespace"

/*
 * The lexer. The text is well-formed, so each construct ends where its
 * delimiter stands; should one not, that is MU_E_MALFORMED and no octet past
 * the text is looked at.
 */
struct lexer {
    struct mu_arena *arena;
    struct xml_xcap_tree *tree;
    size_t at;
    struct xml_xcap_element *open; /* innermost; NULL outside the root */
    struct mu_arena_list asides;
    /* Declarations in scope, the innermost last; one element's are taken off
     * when it ends. */
    const struct xml_xcap_attribute *scope[XML_XCAP_SCOPE_MAX];
    size_t scope_len;
};

static uint8_t octet(const struct lexer *x)
{
    return x->at < x->tree->text.len ? x->tree->text.p[x->at] : 0;
}

static bool looking_at(const struct lexer *x, const char *what)
{
    size_t len = strlen(what);

    return x->tree->text.len - x->at >= len &&
           memcmp(x->tree->text.p + x->at, what, len) == 0;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(struct lexer *x)
{
    while (is_blank(octet(x)))
        x->at++;
}

/* Behind the next occurrence of what. */
static enum mu_err skip_past(struct lexer *x, const char *what)
{
    while (x->at < x->tree->text.len) {
        const uint8_t *next =
            memchr(x->tree->text.p + x->at, what[0], x->tree->text.len - x->at);

        if (next == NULL)
            break;
        x->at = (size_t)(next - x->tree->text.p);
        if (looking_at(x, what)) {
            x->at += strlen(what);
            return MU_OK;
        }
        x->at++;
    }
    return MU_E_MALFORMED;
}

static struct xml_range range_from(const struct lexer *x, size_t from)
{
    return (struct xml_range){(uint32_t)from, (uint32_t)x->at};
}

struct span xml_xcap_octets(
    const struct xml_xcap_tree *tree, struct xml_range range)
{
    assert(range.from <= range.to && range.to <= tree->text.len);
    return (struct span){tree->text.p + range.from, range.to - range.from};
}

/* The delimiters do not overlap: "<!-->" is the beginning of a comment. */
static enum mu_err read_aside(
    struct lexer *x, const char *begin, const char *end)
{
    size_t from = x->at;
    struct xml_range *aside;

    x->at += strlen(begin);
    TRY(skip_past(x, end));
    aside = mu_arena_list_add(x->arena, &x->asides, sizeof(*aside));
    if (aside == NULL)
        return mu_arena_err(x->arena);
    *aside = range_from(x, from);
    return MU_OK;
}

/* A name in a tag: up to what cannot be in one. */
static enum mu_err read_qname(struct lexer *x, struct xml_range *out)
{
    size_t from = x->at;

    while (x->at < x->tree->text.len && !is_blank(octet(x)) &&
           octet(x) != '=' && octet(x) != '/' && octet(x) != '>')
        x->at++;
    *out = range_from(x, from);
    return x->at > from ? MU_OK : MU_E_MALFORMED;
}

/* The prefix, empty if there is none, and what follows it. */
static void split_qname(
    struct span qname, struct span *prefix, struct span *local)
{
    const uint8_t *colon = memchr(qname.p, ':', qname.len);

    *prefix = span_str("");
    *local = qname;
    if (colon == NULL)
        return;
    prefix->p = qname.p;
    prefix->len = (size_t)(colon - qname.p);
    local->p = colon + 1;
    local->len = qname.len - prefix->len - 1;
}

static enum mu_err read_attribute(
    struct lexer *x, struct xml_xcap_attribute **out)
{
    struct xml_xcap_attribute *a = mu_arena_alloc(x->arena, 1, sizeof(*a));
    struct xml_range qname;
    size_t from = x->at;
    char quote[2] = "";
    struct span prefix;

    TRY(mu_arena_err(x->arena));
    TRY(read_qname(x, &qname));
    TRY(skip_past(x, "="));
    skip_blanks(x);
    quote[0] = (char)octet(x);
    if (quote[0] != '"' && quote[0] != '\'')
        return MU_E_MALFORMED;
    x->at++;
    a->raw.from = (uint32_t)x->at;
    TRY(skip_past(x, quote));
    a->raw.to = (uint32_t)x->at - 1;
    a->whole = range_from(x, from);
    split_qname(xml_xcap_octets(x->tree, qname), &prefix, &a->name.local);
    a->name.ns = prefix; /* until the whole tag is read */
    a->declaration = span_eq(prefix, span_str("xmlns"));
    if (prefix.len == 0 && span_eq(a->name.local, span_str("xmlns"))) {
        a->declaration = true;
        a->name.local = span_str("");
    }
    *out = a;
    return xml_resolve(x->arena, xml_xcap_octets(x->tree, a->raw), &a->value);
}

static enum mu_err declare(struct lexer *x, const struct xml_xcap_attribute *a)
{
    if (x->scope_len == XML_XCAP_SCOPE_MAX)
        return MU_E_NO_SPACE;
    x->scope[x->scope_len++] = a;
    return MU_OK;
}

static enum mu_err find_ns(
    const struct lexer *x, struct span prefix, struct span *out)
{
    for (size_t i = x->scope_len; i > 0; i--)
        if (span_eq(x->scope[i - 1]->name.local, prefix)) {
            *out = x->scope[i - 1]->value;
            return MU_OK;
        }
    *out = span_eq(prefix, span_str("xml")) ? span_str(NS_XML) : span_str("");
    return prefix.len == 0 || out->len > 0 ? MU_OK : MU_E_MALFORMED;
}

/* Names of a tag, after its declarations: an attribute without a prefix is in
 * no name space, whatever the default is. */
static enum mu_err resolve_names(struct lexer *x, struct xml_xcap_element *e)
{
    struct span prefix;

    split_qname(xml_xcap_octets(x->tree, e->qname), &prefix, &e->name.local);
    TRY(find_ns(x, prefix, &e->name.ns));
    for (struct xml_xcap_attribute *a = e->attributes; a != NULL; a = a->next)
        if (!a->declaration && a->name.ns.len > 0)
            TRY(find_ns(x, a->name.ns, &a->name.ns));
    return MU_OK;
}

static enum mu_err read_attributes(struct lexer *x, struct xml_xcap_element *e)
{
    struct xml_xcap_attribute **end = &e->attributes;

    for (skip_blanks(x); octet(x) != '>' && octet(x) != '/'; skip_blanks(x)) {
        TRY(read_attribute(x, end));
        if ((*end)->declaration)
            TRY(declare(x, *end));
        end = &(*end)->next;
    }
    return resolve_names(x, e);
}

static void append(struct lexer *x, struct xml_xcap_element *e)
{
    struct xml_xcap_element *parent = x->open;

    e->parent = parent;
    if (parent == NULL)
        x->tree->root = e;
    else if (parent->last == NULL)
        parent->first = parent->last = e;
    else
        parent->last = parent->last->next = e;
    x->tree->elements++;
}

static void end_scope(struct lexer *x, const struct xml_xcap_element *e)
{
    for (const struct xml_xcap_attribute *a = e->attributes; a != NULL;
         a = a->next)
        x->scope_len -= a->declaration;
}

static enum mu_err read_start(struct lexer *x)
{
    struct xml_xcap_element *e = mu_arena_alloc(x->arena, 1, sizeof(*e));
    size_t from = x->at++;

    TRY(mu_arena_err(x->arena));
    TRY(read_qname(x, &e->qname));
    TRY(read_attributes(x, e));
    e->empty_tag = octet(x) == '/';
    TRY(skip_past(x, ">"));
    e->tag = e->whole = range_from(x, from);
    e->content = (struct xml_range){e->tag.to, e->tag.to};
    append(x, e);
    if (e->empty_tag)
        end_scope(x, e);
    else
        x->open = e;
    return MU_OK;
}

static enum mu_err read_end(struct lexer *x)
{
    struct xml_xcap_element *e = x->open;

    if (e == NULL)
        return MU_E_MALFORMED;
    e->content.to = (uint32_t)x->at;
    TRY(skip_past(x, ">"));
    e->whole.to = (uint32_t)x->at;
    end_scope(x, e);
    x->open = e->parent;
    return MU_OK;
}

/* One construct that begins with '<'. */
static enum mu_err read_markup(struct lexer *x)
{
    if (looking_at(x, "<!--"))
        return read_aside(x, "<!--", "-->");
    if (looking_at(x, "<?"))
        return read_aside(x, "<?", "?>");
    if (looking_at(x, "<![CDATA["))
        return skip_past(x, "]]>");
    if (looking_at(x, "</"))
        return read_end(x);
    return read_start(x);
}

static enum mu_err lex(struct lexer *x)
{
    const uint8_t *text = x->tree->text.p;
    size_t len = x->tree->text.len;

    for (;;) {
        const uint8_t *next =
            x->at < len ? memchr(text + x->at, '<', len - x->at) : NULL;

        if (next == NULL)
            break;
        x->at = (size_t)(next - text);
        TRY(read_markup(x));
    }
    return x->open == NULL && x->tree->root != NULL ? MU_OK : MU_E_MALFORMED;
}

/* The tree proper is not needed, only its being accepted. */
static enum mu_err accept(struct span text, struct xml_fault *fault)
{
    static const struct xml_limits limits = {
        XML_XCAP_DOCUMENT_MAX, XML_XCAP_ELEMENTS_MAX, XML_XCAP_DEPTH_MAX};
    MU_CLEANUP(xml_parse_free) xmlDoc *doc = NULL;

    return xml_parse(&limits, text, fault, &doc);
}

enum mu_err xml_xcap_tree_read(struct span text, struct mu_arena *arena,
    struct xml_fault *fault, struct xml_xcap_tree *out)
{
    struct xml_xcap_tree tree = {.text = text};
    struct lexer x = {.arena = arena, .tree = &tree};
    enum mu_err err;

    TRY(accept(text, fault));
    err = lex(&x);
    if (err != MU_OK)
        return xml_fault_whole(fault, err, "is beyond what XCAP edits", 0);
    tree.asides = x.asides.at;
    tree.aside_count = x.asides.len;
    *out = tree;
    return MU_OK;
}

bool xml_xcap_name_eq(
    const struct xml_xcap_name *a, const struct xml_xcap_name *b)
{
    return span_eq(a->local, b->local) && span_eq(a->ns, b->ns);
}

const struct xml_xcap_attribute *xml_xcap_attribute_of(
    const struct xml_xcap_element *element, const struct xml_xcap_name *name)
{
    for (const struct xml_xcap_attribute *a = element->attributes; a != NULL;
         a = a->next)
        if (!a->declaration && xml_xcap_name_eq(&a->name, name))
            return a;
    return NULL;
}

bool xml_xcap_step_names(
    const struct xml_xcap_step *step, const struct xml_xcap_element *element)
{
    return step->any || xml_xcap_name_eq(&step->name, &element->name);
}

static bool has_attribute(
    const struct xml_xcap_step *step, const struct xml_xcap_element *e)
{
    const struct xml_xcap_attribute *a;

    if (!step->has_attribute)
        return true;
    a = xml_xcap_attribute_of(e, &step->attribute);
    return a != NULL && span_eq(a->value, step->value);
}

/* Among first and the siblings behind it. A position counts the elements of
 * the name, before the attribute is looked at, as in XPath. */
static struct xml_xcap_element *select_step(
    const struct xml_xcap_step *step, struct xml_xcap_element *first)
{
    struct xml_xcap_element *found = NULL;
    unsigned position = 0;

    for (struct xml_xcap_element *e = first; e != NULL; e = e->next) {
        if (!xml_xcap_step_names(step, e))
            continue;
        if (step->position != 0 && ++position != step->position)
            continue;
        if (!has_attribute(step, e))
            continue;
        if (found != NULL)
            return NULL;
        found = e;
    }
    return found;
}

struct xml_xcap_element *xml_xcap_select(const struct xml_xcap_tree *tree,
    const struct xml_xcap_uri *uri, size_t steps)
{
    struct xml_xcap_element *e = NULL;

    for (size_t i = 0; i < steps; i++) {
        e = select_step(&uri->step[i], i == 0 ? tree->root : e->first);
        if (e == NULL)
            return NULL;
    }
    return e;
}

static bool is_shadowed(const struct xml_xcap_attribute *declaration,
    const struct xml_xcap_attribute *const *nearer, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (span_eq(nearer[i]->name.local, declaration->name.local))
            return true;
    return false;
}

size_t xml_xcap_scope(const struct xml_xcap_element *element,
    const struct xml_xcap_attribute *out[XML_XCAP_SCOPE_MAX])
{
    size_t count = 0;

    for (const struct xml_xcap_element *e = element; e != NULL; e = e->parent)
        for (const struct xml_xcap_attribute *a = e->attributes; a != NULL;
             a = a->next)
            if (a->declaration && !is_shadowed(a, out, count) &&
                count < XML_XCAP_SCOPE_MAX)
                out[count++] = a;
    return count;
}
