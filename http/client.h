/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.h - an HTTPS client on libevent, by libcurl.
 *
 * Many calls at once, kept-alive connections, HTTP/2 where the server has it.
 * https only; certificate and host name are checked, always; no proxy from the
 * environment, no cookies, no redirects unless a call asks for them. The
 * program calls http_client_init() once, first of all, and ignores SIGPIPE.
 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "base/bytes.h"

struct event_base;
struct http_client;

/* Once in a program, before threads, and at its end. MU_OK or MU_E_IO. */
MU_MUST_CHECK enum mu_err http_client_init(void);
void http_client_cleanup(void);

struct http_client_config {
    struct event_base *base; /* outlives the client */
    const char *ca_file;     /* PEM; NULL: the system's authorities */
    const char *cert_file;   /* PEM; NULL: no client certificate */
    const char *key_file;
    unsigned connections; /* open at once; 0: no limit */
    unsigned connect_ms;  /* TCP and TLS; 0: 5 s */
    unsigned timeout_ms;  /* a whole call; 0: 30 s */
    size_t body_max;      /* octets of an answer's body; 0: 1 MiB */
};

/* Texts are copied. Returns MU_OK or MU_E_NO_MEMORY. */
MU_MUST_CHECK enum mu_err http_client_new(
    const struct http_client_config *config, struct http_client **out);

/* Calls under way end without their done being called. Not from a done. */
void http_client_free(struct http_client *client);

/* One line of a request's head: "If-None-Match: \"a1\"". Texts of our own or
 * checked: one with CR or LF is MU_E_MALFORMED. */
struct http_call {
    const char *method; /* "GET", "POST", "PUT", "DELETE" */
    const char *url;    /* https://... */
    const char *const *fields;
    size_t fields_len;
    const char *bearer; /* access token; NULL: none */
    const char *type;   /* Content-Type, with a body; else NULL */
    struct span body;   /* copied */
    unsigned redirects; /* to follow at most, https only */
    /* Takes the body of a 200 as it comes (server-sent events), and then the
     * call has no time-out and no limit of octets, but a server that says
     * nothing for HTTP_SILENCE_S has gone. Other answers, and with NULL all,
     * come whole with done. The ctx is done's. */
    void (*on_piece)(void *ctx, struct span octets);
};

#define HTTP_SILENCE_S 45

/* Lives for the call of done only. */
struct http_reply {
    /* MU_OK: there is a status, whatever it is. MU_E_CRYPTO: the server's
     * certificate, its name or the handshake failed. MU_E_EXPIRED: out of time.
     * MU_E_NO_SPACE: the body exceeds body_max. MU_E_IO: not reached or broken
     * off. MU_E_NO_MEMORY. */
    enum mu_err err;
    const char *why; /* of an err, for people */
    unsigned status;
    struct span body;
    void *inside; /* for http_reply_field() */
};

/* The value of a field of the answer; p NULL when there is none. */
struct span http_reply_field(const struct http_reply *reply, const char *name);

typedef void http_done(void *ctx, const struct http_reply *reply);

/*
 * Begins a call; done(ctx, reply) is called once, later, from the loop.
 * *id, which may be NULL, is for http_client_cancel().
 *
 * Returns MU_OK; MU_E_MALFORMED for a URL or field that is none; MU_E_DENIED
 * for a URL that is not https; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err http_client_start(struct http_client *client,
    const struct http_call *call, http_done *done, void *ctx, uint64_t *id);

/* Ends a call without done; one that has ended already is none of its
 * concern. */
void http_client_cancel(struct http_client *client, uint64_t id);

#endif
