/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/front_parts.h"

#include <event2/event.h>
#include <stdio.h>

#include "base/log.h"
#include "base/pool.h"
#include "base/text.h"
#include "gms/audit_events.h"
#include "gms/front_sip.h"
#include "gms/key_file.h"
#include "gms/reseal.h"
#include "http/client.h"

#define POOL_JOBS 256 /* under way at once; more are answered 503 */
#define TICK_MS   200 /* how long a record of the audit log may wait */

enum mu_err gms_front_failed(
    struct gms_front *front, enum mu_err err, const char *what, const char *why)
{
    front->failure->what = what;
    (void)snprintf(front->failure->why, sizeof(front->failure->why), "%s",
        why != NULL ? why : mu_err_name(err));
    return err;
}

enum mu_err gms_front_step(
    struct gms_front *front, enum mu_err err, const char *what)
{
    return err == MU_OK ? MU_OK : gms_front_failed(front, err, what, NULL);
}

/* ---------------------------------------------------------------------- TLS */

static enum mu_err read_tls(
    struct gms_front *front, const char *ca, SSL_CTX **out)
{
    const struct http_tls_config config = {.cert_file = front->conf->tls_cert,
        .key_file = front->conf->tls_key,
        .ca_file = ca};
    struct http_tls_why why;
    SSL_CTX *made = NULL;
    enum mu_err err = http_tls_server(&config, &made, &why);

    if (err != MU_OK)
        return gms_front_failed(front, err, "TLS", why.text);
    SSL_CTX_free(*out);
    *out = made;
    return MU_OK;
}

enum mu_err gms_front_read_tls(struct gms_front *front)
{
    const struct gms_conf_mutual *mutual = gms_conf_mutual(front->conf);

    TRY(read_tls(front, NULL, &front->tls));
    if (mutual != NULL)
        TRY(read_tls(front, mutual->client_ca, &front->mutual_tls));
    return MU_OK;
}

/* ------------------------------------------------------------------ tokens */

static void on_keys(void *ctx, enum mu_err err, size_t count, const char *why)
{
    (void)ctx;
    mu_log(err == MU_OK ? MU_LOG_INFO : MU_LOG_WARNING, "gms.token_keys",
        mu_log_err("result", err), mu_log_u64("keys", count),
        mu_log_str("why", why));
}

static enum mu_err read_token_keys(struct gms_front *front)
{
    const struct gms_conf_token *token = &front->conf->token;
    const struct http_client_config client = {.base = front->base};
    struct http_keys_config config = {
        .base = front->base, .clock = mu_clock_system(), .on_read = on_keys};

    if (token->jwks_file[0] != '\0') {
        config.file = token->jwks_file;
    } else if (token->jwks_url[0] != '\0') {
        config.url = token->jwks_url;
        TRY(gms_front_step(
            front, http_client_new(&client, &front->client), "HTTPS client"));
        config.client = front->client;
    } else {
        return MU_OK;
    }
    return gms_front_step(
        front, http_keys_new(&config, &front->keys), "token keys");
}

