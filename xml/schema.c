/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/schema.h"

#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <string.h>

static void free_compiler(xmlSchemaParserCtxt **compiler)
{
    xmlSchemaFreeParserCtxt(*compiler);
}

static void free_validator(xmlSchemaValidCtxt **validator)
{
    xmlSchemaFreeValidCtxt(*validator);
}

void xml_schema_free(xmlSchema **schema)
{
    xmlSchemaFree(*schema);
}

static void ignore(void *ctx, xmlErrorPtr error)
{
    (void)ctx;
    (void)error;
}

static enum mu_err compile(struct span text, xmlSchema **out)
{
    MU_CLEANUP(free_compiler)
    xmlSchemaParserCtxt *compiler =
        xmlSchemaNewMemParserCtxt((const char *)text.p, (int)text.len);
    MU_CLEANUP(xml_schema_free) xmlSchema *schema = NULL;

    if (compiler == NULL)
        return MU_E_NO_MEMORY;
    xmlSchemaSetParserStructuredErrors(compiler, ignore, NULL);
    schema = xmlSchemaParse(compiler);
    if (xml_starved())
        return MU_E_NO_MEMORY;
    if (schema == NULL)
        return MU_E_MALFORMED;
    *out = schema;
    schema = NULL;
    return MU_OK;
}

enum mu_err xml_schema_new(
    const struct xml_file *files, size_t count, xmlSchema **out)
{
    enum mu_err err;

    (void)xml_starved();
    xml_library_serve(files, count);
    err = compile(files[0].text, out);
    xml_library_serve(NULL, 0);
    return err;
}

struct finding {
    struct xml_fault *fault;
    char *message;
};

/*
 * libxml2 says "Element '{ns}name': This element is not expected. Expected is
 * ( {ns}other )." The name is in the fault's path, with those around it; the
 * rest, without name spaces, is for people, and may quote what strangers wrote.
 */
static void keep_message(const char *message, char *out)
{
    const char *rest = strstr(message, "': ");
    bool in_ns = false;
    size_t at = 0;

    if (rest != NULL)
        message = rest + 3;
    for (; *message != '\0' && at < XML_SCHEMA_MESSAGE - 1; message++) {
        in_ns = *message == '{' || (in_ns && *message != '}');
        if (!in_ns && *message != '}' && *message != '\n')
            out[at++] =
                (char)(*message >= ' ' && *message < 0x7f ? *message : '?');
    }
    out[at] = '\0';
}

/* The first error; libxml2 goes on after it. */
static void on_error(void *ctx, xmlErrorPtr error)
{
    struct finding *f = ctx;
    const xmlNode *node = error->node;

    if (f->fault->err != MU_OK)
        return;
    if (node != NULL && node->type == XML_ATTRIBUTE_NODE)
        node = node->parent;
    if (node != NULL && node->type == XML_ELEMENT_NODE)
        (void)xml_fault_at(f->fault, MU_E_MALFORMED, "breaks the schema", node);
    else
        (void)xml_fault_whole(f->fault, MU_E_MALFORMED, "breaks the schema", 0);
    keep_message(error->message != NULL ? error->message : "", f->message);
}

enum mu_err xml_schema_check(xmlSchema *schema, xmlDoc *doc,
    struct xml_fault *fault, char message[XML_SCHEMA_MESSAGE])
{
    MU_CLEANUP(free_validator) xmlSchemaValidCtxt *validator = NULL;
    struct finding finding = {fault, message};
    int result;

    *fault = (struct xml_fault){.err = MU_OK};
    message[0] = '\0';
    (void)xml_starved();
    validator = xmlSchemaNewValidCtxt(schema);
    if (validator == NULL)
        return xml_fault_whole(fault, MU_E_NO_MEMORY, "out of memory", 0);
    xmlSchemaSetValidStructuredErrors(validator, on_error, &finding);
    result = xmlSchemaValidateDoc(validator, doc);
    if (xml_starved())
        return xml_fault_whole(fault, MU_E_NO_MEMORY, "out of memory", 0);
    if (result != 0 && fault->err == MU_OK)
        return xml_fault_whole(fault, MU_E_MALFORMED, "breaks the schema", 0);
    return fault->err;
}
