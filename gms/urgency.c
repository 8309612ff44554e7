/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/urgency.h"

const char *gms_condition_name(enum gms_condition condition)
{
    static const char *const names[GMS_CONDITIONS] = {
        [GMS_CONDITION_NORMAL] = "normal",
        [GMS_CONDITION_PERIL] = "imminent-peril",
        [GMS_CONDITION_EMERGENCY] = "emergency",
    };

    return (unsigned)condition < GMS_CONDITIONS ? names[condition] : "unknown";
}

bool gms_urgency_holds(const struct gms_urgency *urgency, uint64_t now_ms)
{
    return now_ms < urgency->until_ms;
}

enum gms_condition gms_urgency_condition(
    const struct gms_urgency *urgency, uint64_t now_ms)
{
    return gms_urgency_holds(urgency, now_ms) ? urgency->condition
                                              : GMS_CONDITION_NORMAL;
}

static enum gms_class more_urgent(enum gms_class a, enum gms_class b)
{
    return a < b ? a : b;
}

enum gms_class gms_urgency_class(enum gms_class by_reason,
    enum gms_condition condition, enum gms_standing standing)
{
    static const enum gms_class of_condition[GMS_CONDITIONS] = {
        [GMS_CONDITION_NORMAL] = GMS_CLASS_NORMAL,
        [GMS_CONDITION_PERIL] = GMS_CLASS_PERIL,
        [GMS_CONDITION_EMERGENCY] = GMS_CLASS_EMERGENCY};
    enum gms_class class = by_reason;

    /* A spare is for later, whatever goes on. */
    if (by_reason == GMS_CLASS_BACKGROUND)
        return by_reason;
    if (standing == GMS_STANDING_TALKER)
        class = more_urgent(class, GMS_CLASS_TALKER);
    return more_urgent(class, of_condition[condition]);
}

enum sip_urgency gms_urgency_of(
    enum gms_class class, enum gms_standing standing)
{
    static const enum sip_urgency of_class[GMS_CLASSES] = {
        [GMS_CLASS_EMERGENCY] = SIP_URGENT_EMERGENCY,
        [GMS_CLASS_PERIL] = SIP_URGENT_PERIL,
        [GMS_CLASS_EXCLUSION] = SIP_URGENT_EXCLUSION,
        [GMS_CLASS_TALKER] = SIP_URGENT_TALKER,
        [GMS_CLASS_NORMAL] = SIP_URGENT_REGISTERED,
        [GMS_CLASS_BACKGROUND] = SIP_URGENT_OFFLINE};
    static const enum sip_urgency of_standing[GMS_STANDINGS] = {
        [GMS_STANDING_MEMBER] = SIP_URGENT_REGISTERED,
        [GMS_STANDING_AFFILIATED] = SIP_URGENT_AFFILIATED,
        [GMS_STANDING_TALKER] = SIP_URGENT_TALKER};
    enum sip_urgency urgency = of_class[class];

    if (class == GMS_CLASS_NORMAL && of_standing[standing] < urgency)
        urgency = of_standing[standing];
    return urgency;
}
