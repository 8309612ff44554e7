/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.h - where all members stand: state, groups, and the identifiers of
 * their keys; never keys (mcue(1) has the form).
 */
#ifndef UE_STATUS_H
#define UE_STATUS_H

#include "base/buf.h"
#include "ue/crowd.h"

/* One JSON object on one line, or a line for each member, group and key. */
void ue_status_json(const struct ue_crowd *crowd, struct buf *out);
void ue_status_text(const struct ue_crowd *crowd, struct buf *out);

#endif
