/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stamp.h - a timestamp of its own for each message of an initiator (RFC 3830
 * clause 5.2).
 *
 * Receivers take two messages with one timestamp for a replay, so a batch to a
 * thousand members at one reading of the clock steps the fraction of the NTP
 * timestamp, by 2^-32 seconds. All of them stay in the key period that the
 * identifiers were made for, since the period of a message is that of its
 * timestamp (RFC 6509 clause 3.2, TS 33.180 clause F.2.1).
 */
#ifndef MCPTT_STAMP_H
#define MCPTT_STAMP_H

#include "mcptt/period.h"

struct mcptt_stamp {
    uint64_t s;        /* since 1900, as in mcptt/period.h */
    uint32_t fraction; /* of a second, in units of 2^-32 */
};

/* Of a clock (base/clock.h) that counts milliseconds since 1970. */
struct mcptt_stamp mcptt_stamp_of_unix_ms(uint64_t unix_ms);

/* As the T payload has it; the seconds lose their era. */
uint64_t mcptt_stamp_ntp(struct mcptt_stamp stamp);

/*
 * An initiator's stamps. Zero at first; one per signing identity, for as long
 * as it signs: after a restart the clock has to have moved on.
 */
struct mcptt_stamps {
    struct mcptt_stamp last;
};

/*
 * The next stamp: now, or the smallest that is later than the one before.
 *
 *   now      from the clock
 *   period   that the sender's and the receiver's identifiers were made for
 *
 * Returns MU_OK; MU_E_EXPIRED when the stamp would not lie in the period, and
 * then nothing is used up: make the identifiers anew and ask again.
 */
MU_MUST_CHECK enum mu_err mcptt_stamps_next(struct mcptt_stamps *stamps,
    struct mcptt_stamp now, struct mcptt_interval period,
    struct mcptt_stamp *out);

#endif
