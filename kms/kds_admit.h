/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kds_admit.h - how many requests are let in: a bucket that holds `burst`
 * tokens and gains `per_s` each second. Pure; time is an argument.
 *
 * After a loss of power every radio asks at the same moment. Whoever is not
 * let in is told when to come back, at a moment of his own.
 */
#ifndef KMS_KDS_ADMIT_H
#define KMS_KDS_ADMIT_H

#include <stdbool.h>
#include <stdint.h>

struct kds_admit {
    uint64_t per_s; /* 0: everyone is let in */
    uint64_t burst;
    uint64_t level; /* thousandths of a token: 0..1000 * burst */
    uint64_t at_ms;
};

/* Begins full. per_s <= 10^6, 1 <= burst <= 10^6. */
void kds_admit_init(
    struct kds_admit *a, uint64_t per_s, uint64_t burst, uint64_t now_ms);

/* One request at now_ms, which never goes back; whether it is let in. */
bool kds_admit_one(struct kds_admit *a, uint64_t now_ms);

#endif
