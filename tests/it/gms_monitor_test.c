/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gms_monitor_test.c - the monitor of gmsd with stand-ins for its front and
 * vault (gms_stand_in.c): what they are given, and what becomes of each when
 * another ends. Time is told by what the programs say: nothing sleeps.
 */
#include <CUnit/Basic.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/folder.h"

#define PATIENCE_MS 60000
#define TEXT_MAX    3072

/* What came from a descriptor so far. */
struct stream {
    int fd;
    char text[TEXT_MAX];
    size_t len, taken;
};

/* A gmsd of the test's own, in a folder with its stand-ins. */
struct rig {
    struct test_folder folder;
    int notify; /* what systemd would hear; -1: nobody listens */
    pid_t pid;
    struct stream out, err;
    const char *const *environment; /* NAME, value, ..., NULL */
};

static void copy_program(struct rig *rig, const char *from, const char *name)
{
    MU_CLEANUP(buf_clear) struct buf octets = {0};

    CU_ASSERT_EQUAL_FATAL(mu_file_read(from, 1U << 28, &octets), MU_OK);
    CU_ASSERT_EQUAL_FATAL(mu_file_create(test_folder_path(&rig->folder, name),
                              0700, buf_span(&octets)),
        MU_OK);
}

static void write_secret(
    struct rig *rig, const char *name, size_t len, mode_t mode)
{
    static const uint8_t zeros[64];

    test_folder_write(&rig->folder, name, (struct span){zeros, len});
    CU_ASSERT_EQUAL_FATAL(chmod(test_folder_path(&rig->folder, name), mode), 0);
}

#define COMMON                                                                 \
    "tls_cert = \"s.pem\"; tls_key = \"s.key\"; token = { jwks_file = \"j\"; " \
    "};\nlimits = { drain_ms = 1000; };\n"

static void configure(struct rig *rig, const char *lines)
{
    char text[1024];

    (void)snprintf(text, sizeof(text), COMMON "%s", lines);
    test_folder_write(&rig->folder, "gmsd.conf", span_str(text));
}

static void rig_init(struct rig *rig)
{
    *rig = (struct rig){.notify = -1, .out = {.fd = -1}, .err = {.fd = -1}};
    test_folder_make(&rig->folder);
    copy_program(rig, GMSD, "gmsd");
    copy_program(rig, STAND_IN, "gmsd-front");
    copy_program(rig, STAND_IN, "gmsd-vault");
    write_secret(rig, "kek", 32, 0600);
    write_secret(rig, "gmsd.identity", 3, 0600);
    configure(rig, "kek_file = \"kek\";");
}

static void rig_clear(struct rig *rig)
{
    if (rig->pid > 0) {
        (void)kill(rig->pid, SIGKILL);
        (void)waitpid(rig->pid, NULL, 0);
    }
    if (rig->out.fd >= 0)
        (void)close(rig->out.fd);
    if (rig->err.fd >= 0)
        (void)close(rig->err.fd);
    if (rig->notify >= 0)
        (void)close(rig->notify);
    test_folder_remove(&rig->folder);
}

static void listen_as_systemd(struct rig *rig)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    (void)snprintf(at.sun_path, sizeof(at.sun_path), "%s",
        test_folder_path(&rig->folder, "notify"));
    rig->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_EQUAL_FATAL(
        bind(rig->notify, (const struct sockaddr *)&at, sizeof(at)), 0);
}

/* In the child. The leak detector traces, and the monitor is not to be. */
static void become_gmsd(struct rig *rig, int out, int err)
{
    char config[300];

    (void)snprintf(config, sizeof(config), "%s",
        test_folder_path(&rig->folder, "gmsd.conf"));
    (void)setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    for (const char *const *e = rig->environment; e != NULL && *e != NULL;
         e += 2)
        (void)setenv(e[0], e[1], 1);
    if (rig->notify >= 0)
        (void)setenv(
            "NOTIFY_SOCKET", test_folder_path(&rig->folder, "notify"), 1);
    (void)dup2(out, STDOUT_FILENO);
    (void)dup2(err, STDERR_FILENO);
    (void)execl(test_folder_path(&rig->folder, "gmsd"), "gmsd", "--config",
        config, (char *)NULL);
    _exit(126);
}

