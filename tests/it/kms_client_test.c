/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kms_client_test.c - kms-client as it is run, against a KMS on loopback: TLS,
 * token, pauses, the store on disk, and what it says when it refuses.
 *
 * The KMS answers on this process's loop while the program runs.
 */
#include <CUnit/Basic.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "http/server.h"
#include "kms-client/enrol.h"
#include "tests/folder.h"
#include "tests/kms-client/fake_kms.h"
#include "tests/pki.h"
#include "xml/kms_xml.h"
#include "xml/library.h"

#define TOKEN    "an-access-token"
#define ARGS_MAX 20

extern char **environ;

static struct test_pki pki;

struct rig {
    struct fake_kms kms;
    struct test_folder folder;
    struct event_base *base;
    struct event *on_child;
    struct http_server *server;
    char url[64], now[24], ca[TEST_PKI_PATH];
    unsigned busy; /* answers to come that are 503 */
    bool saw_token;
    /* The program that was run last. */
    pid_t pid;
    int status;
    char out[4096], err[512];
};

static int begin(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    return xml_init() == MU_OK && test_pki_make(&pki) ? 0 : -1;
}

static int end(void)
{
    test_pki_clear(&pki);
    xml_cleanup();
    return 0;
}

static void must(enum mu_err err)
{
    CU_ASSERT_EQUAL_FATAL(err, MU_OK);
}

static void on_request(void *ctx, struct http_request *request)
{
    struct rig *rig = ctx;
    struct span target = http_request_target(request);
    char url[512];
    struct kms_request asked = {
        .method = "POST", .url = url, .body = http_request_body(request)};
    struct kms_answer answer;

    rig->saw_token = span_eq(http_request_field(request, "Authorization"),
        span_str("Bearer " TOKEN));
    (void)snprintf(url, sizeof(url), "%s%.*s", rig->url, (int)target.len,
        (const char *)target.p);
    if (rig->busy > 0) {
        rig->busy--;
        http_answer_busy(request, 0);
        return;
    }
    if (asked.body.len > 0)
        asked.type = "application/xml";
    fake_kms_answer(&rig->kms, &asked, WORLD_NOW, &answer);
    http_answer(request, answer.status,
        answer.body.len > 0 ? "application/xml" : NULL, answer.body);
}

static const struct http_route routes[] = {{HTTP_POST, "", on_request}};

static void listen_on_loopback(struct rig *rig)
{
    const struct http_tls_config files = {
        .cert_file = pki.server, .key_file = pki.server_key};
    MU_CLEANUP(http_tls_clear) SSL_CTX *tls = NULL;
    struct http_server_config config = {
        .base = rig->base,
        .clock = mu_clock_system(),
        .routes = routes,
        .routes_len = 1,
        .ctx = rig,
        .limits = http_limits_default,
    };
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

static void on_child_gone(evutil_socket_t fd, short what, void *ctx)
{
    struct rig *rig = ctx;

    (void)fd;
    (void)what;
    if (waitpid(rig->pid, &rig->status, WNOHANG) == rig->pid)
        (void)event_base_loopbreak(rig->base);
}

static void rig_init(struct rig *rig)
{
    *rig = (struct rig){.pid = 0};
    fake_kms_init(&rig->kms);
    test_folder_make(&rig->folder);
    rig->base = event_base_new();
    CU_ASSERT_FATAL(rig->base != NULL);
    rig->on_child = evsignal_new(rig->base, SIGCHLD, on_child_gone, rig);
    CU_ASSERT_EQUAL_FATAL(evsignal_add(rig->on_child, NULL), 0);
    listen_on_loopback(rig);
    (void)snprintf(rig->kms.world.enrolment.kds_url,
        sizeof(rig->kms.world.enrolment.kds_url), "%s", rig->url);
    (void)snprintf(
        rig->now, sizeof(rig->now), "%llu", (unsigned long long)WORLD_NOW);
    (void)snprintf(rig->ca, sizeof(rig->ca), "%s", pki.ca);
    test_folder_write(&rig->folder, "token", span_str(TOKEN "\n"));
}

static void rig_clear(struct rig *rig)
{
    http_server_free(rig->server);
    event_free(rig->on_child);
    event_base_free(rig->base);
    test_folder_remove(&rig->folder);
    fake_kms_clear(&rig->kms);
}

static void read_text(struct rig *rig, const char *name, char *out, size_t cap)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};

    test_folder_read(&rig->folder, name, &text);
    (void)snprintf(
        out, cap, "%.*s", (int)text.len, text.p != NULL ? (char *)text.p : "");
}

