/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/confine.h"

#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/*
 * What there is no need for: every way to a network, to another program and
 * into another process. A list of what is allowed would say more, but would
 * break with the next C library; these are the doors that matter, io_uring
 * among them, which opens sockets without socket(2).
 */
static const int refused[] = {
    SCMP_SYS(socket),
    SCMP_SYS(socketpair),
    SCMP_SYS(connect),
    SCMP_SYS(bind),
    SCMP_SYS(listen),
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
};

static void drop(scmp_filter_ctx *ctx)
{
    seccomp_release(*ctx);
}

static enum mu_err install_filter(void)
{
    MU_CLEANUP(drop) scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

    if (ctx == NULL)
        return MU_E_NO_MEMORY;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        if (seccomp_rule_add(ctx, SCMP_ACT_KILL_PROCESS, refused[i], 0) != 0)
            return MU_E_UNSUPPORTED;
    return seccomp_load(ctx) == 0 ? MU_OK : MU_E_UNSUPPORTED;
}

/*
 * Keeps memory out of swap, if there is no limit to it: below one, later
 * allocations would fail. Else swap is the keepers' to switch off
 * (docs/ceremony.md).
 */
static void lock_memory(void)
{
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};

    if (setrlimit(RLIMIT_MEMLOCK, &all) == 0)
        (void)mlockall(MCL_CURRENT | MCL_FUTURE);
}

enum mu_err kms_confine(void)
{
    struct rlimit none = {0, 0};

    if (setrlimit(RLIMIT_CORE, &none) != 0 ||
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return MU_E_UNSUPPORTED;
    lock_memory();
    return install_filter();
}