static void make_pipe(int fds[2])
{
    CU_ASSERT_EQUAL_FATAL(pipe(fds), 0);
    (void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
}

static void start(struct rig *rig)
{
    int out[2], err[2];

    make_pipe(out);
    make_pipe(err);
    rig->pid = fork();
    CU_ASSERT_FATAL(rig->pid >= 0);
    if (rig->pid == 0)
        become_gmsd(rig, out[1], err[1]);
    (void)close(out[1]);
    (void)close(err[1]);
    rig->out.fd = out[0];
    rig->err.fd = err[0];
}

/* More of it; false at its end, or when nothing comes. */
static bool more(struct stream *s)
{
    struct pollfd p = {.fd = s->fd, .events = POLLIN};
    ssize_t len;

    if (poll(&p, 1, PATIENCE_MS) != 1 || s->len + 1 >= sizeof(s->text))
        return false;
    len = read(s->fd, s->text + s->len, sizeof(s->text) - 1 - s->len);
    if (len <= 0)
        return false;
    s->len += (size_t)len;
    s->text[s->len] = '\0';
    return true;
}

/* Reads on to the next line that has the text, and past it: where the text
 * stands; NULL when it does not come. */
static const char *await(struct stream *s, const char *text)
{
    for (;;) {
        const char *at = strstr(s->text + s->taken, text);
        const char *lf = at != NULL ? strchr(at, '\n') : NULL;

        if (lf != NULL) {
            s->taken = (size_t)(lf + 1 - s->text);
            return at;
        }
        if (!more(s))
            return NULL;
    }
}

/* The pid that a line "... pid=N" says. */
static pid_t await_pid(struct stream *s, const char *text)
{
    const char *at = await(s, text), *pid;

    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    pid = strstr(at, " pid=");
    CU_ASSERT_PTR_NOT_NULL_FATAL(pid);
    return (pid_t)strtol(pid + 5, NULL, 10);
}

/* Until nobody holds it open any more: all that were started have ended. */
static bool await_end(struct stream *s)
{
    struct pollfd p = {.fd = s->fd, .events = POLLIN};

    while (more(s))
        ;
    return poll(&p, 1, PATIENCE_MS) == 1 && (p.revents & POLLHUP) != 0;
}

static int exit_status(struct rig *rig)
{
    int status = -1;

    CU_ASSERT_TRUE(await_end(&rig->out));
    CU_ASSERT_EQUAL(waitpid(rig->pid, &status, 0), rig->pid);
    rig->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static bool systemd_hears(const struct rig *rig, const char *want)
{
    struct pollfd p = {.fd = rig->notify, .events = POLLIN};
    char text[256];
    ssize_t len;

    if (poll(&p, 1, PATIENCE_MS) != 1)
        return false;
    len = recv(rig->notify, text, sizeof(text) - 1, 0);
    if (len <= 0)
        return false;
    text[len] = '\0';
    return strncmp(text, want, strlen(want)) == 0;
}

static bool is_gone(pid_t pid)
{
    return kill(pid, 0) != 0;
}

static void each_is_given_what_it_is_to_have_and_nothing_else(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_init(&rig);
    start(&rig);
    CU_ASSERT_PTR_NOT_NULL(await(&rig.out, "vault"));
    CU_ASSERT_PTR_NOT_NULL(await(&rig.out, "front vault"));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.out.text, "front fds=0,1,2,3 uid="));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(rig.out.text, "vault fds=0,1,2,3,4,5,6 keks=1 identity=3 uid="));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.out.text, " nnp=1 "));
    CU_ASSERT_EQUAL(kill(rig.pid, SIGTERM), 0);
    CU_ASSERT_EQUAL(exit_status(&rig), 0);
}

static void a_vault_that_dies_has_a_successor(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;
    pid_t first, second;

    rig_init(&rig);
    start(&rig);
    first = await_pid(&rig.out, "vault fds=");
    CU_ASSERT_PTR_NOT_NULL(await(&rig.out, "front vault"));
    CU_ASSERT_EQUAL(kill(first, SIGKILL), 0);
    second = await_pid(&rig.out, "vault fds=");
    CU_ASSERT_PTR_NOT_NULL(await(&rig.out, "front vault"));
    CU_ASSERT_NOT_EQUAL(first, second);
    CU_ASSERT_TRUE(is_gone(first));
    CU_ASSERT_EQUAL(kill(rig.pid, SIGTERM), 0);
    CU_ASSERT_EQUAL(exit_status(&rig), 0);
    CU_ASSERT_TRUE(is_gone(second));
}

