/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain_file.h - a log (base/chain.h) in a file, for one writer at a time.
 *
 * A record is in the log when its append returned MU_OK, whatever happens to
 * the machine afterwards; one whose append failed is not. The file is locked
 * while it is open.
 */
#ifndef BASE_CHAIN_FILE_H
#define BASE_CHAIN_FILE_H

#include "base/chain_verify.h"

struct mu_chain_file;

/*
 * Begins a log in a new file of mode 0600.
 *
 *   key  borrowed until mu_chain_file_close()
 *
 * Returns MU_OK; MU_E_STATE when there is a file of that name; MU_E_IO;
 * errors of mu_chain_begin(); MU_E_NO_MEMORY. No file is left after a failure.
 */
MU_MUST_CHECK enum mu_err mu_chain_file_create(const char *path,
    const struct mu_sign_key *key, const char *name, const struct mu_rng *rng,
    uint64_t unix_ms, struct mu_chain_file **out);

/*
 * Opens the log of that name and key to go on with it, verifies it whole, and
 * cuts off a torn last line, which was never in it.
 *
 *   report  what verification found; torn is said and mended; may be NULL
 *
 * Returns MU_OK; MU_E_STATE when somebody else has it open; MU_E_NOT_FOUND;
 * MU_E_CRYPTO for a log that does not verify, which is left as it is;
 * MU_E_IO; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err mu_chain_file_open(const char *path,
    const struct mu_sign_key *key, const char *name,
    struct mu_chain_report *report, struct mu_chain_file **out);

/* A log that is to be read while it is taken over. */
struct mu_chain_take {
    const struct mu_sign_key *key; /* borrowed until mu_chain_file_close() */
    const char *name;
    /* Of record 0 when the file is empty. */
    const struct mu_rng *rng;
    uint64_t unix_ms;
    /* Sees the records that are there, in order; or NULL. */
    void (*on_record)(void *ctx, const struct mu_chain_record *record);
    void *ctx;
};

/*
 * Goes on with the log in an open descriptor, for who may open no files: as
 * mu_chain_file_open(), and begins the log when the file is empty.
 *
 *   fd  open with O_RDWR | O_APPEND; on success closed by
 *       mu_chain_file_close(), else still the caller's
 *
 * Returns as mu_chain_file_open(), and errors of mu_chain_begin().
 */
MU_MUST_CHECK enum mu_err mu_chain_file_take(int fd,
    const struct mu_chain_take *take, struct mu_chain_report *report,
    struct mu_chain_file **out);

/* NULL is fine. */
void mu_chain_file_close(struct mu_chain_file *file);

/*
 * Appends a record, durably. After a failure the record is not in the log; if
 * even that could not be had, every later append is refused.
 *
 * Returns MU_OK; MU_E_MALFORMED for a payload that mu_chain_add() refuses;
 * MU_E_IO; MU_E_STATE after a failure that could not be undone; MU_E_CRYPTO;
 * MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err mu_chain_file_append(
    struct mu_chain_file *file, uint64_t unix_ms, struct span payload);

/*
 * Appends records in their order, all or none, with one sync: for a change that
 * has much to say. count may be 0.
 *
 * As mu_chain_file_append(); MU_E_NO_SPACE when they are too many for one
 * buffer.
 */
struct mu_chain_entry {
    uint64_t unix_ms;
    struct span payload;
};
MU_MUST_CHECK enum mu_err mu_chain_file_append_all(struct mu_chain_file *file,
    const struct mu_chain_entry *entries, size_t count);

/* The log's head, borrowed until the next append. */
const struct mu_chain_head *mu_chain_file_head(
    const struct mu_chain_file *file);

/*
 * Verifies the log in a file without a lock, as mu_chain_verify() does, for
 * readers: a record that is just being written is a torn line.
 *
 * Returns as mu_chain_verify(); MU_E_NOT_FOUND and MU_E_IO with *out
 * untouched.
 */
MU_MUST_CHECK enum mu_err mu_chain_file_verify(const char *path,
    const struct mu_chain_check *check, struct mu_chain_report *out);

#endif
