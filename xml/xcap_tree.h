/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xcap_tree.h - where in its text each element and attribute of a document
 * stands, and which one a node selector means (RFC 4825 clause 6.3).
 *
 * XCAP edits texts: what a client did not touch stays octet for octet, and a
 * parser's tree does not remember octets. So a text that the hardened parser
 * (xml/parse.h) has accepted is walked once more, by a lexer that can rely on
 * its being well-formed and notes offsets. Comments and processing
 * instructions are passed over and noted; character data is of no interest.
 *
 * Pure; all memory is the arena's: at most XML_XCAP_TREE_ARENA octets.
 */
#ifndef XML_XCAP_TREE_H
#define XML_XCAP_TREE_H

#include "xml/parse.h"
#include "xml/xcap_uri.h"

#define XML_XCAP_DOCUMENT_MAX (4u << 20) /* octets; ours, as those below */
#define XML_XCAP_ELEMENTS_MAX 200000
#define XML_XCAP_DEPTH_MAX    32
#define XML_XCAP_SCOPE_MAX                                                     \
    64 /* declarations in scope; libxml2's limit for                           \
       one tag, and lookups are linear */
#define XML_XCAP_TREE_ARENA ((size_t)96 << 20)

/* Offsets in the text, from..to - 1. */
struct xml_range {
    uint32_t from, to;
};

/* An attribute, or a declaration of a name space. */
struct xml_xcap_attribute {
    struct xml_xcap_attribute *next; /* in the same tag */
    struct xml_xcap_name name;       /* of a declaration: its prefix is local */
    bool declaration;
    struct xml_range whole; /* name="value" */
    struct xml_range raw;   /* between the quotes */
    struct span value;      /* normalised, references resolved */
};

struct xml_xcap_element {
    struct xml_xcap_element *parent, *next, *first, *last; /* elements only */
    struct xml_xcap_attribute *attributes; /* in document order */
    struct xml_xcap_name name;
    struct xml_range qname;   /* in the start tag, with its prefix */
    struct xml_range whole;   /* from '<' to the last '>' */
    struct xml_range tag;     /* the start tag */
    struct xml_range content; /* between the tags; of <a/> empty at tag.to */
    bool empty_tag;           /* <a/> */
};

struct xml_xcap_tree {
    struct span text; /* borrowed */
    struct xml_xcap_element *root;
    size_t elements;
    const struct xml_range *asides; /* comments and processing instructions,
                                       outside the root as well, and the XML
                                       declaration */
    size_t aside_count;
};

/*
 * Reads a document by the hardened parser and then its places.
 *
 *   text   borrowed by out
 *   fault  set on failure
 *   out    untouched on failure
 *
 * Returns MU_OK; errors of xml_parse() with the limits above; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_xcap_tree_read(struct span text,
    struct mu_arena *arena, struct xml_fault *fault, struct xml_xcap_tree *out);

/* A range's octets. */
struct span xml_xcap_octets(
    const struct xml_xcap_tree *tree, struct xml_range range);

bool xml_xcap_name_eq(
    const struct xml_xcap_name *a, const struct xml_xcap_name *b);

/*
 * The element that the first steps steps of uri select, each of them exactly
 * one; NULL where a step selects none or several.
 */
struct xml_xcap_element *xml_xcap_select(const struct xml_xcap_tree *tree,
    const struct xml_xcap_uri *uri, size_t steps);

/* Whether a step's name, or its "*", is that of an element. */
bool xml_xcap_step_names(
    const struct xml_xcap_step *step, const struct xml_xcap_element *element);

/*
 * The declarations in scope at an element, its own included, the nearest of
 * each prefix, undeclarations (xmlns="") included; how many.
 */
size_t xml_xcap_scope(const struct xml_xcap_element *element,
    const struct xml_xcap_attribute *out[XML_XCAP_SCOPE_MAX]);

/* An element's attribute of that name; NULL when it has none. */
const struct xml_xcap_attribute *xml_xcap_attribute_of(
    const struct xml_xcap_element *element, const struct xml_xcap_name *name);

#endif
