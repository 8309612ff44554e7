/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault's part of a rekey, over its own line and with its log on a disk: a
 * thread plays the front. Time is the clock's, as all processors work.
 */
#include "tools/bench/bench.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "gms/vault/serve.h"
#include "mikey/ntp.h"
#include "xml/cert_key.h"
#include "xml/dsig.h"
#include "xml/kms_cert.h"
#include "xml/library.h"

#define KMS_URI  "kms.example.org"
#define GMS_URI  "sip:gms@example.org"
#define GROUP    "sip:incident-42@groups.example.org"
#define PERIOD_S 2592000
#define MEMBERS  BENCH_REKEY
#define ROUNDS   5
#define CERT_MAX 4096

/* What the KMS knows, and all of the vault. */
struct world {
    const struct mu_rng *rng;
    struct mikey_sakke_secret z;
    struct mikey_eccsi_secret ksak;
    struct mikey_eccsi_kms *eccsi;
    struct xml_cert_key cert_key;
    struct kms_enrolment enrolment;
    uint64_t period;
    char uris[MEMBERS][40];
    struct span members[MEMBERS];
    struct mu_keyring ring;
    struct gms_identity identity;
    struct gms_desk desk;
    struct gms_serve *serve;
    pthread_t thread;
    enum mu_err ended; /* how it did */
    int fd;            /* the front's end */
    /* Of the key that is measured. */
    struct gms_sealed_key key;
    uint8_t sealed[GMS_SEALED_KEY_LEN];
    uint8_t envelopes[MEMBERS][GMS_ENVELOPE_LEN];
    size_t messages;
    bool failed;
};

static enum mu_err make_secrets(struct world *w)
{
    struct kms_enrolment *e = &w->enrolment;
    struct xml_cert_point point;
    uint8_t kpak[MIKEY_KPAK_LEN];

    TRY(mu_rng_fill(w->rng, w->z.b + 1, sizeof(w->z.b) - 1));
    TRY(mu_rng_fill(w->rng, w->ksak.b + 1, sizeof(w->ksak.b) - 1));
    TRY(mikey_eccsi_public(&w->ksak, kpak));
    TRY(mikey_eccsi_kms_new(SPAN_OF(kpak), &w->eccsi));
    TRY(xml_cert_key_make(w->rng, &w->cert_key));
    TRY(xml_cert_point_of(&w->cert_key, &point));
    memcpy(e->cert_key, point.b, sizeof(e->cert_key));
    TRY(mcptt_id_set(&e->kms_uri, span_str(KMS_URI)));
    TRY(mcptt_id_set(&e->user_uri, span_str(GMS_URI)));
    return mu_rng_fill(w->rng, e->trk.b, sizeof(e->trk.b));
}

/* The certificate, signed. */
static enum mu_err make_cert(
    const struct world *w, uint64_t now_s, uint8_t *room, struct span *out)
{
    struct xml_kms_cert cert = {
        .origin = {.kms_uri = span_str(KMS_URI),
            .valid_from_s = now_s - 1,
            .valid_to_s = now_s + PERIOD_S},
        .role = XML_KMS_ROLE_ROOT,
        .rule = {.length_s = PERIOD_S},
    };
    const struct xml_kms_cert_form form = {
        .cert = &cert, .id = span_str("bench")};
    uint8_t bare[CERT_MAX];
    struct span text;
    struct wr wr;

    TRY(mikey_sakke_public(&w->z, cert.z));
    TRY(mikey_eccsi_public(&w->ksak, cert.kpak));
    wr_init(&wr, bare, sizeof(bare));
    TRY(xml_kms_cert_write(&wr, &form));
    TRY(wr_close(&wr, &text));
    wr_init(&wr, room, CERT_MAX);
    TRY(xml_sign_ecdsa(XML_SIGNED_CERT, text, &w->cert_key, &wr));
    return wr_close(&wr, out);
}

