/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vault_link.h - the front's end of the line to the vault.
 *
 * Requests are sent in order, GMS_VAULT_INFLIGHT_MAX of them open at a time;
 * the others wait here, urgent ones first. When the vault dies, each that is
 * open or waiting is answered with MU_E_IO, once; until the monitor has sent
 * the end of a new vault, asking is MU_E_STATE. Who keeps work in the store
 * asks again on on_up.
 *
 * One loop, one thread. Whoever is told something may ask and forget from
 * there, but neither take a new end nor free the link.
 */
#ifndef GMS_VAULT_LINK_H
#define GMS_VAULT_LINK_H

#include "gms/vault/proto.h"

struct event_base;
struct gms_vault_link;

/* Answers as they come; the one with last set ends the request. Borrowed for
 * the call. */
typedef void gms_vault_answered(
    void *ctx, const struct gms_vault_answer *answer);

struct gms_vault_link_config {
    struct event_base *base;
    void (*on_up)(void *ctx, const struct gms_vault_hello *hello);
    void (*on_down)(void *ctx);
    void *ctx;
};

MU_MUST_CHECK enum mu_err gms_vault_link_new(
    const struct gms_vault_link_config *config, struct gms_vault_link **out);
void gms_vault_link_free(struct gms_vault_link *link); /* NULL is fine */

/* The end of a (new) vault, taken also on failure; the old one, if any, is
 * down. Says HELLO by itself and is up when that is answered. MU_OK; MU_E_IO
 * when nobody is at the other end; MU_E_NO_MEMORY. */
MU_MUST_CHECK enum mu_err gms_vault_link_take(
    struct gms_vault_link *link, int fd);

bool gms_vault_link_is_up(const struct gms_vault_link *link);

/*
 * Asks. The request is written before this returns, nothing of it is kept; its
 * id is set by the link.
 *
 * Returns MU_OK: answered() will be called, not from here; MU_E_STATE when no
 * vault is up; MU_E_NO_SPACE when it does not fit a frame; MU_E_MALFORMED for
 * what would end the vault; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err gms_vault_link_ask(struct gms_vault_link *link,
    struct gms_vault_request *request, bool urgent,
    gms_vault_answered *answered, void *ctx);

/* No more answers to ctx: its owner goes. What was not sent yet is not sent. */
void gms_vault_link_forget(struct gms_vault_link *link, const void *ctx);

#endif
