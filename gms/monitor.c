/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "gms/kek.h"
#include "gms/key_file.h"
#include "gms/process.h"
#include "gms/spawn.h"

#define NEVER UINT64_MAX

enum phase {
    STARTING, /* the front has not said that it is ready */
    SERVING,
    ENDING, /* the front was told to end */
    OVER    /* it has ended; the vault is waited for */
};

struct monitor {
    const struct gms_monitor_config *config;
    const struct mu_clock *clock;
    enum phase phase;
    enum mu_err result;   /* once OVER */
    int signals, control; /* descriptors; -1: none */
    pid_t front, vault;   /* 0: none */
    uint64_t vault_began_ms, pause_ms;
    uint64_t vault_at_ms; /* when to start the next; NEVER: one is there */
    uint64_t kill_at_ms;  /* patience ends; NEVER: not awaiting an end */
    uint64_t watchdog_ms; /* how often systemd wants to hear; 0: never */
    uint64_t barked_ms;
};

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static uint64_t now_ms(const struct monitor *m)
{
    return mu_clock_mono_ms(m->clock);
}

/* --------------------------------------------------------------- programs */

struct path {
    char text[MU_PATH_MAX];
};

static enum mu_err program(
    const struct monitor *m, const char *name, struct path *out)
{
    int len = snprintf(
        out->text, sizeof(out->text), "%s/%s", m->config->programs, name);

    return len >= 0 && (size_t)len < sizeof(out->text) ? MU_OK : MU_E_NO_SPACE;
}

struct pair {
    int ours, theirs;
};

static void pair_close(const struct pair *pair)
{
    close_fd(&pair->ours);
    close_fd(&pair->theirs);
}

static enum mu_err open_pair(struct pair *out)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return MU_E_IO;
    *out = (struct pair){ends[0], ends[1]};
    return MU_OK;
}

static enum mu_err start_front(struct monitor *m)
{
    const struct gms_conf *conf = m->config->conf;
    const char *const argv[] = {
        "gmsd-front", "--config", m->config->conf_path, NULL};
    MU_CLEANUP(pair_close) struct pair line = {-1, -1};
    struct gms_spawn_fd fd = {.as = GMS_FD_CONTROL};
    struct path path;
    const struct gms_spawn spawn = {.path = path.text,
        .argv = argv,
        .fds = &fd,
        .fds_len = 1,
        .user = conf->front_user};

    TRY(program(m, argv[0], &path));
    TRY(open_pair(&line));
    fd.from = line.theirs;
    TRY(gms_spawn(&spawn, &m->front));
    m->control = line.ours;
    line.ours = -1;
    return MU_OK;
}

/* What the vault is given besides its line; opened anew for each. */
struct vault_files {
    int kek, identity, log;
};

static void vault_files_close(const struct vault_files *files)
{
    close_fd(&files->kek);
    close_fd(&files->identity);
    close_fd(&files->log);
}

static enum mu_err open_log(const char *path, int *fd)
{
    *fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
        S_IRUSR | S_IWUSR);
    return *fd >= 0 ? MU_OK : MU_E_IO;
}

static enum mu_err open_vault_files(
    const struct monitor *m, struct vault_files *out, const char **what)
{
    const struct gms_conf *conf = m->config->conf;
    struct gms_kek_why why;
    enum mu_err err = gms_kek_open(conf, m->config->programs, &out->kek, &why);

    *what = why.what;
    TRY(err);
    *what = conf->identity_file;
    TRY(gms_key_file_open(conf->identity_file, &out->identity));
    *what = conf->vault_log;
    return open_log(conf->vault_log, &out->log);
}

/* What the vault is to believe of us, and not of the front. */
/* What the vault must not believe the front, as numbers. */
enum vault_number {
    VAULT_PERIODS,
    VAULT_THREADS,
    VAULT_CSK_PER_S,
    VAULT_CSK_BURST,
    VAULT_CSK_EACH_PER_S,
    VAULT_CSK_EACH_BURST,
    VAULT_NUMBERS
};

struct vault_arguments {
    char numbers[VAULT_NUMBERS][24];
    const char *argv[2 * VAULT_NUMBERS + 5];
};

