/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ts.h - timestamp payloads: T (RFC 3830 clause 6.6) and TR, a timestamp with
 * a role (RFC 6043 clause 6.4). What an NTP value means is in mikey/ntp.h.
 */
#ifndef MIKEY_TS_H
#define MIKEY_TS_H

#include "base/bytes.h"
#include "mikey/codes.h"

struct mikey_ts {
    uint8_t next;
    uint8_t role; /* TR only, registry ts_role; 0 in T */
    uint8_t type; /* enum mikey_ts_type */
    uint64_t ts;  /* as on the wire: 32.32 for the two of 64 bits */
};

/* Faults: MU_E_UNSUPPORTED at "ts_type", whose value has no known length. */
void mikey_t_read(struct rd *r, struct mikey_ts *out);
void mikey_t_write(struct wr *w, const struct mikey_ts *in);
void mikey_tr_read(struct rd *r, struct mikey_ts *out);
void mikey_tr_write(struct wr *w, const struct mikey_ts *in);

/*
 * The timestamp as the 64 bits that go into a PRF or an IV: a COUNTER is
 * padded on the left, NTP-UTC-32 on the right with a zero fraction (RFC 3830
 * clause 6.6, RFC 6043 clause 6.4).
 */
uint64_t mikey_ts_64(const struct mikey_ts *ts);

#endif
