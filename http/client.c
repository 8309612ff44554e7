/* SPDX-License-Identifier: Apache-2.0 */
#include "http/client.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"

#define CONNECT_MS 5000
#define TIMEOUT_MS 30000
#define BODY_MAX   (1U << 20)

struct call {
    struct call *next, **link;
    struct http_client *client;
    uint64_t id;
    CURL *easy;
    struct curl_slist *fields;
    http_done *done;
    void (*on_piece)(void *ctx, struct span octets);
    void *ctx;
    uint8_t *body;
    size_t len, cap;
    bool too_large;
    char why[CURL_ERROR_SIZE];
};

struct http_client {
    struct http_client_config config;
    CURLM *multi;
    struct event *timer;
    struct call *calls;
    uint64_t last_id;
    char *texts[3]; /* copies of the three files' names */
};

enum mu_err http_client_init(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? MU_OK : MU_E_IO;
}

void http_client_cleanup(void)
{
    curl_global_cleanup();
}

static void call_free(struct call *call)
{
    if (call == NULL)
        return;
    if (call->link != NULL) {
        *call->link = call->next;
        if (call->next != NULL)
            call->next->link = call->link;
        (void)curl_multi_remove_handle(call->client->multi, call->easy);
    }
    curl_easy_cleanup(call->easy);
    curl_slist_free_all(call->fields);
    mu_free(call->body);
    mu_free(call);
}

static void call_drop(struct call **call)
{
    call_free(*call);
}

static bool grow(struct call *call, size_t need)
{
    size_t cap = call->cap == 0 ? 4096 : call->cap;
    uint8_t *body;

    if (need <= call->cap)
        return true;
    while (cap < need)
        cap *= 2; /* need is at most body_max, so there is an end */
    body = mu_alloc(cap);
    if (body == NULL)
        return false;
    if (call->len > 0)
        memcpy(body, call->body, call->len);
    mu_free(call->body);
    call->body = body;
    call->cap = cap;
    return true;
}

static bool is_stream(const struct call *call)
{
    long status = 0;

    if (call->on_piece == NULL)
        return false;
    (void)curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    return status == 200;
}

static size_t on_body(char *data, size_t size, size_t count, void *ctx)
{
    struct call *call = ctx;
    size_t len = size * count;

    if (is_stream(call)) {
        call->on_piece(call->ctx, (struct span){(const uint8_t *)data, len});
        return len;
    }
    if (len > call->client->config.body_max - call->len) {
        call->too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    if (!grow(call, call->len + len))
        return CURL_WRITEFUNC_ERROR;
    if (len > 0)
        memcpy(call->body + call->len, data, len);
    call->len += len;
    return len;
}

static enum mu_err err_of(const struct call *call, CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return MU_OK;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
        return MU_E_CRYPTO;
    case CURLE_OPERATION_TIMEDOUT:
        return MU_E_EXPIRED;
    case CURLE_WRITE_ERROR:
        return call->too_large ? MU_E_NO_SPACE : MU_E_NO_MEMORY;
    case CURLE_FILESIZE_EXCEEDED:
        return MU_E_NO_SPACE;
    case CURLE_OUT_OF_MEMORY:
        return MU_E_NO_MEMORY;
    case CURLE_UNSUPPORTED_PROTOCOL:
        return MU_E_DENIED;
    default: /* curl's list, not ours, and longer with each release */
        return MU_E_IO;
    }
}

struct span http_reply_field(const struct http_reply *reply, const char *name)
{
    struct curl_header *found = NULL;

    if (curl_easy_header(reply->inside, name, 0, CURLH_HEADER, -1, &found) !=
        CURLHE_OK)
        return (struct span){NULL, 0};
    return span_str(found->value);
}

static void finish(struct call *call, CURLcode code)
{
    struct http_reply reply = {.err = err_of(call, code),
        .why = call->why[0] != '\0' ? call->why : curl_easy_strerror(code),
        .body = {call->body, call->len},
        .inside = call->easy};
    long status = 0;

    (void)curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    reply.status = (unsigned)status;
    call->done(call->ctx, &reply);
    call_free(call);
}

static void finish_done(struct http_client *client)
{
    CURLMsg *msg;
    int left;

    while ((msg = curl_multi_info_read(client->multi, &left)) != NULL) {
        struct call *call = NULL;
        CURLcode code = msg->data.result;

        (void)curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &call);
        if (msg->msg == CURLMSG_DONE && call != NULL)
            finish(call, code);
    }
}

