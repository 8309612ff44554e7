/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/provision.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "gms/key_file.h"
#include "http/client.h"
#include "kms-client/keyset_octets.h"
#include "kms-client/transport.h"

#define BLOB      "kms keyset"
#define VERSION   1
#define TOKEN_MAX 16384
#define RETRY_S   5   /* after a failure, doubled each time */
#define RETRY_MAX 300 /* seconds */

/* What is being told to the vault: by number, the home certificate, the other
 * certificates, the keys by period. */
struct telling {
    bool under_way; /* a question is open, or its turn is due */
    bool again;     /* something changed since the first */
    size_t next;
    bool of_now;  /* the open question is about this period's keys */
    bool has_now; /* those were taken */
};

struct gms_provision {
    struct gms_provision_config config;
    struct kms_enrolment enrolment;
    struct kms_keyset *keys;
    uint64_t cache_num;
    bool signed_seen;
    struct kms_peer *peers;
    struct span *wanted;
    struct http_client *http;
    struct kms_session *session; /* NULL: none under way */
    struct kms_transport *transport;
    struct event *on_due;  /* it is time to ask the KMS */
    struct event *on_turn; /* the vault's next question */
    uint64_t retry_s;
    struct telling telling;
    struct gms_provision_status status; /* told, fetched, failed */
};

static uint64_t now_s(const struct gms_provision *p)
{
    return mu_clock_unix_ms(p->config.clock) / 1000;
}

/* ------------------------------------------------------------------- store */

/* | version = 1 (8) | signed seen (8) | cache number (64) | key set | */
static void write_kept(struct wr *w, const struct gms_provision *p)
{
    wr_u8(w, VERSION);
    wr_u8(w, p->signed_seen ? 1 : 0);
    wr_u64(w, p->cache_num);
    kms_keyset_write(w, p->keys);
}

static enum mu_err read_kept(
    struct gms_provision *p, struct span octets, struct kms_keyset *keys)
{
    struct kms_trust trust;
    uint64_t cache_num;
    uint8_t seen;
    struct rd r;

    kms_trust_of(&p->enrolment, &trust);
    rd_init(&r, octets);
    rd_check(&r, rd_u8(&r, "version") == VERSION, MU_E_UNSUPPORTED, "version");
    seen = rd_u8(&r, "signed seen");
    rd_check(&r, seen <= 1, MU_E_MALFORMED, "signed seen");
    cache_num = rd_u64(&r, "cache number");
    TRY(rd_err(&r));
    TRY(kms_keyset_read(&r, &trust, NULL, keys));
    TRY(rd_close(&r));
    p->signed_seen = seen == 1;
    p->cache_num = cache_num;
    return MU_OK;
}

static void keyset_drop(struct kms_keyset **keys)
{
    kms_keyset_free(*keys);
}

/* Another enrolment, or a damaged row: begin anew. */
static enum mu_err load(struct gms_provision *p)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    MU_CLEANUP(keyset_drop) struct kms_keyset *keys = NULL;
    struct span octets = {NULL, 0};
    enum mu_err err;

    mu_arena_init(&arena, MU_SEAL_MAX);
    TRY(kms_keyset_new(&p->enrolment.user_uri, &p->keys));
    err = gms_store_blob(p->config.store, BLOB, &arena, &octets);
    if (err == MU_E_NOT_FOUND)
        return MU_OK;
    TRY(err);
    TRY(kms_keyset_new(&p->enrolment.user_uri, &keys));
    err = read_kept(p, octets, keys);
    if (err == MU_E_NO_MEMORY)
        return err;
    if (err != MU_OK) {
        mu_log(
            MU_LOG_WARNING, "provision.store_left_out", mu_log_err("why", err));
        return MU_OK;
    }
    kms_keyset_free(p->keys);
    p->keys = keys;
    keys = NULL;
    return MU_OK;
}

static enum mu_err write_octets(const struct gms_provision *p, struct buf *out)
{
    struct span need = {NULL, 0}, written;
    struct wr w;

    wr_init(&w, NULL, SIZE_MAX);
    write_kept(&w, p);
    TRY(wr_close(&w, &need));
    if (!buf_reserve(out, need.len))
        return out->err;
    wr_init(&w, out->p, need.len);
    write_kept(&w, p);
    TRY(wr_close(&w, &written));
    out->len = written.len;
    return MU_OK;
}

static enum mu_err put(struct gms_store *store, struct span octets)
{
    enum mu_err err;

    TRY(gms_store_begin(store));
    err = gms_store_put_blob(store, BLOB, octets);
    if (err == MU_OK)
        err = gms_store_commit(store);
    if (err != MU_OK)
        gms_store_rollback(store);
    return err;
}

