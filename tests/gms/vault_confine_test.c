/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is left to the vault once its filter is closed: each call is made by a
 * child that closes it first. The kernel ends the child by SIGSYS, or answers
 * for the call as gms/vault/confine.h says.
 */
#include "gms/vault/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/suites.h"

#define UNCONFINED 250 /* exit status: the filter could not be closed */
#define KILLED     251 /* what outcome() says of SIGSYS */
#define OTHERWISE  252

/* The vault's descriptors, and one that is not among them. */
struct world {
    struct gms_confine_fds fds;
    int far, stranger;
};

typedef long call(const struct world *w);

static void world_make(struct world *w)
{
    int pair[2] = {-1, -1};

    CU_ASSERT_FATAL(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
    w->fds.link = pair[0];
    w->far = pair[1];
    w->fds.done = eventfd(1, EFD_NONBLOCK);
    w->fds.log = open("/dev/null", O_WRONLY | O_CLOEXEC);
    w->stranger = open("/dev/null", O_RDWR | O_CLOEXEC);
    CU_ASSERT_FATAL(w->fds.done >= 0 && w->fds.log >= 0 && w->stranger >= 0);
}

static void world_clear(struct world *w)
{
    const int all[] = {
        w->fds.link, w->far, w->fds.done, w->fds.log, w->stranger};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        (void)close(all[i]);
}

static _Noreturn void be_child(const struct world *w, call *what)
{
    const struct rlimit no_core = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &no_core);
    if (gms_confine_calls(&w->fds) != MU_OK)
        _exit(UNCONFINED);
    _exit(what(w) < 0 ? errno : 0);
}

/* The errno of a call behind the filter, 0 for success, or KILLED. */
static int outcome(call *what)
{
    MU_CLEANUP(world_clear) struct world w;
    int status = 0;
    pid_t child;

    world_make(&w);
    child = fork();
    CU_ASSERT_FATAL(child >= 0);
    if (child == 0)
        be_child(&w, what);
    CU_ASSERT_FATAL(waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGSYS ? KILLED : OTHERWISE;
    CU_ASSERT_NOT_EQUAL(WEXITSTATUS(status), UNCONFINED);
    return WEXITSTATUS(status);
}

/* --------------------------------------------------------------- the calls */

/* By number: a library would make others first. */
static long make_socket(const struct world *w)
{
    (void)w;
    return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
}

static long make_pair(const struct world *w)
{
    int pair[2];

    (void)w;
    return syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, pair);
}

static long run_program(const struct world *w)
{
    static char *const none[] = {NULL};

    (void)w;
    return syscall(SYS_execve, "/bin/true", none, none);
}

static long make_process(const struct world *w)
{
    (void)w;
    return syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

static long trace(const struct world *w)
{
    (void)w;
    return syscall(SYS_ptrace, PTRACE_TRACEME, 0, NULL, NULL);
}

static long become_dumpable(const struct world *w)
{
    (void)w;
    return syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static long duplicate(const struct world *w)
{
    return syscall(SYS_dup2, w->stranger, w->fds.link);
}

static long make_code(const struct world *w)
{
    (void)w;
    return syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC,
        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static long read_stranger(const struct world *w)
{
    char octet;

    return syscall(SYS_read, w->stranger, &octet, 1);
}

static long write_stranger(const struct world *w)
{
    return syscall(SYS_write, w->stranger, "x", 1);
}

/* Descriptors leave by sendmsg(2) alone. */
static long pass_descriptor(const struct world *w)
{
    struct msghdr head = {.msg_iovlen = 0};

    return syscall(SYS_sendmsg, w->fds.link, &head, 0);
}

static long send_elsewhere(const struct world *w)
{
    return syscall(SYS_sendto, w->far, "x", 1, MSG_NOSIGNAL, NULL, 0);
}

static long open_file(const struct world *w)
{
    (void)w;
    return syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY, 0);
}

static long look_at_file(const struct world *w)
{
    (void)w;
    return syscall(SYS_faccessat, AT_FDCWD, "/dev/null", R_OK);
}

static long send_answer(const struct world *w)
{
    return syscall(SYS_sendto, w->fds.link, "x", 1, MSG_NOSIGNAL, NULL, 0);
}

static long read_done(const struct world *w)
{
    uint64_t count;

    return syscall(SYS_read, w->fds.done, &count, sizeof(count));
}

static long write_log(const struct world *w)
{
    return syscall(SYS_write, w->fds.log, "x", 1);
}

static long make_memory(const struct world *w)
{
    (void)w;
    return syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static long draw(const struct world *w)
{
    char octet;

    (void)w;
    return syscall(SYS_getrandom, &octet, 1, 0);
}

/* ---------------------------------------------------------------- the tests */

static void all_end_as(call *const *calls, size_t count, int expected)
{
    for (size_t i = 0; i < count; i++)
        CU_ASSERT_EQUAL(outcome(calls[i]), expected);
}

#define ALL_END_AS(calls, expected)                                            \
    all_end_as(calls, sizeof(calls) / sizeof((calls)[0]), expected)

static void no_socket_process_or_code_is_made(void)
{
    static call *const calls[] = {
        make_socket, make_pair, run_program, make_process, make_code};

    ALL_END_AS(calls, KILLED);
}

static void other_descriptors_end_it(void)
{
    static call *const calls[] = {read_stranger, write_stranger, duplicate,
        pass_descriptor, send_elsewhere};

    ALL_END_AS(calls, KILLED);
}

static void confinement_is_not_undone(void)
{
    static call *const calls[] = {trace, become_dumpable};

    ALL_END_AS(calls, KILLED);
}

/* Libraries look for files and do without. */
static void files_are_refused(void)
{
    static call *const calls[] = {open_file, look_at_file};

    ALL_END_AS(calls, EACCES);
}

/* Without which the others would prove nothing. */
static void what_it_lives_by_is_left(void)
{
    static call *const calls[] = {
        send_answer, read_done, write_log, make_memory, draw};

    ALL_END_AS(calls, 0);
}

CU_TestInfo gms_vault_confine_tests[] = {
    {"no socket, process or code is made", no_socket_process_or_code_is_made},
    {"other descriptors end it", other_descriptors_end_it},
    {"confinement is not undone", confinement_is_not_undone},
    {"files are refused", files_are_refused},
    {"what it lives by is left", what_it_lives_by_is_left},
    CU_TEST_INFO_NULL,
};
