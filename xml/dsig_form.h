/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dsig_form.h - the identifiers of the one form of signature (xml/dsig.h), for
 * its writer and its reader.
 */
#ifndef XML_DSIG_FORM_H
#define XML_DSIG_FORM_H

#include "xml/dsig.h"

#define XML_ALG_C14N   "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define XML_ALG_SHA256 "http://www.w3.org/2001/04/xmlenc#sha256"
#define XML_ALG_HMAC   "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
#define XML_ALG_ECDSA  "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"

#define XML_HMAC_LEN 32

/* HMAC-SHA-256 under InK. Returns MU_OK or MU_E_CRYPTO. */
MU_MUST_CHECK enum mu_err xml_ink_hmac(const struct mcptt_ink *ink,
    struct span message, uint8_t out[XML_HMAC_LEN]);

#endif