/* Whether what we have is another than what the store has; then it is kept. A
 * store that does not take it is asked again after the next fetching. */
static bool keep(struct gms_provision *p)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    MU_CLEANUP(buf_clear) struct buf now = {0};
    struct span before = {NULL, 0};
    enum mu_err err = write_octets(p, &now);

    mu_arena_init(&arena, MU_SEAL_MAX);
    if (err == MU_OK &&
        gms_store_blob(p->config.store, BLOB, &arena, &before) == MU_OK &&
        span_eq(before, buf_span(&now)))
        return false;
    if (err == MU_OK)
        err = put(p->config.store, buf_span(&now));
    if (err != MU_OK)
        mu_log(MU_LOG_ERROR, "provision.not_kept", mu_log_err("why", err));
    return true;
}

/* ------------------------------------------------------------------- vault */

static size_t externals(const struct kms_keyset *keys)
{
    size_t n = 0;

    while (kms_keyset_external(keys, n) != NULL)
        n++;
    return n;
}

/* The number-th thing to tell; false when there are no more. */
static bool request_of(
    const struct gms_provision *p, size_t number, struct gms_vault_request *out)
{
    const struct kms_cert *cert = kms_keyset_home(p->keys);
    size_t count = externals(p->keys);
    const struct kms_period_keys *keys;

    *out = (struct gms_vault_request){.op = GMS_VAULT_CERT};
    if (cert == NULL)
        return false;
    if (number > 0 && number <= count)
        cert = kms_keyset_external(p->keys, number - 1);
    if (number <= count) {
        out->cert = cert->text;
        return true;
    }
    keys = kms_keyset_at(p->keys, number - count - 1);
    if (keys == NULL)
        return false;
    out->op = GMS_VAULT_KEYS;
    out->keys = keys->wrapped;
    return true;
}

/* Whether these are the keys that are needed at this moment. */
static bool is_of_now(
    const struct gms_provision *p, const struct gms_vault_request *request)
{
    struct kms_keyset_status status;

    return request->op == GMS_VAULT_KEYS &&
           kms_keyset_status(p->keys, now_s(p), &status) == MU_OK &&
           status.period_no == request->keys.period_no;
}

static void complain(
    const struct gms_provision *p, const struct gms_vault_answer *answer)
{
    mu_log(MU_LOG_ERROR, "provision.vault_refused",
        mu_log_u64("number", p->telling.next), mu_log_err("why", answer->err),
        mu_log_str("refusal", gms_vault_refusal_name(answer->refusal)),
        mu_log_octets("text", answer->why));
}

static void on_told(void *ctx, const struct gms_vault_answer *answer)
{
    struct gms_provision *p = ctx;
    struct telling *t = &p->telling;

    if (!answer->last)
        return;
    if (answer->err == MU_E_IO) { /* it is gone: the next one is told anew */
        t->under_way = false;
        return;
    }
    if (answer->err != MU_OK)
        complain(p, answer);
    else if (t->of_now)
        t->has_now = true;
    t->next++;
    event_active(p->on_turn, EV_TIMEOUT, 1);
}

static void end_telling(struct gms_provision *p)
{
    struct telling *t = &p->telling;

    t->under_way = false;
    p->status.told = t->has_now;
    mu_log(MU_LOG_INFO, "provision.vault_told", mu_log_u64("pieces", t->next),
        mu_log_bool("keys_of_now", t->has_now));
    if (t->has_now)
        p->config.on_ready(p->config.ctx);
}

static void on_turn(evutil_socket_t fd, short what, void *ctx)
{
    struct gms_provision *p = ctx;
    struct telling *t = &p->telling;
    struct gms_vault_request request;

    (void)fd;
    (void)what;
    if (t->again)
        *t = (struct telling){.under_way = true};
    if (!request_of(p, t->next, &request)) {
        end_telling(p);
        return;
    }
    t->of_now = is_of_now(p, &request);
    if (gms_vault_link_ask(p->config.vault, &request, true, on_told, p) !=
        MU_OK)
        t->under_way = false; /* down; and its frames hold any of these */
}

/* Tells all from the beginning, after the question that is open. */
static void tell_all(struct gms_provision *p)
{
    p->status.told = false;
    if (p->telling.under_way) {
        p->telling.again = true;
        return;
    }
    p->telling = (struct telling){.under_way = true};
    event_active(p->on_turn, EV_TIMEOUT, 1);
}

