/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/front_loop.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "config.h"
#include "gms/audit_events.h"
#include "gms/front_control.h"
#include "gms/front_parts.h"
#include "gms/front_routes.h"
#include "gms/front_sip.h"
#include "gms/process.h"

#define READY_MAX       256
#define GOODBYE_STEP_MS 20L

static const int signals[] = {SIGTERM, SIGINT, SIGHUP};

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

struct loop {
    struct gms_front parts;
    struct gms_front_routes routes;
    struct http_server *server;
    struct http_listener *open, *mutual, *health;
    struct gms_control *control;
    struct event *on_signal[SIGNALS];
    bool ending;
    uint64_t goodbye_ms; /* spent so far on the last NOTIFYs */
};

static void set_limits(
    const struct gms_conf_limits *conf, struct http_limits *limits)
{
    limits->connections = (unsigned)conf->connections;
    limits->head = conf->head_max;
    limits->body = conf->body_max;
    limits->head_ms = (unsigned)conf->head_ms;
    limits->request_ms = (unsigned)conf->request_ms;
    limits->answer_ms = (unsigned)conf->answer_ms;
    limits->send_ms = (unsigned)conf->send_ms;
    limits->idle_ms = (unsigned)conf->idle_ms;
    limits->linger = (unsigned)conf->linger_max;
    limits->linger_ms = (unsigned)conf->linger_ms;
}

static enum mu_err make_server(struct loop *l)
{
    struct http_server_config config = {.base = l->parts.base,
        .clock = mu_clock_system(),
        .routes = l->routes.at,
        .routes_len = GMS_FRONT_ROUTES,
        .ctx = &l->routes,
        .limits = http_limits_default};

    set_limits(&l->parts.conf->limits, &config.limits);
    l->routes.xcap = l->parts.xcap;
    l->routes.api = l->parts.api;
    l->routes.auth = &l->parts.auth;
    l->routes.access = l->parts.access;
    l->routes.keeper = l->parts.keeper;
    l->routes.metrics = l->parts.metrics;
    gms_front_routes_init(&l->routes, l->parts.conf->xcap.root);
    TRY(gms_front_step(
        &l->parts, http_server_new(&config, &l->server), "HTTPS server"));
    gms_xcap_set_server(l->parts.xcap, l->server);
    gms_api_set_server(l->parts.api, l->server);
    gms_metrics_set_server(l->parts.metrics, l->server);
    return MU_OK;
}

static enum mu_err listen_one(struct loop *l, const struct mu_conf_addr *addr,
    struct http_listen *on, struct http_listener **out)
{
    enum mu_err err;

    on->address = addr->host;
    on->port = addr->port;
    err = http_server_listen(l->server, on, out);
    return err == MU_OK
               ? MU_OK
               : gms_front_failed(&l->parts, err, "listen", addr->host);
}

static enum mu_err listen_all(struct loop *l)
{
    const struct gms_conf_mutual *mutual = gms_conf_mutual(l->parts.conf);
    struct http_listen open = {.tls = l->parts.tls, .tag = GMS_ON_TOKENS};
    struct http_listen health = {.tag = GMS_ON_HEALTH};

    TRY(listen_one(l, &l->parts.conf->listen, &open, &l->open));
    TRY(listen_one(l, &l->parts.conf->health, &health, &l->health));
    if (mutual != NULL) {
        /* Without names nobody is trusted: the certificate alone speaks. */
        struct http_listen on = {.tls = l->parts.mutual_tls,
            .tag = GMS_ON_MUTUAL,
            .trusted = mutual->trusted_peers.len > 0,
            .peers = mutual->trusted_peers.at,
            .peers_len = mutual->trusted_peers.len};

        TRY(listen_one(l, &mutual->listen, &on, &l->mutual));
    }
    return MU_OK;
}

/* ------------------------------------------------------ signals and monitor */

/* The last NOTIFYs go out while the server drains, and after that for as long
 * as it might have. */
static void on_goodbye(evutil_socket_t fd, short what, void *ctx)
{
    static const struct timeval again = {.tv_usec = GOODBYE_STEP_MS * 1000};
    struct loop *l = ctx;

    (void)fd;
    (void)what;
    l->goodbye_ms += GOODBYE_STEP_MS;
    if (gms_subs_stats(gms_front_sip_subs(l->parts.sip)).active == 0 ||
        l->goodbye_ms >= l->parts.conf->limits.drain_ms ||
        event_base_once(l->parts.base, -1, EV_TIMEOUT, on_goodbye, l, &again) !=
            0)
        (void)event_base_loopbreak(l->parts.base);
}

static void on_drained(void *ctx)
{
    struct loop *l = ctx;

    if (l->parts.conf->sip.deactivate && l->parts.sip != NULL)
        on_goodbye(-1, 0, l);
    else
        (void)event_base_loopbreak(l->parts.base);
}

static void send_subscribers_away(struct loop *l)
{
    if (l->parts.conf->sip.deactivate && l->parts.sip != NULL)
        gms_subs_deactivate(gms_front_sip_subs(l->parts.sip));
}

static void log_kept(const char *what, enum mu_err err)
{
    if (err != MU_OK)
        mu_log(MU_LOG_ERROR, "gms.kept", mu_log_str("what", what),
            mu_log_err("result", err));
}

