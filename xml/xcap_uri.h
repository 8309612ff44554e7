/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xcap_uri.h - the address of a document or of a node in it (RFC 4825 clause
 * 6), read from the target of a request behind the XCAP root.
 *
 *     AUID/users/XUI/NAME[/~~/NODE[?xmlns(p=URI)...]]
 *     AUID/global/NAME...
 *
 *     NODE  = step *("/" step) ["/" ("@" name / "namespace::*")]
 *     step  = (name / "*") ["[" position "]"] ["[@" name "=" quoted "]"]
 *
 * The target is split first and percent-decoded then; a slash inside quotes
 * belongs to the value. Names carry the name space that they stand for: an
 * unprefixed element has the default document name space of its application
 * usage (clause 6.4), an unprefixed attribute has none.
 *
 * Each outcome is one answer of clause 8, told by the error alone:
 *
 *     MU_E_NOT_FOUND  404: unknown AUID or tree, a selector of another form
 *     MU_E_MALFORMED  400: a prefix that the query does not declare, a query
 *                     of another form, a '%' without hex digits, no UTF-8
 *     MU_E_NO_SPACE   414: longer than the limits below
 */
#ifndef XML_XCAP_URI_H
#define XML_XCAP_URI_H

#include "base/arena.h"

#define XML_XCAP_URI_MAX      8192 /* octets of a target; these are ours */
#define XML_XCAP_SEGMENTS_MAX 8    /* of a document's name */
#define XML_XCAP_STEPS_MAX    16
#define XML_XCAP_BINDINGS_MAX 16 /* xmlns() in a query */
#define XML_XCAP_POSITION_MAX 1000000

#define XML_XCAP_AUID_GROUPS "org.openmobilealliance.groups"
#define XML_XCAP_AUID_CAPS   "xcap-caps"

/* An application usage: what the first segment may be. */
struct xml_xcap_usage {
    const char *auid;
    const char *ns; /* default document name space */
};

enum xml_xcap_tree_kind {
    XML_XCAP_USERS,
    XML_XCAP_GLOBAL
};

enum xml_xcap_target {
    XML_XCAP_AT_DOCUMENT,
    XML_XCAP_AT_ELEMENT,
    XML_XCAP_AT_ATTRIBUTE,
    XML_XCAP_AT_NAMESPACES /* namespace::*: GET only, 405 for others */
};

/* A name with its name space; ns empty: in none. */
struct xml_xcap_name {
    struct span ns, local;
};

struct xml_xcap_step {
    bool any;                  /* "*"; name is unused then */
    struct xml_xcap_name name; /* of the element */
    unsigned position;         /* from 1; 0: not said */
    bool has_attribute;        /* the element has this attribute and value */
    struct xml_xcap_name attribute;
    struct span value; /* references resolved */
    size_t end;        /* of the step in the target, the slash not included */
};

struct xml_xcap_uri {
    const struct xml_xcap_usage *usage; /* the caller's */
    enum xml_xcap_tree_kind tree;
    struct span xui; /* decoded; of the users tree, else empty */
    struct span segment[XML_XCAP_SEGMENTS_MAX]; /* decoded: behind XUI or
                                                   "global" */
    size_t segments;
    enum xml_xcap_target kind;
    struct xml_xcap_step step[XML_XCAP_STEPS_MAX];
    size_t steps;                   /* at least 1 unless XML_XCAP_AT_DOCUMENT */
    struct xml_xcap_name attribute; /* of XML_XCAP_AT_ATTRIBUTE */
    struct span target;             /* as it came; borrowed */
    size_t document_end;            /* of the document's address in target */
    struct span query;              /* as it came, without '?'; may be empty */
};

/*
 * Reads a target, with or without a slash in front. A slash at the end of a
 * document's address means nothing; at the end of a node's it is refused.
 *
 *   usages  the application usages that are served; borrowed by out
 *   arena   holds decoded text
 *   out     untouched on failure
 *
 * Returns MU_OK; the errors above; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_xcap_uri_read(struct mu_arena *arena,
    const struct xml_xcap_usage *usages, size_t usage_count, struct span target,
    struct xml_xcap_uri *out);

/*
 * Writes the address of the element that the first steps steps select, or of
 * the document for 0, as it came, with its query: for <ancestor> (RFC 4825
 * clause 11.1). No root in front, no slash.
 */
void xml_xcap_uri_write_ancestor(
    struct wr *w, const struct xml_xcap_uri *uri, size_t steps);

#endif
