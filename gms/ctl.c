/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/ctl.h"

#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/rng.h"
#include "base/text.h"
#include "gms/ctl_conf.h"
#include "http/client.h"
#include "http/path.h"

#define TOKEN_MAX  16384
#define BODY_MAX   ((size_t)64 << 20)
#define ARENA_MAX  ((size_t)1 << 20)
#define URL_MAX    (GMS_CTL_PATH_MAX + 600)
#define HEAD_MAX   512
#define EVENT_MAX  ((size_t)1 << 20)
#define FIELDS_MAX 4

struct gms_ctl {
    struct cli *cli;
    struct event_base *base;
    struct http_client *http;
    struct mu_arena arena;
    struct gms_ctl_conf conf;
    struct buf token; /* with its NUL; empty: none */
    /* Of the call that ended last. */
    unsigned status;
    enum mu_err err;
    char why[160];
    json_t *body;
    /* Of a stream. */
    struct buf pending; /* what came of an event that is not whole */
    bool (*event)(void *ctx, const json_t *event);
    void *event_ctx;
    bool over;
};

void gms_ctl_json_drop(json_t **json)
{
    json_decref(*json);
}

struct cli *gms_ctl_cli(const struct gms_ctl *ctl)
{
    return ctl->cli;
}

static void ctl_free(struct gms_ctl *ctl)
{
    if (ctl == NULL)
        return;
    http_client_free(ctl->http);
    if (ctl->base != NULL)
        event_base_free(ctl->base);
    json_decref(ctl->body);
    buf_clear(&ctl->token);
    buf_clear(&ctl->pending);
    mu_arena_clear(&ctl->arena);
    mu_free(ctl);
}

void gms_ctl_drop(struct gms_ctl **ctl)
{
    ctl_free(*ctl);
}

static enum mu_err read_token(struct gms_ctl *ctl)
{
    const char *path = ctl->conf.token;
    enum mu_err err;

    if (path[0] == '\0')
        return MU_OK;
    err = mu_file_read(path, TOKEN_MAX, &ctl->token);
    if (err != MU_OK)
        return cli_fail(ctl->cli, err, "--token", "%s cannot be read", path);
    while (ctl->token.len > 0 &&
           strchr(" \t\r\n", ctl->token.p[ctl->token.len - 1]) != NULL)
        ctl->token.len--;
    if (ctl->token.len == 0)
        return MU_OK; /* an empty file: none */
    buf_add(&ctl->token, (struct span){(const uint8_t *)"", 1});
    return ctl->token.err;
}

static const char *file_or_null(const char *file)
{
    return file[0] == '\0' ? NULL : file;
}

static enum mu_err open_network(struct gms_ctl *ctl)
{
    struct http_client_config config = {
        .ca_file = file_or_null(ctl->conf.ca),
        .cert_file = file_or_null(ctl->conf.cert),
        .key_file = file_or_null(ctl->conf.key),
        .body_max = BODY_MAX,
        .timeout_ms = 60000,
    };

    ctl->base = event_base_new();
    if (ctl->base == NULL)
        return MU_E_NO_MEMORY;
    config.base = ctl->base;
    return http_client_new(&config, &ctl->http);
}

enum mu_err gms_ctl_open(struct cli *cli, struct gms_ctl **out)
{
    MU_CLEANUP(gms_ctl_drop) struct gms_ctl *ctl = mu_alloc(sizeof(*ctl));

    if (ctl == NULL)
        return MU_E_NO_MEMORY;
    ctl->cli = cli;
    mu_arena_init(&ctl->arena, ARENA_MAX);
    TRY(gms_ctl_conf_read(cli, &ctl->arena, &ctl->conf));
    TRY(read_token(ctl));
    TRY(open_network(ctl));
    *out = ctl;
    ctl = NULL;
    return MU_OK;
}