static const char **set_numbers(
    const struct gms_conf *conf, struct vault_arguments *out, const char **argv)
{
    const struct {
        const char *option;
        uint64_t value;
    } numbers[VAULT_NUMBERS] = {
        [VAULT_PERIODS] = {"--prebuild-periods", conf->policy.prebuild_periods},
        [VAULT_THREADS] = {"--threads", conf->limits.vault_workers},
        [VAULT_CSK_PER_S] = {"--csk-per-s", conf->csk.per_s},
        [VAULT_CSK_BURST] = {"--csk-burst", conf->csk.burst},
        [VAULT_CSK_EACH_PER_S] = {"--csk-each-per-s", conf->csk.each_per_s},
        [VAULT_CSK_EACH_BURST] = {"--csk-each-burst", conf->csk.each_burst},
    };

    for (size_t i = 0; i < VAULT_NUMBERS; i++) {
        (void)snprintf(out->numbers[i], sizeof(out->numbers[i]), "%llu",
            (unsigned long long)numbers[i].value);
        *argv++ = numbers[i].option;
        *argv++ = out->numbers[i];
    }
    return argv;
}

static void set_arguments(
    const struct gms_conf *conf, struct vault_arguments *out)
{
    static const char *const levels[] = {
        [MU_LOG_ERROR] = "error",
        [MU_LOG_WARNING] = "warning",
        [MU_LOG_INFO] = "info",
        [MU_LOG_DEBUG] = "debug",
    };
    const char **argv = out->argv;

    *argv++ = "gmsd-vault";
    argv = set_numbers(conf, out, argv);
    *argv++ = "--log-level";
    *argv++ = levels[conf->log_level];
    if (conf->log_format == MU_LOG_JSON)
        *argv++ = "--log-json";
    *argv = NULL;
}

static enum mu_err spawn_vault(
    struct monitor *m, const struct vault_files *files, int line)
{
    struct vault_arguments arguments;
    const struct gms_spawn_fd fds[] = {{line, GMS_FD_LINK},
        {files->kek, GMS_FD_KEK}, {files->identity, GMS_FD_IDENTITY},
        {files->log, GMS_FD_LOG}};
    struct path path;
    const struct gms_spawn spawn = {.path = path.text,
        .argv = arguments.argv,
        .fds = fds,
        .fds_len = sizeof(fds) / sizeof(fds[0]),
        .user = m->config->conf->vault_user};

    set_arguments(m->config->conf, &arguments);
    TRY(program(m, arguments.argv[0], &path));
    return gms_spawn(&spawn, &m->vault);
}

/* The end of the vault's line, in a message of its own. */
static bool send_fd(int line, int fd)
{
    union {
        struct cmsghdr align;
        char octets[CMSG_SPACE(sizeof(int))];
    } room = {.octets = {0}};
    char octet = GMS_CONTROL_VAULT;
    struct iovec part = {&octet, sizeof(octet)};
    struct msghdr message = {.msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = room.octets,
        .msg_controllen = sizeof(room.octets)};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);

    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(fd));
    memcpy(CMSG_DATA(head), &fd, sizeof(fd));
    return sendmsg(line, &message, MSG_NOSIGNAL | MSG_DONTWAIT) ==
           sizeof(octet);
}

static enum mu_err start_vault(struct monitor *m, const char **what)
{
    MU_CLEANUP(vault_files_close) struct vault_files files = {-1, -1, -1};
    MU_CLEANUP(pair_close) struct pair line = {-1, -1};

    TRY(open_vault_files(m, &files, what));
    *what = "vault";
    TRY(open_pair(&line));
    TRY(spawn_vault(m, &files, line.theirs));
    m->vault_began_ms = now_ms(m);
    m->vault_at_ms = NEVER;
    mu_log(MU_LOG_INFO, "monitor.vault_started",
        mu_log_u64("pid", (uint64_t)m->vault));
    /* A front that is gone is heard of otherwise; without its line the vault
     * ends by itself. */
    if (!send_fd(m->control, line.ours))
        mu_log_event(MU_LOG_ERROR, "monitor.not_handed_over");
    return MU_OK;
}

