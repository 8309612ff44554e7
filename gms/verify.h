/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify.h - whether what the vault did was what somebody was allowed to ask
 * for: its own log (gms/vault/record.h) against the front's audit log
 * (gms/audit_events.h). For `gmsctl audit verify`.
 *
 * Front and vault are different processes with different keys. Whoever takes
 * the front can ask the vault for anything, but cannot make its log forget it;
 * whoever takes the vault can sign anything, but not in the audit log. So each
 * log is verified as a chain, and then these must hold:
 *
 *   - each recipient of a key was a holder of the group when it was wrapped or
 *     signed to him: added before, and not removed more than grace_ms before
 *     (what was under way is finished); nobody after his exclusion in the
 *     vault's own log, from its epoch on. Revocations go to everybody. Or it
 * was a server that had been given that very key, which is no GMK.
 *   - each exclusion of the audit log is in the vault's, unless it was decided
 *     less than grace_ms before now_ms; each exclusion and admission of the
 *     vault's is in the audit log.
 *   - each group for which a key was made was created, no key identifier was
 *     given twice, a key that is signed for the first time has a higher epoch
 *     than those before it, and each key that the audit log says was made is in
 *     the vault's.
 *   - each time the vault sealed something anew, that was ordered, and under
 *     that KEK.
 *   - each head of the vault's log that the front noted when it met a vault
 *     is a head of this log: an earlier state of it is found, and another
 *     history, too.
 *
 * Changes that were told and then undone (audit.undone) count for nothing.
 * Moments of the two logs are compared with skew_ms to spare: they are of one
 * host's clock, which may have been set meanwhile.
 */
#ifndef GMS_VERIFY_H
#define GMS_VERIFY_H

#include "base/chain_verify.h"
#include "mcptt/key_id.h"

#define GMS_VERIFY_GRACE_MS 60000
#define GMS_VERIFY_SKEW_MS  2000

struct gms_verify_log {
    const char *path;
    struct mu_verify_key key;
    const struct mu_chain_head *witness; /* a head kept elsewhere, or NULL */
};

enum gms_breach_kind {
    GMS_BREACH_RECORD,      /* one that cannot be read */
    GMS_BREACH_NO_HOLDER,   /* to somebody who was never a holder till then */
    GMS_BREACH_REMOVED,     /* to one who had been removed */
    GMS_BREACH_EXCLUDED,    /* to one whom the vault itself had excluded */
    GMS_BREACH_NO_EXCLUDE,  /* decided, and the vault was not told */
    GMS_BREACH_NO_DECISION, /* excluded or admitted, and nobody decided it */
    GMS_BREACH_NO_GROUP,    /* a key for a group that nobody created */
    GMS_BREACH_KEY_TWICE,   /* an identifier was given before */
    GMS_BREACH_EPOCH,       /* signed, and not above the one before */
    GMS_BREACH_NO_KEY,      /* the vault's log does not have it */
    GMS_BREACH_NO_ORDER,    /* sealed anew, and nobody ordered it */
    GMS_BREACH_HEAD,        /* the vault's log is not the one that was seen */
    GMS_BREACHES
};
/* For people: "key to somebody who was not a holder". Static storage. */
const char *gms_breach_text(enum gms_breach_kind kind);

struct gms_breach {
    enum gms_breach_kind kind;
    bool in_vault_log;          /* where the line is; else in the audit log */
    uint64_t line;              /* from 1 */
    struct span group, member;  /* empty where there is none */
    uint64_t epoch;             /* 0 where there is none */
    struct mcptt_key_id key_id; /* likewise */
};

struct gms_verify_config {
    struct gms_verify_log audit, vault;
    uint64_t now_ms; /* Unix */
    uint64_t grace_ms, skew_ms;
    /* Sees each breach, its spans borrowed for the call. */
    void (*on_breach)(void *ctx, const struct gms_breach *breach);
    void *ctx;
};

struct gms_verify_report {
    struct mu_chain_report audit, vault; /* a torn line is no fault here */
    uint64_t breaches;
    uint64_t lost;    /* records that the audit log says it lacks */
    uint64_t pending; /* exclusions that the vault may still be told */
};

/*
 * Verifies the audit log, then the vault's, and compares them as far as they
 * verify; without an audit log that does, nothing is compared.
 *
 * Returns MU_OK when all is well; MU_E_DENIED when there are breaches;
 * MU_E_CRYPTO when a log does not verify (the report says which and where);
 * MU_E_NOT_FOUND, MU_E_IO for a file, MU_E_NO_MEMORY. *out is set unless a file
 * cannot be read or memory ran out.
 */
MU_MUST_CHECK enum mu_err gms_verify(
    const struct gms_verify_config *config, struct gms_verify_report *out);

#endif
