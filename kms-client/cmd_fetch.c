/* SPDX-License-Identifier: Apache-2.0 */
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli/json.h"
#include "http/client.h"
#include "kms-client/commands.h"
#include "kms-client/open_store.h"
#include "kms-client/transport.h"

#define TOKEN_MAX 16384

enum option {
    STORE,
    USER,
    TOKEN,
    CA,
    CERT,
    KEY,
    REQUIRE_SIGNED,
    ALLOW_UNSIGNED,
    UNSIGNED_REQUESTS,
    NOW,
    OPTIONS
};

static const struct cli_option options[OPTIONS] = {
    [STORE] = {"--store", CLI_FILE, CLI_REQUIRED, "the device's folder"},
    [USER] = {"--user", CLI_URI, CLI_OPTIONAL, "this user alone"},
    [TOKEN] = {"--token", CLI_FILE, CLI_OPTIONAL,
        "a file with the access token"},
    [CA] = {"--ca", CLI_FILE, CLI_OPTIONAL,
        "PEM of the authorities to believe; otherwise the system's"},
    [CERT] = {"--cert", CLI_FILE, CLI_OPTIONAL,
        "PEM of the client's certificate"},
    [KEY] = {"--key", CLI_FILE, CLI_OPTIONAL, "PEM of its key"},
    [REQUIRE_SIGNED] = {"--require-signed", CLI_FLAG, CLI_OPTIONAL,
        "refuse answers without a signature from the first"},
    [ALLOW_UNSIGNED] = {"--allow-unsigned", CLI_FLAG, CLI_OPTIONAL,
        "accept them from a KMS that has signed before"},
    [UNSIGNED_REQUESTS] = {"--unsigned-requests", CLI_FLAG, CLI_OPTIONAL,
        "send the empty requests of Release 13"},
    [NOW] = {"--now", CLI_NUMBER, CLI_OPTIONAL,
        "Unix time to take for the present, for tests"},
};

static const char *check_options(const struct cli *cli)
{
    if (cli->args[CERT].given != cli->args[KEY].given)
        return "--cert and --key need each other";
    if (cli->args[REQUIRE_SIGNED].given && cli->args[ALLOW_UNSIGNED].given)
        return "--require-signed and --allow-unsigned contradict each other";
    return NULL;
}

/* The time of --now, standing still. */
static uint64_t fixed_ms(void *ctx)
{
    const uint64_t *now_s = ctx;

    return *now_s * 1000;
}

/* What the users' sessions share. */
struct fetch {
    struct cli *cli;
    struct event_base *base;
    struct http_client *http;
    struct mu_clock clock;
    struct buf token; /* with its NUL; empty: none */
    struct json json;
    enum mu_err err; /* of the session that ended last */
    char why[KMS_SESSION_WHY_MAX];
};

static void fetch_clear(struct fetch *f)
{
    http_client_free(f->http);
    if (f->base != NULL)
        event_base_free(f->base);
    buf_clear(&f->token);
}

static enum mu_err read_token(struct fetch *f)
{
    const char *path = f->cli->args[TOKEN].text;
    enum mu_err err;

    if (path == NULL)
        return MU_OK;
    err = mu_file_read(path, TOKEN_MAX, &f->token);
    if (err != MU_OK)
        return cli_fail(f->cli, err, "--token", "%s cannot be read", path);
    while (f->token.len > 0 &&
           strchr(" \t\r\n", f->token.p[f->token.len - 1]) != NULL)
        f->token.len--;
    buf_add(&f->token, (struct span){(const uint8_t *)"", 1});
    return f->token.err;
}

static enum mu_err open_network(struct fetch *f)
{
    struct http_client_config config = {
        .ca_file = f->cli->args[CA].text,
        .cert_file = f->cli->args[CERT].text,
        .key_file = f->cli->args[KEY].text,
    };

    f->base = event_base_new();
    if (f->base == NULL)
        return MU_E_NO_MEMORY;
    config.base = f->base;
    return http_client_new(&config, &f->http);
}

static void on_done(void *ctx, const struct kms_next *end)
{
    struct fetch *f = ctx;

    f->err = end->what == KMS_DO_DONE ? MU_OK : end->err;
    (void)snprintf(f->why, sizeof(f->why), "%s", end->why);
    (void)event_base_loopbreak(f->base);
}

static void session_drop(struct kms_session **session)
{
    kms_session_free(*session);
}

static void transport_drop(struct kms_transport **transport)
{
    kms_transport_free(*transport);
}

