/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.h - what happens to the members, one line an event, for people or as
 * JSON (mcue(1) has the list). Keys are never in it, their identifiers are.
 */
#ifndef UE_REPORT_H
#define UE_REPORT_H

#include <stdio.h>

#include "base/clock.h"
#include "mcptt/key_id.h"

/* Texts and spans that are empty, and numbers that say so, are left out. */
struct ue_event {
    const char *name; /* "ready", "key", "current" ... */
    struct span user, group;
    bool has_key;
    struct mcptt_key_id gmk_id, guk_id;
    bool has_times;
    uint64_t from_s, until_s; /* until_s UINT64_MAX: never, written as 0 */
    const char *state;        /* of a key */
    unsigned status;          /* of an answer; 0: none */
    uint64_t period;          /* 0: none */
    struct span id;           /* of a GKTP */
    const char *cause;        /* of a refusal: one word (ue/cause.h) */
    const char *why;
};

struct ue_report {
    FILE *to;
    bool json;
    const struct mu_clock *clock;
    bool broken; /* nobody reads any more */
};

/* report NULL: goes nowhere. */
void ue_report(struct ue_report *report, const struct ue_event *event);

#endif
