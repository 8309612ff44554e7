/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_status.c - how the server is, the head of its audit log, and the document
 * that describes this API.
 */
#include "config.h"

#include "gms/api_form.h"
#include "gms/api_inside.h"
#include "gms/api_openapi.h"
#include "gms/api_topics.h"
#include "http/server.h"

/* The audit log's; vault: the head of the vault's own log, or null. Taken. */
static void answer_heads(struct gms_api_call *call, json_t *vault)
{
    char text[MU_CHAIN_HEAD_TEXT];
    struct gms_audit_stats stats;

    (void)gms_audit_flush(call->parts->audit);
    stats = gms_audit_stats(call->parts->audit);
    mu_chain_head_write(gms_audit_head(call->parts->audit), text);
    gms_api_answer(call, 200,
        json_pack("{s:s, s:o, s:I, s:I, s:b}", "head", text, "vault_head",
            vault, "waiting", (json_int_t)stats.waiting, "lost",
            (json_int_t)stats.lost, "failing", (int)stats.failing));
}

static void on_hello(void *ctx, const struct gms_vault_answer *answer)
{
    if (answer->last)
        answer_heads(ctx, answer->err == MU_OK
                              ? gms_json_of(answer->hello.log_head)
                              : json_null());
}

/* The vault says itself where its log is; without a vault nobody can. */
void gms_api_audit_head(struct gms_api_call *call)
{
    struct gms_vault_request request = {.op = GMS_VAULT_HELLO};

    if (gms_vault_link_ask(
            call->parts->vault, &request, true, on_hello, call) != MU_OK)
        answer_heads(call, json_null());
}

static json_t *form_keeper(const struct gms_keeper_stats *s)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
        "keys_made", (json_int_t)s->keys_made, "wrapped",
        (json_int_t)s->wrapped, "signed", (json_int_t)s->messages_signed,
        "accepted", (json_int_t)s->accepted, "failed", (json_int_t)s->failed,
        "revoked", (json_int_t)s->revoked, "queued", (json_int_t)s->queued,
        "intents", (json_int_t)s->intents, "oldest_ms",
        (json_int_t)s->oldest_ms);
}

static json_t *form_audit(const struct gms_audit_stats *s)
{
    return json_pack("{s:I, s:I, s:I, s:b}", "written", (json_int_t)s->written,
        "waiting", (json_int_t)s->waiting, "lost", (json_int_t)s->lost,
        "failing", (int)s->failing);
}

static json_t *form_http(const struct http_stats *s)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "connections",
        (json_int_t)s->connections, "open", (json_int_t)s->requests_open,
        "requests", (json_int_t)s->requests, "refused", (json_int_t)s->refused,
        "late", (json_int_t)s->late);
}

void gms_api_status(struct gms_api_call *call)
{
    struct gms_keeper_stats keeper = gms_keeper_stats(call->parts->keeper);
    struct gms_audit_stats audit = gms_audit_stats(call->parts->audit);
    struct http_stats http = http_server_stats(gms_api_server(call->api));

    gms_api_answer(call, 200,
        json_pack("{s:s, s:{s:b, s:b}, s:o, s:o, s:o}", "version",
            PACKAGE_VERSION, "vault", "up", (int)keeper.vault_up, "ready",
            (int)keeper.vault_ready, "keys", form_keeper(&keeper), "audit",
            form_audit(&audit), "http", form_http(&http)));
}

void gms_api_openapi(struct gms_api_call *call)
{
    gms_api_answer_text(
        call, 200, "application/json", span_str(gms_api_openapi_text));
}
