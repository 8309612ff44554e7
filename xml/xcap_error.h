/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xcap_error.h - why an XCAP server refuses a change: the body of a 409 (RFC
 * 4825 clause 11). Schema of our own: xml/schema/xcap-error.xsd.
 */
#ifndef XML_XCAP_ERROR_H
#define XML_XCAP_ERROR_H

#include "base/bytes.h"

#define XML_XCAP_ERROR_NS   "urn:ietf:params:xml:ns:xcap-error"
#define XML_XCAP_ERROR_TYPE "application/xcap-error+xml"

enum xml_xcap_error_kind {
    XML_XCAP_NOT_WELL_FORMED,
    XML_XCAP_NOT_XML_FRAG,
    XML_XCAP_NO_PARENT,
    XML_XCAP_SCHEMA_VALIDATION,
    XML_XCAP_NOT_XML_ATT_VALUE,
    XML_XCAP_CANNOT_INSERT,
    XML_XCAP_CANNOT_DELETE,
    XML_XCAP_UNIQUENESS,
    XML_XCAP_CONSTRAINT,
    XML_XCAP_NOT_UTF8,
    XML_XCAP_ERRORS /* their number */
};

struct xml_xcap_error {
    enum xml_xcap_error_kind kind;
    struct span phrase;      /* for people; empty: left out. Octets that are
                                no printable ASCII are written as '?' */
    struct span ancestor;    /* of no-parent: URI of the closest ancestor that
                                is there; empty: left out */
    struct span field;       /* of uniqueness: "group/list-service/@uri" */
    const struct span *alts; /* of uniqueness: values that are free */
    size_t alt_count;
};

/* The element's name: "not-well-formed". Static storage. */
const char *xml_xcap_error_name(enum xml_xcap_error_kind kind);

/*
 * Writes the whole body. Returns MU_OK; MU_E_MALFORMED for an ancestor, field
 * or value that is no UTF-8; MU_E_NO_SPACE.
 */
MU_MUST_CHECK enum mu_err xml_xcap_error_write(
    struct wr *w, const struct xml_xcap_error *in);

#endif
