/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - what the vault's own log says (DESIGN section 2).
 *
 * The log is one of base/chain.h with the name GMS_VAULT_LOG_NAME, signed by
 * the identity's log key. Each payload behind record 0 is one of:
 *
 *     event=vault.new_key group=G epoch=N key_id=0x0a1b2c3d
 *     event=vault.wrap group=G epoch=N key_id=0x... kms=K period=N \
 *         revocation=0 to=URI to=URI...
 *     event=vault.sign group=G epoch=N key_id=0x... kms=K period=N \
 *         revocation=0 activation=N expiry=N to=URI to=URI...
 *     event=vault.exclude group=G epoch=N to=URI to=URI...
 *     event=vault.admit group=G epoch=N to=URI to=URI...
 *     event=vault.csk key_id=0x2... kms=K time=N sha256=HEX from=URI
 *     event=vault.reseal kek=HEX keys=N envelopes=N
 *
 * in one line each, fields in this order. In a URI each octet outside
 * 0x21..0x7e, and the backslash, stands as \xNN. A request with more recipients
 * than one payload takes is several records, alike but for them. revocation is
 * 1 where the envelope is good for revocations alone, or the message is one. Of
 * a CSK, kms is its sender's, time its timestamp in seconds since 1900, and
 * sha256 what it is known by, should it come again (mcptt/replay.h). Of a
 * reseal, kek is the KEK-ID that the objects are to be sealed under.
 *
 * The vault writes the record before it answers, so the log may hold what was
 * never sent, but nothing was sent that it does not hold. `gmsctl audit verify`
 * compares it with the changes that were authorised.
 */
#ifndef GMS_VAULT_RECORD_H
#define GMS_VAULT_RECORD_H

#include "base/chain.h"
#include "gms/vault/proto.h"
#include "mcptt/replay.h"

#define GMS_VAULT_LOG_NAME "gmsd-vault"

struct gms_vault_record {
    enum gms_vault_op op; /* NEW_KEY, WRAP, SIGN, EXCLUDE, ADMIT, CSK, RESEAL */
    struct span group;    /* all but CSK and RESEAL */
    uint64_t epoch;
    struct mcptt_key_id key_id;     /* NEW_KEY, WRAP, SIGN, CSK */
    struct gms_vault_period period; /* WRAP, SIGN */
    bool revocation;
    uint64_t activation_s, expiry_s; /* SIGN, as in its terms */
    struct span kms;                 /* CSK, as the two below */
    uint64_t time_s;
    uint8_t sha256[MCPTT_REPLAY_SHA256_LEN];
    struct mu_kek_id kek; /* RESEAL, as the two below */
    uint64_t keys, envelopes;
    const struct span *uris; /* of a CSK its sender; none of NEW_KEY, RESEAL */
    size_t count;
};

/*
 * Writes one payload, with as many of the URIs as it takes, one at least.
 *
 *   w      empty, with room for MU_CHAIN_PAYLOAD_MAX octets
 *   taken  how many
 *
 * Returns MU_OK; MU_E_MALFORMED for an op that is not logged.
 */
MU_MUST_CHECK enum mu_err gms_vault_record_write(
    struct wr *w, const struct gms_vault_record *in, size_t *taken);

/*
 * Reads one payload; spans lie in the arena.
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_NOT_FOUND for record 0, which says whose
 * log it is; the arena's error. *out is untouched on failure.
 */
MU_MUST_CHECK enum mu_err gms_vault_record_read(
    struct span payload, struct mu_arena *arena, struct gms_vault_record *out);

#endif
