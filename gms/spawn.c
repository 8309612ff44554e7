/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/spawn.h"

#include <assert.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Above every number that a program of ours is given. */
#define ASIDE 64

/* What systemd tells the monitor is not for its children. */
static const char *const not_inherited[] = {"NOTIFY_SOCKET", "WATCHDOG_PID",
    "WATCHDOG_USEC", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES",
    "CREDENTIALS_DIRECTORY"};

struct account {
    const char *name;
    uid_t uid;
    gid_t gid;
    bool other; /* than ours */
};

static enum mu_err find_account(const char *name, struct account *out)
{
    const struct passwd *entry;

    *out = (struct account){.name = name};
    if (name[0] == '\0')
        return MU_OK;
    entry = getpwnam(name);
    if (entry == NULL)
        return MU_E_NOT_FOUND;
    out->uid = entry->pw_uid;
    out->gid = entry->pw_gid;
    out->other = entry->pw_uid != geteuid();
    return out->other && geteuid() != 0 ? MU_E_DENIED : MU_OK;
}

/* ---- in the child: false ends it ---- */

/* All are taken aside first, so that none is overwritten by another. */
static bool place_fds(const struct gms_spawn *what)
{
    int aside[GMS_SPAWN_FDS_MAX];
    int null = open("/dev/null", O_RDONLY);
    int end = STDERR_FILENO + 1;

    if (null < 0 || dup2(null, STDIN_FILENO) != STDIN_FILENO)
        return false;
    for (size_t i = 0; i < what->fds_len; i++) {
        aside[i] = fcntl(what->fds[i].from, F_DUPFD, ASIDE);
        if (aside[i] < 0)
            return false;
    }
    for (size_t i = 0; i < what->fds_len; i++) {
        if (dup2(aside[i], what->fds[i].as) != what->fds[i].as)
            return false;
        if (what->fds[i].as >= end)
            end = what->fds[i].as + 1;
    }
    closefrom(end);
    return true;
}

static bool become(const struct account *account)
{
    return !account->other ||
           (initgroups(account->name, account->gid) == 0 &&
               setgid(account->gid) == 0 && setuid(account->uid) == 0);
}

/* A change of user clears the wish to die with the parent, so it comes after;
 * a parent that died before is noticed. */
static bool bind_to_parent(pid_t parent)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == 0 &&
           prctl(PR_SET_PDEATHSIG, (long)SIGKILL, 0L, 0L, 0L) == 0 &&
           getppid() == parent;
}

static bool reset_signals(void)
{
    sigset_t none;

    (void)sigemptyset(&none);
    return signal(SIGPIPE, SIG_DFL) != SIG_ERR &&
           sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

static void run(
    const struct gms_spawn *what, const struct account *account, pid_t parent)
{
    /* execv() takes its texts as not const, and does not change them. */
    const union {
        const char *const *in;
        char *const *out;
    } argv = {what->argv};

    for (size_t i = 0; i < sizeof(not_inherited) / sizeof(not_inherited[0]);
         i++)
        (void)unsetenv(not_inherited[i]);
    if (place_fds(what) && become(account) && bind_to_parent(parent) &&
        reset_signals())
        (void)execv(what->path, argv.out);
    _exit(127);
}

enum mu_err gms_spawn(const struct gms_spawn *what, pid_t *pid)
{
    struct account account;
    pid_t parent = getpid(), child;

    assert(what->fds_len <= GMS_SPAWN_FDS_MAX);
    if (access(what->path, X_OK) != 0)
        return MU_E_NOT_FOUND;
    TRY(find_account(what->user, &account));
    child = fork();
    if (child < 0)
        return MU_E_IO;
    if (child == 0)
        run(what, &account, parent);
    *pid = child;
    return MU_OK;
}
