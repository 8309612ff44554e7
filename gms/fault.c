/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/fault.h"

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One process, one thread with points: the loop's. */
static struct {
    bool armed;
    char name[64];
    unsigned left;   /* passages of it until the end; 0: no end */
    unsigned passed; /* points of any name */
} fault;

void gms_fault_arm(const char *name, unsigned n)
{
    size_t len = strlen(name);

    if (len >= sizeof(fault.name))
        abort(); /* a test with a name that no point has */
    memcpy(fault.name, name, len + 1);
    fault.left = n;
    fault.passed = 0;
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
    fault.passed++;
    if (fault.left == 0 ||
        (strcmp(fault.name, "any") != 0 && strcmp(fault.name, name) != 0))
        return;
    if (--fault.left == 0)
        (void)kill(getpid(), SIGKILL);
}

unsigned gms_fault_passed(void)
{
    return fault.passed;
}