static const char *or_any(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static void set_auth(struct gms_front *front)
{
    const struct gms_conf_token *token = &front->conf->token;

    front->auth = (struct http_auth){.keys = front->keys,
        .policy = {.scopes = 1U << HTTP_SCOPE_PTT_GROUP_MANAGEMENT,
            .release_13 = token->release_13,
            .issuer = or_any(token->issuer),
            .audience = or_any(token->audience),
            .require_aud = token->require_aud},
        .clock = mu_clock_system(),
        .realm = "gms",
        .callers = front->callers,
        .failures = front->failures,
        .rng = mu_rng_system()};
}

static enum mu_err make_limits(struct gms_front *front)
{
    const struct gms_conf_limits *limits = &front->conf->limits;
    uint8_t key[MU_SIPHASH_KEY];

    TRY(gms_front_step(front, mu_rng_fill(mu_rng_system(), key, sizeof(key)),
        "random generator"));
    TRY(gms_front_step(front,
        http_admit_new(
            limits->requests_per_s, limits->burst, key, &front->callers),
        "limits"));
    return gms_front_step(front,
        http_admit_new(limits->failures_per_s, limits->failure_burst, key,
            &front->failures),
        "limits");
}

static enum mu_err make_access(struct gms_front *front)
{
    TRY(read_token_keys(front));
    TRY(make_limits(front));
    set_auth(front);
    return gms_front_step(front,
        gms_access_new(
            front->conf->roles.at, front->conf->roles.len, &front->access),
        "roles");
}

/* ------------------------------------------------------------------ workers */

static void on_pool(evutil_socket_t fd, short what, void *ctx)
{
    struct gms_front *front = ctx;

    (void)fd;
    (void)what;
    mu_pool_drain(front->pool);
}

static enum mu_err make_pool(struct gms_front *front)
{
    TRY(gms_front_step(front,
        mu_pool_new(
            (unsigned)front->conf->limits.workers, POOL_JOBS, &front->pool),
        "workers"));
    front->on_pool = event_new(front->base, mu_pool_fd(front->pool),
        EV_READ | EV_PERSIST, on_pool, front);
    if (front->on_pool == NULL || event_add(front->on_pool, NULL) != 0)
        return gms_front_failed(front, MU_E_NO_MEMORY, "workers", NULL);
    return MU_OK;
}

/* ---------------------------------------------------------- store and audit */

/* Ready or not: a key period may have ended since. */
static void tell_keeper(struct gms_front *front)
{
    struct gms_provision_status s = gms_provision_status(front->provision);

    gms_keeper_set_ready(front->keeper, s.told && s.has_now);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
    struct gms_front *front = ctx;
    struct gms_audit_stats audit = gms_audit_stats(front->audit);

    (void)fd;
    (void)what;
    if (audit.waiting > 0 || audit.failing)
        (void)gms_audit_flush(front->audit);
    tell_keeper(front);
}

/* What the keeper says is flushed by him; who fetched what waits a moment. */
static enum mu_err make_tick(struct gms_front *front)
{
    const struct timeval every = {0, TICK_MS * 1000L};

    front->on_tick = event_new(front->base, -1, EV_PERSIST, on_tick, front);
    if (front->on_tick == NULL || event_add(front->on_tick, &every) != 0)
        return gms_front_failed(front, MU_E_NO_MEMORY, "audit log", NULL);
    return MU_OK;
}

static enum mu_err open_audit(struct gms_front *front)
{
    const struct gms_audit_config config = {.path = front->conf->audit_log,
        .key = &front->audit_key,
        .clock = mu_clock_system(),
        .rng = mu_rng_system()};

    TRY(gms_front_step(front,
        gms_audit_key_load(front->conf->audit_key_file, &front->audit_key),
        front->conf->audit_key_file));
    TRY(gms_front_step(
        front, gms_audit_open(&config, &front->audit), front->conf->audit_log));
    return make_tick(front);
}

static enum mu_err open_store(struct gms_front *front)
{
    const char *path = front->conf->database;
    enum mu_err err = gms_store_open(path, &front->store);

    if (err == MU_E_UNSUPPORTED)
        return gms_front_failed(
            front, err, path, "was written by a later release; not changed");
    if (err == MU_OK)
        gms_store_set_clock(front->store, mu_clock_system());
    return gms_front_step(front, err, path);
}

static enum mu_err open_files(struct gms_front *front)
{
    TRY(open_store(front));
    return open_audit(front);
}

/* ------------------------------------------------------- vault and our keys */

static const char *kek_source(const struct gms_conf *conf)
{
    return conf->kek_file[0] != '\0' ? conf->kek_file : conf->kek_credential;
}

/*
 * Something is sealed under a KEK that the vault has not: it was taken away too
 * early. A gmsd that begins does not begin like that. One that serves goes on
 * for the other groups, and says so.
 */
static void check_keks(struct gms_front *front)
{
    bool first = !front->met_vault;
    char hex[MU_HEX_LEN(MU_KEK_ID_LEN)], why[160];
    struct gms_store_kek kek;

    front->met_vault = true;
    if (gms_reseal_missing(front->reseal, &kek) != MU_OK)
        return;
    mu_hex_write(SPAN_OF(kek.id.b), hex);
    mu_log(MU_LOG_ERROR, "kek.missing", mu_log_str("kek", hex),
        mu_log_u64("keys", kek.keys), mu_log_u64("envelopes", kek.envelopes));
    if (!first)
        return;
    (void)snprintf(why, sizeof(why),
        "KEK %s is missing, and %llu keys and %llu envelopes are sealed under"
        " it: put it back, first in order",
        hex, (unsigned long long)kek.keys, (unsigned long long)kek.envelopes);
    front->refused =
        gms_front_failed(front, MU_E_NOT_FOUND, kek_source(front->conf), why);
    (void)event_base_loopbreak(front->base);
}

static void on_vault_up(void *ctx, const struct gms_vault_hello *hello)
{
    struct gms_front *front = ctx;

    gms_audit_say(front->audit, GMS_AUDIT_VAULT,
        mu_log_octets("identity", hello->identity),
        mu_log_octets("log_head", hello->log_head));
    gms_reseal_vault_up(front->reseal, hello);
    check_keks(front);
    gms_provision_vault_up(front->provision);
    gms_keeper_wake(front->keeper);
}

static void on_vault_down(void *ctx)
{
    struct gms_front *front = ctx;

    gms_audit_say(front->audit, GMS_AUDIT_NOVAULT, mu_log_str("why", "gone"));
    gms_reseal_vault_down(front->reseal);
}

/* ----------------------------------------------------------------- the rest */

static void on_changed(void *ctx, struct span group, struct span member)
{
    struct gms_front *front = ctx;

    gms_api_changed(front->api, group);
    if (front->sip != NULL)
        gms_subs_changed(gms_front_sip_subs(front->sip), group, member);
}

static void on_opened(void *ctx, struct span group)
{
    struct gms_front *front = ctx;

    gms_api_changed(front->api, group);
}

static void on_ready(void *ctx)
{
    struct gms_front *front = ctx;

    tell_keeper(front);
    gms_keeper_wake(front->keeper);
    gms_reseal_vault_ready(front->reseal);
}

static enum mu_err make_reseal(struct gms_front *front)
{
    const struct gms_reseal_config config = {.base = front->base,
        .store = front->store,
        .vault = front->vault,
        .audit = front->audit};

    return gms_front_step(
        front, gms_reseal_new(&config, &front->reseal), "KEK rotation");
}

static enum mu_err make_vault(struct gms_front *front)
{
    const struct gms_vault_link_config link = {.base = front->base,
        .on_up = on_vault_up,
        .on_down = on_vault_down,
        .ctx = front};
    struct gms_provision_config provision = {.base = front->base,
        .clock = mu_clock_system(),
        .rng = mu_rng_system(),
        .store = front->store,
        .kds = &front->conf->kds,
        .enrolment_file = front->conf->enrolment_file,
        .on_ready = on_ready,
        .ctx = front};

    TRY(gms_front_step(
        front, gms_vault_link_new(&link, &front->vault), "vault link"));
    provision.vault = front->vault;
    TRY(gms_front_step(front, gms_provision_new(&provision, &front->provision),
        front->conf->enrolment_file));
    return gms_front_step(front,
        gms_domains_new(gms_provision_keys(front->provision),
            front->conf->subscribers, &front->domains),
        "subscribers");
}

static enum mu_err make_keeper(struct gms_front *front)
{
    const struct gms_keeper_config config = {.base = front->base,
        .clock = mu_clock_system(),
        .rng = mu_rng_system(),
        .store = front->store,
        .vault = front->vault,
        .domains = front->domains,
        .audit = front->audit,
        .policy = front->conf->policy,
        .redirect_kmss = &front->conf->sip.redirect_kmss,
        .on_changed = on_changed,
        .on_opened = on_opened,
        .ctx = front};

    return gms_front_step(
        front, gms_keeper_new(&config, &front->keeper), "keeper");
}

/* ------------------------------------------------------------ what is asked */

static enum mu_err make_groups(struct gms_front *front)
{
    const struct gms_conf_xcap *xcap = &front->conf->xcap;
    const struct gms_groups_config config = {.store = front->store,
        .keeper = front->keeper,
        .domains = front->domains,
        .access = front->access,
        .pool = front->pool,
        .rng = mu_rng_system(),
        .policy = &front->conf->policy,
        .unknown = (enum xml_group_unknown)xcap->unknown_extension,
        .members_max = xcap->members_max,
        .creation_xui = xcap->creation_xui};

    return gms_front_step(
        front, gms_groups_new(&config, &front->groups), "groups");
}

static enum mu_err make_xcap(struct gms_front *front)
{
    const struct gms_xcap_parts parts = {.xcap = &front->conf->xcap,
        .gktp = &front->conf->gktp,
        .auth = &front->auth,
        .store = front->store,
        .groups = front->groups,
        .keeper = front->keeper,
        .domains = front->domains,
        .audit = front->audit,
        .pool = front->pool,
        .rng = mu_rng_system()};

    return gms_front_step(front, gms_xcap_new(&parts, &front->xcap), "XCAP");
}

static enum mu_err make_api(struct gms_front *front)
{
    const struct gms_api_parts parts = {.base = front->base,
        .clock = mu_clock_system(),
        .rng = mu_rng_system(),
        .auth = &front->auth,
        .access = front->access,
        .store = front->store,
        .groups = front->groups,
        .keeper = front->keeper,
        .audit = front->audit,
        .vault = front->vault,
        .reseal = front->reseal,
        .policy = &front->conf->policy};

    return gms_front_step(front, gms_api_new(&parts, &front->api), "API");
}

static enum mu_err make_metrics(struct gms_front *front)
{
    const struct gms_metrics_parts parts = {.clock = mu_clock_system(),
        .store = front->store,
        .keeper = front->keeper,
        .audit = front->audit,
        .callers = front->callers,
        .failures = front->failures,
        .subs = gms_front_sip_subs(front->sip)};

    return gms_front_step(
        front, gms_metrics_new(&parts, &front->metrics), "metrics");
}

static enum mu_err make_sip(struct gms_front *front)
{
    return gms_front_sip_new(front, &front->sip);
}

/* ------------------------------------------------------- beginning and end */

enum mu_err gms_front_parts_make(struct gms_front *front)
{
    enum mu_err (*const steps[])(struct gms_front *) = {gms_front_read_tls,
        make_access, make_pool, open_files, make_vault, make_reseal,
        make_keeper, make_groups, make_xcap, make_api, make_sip, make_metrics};

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        TRY(steps[i](front));
    return MU_OK;
}

void gms_front_pool_end(struct gms_front *front)
{
    if (front->on_pool != NULL)
        event_free(front->on_pool);
    mu_pool_free(front->pool);
}

void gms_front_parts_clear(struct gms_front *front)
{
    gms_metrics_free(front->metrics);
    gms_front_sip_free(front->sip);
    gms_api_free(front->api);
    gms_xcap_free(front->xcap);
    gms_groups_free(front->groups);
    gms_keeper_free(front->keeper);
    gms_domains_free(front->domains);
    gms_provision_free(front->provision);
    gms_reseal_free(front->reseal);
    gms_vault_link_free(front->vault);
    if (front->on_tick != NULL)
        event_free(front->on_tick);
    gms_audit_close(front->audit);
    mu_sign_key_clear(&front->audit_key);
    gms_store_close(front->store);
    gms_access_free(front->access);
    http_admit_free(front->callers);
    http_admit_free(front->failures);
    http_keys_free(front->keys);
    http_client_free(front->client);
    SSL_CTX_free(front->tls);
    SSL_CTX_free(front->mutual_tls);
}
