/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/verify.h"

#include "base/chain_file.h"
#include "gms/verify_rules.h"

#define AUDIT_LOG_NAME "gmsd-audit"
#define RECORD_MAX     (1 << 20) /* octets of a record, read */

/* One pass over one log; its records one by one. */
struct pass {
    struct gms_verifier *v;
    struct mu_arena arena; /* of one record */
    enum mu_err err;       /* sticky: memory, or a hash */
};

const char *gms_breach_text(enum gms_breach_kind kind)
{
    static const char *const texts[GMS_BREACHES] = {
        [GMS_BREACH_RECORD] = "record that cannot be read",
        [GMS_BREACH_NO_HOLDER] = "key to somebody who was not a holder",
        [GMS_BREACH_REMOVED] = "key to a holder who had been removed",
        [GMS_BREACH_EXCLUDED] = "key to a member whom the vault had excluded",
        [GMS_BREACH_NO_EXCLUDE] = "exclusion that the vault was not told",
        [GMS_BREACH_NO_DECISION] = "exclusion or admission nobody decided",
        [GMS_BREACH_NO_GROUP] = "key for a group that nobody created",
        [GMS_BREACH_KEY_TWICE] = "key identifier that was given before",
        [GMS_BREACH_EPOCH] = "epoch that does not grow",
        [GMS_BREACH_NO_KEY] = "key that the vault's log does not have",
        [GMS_BREACH_NO_ORDER] = "objects sealed anew, and nobody ordered it",
        [GMS_BREACH_HEAD] = "log of the vault that is not the one seen before",
    };

    return kind < GMS_BREACHES ? texts[kind] : "unknown";
}

static void unreadable(struct gms_verifier *v, bool in_vault_log, uint64_t line)
{
    const struct gms_breach breach = {
        .kind = GMS_BREACH_RECORD, .in_vault_log = in_vault_log, .line = line};

    gms_verifier_breach(v, &breach);
}

/* What its own code wrote can be read, but by a later release or a bug. */
static bool is_unreadable(enum mu_err err)
{
    return err == MU_E_MALFORMED || err == MU_E_UNSUPPORTED ||
           err == MU_E_NO_SPACE;
}

static enum mu_err take_audit(
    struct pass *pass, const struct mu_chain_record *record, uint64_t line)
{
    struct gms_audit_record read;
    enum mu_err err =
        gms_audit_record_read(record->payload, &pass->arena, &read);

    if (err == MU_OK)
        err = gms_facts_add(&pass->v->facts, &read, record->unix_ms, line);
    if (is_unreadable(err))
        unreadable(pass->v, false, line);
    return is_unreadable(err) || err == MU_E_NOT_FOUND ? MU_OK : err;
}

static enum mu_err take_vault(
    struct pass *pass, const struct mu_chain_record *record, uint64_t line)
{
    struct gms_vault_record read;
    enum mu_err err;

    TRY(gms_verifier_head(pass->v, record));
    err = gms_vault_record_read(record->payload, &pass->arena, &read);
    if (is_unreadable(err))
        unreadable(pass->v, true, line);
    if (is_unreadable(err) || err == MU_E_NOT_FOUND)
        return MU_OK;
    TRY(err);
    return gms_verifier_record(pass->v, &read, record->unix_ms, line);
}

static void on_record(void *ctx, const struct mu_chain_record *record,
    enum mu_err (*take)(
        struct pass *, const struct mu_chain_record *, uint64_t))
{
    struct pass *pass = ctx;

    if (pass->err != MU_OK)
        return;
    mu_arena_init(&pass->arena, RECORD_MAX);
    pass->err = take(pass, record, record->seq + 1);
    mu_arena_clear(&pass->arena);
}

static void on_audit(void *ctx, const struct mu_chain_record *record)
{
    on_record(ctx, record, take_audit);
}

static void on_vault(void *ctx, const struct mu_chain_record *record)
{
    on_record(ctx, record, take_vault);
}

/* A torn last line was never in a log. */
static enum mu_err walk(struct gms_verifier *v,
    const struct gms_verify_log *log, const char *name,
    void (*take)(void *, const struct mu_chain_record *),
    struct mu_chain_report *report)
{
    struct pass pass = {.v = v};
    const struct mu_chain_check check = {.key = log->key,
        .name = name,
        .witness = log->witness,
        .on_record = take,
        .ctx = &pass};
    enum mu_err err = mu_chain_file_verify(log->path, &check, report);

    if (err == MU_E_NOT_FOUND || err == MU_E_IO)
        return err;
    TRY(pass.err);
    return report->fault == MU_CHAIN_GOOD || report->fault == MU_CHAIN_TORN
               ? MU_OK
               : MU_E_CRYPTO;
}

static enum mu_err compare(
    struct gms_verifier *v, const struct gms_verify_config *config)
{
    struct gms_verify_report *report = v->report;

    TRY(walk(v, &config->audit, AUDIT_LOG_NAME, on_audit, &report->audit));
    report->lost = v->facts.lost;
    TRY(gms_facts_close(&v->facts));
    TRY(walk(v, &config->vault, GMS_VAULT_LOG_NAME, on_vault, &report->vault));
    gms_verifier_close(v);
    return report->breaches == 0 ? MU_OK : MU_E_DENIED;
}

enum mu_err gms_verify(
    const struct gms_verify_config *config, struct gms_verify_report *out)
{
    struct gms_verify_report report = {.breaches = 0};
    struct gms_verifier v = {.config = config, .report = &report};
    enum mu_err err;

    gms_facts_init(&v.facts);
    err = compare(&v, config);
    gms_facts_clear(&v.facts);
    if (err == MU_OK || err == MU_E_DENIED || err == MU_E_CRYPTO)
        *out = report;
    return err;
}