struct span gms_provision_identity(const struct gms_provision *provision)
{
    return mcptt_id_span(&provision->enrolment.user_uri);
}

void gms_provision_vault_up(struct gms_provision *provision)
{
    tell_all(provision);
}

/* --------------------------------------------------------------------- KMS */

static void due_in(struct gms_provision *p, uint64_t in_s)
{
    struct timeval wait = {.tv_sec = (time_t)in_s};

    (void)evtimer_add(p->on_due, &wait);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/*
 * When to ask again after all went well. Without keys for the next period: in
 * half the time that is left until it begins, so that the last attempts come
 * close together.
 */
static uint64_t pause_s(const struct gms_provision *p)
{
    uint64_t now = now_s(p), until = p->config.kds->refresh_s;
    struct kms_keyset_status status;

    if (kms_keyset_status(p->keys, now, &status) != MU_OK)
        return RETRY_S;
    if (!status.has_next && status.next_s > now)
        until = least(until, (status.next_s - now) / 2);
    else if (status.next_s > now)
        until = least(until, status.next_s - now);
    return until > 0 ? until : 1;
}

static void end_session(struct gms_provision *p)
{
    kms_transport_free(p->transport);
    kms_session_free(p->session);
    p->transport = NULL;
    p->session = NULL;
}

static void on_end(void *ctx, const struct kms_next *end)
{
    struct gms_provision *p = ctx;
    struct kms_session_facts facts = kms_session_facts(p->session);
    bool ok = end->what == KMS_DO_DONE;

    p->cache_num = facts.cache_num;
    p->signed_seen |= facts.signed_seen;
    mu_log(ok ? MU_LOG_INFO : MU_LOG_WARNING, "provision.fetched",
        mu_log_err("result", ok ? MU_OK : end->err),
        mu_log_str("why", ok ? "" : end->why),
        mu_log_bool("lacks_next", facts.lacks_next));
    end_session(p);
    if (ok) {
        p->status.fetched++;
        p->retry_s = RETRY_S;
        due_in(p, pause_s(p));
    } else {
        p->status.failed++;
        due_in(p, p->retry_s);
        p->retry_s = least(2 * p->retry_s, RETRY_MAX);
    }
    /* Also of a session that failed: what came before was checked. */
    if (keep(p))
        tell_all(p);
}

/* Without its white space; with a NUL. */
static enum mu_err read_token(const char *path, struct buf *out)
{
    if (path[0] == '\0')
        return MU_OK;
    TRY(gms_key_file_read(path, TOKEN_MAX, out));
    while (out->len > 0 && strchr(" \t\r\n", out->p[out->len - 1]) != NULL)
        out->len--;
    buf_add(out, (struct span){(const uint8_t *)"", 1});
    return out->err;
}

/* Without a signature only as long as the KMS has never signed, so that who
 * takes its server cannot turn signatures off. */
static bool may_be_unsigned(const struct gms_provision *p)
{
    switch ((enum gms_conf_signatures)p->config.kds->signatures) {
    case GMS_SIGNATURES_LEARNT:
        return !p->signed_seen;
    case GMS_SIGNATURES_REQUIRED:
        return false;
    case GMS_SIGNATURES_IGNORED:
        return true;
    }
    return false;
}

static enum mu_err new_session(struct gms_provision *p)
{
    const struct gms_conf_kds *kds = p->config.kds;
    const struct kms_session_config config = {
        .enrolment = &p->enrolment,
        .keys = p->keys,
        .rng = p->config.rng,
        .peers = p->peers,
        .peers_len = kds->peers.len,
        .wanted = p->wanted,
        .wanted_len = kds->other_kmss.len,
        .cache_num = p->cache_num,
        .unsigned_requests = kds->unsigned_requests,
        .unsigned_responses = may_be_unsigned(p),
        .unopened = true,
    };

    return kms_session_new(&config, &p->session);
}

static enum mu_err begin(struct gms_provision *p)
{
    MU_CLEANUP(buf_clear) struct buf token = {0};
    struct kms_transport_config config = {
        .base = p->config.base,
        .http = p->http,
        .clock = p->config.clock,
        .done = on_end,
        .ctx = p,
    };

    TRY(read_token(p->config.kds->token_file, &token));
    TRY(new_session(p));
    config.session = p->session;
    config.bearer = token.len > 0 ? (const char *)token.p : NULL;
    return kms_transport_new(&config, &p->transport);
}

static void on_due(evutil_socket_t fd, short what, void *ctx)
{
    struct gms_provision *p = ctx;
    enum mu_err err;

    (void)fd;
    (void)what;
    if (p->session != NULL)
        return;
    err = begin(p);
    if (err == MU_OK)
        return;
    end_session(p);
    p->status.failed++;
    mu_log(MU_LOG_ERROR, "provision.not_asked", mu_log_err("why", err));
    due_in(p, p->retry_s);
    p->retry_s = least(2 * p->retry_s, RETRY_MAX);
}

void gms_provision_refresh(struct gms_provision *provision)
{
    if (provision->session == NULL)
        due_in(provision, 0);
}

/* ------------------------------------------------------- beginning and end */

static enum mu_err read_enrolment(struct gms_provision *p)
{
    static const struct mcptt_trk zeros;
    const char *url = p->config.kds->url;
    MU_CLEANUP(buf_clear) struct buf text = {0};

    TRY(gms_key_file_read(p->config.enrolment_file, KMS_ENROL_TEXT_MAX, &text));
    TRY(kms_enrolment_read(buf_span(&text), &p->enrolment, NULL));
    if (!mcptt_trk_eq(&p->enrolment.trk, &zeros))
        return MU_E_DENIED; /* the vault's alone */
    if (url[0] != '\0')
        (void)snprintf(
            p->enrolment.kds_url, sizeof(p->enrolment.kds_url), "%s", url);
    return MU_OK;
}

static enum mu_err set_peers(struct gms_provision *p)
{
    const struct gms_conf_kds *kds = p->config.kds;
    const struct gms_conf_peer *peers = kds->peers.at;

    p->peers = mu_alloc_array(kds->peers.len, sizeof(p->peers[0]));
    p->wanted = mu_alloc_array(kds->other_kmss.len, sizeof(p->wanted[0]));
    if (p->peers == NULL || p->wanted == NULL)
        return MU_E_NO_MEMORY;
    for (size_t i = 0; i < kds->peers.len; i++)
        p->peers[i] =
            (struct kms_peer){span_str(peers[i].kms_uri), peers[i].url};
    for (size_t i = 0; i < kds->other_kmss.len; i++)
        p->wanted[i] = span_str(kds->other_kmss.at[i]);
    return MU_OK;
}

static const char *or_none(const char *path)
{
    return path[0] != '\0' ? path : NULL;
}

static enum mu_err open_network(struct gms_provision *p)
{
    const struct gms_conf_kds *kds = p->config.kds;
    const struct http_client_config config = {
        .base = p->config.base,
        .ca_file = or_none(kds->ca_file),
        .cert_file = or_none(kds->cert_file),
        .key_file = or_none(kds->key_file),
    };

    TRY(http_client_new(&config, &p->http));
    p->on_due = evtimer_new(p->config.base, on_due, p);
    p->on_turn = evtimer_new(p->config.base, on_turn, p);
    return p->on_due != NULL && p->on_turn != NULL ? MU_OK : MU_E_NO_MEMORY;
}

static void drop(struct gms_provision **provision)
{
    gms_provision_free(*provision);
}

enum mu_err gms_provision_new(
    const struct gms_provision_config *config, struct gms_provision **out)
{
    MU_CLEANUP(drop) struct gms_provision *made = mu_alloc(sizeof(*made));

    if (made == NULL)
        return MU_E_NO_MEMORY;
    made->config = *config;
    made->retry_s = RETRY_S;
    TRY(read_enrolment(made));
    TRY(set_peers(made));
    TRY(load(made));
    TRY(open_network(made));
    due_in(made, 0);
    *out = made;
    made = NULL;
    return MU_OK;
}

void gms_provision_free(struct gms_provision *provision)
{
    struct gms_provision *p = provision;

    if (p == NULL)
        return;
    if (p->config.vault != NULL)
        gms_vault_link_forget(p->config.vault, p);
    end_session(p);
    http_client_free(p->http);
    if (p->on_due != NULL)
        event_free(p->on_due);
    if (p->on_turn != NULL)
        event_free(p->on_turn);
    kms_keyset_free(p->keys);
    mu_free(p->peers);
    mu_free(p->wanted);
    mu_free_wiped(p, sizeof(*p));
}

const struct kms_keyset *gms_provision_keys(
    const struct gms_provision *provision)
{
    return provision->keys;
}

struct gms_provision_status gms_provision_status(
    const struct gms_provision *provision)
{
    struct gms_provision_status status = provision->status;
    struct kms_keyset_status keys;

    if (kms_keyset_status(provision->keys, now_s(provision), &keys) == MU_OK) {
        status.has_now = keys.has_now;
        status.has_next = keys.has_next;
        status.next_s = keys.next_s;
        status.certificates = 1 + externals(provision->keys);
    }
    return status;
}
