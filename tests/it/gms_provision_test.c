/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gms_provision_test.c - how the group server comes to its own keys: from a KMS
 * over HTTPS into the store, and from there to each vault. The KMS and the
 * vault are played here, on the same loop.
 */
#include <CUnit/Basic.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gms/provision.h"
#include "http/client.h"
#include "http/server.h"
#include "tests/clock.h"
#include "tests/folder.h"
#include "tests/kms-client/fake_kms.h"
#include "tests/pki.h"
#include "xml/library.h"

#define TOKEN      "an-access-token"
#define TOLD_MAX   512
#define GIVEN_MAX  6
#define PATIENCE_S 60

static struct test_pki pki;

/* An answer of the KMS, to be given again. */
struct given {
    char url[512];
    struct buf body;
};

struct rig {
    struct fake_kms kms;
    bool remembers;
    struct given given[GIVEN_MAX];
    size_t given_len;
    struct test_clock clock;
    struct test_folder folder;
    struct event_base *base;
    struct event *on_frame, *on_late;
    struct http_server *server;
    char url[64], enrolment[256], token[256], database[256];
    struct gms_conf_kds kds;
    struct gms_store *store;
    struct gms_vault_link *link;
    struct gms_provision *provision;
    int vault;           /* our end, as the vault; -1: none */
    bool mute, refuses;  /* the vault */
    bool saw_token;      /* the KMS */
    unsigned sessions;   /* that began at it */
    unsigned ready;      /* on_ready was called */
    unsigned pieces;     /* in it */
    char told[TOLD_MAX]; /* the vault: "cert KmsUri;keys PERIOD;" */
    bool late;
};

static int begin(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    return xml_init() == MU_OK && http_client_init() == MU_OK &&
                   test_pki_make(&pki)
               ? 0
               : -1;
}

static int end(void)
{
    test_pki_clear(&pki);
    http_client_cleanup();
    xml_cleanup();
    return 0;
}

static void must(enum mu_err err)
{
    CU_ASSERT_EQUAL_FATAL(err, MU_OK);
}

/* ----------------------------------------------------------------- the KMS */

/* A distribution server gives what it was given, where the fake KMS signs and
 * wraps anew. */
static bool give_again(
    struct rig *rig, const char *url, struct http_request *request)
{
    for (size_t i = 0; i < rig->given_len; i++)
        if (strcmp(rig->given[i].url, url) == 0) {
            http_answer(
                request, 200, "application/xml", buf_span(&rig->given[i].body));
            return true;
        }
    return false;
}

static void remember(
    struct rig *rig, const char *url, const struct kms_answer *answer)
{
    struct given *given = &rig->given[rig->given_len];

    if (!rig->remembers || answer->status != 200)
        return;
    CU_ASSERT_FATAL(rig->given_len < GIVEN_MAX);
    (void)snprintf(given->url, sizeof(given->url), "%s", url);
    buf_add(&given->body, answer->body);
    CU_ASSERT_EQUAL_FATAL(given->body.err, MU_OK);
    rig->given_len++;
}

static void on_request(void *ctx, struct http_request *request)
{
    struct rig *rig = ctx;
    struct span target = http_request_target(request);
    char url[512];
    struct kms_request asked = {.method = "POST",
        .url = url,
        .type = "application/xml",
        .body = http_request_body(request)};
    struct kms_answer answer;

    rig->saw_token = span_eq(http_request_field(request, "Authorization"),
        span_str("Bearer " TOKEN));
    (void)snprintf(url, sizeof(url), "%s%.*s", rig->url, (int)target.len,
        (const char *)target.p);
    rig->sessions += strstr(url, "/init") != NULL ? 1 : 0;
    if (give_again(rig, url, request))
        return;
    fake_kms_answer(&rig->kms, &asked, WORLD_NOW, &answer);
    remember(rig, url, &answer);
    http_answer(request, answer.status,
        answer.body.len > 0 ? "application/xml" : NULL, answer.body);
}

static const struct http_route routes[] = {{HTTP_POST, "", on_request}};

static void open_kms(struct rig *rig)
{
    const struct http_tls_config files = {
        .cert_file = pki.server, .key_file = pki.server_key};
    MU_CLEANUP(http_tls_clear) SSL_CTX *tls = NULL;
    struct http_server_config config = {.base = rig->base,
        .clock = mu_clock_system(),
        .routes = routes,
        .routes_len = 1,
        .ctx = rig,
        .limits = http_limits_default};
    struct http_listen listen = {.address = "127.0.0.1"};
    struct http_listener *listener = NULL;
    struct http_tls_why why;

    must(http_tls_server(&files, &tls, &why));
    must(http_server_new(&config, &rig->server));
    listen.tls = tls;
    must(http_server_listen(rig->server, &listen, &listener));
    (void)snprintf(rig->url, sizeof(rig->url), "https://localhost:%u",
        (unsigned)http_listener_port(listener));
}

