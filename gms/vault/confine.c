/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/vault/confine.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/secret.h"

/*
 * Keeps memory out of swap, if there is no limit to it: below one, later
 * allocations would fail. The secrets' own pages are locked in any case.
 */
static void lock_memory(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (limit.rlim_max == RLIM_INFINITY &&
        setrlimit(RLIMIT_MEMLOCK, &limit) == 0)
        (void)mlockall(MCL_CURRENT | MCL_FUTURE);
}

enum mu_err gms_confine_process(void)
{
    struct rlimit none = {0, 0};

    if (setrlimit(RLIMIT_CORE, &none) != 0 ||
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return MU_E_UNSUPPORTED;
    lock_memory();
    return MU_OK;
}

void *gms_confine_pages(size_t len)
{
    void *pages = mmap(
        NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED)
        return NULL;
    if (mlock(pages, len) == 0 && madvise(pages, len, MADV_DONTDUMP) == 0 &&
        madvise(pages, len, MADV_DONTFORK) == 0)
        return pages;
    (void)munmap(pages, len);
    return NULL;
}

void gms_confine_pages_free(void *pages, size_t len)
{
    if (pages == NULL)
        return;
    mu_wipe(pages, len);
    (void)munmap(pages, len);
}

/* Memory, time, chance, threads that are there (rseq, set_robust_list and, with
 * a sanitizer, sched_getaffinity are of one that is just beginning), and the
 * end (abort() calls tgkill). */
static const int allowed[] = {
    SCMP_SYS(brk),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(close),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(futex),
    SCMP_SYS(getpid),
    SCMP_SYS(getrandom),
    SCMP_SYS(gettid),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(madvise),
    SCMP_SYS(mremap),
    SCMP_SYS(munmap),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rseq),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_yield),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(tgkill),
};

/* Looked for by libraries that do without: character sets, time zones. */
static const int unavailable[] = {
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(stat),
    SCMP_SYS(statx),
};

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static bool add_plain(scmp_filter_ctx ctx)
{
    for (size_t i = 0; i < LEN(allowed); i++)
        if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0) != 0)
            return false;
    for (size_t i = 0; i < LEN(unavailable); i++)
        if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EACCES), unavailable[i], 0) !=
            0)
            return false;
    return true;
}

/* A call on one descriptor, its first argument. */
static bool add_on(scmp_filter_ctx ctx, int call, int fd)
{
    return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, call, 1,
               SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)fd, 0)) == 0;
}

/* Memory, but none to run code from. */
static bool add_unexecutable(scmp_filter_ctx ctx, int call)
{
    return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, call, 1,
               SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
}

static bool add_fds(scmp_filter_ctx ctx, const struct gms_confine_fds *fds)
{
    return add_on(ctx, SCMP_SYS(recvfrom), fds->link) &&
           add_on(ctx, SCMP_SYS(sendto), fds->link) &&
           add_on(ctx, SCMP_SYS(read), fds->done) &&
           add_on(ctx, SCMP_SYS(write), fds->done) &&
           add_on(ctx, SCMP_SYS(write), STDERR_FILENO) &&
           add_on(ctx, SCMP_SYS(write), fds->log) &&
           add_on(ctx, SCMP_SYS(fdatasync), fds->log) &&
           add_on(ctx, SCMP_SYS(ftruncate), fds->log) &&
           add_unexecutable(ctx, SCMP_SYS(mmap)) &&
           add_unexecutable(ctx, SCMP_SYS(mprotect));
}

static void drop(scmp_filter_ctx *ctx)
{
    seccomp_release(*ctx);
}

enum mu_err gms_confine_calls(const struct gms_confine_fds *fds)
{
    MU_CLEANUP(drop) scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);

    if (ctx == NULL)
        return MU_E_NO_MEMORY;
    /* The workers are there already. */
    if (seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1) != 0 ||
        !add_plain(ctx) || !add_fds(ctx, fds))
        return MU_E_UNSUPPORTED;
    return seccomp_load(ctx) == 0 ? MU_OK : MU_E_UNSUPPORTED;
}
