/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader.h - reads XML that strangers send, by one table per document.
 *
 * A document kind is a table of rules: which element may stand in which, how
 * often, and who takes it. xml_read() parses the text, walks the tree along
 * the table and calls the handlers in document order. Names are compared with
 * their namespace, never by prefix. The order of siblings is not checked.
 *
 * What the parser refuses (xml/parse.h: a DOCTYPE, foreign encodings,
 * anything beyond the table's limits) is refused before any handler runs.
 *
 * xml_init() (xml/library.h) comes first. Thread-safe; keeps no state.
 */
#ifndef XML_READER_H
#define XML_READER_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "xml/fault.h"
#include "xml/parse.h"

#define XML_MANY      UINT_MAX
#define XML_DEPTH_MAX 32 /* what a table may ask for */

/* An element as a handler sees it; valid until the handler returns. */
struct xml_element;

struct xml_rule {
    const char *parent;   /* local name of the rule above; NULL: the root */
    const char *name;     /* local name */
    const char *ns;       /* NULL: the table's */
    unsigned least, most; /* how often in one parent; unused for the root */
    /*
     * Either may be NULL. enter runs before the children, leave after them.
     * A rule that is no rule's parent is a leaf: with enter it holds text
     * only, without it whatever it holds is skipped. Elsewhere text between
     * the elements is refused. Anything but MU_OK ends the reading.
     */
    enum mu_err (*enter)(void *to, const struct xml_element *e);
    enum mu_err (*leave)(void *to, const struct xml_element *e);
};

struct xml_table {
    const char *ns;
    const struct xml_rule *rules;
    size_t count;
    bool skip_foreign; /* unknown elements of other namespaces */
    bool skip_unknown; /* unknown elements of the table's namespace */
    struct xml_limits limits;
};

/*
 * Reads one document.
 *
 *   text   borrowed during the call
 *   to     handed to the handlers
 *   fault  set in every case
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_NO_SPACE beyond a limit;
 * MU_E_UNSUPPORTED for a foreign encoding; MU_E_NO_MEMORY; or what a handler
 * returned.
 */
MU_MUST_CHECK enum mu_err xml_read(const struct xml_table *table,
    struct span text, void *to, struct xml_fault *fault);

struct _xmlDoc; /* libxml2's */

/* For xml/ itself: the same of a tree of xml_parse(); limits were its. */
MU_MUST_CHECK enum mu_err xml_read_tree(const struct xml_table *table,
    struct _xmlDoc *doc, void *to, struct xml_fault *fault);

/* For handlers: says why e is refused, and returns err. why is static. */
enum mu_err xml_refuse(
    const struct xml_element *e, enum mu_err err, const char *why);

/* A leaf's characters without white space at both ends; never NULL. */
struct span xml_text(const struct xml_element *e);

/*
 * The value of the attribute of that name in namespace ns (NULL: in none);
 * {NULL, 0} when it is absent.
 */
struct span xml_attribute(
    const struct xml_element *e, const char *ns, const char *name);

/* For xml/ itself: the element in libxml2's tree, as long as e is. */
struct _xmlNode *xml_element_node(const struct xml_element *e);

#endif
