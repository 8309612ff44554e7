/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/kds_loop.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "http/client.h"
#include "kms/kds_keys.h"
#include "kms/kds_routes.h"

#define READY_MAX 128

static const int signals[] = {SIGTERM, SIGINT, SIGHUP};

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

struct loop {
    const struct kds_conf *conf;
    struct event_base *base;
    struct kds_failure *failure;
    struct event *on_signal[SIGNALS];
    SSL_CTX *tls, *mutual_tls;
    struct mu_keyring kek;
    struct kds_store *store;
    struct http_client *client;
    struct http_keys *keys;
    struct http_server *server;
    struct http_listener *open, *mutual, *health;
    struct kds_routes routes;
    bool ending;
};

static enum mu_err failed(
    struct loop *l, enum mu_err err, const char *what, const char *why)
{
    l->failure->what = what;
    (void)snprintf(l->failure->why, sizeof(l->failure->why), "%s",
        why != NULL ? why : mu_err_name(err));
    return err;
}

static const struct kds_conf_mutual *mutual_of(const struct kds_conf *conf)
{
    return conf->mutual.len > 0 ? conf->mutual.at : NULL;
}

static enum mu_err read_tls(struct loop *l, const char *ca, SSL_CTX **out)
{
    const struct http_tls_config config = {.cert_file = l->conf->tls_cert,
        .key_file = l->conf->tls_key,
        .ca_file = ca};
    struct http_tls_why why;
    SSL_CTX *made = NULL;
    enum mu_err err = http_tls_server(&config, &made, &why);

    if (err != MU_OK)
        return failed(l, err, "TLS", why.text);
    SSL_CTX_free(*out);
    *out = made;
    return MU_OK;
}

static enum mu_err read_all_tls(struct loop *l)
{
    const struct kds_conf_mutual *mutual = mutual_of(l->conf);

    TRY(read_tls(l, NULL, &l->tls));
    if (mutual != NULL)
        TRY(read_tls(l, mutual->client_ca, &l->mutual_tls));
    return MU_OK;
}

static enum mu_err read_kek(struct loop *l)
{
    enum mu_err err = MU_OK;

    if (l->conf->kek_file[0] != '\0')
        err = kds_kek_load(l->conf->kek_file, &l->kek);
    if (err != MU_OK)
        return failed(l, err, l->conf->kek_file, NULL);
    return MU_OK;
}

static void on_keys(void *ctx, enum mu_err err, size_t count, const char *why)
{
    (void)ctx;
    mu_log(err == MU_OK ? MU_LOG_INFO : MU_LOG_WARNING, "kds.token_keys",
        mu_log_err("result", err), mu_log_u64("keys", count),
        mu_log_str("why", why));
}

static enum mu_err read_token_keys(struct loop *l)
{
    const struct kds_conf_token *token = &l->conf->token;
    struct http_keys_config config = {.base = l->base,
        .client = l->client,
        .clock = mu_clock_system(),
        .on_read = on_keys};
    enum mu_err err;

    if (token->jwks_file[0] != '\0')
        config.file = token->jwks_file;
    else if (token->jwks_url[0] != '\0')
        config.url = token->jwks_url;
    else
        return MU_OK;
    err = http_keys_new(&config, &l->keys);
    if (err != MU_OK)
        return failed(l, err, "token keys", NULL);
    return MU_OK;
}

static enum mu_err make_client(struct loop *l)
{
    const struct http_client_config config = {.base = l->base};

    if (l->conf->token.jwks_url[0] == '\0')
        return MU_OK;
    if (http_client_new(&config, &l->client) != MU_OK)
        return failed(l, MU_E_NO_MEMORY, "HTTPS client", NULL);
    return MU_OK;
}

static enum mu_err open_store(struct loop *l)
{
    enum mu_err err = kds_store_open(l->conf->database, &l->store);

    if (err != MU_OK)
        return failed(l, err, l->conf->database, NULL);
    return MU_OK;
}

