/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_edit.h - changes of a group's list of members, on the document's text:
 * every octet that is not the member's stays as it was (xml/xcap_edit.h).
 *
 * Pure; what comes out lies in the arena. All return MU_OK; MU_E_STATE when the
 * document has no list to put somebody in; errors of xml/xcap_edit.h.
 */
#ifndef GMS_API_EDIT_H
#define GMS_API_EDIT_H

#include "xml/group_doc.h"

/* The octets of somebody's entry; MU_E_NOT_FOUND when he is no member. */
MU_MUST_CHECK enum mu_err gms_edit_entry(struct span text, struct span uri,
    struct mu_arena *arena, struct span *out);

/* Puts him in, behind the last one; name may be empty. Who is a member already
 * has his entry replaced. */
MU_MUST_CHECK enum mu_err gms_edit_add(struct span text,
    const struct xml_group_entry *who, struct mu_arena *arena,
    struct span *out);

/* Puts an entry back that gms_edit_entry() gave. */
MU_MUST_CHECK enum mu_err gms_edit_restore(struct span text, struct span uri,
    struct span entry, struct mu_arena *arena, struct span *out);

/* Takes him out; MU_E_NOT_FOUND when he is no member. */
MU_MUST_CHECK enum mu_err gms_edit_remove(struct span text, struct span uri,
    struct mu_arena *arena, struct span *out);

#endif
