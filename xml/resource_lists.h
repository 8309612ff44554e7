/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resource_lists.h - which documents a subscriber wants to hear of: the flat
 * form of RFC 4826 that RFC 5875 clause 4.4 allows in a SUBSCRIBE. An entry's
 * @uri is an XCAP URI, relative to the XCAP root or absolute; lists within
 * lists, references and external lists are refused.
 */
#ifndef XML_RESOURCE_LISTS_H
#define XML_RESOURCE_LISTS_H

#include "base/arena.h"
#include "xml/fault.h"

#define XML_RESOURCE_LISTS_TYPE "application/resource-lists+xml"
#define XML_RESOURCE_URI_MAX    2048 /* octets; ours */
#define XML_RESOURCE_URIS_MAX   256  /* in one subscription; ours */

struct xml_resource_lists {
    const struct span *uris; /* in their order, verbatim */
    size_t count;
};

/*
 *   arena  holds all of *out
 *   fault  set in every case
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_UNSUPPORTED for entry-ref, external and
 * nested lists; MU_E_NO_SPACE; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_resource_lists_read(struct span text,
    struct mu_arena *arena, struct xml_fault *fault,
    struct xml_resource_lists *out);

/* Returns as xml_writer_close(). */
MU_MUST_CHECK enum mu_err xml_resource_lists_write(
    struct wr *w, const struct xml_resource_lists *in);

#endif