static void on_event(evutil_socket_t fd, short what, void *ctx)
{
    struct http_client *client = ctx;
    int flags = 0, running;

    if ((what & EV_READ) != 0)
        flags |= CURL_CSELECT_IN;
    if ((what & EV_WRITE) != 0)
        flags |= CURL_CSELECT_OUT;
    (void)curl_multi_socket_action(client->multi, fd, flags, &running);
    finish_done(client);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
    struct http_client *client = ctx;
    int running;

    (void)fd;
    (void)what;
    (void)curl_multi_socket_action(
        client->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    finish_done(client);
}

/* curl says when it wants to be called again. */
static int set_timer(CURLM *multi, long ms, void *ctx)
{
    struct http_client *client = ctx;
    struct timeval wait = {
        .tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

    (void)multi;
    if (ms < 0)
        return evtimer_del(client->timer) == 0 ? 0 : -1;
    return evtimer_add(client->timer, &wait) == 0 ? 0 : -1;
}

/* curl says what it waits for on which socket. */
static int set_socket(
    CURL *easy, curl_socket_t fd, int what, void *ctx, void *at)
{
    struct http_client *client = ctx;
    struct event *event = at;
    short events = EV_PERSIST;

    (void)easy;
    if (event != NULL)
        event_free(event);
    if (what == CURL_POLL_REMOVE) {
        (void)curl_multi_assign(client->multi, fd, NULL);
        return 0;
    }
    if (what != CURL_POLL_OUT)
        events |= EV_READ;
    if (what != CURL_POLL_IN)
        events |= EV_WRITE;
    event = event_new(client->config.base, fd, events, on_event, client);
    (void)curl_multi_assign(client->multi, fd, event);
    return event != NULL && event_add(event, NULL) == 0 ? 0 : -1;
}

static char *copy_text(const char *text)
{
    size_t len = strlen(text) + 1;
    char *copy = mu_alloc(len);

    if (copy != NULL)
        memcpy(copy, text, len);
    return copy;
}

static enum mu_err copy_files(struct http_client *client)
{
    const char **files[] = {&client->config.ca_file, &client->config.cert_file,
        &client->config.key_file};

    for (size_t i = 0; i < 3; i++) {
        if (*files[i] == NULL)
            continue;
        client->texts[i] = copy_text(*files[i]);
        if (client->texts[i] == NULL)
            return MU_E_NO_MEMORY;
        *files[i] = client->texts[i];
    }
    return MU_OK;
}

static void set_defaults(struct http_client_config *config)
{
    if (config->connect_ms == 0)
        config->connect_ms = CONNECT_MS;
    if (config->timeout_ms == 0)
        config->timeout_ms = TIMEOUT_MS;
    if (config->body_max == 0)
        config->body_max = BODY_MAX;
}

static enum mu_err open_multi(struct http_client *client)
{
    TRY(copy_files(client));
    client->timer = evtimer_new(client->config.base, on_timer, client);
    client->multi = curl_multi_init();
    if (client->timer == NULL || client->multi == NULL)
        return MU_E_NO_MEMORY;
    (void)curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    (void)curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    (void)curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    (void)curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    (void)curl_multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
        (long)client->config.connections);
    return MU_OK;
}

enum mu_err http_client_new(
    const struct http_client_config *config, struct http_client **out)
{
    struct http_client *client = mu_alloc(sizeof(*client));
    enum mu_err err;

    if (client == NULL)
        return MU_E_NO_MEMORY;
    client->config = *config;
    set_defaults(&client->config);
    err = open_multi(client);
    if (err != MU_OK) {
        http_client_free(client);
        return err;
    }
    *out = client;
    return MU_OK;
}

void http_client_free(struct http_client *client)
{
    if (client == NULL)
        return;
    while (client->calls != NULL)
        call_free(client->calls);
    if (client->multi != NULL)
        (void)curl_multi_cleanup(client->multi);
    if (client->timer != NULL)
        event_free(client->timer);
    for (size_t i = 0; i < 3; i++)
        mu_free(client->texts[i]);
    mu_free(client);
}

static enum mu_err add_field(struct call *call, const char *line)
{
    struct curl_slist *longer;

    if (strpbrk(line, "\r\n") != NULL)
        return MU_E_MALFORMED;
    longer = curl_slist_append(call->fields, line);
    if (longer == NULL)
        return MU_E_NO_MEMORY;
    call->fields = longer;
    return MU_OK;
}

static void text_free(char **text)
{
    mu_free(*text);
}

static enum mu_err add_named(
    struct call *call, const char *name, const char *value)
{
    MU_CLEANUP(text_free) char *line = NULL;
    size_t len;

    if (value == NULL)
        return MU_OK;
    len = strlen(name) + strlen(value) + 1;
    line = mu_alloc(len);
    if (line == NULL)
        return MU_E_NO_MEMORY;
    (void)snprintf(line, len, "%s%s", name, value);
    return add_field(call, line);
}

static enum mu_err add_fields(struct call *call, const struct http_call *in)
{
    for (size_t i = 0; i < in->fields_len; i++)
        TRY(add_field(call, in->fields[i]));
    TRY(add_named(call, "Authorization: Bearer ", in->bearer));
    TRY(add_named(call, "Content-Type: ", in->type));
    /* No round trip before a body: ours are small. */
    return add_field(call, "Expect:");
}

/* Whom to believe, and how far. */
static CURLcode set_trust(CURL *easy, const struct http_client_config *config)
{
    CURLcode code = CURLE_OK;

    code |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
    code |= curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
    code |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    code |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    code |= curl_easy_setopt(
        easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    code |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (config->ca_file != NULL) {
        code |= curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca_file);
        code |= curl_easy_setopt(easy, CURLOPT_CAPATH, (char *)NULL);
    }
    if (config->cert_file != NULL) {
        code |= curl_easy_setopt(easy, CURLOPT_SSLCERT, config->cert_file);
        code |= curl_easy_setopt(easy, CURLOPT_SSLKEY, config->key_file);
    }
    return code;
}

static CURLcode set_limits(struct call *call, const struct http_call *in)
{
    const struct http_client_config *config = &call->client->config;
    CURL *easy = call->easy;
    CURLcode code = CURLE_OK;

    code |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    code |= curl_easy_setopt(
        easy, CURLOPT_CONNECTTIMEOUT_MS, (long)config->connect_ms);
    if (in->on_piece == NULL) {
        code |= curl_easy_setopt(
            easy, CURLOPT_TIMEOUT_MS, (long)config->timeout_ms);
        code |= curl_easy_setopt(
            easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)config->body_max);
    } else {
        code |= curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        code |= curl_easy_setopt(
            easy, CURLOPT_LOW_SPEED_TIME, (long)HTTP_SILENCE_S);
    }
    code |= curl_easy_setopt(
        easy, CURLOPT_FOLLOWLOCATION, in->redirects > 0 ? 1L : 0L);
    code |= curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)in->redirects);
    code |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    code |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    code |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->why);
    code |= curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    return code;
}