/* A vault that did not live long is not helped by being started at once. */
static void plan_vault(struct monitor *m)
{
    uint64_t now = now_ms(m);

    if (now - m->vault_began_ms >= GMS_VAULT_PROVEN_MS)
        m->pause_ms = GMS_VAULT_PAUSE_MS;
    m->vault_at_ms = now + m->pause_ms;
    m->pause_ms *= 2;
    if (m->pause_ms > GMS_VAULT_PAUSE_MAX_MS)
        m->pause_ms = GMS_VAULT_PAUSE_MAX_MS;
}

static void restart_vault(struct monitor *m)
{
    const char *what = "";
    enum mu_err err;

    if (m->vault_at_ms == NEVER || now_ms(m) < m->vault_at_ms)
        return;
    err = start_vault(m, &what);
    if (err == MU_OK)
        return;
    mu_log(MU_LOG_ERROR, "monitor.vault_not_started", mu_log_str("what", what),
        mu_log_err("why", err));
    plan_vault(m);
}

/* --------------------------------------------------------------- the end */

static void end_front(struct monitor *m)
{
    if (m->phase == ENDING || m->phase == OVER)
        return;
    m->phase = ENDING;
    m->kill_at_ms = now_ms(m) + m->config->conf->limits.drain_ms + GMS_END_MS;
    (void)sd_notify(0, "STOPPING=1");
    mu_log_event(MU_LOG_INFO, "monitor.ending");
    (void)kill(m->front, SIGTERM);
}

/* With the front the vault's line has ended. */
static void front_ended(struct monitor *m, int status)
{
    /* By the signal itself while it did not yet wait for it. */
    bool well = m->phase == ENDING &&
                ((WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
                    (WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM));

    mu_log(well ? MU_LOG_INFO : MU_LOG_ERROR, "monitor.front_ended",
        mu_log_u64("status", (uint64_t)(unsigned)status),
        mu_log_bool("told", m->phase == ENDING));
    m->front = 0;
    m->phase = OVER;
    m->result = well ? MU_OK : MU_E_STATE;
    m->vault_at_ms = NEVER;
    m->kill_at_ms = now_ms(m) + GMS_END_MS;
}

static void vault_ended(struct monitor *m, int status)
{
    m->vault = 0;
    if (m->phase == ENDING || m->phase == OVER)
        return;
    plan_vault(m);
    mu_log(MU_LOG_ERROR, "monitor.vault_ended",
        mu_log_u64("status", (uint64_t)(unsigned)status),
        mu_log_u64("again_in_ms", m->vault_at_ms - now_ms(m)));
}

static void reap(struct monitor *m)
{
    int status = 0;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == m->front)
            front_ended(m, status);
        else if (pid == m->vault)
            vault_ended(m, status);
    }
}

static void lose_patience(struct monitor *m)
{
    if (now_ms(m) < m->kill_at_ms)
        return;
    m->kill_at_ms = NEVER;
    mu_log_event(MU_LOG_ERROR, "monitor.killing");
    if (m->front > 0)
        (void)kill(m->front, SIGKILL);
    else if (m->vault > 0)
        (void)kill(m->vault, SIGKILL);
}

/* ---------------------------------------------------- signals, the front */

static void reload(const struct monitor *m)
{
    if (m->phase != SERVING)
        return;
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
        (unsigned long long)now_ms(m) * 1000);
    (void)kill(m->front, SIGHUP);
}

static void on_signal(struct monitor *m)
{
    struct signalfd_siginfo info;

    if (read(m->signals, &info, sizeof(info)) != sizeof(info))
        return;
    switch (info.ssi_signo) {
    case SIGCHLD:
        reap(m);
        break;
    case SIGHUP:
        reload(m);
        break;
    default:
        end_front(m);
    }
}

static void on_alive(struct monitor *m)
{
    uint64_t now = now_ms(m);

    if (m->watchdog_ms == 0 || now - m->barked_ms < m->watchdog_ms / 2)
        return;
    m->barked_ms = now;
    (void)sd_notify(0, "WATCHDOG=1");
}

