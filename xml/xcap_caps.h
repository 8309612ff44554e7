/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xcap_caps.h - what an XCAP server serves: the document xcap-caps/global/index
 * (RFC 4825 clause 12). Schema of our own: xml/schema/xcap-caps.xsd.
 */
#ifndef XML_XCAP_CAPS_H
#define XML_XCAP_CAPS_H

#include "base/bytes.h"

#define XML_XCAP_CAPS_NS   "urn:ietf:params:xml:ns:xcap-caps"
#define XML_XCAP_CAPS_TYPE "application/xcap-caps+xml"

/*
 * Writes the document. Lists end with NULL. Returns MU_OK; MU_E_MALFORMED for
 * a text that is no UTF-8; MU_E_NO_SPACE.
 */
MU_MUST_CHECK enum mu_err xml_xcap_caps_write(
    struct wr *w, const char *const *auids, const char *const *namespaces);

#endif
