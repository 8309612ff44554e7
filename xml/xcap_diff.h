/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xcap_diff.h - what a NOTIFY of the event package xcap-diff says has changed
 * (RFC 5874 clause 3; RFC 5875 clauses 4.3 and 4.7), in the mode without
 * patches, which is the default and the only one that we do.
 *
 *     new-etag alone                         there now, or created
 *     previous-etag and new-etag             changed: fetch it
 *     both, and body-not-changed             the tag alone moved
 *     previous-etag alone                    gone
 *
 * An element or attribute brings its content along; with exists="false" it is
 * gone; without content it was too large and is to be fetched.
 *
 * ETags stand here without the quotes of HTTP. @sel is written as the
 * subscriber gave it, octet for octet (RFC 5875 clause 4.6): the caller keeps
 * it, nothing here normalises.
 */
#ifndef XML_XCAP_DIFF_H
#define XML_XCAP_DIFF_H

#include "base/arena.h"
#include "xml/fault.h"

#define XML_XCAP_DIFF_TYPE "application/xcap-diff+xml"
#define XML_XCAP_DIFF_NS   "urn:ietf:params:xml:ns:xcap-diff"
#define XML_XCAP_SEL_MAX   2048 /* octets of a selector; ours */
#define XML_XCAP_ITEMS_MAX 4096 /* in one document; ours */

enum xml_xcap_item_kind {
    XML_XCAP_DOCUMENT,
    XML_XCAP_ELEMENT,
    XML_XCAP_ATTRIBUTE
};

struct xml_xcap_item {
    enum xml_xcap_item_kind kind;
    struct span sel;
    struct span previous_etag, new_etag; /* of a document; empty: absent */
    bool body_not_changed;               /* of a document */
    bool gone;           /* of an element or attribute: exists="false" */
    struct span content; /* an element's octets, which stand by themselves, or
                            an attribute's value; empty: fetch it */
};

struct xml_xcap_diff {
    struct span root; /* xcap-root, with its slash at the end */
    const struct xml_xcap_item *items;
    size_t count;
};

/*
 * Writes the document. An element's content is taken as it is: one element with
 * all its declarations.
 *
 * Returns MU_OK; MU_E_MALFORMED for texts that are no XML; MU_E_NO_SPACE.
 */
MU_MUST_CHECK enum mu_err xml_xcap_diff_write(
    struct wr *w, const struct xml_xcap_diff *in);

/*
 * Reads one; patches in a document are skipped: it is fetched as a whole.
 *
 *   arena  holds all of *out
 *   fault  set in every case
 *
 * Returns MU_OK; MU_E_MALFORMED, also for a document without any tag;
 * MU_E_NO_SPACE; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_xcap_diff_read(struct span text,
    struct mu_arena *arena, struct xml_fault *fault, struct xml_xcap_diff *out);

#endif
