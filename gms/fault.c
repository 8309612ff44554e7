/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/fault.h"

#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Points may be passed by several threads: the vault's, in a test that has it
 * inside. Whoever arms does so before there are any. */
static struct {
    bool armed;
    char name[64];
    atomic_uint left;   /* passages of it until the end; 0: no end */
    atomic_uint passed; /* points of any name */
} fault;

void gms_fault_arm(const char *name, unsigned n)
{
    size_t len = strlen(name);

    if (len >= sizeof(fault.name))
        abort(); /* a test with a name that no point has */
    memcpy(fault.name, name, len + 1);
    atomic_store(&fault.left, n);
    atomic_store(&fault.passed, 0);
    fault.armed = true;
}

/* NAME:N; anything else is a test that would prove nothing. */
static void arm_from_environment(void)
{
    const char *text = getenv("MUSTER_FAULT");
    const char *colon = text != NULL ? strrchr(text, ':') : NULL;
    char name[sizeof(fault.name)] = {0};
    unsigned long n;

    if (text == NULL) {
        gms_fault_arm("any", 0);
        return;
    }
    if (colon == NULL || (size_t)(colon - text) >= sizeof(name))
        abort();
    memcpy(name, text, (size_t)(colon - text));
    n = strtoul(colon + 1, NULL, 10);
    if (n == 0 || n > UINT_MAX)
        abort();
    gms_fault_arm(name, (unsigned)n);
}

void gms_fault_point(const char *name)
{
    if (!fault.armed)
        arm_from_environment();
    (void)atomic_fetch_add(&fault.passed, 1);
    if (atomic_load(&fault.left) == 0 ||
        (strcmp(fault.name, "any") != 0 && strcmp(fault.name, name) != 0))
        return;
    if (atomic_fetch_sub(&fault.left, 1) == 1)
        (void)kill(getpid(), SIGKILL);
}

unsigned gms_fault_passed(void)
{
    return atomic_load(&fault.passed);
}
