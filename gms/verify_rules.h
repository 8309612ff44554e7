/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_rules.h - the rules of gms/verify.h, one record of the vault's log at
 * a time.
 */
#ifndef GMS_VERIFY_RULES_H
#define GMS_VERIFY_RULES_H

#include "gms/vault/record.h"
#include "gms/verify.h"
#include "gms/verify_facts.h"

struct gms_verifier {
    const struct gms_verify_config *config;
    struct gms_verify_report *report;
    struct gms_facts facts;
    struct mu_arena_list made; /* struct gms_fact_key: keys of the vault's log,
                                  in the arena of the facts */
    struct mu_arena_list signed_keys; /* likewise: signed at least once */
    size_t heads_seen;                /* of the facts' heads */
};

/* Counts a breach and hands it on. */
void gms_verifier_breach(
    struct gms_verifier *v, const struct gms_breach *breach);

/* The record of that line, not read yet: whether a head that was noted is its
 * hash. MU_OK or MU_E_CRYPTO. */
MU_MUST_CHECK enum mu_err gms_verifier_head(
    struct gms_verifier *v, const struct mu_chain_record *record);

/* The record, read. MU_OK or MU_E_NO_MEMORY. */
MU_MUST_CHECK enum mu_err gms_verifier_record(struct gms_verifier *v,
    const struct gms_vault_record *record, uint64_t ms, uint64_t line);

/* After the last one: what the vault's log should have and has not. */
void gms_verifier_close(struct gms_verifier *v);

#endif