static enum mu_err make_keys(
    const struct world *w, struct kms_wrapped_keys *out)
{
    const struct mcptt_trk *trk = &w->enrolment.trk;
    MU_CLEANUP(mikey_eccsi_pair_clear) struct mikey_eccsi_pair pair = {0};
    MU_CLEANUP(mikey_rsk_clear) struct mikey_rsk rsk = {0};
    const struct mcptt_uid_source source = {span_str(GMS_URI),
        span_str(KMS_URI), {.length_s = PERIOD_S}, w->period};
    struct span uid = SPAN_OF(out->uid.b);

    *out = (struct kms_wrapped_keys){.period_no = w->period};
    TRY(mcptt_uid_derive(&source, &out->uid));
    TRY(mikey_sakke_extract(&w->z, uid, w->rng, &rsk));
    TRY(mikey_eccsi_extract(w->eccsi, &w->ksak, uid, w->rng, &pair));
    TRY(xml_wrap_rsk(trk, KW_PAD_RFC5649, &rsk, &out->rsk));
    TRY(xml_wrap_ssk(trk, KW_PAD_RFC5649, &pair.ssk, &out->ssk));
    return xml_wrap_pvt(trk, KW_PAD_RFC5649, pair.pvt, &out->pvt);
}

/* Straight to its state: what is measured comes afterwards, by the line. */
static enum mu_err provision(struct world *w, uint64_t now_s)
{
    static uint8_t room[CERT_MAX];
    struct kms_wrapped_keys keys;
    enum mu_err err = MU_OK;
    struct span cert;

    TRY(make_cert(w, now_s, room, &cert));
    TRY(make_keys(w, &keys));
    (void)gms_state_add_cert(w->desk.state, cert, &err);
    TRY(err);
    (void)gms_state_add_keys(w->desk.state, &keys, now_s, &err);
    return err;
}

static enum mu_err open_log(struct world *w)
{
    char path[] = "/tmp/muster-bench.XXXXXX";
    int fd = mkstemp(path);

    if (fd < 0)
        return MU_E_IO;
    (void)unlink(path);
    return gms_vault_log_open(fd, &w->identity.log_key,
        mu_clock_unix_ms(w->desk.clock), w->rng, w->desk.book, &w->desk.log);
}

static void *serve(void *to)
{
    struct world *w = to;

    w->ended = gms_serve_run(w->serve);
    return NULL;
}

static enum mu_err start(struct world *w)
{
    struct gms_desk *desk = &w->desk;
    int fds[2];

    desk->clock = mu_clock_system();
    desk->rng = w->rng;
    TRY(gms_identity_new(&w->enrolment, w->rng, &w->identity));
    TRY(mu_keyring_add(&w->ring, &(const struct mu_kek){{1}}));
    TRY(gms_state_new(&w->ring, &w->identity, &desk->state));
    TRY(gms_book_new(&desk->book));
    TRY(open_log(w));
    TRY(provision(w, mu_clock_unix_ms(desk->clock) / 1000));
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) != 0)
        return MU_E_IO;
    w->fd = fds[0];
    TRY(gms_serve_new(fds[1], desk, 0, &w->serve));
    return pthread_create(&w->thread, NULL, serve, w) == 0 ? MU_OK : MU_E_IO;
}

/* At its end: only the thread has to be gone before what it uses. */
static void stop(struct world *w)
{
    if (w->serve == NULL)
        return;
    (void)shutdown(w->fd, SHUT_RDWR);
    (void)pthread_join(w->thread, NULL);
    gms_serve_free(w->serve);
    if (w->ended != MU_OK)
        w->failed = true;
}

static void ask(struct world *w, struct gms_vault_request *request, uint32_t id)
{
    static uint8_t octets[GMS_VAULT_FRAME_MAX];
    struct span frame = {NULL, 0};
    struct wr wr;

    request->id = id;
    wr_init(&wr, octets, sizeof(octets));
    if (gms_vault_request_write(&wr, request) != MU_OK ||
        wr_close(&wr, &frame) != MU_OK ||
        send(w->fd, frame.p, frame.len, 0) != (ssize_t)frame.len)
        w->failed = true;
}

static void keep(struct world *w, const struct gms_vault_answer *a)
{
    if (a->err != MU_OK)
        w->failed = true;
    else if (a->op == GMS_VAULT_NEW_KEY) {
        w->key = a->key;
        memcpy(w->sealed, a->key.sealed.p, sizeof(w->sealed));
        w->key.group = span_str(GROUP);
        w->key.sealed = SPAN_OF(w->sealed);
    } else if (a->op == GMS_VAULT_SIGN)
        w->messages += a->messages.count;
    else /* the request's id is the place of its first member */
        for (size_t i = 0; i < a->envelopes.count; i++)
            memcpy(w->envelopes[a->id + a->envelopes.first + i],
                a->envelopes.at[i].envelope.p, GMS_ENVELOPE_LEN);
}

