/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csks.h - the keys that decrypt the XML of members who sent us a CSK (TS
 * 33.180 clauses 9.2.1.2 and 9.3.4): as the vault derived them, in memory
 * alone.
 *
 * Bounded in number, of all and of each member, and in time; the oldest goes
 * first. A key that goes is wiped. After a restart there are none, and members
 * send a CSK anew.
 *
 * Identifiers are the members' own choice, 28 random bits: two of them may have
 * the same one, so a look-up by identifier alone yields several, a few.
 */
#ifndef GMS_CSKS_H
#define GMS_CSKS_H

#include "base/rng.h"
#include "mcptt/kdf.h"

#define GMS_CSKS_SAME_ID 8 /* that a look-up yields */

struct gms_csks_limits {
    uint64_t max, each; /* keys: of all, of one member; at least 1 */
    uint64_t keep_s;
};

struct gms_csks;

/* limits are copied. Returns MU_OK; MU_E_NO_MEMORY; errors of rng. */
MU_MUST_CHECK enum mu_err gms_csks_new(const struct gms_csks_limits *limits,
    const struct mu_rng *rng, struct gms_csks **out);
void gms_csks_free(struct gms_csks *csks); /* wipes; NULL is fine */

/* What is known of one key. Borrowed until the next change. */
struct gms_csk {
    struct span member;
    struct mcptt_key_id id;
    uint64_t until_s; /* Unix */
    const struct mcptt_sig_conf_key *key;
};

/*
 * Takes a key, in the place of that member's of the same identifier.
 *
 *   csk     all is copied; until_s may be later than keep_s allows
 *   now_s   Unix
 *
 * Returns MU_OK; MU_E_MALFORMED when member is none; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err gms_csks_put(
    struct gms_csks *csks, const struct gms_csk *csk, uint64_t now_s);

/*
 * Those of that identifier which are good now, the newest first; member empty:
 * of anybody, GMS_CSKS_SAME_ID at most. Returns how many.
 */
size_t gms_csks_find(const struct gms_csks *csks, struct mcptt_key_id id,
    struct span member, uint64_t now_s, struct gms_csk out[GMS_CSKS_SAME_ID]);

size_t gms_csks_count(const struct gms_csks *csks);

#endif
