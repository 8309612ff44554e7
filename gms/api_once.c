/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/api_once.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/log.h"
#include "gms/api_inside.h"

/* SHA-256 over the parts, each behind its length: no two requests run into one
 * another. */
static bool digest(const struct span what[3], uint8_t out[32])
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool ok = md != NULL && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;

    for (size_t i = 0; ok && i < 3; i++) {
        uint64_t len = what[i].len;

        ok = EVP_DigestUpdate(md, &len, sizeof(len)) == 1 &&
             EVP_DigestUpdate(md, what[i].p, what[i].len) == 1;
    }
    ok = ok && EVP_DigestFinal_ex(md, out, NULL) == 1;
    EVP_MD_CTX_free(md);
    return ok;
}

/* Visible ASCII (draft-ietf-httpapi-idempotency-key-header has a string). */
static bool is_key(struct span key)
{
    if (key.len == 0 || key.len > GMS_ONCE_KEY_MAX)
        return false;
    for (size_t i = 0; i < key.len; i++)
        if (key.p[i] <= 0x20 || key.p[i] > 0x7e)
            return false;
    return true;
}

static enum mu_err store(const struct gms_api_call *call, unsigned status,
    struct span text, uint64_t expires_ms)
{
    struct gms_store *store = call->parts->store;
    struct gms_once once = {.actor = call->caller.uri,
        .key = call->once_key,
        .status = status,
        .body = text,
        .expires_ms = expires_ms};
    enum mu_err err;

    memcpy(once.request, call->once_request, sizeof(once.request));
    TRY(gms_store_begin(store));
    err = gms_store_drop_once(store, mu_clock_unix_ms(call->parts->clock));
    if (err == MU_OK)
        err = gms_store_put_once(store, &once);
    if (err == MU_OK)
        err = gms_store_commit(store);
    if (err != MU_OK)
        gms_store_rollback(store);
    return err;
}

static bool is_running(const struct gms_api_call *call)
{
    const struct gms_api_call *c = call->api->calls;

    while (c != NULL && (c == call || !span_eq(c->once_key, call->once_key) ||
                            !span_eq(c->caller.uri, call->caller.uri)))
        c = c->next;
    return c != NULL;
}

static void replay(struct gms_api_call *call, const struct gms_once *once)
{
    call->once_key.len = 0; /* nothing new to keep */
    gms_api_field(call, "Idempotent-Replayed", span_str("true"));
    gms_api_answer_text(call, once->status,
        once->status < 400 ? "application/json" : HTTP_PROBLEM_TYPE,
        once->body);
}

/* A row is there. True: the handler may run (again). */
static bool judge(struct gms_api_call *call, const struct gms_once *once)
{
    enum gms_api_problem problem = GMS_API_OUTCOME;
    bool running = is_running(call);

    if (memcmp(once->request, call->once_request, 32) != 0) {
        problem = GMS_API_KEY_REUSED;
    } else if (once->status != 0) {
        replay(call, once);
        return false;
    } else if (running) {
        problem = GMS_API_IN_PROGRESS;
        gms_api_field(call, "Retry-After", span_str("1"));
    } else if ((call->route->flags & GMS_API_REPEAT) != 0) {
        return true;
    }
    call->once_key.len = 0;
    gms_api_fail(call, problem, NULL);
    return false;
}

/* The time of the call decides, not the last tidying up. */
static enum mu_err find(struct gms_api_call *call, struct gms_once *once)
{
    TRY(gms_store_once(call->parts->store, call->caller.uri, call->once_key,
        &call->arena, once));
    if (once->expires_ms <= mu_clock_unix_ms(call->parts->clock))
        return MU_E_NOT_FOUND;
    return MU_OK;
}

static uint64_t end_of(const struct gms_api_call *call)
{
    return mu_clock_unix_ms(call->parts->clock) + GMS_ONCE_KEEP_MS;
}

static void give_up(struct gms_api_call *call, enum mu_err err)
{
    call->once_key.len = 0;
    gms_api_fail_err(call, err);
}

bool gms_once_begin(
    struct gms_api_call *call, struct span key, const struct span what[3])
{
    struct gms_once once = {.status = 0};
    enum mu_err err;

    if (key.p == NULL)
        return true;
    if (!is_key(key) || !digest(what, call->once_request)) {
        gms_api_fail(call, GMS_API_MALFORMED,
            "Idempotency-Key is no text of 1 to 255 visible characters");
        return false;
    }
    call->once_key = mu_arena_copy(&call->arena, key);
    err = call->once_key.p == NULL ? mu_arena_err(&call->arena)
                                   : find(call, &once);
    if (err == MU_OK)
        return judge(call, &once);
    if (err == MU_E_NOT_FOUND)
        err = store(call, 0, (struct span){NULL, 0}, end_of(call));
    if (err != MU_OK)
        give_up(call, err);
    return err == MU_OK;
}

void gms_once_keep(struct gms_api_call *call, unsigned status, struct span text)
{
    enum mu_err err;

    if (call->once_key.len == 0)
        return;
    /* Not final: the row expires at once, so that the key is free again. */
    err = call->forget ? store(call, 0, (struct span){NULL, 0}, 1)
                       : store(call, status, text, end_of(call));
    if (err != MU_OK)
        mu_log(MU_LOG_ERROR, "api.answer_not_kept", mu_log_err("error", err),
            mu_log_octets("user", call->caller.uri));
}
