/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse.h - text to tree, with every option of the parser in one place.
 *
 * Refused: anything but well-formed UTF-8; a DOCTYPE, at its first word, so
 * that no entity is ever declared and nothing external is ever loaded; more
 * octets, elements, levels or attributes than the limits. Comments and
 * processing instructions are dropped; CDATA becomes text. So the text in an
 * element is one node, whatever its sender put into it.
 *
 * For xml/ itself: documents are read through xml/reader.h. xml_init()
 * (xml/library.h) comes first.
 */
#ifndef XML_PARSE_H
#define XML_PARSE_H

#include <stddef.h>

#include "base/bytes.h"
#include "xml/fault.h"

#define XML_ATTRIBUTES_MAX 64 /* in one tag; libxml2's check is quadratic */

struct _xmlDoc; /* libxml2's */

struct xml_limits {
    size_t octets;     /* below 2^31 */
    unsigned elements; /* in the whole document */
    unsigned depth;    /* the root has depth 1; libxml2 stops at 256 */
};

/*
 * On success *out is the caller's, for xml_parse_free(). fault is set on
 * failure, untouched otherwise.
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_NO_SPACE beyond a limit;
 * MU_E_UNSUPPORTED for a foreign encoding; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_parse(const struct xml_limits *limits,
    struct span text, struct xml_fault *fault, struct _xmlDoc **out);

/* *doc may be NULL. */
void xml_parse_free(struct _xmlDoc **doc);

#endif
