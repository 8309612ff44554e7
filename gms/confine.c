/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/confine.h"

#include <sys/prctl.h>
#include <sys/resource.h>

enum mu_err gms_confine(void)
{
    const struct rlimit none = {0, 0};

    if (setrlimit(RLIMIT_CORE, &none) != 0 ||
        prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0)
        return MU_E_UNSUPPORTED;
    return MU_OK;
}
