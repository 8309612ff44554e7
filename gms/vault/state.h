/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h - what the vault is and holds: KEKs, identity, certificates that it
 * authenticated itself, its own keys by period, and signers made of them.
 *
 * One thread; what is handed out is counted and may be used by others, whose
 * owner gives it back from this thread.
 */
#ifndef GMS_VAULT_STATE_H
#define GMS_VAULT_STATE_H

#include "gms/identity.h"
#include "gms/vault/rules.h"

struct gms_state;

/* ring and identity stay the caller's until gms_state_free(). */
MU_MUST_CHECK enum mu_err gms_state_new(const struct mu_keyring *ring,
    const struct gms_identity *identity, struct gms_state **out);
void gms_state_free(struct gms_state *state); /* NULL is fine */

const struct mu_keyring *gms_state_ring(const struct gms_state *state);
const struct gms_identity *gms_state_identity(const struct gms_state *state);

/*
 * Takes a KMS certificate: of the home KMS, or of another domain by its role.
 *
 * Returns GMS_REFUSED_NOT; GMS_REFUSED_CERT when the pinned trust does not
 * vouch for it, or a newer one is there. *err is the error, also where it is
 * none that a refusal has (MU_E_NO_MEMORY, MU_E_NO_SPACE).
 */
enum gms_vault_refusal gms_state_add_cert(
    struct gms_state *state, struct span text, enum mu_err *err);

/*
 * Takes our own keys of one period; those of periods that ended before now_s,
 * Unix, go.
 *
 * Returns as above: GMS_REFUSED_KMS without a home certificate,
 * GMS_REFUSED_KEYS when TrK, UID or the keys' own checks do not hold.
 */
enum gms_vault_refusal gms_state_add_keys(struct gms_state *state,
    const struct kms_wrapped_keys *keys, uint64_t now_s, enum mu_err *err);

/* Of that KMS, home or not; borrowed; NULL for none. */
struct kms_cert *gms_state_cert(
    const struct gms_state *state, struct span kms_uri);

/* Signs for one of the home KMS's periods. Counts its references. */
struct gms_signer {
    unsigned refs;
    uint64_t number;              /* of the period */
    struct mcptt_interval period; /* since 1900 */
    struct mcptt_uid uid;         /* ours in it */
    struct kms_cert *home;        /* a reference of its own */
    struct mikey_eccsi_signer *eccsi;
};

/*
 * The signer for messages at a time, in seconds since 1900; a reference of the
 * caller's, for gms_signer_unref().
 *
 * Returns GMS_REFUSED_NOT; GMS_REFUSED_NOT_READY without keys for it. *err as
 * above.
 */
enum gms_vault_refusal gms_state_signer(struct gms_state *state, uint64_t at_s,
    struct gms_signer **out, enum mu_err *err);
void gms_signer_unref(struct gms_signer *signer); /* NULL is fine */

/* Opens what was sent to us in one period. Counts its references. */
struct gms_receiver {
    unsigned refs;
    uint64_t number;
    struct mcptt_uid uid;  /* ours in it */
    struct kms_cert *home; /* a reference of its own */
    struct mikey_sakke_user *sakke;
};

/* As gms_state_signer(), for a message of that timestamp. The first one of a
 * period takes two pairings' time. */
enum gms_vault_refusal gms_state_receiver(struct gms_state *state,
    uint64_t at_s, struct gms_receiver **out, enum mu_err *err);
void gms_receiver_unref(struct gms_receiver *receiver); /* NULL is fine */

/* Whether there are keys for that moment, Unix. */
bool gms_state_is_ready(const struct gms_state *state, uint64_t now_s);

#endif
