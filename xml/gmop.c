/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/gmop.h"

#include <libxml/tree.h>
#include <string.h>

#include "xml/reader.h"

/* A new operation is a row here, and a case for whoever serves it. */
static const struct {
    const char *name;
    enum xml_gmop op;
} operations[] = {
    {"get-excluding-memberlist", XML_GMOP_GET_EXCLUDING_MEMBERLIST},
    {"group-regroup-creation", XML_GMOP_REGROUP_CREATION},
};

static enum xml_gmop operation_of(const xmlNode *node)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        if (node->ns != NULL &&
            strcmp((const char *)node->ns->href, XML_GMOP_NS) == 0 &&
            strcmp((const char *)node->name, operations[i].name) == 0)
            return operations[i].op;
    return XML_GMOP_UNKNOWN;
}

/* A leaf for the table, so that what stands in an operation is nobody's. */
static enum mu_err leave_request(void *to, const struct xml_element *e)
{
    const xmlNode *operation = NULL;
    enum xml_gmop *out = to;

    for (const xmlNode *n = xml_element_node(e)->children; n != NULL;
         n = n->next) {
        if (n->type != XML_ELEMENT_NODE) {
            if (xmlIsBlankNode(n) == 1)
                continue;
            return xml_refuse(e, MU_E_MALFORMED, "holds text");
        }
        if (operation != NULL)
            return xml_refuse(
                e, MU_E_MALFORMED, "holds more than one operation");
        operation = n;
    }
    if (operation == NULL)
        return xml_refuse(e, MU_E_MALFORMED, "holds no operation");
    *out = operation_of(operation);
    return MU_OK;
}

static const struct xml_rule rules[] = {
    {NULL, "document", NULL, 0, 1, NULL, NULL},
    {"document", "request", NULL, 1, 1, NULL, leave_request},
};

static const struct xml_table table = {
    .ns = XML_GMOP_NS,
    .rules = rules,
    .count = sizeof(rules) / sizeof(rules[0]),
    .skip_foreign = true,
    .limits = {.octets = 4u << 20, .elements = 200000, .depth = 32},
};

enum mu_err xml_gmop_read(
    struct span text, struct xml_fault *fault, enum xml_gmop *out)
{
    enum xml_gmop op = XML_GMOP_UNKNOWN;

    TRY(xml_read(&table, text, &op, fault));
    *out = op;
    return MU_OK;
}
