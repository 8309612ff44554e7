/* SPDX-License-Identifier: Apache-2.0 */
/*
 * order.h - a fault on command, as mcue fault sends it to mcue run: one line,
 *
 *     NAME TAB VALUE TAB MEMBER LF
 *
 *     lose     per cent of what comes to the member that it does not get
 *     drift    seconds by which its clock is ahead; with '-' behind
 *     restart  (no value) all but its keys is gone, and it begins again
 *     capture  absolute path of the file to make, with all its keys
 *
 * MEMBER is a URI; empty: all of them, which capture does not do. Pure.
 */
#ifndef UE_ORDER_H
#define UE_ORDER_H

#include "base/buf.h"

#define UE_ORDER_MAX    8192                /* octets of a line */
#define UE_DRIFT_MOST_S INT64_C(3155760000) /* a hundred years */

enum ue_order_kind {
    UE_ORDER_LOSE,
    UE_ORDER_DRIFT,
    UE_ORDER_RESTART,
    UE_ORDER_CAPTURE,
    UE_ORDER_KINDS
};

struct ue_order {
    enum ue_order_kind kind;
    unsigned percent;   /* of lose */
    int64_t drift_s;    /* of drift, at most UE_DRIFT_MOST_S either way */
    struct span path;   /* of capture */
    struct span member; /* empty: all */
};

const char *ue_order_name(enum ue_order_kind kind);

/* The value of a kind, as people write it too: "30", "-3600", "/tmp/keys".
 * Returns MU_OK or MU_E_MALFORMED; path borrows. */
MU_MUST_CHECK enum mu_err ue_order_value(
    enum ue_order_kind kind, struct span text, struct ue_order *out);

void ue_order_write(struct buf *out, const struct ue_order *in);

/* A line without its LF. Spans borrow. Returns MU_OK or MU_E_MALFORMED; *out
 * is untouched then. */
MU_MUST_CHECK enum mu_err ue_order_read(struct span line, struct ue_order *out);

#endif