/* --------------------------------------------------------------- the vault */

static void note(struct rig *rig, const struct gms_vault_request *request)
{
    size_t len = strlen(rig->told);
    char text[WORLD_TEXT];

    rig->pieces += request->op != GMS_VAULT_HELLO ? 1 : 0;
    if (request->op == GMS_VAULT_CERT) {
        (void)snprintf(text, sizeof(text), "%.*s", (int)request->cert.len,
            (const char *)request->cert.p);
        (void)snprintf(rig->told + len, TOLD_MAX - len, "cert %s;",
            strstr(text, "kms.example.net") != NULL ? "abroad" : "home");
    } else if (request->op == GMS_VAULT_KEYS) {
        (void)snprintf(rig->told + len, TOLD_MAX - len, "keys %llu;",
            (unsigned long long)request->keys.period_no);
    }
}

static void answer(const struct rig *rig, const struct gms_vault_request *to)
{
    static uint8_t frame[GMS_VAULT_FRAME_MAX];
    struct gms_vault_answer a = {.op = to->op, .id = to->id, .last = true};
    struct span octets = {NULL, 0};
    struct wr w;

    if (to->op == GMS_VAULT_HELLO) {
        a.hello.identity = span_str("sip:user@example.org");
        a.hello.kms = span_str("kms.example.org");
        a.hello.log_head = span_str("head");
    } else if (rig->refuses && to->op == GMS_VAULT_KEYS) {
        a.err = MU_E_DENIED;
        a.refusal = GMS_REFUSED_KEYS;
        a.why = span_str("not ours");
    }
    wr_init(&w, frame, sizeof(frame));
    must(gms_vault_answer_write(&w, &a));
    must(wr_close(&w, &octets));
    CU_ASSERT_EQUAL_FATAL(send(rig->vault, octets.p, octets.len, MSG_NOSIGNAL),
        (ssize_t)octets.len);
}

static void on_frame(evutil_socket_t fd, short what, void *ctx)
{
    static uint8_t frame[GMS_VAULT_FRAME_MAX];
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct rig *rig = ctx;
    struct gms_vault_request request;
    ssize_t len = recv(fd, frame, sizeof(frame), 0);

    (void)what;
    CU_ASSERT_FATAL(len > 0);
    mu_arena_init(&arena, 1U << 20);
    must(gms_vault_request_read(
        (struct span){frame, (size_t)len}, &arena, &request));
    note(rig, &request);
    if (!rig->mute || request.op == GMS_VAULT_HELLO)
        answer(rig, &request);
}

static void end_vault(struct rig *rig)
{
    if (rig->vault < 0)
        return;
    event_free(rig->on_frame);
    (void)close(rig->vault);
    rig->vault = -1;
}