static void reload(struct loop *l)
{
    enum mu_err err = gms_front_read_tls(&l->parts);

    log_kept("TLS", err);
    if (err == MU_OK) {
        http_listener_set_tls(l->open, l->parts.tls);
        if (l->mutual != NULL)
            http_listener_set_tls(l->mutual, l->parts.mutual_tls);
    }
    if (l->parts.keys != NULL)
        log_kept("token keys", http_keys_reload(l->parts.keys));
    log_kept("subscribers", gms_domains_reload(l->parts.domains));
    gms_keeper_wake(l->parts.keeper);
    mu_log_event(MU_LOG_INFO, "gms.reloaded");
    gms_control_say(l->control, GMS_CONTROL_RELOADED);
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
    mu_log_event(MU_LOG_INFO, "gms.draining");
    send_subscribers_away(l);
    http_server_drain(
        l->server, (unsigned)l->parts.conf->limits.drain_ms, on_drained, l);
}

static enum mu_err take_signals(struct loop *l)
{
    for (size_t i = 0; i < SIGNALS; i++) {
        l->on_signal[i] = evsignal_new(l->parts.base, signals[i], on_signal, l);
        if (l->on_signal[i] == NULL || event_add(l->on_signal[i], NULL) != 0)
            return gms_front_failed(&l->parts, MU_E_NO_MEMORY, "signals", NULL);
    }
    return MU_OK;
}

static void on_vault(void *ctx, int fd)
{
    struct loop *l = ctx;

    if (gms_vault_link_take(l->parts.vault, fd) != MU_OK)
        mu_log_event(MU_LOG_ERROR, "gms.vault_end_refused");
}

/* Without a monitor nobody would start a vault again, or end this process. */
static void on_gone(void *ctx)
{
    struct loop *l = ctx;

    mu_log_event(MU_LOG_ERROR, "gms.monitor_gone");
    (void)event_base_loopbreak(l->parts.base);
}

static enum mu_err watch_monitor(struct loop *l)
{
    const struct gms_control_config config = {.base = l->parts.base,
        .fd = GMS_FD_CONTROL,
        .on_vault = on_vault,
        .on_gone = on_gone,
        .ctx = l};

    return gms_front_step(&l->parts, gms_control_new(&config, &l->control),
        "line to the monitor");
}

/* " sip=5060 sip2=5061": of all listeners, in the order of the configuration.
 */
static void sip_ports(struct loop *l, char *out, size_t cap)
{
    size_t count = l->parts.conf->sip.listens.len, len = 0;

    for (size_t i = 0; l->parts.sip != NULL && i < count && len < cap; i++) {
        unsigned port = gms_front_sip_port(l->parts.sip, i);
        int more =
            i == 0 ? snprintf(out, cap, " sip=%u", port)
                   : snprintf(out + len, cap - len, " sip%zu=%u", i + 1, port);

        len += more > 0 ? (size_t)more : 0;
    }
}

static enum mu_err tell_ready(struct loop *l)
{
    char line[READY_MAX], mutual[32] = "", sip[SIP_LISTENS_MAX * 16] = "";

    if (l->mutual != NULL)
        (void)snprintf(mutual, sizeof(mutual), " mutual=%u",
            (unsigned)http_listener_port(l->mutual));
    sip_ports(l, sip, sizeof(sip));
    (void)snprintf(line, sizeof(line), "ready listen=%u health=%u%s%s\n",
        (unsigned)http_listener_port(l->open),
        (unsigned)http_listener_port(l->health), mutual, sip);
    TRY(gms_front_step(&l->parts, mu_fd_write(STDOUT_FILENO, span_str(line)),
        "standard output"));
    gms_control_say(l->control, GMS_CONTROL_READY);
    gms_audit_say(l->parts.audit, GMS_AUDIT_STARTED,
        mu_log_str("version", PACKAGE_VERSION),
        mu_log_str("store", l->parts.conf->database));
    mu_log(MU_LOG_INFO, "gms.ready",
        mu_log_u64("port", http_listener_port(l->open)));
    return MU_OK;
}

/* -------------------------------------------------------- beginning and end */

/* Workers end first, as they answer requests; then the server, which ends
 * streams; then who served it. */
static void loop_clear(struct loop *l)
{
    gms_front_pool_end(&l->parts);
    http_server_free(l->server);
    gms_control_free(l->control);
    gms_front_parts_clear(&l->parts);
    for (size_t i = 0; i < SIGNALS; i++)
        if (l->on_signal[i] != NULL)
            event_free(l->on_signal[i]);
}

/* The monitor's line comes last: with it comes the vault. */
static enum mu_err start(struct loop *l)
{
    TRY(gms_front_parts_make(&l->parts));
    TRY(make_server(l));
    TRY(listen_all(l));
    TRY(take_signals(l));
    TRY(watch_monitor(l));
    return tell_ready(l);
}

enum mu_err gms_front_run(struct event_base *base, const struct gms_conf *conf,
    struct gms_failure *failure)
{
    MU_CLEANUP(loop_clear)
    struct loop l = {.parts = {.conf = conf, .base = base, .failure = failure}};

    TRY(start(&l));
    if (event_base_dispatch(base) < 0)
        return gms_front_failed(&l.parts, MU_E_IO, "event loop", NULL);
    TRY(l.parts.refused);
    mu_log_event(MU_LOG_INFO, "gms.stopped");
    gms_audit_say(l.parts.audit, GMS_AUDIT_STOPPED,
        mu_log_str("why", l.ending ? "signal" : "monitor gone"));
    return MU_OK;
}
