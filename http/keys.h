/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.h - where the keys of tokens come from: a file, read at start and on
 * request, or an HTTPS document, read again and again.
 *
 * What was read last stays in use until something better arrives: a failed
 * refresh changes nothing but the counters. A kid that nobody knows asks for a
 * refresh ahead of time (a new key of the identity management server), once in
 * HTTP_KEYS_HURRY_MS at most, whatever strangers send.
 */
#ifndef HTTP_KEYS_H
#define HTTP_KEYS_H

#include "base/clock.h"
#include "http/client.h"
#include "http/jwks.h"

#define HTTP_KEYS_HURRY_MS 10000 /* between refreshes ahead of time */
#define HTTP_KEYS_RETRY_MS 5000  /* after a failure */

struct http_keys;

struct http_keys_config {
    const char *file;           /* or NULL */
    const char *url;            /* https; or NULL: exactly one of the two */
    struct event_base *base;    /* with url only, as the next two */
    struct http_client *client; /* outlives the keys */
    unsigned refresh_s;         /* 0: an hour */
    const struct mu_clock *clock;
    /* Told after each attempt, for the log: MU_OK and how many keys, or why
     * not. May be NULL. */
    void (*on_read)(void *ctx, enum mu_err err, size_t count, const char *why);
    void *ctx;
};

/*
 * With a file it is read now: errors as http_jwks_load(). With a URL the first
 * read is begun; until it ends there are no keys. MU_E_NO_MEMORY. Texts are
 * borrowed until http_keys_free().
 */
MU_MUST_CHECK enum mu_err http_keys_new(
    const struct http_keys_config *config, struct http_keys **out);
void http_keys_free(struct http_keys *keys);

/* The present set; NULL when none was read yet. Valid until the next turn of
 * the loop, or http_keys_reload(). */
const struct http_jwks *http_keys_now(const struct http_keys *keys);

/* Reads the file again, or begins to read the URL; errors as above, and what
 * was there stays. */
MU_MUST_CHECK enum mu_err http_keys_reload(struct http_keys *keys);

/* A token named a key that is not here. */
void http_keys_missing(struct http_keys *keys);

#endif