/* A new vault, which knows nothing. */
static void start_vault(struct rig *rig)
{
    int ends[2];

    end_vault(rig);
    rig->told[0] = '\0';
    CU_ASSERT_EQUAL_FATAL(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    rig->vault = ends[0];
    rig->on_frame =
        event_new(rig->base, rig->vault, EV_READ | EV_PERSIST, on_frame, rig);
    CU_ASSERT_FATAL(
        rig->on_frame != NULL && event_add(rig->on_frame, NULL) == 0);
    must(gms_vault_link_take(rig->link, ends[1]));
}

static void on_up(void *ctx, const struct gms_vault_hello *hello)
{
    struct rig *rig = ctx;

    (void)hello;
    if (rig->provision != NULL)
        gms_provision_vault_up(rig->provision);
}

static void on_down(void *ctx)
{
    (void)ctx;
}

/* ------------------------------------------------------------------ the rig */

static void on_late(evutil_socket_t fd, short what, void *ctx)
{
    struct rig *rig = ctx;

    (void)fd;
    (void)what;
    rig->late = true;
}

/* Turns the loop until a number is reached; false when it takes too long. */
static bool turn_until(
    struct rig *rig, const unsigned *number, unsigned reached)
{
    const struct timeval patience = {PATIENCE_S, 0};

    rig->late = false;
    CU_ASSERT_EQUAL_FATAL(event_add(rig->on_late, &patience), 0);
    while (*number < reached && !rig->late)
        (void)event_base_loop(rig->base, EVLOOP_ONCE);
    (void)event_del(rig->on_late);
    return *number >= reached;
}

/* The same for what gms_provision_status() counts. */
static bool await_sessions(struct rig *rig, uint64_t fetched, uint64_t failed)
{
    const struct timeval patience = {PATIENCE_S, 0};
    struct gms_provision_status is;

    rig->late = false;
    CU_ASSERT_EQUAL_FATAL(event_add(rig->on_late, &patience), 0);
    do {
        (void)event_base_loop(rig->base, EVLOOP_ONCE);
        is = gms_provision_status(rig->provision);
    } while ((is.fetched < fetched || is.failed < failed) && !rig->late);
    (void)event_del(rig->on_late);
    return is.fetched == fetched && is.failed == failed;
}

static void write_secret(
    struct rig *rig, const char *name, struct span octets, char path[256])
{
    test_folder_write(&rig->folder, name, octets);
    (void)snprintf(path, 256, "%s", test_folder_path(&rig->folder, name));
    CU_ASSERT_EQUAL_FATAL(chmod(path, 0600), 0);
}

static void write_enrolment(struct rig *rig, const struct mcptt_trk *trk)
{
    struct kms_enrolment enrolment = rig->kms.world.enrolment;
    uint8_t text[KMS_ENROL_TEXT_MAX];
    struct span octets = {NULL, 0};
    struct wr w;

    enrolment.trk = *trk;
    wr_init(&w, text, sizeof(text));
    must(kms_enrolment_write(&w, &enrolment));
    must(wr_close(&w, &octets));
    write_secret(rig, "enrolment", octets, rig->enrolment);
}

static void rig_init(struct rig *rig)
{
    static const struct mcptt_trk none;
    static const char *abroad[] = {"kms.example.net"};
    const struct gms_vault_link_config link = {
        .on_up = on_up, .on_down = on_down, .ctx = rig};
    struct gms_vault_link_config config = link;

    *rig = (struct rig){.vault = -1};
    test_folder_make(&rig->folder);
    fake_kms_init(&rig->kms);
    test_clock_init(&rig->clock, WORLD_NOW * 1000);
    rig->base = event_base_new();
    CU_ASSERT_FATAL(rig->base != NULL);
    rig->on_late = evtimer_new(rig->base, on_late, rig);
    open_kms(rig);
    (void)snprintf(rig->kms.world.enrolment.kds_url,
        sizeof(rig->kms.world.enrolment.kds_url), "%s", rig->url);
    write_enrolment(rig, &none);
    write_secret(rig, "token", span_str(TOKEN "\n"), rig->token);
    (void)snprintf(rig->database, sizeof(rig->database), "%s",
        test_folder_path(&rig->folder, "db"));
    must(gms_store_open(rig->database, &rig->store));
    config.base = rig->base;
    must(gms_vault_link_new(&config, &rig->link));
    rig->kds = (struct gms_conf_kds){.url = "",
        .ca_file = pki.ca,
        .token_file = rig->token,
        .cert_file = "",
        .key_file = "",
        .refresh_s = 3600,
        .other_kmss = {abroad, 1}};
}

static void rig_clear(struct rig *rig)
{
    gms_provision_free(rig->provision);
    gms_vault_link_free(rig->link);
    end_vault(rig);
    gms_store_close(rig->store);
    http_server_free(rig->server);
    event_free(rig->on_late);
    event_base_free(rig->base);
    for (size_t i = 0; i < rig->given_len; i++)
        buf_clear(&rig->given[i].body);
    fake_kms_clear(&rig->kms);
    test_folder_remove(&rig->folder);
}

static void on_ready(void *ctx)
{
    struct rig *rig = ctx;

    rig->ready++;
}

static enum mu_err start(struct rig *rig)
{
    const struct gms_provision_config config = {.base = rig->base,
        .clock = &rig->clock.clock,
        .rng = mu_rng_system(),
        .store = rig->store,
        .vault = rig->link,
        .kds = &rig->kds,
        .enrolment_file = rig->enrolment,
        .on_ready = on_ready,
        .ctx = rig};

    return gms_provision_new(&config, &rig->provision);
}

/* As after a restart of the front. */
static void restart(struct rig *rig)
{
    gms_provision_free(rig->provision);
    rig->provision = NULL;
    rig->ready = 0;
    must(start(rig));
}

/* It has fetched, and the vault knows it. */
static void provisioned(struct rig *rig)
{
    rig_init(rig);
    start_vault(rig);
    must(start(rig));
    CU_ASSERT_TRUE_FATAL(turn_until(rig, &rig->ready, 1));
}

/* The numbers of the periods as they are told. */
static bool was_told(
    const struct rig *rig, const char *before, bool now, bool next)
{
    unsigned long long period = rig->kms.world.period_no;
    char want[TOLD_MAX];
    int len = snprintf(want, sizeof(want), "%s", before);

    if (now)
        len += snprintf(
            want + len, sizeof(want) - (size_t)len, "keys %llu;", period);
    if (next)
        (void)snprintf(
            want + len, sizeof(want) - (size_t)len, "keys %llu;", period + 1);
    return strcmp(rig->told, want) == 0;
}

#define CERTS "cert home;cert abroad;"

/* ---------------------------------------------------------------- the tests */

static void fetches_keeps_and_tells(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;
    struct gms_provision_status is;

    provisioned(&rig);
    is = gms_provision_status(rig.provision);
    CU_ASSERT_TRUE(rig.saw_token);
    CU_ASSERT_TRUE(was_told(&rig, CERTS, true, true));
    CU_ASSERT(is.has_now && is.has_next && is.told);
    CU_ASSERT_EQUAL(is.fetched, 1);
    CU_ASSERT_EQUAL(is.failed, 0);
    CU_ASSERT_EQUAL(is.certificates, 2);
    CU_ASSERT(is.next_s > WORLD_NOW);
    CU_ASSERT_FALSE(kms_keyset_find(
        gms_provision_keys(rig.provision), rig.kms.world.period_no)
                        ->open);
}

static void a_start_needs_no_kms(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    provisioned(&rig);
    http_server_free(rig.server);
    rig.server = NULL;
    gms_provision_free(rig.provision);
    rig.provision = NULL;
    rig.ready = 0;
    must(start(&rig));
    start_vault(&rig);
    CU_ASSERT_TRUE(turn_until(&rig, &rig.ready, 1));
    CU_ASSERT_TRUE(was_told(&rig, CERTS, true, true));
    CU_ASSERT_TRUE(gms_provision_status(rig.provision).has_now);
}

static void each_new_vault_is_told_all_of_it(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    provisioned(&rig);
    start_vault(&rig);
    CU_ASSERT_FALSE(gms_provision_status(rig.provision).told &&
                    rig.told[0] == '\0' && rig.ready > 1);
    CU_ASSERT_TRUE(turn_until(&rig, &rig.ready, 2));
    CU_ASSERT_TRUE(was_told(&rig, CERTS, true, true));
    CU_ASSERT_EQUAL(rig.sessions, 1);
}

static void a_vault_that_dies_in_between_changes_nothing(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_init(&rig);
    rig.mute = true;
    start_vault(&rig);
    must(start(&rig));
    CU_ASSERT_TRUE(await_sessions(&rig, 1, 0));
    rig.mute = false;
    start_vault(&rig);
    CU_ASSERT_TRUE(turn_until(&rig, &rig.ready, 1));
    CU_ASSERT_TRUE(was_told(&rig, CERTS, true, true));
}

static void is_not_ready_with_keys_that_the_vault_refuses(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_init(&rig);
    rig.refuses = true;
    start_vault(&rig);
    must(start(&rig));
    CU_ASSERT_TRUE(await_sessions(&rig, 1, 0));
    CU_ASSERT_TRUE(turn_until(&rig, &rig.pieces, 4));
    (void)event_base_loop(rig.base, EVLOOP_NONBLOCK);
    CU_ASSERT_TRUE(was_told(&rig, CERTS, true, true));
    CU_ASSERT_EQUAL(rig.ready, 0);
    CU_ASSERT_FALSE(gms_provision_status(rig.provision).told);
    rig.refuses = false;
    start_vault(&rig);
    CU_ASSERT_TRUE(turn_until(&rig, &rig.ready, 1));
}

static void what_has_not_changed_is_not_told_again(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_init(&rig);
    rig.remembers = true;
    start_vault(&rig);
    must(start(&rig));
    CU_ASSERT_TRUE_FATAL(turn_until(&rig, &rig.ready, 1));
    rig.told[0] = '\0';
    gms_provision_refresh(rig.provision);
    CU_ASSERT_TRUE(await_sessions(&rig, 2, 0));
    (void)event_base_loop(rig.base, EVLOOP_NONBLOCK);
    CU_ASSERT_STRING_EQUAL(rig.told, "");
    CU_ASSERT_TRUE(gms_provision_status(rig.provision).told);
}

/* The KMS does not have them yet; later it has. */
static void asks_again_for_keys_of_the_next_period(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_init(&rig);
    rig.kms.lacks_next = true;
    start_vault(&rig);
    must(start(&rig));
    CU_ASSERT_TRUE_FATAL(turn_until(&rig, &rig.ready, 1));
    CU_ASSERT_TRUE(was_told(&rig, CERTS, true, false));
    CU_ASSERT_FALSE(gms_provision_status(rig.provision).has_next);
    rig.kms.lacks_next = false;
    rig.told[0] = '\0';
    gms_provision_refresh(rig.provision);
    CU_ASSERT_TRUE(turn_until(&rig, &rig.ready, 2));
    CU_ASSERT_TRUE(was_told(&rig, CERTS, true, true));
}

/* By itself, within the time that it sets for it. */
static void asks_again_by_itself(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_init(&rig);
    rig.kds.refresh_s = 1;
    start_vault(&rig);
    must(start(&rig));
    CU_ASSERT_TRUE(await_sessions(&rig, 2, 0));
}

static void a_kms_that_signed_once_must_go_on_signing(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    provisioned(&rig);
    rig.kms.unsigned_envelope = true;
    restart(&rig);
    CU_ASSERT_TRUE(await_sessions(&rig, 0, 1));
    rig.kds.signatures = GMS_SIGNATURES_IGNORED;
    restart(&rig);
    CU_ASSERT_TRUE(await_sessions(&rig, 1, 0));
}

static void a_kms_that_never_signed_is_believed_unless_it_must(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_init(&rig);
    rig.kms.unsigned_envelope = true;
    rig.kds.signatures = GMS_SIGNATURES_REQUIRED;
    must(start(&rig));
    CU_ASSERT_TRUE(await_sessions(&rig, 0, 1));
    rig.kds.signatures = GMS_SIGNATURES_LEARNT;
    restart(&rig);
    CU_ASSERT_TRUE(await_sessions(&rig, 1, 0));
}

static void what_is_damaged_in_the_store_is_fetched_again(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    MU_CLEANUP(rig_clear) struct rig rig;
    struct span kept = {NULL, 0};

    mu_arena_init(&arena, 1U << 20);
    provisioned(&rig);
    must(gms_store_blob(rig.store, "kms keyset", &arena, &kept));
    must(gms_store_begin(rig.store));
    must(gms_store_put_blob(
        rig.store, "kms keyset", (struct span){kept.p, kept.len - 1}));
    must(gms_store_commit(rig.store));
    restart(&rig);
    CU_ASSERT_FALSE(gms_provision_status(rig.provision).has_now);
    CU_ASSERT_TRUE(await_sessions(&rig, 1, 0));
    CU_ASSERT_TRUE(gms_provision_status(rig.provision).has_now);
}

static void the_front_never_takes_a_transport_key(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_init(&rig);
    write_enrolment(&rig, &rig.kms.world.enrolment.trk);
    CU_ASSERT_EQUAL(start(&rig), MU_E_DENIED);
    CU_ASSERT_PTR_NULL(rig.provision);
    CU_ASSERT_EQUAL_FATAL(unlink(rig.enrolment), 0);
    CU_ASSERT_EQUAL(start(&rig), MU_E_NOT_FOUND);
}

static CU_TestInfo tests[] = {
    {"fetches, keeps and tells", fetches_keeps_and_tells},
    {"a start needs no KMS", a_start_needs_no_kms},
    {"each new vault is told all of it", each_new_vault_is_told_all_of_it},
    {"a vault that dies in between changes nothing",
        a_vault_that_dies_in_between_changes_nothing},
    {"is not ready with keys that the vault refuses",
        is_not_ready_with_keys_that_the_vault_refuses},
    {"what has not changed is not told again",
        what_has_not_changed_is_not_told_again},
    {"asks again for keys of the next period",
        asks_again_for_keys_of_the_next_period},
    {"asks again by itself", asks_again_by_itself},
    {"a KMS that signed once must go on signing",
        a_kms_that_signed_once_must_go_on_signing},
    {"a KMS that never signed is believed unless it must",
        a_kms_that_never_signed_is_believed_unless_it_must},
    {"what is damaged in the store is fetched again",
        what_is_damaged_in_the_store_is_fetched_again},
    {"the front never takes a transport key",
        the_front_never_takes_a_transport_key},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {
        {"gmsd's own keys", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
    unsigned failed;

    if (CU_initialize_registry() != CUE_SUCCESS ||
        CU_register_suites(suites) != CUE_SUCCESS)
        return 1;
    CU_basic_set_mode(CU_BRM_NORMAL);
    if (CU_basic_run_tests() != CUE_SUCCESS)
        return 1;
    failed = CU_get_number_of_tests_failed();
    (void)printf("%u passed, %u failed, 0 skipped\n",
        CU_get_number_of_tests_run() - failed, failed);
    CU_cleanup_registry();
    return failed != 0;
}
