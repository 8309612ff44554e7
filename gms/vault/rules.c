/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/vault/rules.h"

#define TIME_MAX ((UINT64_C(1) << 40) - 1) /* TS 33.180 clause E.6 */

enum mu_err gms_vault_refusal_err(enum gms_vault_refusal refusal)
{
    static const enum mu_err errors[GMS_REFUSALS] = {
        [GMS_REFUSED_NOT] = MU_OK,
        [GMS_REFUSED_CERT] = MU_E_CRYPTO,
        [GMS_REFUSED_KEYS] = MU_E_CRYPTO,
        [GMS_REFUSED_NOT_READY] = MU_E_STATE,
        [GMS_REFUSED_KMS] = MU_E_NOT_FOUND,
        [GMS_REFUSED_PERIOD] = MU_E_EXPIRED,
        [GMS_REFUSED_SEALED_KEY] = MU_E_CRYPTO,
        [GMS_REFUSED_ENVELOPE] = MU_E_CRYPTO,
        [GMS_REFUSED_EPOCH] = MU_E_DENIED,
        [GMS_REFUSED_EXCLUDED] = MU_E_DENIED,
        [GMS_REFUSED_PURPOSE] = MU_E_DENIED,
        [GMS_REFUSED_ACTIVATION] = MU_E_DENIED,
        [GMS_REFUSED_LOG] = MU_E_IO,
        [GMS_REFUSED_RATE] = MU_E_STATE,
        [GMS_REFUSED_RECEIPT] = MU_E_CRYPTO,
        [GMS_REFUSED_MESSAGE] = MU_E_MALFORMED,
        [GMS_REFUSED_KIND] = MU_E_DENIED,
        [GMS_REFUSED_RECEIVER] = MU_E_DENIED,
        [GMS_REFUSED_SENDER] = MU_E_DENIED,
        [GMS_REFUSED_TIME] = MU_E_EXPIRED,
        [GMS_REFUSED_REPLAY] = MU_E_DENIED,
        [GMS_REFUSED_SIGNATURE] = MU_E_CRYPTO,
        [GMS_REFUSED_CSK] = MU_E_CRYPTO,
    };

    return refusal < GMS_REFUSALS ? errors[refusal] : MU_E_DENIED;
}

enum gms_vault_refusal gms_rule_period(const struct mcptt_period_rule *rule,
    uint64_t number, uint64_t now_s, uint64_t prebuild_periods,
    struct gms_vault_time *out)
{
    struct mcptt_interval interval = {0};
    uint64_t present = 0;

    if (mcptt_period_number(rule, now_s, &present) != MU_OK ||
        mcptt_period_interval(rule, number, &interval) != MU_OK)
        return GMS_REFUSED_PERIOD;
    if (number < present || number - present > prebuild_periods)
        return GMS_REFUSED_PERIOD;
    *out = (struct gms_vault_time){number > present, interval};
    return GMS_REFUSED_NOT;
}

/*
 * A key is its group's, whatever others it is said to be for (TS 33.180 clause
 * 5.7: one key for several groups). Whoever gets it is in the log as a member
 * of the group it was made for, so that nobody of another one has it unnoticed.
 */
static bool groups_ok(
    const struct gms_sign_terms *terms, const struct gms_sealed_key *key)
{
    enum mcptt_key_kind kind = (enum mcptt_key_kind)mcptt_key_id_tag(key->id);
    bool own = false;

    for (size_t i = 0; i < terms->group_count; i++)
        own = own || span_eq(terms->groups[i], key->group);
    return mcptt_key_kind_has_groups(kind) ? own : terms->group_count == 0;
}

/* What a message can say at all (mcptt/key_params.h). */
static bool times_fit(const struct gms_sign_terms *terms)
{
    if (terms->activation_s > TIME_MAX || terms->expiry_s > TIME_MAX)
        return false;
    return terms->expiry_s == 0 || terms->expiry_s > terms->activation_s;
}

static bool times_ok(const struct gms_sign_terms *terms, uint64_t message_s,
    const struct gms_vault_limits *limits)
{
    uint64_t from_s =
        terms->activation_s > message_s ? terms->activation_s : message_s;

    if (from_s - message_s > limits->activation_max_s)
        return false;
    return terms->expiry_s == 0 || terms->expiry_s > from_s;
}

enum gms_vault_refusal gms_rule_terms(const struct gms_sign_terms *terms,
    const struct gms_sealed_key *key, uint64_t message_s,
    const struct gms_vault_limits *limits)
{
    if (!groups_ok(terms, key))
        return GMS_REFUSED_SEALED_KEY;
    /* A revocation repeats the times that the key had, long gone perhaps. */
    if (!times_fit(terms) ||
        (!terms->revoked && !times_ok(terms, message_s, limits)))
        return GMS_REFUSED_ACTIVATION;
    return GMS_REFUSED_NOT;
}