/* Answers until that many requests are at their end. */
static void await(struct world *w, size_t requests)
{
    static uint8_t octets[GMS_VAULT_FRAME_MAX];

    while (requests > 0 && !w->failed) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        ssize_t n = recv(w->fd, octets, sizeof(octets), 0);
        struct gms_vault_answer a;

        mu_arena_init(&arena, 1 << 18);
        if (n <= 0 || gms_vault_answer_read((struct span){octets, (size_t)n},
                          &arena, &a) != MU_OK) {
            w->failed = true;
            return;
        }
        keep(w, &a);
        requests -= a.last;
    }
}

static void new_key(struct world *w, uint64_t epoch)
{
    struct gms_vault_request request = {.op = GMS_VAULT_NEW_KEY,
        .new_key = {MCPTT_KIND_GMK, span_str(GROUP), epoch}};

    ask(w, &request, 0);
    await(w, 1);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void wrap_all(struct world *w)
{
    size_t requests = 0;

    for (size_t at = 0; at < MEMBERS; at += GMS_VAULT_RECIPIENTS_MAX) {
        struct gms_vault_request request = {.op = GMS_VAULT_WRAP,
            .wrap = {w->key, {span_str(KMS_URI), w->period}, false,
                w->members + at,
                least(MEMBERS - at, GMS_VAULT_RECIPIENTS_MAX)}};

        ask(w, &request, (uint32_t)at);
        requests++;
    }
    await(w, requests);
}

static void sign_some(struct world *w, size_t at)
{
    struct gms_vault_sign_item items[GMS_VAULT_SIGN_MAX];
    size_t count = least(MEMBERS - at, GMS_VAULT_SIGN_MAX);
    struct gms_vault_request request = {.op = GMS_VAULT_SIGN,
        .sign = {w->key, {span_str(KMS_URI), w->period},
            {.groups = {span_str(GROUP)}, .group_count = 1}, items, count}};

    for (size_t i = 0; i < count; i++)
        items[i] = (struct gms_vault_sign_item){
            w->members[at + i], SPAN_OF(w->envelopes[at + i])};
    ask(w, &request, (uint32_t)at);
}

/* In no more requests than may be open. */
static void sign_all(struct world *w)
{
    size_t requests = 0;

    w->messages = 0;
    for (size_t at = 0; at < MEMBERS; at += GMS_VAULT_SIGN_MAX) {
        sign_some(w, at);
        requests++;
    }
    await(w, requests);
    if (w->messages != MEMBERS)
        w->failed = true;
}

static double wall_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void measure(struct world *w, double *cold_ms, double *hot_ms)
{
    double cold[ROUNDS], hot[ROUNDS];

    for (size_t i = 0; i < ROUNDS && !w->failed; i++) {
        double start_ms = wall_ms();

        new_key(w, i + 1);
        wrap_all(w);
        sign_all(w);
        cold[i] = wall_ms() - start_ms;
        start_ms = wall_ms();
        sign_all(w);
        hot[i] = wall_ms() - start_ms;
    }
    if (w->failed)
        return;
    qsort(cold, ROUNDS, sizeof(cold[0]), by_value);
    qsort(hot, ROUNDS, sizeof(hot[0]), by_value);
    *cold_ms = cold[ROUNDS / 2];
    *hot_ms = hot[ROUNDS / 2];
}

bool bench_rekey(double *cold_ms, double *hot_ms)
{
    static struct world w;
    uint64_t now_s = mu_clock_unix_ms(mu_clock_system()) / 1000;

    w.rng = mu_rng_system();
    w.period = (now_s + (uint64_t)MIKEY_NTP_UNIX_S) / PERIOD_S;
    for (size_t i = 0; i < MEMBERS; i++) {
        (void)snprintf(
            w.uris[i], sizeof(w.uris[i]), "sip:unit-%zu@example.org", i);
        w.members[i] = span_str(w.uris[i]);
    }
    w.failed =
        xml_init() != MU_OK || make_secrets(&w) != MU_OK || start(&w) != MU_OK;
    if (!w.failed)
        measure(&w, cold_ms, hot_ms);
    stop(&w);
    return !w.failed;
}
