/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group_model.h - from the tree of a group document that passed its schema to
 * struct xml_group. For xml/group_doc.c.
 */
#ifndef XML_GROUP_MODEL_H
#define XML_GROUP_MODEL_H

#include "xml/group_doc.h"

struct _xmlDoc; /* libxml2's */

/*
 * All of *out but by_uri and unknown. Refuses what breaks a rule in one
 * element: an identity that is none, a number out of range, a second
 * list-service.
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_NO_SPACE beyond a limit of
 * xml/group_doc.h or the arena's; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_group_model(struct _xmlDoc *doc,
    struct mu_arena *arena, struct xml_fault *fault, struct xml_group *out);

#endif
