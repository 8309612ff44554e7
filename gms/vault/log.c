/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/vault/log.h"

#include "base/alloc.h"
#include "gms/fault.h"

#define ARENA_MAX (1 << 20)

/* 256 URIs of 255 octets, each escaped, take no more payloads than this. */
#define PAYLOADS_MAX 16

struct gms_vault_log {
    struct mu_chain_file *file;
    struct gms_book *book;
};

/* What a reading of the log comes to. */
struct replay {
    struct gms_book *book;
    enum mu_err err;
};

static enum mu_err note(
    struct gms_book *book, const struct mu_chain_record *record)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_vault_record got;
    enum mu_err err;

    mu_arena_init(&arena, ARENA_MAX);
    err = gms_vault_record_read(record->payload, &arena, &got);
    if (err == MU_E_NOT_FOUND)
        return record->seq == 0 ? MU_OK : MU_E_MALFORMED;
    TRY(err);
    return gms_book_note(book, &got, record->unix_ms / 1000);
}

static void on_record(void *ctx, const struct mu_chain_record *record)
{
    struct replay *replay = ctx;

    if (replay->err == MU_OK)
        replay->err = note(replay->book, record);
}

static void drop(struct mu_chain_file **file)
{
    mu_chain_file_close(*file);
}

enum mu_err gms_vault_log_open(int fd, const struct mu_sign_key *key,
    uint64_t unix_ms, const struct mu_rng *rng, struct gms_book *book,
    struct gms_vault_log **out)
{
    MU_CLEANUP(drop) struct mu_chain_file *file = NULL;
    struct replay replay = {book, MU_OK};
    struct mu_chain_take take = {
        key, GMS_VAULT_LOG_NAME, rng, unix_ms, on_record, &replay};
    struct gms_vault_log *log;

    TRY(mu_chain_file_take(fd, &take, NULL, &file));
    TRY(replay.err);
    log = mu_alloc(sizeof(*log));
    if (log == NULL)
        return MU_E_NO_MEMORY;
    *log = (struct gms_vault_log){file, book};
    file = NULL;
    *out = log;
    return MU_OK;
}

void gms_vault_log_close(struct gms_vault_log *log)
{
    if (log == NULL)
        return;
    mu_chain_file_close(log->file);
    mu_free(log);
}

/* The payloads of a record, each of its own memory. */
struct payloads {
    struct mu_chain_entry at[PAYLOADS_MAX];
    size_t len;
};

static enum mu_err split(const struct gms_vault_record *record,
    uint64_t unix_ms, struct mu_arena *arena, struct payloads *out)
{
    struct gms_vault_record rest = *record;

    do {
        uint8_t *room = mu_arena_alloc(arena, MU_CHAIN_PAYLOAD_MAX, 1);
        size_t taken = 0;
        struct wr w;

        if (room == NULL || out->len == PAYLOADS_MAX)
            return MU_E_NO_MEMORY;
        wr_init(&w, room, MU_CHAIN_PAYLOAD_MAX);
        TRY(gms_vault_record_write(&w, &rest, &taken));
        out->at[out->len].unix_ms = unix_ms;
        TRY(wr_close(&w, &out->at[out->len++].payload));
        if (taken == 0)
            break; /* a record without recipients */
        rest.uris += taken;
        rest.count -= taken;
    } while (rest.count > 0);
    return MU_OK;
}

enum mu_err gms_vault_log_add(struct gms_vault_log *log,
    const struct gms_vault_record *record, uint64_t unix_ms)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct payloads payloads = {.len = 0};

    mu_arena_init(&arena, ARENA_MAX);
    TRY(split(record, unix_ms, &arena, &payloads));
    GMS_FAULT("vault_log.write");
    TRY(mu_chain_file_append_all(log->file, payloads.at, payloads.len));
    GMS_FAULT("vault_log.written");
    return gms_book_note(log->book, record, unix_ms / 1000);
}

const struct mu_chain_head *gms_vault_log_head(const struct gms_vault_log *log)
{
    return mu_chain_file_head(log->file);
}
