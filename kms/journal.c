/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/journal.h"

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

#define PAYLOAD_MAX 4096

struct kms_journal {
    struct mu_sign_key key;
    struct mu_chain_file *file; /* borrows the key */
};

void kms_journal_close(struct kms_journal *journal)
{
    if (journal == NULL)
        return;
    mu_chain_file_close(journal->file);
    mu_free_wiped(journal, sizeof(*journal));
}

static void drop(struct kms_journal **journal)
{
    kms_journal_close(*journal);
}

const struct mu_chain_head *kms_journal_head(const struct kms_journal *journal)
{
    return mu_chain_file_head(journal->file);
}

/* Log and key are made together or not at all. */
static enum mu_err make_log(const struct kms_dir *dir, const struct mu_rng *rng,
    uint64_t unix_ms, struct kms_journal *journal)
{
    char path[MU_PATH_MAX];
    enum mu_err err;

    TRY(kms_dir_create(dir, KMS_DIR_LOG_KEY, SPAN_OF(journal->key.b)));
    kms_dir_path(dir, KMS_DIR_LOG, path);
    err = mu_chain_file_create(
        path, &journal->key, KMS_JOURNAL_NAME, rng, unix_ms, &journal->file);
    if (err != MU_OK) {
        kms_dir_path(dir, KMS_DIR_LOG_KEY, path);
        (void)unlink(path);
    }
    return err;
}

enum mu_err kms_journal_create(const struct kms_dir *dir,
    const struct mu_rng *rng, uint64_t unix_ms, struct mu_verify_key *key,
    struct kms_journal **out)
{
    MU_CLEANUP(drop) struct kms_journal *journal = mu_alloc(sizeof(*journal));
    struct mu_verify_key public;

    if (journal == NULL)
        return MU_E_NO_MEMORY;
    TRY(mu_sign_key_make(rng, &journal->key));
    TRY(mu_sign_public(&journal->key, &public));
    TRY(make_log(dir, rng, unix_ms, journal));
    *key = public;
    *out = journal;
    journal = NULL;
    return MU_OK;
}

static enum mu_err load_key(const struct kms_dir *dir,
    const struct mu_verify_key *want, struct mu_sign_key *out)
{
    MU_CLEANUP(buf_clear) struct buf octets = {.p = NULL};
    struct mu_verify_key public;

    TRY(kms_dir_read(dir, KMS_DIR_LOG_KEY, &octets));
    if (octets.len != sizeof(out->b))
        return MU_E_MALFORMED;
    memcpy(out->b, octets.p, sizeof(out->b));
    TRY(mu_sign_public(out, &public));
    return memcmp(&public, want, sizeof(public)) == 0 ? MU_OK : MU_E_CRYPTO;
}

enum mu_err kms_journal_open(const struct kms_dir *dir,
    const struct mu_verify_key *key, struct mu_chain_report *report,
    struct kms_journal **out)
{
    MU_CLEANUP(drop) struct kms_journal *journal = mu_alloc(sizeof(*journal));
    char path[MU_PATH_MAX];

    if (journal == NULL)
        return MU_E_NO_MEMORY;
    TRY(load_key(dir, key, &journal->key));
    kms_dir_path(dir, KMS_DIR_LOG, path);
    TRY(mu_chain_file_open(
        path, &journal->key, KMS_JOURNAL_NAME, report, &journal->file));
    *out = journal;
    journal = NULL;
    return MU_OK;
}

enum mu_err kms_journal_write(struct kms_journal *journal, uint64_t unix_ms,
    const char *event, const struct mu_log_field *fields, size_t count)
{
    uint8_t room[PAYLOAD_MAX];
    struct span payload;
    struct wr w;

    wr_init(&w, room, sizeof(room));
    mu_log_event_write(&w, event, fields, count);
    TRY(wr_close(&w, &payload));
    return mu_chain_file_append(journal->file, unix_ms, payload);
}
