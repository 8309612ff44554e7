/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/urgency.h"

#include "tests/suites.h"

/* The table of gms/urgency.h and of issue 5, a second time by hand. */
static const struct {
    enum gms_class by_reason;
    enum gms_condition condition;
    enum gms_standing standing;
    enum gms_class class;
    enum sip_urgency urgency;
} cases[] = {
#define CASE(reason, condition, standing, class, urgency)                      \
    {                                                                          \
        GMS_CLASS_##reason, GMS_CONDITION_##condition,                         \
            GMS_STANDING_##standing, GMS_CLASS_##class, SIP_URGENT_##urgency   \
    }
    /* clang-format off */
    CASE(NORMAL, NORMAL, MEMBER, NORMAL, REGISTERED),
    CASE(NORMAL, NORMAL, AFFILIATED, NORMAL, AFFILIATED),
    CASE(NORMAL, NORMAL, TALKER, TALKER, TALKER),
    CASE(EXCLUSION, NORMAL, MEMBER, EXCLUSION, EXCLUSION),
    CASE(EXCLUSION, NORMAL, AFFILIATED, EXCLUSION, EXCLUSION),
    CASE(EXCLUSION, NORMAL, TALKER, EXCLUSION, EXCLUSION),
    CASE(BACKGROUND, NORMAL, MEMBER, BACKGROUND, OFFLINE),
    CASE(BACKGROUND, NORMAL, TALKER, BACKGROUND, OFFLINE),
    CASE(BACKGROUND, EMERGENCY, TALKER, BACKGROUND, OFFLINE),
    CASE(NORMAL, PERIL, MEMBER, PERIL, PERIL),
    CASE(NORMAL, PERIL, TALKER, PERIL, PERIL),
    CASE(EXCLUSION, PERIL, MEMBER, PERIL, PERIL),
    CASE(NORMAL, EMERGENCY, MEMBER, EMERGENCY, EMERGENCY),
    CASE(NORMAL, EMERGENCY, TALKER, EMERGENCY, EMERGENCY),
    CASE(EXCLUSION, EMERGENCY, AFFILIATED, EMERGENCY, EMERGENCY),
/* clang-format on */
#undef CASE
};

static void each_case_is_as_written(void)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum gms_class class = gms_urgency_class(
            cases[i].by_reason, cases[i].condition, cases[i].standing);

        CU_ASSERT_EQUAL(class, cases[i].class);
        CU_ASSERT_EQUAL(
            gms_urgency_of(class, cases[i].standing), cases[i].urgency);
    }
}

/* "emergency first, then exclusions, talkers, affiliated, registered,
 * offline". */
static void the_order_is_that_of_the_rule(void)
{
    CU_ASSERT(SIP_URGENT_EMERGENCY < SIP_URGENT_PERIL);
    CU_ASSERT(SIP_URGENT_PERIL < SIP_URGENT_EXCLUSION);
    CU_ASSERT(SIP_URGENT_EXCLUSION < SIP_URGENT_TALKER);
    CU_ASSERT(SIP_URGENT_TALKER < SIP_URGENT_AFFILIATED);
    CU_ASSERT(SIP_URGENT_AFFILIATED < SIP_URGENT_REGISTERED);
    CU_ASSERT(SIP_URGENT_REGISTERED < SIP_URGENT_OFFLINE);
}

static void nothing_is_less_urgent_for_what_is_known(void)
{
    for (int class = 0; class < GMS_CLASSES; class ++)
        for (int condition = 0; condition < GMS_CONDITIONS; condition++)
            for (int standing = 0; standing < GMS_STANDINGS; standing++)
                CU_ASSERT(
                    gms_urgency_class((enum gms_class) class,
                        (enum gms_condition)condition,
                        (enum gms_standing)standing) <= (enum gms_class) class);
}

static void what_was_said_holds_for_a_time(void)
{
    const struct gms_urgency said = {GMS_CONDITION_PERIL, 1000}, never = {0};

    CU_ASSERT(gms_urgency_holds(&said, 999));
    CU_ASSERT_EQUAL(gms_urgency_condition(&said, 999), GMS_CONDITION_PERIL);
    CU_ASSERT(!gms_urgency_holds(&said, 1000));
    CU_ASSERT_EQUAL(gms_urgency_condition(&said, 1000), GMS_CONDITION_NORMAL);
    CU_ASSERT(!gms_urgency_holds(&never, 0));
}

static void conditions_have_names(void)
{
    CU_ASSERT_STRING_EQUAL(gms_condition_name(GMS_CONDITION_NORMAL), "normal");
    CU_ASSERT_STRING_EQUAL(
        gms_condition_name(GMS_CONDITION_PERIL), "imminent-peril");
    CU_ASSERT_STRING_EQUAL(
        gms_condition_name(GMS_CONDITION_EMERGENCY), "emergency");
    CU_ASSERT_STRING_EQUAL(gms_condition_name(GMS_CONDITIONS), "unknown");
}

CU_TestInfo gms_urgency_tests[] = {
    {"each case is as written", each_case_is_as_written},
    {"the order is that of the rule", the_order_is_that_of_the_rule},
    {"nothing is less urgent for what is known",
        nothing_is_less_urgent_for_what_is_known},
    {"what was said holds for a time", what_was_said_holds_for_a_time},
    {"conditions have names", conditions_have_names},
    CU_TEST_INFO_NULL,
};