static void on_octet(struct monitor *m, char octet)
{
    switch (octet) {
    case GMS_CONTROL_READY:
        if (m->phase == STARTING)
            m->phase = SERVING;
        (void)sd_notify(0, "READY=1");
        mu_log_event(MU_LOG_INFO, "monitor.ready");
        break;
    case GMS_CONTROL_RELOADED:
        (void)sd_notify(0, "READY=1");
        break;
    case GMS_CONTROL_ALIVE:
        on_alive(m);
        break;
    default:
        mu_log_event(MU_LOG_ERROR, "monitor.front_talks");
        end_front(m);
    }
}

/* At its end the front is ending, too, and SIGCHLD follows. */
static void on_control(struct monitor *m)
{
    char octets[2];
    ssize_t len = recv(m->control, octets, sizeof(octets), MSG_DONTWAIT);

    if (len == 1) {
        on_octet(m, octets[0]);
    } else if (len > 1) {
        on_octet(m, '\0');
    } else if (len == 0 || (errno != EAGAIN && errno != EINTR)) {
        (void)close(m->control);
        m->control = -1;
    }
}

/* ---------------------------------------------------------------- the loop */

/* Milliseconds to the next thing to do by time; -1: none. */
static int wait_ms(const struct monitor *m)
{
    uint64_t at =
        m->vault_at_ms < m->kill_at_ms ? m->vault_at_ms : m->kill_at_ms;
    uint64_t now = now_ms(m);

    if (at == NEVER)
        return -1;
    return at <= now ? 0 : (int)(at - now);
}

static void turn(struct monitor *m)
{
    struct pollfd fds[] = {{.fd = m->signals, .events = POLLIN},
        {.fd = m->control, .events = POLLIN}};

    if (poll(fds, sizeof(fds) / sizeof(fds[0]), wait_ms(m)) < 0)
        return;
    if (fds[1].revents != 0)
        on_control(m);
    if (fds[0].revents != 0)
        on_signal(m);
    restart_vault(m);
    lose_patience(m);
}

static enum mu_err take_signals(struct monitor *m)
{
    sigset_t all;

    (void)sigemptyset(&all);
    (void)sigaddset(&all, SIGCHLD);
    (void)sigaddset(&all, SIGHUP);
    (void)sigaddset(&all, SIGINT);
    (void)sigaddset(&all, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &all, NULL) != 0)
        return MU_E_IO;
    m->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
    return m->signals >= 0 ? MU_OK : MU_E_IO;
}

static void set_watchdog(struct monitor *m)
{
    uint64_t us = 0;

    if (sd_watchdog_enabled(0, &us) > 0)
        m->watchdog_ms = us / 1000;
}

static void monitor_clear(const struct monitor *m)
{
    close_fd(&m->signals);
    close_fd(&m->control);
}

/* Whom it began and cannot go on with. */
static void give_up(struct monitor *m)
{
    if (m->front > 0)
        (void)kill(m->front, SIGKILL);
    if (m->vault > 0)
        (void)kill(m->vault, SIGKILL);
}

static enum mu_err start(struct monitor *m, const char **what)
{
    enum mu_err err;

    *what = "signals";
    TRY(take_signals(m));
    set_watchdog(m);
    *what = "front";
    TRY(start_front(m));
    err = start_vault(m, what);
    if (err != MU_OK)
        give_up(m);
    return err;
}

enum mu_err gms_monitor_run(
    const struct gms_monitor_config *config, const char **what)
{
    MU_CLEANUP(monitor_clear)
    struct monitor m = {.config = config,
        .clock = mu_clock_system(),
        .phase = STARTING,
        .signals = -1,
        .control = -1,
        .pause_ms = GMS_VAULT_PAUSE_MS,
        .vault_at_ms = NEVER,
        .kill_at_ms = NEVER};

    TRY(start(&m, what));
    *what = "front";
    while (m.phase != OVER || m.vault > 0)
        turn(&m);
    mu_log_event(MU_LOG_INFO, "monitor.stopped");
    return m.result;
}
