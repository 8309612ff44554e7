/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_ask.c - /v1/groups/{group}/key-requests: an MCPTT server asks, at call
 * set-up or after its restart, which key of the group is in force.
 *
 * When there is none, or it is about to expire, the question makes one; asking
 * twice never makes two, with the same Idempotency-Key or another. The answer
 * says which key, since when, until when, and who holds it; the key itself is
 * not in it. While it is being made the question waits, as long as the client
 * prefers (Prefer: wait=SECONDS, RFC 7240 clause 4.3), then says 202: the same
 * request again is the way to learn more.
 */
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "gms/api_form.h"
#include "gms/api_inside.h"
#include "gms/api_topics.h"
#include "http/path.h"

#define WAIT_DEFAULT_S 5
#define WAIT_MAX_S     20 /* below the server's own deadline */

struct ask {
    struct ask *next;
    struct gms_api_call *call;
    uint64_t until_ms; /* monotonic */
    bool changed;      /* worth asking again */
};

struct gms_api_asks {
    struct gms_api *api;
    struct ask *waiting; /* the first to give up first */
    struct event *timer;
};

const struct gms_json_field gms_api_ask_body[] = {
    {"purpose", GMS_JSON_WORD, true,
        "group-call floor-control multicast-signalling"},
};

/* ------------------------------------------------------------------ answers */

static enum mu_err add_holders(struct gms_api_call *call,
    const struct gms_in_force *key, json_t *held, json_t *missing)
{
    struct gms_delivery_query query = {
        .group = call->group, .key = key->gmk.id, .by_key = true, .bare = true};
    struct mu_arena_list rows = {0};
    const struct gms_delivery *row;

    TRY(gms_store_deliveries(call->parts->store, &query, &call->arena, &rows));
    row = rows.at;
    for (size_t i = 0; i < rows.len; i++) {
        bool has = gms_delivery_is_held(row[i].state);

        if (row[i].revocation || row[i].state == GMS_DLV_REVOKED)
            continue;
        if (json_array_append_new(
                has ? held : missing, gms_json_of(row[i].member)) != 0)
            return MU_E_NO_MEMORY;
    }
    return MU_OK;
}

static void answer_key(
    struct gms_api_call *call, const struct gms_in_force *key)
{
    MU_CLEANUP(gms_json_drop) json_t *held = json_array();
    MU_CLEANUP(gms_json_drop) json_t *missing = json_array();
    enum mu_err err = add_holders(call, key, held, missing);

    if (err != MU_OK) {
        gms_api_fail_err(call, err);
        return;
    }
    gms_api_answer(call, 200,
        json_pack("{s:o, s:o, s:o, s:I, s:s, s:o, s:o, s:b, s:I, s:I, s:O, "
                  "s:O}",
            "group", gms_json_of(call->group), "purpose",
            json_incref(json_object_get(call->body, "purpose")), "gmk_id",
            gms_form_key_id(key->gmk.id), "epoch", (json_int_t)key->gmk.epoch,
            "state", gms_gmk_state_name(key->gmk.state), "since",
            gms_form_time_s(key->gmk.activation_s), "until",
            gms_form_time_s(key->gmk.expiry_s), "made", (int)key->made,
            "members", (json_int_t)key->members, "held", (json_int_t)key->held,
            "holders", held, "missing", missing));
}

static void answer_later(struct gms_api_call *call)
{
    struct span where = {NULL, 0};
    uint8_t text[1024];
    struct wr w;

    wr_init(&w, text, sizeof(text));
    wr_span(&w, span_str(GMS_API_ROOT "/groups/"));
    http_path_write_segment(&w, call->group);
    wr_span(&w, span_str("/keys"));
    if (wr_close(&w, &where) == MU_OK)
        gms_api_field(call, "Location", where);
    gms_api_field(call, "Retry-After", span_str("1"));
    call->forget = true;
    gms_api_answer(call, 202,
        json_pack("{s:o, s:s}", "group", gms_json_of(call->group), "state",
            "making"));
}

/* The message is for the server that asks, and for nobody else to open. */
static void answer_message(struct gms_api_call *call, enum mcptt_key_kind kind,
    const struct gms_delivery *row)
{
    char *text =
        mu_arena_alloc(&call->arena, MU_BASE64_LEN(row->message.len), 1);

    if (text == NULL) {
        gms_api_fail_err(call, MU_E_NO_MEMORY);
        return;
    }
    mu_base64_write(row->message, text);
    gms_api_answer(call, 200,
        json_pack("{s:o, s:o, s:s, s:o, s:o, s:s}", "group",
            gms_json_of(call->group), "purpose",
            json_incref(json_object_get(call->body, "purpose")), "kind",
            mcptt_key_kind_name(kind), "key_id", gms_form_key_id(row->key),
            "receiver", gms_json_of(row->member), "message", text));
}

static enum mu_err try_group_key(struct gms_api_call *call)
{
    struct gms_in_force key;

    TRY(gms_keeper_in_force(call->parts->keeper, call->caller.uri, call->group,
        &call->arena, &key));
    answer_key(call, &key);
    return MU_OK;
}

