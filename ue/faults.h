/* SPDX-License-Identifier: Apache-2.0 */
/*
 * faults.h - what goes wrong with one member at the moment, on command
 * (ue/order.h): messages to it are lost, its clock is off. Of the loop's
 * thread.
 */
#ifndef UE_FAULTS_H
#define UE_FAULTS_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/rng.h"

struct ue_faults {
    unsigned lose_percent; /* of what comes to it, 0 to 100 */
    int64_t drift_s;       /* its clock is ahead by so much */
    const struct mu_clock *real;
    const struct mu_rng *rng;
    struct mu_clock clock; /* the member's, by which it judges everything */
};

/* In place: it must not be moved after. Both are borrowed. */
void ue_faults_init(struct ue_faults *faults, const struct mu_clock *real,
    const struct mu_rng *rng);

/* Whether the message that has just come was lost on its way. */
bool ue_faults_lose(struct ue_faults *faults);

#endif
