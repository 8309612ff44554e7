/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_server.c - the server of http/, alone, for the test of its guards and
 * for load generators. Any limit may be given as NAME=NUMBER:
 *
 *     http_server CERT KEY CA [connections=8] [head_ms=200] ...
 *
 * Prints "ready TLS MUTUAL PLAIN": the ports of a TLS listener, of one that
 * asks for client certificates and trusts client.test, and of a plain one.
 * With jwks=FILE, /auth asks for a token with the scope of key management. Each
 * octet on standard input makes the TLS listener ask for client certificates
 * from then on; at its end the server drains, prints "drained" and exits 0.
 */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/auth.h"
#include "http/server.h"
#include "http/stream.h"

#define BIG_LEN  (8U << 20)
#define DRAIN_MS 5000

#define STREAM_WAITING 65536U

static const char *const trusted_peers[] = {"client.test"};

struct app {
    struct event_base *base;
    struct http_server *server;
    struct event *stop, *answer, *more;
    struct http_stream *stream;
    unsigned ended; /* streams, by the server */
    uint64_t later; /* the request that the timer answers */
    uint8_t *big;
    struct http_listener *open; /* the TLS listener */
    SSL_CTX *mutual;
    struct http_auth auth;
    char stored[4096]; /* what was PUT last */
    size_t stored_len;
};

static void on_hello(void *ctx, struct http_request *request)
{
    (void)ctx;
    http_answer(request, 200, "text/plain", span_str("hello"));
}

static void on_echo(void *ctx, struct http_request *request)
{
    (void)ctx;
    http_answer(
        request, 200, "application/octet-stream", http_request_body(request));
}

static void on_later(void *ctx, struct http_request *request)
{
    struct app *app = ctx;
    struct timeval soon = {0, 1000};

    app->later = http_request_id(request);
    (void)evtimer_add(app->answer, &soon);
}

static void on_answer(evutil_socket_t fd, short what, void *ctx)
{
    struct app *app = ctx;
    struct http_request *request = http_server_find(app->server, app->later);

    (void)fd;
    (void)what;
    if (request != NULL)
        http_answer(request, 200, "text/plain", span_str("later"));
}

/* Its handler forgets it. */
static void on_never(void *ctx, struct http_request *request)
{
    (void)ctx;
    (void)request;
}

static void on_big(void *ctx, struct http_request *request)
{
    struct app *app = ctx;

    http_answer(request, 200, "application/octet-stream",
        (struct span){app->big, BIG_LEN});
}

/* Who asks, as a trusted listener is told; the path's last segment, too. */
static void on_who(void *ctx, struct http_request *request)
{
    const struct http_path *path = http_request_path(request);
    struct span id = {NULL, 0};
    enum mu_err err = http_request_asserted(request, &id);
    char text[512];

    (void)ctx;
    (void)snprintf(text, sizeof(text),
        "peer=%s asserted=%s id=%.*s last=%.*s tag=%d",
        http_request_peer(request) != NULL ? "yes" : "no", mu_err_name(err),
        (int)id.len, (const char *)id.p, (int)path->segment[path->len - 1].len,
        (const char *)path->segment[path->len - 1].p,
        http_request_tag(request));
    http_answer(request, 200, "text/plain", span_str(text));
}

static void on_auth(void *ctx, struct http_request *request)
{
    struct app *app = ctx;
    struct http_identity id;
    char text[512];

    if (http_auth_admit(&app->auth, request, &id, NULL) != HTTP_AUTH_ADMITTED)
        return;
    (void)snprintf(text, sizeof(text), "%s %.*s",
        id.asserted ? "asserted" : "token", (int)id.uri.len,
        (const char *)id.uri.p);
    http_answer(request, 200, "text/plain", span_str(text));
}

static void on_store(void *ctx, struct http_request *request)
{
    struct span body = http_request_body(request);
    struct app *app = ctx;

    if (http_request_method(request) == HTTP_PUT &&
        body.len <= sizeof(app->stored)) {
        memcpy(app->stored, body.p, body.len);
        app->stored_len = body.len;
    }
    http_answer_field(request, "ETag", "\"a1\"");
    http_answer(request, 200, "application/octet-stream",
        (struct span){(const uint8_t *)app->stored, app->stored_len});
}

static void on_stream_end(void *ctx)
{
    struct app *app = ctx;

    app->stream = NULL;
    app->ended++;
}

