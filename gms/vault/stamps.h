/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stamps.h - a timestamp of its own for each message that the vault signs.
 *
 * Of the present period: now, stepped where the clock stands still
 * (mcptt/stamp.h). Of a period that is prebuilt: within its first
 * GMS_STAMPS_AHEAD_S seconds, at a place that the moment of signing gives, so
 * that a vault that was started again does not repeat what it signed before.
 */
#ifndef GMS_VAULT_STAMPS_H
#define GMS_VAULT_STAMPS_H

#include "gms/vault/rules.h"

/* 2^34 milliseconds, half a year of clock, are spread over 2^38 places. */
#define GMS_STAMPS_AHEAD_S 64

/* Zero at first; one for each vault. */
struct gms_stamps {
    struct mcptt_stamps present;
    uint64_t ahead; /* the last place given out, not reduced */
};

/*
 * The earliest moment that the next stamp may have, in seconds since 1900: for
 * what depends on the period it lies in.
 */
uint64_t gms_stamps_from(const struct gms_vault_time *time, uint64_t unix_ms);

/*
 * The next one.
 *
 *   period  that it has to lie in: of time->period and the sender's own
 *
 * Returns MU_OK or MU_E_EXPIRED, with nothing used up.
 */
MU_MUST_CHECK enum mu_err gms_stamps_next(struct gms_stamps *stamps,
    const struct gms_vault_time *time, struct mcptt_interval period,
    uint64_t unix_ms, struct mcptt_stamp *out);

#endif
