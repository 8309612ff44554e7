/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_events.c - /v1/events: what happens to groups, keys and deliveries. As a
 * page, or, for who accepts text/event-stream, as server-sent events (WHATWG
 * HTML clause 9.2) that go on from Last-Event-ID.
 *
 * A stream reads what there is from the store and keeps only its place: a slow
 * client costs no memory, and one that was away misses nothing that the store
 * still has. Who lags so far behind that his place is gone sees the gap by the
 * numbers.
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "gms/api_form.h"
#include "gms/api_inside.h"
#include "gms/api_topics.h"
#include "http/stream.h"

#define PAGE_DEFAULT 100
#define PAGE_MAX     1000
#define PIECE        64 /* events read at once for a stream */
#define WAITING      (64U << 10)
#define HEARTBEAT_S  15
#define ARENA_MAX    ((size_t)4 << 20)

struct listener {
    struct gms_api_streams *streams;
    struct listener *next;
    struct http_stream *stream;
    struct gms_caller caller;
    uint8_t *uri; /* of the caller; ours */
    uint64_t seq; /* the last event that he was sent */
};

struct gms_api_streams {
    struct gms_api *api;
    struct listener *listeners;
    struct event *wake, *heartbeat;
};

/* Events of no group are for those who may see any. */
static bool may_see(const struct gms_api *api, const struct gms_caller *caller,
    const struct gms_event *event)
{
    return gms_access_may(
        api->parts.access, caller, GMS_MAY_VIEW, event->group);
}

/* ------------------------------------------------------------------- stream */

static void listener_free(struct listener *listener)
{
    struct listener **at = &listener->streams->listeners;

    while (*at != listener)
        at = &(*at)->next;
    *at = listener->next;
    mu_free(listener->uri);
    mu_free(listener);
}

static void on_end(void *ctx)
{
    listener_free(ctx);
}

/* One event as text; NULL when memory fails. */
static char *write_event(const struct gms_event *event)
{
    json_t *json = gms_form_event(event);
    char *data = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
    size_t cap = data == NULL ? 0 : strlen(data) + event->name.len + 64;
    char *text = data == NULL ? NULL : malloc(cap);

    /* Compact JSON has no line end, and names are our own. */
    if (text != NULL)
        (void)snprintf(text, cap, "id: %llu\nevent: %.*s\ndata: %s\n\n",
            (unsigned long long)event->seq, (int)event->name.len,
            (const char *)event->name.p, data);
    free(data);
    json_decref(json);
    return text;
}

/* False: no more now, for want of room or of memory. */
static bool send_event(struct listener *listener, const struct gms_event *event)
{
    char *text;
    size_t len;
    bool fits;

    if (!may_see(listener->streams->api, &listener->caller, event)) {
        listener->seq = event->seq;
        return true;
    }
    text = write_event(event);
    len = text == NULL ? 0 : strlen(text);
    fits = text != NULL && len <= http_stream_room(listener->stream);
    if (fits) {
        listener->seq = event->seq;
        (void)http_stream_send(listener->stream, span_str(text));
    }
    free(text);
    return fits;
}

/* Sends what is new, as far as there is room; on_room goes on. */
static void catch_up(struct listener *listener)
{
    struct gms_store *store = listener->streams->api->parts.store;
    bool more = true;

    while (more) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct mu_arena_list events = {0};

        mu_arena_init(&arena, ARENA_MAX);
        if (gms_store_events(store, listener->seq, PIECE, &arena, &events) !=
            MU_OK)
            return;
        more = events.len == PIECE;
        for (size_t i = 0; i < events.len; i++)
            if (!send_event(listener, &((struct gms_event *)events.at)[i]))
                return;
    }
}

static void on_room(void *ctx)
{
    catch_up(ctx);
}

static void on_wake(evutil_socket_t fd, short what, void *ctx)
{
    struct gms_api_streams *streams = ctx;

    (void)fd;
    (void)what;
    for (struct listener *l = streams->listeners; l != NULL; l = l->next)
        catch_up(l);
}

void gms_api_streams_changed(struct gms_api_streams *streams)
{
    event_active(streams->wake, EV_TIMEOUT, 0);
}

/* A comment keeps proxies from closing; a token that has run out ends it, as it
 * would end any other request. */
static void beat(struct listener *listener, uint64_t now_s)
{
    uint64_t expires_s = listener->caller.expires_s;

    if (expires_s != 0 && expires_s <= now_s) {
        http_stream_end(listener->stream);
        listener_free(listener);
    } else if (http_stream_room(listener->stream) > 16) {
        (void)http_stream_send(listener->stream, span_str(": here\n\n"));
    }
}

