/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dsig.h - ds:Signature of the KMS interface (TS 33.180 clause 9.3.5 and annex
 * D.2.2; XML Signature Syntax and Processing 1.1), in one form:
 *
 *     <SignedKmsCertificate>
 *       <KmsCertificate Id="x">...</KmsCertificate>
 *       <ds:Signature>
 *         <ds:SignedInfo>  Canonical XML 1.0 without comments,
 *                          hmac-sha256 (256 bits) or ecdsa-sha256,
 *                          one Reference: URI="#x", SHA-256
 *         <ds:SignatureValue>
 *         <ds:KeyInfo>     ds:KeyName, a hint that nobody trusts
 *
 * Anything else is refused, by the same table that reads it: other algorithms,
 * transforms, a second Reference, objects, an Id that occurs twice. The signed
 * element is found by its place, never by its Id, and is handed out as the very
 * octets that were hashed: who reads those cannot be led to an element that
 * another reader of the document would find (signature wrapping).
 *
 * No general XML signature library: it would bring XPath and XSLT to the
 * machine with the master secrets, looks elements up by Id, and compares
 * HMACs in variable time. The xmlsec1 program checks what is signed here, in
 * tests.
 */
#ifndef XML_DSIG_H
#define XML_DSIG_H

#include "mcptt/transport.h"
#include "xml/c14n.h"
#include "xml/cert_key.h"

/* What is signed, and the element around it and its signature. */
enum xml_signed {
    XML_SIGNED_CERT,    /* KmsCertificate in SignedKmsCertificate */
    XML_SIGNED_REQUEST, /* KmsRequest in SignedKmsRequest */
    XML_SIGNED_RESPONSE /* KmsResponse in SignedKmsResponse */
};

/*
 * Signs with a user's InK.
 *
 *   element   one element as xml/kms_form.h begins it, with an Id
 *   key_name  "ink.12.user@example.org"; may be empty
 *   out       the wrapper with element's canonical octets and the signature
 *
 * Returns MU_OK; MU_E_MALFORMED for another element or one in other name
 * spaces; MU_E_NO_SPACE; MU_E_NO_MEMORY; MU_E_CRYPTO.
 */
MU_MUST_CHECK enum mu_err xml_sign_hmac(enum xml_signed kind,
    struct span element, const struct mcptt_ink *ink, struct span key_name,
    struct wr *out);

/* The same with a KMS's certificate key. */
MU_MUST_CHECK enum mu_err xml_sign_ecdsa(enum xml_signed kind,
    struct span element, const struct xml_cert_key *key, struct wr *out);

/* Octets that the wrapper, signature and key name add, at most. */
#define XML_SIGN_OVERHEAD 3072

/*
 * Verifies a document whose root is the wrapper.
 *
 *   text   borrowed during the call
 *   fault  set in every case
 *   out    the canonical octets of the signed element, a document by
 *          themselves; the caller's to clear; untouched on failure
 *
 * Returns MU_OK; MU_E_MALFORMED for any other form; MU_E_NO_SPACE;
 * MU_E_NO_MEMORY; MU_E_CRYPTO when the element was changed or the key is
 * another.
 */
MU_MUST_CHECK enum mu_err xml_verify_hmac(enum xml_signed kind,
    struct span text, const struct mcptt_ink *ink, struct xml_fault *fault,
    struct xml_canonical *out);
MU_MUST_CHECK enum mu_err xml_verify_ecdsa(enum xml_signed kind,
    struct span text, const struct xml_cert_point *key, struct xml_fault *fault,
    struct xml_canonical *out);

#endif