static CURLcode set_request(struct call *call, const struct http_call *in)
{
    CURL *easy = call->easy;
    CURLcode code = CURLE_OK;

    if (strcmp(in->method, "GET") != 0) {
        const char *body = in->body.len > 0 ? (const char *)in->body.p : "";

        code |= curl_easy_setopt(
            easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)in->body.len);
        code |= curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, body);
        code |= curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, in->method);
    }
    code |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->fields);
    code |= curl_easy_setopt(easy, CURLOPT_URL, in->url);
    return code;
}

static void join(struct call *call)
{
    struct http_client *client = call->client;

    call->id = ++client->last_id;
    call->link = &client->calls;
    call->next = client->calls;
    if (call->next != NULL)
        call->next->link = &call->next;
    client->calls = call;
}

static enum mu_err check_url(const char *url)
{
    CURLU *parts = curl_url();
    CURLUcode code;

    if (parts == NULL)
        return MU_E_NO_MEMORY;
    code = curl_url_set(parts, CURLUPART_URL, url, 0);
    curl_url_cleanup(parts);
    if (code != CURLUE_OK)
        return code == CURLUE_UNSUPPORTED_SCHEME ? MU_E_DENIED : MU_E_MALFORMED;
    return strncasecmp(url, "https://", 8) == 0 ? MU_OK : MU_E_DENIED;
}

enum mu_err http_client_start(struct http_client *client,
    const struct http_call *in, http_done *done, void *ctx, uint64_t *id)
{
    MU_CLEANUP(call_drop) struct call *call = NULL;

    TRY(check_url(in->url));
    call = mu_alloc(sizeof(*call));
    if (call == NULL)
        return MU_E_NO_MEMORY;
    call->client = client;
    call->done = done;
    call->on_piece = in->on_piece;
    call->ctx = ctx;
    call->easy = curl_easy_init();
    if (call->easy == NULL)
        return MU_E_NO_MEMORY;
    TRY(add_fields(call, in));
    if (set_trust(call->easy, &client->config) != CURLE_OK ||
        set_limits(call, in) != CURLE_OK || set_request(call, in) != CURLE_OK ||
        curl_multi_add_handle(client->multi, call->easy) != CURLM_OK)
        return MU_E_NO_MEMORY;
    join(call);
    if (id != NULL)
        *id = call->id;
    call = NULL;
    return MU_OK;
}

void http_client_cancel(struct http_client *client, uint64_t id)
{
    struct call *call = client->calls;

    while (call != NULL && call->id != id)
        call = call->next;
    call_free(call);
}
