/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_receipts.c - members say that they opened a key (docs/receipts.md). The
 * front looks at the form and at who sends it; whether it proves anything is
 * the vault's to say, which alone has the key.
 */
#include <string.h>

#include "base/text.h"
#include "gms/api_inside.h"
#include "gms/api_topics.h"
#include "mcptt/receipt.h"

const struct gms_json_field gms_api_receipt_body[GMS_API_RECEIPT_FIELDS] = {
    {"receipt", GMS_JSON_ANY, true, NULL}, /* base64; longer than a text */
};

/* The receipt of a call, in its arena. */
static enum mu_err decode(struct gms_api_call *call, struct span *out)
{
    const char *text =
        json_string_value(json_object_get(call->body, "receipt"));
    uint8_t *octets = mu_arena_alloc(&call->arena, MCPTT_RECEIPT_MAX, 1);
    size_t len = 0;

    if (text == NULL)
        return MU_E_MALFORMED;
    if (octets == NULL)
        return mu_arena_err(&call->arena);
    TRY(mu_base64_read(span_str(text), octets, MCPTT_RECEIPT_MAX, &len));
    *out = (struct span){octets, len};
    return MU_OK;
}

static void on_judged(void *ctx, const struct gms_vault_answer *answer)
{
    struct gms_api_call *call = ctx;
    const struct mcptt_receipt *receipt = call->state;
    enum mu_err err = answer->err;

    if (answer->refusal != GMS_REFUSED_NOT) {
        gms_api_fail(call, GMS_API_FORBIDDEN, "the receipt proves nothing");
        return;
    }
    if (err == MU_OK)
        err = gms_keeper_opened(call->parts->keeper, receipt->group,
            receipt->member, receipt->key_id);
    if (err == MU_E_NOT_FOUND)
        gms_api_fail(call, GMS_API_NO_MEMBER, "no such key was sent to him");
    else if (err != MU_OK)
        gms_api_fail_err(call, err);
    else
        gms_api_answer(call, 200, json_pack("{s:s}", "state", "opened"));
}

/* The key as the store has it; its sealed form is what the vault opens. */
static void judge(struct gms_api_call *call, struct span octets,
    const struct mcptt_receipt *receipt)
{
    struct gms_vault_request request = {.op = GMS_VAULT_RECEIPT};
    struct gms_gmk gmk;
    enum mu_err err =
        gms_store_gmk(call->parts->store, receipt->key_id, &call->arena, &gmk);

    if (err == MU_OK &&
        (gmk.sealed.len == 0 || !span_eq(gmk.group, receipt->group)))
        err = MU_E_NOT_FOUND;
    if (err == MU_E_NOT_FOUND) {
        gms_api_fail(call, GMS_API_NO_MEMBER, "no such key was sent to him");
        return;
    }
    request.receipt = (struct gms_vault_receipt){
        {gmk.id, gmk.group, gmk.epoch, gmk.sealed}, octets};
    if (err == MU_OK)
        err = gms_vault_link_ask(
            call->parts->vault, &request, false, on_judged, call);
    if (err == MU_E_STATE)
        gms_api_fail(call, GMS_API_UNAVAILABLE, "no vault at the moment");
    else if (err != MU_OK)
        gms_api_fail_err(call, err);
}

void gms_api_receipt(struct gms_api_call *call)
{
    struct mcptt_receipt *receipt =
        mu_arena_alloc(&call->arena, 1, sizeof(*receipt));
    struct span octets = {NULL, 0};
    struct rd_fault fault = {.field = "receipt"};
    enum mu_err err = decode(call, &octets);

    if (receipt == NULL) {
        gms_api_fail_err(call, MU_E_NO_MEMORY);
        return;
    }
    if (err == MU_OK)
        err = mcptt_receipt_read(octets, receipt, &fault);
    if (err != MU_OK) {
        gms_api_fail(call, GMS_API_MALFORMED, fault.field);
        return;
    }
    /* Nobody speaks for another, whatever he can show. */
    if (call->caller.asserted || !span_eq(call->caller.uri, receipt->member)) {
        gms_api_fail(call, GMS_API_FORBIDDEN, "somebody else's receipt");
        return;
    }
    call->state = receipt;
    judge(call, octets, receipt);
}