/* Runs kms-client; its exit status. */
static int run(struct rig *rig, const char *const *args)
{
    char copies[ARGS_MAX][256], *argv[ARGS_MAX + 2];
    char program[] = KMS_CLIENT;
    posix_spawn_file_actions_t files;
    unsigned n = 0;

    argv[0] = program;
    for (; args[n] != NULL; n++) {
        (void)snprintf(copies[n], sizeof(copies[n]), "%s", args[n]);
        argv[n + 1] = copies[n];
    }
    argv[n + 1] = NULL;
    CU_ASSERT_EQUAL_FATAL(posix_spawn_file_actions_init(&files), 0);
    (void)posix_spawn_file_actions_addopen(&files, 1,
        test_folder_path(&rig->folder, "out"), O_WRONLY | O_CREAT | O_TRUNC,
        0600);
    (void)posix_spawn_file_actions_addopen(&files, 2,
        test_folder_path(&rig->folder, "err"), O_WRONLY | O_CREAT | O_TRUNC,
        0600);
    CU_ASSERT_EQUAL_FATAL(
        posix_spawn(&rig->pid, KMS_CLIENT, &files, NULL, argv, environ), 0);
    (void)posix_spawn_file_actions_destroy(&files);
    (void)event_base_dispatch(rig->base);
    read_text(rig, "out", rig->out, sizeof(rig->out));
    read_text(rig, "err", rig->err, sizeof(rig->err));
    return WIFEXITED(rig->status) ? WEXITSTATUS(rig->status) : -1;
}

static void write_enrolment(struct rig *rig)
{
    uint8_t octets[KMS_ENROL_TEXT_MAX];
    struct span text;
    struct wr w;

    wr_init(&w, octets, sizeof(octets));
    must(kms_enrolment_write(&w, &rig->kms.world.enrolment));
    must(wr_close(&w, &text));
    test_folder_write(&rig->folder, "enrolment", text);
}

/* A path in the folder that outlives the next one. */
struct place {
    char text[256];
};

static struct place place(struct rig *rig, const char *name)
{
    struct place place;

    (void)snprintf(place.text, sizeof(place.text), "%s",
        test_folder_path(&rig->folder, name));
    return place;
}

static int enrol(struct rig *rig)
{
    struct place file = place(rig, "enrolment"), store = place(rig, "store");
    const char *const args[] = {
        "enrol", file.text, "--store", store.text, "--now", rig->now, NULL};

    return run(rig, args);
}

static int fetch_with(struct rig *rig, const char *option)
{
    struct place store = place(rig, "store"), token = place(rig, "token");
    const char *const args[] = {"fetch", "--store", store.text, "--token",
        token.text, "--ca", rig->ca, "--now", rig->now, option, NULL};

    return run(rig, args);
}

static int fetch(struct rig *rig)
{
    return fetch_with(rig, NULL);
}

static int show(struct rig *rig)
{
    struct place store = place(rig, "store");
    const char *const args[] = {
        "show", "--store", store.text, "--json", "--now", rig->now, NULL};

    return run(rig, args);
}

static void enrolled(struct rig *rig)
{
    rig_init(rig);
    write_enrolment(rig);
    CU_ASSERT_EQUAL_FATAL(enrol(rig), 0);
}

/* Exit 1, nothing on standard output, one line that says this. */
static void expect_refusal(const struct rig *rig, int status, const char *why)
{
    const char *lf = strchr(rig->err, '\n');

    CU_ASSERT_EQUAL(status, 1);
    CU_ASSERT_STRING_EQUAL(rig->out, "");
    CU_ASSERT(lf != NULL && lf[1] == '\0');
    CU_ASSERT_PTR_NOT_NULL(strstr(rig->err, why));
}

static void fetches_keys_of_two_periods(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    enrolled(&rig);
    CU_ASSERT_EQUAL(fetch(&rig), 0);
    CU_ASSERT_STRING_EQUAL(
        rig.out, "sip:user@example.org period 1533 and the next\n");
    CU_ASSERT(rig.saw_token);
    CU_ASSERT_EQUAL(show(&rig), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.out, "\"period\":1533,"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.out, "\"period\":1534,"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.out, "\"lacks_next\":false"));
}

static void tells_who_lacks_the_next_period(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    enrolled(&rig);
    rig.kms.lacks_next = true;
    CU_ASSERT_EQUAL(fetch(&rig), 0);
    CU_ASSERT_STRING_EQUAL(
        rig.out, "sip:user@example.org period 1533, lacks the next\n");
    CU_ASSERT_EQUAL(show(&rig), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.out, "\"lacks_next\":true"));
}

static void an_enrolment_file_is_used_once(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    enrolled(&rig);
    CU_ASSERT_FALSE(test_folder_has(&rig.folder, "enrolment"));
    write_enrolment(&rig);
    expect_refusal(&rig, enrol(&rig), "serial");
    CU_ASSERT(test_folder_has(&rig.folder, "enrolment"));
}

