/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capture.h - what somebody has who takes a member's device as it is: all its
 * keys, in the clear. For tests that show what he can open with them and, the
 * member once expelled, what not. Only ever on command.
 *
 * A line a fact, "NAME VALUE", octets in hex:
 *
 *     user, trk                     the member; its transport key
 *     kms, kpak, z                  its KMS
 *     period, uid, rsk, ssk, pvt    for each key period
 *     group, gmk-id, gmk            for each key of each group
 */
#ifndef UE_CAPTURE_H
#define UE_CAPTURE_H

#include "ue/member.h"

/*
 * Makes a file that nobody else may read.
 *
 * Returns MU_OK; MU_E_STATE when the member has no keys of its own yet, or
 * there is something at path; MU_E_CRYPTO; MU_E_IO; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err ue_capture(
    const struct ue_member *member, const char *path);

#endif
