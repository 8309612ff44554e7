/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kms_form.h - what all documents of annex D.3.5 share: their name spaces and
 * the tag in which we begin each of them.
 */
#ifndef XML_KMS_FORM_H
#define XML_KMS_FORM_H

#include "xml/c14n.h"
#include "xml/kms_xml.h"
#include "xml/writer.h"

#define XML_NS_KMS "urn:3gpp:ns:mcsecKMSInterface:1.0"
#define XML_NS_XSI "http://www.w3.org/2001/XMLSchema-instance"
#define XML_NS_DS  "http://www.w3.org/2000/09/xmldsig#"

/*
 * Opens an element that can stand by itself, in a wrapper of its signature and
 * in a response: in each, the same two declarations are in scope, the name
 * space of the interface as the default and xsi, so that its canonical octets
 * are the same (xml/c14n.h). Attributes may follow.
 */
void xml_kms_open(struct xml_writer *x, const char *name);

/* For handlers: whether an element declares just these two. */
bool xml_kms_stands_alone(const struct xml_element *e);

/* Opens a key, xsi:type being "KeyContentType" or "EncKeyContentType". */
void xml_kms_open_key(struct xml_writer *x, const char *name, const char *type);

/* Whether an attribute xsi:type is this one, whatever its prefix. */
bool xml_kms_type_is(struct span attribute, const char *type);

/* ValidFrom and ValidTo, where there are any; Revoked. */
void xml_kms_put_validity(
    struct xml_writer *x, const struct xml_kms_origin *origin);
void xml_kms_put_revoked(
    struct xml_writer *x, const struct xml_kms_origin *origin);

#define XML_KMS_ID_MAX 128

/* For handlers: the attribute Id, 1..XML_KMS_ID_MAX of letters, digits and
 * "-._"; MU_E_MALFORMED otherwise. */
MU_MUST_CHECK enum mu_err xml_kms_id(
    const struct xml_element *e, struct span *out);

/* Whether an Id is of that form. */
bool xml_kms_id_fits(struct span id);

#endif
