/* SPDX-License-Identifier: Apache-2.0 */
/*
 * urgency.h - what comes first when not everything can go at once (anchors F1).
 *
 * A group document says who may make emergency and imminent peril calls; that
 * one is under way, who talks in it and who is affiliated, only MCPTT servers
 * know (TS 24.379 clauses 4.6.1 and 4.6.3: the in-progress emergency and
 * imminent peril states of a group). They say so by POST
 * /v1/groups/{group}/urgency. From that, and from why a key goes out, follow
 * the class of its delivery, in which the vault is asked, and the urgency of
 * the notification, in which the network is used:
 *
 *     condition of the group  reason    delivery    to a talker
 *     emergency               any       emergency   emergency
 *     imminent peril          any       peril       peril
 *     normal                  exclusion exclusion   exclusion
 *     normal                  other     normal      talker
 *     any                     a spare   background  background
 *
 * Of equally urgent deliveries, notifications go first to those who talk, then
 * to those affiliated, then to all who are subscribed.
 *
 * Pure.
 */
#ifndef GMS_URGENCY_H
#define GMS_URGENCY_H

#include "base/bytes.h"
#include "gms/delivery.h"
#include "sip/schedule.h"

enum gms_condition {
    GMS_CONDITION_NORMAL,
    GMS_CONDITION_PERIL,
    GMS_CONDITION_EMERGENCY,
    GMS_CONDITIONS
};
/* "normal", "imminent-peril", "emergency". */
const char *gms_condition_name(enum gms_condition condition);

/* What a member does in the group's call. */
enum gms_standing {
    GMS_STANDING_MEMBER, /* nothing that we know of */
    GMS_STANDING_AFFILIATED,
    GMS_STANDING_TALKER,
    GMS_STANDINGS
};

/* What was said last of a group, and until when it is to be believed: a server
 * that is gone takes nothing back. All zeros: nothing was said. */
struct gms_urgency {
    enum gms_condition condition;
    uint64_t until_ms; /* Unix */
};
bool gms_urgency_holds(const struct gms_urgency *urgency, uint64_t now_ms);
/* GMS_CONDITION_NORMAL when it holds no more. */
enum gms_condition gms_urgency_condition(
    const struct gms_urgency *urgency, uint64_t now_ms);

/* The class of a delivery whose reason alone would give it `by_reason`. */
enum gms_class gms_urgency_class(enum gms_class by_reason,
    enum gms_condition condition, enum gms_standing standing);

/* The urgency of the notification of such a delivery. */
enum sip_urgency gms_urgency_of(
    enum gms_class class, enum gms_standing standing);

#endif
