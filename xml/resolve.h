/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve.h - the value of an attribute from the octets between its quotes
 * (XML 1.0 clause 3.3.3): references resolved, line ends and tabs as blanks.
 */
#ifndef XML_RESOLVE_H
#define XML_RESOLVE_H

#include "base/arena.h"

/*
 * What is no reference to a character or to one of the five predefined
 * entities stays as it is: in a document that the parser accepted there is
 * none, and in a selector a bare '&' means itself.
 *
 *   raw  UTF-8
 *   out  borrows raw where nothing changes, else lies in the arena
 *
 * Returns MU_OK, MU_E_NO_SPACE or MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_resolve(
    struct mu_arena *arena, struct span raw, struct span *out);

#endif