static void on_heartbeat(evutil_socket_t fd, short what, void *ctx)
{
    struct gms_api_streams *streams = ctx;
    uint64_t now_s = mu_clock_unix_ms(streams->api->parts.clock) / 1000;
    struct listener *next;

    (void)fd;
    (void)what;
    for (struct listener *l = streams->listeners; l != NULL; l = next) {
        next = l->next;
        beat(l, now_s);
    }
}

enum mu_err gms_api_streams_new(
    struct gms_api *api, struct gms_api_streams **out)
{
    static const struct timeval every = {.tv_sec = HEARTBEAT_S};
    struct gms_api_streams *streams = mu_alloc(sizeof(*streams));

    if (streams == NULL)
        return MU_E_NO_MEMORY;
    streams->api = api;
    streams->wake = evtimer_new(api->parts.base, on_wake, streams);
    streams->heartbeat =
        event_new(api->parts.base, -1, EV_PERSIST, on_heartbeat, streams);
    if (streams->wake == NULL || streams->heartbeat == NULL ||
        event_add(streams->heartbeat, &every) != 0) {
        gms_api_streams_free(streams);
        return MU_E_NO_MEMORY;
    }
    *out = streams;
    return MU_OK;
}

void gms_api_streams_free(struct gms_api_streams *streams)
{
    if (streams == NULL)
        return;
    while (streams->listeners != NULL)
        listener_free(streams->listeners);
    if (streams->wake != NULL)
        event_free(streams->wake);
    if (streams->heartbeat != NULL)
        event_free(streams->heartbeat);
    mu_free(streams);
}

static struct listener *make_listener(struct gms_api_call *call, uint64_t after)
{
    struct gms_api_streams *streams = call->api->streams;
    struct listener *listener = mu_alloc(sizeof(*listener));
    uint8_t *uri = mu_alloc(call->caller.uri.len);

    if (listener == NULL || uri == NULL) {
        mu_free(listener);
        mu_free(uri);
        return NULL;
    }
    memcpy(uri, call->caller.uri.p, call->caller.uri.len);
    *listener = (struct listener){.streams = streams,
        .next = streams->listeners,
        .caller = call->caller,
        .seq = after};
    listener->uri = uri;
    listener->caller.uri.p = uri;
    streams->listeners = listener;
    return listener;
}

/* True when the stream has begun, the call then being over. */
static bool begin_stream(struct gms_api_call *call, uint64_t after)
{
    struct listener *listener = make_listener(call, after);
    /* The first octets tell proxies and the client that it is there. */
    struct http_stream_config config = {.status = 200,
        .type = "text/event-stream",
        .waiting = WAITING,
        .first = span_str("retry: 2000\n\n"),
        .on_room = on_room,
        .on_end = on_end,
        .ctx = listener};

    if (listener == NULL)
        return false;
    http_answer_field(call->request, "Cache-Control", "no-store");
    if (http_stream_begin(call->request, &config, &listener->stream) != MU_OK) {
        listener_free(listener);
        return false;
    }
    gms_api_drop(call);
    catch_up(listener);
    return true;
}

/* --------------------------------------------------------------------- page */

static void answer_page(
    struct gms_api_call *call, uint64_t after, uint64_t most)
{
    struct mu_arena_list events = {0};
    const struct gms_event *event;
    json_t *list;
    enum mu_err err;

    most = most == 0 || most > PAGE_MAX ? PAGE_MAX : most;
    err = gms_store_events(
        call->parts->store, after, (size_t)most, &call->arena, &events);
    if (err != MU_OK) {
        gms_api_fail_err(call, err);
        return;
    }
    list = json_array();
    event = events.at;
    for (size_t i = 0; i < events.len; i++) {
        after = event[i].seq;
        if (may_see(call->api, &call->caller, &event[i]))
            (void)json_array_append_new(list, gms_form_event(&event[i]));
    }
    gms_api_answer(call, 200,
        json_pack("{s:o, s:I, s:b}", "events", list, "last", (json_int_t)after,
            "more", events.len == most));
}

/* Whoever names it among others gets it. Fields of a request are strings. */
static bool wants_stream(const struct gms_api_call *call)
{
    struct span accept = http_request_field(call->request, "Accept");

    return accept.p != NULL &&
           strstr((const char *)accept.p, "text/event-stream") != NULL;
}

/* Where to go on: Last-Event-ID, which browsers send by themselves when they
 * come back, before the query that they began with. */
static bool read_place(struct gms_api_call *call, uint64_t *after)
{
    struct span last = http_request_field(call->request, "Last-Event-ID");

    if (last.p != NULL && mu_text_u64(last, after) == MU_OK)
        return true;
    return gms_api_number(call, "after", 0, after);
}

void gms_api_events(struct gms_api_call *call)
{
    uint64_t after = 0, most = 0;

    if (!read_place(call, &after) ||
        !gms_api_number(call, "most", PAGE_DEFAULT, &most))
        return;
    if (wants_stream(call) && begin_stream(call, after))
        return;
    answer_page(call, after, most);
}
