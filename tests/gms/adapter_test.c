/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/adapter.h"

#include <string.h>

#include "tests/suites.h"
#include "xml/kms_krr.h"

static enum gms_fate fate(enum gms_carrier carrier, unsigned status,
    uint32_t retry_after_s, unsigned tries)
{
    const struct sip_outcome outcome = {
        .status = status, .retry_after_s = retry_after_s};

    return gms_adapter_fate(carrier, &outcome,
        &(struct gms_attempt){SIP_URGENT_REGISTERED, tries, false});
}

static void each_way_has_its_row(void)
{
    static const struct {
        const char *name;
        enum gms_carrier carrier;
        bool by_choice;
    } wanted[GMS_ADAPTERS] = {
        {"xcap", GMS_CARRIER_DOCUMENT, false},
        {"xcap-inline", GMS_CARRIER_NOTIFY, false},
        {"mikey-part", GMS_CARRIER_NOTIFY, true},
        {"message", GMS_CARRIER_MESSAGE, true},
    };

    for (int i = 0; i < GMS_ADAPTERS; i++) {
        const struct gms_adapter_row *row =
            gms_adapter_row((enum gms_adapter)i);

        CU_ASSERT_STRING_EQUAL(row->name, wanted[i].name);
        CU_ASSERT_EQUAL(row->carrier, wanted[i].carrier);
        CU_ASSERT_EQUAL(row->off_by_default, wanted[i].by_choice);
        CU_ASSERT(strlen(row->how) > 0 && strlen(row->proof) > 0);
    }
}

static void what_is_off_by_default_has_its_option(void)
{
    const struct gms_conf_sip none = {.mikey_part = false};
    const struct gms_conf_sip all = {.mikey_part = true, .message = true};

    for (int i = 0; i < GMS_ADAPTERS; i++) {
        enum gms_adapter adapter = (enum gms_adapter)i;

        CU_ASSERT_EQUAL(gms_adapter_is_on(&none, adapter),
            !gms_adapter_row(adapter)->off_by_default);
        CU_ASSERT(gms_adapter_is_on(&all, adapter));
    }
}

static void an_answer_means_what_the_rfcs_say(void)
{
    static const struct {
        unsigned status;
        enum gms_fate notify, message;
    } rows[] = {
        {200, GMS_FATE_DONE, GMS_FATE_DONE},
        {202, GMS_FATE_DONE, GMS_FATE_DONE},
        {302, GMS_FATE_ABSENT, GMS_FATE_REFUSED},
        {403, GMS_FATE_ABSENT, GMS_FATE_REFUSED},
        {404, GMS_FATE_ABSENT, GMS_FATE_ABSENT},
        {408, GMS_FATE_ABSENT, GMS_FATE_AGAIN},
        {410, GMS_FATE_ABSENT, GMS_FATE_ABSENT},
        {415, GMS_FATE_ABSENT, GMS_FATE_REFUSED},
        {480, GMS_FATE_AGAIN, GMS_FATE_AGAIN},
        {481, GMS_FATE_ABSENT, GMS_FATE_REFUSED},
        {488, GMS_FATE_ABSENT, GMS_FATE_REFUSED},
        {500, GMS_FATE_AGAIN, GMS_FATE_AGAIN},
        {503, GMS_FATE_AGAIN, GMS_FATE_AGAIN},
        {504, GMS_FATE_ABSENT, GMS_FATE_AGAIN},
        {604, GMS_FATE_ABSENT, GMS_FATE_ABSENT},
        {606, GMS_FATE_ABSENT, GMS_FATE_REFUSED},
        {0, GMS_FATE_REFUSED, GMS_FATE_REFUSED},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_EQUAL(
            fate(GMS_CARRIER_NOTIFY, rows[i].status, 0, 0), rows[i].notify);
        CU_ASSERT_EQUAL(
            fate(GMS_CARRIER_MESSAGE, rows[i].status, 0, 0), rows[i].message);
    }
}

