/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xcap_edit.h - GET, PUT and DELETE of the nodes of a document (RFC 4825
 * clauses 8.2 to 8.4), on its text.
 *
 * Outside the node every octet stays; the one exception is an empty-element
 * tag that becomes a start and an end tag because something is put into it. A
 * new element stands right behind the last sibling of its name, else as the
 * last thing in its parent; with a position in its selector, so that it has
 * that position (clause 8.2.3). The white space around a deleted element
 * stays (clause 8.4).
 *
 * What comes out is well-formed; whether it is a valid group is for
 * xml_group_read(). Preconditions and content types are HTTP's.
 *
 * Pure; memory is the arena's, at most XML_XCAP_EDIT_ARENA octets.
 */
#ifndef XML_XCAP_EDIT_H
#define XML_XCAP_EDIT_H

#include "xml/xcap_error.h"
#include "xml/xcap_tree.h"

#define XML_XCAP_EDIT_ARENA ((size_t)256 << 20)

#define XML_XCAP_TYPE_ELEMENT    "application/xcap-el+xml"
#define XML_XCAP_TYPE_ATTRIBUTE  "application/xcap-att+xml"
#define XML_XCAP_TYPE_NAMESPACES "application/xcap-ns+xml"

/*
 * What a GET of uri answers; uri is no document.
 *
 * An element is its text, without the bindings of its ancestors (clause 8.3).
 * An attribute is the text between its quotes. Bindings are an empty tag of
 * the element's name that declares every name space in scope.
 *
 *   fault  set on failure other than MU_E_NOT_FOUND
 *   out    borrows text or lies in the arena; untouched on failure
 *
 * Returns MU_OK; MU_E_NOT_FOUND; errors of xml_xcap_tree_read().
 */
MU_MUST_CHECK enum mu_err xml_xcap_get(struct span text,
    const struct xml_xcap_uri *uri, struct mu_arena *arena,
    struct xml_fault *fault, struct span *out);

/* Why a change is refused: a 409 with xml_xcap_error_write(). */
struct xml_xcap_refusal {
    enum xml_xcap_error_kind kind;
    const char *why;     /* static; for the phrase */
    size_t ancestor;     /* of no-parent: for xml_xcap_uri_write_ancestor() */
    struct xml_fault at; /* of a body that is not XML: where; else .err MU_OK */
};

struct xml_xcap_changed {
    struct span text; /* the whole document; in the arena */
    bool created;     /* 201 rather than 200 */
};

/*
 * Puts body where uri says: an element or an attribute; uri is neither a
 * document nor namespace::*.
 *
 *   body  an element: one element, perhaps with white space around, which is
 *         dropped; its prefixes are those of the place where it is put
 *   why   set with MU_E_DENIED
 *   out   untouched on failure
 *
 * Returns MU_OK; MU_E_DENIED for a 409; MU_E_NO_SPACE beyond a limit;
 * MU_E_NO_MEMORY. Any other error is text's own, which a store would not hold.
 */
MU_MUST_CHECK enum mu_err xml_xcap_put(struct span text,
    const struct xml_xcap_uri *uri, struct span body, struct mu_arena *arena,
    struct xml_xcap_refusal *why, struct xml_xcap_changed *out);

/* Deletes the node; errors as above, and MU_E_NOT_FOUND for a 404. */
MU_MUST_CHECK enum mu_err xml_xcap_delete(struct span text,
    const struct xml_xcap_uri *uri, struct mu_arena *arena,
    struct xml_xcap_refusal *why, struct xml_xcap_changed *out);

#endif
