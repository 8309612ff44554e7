/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/group_schema.h"

#include <assert.h>
#include <libxml/hash.h>
#include <libxml/tree.h>
#include <string.h>

#include "xml/group_doc.h"
#include "xml/parse.h"

/* Files of the source tree, found as headers are. The NUL ends nothing; it
 * keeps who prints a schema in a debugger from running on. */
/* clang-format off */
#define SCHEMA(symbol, path)                                                  \
    __asm__(".section .rodata\n"                                              \
            ".globl " symbol "\n"                                             \
            ".type " symbol ", %object\n"                                     \
            symbol ":\n"                                                      \
            ".incbin \"xml/schema/" path "\"\n"                               \
            ".globl " symbol "_end\n"                                         \
            symbol "_end:\n"                                                  \
            ".byte 0\n"                                                       \
            ".previous\n")
/* clang-format on */

SCHEMA("xml_schema_group", "group.xsd");
SCHEMA("xml_schema_rl", "resource-lists.xsd");
SCHEMA("xml_schema_cp", "common-policy.xsd");
SCHEMA("xml_schema_oxe", "extensions.xsd");
SCHEMA("xml_schema_mcpttgi", "mcpttgi.xsd");

extern const uint8_t xml_schema_group[], xml_schema_group_end[];
extern const uint8_t xml_schema_rl[], xml_schema_rl_end[];
extern const uint8_t xml_schema_cp[], xml_schema_cp_end[];
extern const uint8_t xml_schema_oxe[], xml_schema_oxe_end[];
extern const uint8_t xml_schema_mcpttgi[], xml_schema_mcpttgi_end[];

static struct span between(const uint8_t *from, const uint8_t *to)
{
    return (struct span){from, (size_t)((uintptr_t)to - (uintptr_t)from)};
}

/* Made once by xml_group_init(), constant until xml_group_cleanup(). */
static struct _xmlSchema *schema;
static xmlHashTable *known; /* names that mcpttgi.xsd declares */

enum mu_err xml_group_schema_check(
    xmlDoc *doc, struct xml_fault *fault, char message[XML_SCHEMA_MESSAGE])
{
    assert(schema != NULL);
    return xml_schema_check(schema, doc, fault, message);
}

bool xml_group_knows(const char *name)
{
    return strncmp(name, "mcvideo-", 8) == 0 ||
           strncmp(name, "mcdata-", 7) == 0 ||
           xmlHashLookup(known, (const xmlChar *)name) != NULL;
}

/* The elements at the top of a schema: all of this name space are global. */
static enum mu_err collect_names(xmlDoc *doc, xmlHashTable *names)
{
    for (xmlNode *n = xmlDocGetRootElement(doc)->children; n != NULL;
         n = n->next) {
        xmlChar *name;

        if (n->type != XML_ELEMENT_NODE ||
            strcmp((const char *)n->name, "element") != 0)
            continue;
        name = xmlGetNoNsProp(n, (const xmlChar *)"name");
        if (name == NULL || xmlHashAddEntry(names, name, names) != 0) {
            xmlFree(name);
            return MU_E_NO_MEMORY;
        }
        xmlFree(name);
    }
    return MU_OK;
}

static enum mu_err learn_names(struct span text)
{
    static const struct xml_limits limits = {1 << 20, 4096, 32};
    MU_CLEANUP(xml_parse_free) xmlDoc *doc = NULL;
    struct xml_fault fault;

    TRY(xml_parse(&limits, text, &fault, &doc));
    known = xmlHashCreate(256);
    return known != NULL ? collect_names(doc, known) : MU_E_NO_MEMORY;
}

static enum mu_err make_all(void)
{
    const struct xml_file files[] = {
        {"group.xsd", between(xml_schema_group, xml_schema_group_end)},
        {"resource-lists.xsd", between(xml_schema_rl, xml_schema_rl_end)},
        {"common-policy.xsd", between(xml_schema_cp, xml_schema_cp_end)},
        {"extensions.xsd", between(xml_schema_oxe, xml_schema_oxe_end)},
        {"mcpttgi.xsd", between(xml_schema_mcpttgi, xml_schema_mcpttgi_end)},
    };
    const size_t count = sizeof(files) / sizeof(files[0]);

    TRY(xml_schema_new(files, count, &schema));
    return learn_names(files[count - 1].text);
}

enum mu_err xml_group_init(void)
{
    enum mu_err err = make_all();

    if (err != MU_OK)
        xml_group_cleanup();
    return err;
}

void xml_group_cleanup(void)
{
    xml_schema_free(&schema);
    schema = NULL;
    xmlHashFree(known, NULL);
    known = NULL;
}