static enum mu_err try_server_key(
    struct gms_api_call *call, enum mcptt_key_kind kind)
{
    struct gms_delivery row;

    TRY(gms_keeper_server_key(call->parts->keeper, call->caller.uri,
        call->group, kind, &call->arena, &row));
    answer_message(call, kind, &row);
    return MU_OK;
}

static enum mu_err try_purpose(struct gms_api_call *call)
{
    struct span purpose = gms_json_span(call->body, "purpose");

    if (span_eq(purpose, span_str("floor-control")))
        return try_server_key(call, MCPTT_KIND_MKFC);
    if (span_eq(purpose, span_str("multicast-signalling")))
        return try_server_key(call, MCPTT_KIND_MUSIK);
    return try_group_key(call);
}

/* True when the call is answered; false: the key is being made. */
static bool try_now(struct gms_api_call *call)
{
    enum mu_err err = try_purpose(call);

    if (err == MU_E_EXPIRED)
        return false;
    if (err != MU_OK)
        gms_api_fail_err(call, err);
    return true;
}

/* ------------------------------------------------------------------ waiting */

static uint64_t now_of(const struct gms_api_asks *asks)
{
    return mu_clock_mono_ms(asks->api->parts.clock);
}

static void arm(struct gms_api_asks *asks)
{
    uint64_t now = now_of(asks), wait_ms;
    struct timeval wait;

    (void)evtimer_del(asks->timer);
    if (asks->waiting == NULL)
        return;
    wait_ms = asks->waiting->until_ms > now ? asks->waiting->until_ms - now : 0;
    wait.tv_sec = (time_t)(wait_ms / 1000);
    wait.tv_usec = (suseconds_t)(wait_ms % 1000 * 1000);
    (void)evtimer_add(asks->timer, &wait);
}

/* True when the question is answered, one way or the other. */
static bool look(struct gms_api_asks *asks, struct ask *ask)
{
    if (ask->changed) {
        ask->changed = false;
        if (try_now(ask->call))
            return true;
    }
    if (ask->until_ms > now_of(asks))
        return false;
    answer_later(ask->call);
    return true;
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
    struct gms_api_asks *asks = ctx;
    struct ask **at = &asks->waiting;

    (void)fd;
    (void)what;
    while (*at != NULL) {
        struct ask *ask = *at;

        if (!look(asks, ask)) {
            at = &ask->next;
            continue;
        }
        *at = ask->next;
        mu_free(ask);
    }
    arm(asks);
}

void gms_api_asks_changed(struct gms_api_asks *asks, struct span group)
{
    bool any = false;

    for (struct ask *ask = asks->waiting; ask != NULL; ask = ask->next)
        if (span_eq(ask->call->group, group)) {
            ask->changed = true;
            any = true;
        }
    /* Not from here: the keeper, who calls, is in the midst of something. */
    if (any)
        event_active(asks->timer, EV_TIMEOUT, 0);
}

enum mu_err gms_api_asks_new(struct gms_api *api, struct gms_api_asks **out)
{
    struct gms_api_asks *asks = mu_alloc(sizeof(*asks));

    if (asks == NULL)
        return MU_E_NO_MEMORY;
    asks->api = api;
    asks->timer = evtimer_new(api->parts.base, on_timer, asks);
    if (asks->timer == NULL) {
        mu_free(asks);
        return MU_E_NO_MEMORY;
    }
    *out = asks;
    return MU_OK;
}

void gms_api_asks_free(struct gms_api_asks *asks)
{
    if (asks == NULL)
        return;
    while (asks->waiting != NULL) {
        struct ask *ask = asks->waiting;

        asks->waiting = ask->next;
        mu_free(ask);
    }
    event_free(asks->timer);
    mu_free(asks);
}

/* Seconds that the client prefers to wait. */
static uint64_t preferred_s(const struct gms_api_call *call)
{
    struct span prefer = http_request_field(call->request, "Prefer");
    static const char wait[] = "wait=";
    uint64_t seconds = WAIT_DEFAULT_S;

    if (prefer.len > strlen(wait) &&
        memcmp(prefer.p, wait, strlen(wait)) == 0 &&
        mu_text_u64(
            (struct span){prefer.p + strlen(wait), prefer.len - strlen(wait)},
            &seconds) != MU_OK)
        seconds = WAIT_DEFAULT_S;
    return seconds < WAIT_MAX_S ? seconds : WAIT_MAX_S;
}

static void wait_for_key(struct gms_api_call *call)
{
    struct gms_api_asks *asks = call->api->asks;
    struct ask *ask = mu_alloc(sizeof(*ask)), **at = &asks->waiting;

    if (ask == NULL) {
        gms_api_fail_err(call, MU_E_NO_MEMORY);
        return;
    }
    ask->call = call;
    ask->until_ms = now_of(asks) + preferred_s(call) * 1000;
    while (*at != NULL && (*at)->until_ms <= ask->until_ms)
        at = &(*at)->next;
    ask->next = *at;
    *at = ask;
    arm(asks);
}

void gms_api_ask(struct gms_api_call *call)
{
    if (!try_now(call))
        wait_for_key(call);
}