static void an_enrolment_file_expires(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_init(&rig);
    rig.kms.world.enrolment.not_after_s = WORLD_NOW - 1;
    write_enrolment(&rig);
    expect_refusal(&rig, enrol(&rig), "not_after");
}

static void waits_for_a_busy_kms(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    enrolled(&rig);
    rig.busy = 2;
    CU_ASSERT_EQUAL(fetch(&rig), 0);
    CU_ASSERT_EQUAL(rig.busy, 0);
}

static void believes_no_server_of_another_authority(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    enrolled(&rig);
    (void)snprintf(rig.ca, sizeof(rig.ca), "%s", pki.other_ca);
    expect_refusal(&rig, fetch(&rig), "sip:user@example.org");
}

/* The server was taken: it gives out a Z and a KPAK of its own. */
static void refuses_a_swapped_certificate(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;
    struct test_kms other;

    enrolled(&rig);
    test_kms_init(&other, &rig.kms.world.rng);
    rig.kms.root.kms = &other;
    rig.kms.world.cert_key.b[31] ^= 1;
    expect_refusal(&rig, fetch(&rig), "certificate");
    test_kms_clear(&other);
}

static void signatures_cannot_be_turned_off_by_the_server(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    enrolled(&rig);
    CU_ASSERT_EQUAL(fetch(&rig), 0);
    rig.kms.unsigned_envelope = true;
    expect_refusal(&rig, fetch(&rig), "not signed");
    CU_ASSERT_EQUAL(fetch_with(&rig, "--allow-unsigned"), 0);
}

static void a_failed_fetch_loses_nothing(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    enrolled(&rig);
    CU_ASSERT_EQUAL(fetch(&rig), 0);
    rig.kms.clock_s = 86400;
    expect_refusal(&rig, fetch(&rig), "Time");
    CU_ASSERT_EQUAL(show(&rig), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.out, "\"period\":1534,"));
}

static void exported_keys_are_those_of_the_user(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    struct xml_kms *kms = NULL;
    struct xml_fault fault;
    struct place store, cert, keys;

    enrolled(&rig);
    CU_ASSERT_EQUAL(fetch(&rig), 0);
    store = place(&rig, "store");
    cert = place(&rig, "cert.xml");
    keys = place(&rig, "keys.xml");
    {
        const char *const args[] = {"export-clear", "--store", store.text,
            "--user", "sip:user@example.org", "--cert", cert.text, "--keys",
            keys.text, "--now", rig.now, NULL};

        CU_ASSERT_EQUAL(run(&rig, args), 0);
    }
    test_folder_read(&rig.folder, "keys.xml", &text);
    must(xml_kms_read(buf_span(&text), &fault, &kms));
    CU_ASSERT_EQUAL(mikey_sakke_validate_rsk(rig.kms.world.kms.sakke,
                        SPAN_OF(kms->key_sets->uid.b), &kms->key_sets->rsk),
        MU_OK);
    xml_kms_free(kms);
}

static void a_store_without_its_key_is_refused(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    enrolled(&rig);
    test_folder_write(&rig.folder, "store/device.key",
        span_str("00000000000000000000000000000000"));
    expect_refusal(&rig, show(&rig), "sealed under another key");
}

static CU_TestInfo tests[] = {
    {"fetches keys of two periods", fetches_keys_of_two_periods},
    {"tells who lacks the next period", tells_who_lacks_the_next_period},
    {"an enrolment file is used once", an_enrolment_file_is_used_once},
    {"an enrolment file expires", an_enrolment_file_expires},
    {"waits for a busy KMS", waits_for_a_busy_kms},
    {"believes no server of another authority",
        believes_no_server_of_another_authority},
    {"refuses a swapped certificate", refuses_a_swapped_certificate},
    {"signatures cannot be turned off by the server",
        signatures_cannot_be_turned_off_by_the_server},
    {"a failed fetch loses nothing", a_failed_fetch_loses_nothing},
    {"exported keys are those of the user",
        exported_keys_are_those_of_the_user},
    {"a store without its key is refused", a_store_without_its_key_is_refused},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {
        {"kms-client", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
    unsigned failed;

    if (CU_initialize_registry() != CUE_SUCCESS ||
        CU_register_suites(suites) != CUE_SUCCESS)
        return 1;
    CU_basic_set_mode(CU_BRM_NORMAL);
    if (CU_basic_run_tests() != CUE_SUCCESS)
        return 1;
    failed = CU_get_number_of_tests_failed();
    printf("%u passed, %u failed, 0 skipped\n",
        CU_get_number_of_tests_run() - failed, failed);
    CU_cleanup_registry();
    return failed != 0;
}