static void who_asks_for_time_gets_it(void)
{
    CU_ASSERT_EQUAL(fate(GMS_CARRIER_MESSAGE, 404, 30, 0), GMS_FATE_AGAIN);
    CU_ASSERT_EQUAL(fate(GMS_CARRIER_NOTIFY, 486, 30, 0), GMS_FATE_AGAIN);
    CU_ASSERT_EQUAL(fate(GMS_CARRIER_NOTIFY, 408, 30, 0), GMS_FATE_ABSENT);
    CU_ASSERT_EQUAL(fate(GMS_CARRIER_MESSAGE, 200, 30, 0), GMS_FATE_DONE);
}

static void nobody_is_asked_for_ever(void)
{
    unsigned last = GMS_ADAPTER_TRIES_MAX - 1;

    CU_ASSERT_EQUAL(
        fate(GMS_CARRIER_MESSAGE, 503, 0, last - 1), GMS_FATE_AGAIN);
    CU_ASSERT_EQUAL(fate(GMS_CARRIER_MESSAGE, 503, 0, last), GMS_FATE_ABSENT);
    CU_ASSERT_EQUAL(fate(GMS_CARRIER_NOTIFY, 480, 9, last), GMS_FATE_ABSENT);
}

static void a_redirect_is_a_488_with_its_body(void)
{
    static const struct gms_attempt first = {SIP_URGENT_REGISTERED, 0, false};
    struct sip_outcome o = {.status = 488,
        .type = span_str(XML_KRR_TYPE),
        .body = span_str("<x/>")};

    CU_ASSERT_EQUAL(
        gms_adapter_fate(GMS_CARRIER_NOTIFY, &o, &first), GMS_FATE_REDIRECT);
    CU_ASSERT_EQUAL(
        gms_adapter_fate(GMS_CARRIER_MESSAGE, &o, &first), GMS_FATE_REDIRECT);
    o.status = 400;
    CU_ASSERT_EQUAL(
        gms_adapter_fate(GMS_CARRIER_MESSAGE, &o, &first), GMS_FATE_REFUSED);
    o.status = 488;
    o.body.len = 0;
    CU_ASSERT_EQUAL(
        gms_adapter_fate(GMS_CARRIER_MESSAGE, &o, &first), GMS_FATE_REFUSED);
    o.body.len = 4;
    o.type = span_str("application/sdp");
    CU_ASSERT_EQUAL(
        gms_adapter_fate(GMS_CARRIER_MESSAGE, &o, &first), GMS_FATE_REFUSED);
}

/* Sent so often that it is given up, when nobody ever answers. */
static unsigned tries_of(enum gms_carrier carrier, enum sip_urgency urgency,
    const struct sip_outcome *outcome)
{
    struct gms_attempt attempt = {urgency, 0, false};

    while (attempt.failures < 100 &&
           gms_adapter_fate(carrier, outcome, &attempt) == GMS_FATE_AGAIN)
        attempt.failures++;
    CU_ASSERT_EQUAL(
        gms_adapter_fate(carrier, outcome, &attempt), GMS_FATE_ABSENT);
    return attempt.failures + 1;
}

static void what_is_urgent_is_sent_again(void)
{
    static const struct {
        enum sip_urgency urgency;
        unsigned notify, message;
    } rows[] = {
        {SIP_URGENT_EMERGENCY, 8, 8},
        {SIP_URGENT_PERIL, 8, 8},
        {SIP_URGENT_EXCLUSION, 3, GMS_ADAPTER_TRIES_MAX},
        {SIP_URGENT_TALKER, 1, GMS_ADAPTER_TRIES_MAX},
        {SIP_URGENT_AFFILIATED, 1, GMS_ADAPTER_TRIES_MAX},
        {SIP_URGENT_REGISTERED, 1, GMS_ADAPTER_TRIES_MAX},
        {SIP_URGENT_OFFLINE, 1, GMS_ADAPTER_TRIES_MAX},
    };
    static const struct sip_outcome lost = {.status = 408, .unanswered = true};
    static const struct sip_outcome by_proxy = {.status = 408};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_EQUAL(tries_of(GMS_CARRIER_NOTIFY, rows[i].urgency, &lost),
            rows[i].notify);
        CU_ASSERT_EQUAL(
            tries_of(GMS_CARRIER_NOTIFY, rows[i].urgency, &by_proxy),
            rows[i].notify);
        CU_ASSERT_EQUAL(tries_of(GMS_CARRIER_MESSAGE, rows[i].urgency, &lost),
            rows[i].message);
    }
}

