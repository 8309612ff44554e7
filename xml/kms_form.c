/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/kms_form.h"

#include <libxml/tree.h>
#include <string.h>

void xml_kms_open(struct xml_writer *x, const char *name)
{
    xml_open(x, name);
    xml_attribute_text(x, "xmlns", XML_NS_KMS);
    xml_attribute_text(x, "xmlns:xsi", XML_NS_XSI);
}

static bool is_ours(const xmlNs *ns)
{
    const char *href = (const char *)ns->href;

    if (ns->prefix == NULL)
        return strcmp(href, XML_NS_KMS) == 0;
    return strcmp((const char *)ns->prefix, "xsi") == 0 &&
           strcmp(href, XML_NS_XSI) == 0;
}

/* Two different declarations, since a prefix cannot be declared twice. */
bool xml_kms_stands_alone(const struct xml_element *e)
{
    unsigned count = 0;

    for (const xmlNs *ns = xml_element_node(e)->nsDef; ns != NULL;
         ns = ns->next, count++)
        if (!is_ours(ns))
            return false;
    return count == 2;
}

static bool fits(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool xml_kms_id_fits(struct span id)
{
    for (size_t i = 0; i < id.len; i++)
        if (!fits(id.p[i]))
            return false;
    return id.len > 0 && id.len <= XML_KMS_ID_MAX;
}

enum mu_err xml_kms_id(const struct xml_element *e, struct span *out)
{
    struct span id = xml_attribute(e, NULL, "Id");

    if (!xml_kms_id_fits(id))
        return xml_refuse(e, MU_E_MALFORMED, "has no usable Id");
    *out = id;
    return MU_OK;
}
