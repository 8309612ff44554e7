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

void xml_kms_open_key(struct xml_writer *x, const char *name, const char *type)
{
    xml_open(x, name);
    xml_attribute_text(x, "xsi:type", type);
}

bool xml_kms_type_is(struct span attribute, const char *type)
{
    for (size_t i = 0; i < attribute.len; i++)
        if (attribute.p[i] == ':') {
            attribute.p += i + 1;
            attribute.len -= i + 1;
            break;
        }
    return span_eq(attribute, span_str(type));
}

void xml_kms_put_validity(
    struct xml_writer *x, const struct xml_kms_origin *origin)
{
    if (origin->valid_from_s != 0)
        xml_leaf_time(x, "ValidFrom", origin->valid_from_s);
    if (origin->valid_to_s != XML_KMS_FOREVER)
        xml_leaf_time(x, "ValidTo", origin->valid_to_s);
}

void xml_kms_put_revoked(
    struct xml_writer *x, const struct xml_kms_origin *origin)
{
    xml_leaf(x, "Revoked", span_str(origin->revoked ? "true" : "false"));
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
