/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

/* No default: the compiler asks for each new code. */
const char *mu_err_name(enum mu_err err)
{
    switch (err) {
    case MU_OK:
        return "ok";
    case MU_E_MALFORMED:
        return "malformed";
    case MU_E_UNSUPPORTED:
        return "unsupported";
    case MU_E_DENIED:
        return "denied";
    case MU_E_NOT_FOUND:
        return "not found";
    case MU_E_EXPIRED:
        return "expired";
    case MU_E_STATE:
        return "wrong state";
    case MU_E_NO_SPACE:
        return "no space";
    case MU_E_NO_MEMORY:
        return "no memory";
    case MU_E_IO:
        return "input or output";
    case MU_E_CRYPTO:
        return "crypto";
    }
    return "unknown";
}