static void what_sip_repeated_is_not(void)
{
    static const struct sip_outcome lost = {
        .status = 408, .unanswered = true, .repeated = true};
    static const struct sip_outcome refused = {.status = 481};

    for (int u = 0; u < SIP_URGENCIES; u++) {
        CU_ASSERT_EQUAL(
            tries_of(GMS_CARRIER_NOTIFY, (enum sip_urgency)u, &lost), 1);
        CU_ASSERT_EQUAL(
            tries_of(GMS_CARRIER_NOTIFY, (enum sip_urgency)u, &refused), 1);
    }
}

/* By whatever class it goes, and in its place. */
static void in_an_emergency_all_is_sent_again(void)
{
    static const struct sip_outcome lost = {.status = 408, .unanswered = true};
    static const struct gms_conf_sip conf = {
        .answer_ms = 32000, .urgent_answer_ms = 5000};
    struct gms_attempt attempt = {SIP_URGENT_REGISTERED, 0, true};

    CU_ASSERT_EQUAL(gms_adapter_place(&attempt), SIP_URGENT_REGISTERED);
    CU_ASSERT_EQUAL(gms_adapter_answer_ms(&conf, &attempt), 5000);
    for (; attempt.failures < 7; attempt.failures++)
        CU_ASSERT_EQUAL(gms_adapter_fate(GMS_CARRIER_NOTIFY, &lost, &attempt),
            GMS_FATE_AGAIN);
    CU_ASSERT_EQUAL(
        gms_adapter_fate(GMS_CARRIER_NOTIFY, &lost, &attempt), GMS_FATE_ABSENT);
}

static void waits_grow_up_to_what_is_usual(void)
{
    static const struct gms_conf_sip conf = {
        .answer_ms = 32000, .urgent_answer_ms = 5000};
    static const struct gms_conf_sip hasty = {
        .answer_ms = 8000, .urgent_answer_ms = 5000};
    static const unsigned waits[] = {5000, 10000, 20000, 20000, 20000};

    for (unsigned i = 0; i < 5; i++) {
        const struct gms_attempt urgent = {SIP_URGENT_EXCLUSION, i, false};
        const struct gms_attempt other = {SIP_URGENT_TALKER, i, false};

        CU_ASSERT_EQUAL(gms_adapter_answer_ms(&conf, &urgent), waits[i]);
        CU_ASSERT_EQUAL(gms_adapter_answer_ms(&conf, &other), 0);
        CU_ASSERT(gms_adapter_answer_ms(&hasty, &urgent) <= 8000);
    }
}

static void who_is_perhaps_not_there_holds_nobody_up(void)
{
    for (int u = 0; u < SIP_URGENCIES; u++)
        for (unsigned failures = 0; failures < 8; failures++) {
            const struct gms_attempt attempt = {
                (enum sip_urgency)u, failures, false};
            enum sip_urgency place = gms_adapter_place(&attempt);

            CU_ASSERT_EQUAL(
                place, failures >= 2 && attempt.urgency < SIP_URGENT_EXCLUSION
                           ? SIP_URGENT_EXCLUSION
                           : attempt.urgency);
        }
}

CU_TestInfo gms_adapter_tests[] = {
    {"each way has its row", each_way_has_its_row},
    {"what is off by default has its option",
        what_is_off_by_default_has_its_option},
    {"an answer means what the RFCs say", an_answer_means_what_the_rfcs_say},
    {"who asks for time gets it", who_asks_for_time_gets_it},
    {"nobody is asked for ever", nobody_is_asked_for_ever},
    {"what is urgent is sent again", what_is_urgent_is_sent_again},
    {"what SIP repeated is not", what_sip_repeated_is_not},
    {"in an emergency all is sent again", in_an_emergency_all_is_sent_again},
    {"waits grow up to what is usual", waits_grow_up_to_what_is_usual},
    {"who is perhaps not there holds nobody up",
        who_is_perhaps_not_there_holds_nobody_up},
    {"a redirect is a 488 with its body", a_redirect_is_a_488_with_its_body},
    CU_TEST_INFO_NULL,
};
