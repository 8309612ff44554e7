/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine.h - what the front takes from itself before it reads anything.
 */
#ifndef GMS_CONFINE_H
#define GMS_CONFINE_H

#include "base/err.h"

/*
 * From here on the process leaves no core dump, is not to be traced by its own
 * user, and gains no privileges by what it starts, which is nothing. It holds
 * no group's key, but TLS keys, tokens and the audit log's key.
 *
 * Returns MU_OK or MU_E_UNSUPPORTED.
 */
MU_MUST_CHECK enum mu_err gms_confine(void);

#endif
