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

/* A receipt on its way to the disk; in the call's arena. */
struct proof {
    struct mcptt_receipt says;
    struct gms_opened opened;
};

enum gms_api_problem gms_api_receipt_refused(enum gms_vault_refusal refusal)
{
    switch (refusal) {
    case GMS_REFUSED_RATE:
        return GMS_API_TOO_MANY;
    case GMS_REFUSED_NOT_READY:
    case GMS_REFUSED_LOG:
        return GMS_API_UNAVAILABLE;
    case GMS_REFUSED_SEALED_KEY:
        return GMS_API_INTERNAL; /* of our own store */
    default:
        return GMS_API_FORBIDDEN;
    }
}

static const char *why_refused(enum gms_api_problem problem)
{
    if (problem == GMS_API_FORBIDDEN)
        return "the receipt proves nothing";
    return problem == GMS_API_INTERNAL ? NULL : "the vault has no time for it";
}

/* Nothing is wrong with what the store did not take: it is to come again. */
static void on_opened(void *ctx, enum mu_err err)
{
    struct gms_api_call *call = ctx;

    if (err == MU_OK)
        gms_api_answer(call, 200, json_pack("{s:s}", "state", "opened"));
    else if (err == MU_E_NOT_FOUND)
        gms_api_fail(call, GMS_API_NO_MEMBER, "no such key was sent to him");
    else
        gms_api_fail(call, GMS_API_UNAVAILABLE, "it could not be stored");
}

static void on_judged(void *ctx, const struct gms_vault_answer *answer)
{
    struct gms_api_call *call = ctx;
    struct proof *proof = call->state;
    enum gms_api_problem problem = gms_api_receipt_refused(answer->refusal);

    if (answer->refusal != GMS_REFUSED_NOT) {
        gms_api_fail(call, problem, why_refused(problem));
        return;
    }
    if (answer->err != MU_OK) { /* it died over it, or before */
        gms_api_fail(call, GMS_API_UNAVAILABLE, "no vault at the moment");
        return;
    }
    proof->opened = (struct gms_opened){.group = proof->says.group,
        .member = proof->says.member,
        .key = proof->says.key_id,
        .done = on_opened,
        .ctx = call};
    gms_keeper_opened(call->parts->keeper, &proof->opened);
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
    struct proof *proof = mu_arena_alloc(&call->arena, 1, sizeof(*proof));
    struct span octets = {NULL, 0};
    struct rd_fault fault = {.field = "receipt"};
    enum mu_err err = decode(call, &octets);

    if (proof == NULL) {
        gms_api_fail_err(call, MU_E_NO_MEMORY);
        return;
    }
    if (err == MU_OK)
        err = mcptt_receipt_read(octets, &proof->says, &fault);
    if (err != MU_OK) {
        gms_api_fail(call, GMS_API_MALFORMED, fault.field);
        return;
    }
    /* Nobody speaks for another, whatever he can show. */
    if (call->caller.asserted ||
        !span_eq(call->caller.uri, proof->says.member)) {
        gms_api_fail(call, GMS_API_FORBIDDEN, "somebody else's receipt");
        return;
    }
    call->state = proof;
    judge(call, octets, &proof->says);
}
