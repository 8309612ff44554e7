/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/reader.h"

#include <assert.h>
#include <libxml/tree.h>
#include <string.h>

#include "xml/parse.h"

struct xml_element {
    const struct xml_table *table;
    const struct xml_rule *rule;
    xmlNode *node;
    void *to;
    struct xml_fault *fault;
};

enum mu_err xml_refuse(
    const struct xml_element *e, enum mu_err err, const char *why)
{
    return xml_fault_at(e->fault, err, why, e->node);
}

xmlNode *xml_element_node(const struct xml_element *e)
{
    return e->node;
}

/* Of a rule's parent, an element lacks the child that the rule demands. */
static enum mu_err refuse_without(
    const struct xml_element *e, const struct xml_rule *rule)
{
    (void)xml_refuse(e, MU_E_MALFORMED, "is missing");
    xml_fault_below(e->fault, rule->name);
    return MU_E_MALFORMED;
}

static const char *namespace_of(const xmlNode *node)
{
    return node->ns != NULL ? (const char *)node->ns->href : "";
}

static bool same_or_null(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool matches(const struct xml_table *table, const struct xml_rule *rule,
    const char *parent, const xmlNode *node)
{
    const char *ns = rule->ns != NULL ? rule->ns : table->ns;

    return node->type == XML_ELEMENT_NODE &&
           same_or_null(rule->parent, parent) &&
           strcmp(rule->name, (const char *)node->name) == 0 &&
           strcmp(ns, namespace_of(node)) == 0;
}

static const struct xml_rule *find_rule(
    const struct xml_table *table, const char *parent, const xmlNode *node)
{
    for (size_t i = 0; i < table->count; i++)
        if (matches(table, &table->rules[i], parent, node))
            return &table->rules[i];
    return NULL;
}

static bool is_container(const struct xml_element *e)
{
    for (size_t i = 0; i < e->table->count; i++)
        if (same_or_null(e->table->rules[i].parent, e->rule->name))
            return true;
    return false;
}

static enum mu_err check_occurrence(
    const struct xml_element *e, const struct xml_rule *rule)
{
    unsigned count = 0;

    for (xmlNode *n = e->node->children; n != NULL; n = n->next) {
        if (!matches(e->table, rule, e->rule->name, n))
            continue;
        if (++count > rule->most)
            return xml_fault_at(
                e->fault, MU_E_MALFORMED, "occurs too often", n);
    }
    return count < rule->least ? refuse_without(e, rule) : MU_OK;
}

/* Before any child is entered, so that handlers may rely on the counts. */
static enum mu_err check_container(const struct xml_element *e)
{
    for (xmlNode *n = e->node->children; n != NULL; n = n->next)
        if (n->type != XML_ELEMENT_NODE && xmlIsBlankNode(n) != 1)
            return xml_refuse(
                e, MU_E_MALFORMED, "has text between its elements");
    for (size_t i = 0; i < e->table->count; i++)
        if (same_or_null(e->table->rules[i].parent, e->rule->name))
            TRY(check_occurrence(e, &e->table->rules[i]));
    return MU_OK;
}

static enum mu_err check_leaf(const struct xml_element *e)
{
    for (xmlNode *n = e->node->children; n != NULL; n = n->next)
        if (n->type != XML_TEXT_NODE)
            return xml_fault_at(
                e->fault, MU_E_MALFORMED, "is not expected in a text", n);
    return MU_OK;
}

static enum mu_err check_stranger(
    const struct xml_element *parent, const xmlNode *node)
{
    const struct xml_table *table = parent->table;
    bool own = strcmp(namespace_of(node), table->ns) == 0;

    if (own ? table->skip_unknown : table->skip_foreign)
        return MU_OK;
    return xml_fault_at(parent->fault, MU_E_MALFORMED, "is not expected", node);
}

static enum mu_err call(const struct xml_element *e,
    enum mu_err (*handler)(void *to, const struct xml_element *e))
{
    enum mu_err err = handler != NULL ? handler(e->to, e) : MU_OK;

    if (err != MU_OK && e->fault->err == MU_OK)
        return xml_refuse(e, err, mu_err_name(err));
    return err;
}

/* *next: the first child to visit, or NULL. */
static enum mu_err enter(const struct xml_element *e, xmlNode **next)
{
    *next = NULL;
    if (is_container(e)) {
        TRY(check_container(e));
        *next = e->node->children;
        return call(e, e->rule->enter);
    }
    TRY(call(e, e->rule->enter));
    return e->rule->enter != NULL ? check_leaf(e) : MU_OK;
}

/* One open element a level; the tree itself was checked against depth_max. */
struct level {
    struct xml_element e;
    xmlNode *next;
};

static enum mu_err push(struct level *level, const struct xml_element *parent,
    xmlNode *node, const struct xml_rule *rule)
{
    level->e = *parent;
    level->e.node = node;
    level->e.rule = rule;
    return enter(&level->e, &level->next);
}

/* Visits the next child of *level; *depth goes down when there was none. */
static enum mu_err step(struct level *level, unsigned *depth)
{
    xmlNode *node = level->next;
    const struct xml_rule *rule;

    if (node == NULL) {
        (*depth)--;
        return call(&level->e, level->e.rule->leave);
    }
    level->next = node->next;
    if (node->type != XML_ELEMENT_NODE)
        return MU_OK;
    rule = find_rule(level->e.table, level->e.rule->name, node);
    if (rule == NULL)
        return check_stranger(&level->e, node);
    (*depth)++;
    return push(level + 1, &level->e, node, rule);
}

static enum mu_err walk(const struct xml_element *root)
{
    struct level stack[XML_DEPTH_MAX];
    unsigned depth = 1;

    TRY(push(&stack[0], root, root->node, root->rule));
    while (depth > 0)
        TRY(step(&stack[depth - 1], &depth));
    return MU_OK;
}

enum mu_err xml_read_tree(const struct xml_table *table, xmlDoc *doc, void *to,
    struct xml_fault *fault)
{
    struct xml_element root = {.table = table, .to = to, .fault = fault};

    assert(table->limits.depth <= XML_DEPTH_MAX);
    *fault = (struct xml_fault){.err = MU_OK};
    root.node = xmlDocGetRootElement(doc);
    root.rule = find_rule(table, NULL, root.node);
    if (root.rule == NULL)
        return xml_refuse(
            &root, MU_E_MALFORMED, "is not a document of this kind");
    return walk(&root);
}

enum mu_err xml_read(const struct xml_table *table, struct span text, void *to,
    struct xml_fault *fault)
{
    MU_CLEANUP(xml_parse_free) xmlDoc *doc = NULL;

    *fault = (struct xml_fault){.err = MU_OK};
    TRY(xml_parse(&table->limits, text, fault, &doc));
    return xml_read_tree(table, doc, to, fault);
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span xml_text(const struct xml_element *e)
{
    const xmlNode *n = e->node->children;
    struct span text = span_str("");

    if (n == NULL || n->type != XML_TEXT_NODE || n->next != NULL)
        return text;
    text = span_str((const char *)n->content);
    while (text.len > 0 && is_blank(text.p[text.len - 1]))
        text.len--;
    while (text.len > 0 && is_blank(text.p[0])) {
        text.p++;
        text.len--;
    }
    return text;
}

struct span xml_attribute(
    const struct xml_element *e, const char *ns, const char *name)
{
    for (const xmlAttr *a = e->node->properties; a != NULL; a = a->next) {
        const char *its = a->ns != NULL ? (const char *)a->ns->href : NULL;

        if (strcmp((const char *)a->name, name) != 0 || !same_or_null(its, ns))
            continue;
        if (a->children == NULL)
            return span_str("");
        return span_str((const char *)a->children->content);
    }
    return (struct span){NULL, 0};
}
