/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kds_store.h - what kdsd keeps: the contents of the bundles it imported, in
 * one SQLite file.
 *
 * None of it opens anything: key sets are wrapped under transport keys that
 * kdsd never had, certificates are public, and each InK is sealed under kdsd's
 * own KEK (base/seal.h), which is not in the file. A bundle is one transaction.
 * One process may import while another serves.
 *
 * Spans that are handed out lie in the caller's arena.
 */
#ifndef KMS_KDS_STORE_H
#define KMS_KDS_STORE_H

#include "base/arena.h"
#include "base/chain.h"
#include "mcptt/period.h"

#define KDS_HASH_LEN      32
#define KDS_KRR_MAX       10000 /* redirect responses kept, of all users */
#define KDS_KRR_USER_MAX  16    /* and of one */
#define KDS_EXTERNALS_MAX 1024  /* certificates of partners */

struct kds_store;

/* The last bundle; sequence 0 when there was none. */
struct kds_last {
    uint64_t sequence;
    uint8_t hash[KDS_HASH_LEN];
    struct span kms_uri;
    uint64_t created_s; /* Unix time */
    struct mu_chain_head log_head;
    uint8_t certificate[KDS_HASH_LEN]; /* fingerprint of the root */
};

struct kds_user {
    struct span uri;
    bool revoked;
    uint64_t serial; /* of his enrolment */
    struct span ink; /* sealed under the KEK (kms/kds_ink.h); may be empty */
};

struct kds_key_set {
    struct span uri; /* the user's */
    uint64_t period;
    uint64_t serial; /* of the enrolment whose TrK wraps it */
    struct span mac; /* HMAC-SHA-256 of xml under his InK */
    struct span xml; /* one KmsKeySet */
};

struct kds_certificate {
    struct span kms_uri;
    struct mcptt_period_rule rule; /* of the KMS's key periods */
    uint64_t cache_num; /* counts certificates as they are put, from 1; set by
                           the store */
    struct span xml;    /* one SignedKmsCertificate */
};

/*
 * Opens the file, makes it or brings its schema up to date.
 *
 * Returns MU_OK; MU_E_UNSUPPORTED for the schema of a later release;
 * MU_E_MALFORMED for a file that is something else; MU_E_IO; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err kds_store_open(
    const char *path, struct kds_store **out);
/* NULL is fine. What was begun and not committed is undone. */
void kds_store_close(struct kds_store *store);
/* For MU_CLEANUP. */
void kds_store_drop(struct kds_store **store);

/*
 * One transaction: to write, or to read several things of one moment. Ends
 * with kds_store_commit(), or with kds_store_undo(), which is fine when there
 * is none.
 *
 * Return MU_OK; MU_E_STATE when one is open; MU_E_IO, also when another
 * process writes for too long; MU_E_NO_SPACE.
 */
MU_MUST_CHECK enum mu_err kds_store_begin_write(struct kds_store *store);
MU_MUST_CHECK enum mu_err kds_store_begin_read(struct kds_store *store);
MU_MUST_CHECK enum mu_err kds_store_commit(struct kds_store *store);
void kds_store_undo(struct kds_store *store);

/*
 * Writing, within a transaction. Numbers beyond INT64_MAX are MU_E_NO_SPACE.
 *
 * put_user replaces what was known of him; an empty ink keeps the one held of
 * the same serial. Key sets of another serial go, and all of a revoked user.
 * put_root and put_external replace the certificate of that KMS.
 */
MU_MUST_CHECK enum mu_err kds_store_put_last(
    struct kds_store *store, const struct kds_last *last);
MU_MUST_CHECK enum mu_err kds_store_put_user(
    struct kds_store *store, const struct kds_user *user);
MU_MUST_CHECK enum mu_err kds_store_put_key_set(
    struct kds_store *store, const struct kds_key_set *set);
MU_MUST_CHECK enum mu_err kds_store_put_root(
    struct kds_store *store, const struct kds_certificate *certificate);
MU_MUST_CHECK enum mu_err kds_store_put_external(
    struct kds_store *store, const struct kds_certificate *certificate);

/*
 * Reading. They return MU_OK; MU_E_NOT_FOUND; the arena's error; MU_E_IO;
 * MU_E_MALFORMED for a damaged file. *out is untouched on failure.
 */
MU_MUST_CHECK enum mu_err kds_store_last(
    struct kds_store *store, struct mu_arena *arena, struct kds_last *out);
MU_MUST_CHECK enum mu_err kds_store_user(struct kds_store *store,
    struct span uri, struct mu_arena *arena, struct kds_user *out);
MU_MUST_CHECK enum mu_err kds_store_key_set(struct kds_store *store,
    struct span uri, uint64_t period, struct mu_arena *arena,
    struct kds_key_set *out);
MU_MUST_CHECK enum mu_err kds_store_root(struct kds_store *store,
    struct mu_arena *arena, struct kds_certificate *out);
MU_MUST_CHECK enum mu_err kds_store_certificate(struct kds_store *store,
    struct span kms_uri, struct mu_arena *arena, struct kds_certificate *out);

/*
 * The external certificates newer than a cache number, oldest first.
 * *cache_num is what to ask with the next time: the highest there is, newer
 * or not (0 when there are none), or the last of KDS_EXTERNALS_MAX.
 */
MU_MUST_CHECK enum mu_err kds_store_externals(struct kds_store *store,
    uint64_t newer_than, struct mu_arena *arena, struct mu_arena_list *out,
    uint64_t *cache_num);

/*
 * Keeps what a user uploaded: a key redirect response that he got.
 *
 * Returns MU_OK; MU_E_NO_SPACE over KDS_KRR_MAX or KDS_KRR_USER_MAX; MU_E_IO.
 */
MU_MUST_CHECK enum mu_err kds_store_add_krr(
    struct kds_store *store, struct span user, uint64_t at_s, struct span xml);

#endif
