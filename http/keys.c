/* SPDX-License-Identifier: Apache-2.0 */
#include "http/keys.h"

#include <event2/event.h>

#include "base/alloc.h"

#define REFRESH_S 3600

struct http_keys {
    struct http_keys_config config;
    struct http_jwks *now;
    struct event *timer; /* NULL with a file */
    bool reading;
    uint64_t call;
    uint64_t asked_ms; /* monotonic, of the last read begun */
};

static void report(
    const struct http_keys *keys, enum mu_err err, const char *why)
{
    if (keys->config.on_read != NULL)
        keys->config.on_read(keys->config.ctx, err,
            keys->now != NULL ? http_jwks_count(keys->now) : 0, why);
}

static void replace(struct http_keys *keys, struct http_jwks *with)
{
    http_jwks_free(keys->now);
    keys->now = with;
}

static void wait_ms(struct http_keys *keys, uint64_t ms)
{
    struct timeval wait = {.tv_sec = (time_t)(ms / 1000),
        .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

    (void)evtimer_add(keys->timer, &wait);
}

static void on_reply(void *ctx, const struct http_reply *reply)
{
    struct http_keys *keys = ctx;
    struct http_jwks *read = NULL;
    const char *why = reply->why;
    enum mu_err err = reply->err;

    keys->reading = false;
    if (err == MU_OK && reply->status != 200) {
        err = MU_E_IO;
        why = "the status is not 200";
    }
    if (err == MU_OK) {
        why = "the document";
        err = http_jwks_read(reply->body, &read);
    }
    if (err == MU_OK)
        replace(keys, read);
    wait_ms(keys, err != MU_OK ? HTTP_KEYS_RETRY_MS
                               : keys->config.refresh_s * UINT64_C(1000));
    report(keys, err, err != MU_OK ? why : "");
}

static enum mu_err fetch(struct http_keys *keys)
{
    struct http_call call = {.method = "GET", .url = keys->config.url};

    if (keys->reading)
        return MU_OK;
    keys->asked_ms = mu_clock_mono_ms(keys->config.clock);
    TRY(http_client_start(
        keys->config.client, &call, on_reply, keys, &keys->call));
    keys->reading = true;
    return MU_OK;
}

static enum mu_err load(struct http_keys *keys)
{
    struct http_jwks *read = NULL;
    enum mu_err err = http_jwks_load(keys->config.file, &read);

    if (err == MU_OK)
        replace(keys, read);
    report(keys, err, err != MU_OK ? "the file" : "");
    return err;
}

enum mu_err http_keys_reload(struct http_keys *keys)
{
    return keys->config.file != NULL ? load(keys) : fetch(keys);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
    struct http_keys *keys = ctx;
    enum mu_err err = fetch(keys);

    (void)fd;
    (void)what;
    if (err == MU_OK)
        return;
    wait_ms(keys, HTTP_KEYS_RETRY_MS);
    report(keys, err, "the call");
}

void http_keys_missing(struct http_keys *keys)
{
    uint64_t now;

    if (keys->timer == NULL || keys->reading)
        return;
    now = mu_clock_mono_ms(keys->config.clock);
    if (now - keys->asked_ms >= HTTP_KEYS_HURRY_MS)
        wait_ms(keys, 0);
}

static enum mu_err begin(struct http_keys *keys)
{
    if (keys->config.file == NULL) {
        keys->timer = evtimer_new(keys->config.base, on_timer, keys);
        if (keys->timer == NULL)
            return MU_E_NO_MEMORY;
    }
    return http_keys_reload(keys);
}

enum mu_err http_keys_new(
    const struct http_keys_config *config, struct http_keys **out)
{
    struct http_keys *keys = mu_alloc(sizeof(*keys));
    enum mu_err err;

    if (keys == NULL)
        return MU_E_NO_MEMORY;
    keys->config = *config;
    if (keys->config.refresh_s == 0)
        keys->config.refresh_s = REFRESH_S;
    err = begin(keys);
    if (err != MU_OK) {
        http_keys_free(keys);
        return err;
    }
    *out = keys;
    return MU_OK;
}

void http_keys_free(struct http_keys *keys)
{
    if (keys == NULL)
        return;
    if (keys->reading)
        http_client_cancel(keys->config.client, keys->call);
    if (keys->timer != NULL)
        event_free(keys->timer);
    http_jwks_free(keys->now);
    mu_free(keys);
}

const struct http_jwks *http_keys_now(const struct http_keys *keys)
{
    return keys->now;
}
