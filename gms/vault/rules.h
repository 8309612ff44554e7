/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.h - what the vault does not do, whoever asks: the part of it that needs
 * no key and no memory. Pure.
 */
#ifndef GMS_VAULT_RULES_H
#define GMS_VAULT_RULES_H

#include "gms/vault/proto.h"
#include "mcptt/stamp.h"

/* From the monitor, not from the front. */
struct gms_vault_limits {
    uint64_t prebuild_periods; /* ahead of the present one */
    uint64_t activation_max_s; /* how far ahead a key may activate */
    /* CSKs looked at each second, and at once after a quiet time: of all
     * together, and, once the signature is good, of each sender. 0: all. */
    uint64_t csk_per_s, csk_burst;
    uint64_t csk_each_per_s, csk_each_burst;
};

/* The error that goes with a refusal; MU_OK for GMS_REFUSED_NOT. */
enum mu_err gms_vault_refusal_err(enum gms_vault_refusal refusal);

/* Where the messages of a period have their timestamps. */
struct gms_vault_time {
    bool ahead; /* a period that is yet to come */
    struct mcptt_interval period;
};

/*
 * The time of messages for recipients whose KMS has that rule: now, or the
 * beginning of a period that is prebuilt.
 *
 *   now_s  since 1900, as in mcptt/period.h
 *
 * Returns GMS_REFUSED_NOT with *out set, or GMS_REFUSED_PERIOD.
 */
enum gms_vault_refusal gms_rule_period(const struct mcptt_period_rule *rule,
    uint64_t number, uint64_t now_s, uint64_t prebuild_periods,
    struct gms_vault_time *out);

/*
 * Whether a message may say so of a key.
 *
 *   key        whose group has to be among those that it is said to be for,
 *              where the kind has groups; elsewhere none are named
 *   message_s  the message's timestamp, Unix
 *
 * Returns GMS_REFUSED_NOT; GMS_REFUSED_SEALED_KEY for other groups;
 * GMS_REFUSED_ACTIVATION for an activation too far ahead, an expiry that is not
 * behind activation and message, times over 40 bits.
 */
enum gms_vault_refusal gms_rule_terms(const struct gms_sign_terms *terms,
    const struct gms_sealed_key *key, uint64_t message_s,
    const struct gms_vault_limits *limits);

#endif
