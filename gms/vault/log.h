/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - the vault's own log: written before it answers, read when it starts.
 */
#ifndef GMS_VAULT_LOG_H
#define GMS_VAULT_LOG_H

#include "base/chain_file.h"
#include "gms/vault/book.h"

struct gms_vault_log;

/*
 * Takes over the log in a descriptor, or begins it, and notes in the book what
 * it says.
 *
 *   fd   as mu_chain_file_take()
 *   key  borrowed until gms_vault_log_close()
 *
 * Returns MU_OK; MU_E_CRYPTO when it does not verify, MU_E_MALFORMED when a
 * record of it is none of ours: a vault that has forgotten must not sign;
 * other errors of mu_chain_file_take() and gms_book_note().
 */
MU_MUST_CHECK enum mu_err gms_vault_log_open(int fd,
    const struct mu_sign_key *key, uint64_t unix_ms, const struct mu_rng *rng,
    struct gms_book *book, struct gms_vault_log **out);
void gms_vault_log_close(struct gms_vault_log *log); /* NULL is fine */

/*
 * Writes down a request, as one record or several, and then notes it in the
 * book. Durable when it returns MU_OK; else nothing of it is in the log, or
 * the log takes no more: errors of mu_chain_file_append_all().
 */
MU_MUST_CHECK enum mu_err gms_vault_log_add(struct gms_vault_log *log,
    const struct gms_vault_record *record, uint64_t unix_ms);

/* Borrowed until the next record. */
const struct mu_chain_head *gms_vault_log_head(const struct gms_vault_log *log);

#endif