/* All that there is room for, again and again. */
static void on_room(void *ctx)
{
    struct app *app = ctx;

    if (app->stream != NULL)
        (void)http_stream_send(app->stream,
            (struct span){app->big, http_stream_room(app->stream)});
}

/* One stream at a time. /stream/open says "one" and no more, /stream/flood all
 * it may, /stream/over more than that, /stream "one" and soon "two",
 * /stream/turn "two" in the loop's next turn: when "one" has just gone, and
 * evhttp has not told of it. */
static void on_stream(void *ctx, struct http_request *request)
{
    struct app *app = ctx;
    const struct http_path *path = http_request_path(request);
    struct span how = path->segment[path->len - 1];
    struct http_stream_config config = {.status = 200,
        .type = "text/event-stream",
        .waiting = STREAM_WAITING,
        .first = span_str("one"),
        .on_end = on_stream_end,
        .ctx = app};
    bool over = span_eq(how, span_str("over"));
    bool turn = span_eq(how, span_str("turn"));
    bool ends = turn || span_eq(how, span_str("stream"));
    struct timeval soon = {0, turn ? 0 : 1000};

    if (span_eq(how, span_str("flood")))
        config.on_room = on_room;
    if (http_stream_begin(request, &config, &app->stream) != MU_OK) {
        http_answer(request, 204, NULL, (struct span){NULL, 0});
        return;
    }
    if (over)
        (void)http_stream_send(
            app->stream, (struct span){app->big, STREAM_WAITING + 1});
    else if (ends)
        (void)evtimer_add(app->more, &soon);
}

static void on_more(evutil_socket_t fd, short what, void *ctx)
{
    struct app *app = ctx;

    (void)fd;
    (void)what;
    if (app->stream == NULL)
        return;
    (void)http_stream_send(app->stream, span_str("two"));
    http_stream_end(app->stream);
    app->stream = NULL;
}

static void on_elsewhere(void *ctx, struct http_request *request)
{
    (void)ctx;
    http_answer_field(request, "Location", "/hello");
    http_answer(request, 302, NULL, (struct span){NULL, 0});
}

static void on_busy(void *ctx, struct http_request *request)
{
    (void)ctx;
    http_answer_busy(request, 7);
}

static void on_stats(void *ctx, struct http_request *request)
{
    struct app *app = ctx;
    struct http_stats s = http_server_stats(app->server);
    char text[512];

    (void)snprintf(text, sizeof(text),
        "connections=%u open=%u accepted=%llu requests=%llu refused=%llu "
        "late=%llu cut_head=%llu cut_body=%llu cut_send=%llu cut_idle=%llu "
        "full=%llu lingered=%llu cut_linger=%llu ended=%u",
        s.connections, s.requests_open, (unsigned long long)s.accepted,
        (unsigned long long)s.requests, (unsigned long long)s.refused,
        (unsigned long long)s.late, (unsigned long long)s.cut_head,
        (unsigned long long)s.cut_body, (unsigned long long)s.cut_send,
        (unsigned long long)s.cut_idle, (unsigned long long)s.full,
        (unsigned long long)s.lingered, (unsigned long long)s.cut_linger,
        app->ended);
    http_answer(request, 200, "text/plain", span_str(text));
}

static const struct http_route routes[] = {
    {HTTP_GET, "/hello", on_hello},
    {HTTP_PUT | HTTP_POST, "/echo", on_echo},
    {HTTP_GET, "/echo/get", on_hello},
    {HTTP_GET, "/later", on_later},
    {HTTP_GET, "/never", on_never},
    {HTTP_GET, "/big", on_big},
    {HTTP_GET, "/who", on_who},
    {HTTP_GET, "/busy", on_busy},
    {HTTP_GET, "/auth", on_auth},
    {HTTP_GET | HTTP_PUT, "/store", on_store},
    {HTTP_GET, "/elsewhere", on_elsewhere},
    {HTTP_GET, "/stats", on_stats},
    {HTTP_GET, "/stream", on_stream},
    {HTTP_PATCH, "/store", on_store},
    {HTTP_DELETE, "/hello", on_hello},
};

static bool set_limit(struct http_limits *limits, const char *arg)
{
    const struct {
        const char *name;
        unsigned *at;
    } limit[] = {
        {"connections=", &limits->connections},
        {"head_ms=", &limits->head_ms},
        {"request_ms=", &limits->request_ms},
        {"answer_ms=", &limits->answer_ms},
        {"send_ms=", &limits->send_ms},
        {"idle_ms=", &limits->idle_ms},
        {"life_ms=", &limits->life_ms},
        {"linger=", &limits->linger},
        {"linger_ms=", &limits->linger_ms},
    };

    for (size_t i = 0; i < sizeof(limit) / sizeof(limit[0]); i++)
        if (strncmp(arg, limit[i].name, strlen(limit[i].name)) == 0) {
            *limit[i].at = (unsigned)strtoul(strchr(arg, '=') + 1, NULL, 10);
            return true;
        }
    return false;
}

