/* SPDX-License-Identifier: Apache-2.0 */
/*
 * c14n.h - the canonical octets of one element (Canonical XML 1.0, inclusive,
 * without comments: http://www.w3.org/TR/2001/REC-xml-c14n-20010315).
 *
 * They are what is hashed, signed and compared, and a document by themselves:
 * every name space in scope is declared in its first tag. Who reads them
 * again, and not the document they came from, reads what was signed.
 *
 * Inclusive also means that a declaration around an element belongs to its
 * canonical octets. What is to be moved into another document with its
 * signature (a certificate, into a response) must therefore stand under the
 * same declarations there: ours are those of xml/kms_form.h, no more, no less.
 */
#ifndef XML_C14N_H
#define XML_C14N_H

#include "xml/reader.h"

#define XML_SHA256_LEN 32

/* Octets of its own: released, and wiped, by xml_canonical_clear(). */
struct xml_canonical {
    uint8_t *p;
    size_t len;
};

void xml_canonical_clear(struct xml_canonical *c);
struct span xml_canonical_span(const struct xml_canonical *c);

#define XML_IN_SCOPE_MAX 32 /* declarations around and in a tag; ours */

/*
 * For handlers. *out is the caller's, untouched on failure.
 *
 * Returns MU_OK; MU_E_MALFORMED for a relative name space; MU_E_NO_SPACE when
 * more than XML_IN_SCOPE_MAX declarations pile up (the algorithm takes the
 * square of them for each element); MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_canonical_of(
    const struct xml_element *e, struct xml_canonical *out);

/* The same of the first element in e, whatever its name: MU_E_NOT_FOUND when
 * there is none. */
MU_MUST_CHECK enum mu_err xml_canonical_child(
    const struct xml_element *e, struct xml_canonical *out);

/* SHA-256. Returns MU_OK or MU_E_CRYPTO. */
MU_MUST_CHECK enum mu_err xml_sha256(
    struct span octets, uint8_t out[XML_SHA256_LEN]);

#endif
