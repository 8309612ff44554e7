/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk.h - takes a request: refuses it, answers it at once, or allows the work
 * that it asks for.
 *
 * Everything that decides is here and on one thread; what is allowed is in the
 * log when gms_desk_take() returns. What costs time comes after it
 * (gms/vault/work.h) and decides nothing.
 */
#ifndef GMS_VAULT_DESK_H
#define GMS_VAULT_DESK_H

#include "gms/vault/csk.h"
#include "gms/vault/log.h"
#include "gms/vault/order.h"
#include "gms/vault/stamps.h"

/* All but stamps is the owner's, who frees it. Before the first CSK:
 * gms_csk_gate_init(). */
struct gms_desk {
    struct gms_state *state;
    struct gms_book *book;
    struct gms_vault_log *log;
    struct gms_stamps stamps;
    struct gms_vault_limits limits;
    struct gms_csk_gate gate;
    struct mu_kek_id identity_kek; /* that the identity file is sealed under */
    const struct mu_clock *clock;
    const struct mu_rng *rng;
};

/*
 * Takes an order that was read.
 *
 * Returns true when the work may begin; false with the whole answer in *out,
 * which borrows from the order.
 */
bool gms_desk_take(struct gms_desk *desk, struct gms_order *order,
    struct gms_vault_answer *out);

/* An answer that says no, to a request; why may be empty. */
struct gms_vault_answer gms_desk_refusal(
    const struct gms_vault_request *request, enum gms_vault_refusal refusal,
    struct span why);

#endif
