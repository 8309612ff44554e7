/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/keys.h"

#include <assert.h>
#include <string.h>

const char *mcptt_key_kind_name(enum mcptt_key_kind kind)
{
    static const char *const names[MCPTT_KINDS] = {
        [MCPTT_KIND_GMK] = "GMK",
        [MCPTT_KIND_PCK] = "PCK",
        [MCPTT_KIND_CSK] = "CSK",
        [MCPTT_KIND_SPK] = "SPK",
        [MCPTT_KIND_MKFC] = "MKFC",
        [MCPTT_KIND_MSCCK] = "MSCCK",
        [MCPTT_KIND_MUSIK] = "MuSiK",
    };

    return (unsigned)kind < MCPTT_KINDS ? names[kind] : "unknown";
}

void mcptt_key_clear(struct mcptt_key *key)
{
    mu_wipe(key->b, sizeof(key->b));
}

bool mcptt_key_eq(const struct mcptt_key *a, const struct mcptt_key *b)
{
    return mu_ct_eq(a->b, b->b, sizeof(a->b)) & (a->kind == b->kind);
}

void mcptt_key_set(struct mcptt_key *key, enum mcptt_key_kind kind,
    const uint8_t octets[MCPTT_KEY_LEN])
{
    assert((unsigned)kind < MCPTT_KINDS);
    key->kind = kind;
    memcpy(key->b, octets, MCPTT_KEY_LEN);
}

enum mu_err mcptt_key_get(const struct mcptt_key *key, enum mcptt_key_kind kind,
    uint8_t octets[MCPTT_KEY_LEN])
{
    if (key->kind != kind)
        return MU_E_STATE;
    memcpy(octets, key->b, MCPTT_KEY_LEN);
    return MU_OK;
}