void gms_ctl_path_of(char out[GMS_CTL_PATH_MAX], const char *part, ...)
{
    bool fixed = true;
    va_list parts;
    struct wr w;

    wr_init(&w, (uint8_t *)out, GMS_CTL_PATH_MAX - 1);
    va_start(parts, part);
    for (; part != NULL; part = va_arg(parts, const char *)) {
        if (fixed)
            wr_span(&w, span_str(part));
        else
            http_path_write_segment(&w, span_str(part));
        fixed = !fixed;
    }
    va_end(parts);
    out[wr_so_far(&w).len] = '\0';
}

/* ------------------------------------------------------------------- a call */

static void on_done(void *ctx, const struct http_reply *reply)
{
    struct gms_ctl *ctl = ctx;

    ctl->err = reply->err;
    ctl->status = reply->status;
    (void)snprintf(ctl->why, sizeof(ctl->why), "%s",
        reply->err == MU_OK ? "" : reply->why);
    json_decref(ctl->body);
    ctl->body = reply->body.len == 0 ? NULL
                                     : json_loadb((const char *)reply->body.p,
                                           reply->body.len, 0, NULL);
    (void)event_base_loopbreak(ctl->base);
}

/* A random name for a request, so that asking again is asking the same. */
static enum mu_err draw_key(char out[MU_HEX_LEN(16)])
{
    uint8_t octets[16];

    TRY(mu_rng_fill(mu_rng_system(), octets, sizeof(octets)));
    mu_hex_write(SPAN_OF(octets), out);
    return MU_OK;
}

/* The head's lines; texts are the caller's. */
struct head {
    const char *fields[FIELDS_MAX];
    size_t len;
    char key[HEAD_MAX], random[MU_HEX_LEN(16)];
};

static enum mu_err make_head(const struct gms_ctl_ask *ask, struct head *head)
{
    const char *key = ask->once_key;

    head->len = 0;
    if (strcmp(ask->method, "POST") == 0) {
        TRY(draw_key(head->random));
        if (key == NULL)
            key = head->random;
        (void)snprintf(
            head->key, sizeof(head->key), "Idempotency-Key: %s", key);
        head->fields[head->len++] = head->key;
    }
    if (ask->prefer != NULL)
        head->fields[head->len++] = ask->prefer;
    return MU_OK;
}

static enum mu_err start(struct gms_ctl *ctl, const char *path,
    struct http_call *call, const struct head *head)
{
    char url[URL_MAX];
    size_t len = strlen(ctl->conf.server);

    while (len > 0 && ctl->conf.server[len - 1] == '/')
        len--;
    if (snprintf(url, sizeof(url), "%.*s/v1%s", (int)len, ctl->conf.server,
            path) >= (int)sizeof(url))
        return cli_fail(ctl->cli, MU_E_NO_SPACE, "--server", "is too long");
    call->url = url;
    call->bearer = ctl->token.len > 0 ? (const char *)ctl->token.p : NULL;
    call->fields = head->fields;
    call->fields_len = head->len;
    return http_client_start(ctl->http, call, on_done, ctl, NULL);
}

static enum mu_err run_once(struct gms_ctl *ctl, const struct gms_ctl_ask *ask,
    const struct head *head, const char *body)
{
    struct http_call call = {.method = ask->method,
        .type = body != NULL ? "application/json" : NULL,
        .body = body != NULL ? span_str(body) : (struct span){NULL, 0}};

    TRY(start(ctl, ask->path, &call, head));
    (void)event_base_dispatch(ctl->base);
    return MU_OK;
}

/* No server, no answer: whether it was done is not known, so ask again. */
static bool was_not_reached(const struct gms_ctl *ctl)
{
    return ctl->err == MU_E_IO || ctl->err == MU_E_EXPIRED;
}

static enum mu_err judge(struct gms_ctl *ctl)
{
    const char *detail = gms_ctl_text(ctl->body, "detail");
    const char *code = gms_ctl_text(ctl->body, "code");

