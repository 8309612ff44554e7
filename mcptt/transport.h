/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transport.h - the two keys between a KMS and one user (TS 33.180 clauses
 * 9.3.4 and 9.3.5 and annex D).
 */
#ifndef MCPTT_TRANSPORT_H
#define MCPTT_TRANSPORT_H

#include "base/secret.h"

#define MCPTT_TRK_LEN 32
#define MCPTT_INK_LEN 32

SECRET_TYPE(mcptt_trk, MCPTT_TRK_LEN); /* wraps the user's keys (AES-256) */
SECRET_TYPE(mcptt_ink, MCPTT_INK_LEN); /* signs KMS messages (HMAC-SHA-256) */

#endif
