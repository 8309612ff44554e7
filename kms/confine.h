/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine.h - what the offline tool takes from itself before its first command.
 */
#ifndef KMS_CONFINE_H
#define KMS_CONFINE_H

#include "base/err.h"

/*
 * From here on the process and all its threads make no socket, start no other
 * program, trace nobody and are traced by nobody; leave no core dump; and keep
 * their memory out of swap, where the system lets them. A system call that is
 * refused ends the process.
 *
 * Returns MU_OK; MU_E_UNSUPPORTED when the kernel does not take the filter: the
 * tool then does nothing at all.
 */
MU_MUST_CHECK enum mu_err kms_confine(void);

#endif