    if (ctl->err != MU_OK)
        return cli_fail(ctl->cli, ctl->err, ctl->cli->command->name, "%s: %s",
            ctl->conf.server, ctl->why);
    if (ctl->status >= 200 && ctl->status < 300)
        return MU_OK;
    return cli_fail(ctl->cli, MU_E_DENIED, ctl->cli->command->name,
        "%s%s%s (status %u)", detail != NULL ? detail : "",
        detail != NULL ? ": " : "", code != NULL ? code : "refused",
        ctl->status);
}

static enum mu_err ask_with(
    struct gms_ctl *ctl, const struct gms_ctl_ask *ask, const char *body)
{
    struct head head;

    TRY(make_head(ask, &head));
    TRY(run_once(ctl, ask, &head, body));
    if (was_not_reached(ctl))
        TRY(run_once(ctl, ask, &head, body));
    return judge(ctl);
}

enum mu_err gms_ctl_ask(struct gms_ctl *ctl, const struct gms_ctl_ask *ask,
    unsigned *status, json_t **out)
{
    char *body = NULL;
    enum mu_err err;

    if (ask->body != NULL) {
        body = json_dumps(ask->body, JSON_COMPACT);
        if (body == NULL)
            return MU_E_NO_MEMORY;
    }
    err = ask_with(ctl, ask, body);
    free(body);
    TRY(err);
    if (status != NULL)
        *status = ctl->status;
    if (out != NULL) {
        *out = ctl->body;
        ctl->body = NULL;
    }
    return MU_OK;
}

enum mu_err gms_ctl_get(struct gms_ctl *ctl, const char *path, json_t **out)
{
    const struct gms_ctl_ask ask = {.method = "GET", .path = path};

    return gms_ctl_ask(ctl, &ask, NULL, out);
}

static void on_waited(evutil_socket_t fd, short what, void *ctx)
{
    struct gms_ctl *ctl = ctx;

    (void)fd;
    (void)what;
    (void)event_base_loopbreak(ctl->base);
}

void gms_ctl_wait_ms(struct gms_ctl *ctl, unsigned ms)
{
    struct timeval wait = {
        .tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};

    if (event_base_once(ctl->base, -1, EV_TIMEOUT, on_waited, ctl, &wait) == 0)
        (void)event_base_dispatch(ctl->base);
}

/* ----------------------------------------------------------------- a stream */

static void take_line(struct gms_ctl *ctl, const char *line, size_t len)
{
    static const char data[] = "data: ";
    json_t *event;

    if (len < strlen(data) || memcmp(line, data, strlen(data)) != 0)
        return; /* id, event, comments: data says all of it */
    event = json_loadb(line + strlen(data), len - strlen(data), 0, NULL);
    if (event != NULL && !ctl->over && !ctl->event(ctl->event_ctx, event))
        ctl->over = true;
    json_decref(event);
}

static void on_piece(void *ctx, struct span octets)
{
    struct gms_ctl *ctl = ctx;
    struct buf *pending = &ctl->pending;
    const uint8_t *end;
    size_t at = 0;

    buf_add(pending, octets);
    while ((end = memchr(pending->p + at, '\n', pending->len - at)) != NULL) {
        size_t len = (size_t)(end - pending->p) - at;

        take_line(ctl, (const char *)pending->p + at, len);
        at += len + 1;
    }
    memmove(pending->p, pending->p + at, pending->len - at);
    pending->len -= at;
    if (pending->len > EVENT_MAX)
        ctl->over = true;
    if (ctl->over)
        (void)event_base_loopbreak(ctl->base);
}

enum mu_err gms_ctl_stream(struct gms_ctl *ctl, const char *path,
    bool (*event)(void *ctx, const json_t *event), void *ctx)
{
    struct http_call call = {.method = "GET", .on_piece = on_piece};
    const struct head head = {
        .fields = {"Accept: text/event-stream"}, .len = 1};

    ctl->event = event;
    ctl->event_ctx = ctx;
    ctl->over = false;
    ctl->pending.len = 0;
    buf_reserve(&ctl->pending, 4096);
    TRY(ctl->pending.err);
    TRY(start(ctl, path, &call, &head));
    (void)event_base_dispatch(ctl->base);
    return ctl->over ? MU_OK : judge(ctl);
}
