/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csk.h - client-server keys that members send to us (TS 33.180 clauses 5.4 and
 * 9.2.1): which of them the vault opens, and what the front gets of one.
 *
 * That makes the vault a receiver, so it must not become an oracle for whatever
 * else is encrypted to us. What is opened has to say by itself, signed, that it
 * is a CSK, for us, by a member whose KMS is known here, now and for the first
 * time; and it is in the log before. What goes out is neither the key nor
 * anything that leads to it: a one-way function of the key, the sender and the
 * identifier. Who takes the encapsulated key out of somebody else's message and
 * signs it anew as a CSK of his own gets a key that nobody else ever uses.
 *
 * A sender who is hidden (clause E.7) is refused: his URI is a parameter of the
 * derivation, and the front learns it from a token that it could not read
 * before.
 */
#ifndef GMS_VAULT_CSK_H
#define GMS_VAULT_CSK_H

#include "gms/vault/book.h"
#include "gms/vault/order.h"
#include "http/admit.h"

/* How many are opened; limits as in gms/vault/rules.h. */
struct gms_csk_gate {
    struct http_bucket all;
    struct http_admit *each; /* by sender */
};

/* Returns MU_OK; MU_E_NO_MEMORY; errors of rng. */
MU_MUST_CHECK enum mu_err gms_csk_gate_init(struct gms_csk_gate *gate,
    const struct gms_vault_limits *limits, const struct mu_rng *rng,
    uint64_t now_ms);
void gms_csk_gate_clear(struct gms_csk_gate *gate);

/* Who looks at a message. now_ms is Unix time, mono_ms a clock that never goes
 * back. */
struct gms_csk_eye {
    struct gms_state *state;
    struct gms_book *book;
    struct gms_csk_gate *gate;
    uint64_t now_ms, mono_ms;
};

/*
 * Decides, all but the encapsulated key itself, which costs a pairing.
 *
 *   order   of GMS_VAULT_CSK; what the work needs is put in
 *   record  to be logged, when it may be opened; borrows from the order
 *   err     the error, where it is none that a refusal has
 *
 * In the order of the costs. Returns GMS_REFUSED_NOT; RATE, MESSAGE, KIND,
 * RECEIVER, SENDER, KMS, TIME, REPLAY, NOT_READY, SIGNATURE.
 */
enum gms_vault_refusal gms_csk_allow(const struct gms_csk_eye *eye,
    struct gms_order *order, struct gms_vault_record *record, enum mu_err *err);

/*
 * Opens it, on any thread. The signature is looked at again: the library opens
 * nothing without it.
 *
 * Returns GMS_REFUSED_NOT with *out set, its sender borrowed from the order;
 * GMS_REFUSED_CSK.
 */
enum gms_vault_refusal gms_csk_open(const struct gms_order *order,
    const struct gms_identity *us, struct gms_vault_csk_opened *out);

#endif