static void on_drained(void *ctx)
{
    struct app *app = ctx;

    puts("drained");
    (void)event_base_loopbreak(app->base);
}

static void on_stdin(evutil_socket_t fd, short what, void *ctx)
{
    struct app *app = ctx;
    char octet;

    (void)what;
    if (read((int)fd, &octet, 1) == 1) {
        http_listener_set_tls(app->open, app->mutual);
        return;
    }
    (void)event_del(app->stop);
    http_server_drain(app->server, DRAIN_MS, on_drained, app);
}

static enum mu_err listen_all(struct app *app, char **argv)
{
    struct http_tls_config config = {argv[1], argv[2], NULL};
    MU_CLEANUP(http_tls_clear) SSL_CTX *open = NULL;
    struct http_listener *mutual = NULL, *plain = NULL;
    struct http_listen on = {.address = "127.0.0.1", .tag = 1};
    struct http_tls_why why;

    TRY(http_tls_server(&config, &open, &why));
    config.ca_file = argv[3];
    TRY(http_tls_server(&config, &app->mutual, &why));
    TRY(http_server_listen(app->server, &on, &plain));
    on.tls = open;
    on.tag = 2;
    TRY(http_server_listen(app->server, &on, &app->open));
    on.tls = app->mutual;
    on.trusted = true;
    on.peers = trusted_peers;
    on.peers_len = 1;
    on.tag = 3;
    TRY(http_server_listen(app->server, &on, &mutual));
    printf("ready %u %u %u\n", http_listener_port(app->open),
        http_listener_port(mutual), http_listener_port(plain));
    return MU_OK;
}

static enum mu_err set_keys(struct app *app, const char *file)
{
    struct http_keys_config config = {.file = file};

    return http_keys_new(&config, &app->auth.keys);
}

static enum mu_err start(struct app *app, int argc, char **argv)
{
    struct http_server_config config = {.base = app->base,
        .clock = mu_clock_system(),
        .routes = routes,
        .routes_len = sizeof(routes) / sizeof(routes[0]),
        .ctx = app,
        .limits = http_limits_default};

    for (int i = 4; i < argc; i++)
        if (strncmp(argv[i], "jwks=", 5) == 0)
            TRY(set_keys(app, argv[i] + 5));
        else if (!set_limit(&config.limits, argv[i]))
            return MU_E_MALFORMED;
    app->auth.policy.scopes = 1U << HTTP_SCOPE_PTT_KEY_MANAGEMENT;
    app->auth.clock = mu_clock_system();
    app->auth.realm = "test";
    TRY(http_server_new(&config, &app->server));
    return listen_all(app, argv);
}

static int run(struct app *app, int argc, char **argv)
{
    enum mu_err err;

    app->big = calloc(1, BIG_LEN);
    app->base = event_base_new();
    if (app->base == NULL || app->big == NULL)
        return 1;
    app->answer = evtimer_new(app->base, on_answer, app);
    app->more = evtimer_new(app->base, on_more, app);
    app->stop =
        event_new(app->base, STDIN_FILENO, EV_READ | EV_PERSIST, on_stdin, app);
    err = start(app, argc, argv);
    if (err != MU_OK || event_add(app->stop, NULL) != 0) {
        (void)fprintf(stderr, "http_server: %s\n", mu_err_name(err));
        return 1;
    }
    return event_base_dispatch(app->base) < 0;
}

static void app_clear(struct app *app)
{
    http_server_free(app->server);
    http_keys_free(app->auth.keys);
    http_tls_clear(&app->mutual);
    if (app->answer != NULL)
        event_free(app->answer);
    if (app->more != NULL)
        event_free(app->more);
    if (app->stop != NULL)
        event_free(app->stop);
    if (app->base != NULL)
        event_base_free(app->base);
    free(app->big);
}

int main(int argc, char **argv)
{
    MU_CLEANUP(app_clear) struct app app = {.later = 0};

    if (argc < 4) {
        (void)fputs(
            "usage: http_server CERT KEY CA [NAME=NUMBER]...\n", stderr);
        return 2;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    return run(&app, argc, argv);
}
