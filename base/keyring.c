/* SPDX-License-Identifier: Apache-2.0 */
#include "base/keyring.h"

#include "base/hkdf.h"

#include <string.h>

void mu_keyring_clear(struct mu_keyring *ring)
{
    mu_wipe(ring, sizeof(*ring));
}

enum mu_err mu_kek_id(const struct mu_kek *kek, struct mu_kek_id *out)
{
    struct span none = {NULL, 0};
    struct mu_kek_id id = {{0}};

    TRY(mu_hkdf(
        SPAN_OF(kek->b), none, span_str("muster kek id"), id.b, sizeof(id.b)));
    *out = id;
    return MU_OK;
}

/* The slot of that id, or ring->len. */
static size_t slot_of(const struct mu_keyring *ring, const struct mu_kek_id *id)
{
    size_t i = 0;

    while (i < ring->len && memcmp(&ring->slot[i].id, id, sizeof(*id)) != 0)
        i++;
    return i;
}

enum mu_err mu_keyring_add(struct mu_keyring *ring, const struct mu_kek *kek)
{
    struct mu_kek_id id;

    TRY(mu_kek_id(kek, &id));
    if (slot_of(ring, &id) < ring->len)
        return MU_E_STATE;
    if (ring->len == MU_KEYRING_MAX)
        return MU_E_NO_SPACE;
    ring->slot[ring->len].id = id;
    ring->slot[ring->len].kek = *kek;
    ring->len++;
    return MU_OK;
}

enum mu_err mu_keyring_remove(
    struct mu_keyring *ring, const struct mu_kek_id *id)
{
    size_t at = slot_of(ring, id);

    if (at == ring->len)
        return MU_E_NOT_FOUND;
    if (at == ring->len - 1)
        return MU_E_STATE;
    ring->len--;
    memmove(&ring->slot[at], &ring->slot[at + 1],
        (ring->len - at) * sizeof(ring->slot[0]));
    mu_wipe(&ring->slot[ring->len], sizeof(ring->slot[0]));
    return MU_OK;
}

const struct mu_kek_id *mu_keyring_current(const struct mu_keyring *ring)
{
    return ring->len > 0 ? &ring->slot[ring->len - 1].id : NULL;
}

const struct mu_kek *mu_keyring_find(
    const struct mu_keyring *ring, const struct mu_kek_id *id)
{
    size_t at = slot_of(ring, id);

    return at < ring->len ? &ring->slot[at].kek : NULL;
}