/* One user's session, from its start to its end, which is in f. */
static enum mu_err converse(struct fetch *f, struct kms_session *session)
{
    MU_CLEANUP(transport_drop) struct kms_transport *transport = NULL;
    struct kms_transport_config config = {
        .base = f->base,
        .http = f->http,
        .clock = &f->clock,
        .session = session,
        .bearer = f->token.len > 0 ? (const char *)f->token.p : NULL,
        .done = on_done,
        .ctx = f,
    };

    f->err = MU_E_IO;
    TRY(kms_transport_new(&config, &transport));
    return event_base_dispatch(f->base) < 0 ? MU_E_IO : MU_OK;
}

static void print(
    struct fetch *f, const struct kms_device *device, uint64_t now_s)
{
    struct span user = mcptt_id_span(&device->enrolment.user_uri);
    struct kms_keyset_status status = {.has_now = false};

    if (kms_keyset_status(device->keys, now_s, &status) != MU_OK)
        return; /* cannot be: the session was done */
    if (f->cli->json) {
        json_open(&f->json, NULL, '{');
        json_text(&f->json, "user", user);
        json_number(&f->json, "period", status.period_no);
        json_bool(&f->json, "has_now", status.has_now);
        json_bool(&f->json, "has_next", status.has_next);
        json_close(&f->json, '}');
        return;
    }
    buf_add(&f->cli->out, user);
    buf_text(&f->cli->out, " period ");
    buf_number(&f->cli->out, status.period_no);
    buf_text(&f->cli->out,
        status.has_next ? " and the next\n" : ", lacks the next\n");
}

/* Without a signature only as long as the KMS has never signed, so that who
 * takes its server cannot turn signatures off. */
static bool may_be_unsigned(
    const struct cli *cli, const struct kms_device *device)
{
    if (cli->args[REQUIRE_SIGNED].given)
        return false;
    return !device->signed_seen || cli->args[ALLOW_UNSIGNED].given;
}

/* What came before a failure was checked, and is kept. */
static enum mu_err fetch_user(
    struct open_store *store, struct kms_device *device, void *ctx)
{
    MU_CLEANUP(session_drop) struct kms_session *session = NULL;
    struct fetch *f = ctx;
    struct kms_session_facts facts;
    struct kms_session_config config = {
        .enrolment = &device->enrolment,
        .keys = device->keys,
        .rng = mu_rng_system(),
        .cache_num = device->cache_num,
        .unsigned_requests = f->cli->args[UNSIGNED_REQUESTS].given,
        .unsigned_responses = may_be_unsigned(f->cli, device),
    };

    TRY(kms_session_new(&config, &session));
    TRY(converse(f, session));
    facts = kms_session_facts(session);
    device->cache_num = facts.cache_num;
    device->signed_seen |= facts.signed_seen;
    TRY(open_store_save(store, device));
    if (f->err != MU_OK)
        return cli_fail(f->cli, f->err,
            (const char *)device->enrolment.user_uri.b, "%s", f->why);
    print(f, device, store->now_s);
    return MU_OK;
}

/* {"users":[ */
static void open_users(struct json *j)
{
    json_open(j, NULL, '{');
    json_open(j, "users", '[');
}

static enum mu_err fetch_all(struct fetch *f, struct open_store *store)
{
    TRY(open_store_unlock(store));
    TRY(read_token(f));
    TRY(open_network(f));
    if (f->cli->json)
        open_users(&f->json);
    TRY(open_store_users(store, fetch_user, f));
    if (f->cli->json) {
        json_close(&f->json, ']');
        json_close(&f->json, '}');
        buf_text(&f->cli->out, "\n");
    }
    return MU_OK;
}

static enum mu_err run(struct cli *cli)
{
    MU_CLEANUP(fetch_clear)
    struct fetch f = {.cli = cli, .clock = *mu_clock_system()};
    MU_CLEANUP(open_store_clear)
    struct open_store store = {
        .cli = cli,
        .dir = cli->args[STORE].text,
        .user = cli->args[USER].text,
        .now_s = cli->args[NOW].number,
    };

    f.json.out = &cli->out;
    if (cli->args[NOW].given)
        f.clock = (struct mu_clock){
            .unix_ms = fixed_ms, .mono_ms = fixed_ms, .ctx = &store.now_s};
    else
        store.now_s = mu_clock_unix_ms(&f.clock) / 1000;
    return fetch_all(&f, &store);
}

const struct cli_command kms_client_fetch = {
    .name = "fetch",
    .help = "each user, his key period and whether he lacks the next",
    .options = options,
    .option_count = OPTIONS,
    .check = check_options,
    .run = run,
};