static void a_vault_that_cannot_live_is_started_later_and_later(void)
{
    static const char *const environment[] = {"VAULT_EXIT", "1", NULL};
    static const char *const pauses[] = {"again_in_ms=50", "again_in_ms=100",
        "again_in_ms=200", "again_in_ms=400"};
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_init(&rig);
    rig.environment = environment;
    start(&rig);
    for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++)
        CU_ASSERT_PTR_NOT_NULL(await(&rig.err, pauses[i]));
    CU_ASSERT_EQUAL(kill(rig.pid, SIGTERM), 0);
    CU_ASSERT_EQUAL(exit_status(&rig), 0);
}

static void without_its_front_gmsd_ends_and_leaves_no_vault(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;
    pid_t front, vault;

    rig_init(&rig);
    start(&rig);
    front = await_pid(&rig.out, "front fds=");
    CU_ASSERT_PTR_NOT_NULL(await(&rig.out, "front vault"));
    rig.out.taken = 0;
    vault = await_pid(&rig.out, "vault fds=");
    CU_ASSERT_EQUAL(kill(front, SIGKILL), 0);
    CU_ASSERT_EQUAL(exit_status(&rig), 1);
    CU_ASSERT_TRUE(is_gone(vault));
}

static void a_front_that_gives_up_is_a_failure(void)
{
    static const char *const environment[] = {"FRONT_EXIT", "0", NULL};
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_init(&rig);
    rig.environment = environment;
    start(&rig);
    CU_ASSERT_EQUAL(exit_status(&rig), 1);
}

static void a_front_that_says_what_is_not_foreseen_is_ended(void)
{
    static const char *const environment[] = {"FRONT_SAYS", "x", NULL};
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_init(&rig);
    rig.environment = environment;
    start(&rig);
    CU_ASSERT_PTR_NOT_NULL(await(&rig.err, "monitor.front_talks"));
    (void)exit_status(&rig);
}

static void nobody_outlives_the_monitor(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_init(&rig);
    start(&rig);
    CU_ASSERT_PTR_NOT_NULL(await(&rig.out, "front vault"));
    CU_ASSERT_EQUAL(kill(rig.pid, SIGKILL), 0);
    CU_ASSERT_EQUAL(exit_status(&rig), -SIGKILL);
}

static void signals_reach_the_front_and_systemd_hears_of_it(void)
{
    static const char *const environment[] = {
        "FRONT_SAYS", "AA", "WATCHDOG_USEC", "20000000", NULL};
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_init(&rig);
    rig.environment = environment;
    listen_as_systemd(&rig);
    start(&rig);
    CU_ASSERT_TRUE(systemd_hears(&rig, "READY=1"));
    CU_ASSERT_TRUE(systemd_hears(&rig, "WATCHDOG=1"));
    CU_ASSERT_PTR_NOT_NULL(await(&rig.out, "front vault"));
    CU_ASSERT_EQUAL(kill(rig.pid, SIGHUP), 0);
    CU_ASSERT_TRUE(systemd_hears(&rig, "RELOADING=1\nMONOTONIC_USEC="));
    CU_ASSERT_PTR_NOT_NULL(await(&rig.out, "front hangup"));
    CU_ASSERT_TRUE(systemd_hears(&rig, "READY=1"));
    CU_ASSERT_EQUAL(kill(rig.pid, SIGTERM), 0);
    CU_ASSERT_TRUE(systemd_hears(&rig, "STOPPING=1"));
    CU_ASSERT_EQUAL(exit_status(&rig), 0);
    CU_ASSERT_PTR_NOT_NULL(await(&rig.out, "front drained"));
}

/* A configuration with which gmsd does not start, and what it says. */
static const struct {
    const char *lines, *says;
} refused[] = {
    {"kek_file = \"none\";", "none: not found"},
    {"kek_file = \"open\";", "open: denied"},
    {"kek_file = \"short\";", "short: malformed"},
    {"kek_file = \"long\";", "long: malformed"},
    {"kek_credential = \"kek\";", "kek: not found"},
    {"kek_file = \"kek\"; identity_file = \"none\";", "none: not found"},
    {"kek_file = \"kek\"; identity_file = \"open\";", "open: denied"},
    {"kek_file = \"kek\"; vault_log = \"none/log\";", "none/log: "},
    {"kek_file = \"kek\"; front_user = \"nobody of that name\";",
        "front: not found"},
    {"kek_file = \"kek\"; nonsense = 1;", "nonsense: no such option"},
};

