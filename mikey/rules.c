/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/rules.h"

#include "mikey/msg.h"

#define KIND(n) (1U << (n))
#define ANY     0U

/* TS 33.180 clause E.1.2 and RFC 6509 clause 4.1, in the order of sending. */
/* clang-format off */
const struct mikey_rule mikey_rules[MIKEY_RULES] = {
    {"T", MIKEY_PL_T, ANY, 1, 1, 0, 0, true},
    {"RAND", MIKEY_PL_RAND, ANY, 1, 1, 0, 0, true},
    {"IDRi", MIKEY_PL_IDR,
        KIND(MIKEY_ROLE_INITIATOR) | KIND(MIKEY_ROLE_INITIATOR_UID),
        1, 1, MIKEY_ALLOW_NO_IDR, 0, true},
    {"IDRr", MIKEY_PL_IDR,
        KIND(MIKEY_ROLE_RESPONDER) | KIND(MIKEY_ROLE_RESPONDER_UID),
        1, 1, MIKEY_ALLOW_NO_IDR, 0, true},
    {"IDRkmsi", MIKEY_PL_IDR, KIND(MIKEY_ROLE_INITIATOR_KMS),
        1, 1, MIKEY_ALLOW_NO_IDR, 0, true},
    {"IDRkmsr", MIKEY_PL_IDR, KIND(MIKEY_ROLE_RESPONDER_KMS),
        1, 1, MIKEY_ALLOW_NO_IDR, 0, true},
    {"SP", MIKEY_PL_SP, ANY, 0, MIKEY_SP_MAX, 0, 0, true},
    {"SAKKE", MIKEY_PL_SAKKE, ANY, 1, 1, 0, 0, true},
    {"key parameters", MIKEY_PL_EXT, KIND(MIKEY_EXT_KEY_PARAMS),
        0, 1, 0, 0, true},
    {"SAKKE-to-self", MIKEY_PL_EXT, KIND(MIKEY_EXT_SAKKE_TO_SELF),
        0, 1, 0, 0, true},
    {"SDP IDs", MIKEY_PL_EXT, KIND(MIKEY_EXT_SDP_IDS), 0, 1, 0, 0, true},
    {"GEN_EXT", MIKEY_PL_EXT, ANY,
        0, MIKEY_OTHER_EXT_MAX, 0, MIKEY_ALLOW_OTHER_EXT, true},
    {"SIGN", MIKEY_PL_SIGN, ANY, 1, 1, 0, 0, false},
};
/* clang-format on */

static bool rule_speaks_of(
    const struct mikey_rule *rule, const struct mikey_payload *p)
{
    unsigned kind;

    if (rule->type != p->type || rule->kinds == ANY)
        return rule->type == p->type;
    kind = p->type == MIKEY_PL_IDR ? p->idr.role : p->ext.type;
    return kind < 16 && (rule->kinds & KIND(kind)) != 0;
}

size_t mikey_rule_find(const struct mikey_payload *p)
{
    size_t i = 0;

    while (i < MIKEY_RULES && !rule_speaks_of(&mikey_rules[i], p))
        i++;
    return i;
}
