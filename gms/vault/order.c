/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/vault/order.h"

#include "base/alloc.h"

/* 256 recipients with 32 octets of UID, or 128 with SED and stamp, and their
 * lists of spans. */
#define ARENA_MAX (1 << 18)

enum mu_err gms_order_new(struct gms_order **out)
{
    struct gms_order *order = mu_alloc(sizeof(*order));

    if (order == NULL)
        return MU_E_NO_MEMORY;
    mu_arena_init(&order->arena, ARENA_MAX);
    *out = order;
    return MU_OK;
}

void gms_order_free(struct gms_order *order)
{
    if (order == NULL)
        return;
    kms_cert_unref(order->cert);
    gms_signer_unref(order->signer);
    gms_receiver_unref(order->receiver);
    mu_arena_clear(&order->arena);
    mu_free_wiped(order, sizeof(*order));
}

enum mu_err gms_order_read(struct gms_order *order)
{
    return gms_vault_request_read((struct span){order->frame, order->frame_len},
        &order->arena, &order->request);
}

bool gms_order_is_work(const struct gms_order *order)
{
    enum gms_vault_op op = order->request.op;

    return op == GMS_VAULT_WRAP || op == GMS_VAULT_SIGN ||
           op == GMS_VAULT_CSK || op == GMS_VAULT_RESEAL;
}

size_t gms_order_count(const struct gms_order *order)
{
    const struct gms_vault_request *request = &order->request;

    if (request->op == GMS_VAULT_CSK)
        return 1;
    if (request->op == GMS_VAULT_RESEAL)
        return request->reseal.count;
    return request->op == GMS_VAULT_SIGN ? request->sign.count
                                         : request->wrap.count;
}

struct span gms_order_recipient(const struct gms_order *order, size_t i)
{
    const struct gms_vault_request *request = &order->request;

    return request->op == GMS_VAULT_SIGN ? request->sign.items[i].recipient
                                         : request->wrap.recipients[i];
}