static void does_not_start_without_what_the_vault_needs(void)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        MU_CLEANUP(rig_clear) struct rig rig;

        rig_init(&rig);
        write_secret(&rig, "open", 32, 0640);
        write_secret(&rig, "short", 31, 0600);
        write_secret(&rig, "long", 33, 0600);
        configure(&rig, refused[i].lines);
        start(&rig);
        CU_ASSERT_PTR_NOT_NULL(await(&rig.err, refused[i].says));
        CU_ASSERT_EQUAL(exit_status(&rig), 1);
    }
}

static void a_credential_of_systemd_is_a_source_too(void)
{
    const char *environment[] = {"CREDENTIALS_DIRECTORY", NULL, NULL};
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_init(&rig);
    environment[1] = rig.folder.path;
    rig.environment = environment;
    write_secret(&rig, "credential", 64, 0440);
    configure(&rig, "kek_credential = \"credential\";");
    start(&rig);
    CU_ASSERT_PTR_NOT_NULL(await(&rig.out, "keks=2 "));
    CU_ASSERT_EQUAL(kill(rig.pid, SIGTERM), 0);
    CU_ASSERT_EQUAL(exit_status(&rig), 0);
}

/* Only root can give its children to somebody else. */
static void runs_front_and_vault_under_other_accounts(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_init(&rig);
    configure(&rig, "kek_file = \"kek\"; front_user = \"nobody\"; vault_user = "
                    "\"daemon\";");
    CU_ASSERT_EQUAL_FATAL(chmod(rig.folder.path, 0755), 0);
    CU_ASSERT_EQUAL_FATAL(
        chmod(test_folder_path(&rig.folder, "gmsd-front"), 0755), 0);
    CU_ASSERT_EQUAL_FATAL(
        chmod(test_folder_path(&rig.folder, "gmsd-vault"), 0755), 0);
    start(&rig);
    if (geteuid() != 0) {
        CU_ASSERT_PTR_NOT_NULL(await(&rig.err, "front: denied"));
        CU_ASSERT_EQUAL(exit_status(&rig), 1);
        return;
    }
    CU_ASSERT_PTR_NOT_NULL(await(&rig.out, "front vault"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(rig.out.text, "front fds=0,1,2,3 uid=65534 "));
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.out.text, "identity=3 uid=1 nnp=1 "));
    CU_ASSERT_EQUAL(kill(rig.pid, SIGTERM), 0);
    CU_ASSERT_EQUAL(exit_status(&rig), 0);
}

static CU_TestInfo tests[] = {
    {"each is given what it is to have and nothing else",
        each_is_given_what_it_is_to_have_and_nothing_else},
    {"a vault that dies has a successor", a_vault_that_dies_has_a_successor},
    {"a vault that cannot live is started later and later",
        a_vault_that_cannot_live_is_started_later_and_later},
    {"without its front gmsd ends and leaves no vault",
        without_its_front_gmsd_ends_and_leaves_no_vault},
    {"a front that gives up is a failure", a_front_that_gives_up_is_a_failure},
    {"a front that says what is not foreseen is ended",
        a_front_that_says_what_is_not_foreseen_is_ended},
    {"nobody outlives the monitor", nobody_outlives_the_monitor},
    {"signals reach the front and systemd hears of it",
        signals_reach_the_front_and_systemd_hears_of_it},
    {"does not start without what the vault needs",
        does_not_start_without_what_the_vault_needs},
    {"a credential of systemd is a source, too",
        a_credential_of_systemd_is_a_source_too},
    {"runs front and vault under other accounts",
        runs_front_and_vault_under_other_accounts},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {"gmsd's monitor", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

int main(void)
{
    unsigned failed;

    if (CU_initialize_registry() != CUE_SUCCESS ||
        CU_register_suites(suites) != CUE_SUCCESS)
        return 2;
    CU_basic_set_mode(CU_BRM_NORMAL);
    (void)CU_basic_run_tests();
    failed = CU_get_number_of_tests_failed();
    (void)printf("%u passed, %u failed, 0 skipped\n",
        CU_get_number_of_tests_run() - failed, failed);
    CU_cleanup_registry();
    return failed == 0 ? 0 : 1;
}
