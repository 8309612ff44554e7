/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xcap_node.h - a node of a document as content of another one: an element that
 * stands by itself (RFC 5875 clause 4.7; RFC 5874 clause 3).
 *
 * A GET answers an element's own octets, whose prefixes are declared around it
 * (RFC 4825 clause 8.3). In an xcap-diff there is nothing around it, so here
 * its first tag carries every declaration that is in scope.
 */
#ifndef XML_XCAP_NODE_H
#define XML_XCAP_NODE_H

#include "base/buf.h"
#include "xml/xcap_tree.h"

/*
 * Adds the element that uri selects, or its attribute's value with references
 * resolved, to out.
 *
 * Returns MU_OK; MU_E_NOT_FOUND; MU_E_UNSUPPORTED for namespace::*; errors of
 * xml_xcap_tree_read(); MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_xcap_node(
    struct span text, const struct xml_xcap_uri *uri, struct buf *out);

#endif