static const char *or_any(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static void set_routes(struct loop *l)
{
    const struct kds_conf *conf = l->conf;
    struct kds_routes *r = &l->routes;

    r->service = (struct kds_service){.store = l->store,
        .kek = &l->kek,
        .kms_uri = span_str(conf->kms_uri),
        .online_signing = conf->online_signing,
        .signed_requests = (enum kds_signed)conf->signed_requests,
        .request_age_s = conf->request_age_s,
        .next_periods = conf->next_periods};
    r->auth = (struct http_auth){.keys = l->keys,
        .policy = {.scopes = 1U << HTTP_SCOPE_PTT_KEY_MANAGEMENT |
                             1U << HTTP_SCOPE_VIDEO_KEY_MANAGEMENT |
                             1U << HTTP_SCOPE_DATA_KEY_MANAGEMENT,
            .release_13 = conf->token.release_13,
            .issuer = or_any(conf->token.issuer),
            .audience = or_any(conf->token.audience),
            .require_aud = conf->token.require_aud},
        .clock = mu_clock_system(),
        .realm = "kms"};
    r->conf = conf;
    r->clock = mu_clock_system();
    r->rng = mu_rng_system();
    http_bucket_init(&r->admit, conf->requests_per_s, conf->burst,
        mu_clock_mono_ms(r->clock));
}

static enum mu_err make_server(struct loop *l)
{
    struct http_server_config config = {.base = l->base,
        .clock = mu_clock_system(),
        .routes = kds_routes,
        .routes_len = kds_routes_len,
        .ctx = &l->routes,
        .limits = http_limits_default};

    set_routes(l);
    config.limits.connections = (unsigned)l->conf->connections;
    config.limits.body = l->conf->body_max;
    if (http_server_new(&config, &l->server) != MU_OK)
        return failed(l, MU_E_NO_MEMORY, "HTTPS server", NULL);
    return MU_OK;
}

static enum mu_err listen_one(struct loop *l, const struct mu_conf_addr *addr,
    struct http_listen *on, struct http_listener **out)
{
    enum mu_err err;

    on->address = addr->host;
    on->port = addr->port;
    err = http_server_listen(l->server, on, out);
    if (err != MU_OK)
        return failed(l, err, "listen", addr->host);
    return MU_OK;
}

static enum mu_err listen_all(struct loop *l)
{
    const struct kds_conf_mutual *mutual = mutual_of(l->conf);
    struct http_listen open = {.tls = l->tls, .tag = KDS_TOKENS};
    struct http_listen health = {.tag = KDS_HEALTH};

    TRY(listen_one(l, &l->conf->listen, &open, &l->open));
    TRY(listen_one(l, &l->conf->health, &health, &l->health));
    if (mutual != NULL) {
        /* Without names nobody is trusted: the certificate alone speaks. */
        struct http_listen on = {.tls = l->mutual_tls,
            .tag = KDS_MUTUAL,
            .trusted = mutual->trusted_peers.len > 0,
            .peers = mutual->trusted_peers.at,
            .peers_len = mutual->trusted_peers.len};

        TRY(listen_one(l, &mutual->listen, &on, &l->mutual));
    }
    return MU_OK;
}

static void on_drained(void *ctx)
{
    struct loop *l = ctx;

    (void)event_base_loopbreak(l->base);
}

static void reload(struct loop *l)
{
    enum mu_err err = read_all_tls(l);

    if (err == MU_OK) {
        http_listener_set_tls(l->open, l->tls);
        if (l->mutual != NULL)
            http_listener_set_tls(l->mutual, l->mutual_tls);
    }
    mu_log(err == MU_OK ? MU_LOG_INFO : MU_LOG_ERROR, "kds.reloaded",
        mu_log_err("result", err),
        mu_log_str("why", err == MU_OK ? "" : l->failure->why));
    if (l->keys != NULL && http_keys_reload(l->keys) != MU_OK)
        mu_log_event(MU_LOG_ERROR, "kds.token_keys_kept");
}

static void on_signal(evutil_socket_t number, short what, void *ctx)
{
    struct loop *l = ctx;

    (void)what;
    if (number == SIGHUP) {
        reload(l);
        return;
    }
    if (l->ending)
        return;
    l->ending = true;
    mu_log_event(MU_LOG_INFO, "kds.draining");
    http_server_drain(l->server, (unsigned)l->conf->drain_ms, on_drained, l);
}

static enum mu_err take_signals(struct loop *l)
{
    for (size_t i = 0; i < SIGNALS; i++) {
        l->on_signal[i] = evsignal_new(l->base, signals[i], on_signal, l);
        if (l->on_signal[i] == NULL || event_add(l->on_signal[i], NULL) != 0)
            return failed(l, MU_E_NO_MEMORY, "signals", NULL);
    }
    return MU_OK;
}

static enum mu_err tell_ready(struct loop *l, int fd)
{
    char line[READY_MAX], mutual[32] = "";

    if (l->mutual != NULL)
        (void)snprintf(mutual, sizeof(mutual), " mutual=%u",
            (unsigned)http_listener_port(l->mutual));
    (void)snprintf(line, sizeof(line), "ready listen=%u health=%u%s\n",
        (unsigned)http_listener_port(l->open),
        (unsigned)http_listener_port(l->health), mutual);
    if (mu_fd_write(fd, span_str(line)) != MU_OK)
        return failed(l, MU_E_IO, "standard output", NULL);
    mu_log(MU_LOG_INFO, "kds.ready",
        mu_log_u64("port", http_listener_port(l->open)));
    return MU_OK;
}

static void loop_clear(struct loop *l)
{
    http_server_free(l->server);
    http_keys_free(l->keys);
    http_client_free(l->client);
    kds_store_close(l->store);
    mu_keyring_clear(&l->kek);
    SSL_CTX_free(l->tls);
    SSL_CTX_free(l->mutual_tls);
    for (size_t i = 0; i < SIGNALS; i++)
        if (l->on_signal[i] != NULL)
            event_free(l->on_signal[i]);
}

static enum mu_err start(struct loop *l)
{
    TRY(read_all_tls(l));
    TRY(read_kek(l));
    TRY(make_client(l));
    TRY(read_token_keys(l));
    TRY(open_store(l));
    TRY(make_server(l));
    TRY(listen_all(l));
    return take_signals(l);
}

enum mu_err kds_loop_run(struct event_base *base, const struct kds_conf *conf,
    int ready_fd, struct kds_failure *failure)
{
    MU_CLEANUP(loop_clear)
    struct loop l = {.conf = conf, .base = base, .failure = failure};

    TRY(start(&l));
    TRY(tell_ready(&l, ready_fd));
    if (event_base_dispatch(base) < 0)
        return failed(&l, MU_E_IO, "event loop", NULL);
    mu_log_event(MU_LOG_INFO, "kds.stopped");
    return MU_OK;
}

enum mu_err kds_loop_check(
    const struct kds_conf *conf, struct kds_failure *failure)
{
    MU_CLEANUP(loop_clear) struct loop l = {.conf = conf, .failure = failure};

    TRY(read_all_tls(&l));
    TRY(read_kek(&l));
    if (conf->token.jwks_file[0] != '\0')
        TRY(read_token_keys(&l));
    if (access(conf->database, F_OK) == 0)
        TRY(open_store(&l));
    return MU_OK;
}
