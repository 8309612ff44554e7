/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_address.h - where a member's key document lies. The standard's address is
 * UNKNOWN in the notes (gms-protocol 2.3), so it is an option, gktp.path:
 * segments of plain text, and two words that stand for the member and the
 * group. This module is all that knows their form. Pure.
 *
 *     users/{mcptt_id}/{gid_encoded}      (the default)
 */
#ifndef GMS_KEY_ADDRESS_H
#define GMS_KEY_ADDRESS_H

#include "gms/conf.h"
#include "xml/xcap_uri.h"

struct gms_key_address {
    struct span member, group; /* decoded */
};

/*
 * Whether the document's address in uri, behind its AUID, has the form of
 * gktp.path. A group's URI at its end may have come unencoded, with slashes of
 * its own: they are put back.
 *
 * Returns MU_OK; MU_E_NOT_FOUND; the arena's error.
 */
MU_MUST_CHECK enum mu_err gms_key_address_read(const struct gms_conf_gktp *gktp,
    const struct xml_xcap_uri *uri, struct mu_arena *arena,
    struct gms_key_address *out);

/* AUID/PATH with both words replaced, percent-encoded. Errors are w's. */
void gms_key_address_write(struct wr *w, const struct gms_conf_gktp *gktp,
    const struct gms_key_address *address);

#endif
