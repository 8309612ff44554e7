/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/adapter.h"

#include "xml/kms_krr.h"

static const struct gms_adapter_row rows[GMS_ADAPTERS] = {
    [GMS_ADAPTER_XCAP] = {.name = "xcap",
        .carrier = GMS_CARRIER_DOCUMENT,
        .how = "NOTIFY says that his document changed, and he fetches it",
        .proof = "200 to a GET of the present document"},
    [GMS_ADAPTER_XCAP_INLINE] = {.name = "xcap-inline",
        .carrier = GMS_CARRIER_NOTIFY,
        .how = "NOTIFY has the element in it",
        .proof = "200 to that NOTIFY",
        .unit = "application/xcap-diff+xml"},
    [GMS_ADAPTER_MIKEY_PART] = {.name = "mikey-part",
        .carrier = GMS_CARRIER_NOTIFY,
        .how = "NOTIFY has a part for each new message",
        .proof = "200 to that NOTIFY",
        .unit = GMS_MIKEY_TYPE,
        .off_by_default = true},
    [GMS_ADAPTER_MESSAGE] = {.name = "message",
        .carrier = GMS_CARRIER_MESSAGE,
        .how = "MESSAGE to him",
        .proof = "200 to that MESSAGE",
        .unit = GMS_MIKEY_TYPE,
        .off_by_default = true},
};

const struct gms_adapter_row *gms_adapter_row(enum gms_adapter adapter)
{
    return &rows[adapter];
}

bool gms_adapter_is_on(
    const struct gms_conf_sip *conf, enum gms_adapter adapter)
{
    switch (adapter) {
    case GMS_ADAPTER_XCAP:
    case GMS_ADAPTER_XCAP_INLINE:
        return true;
    case GMS_ADAPTER_MIKEY_PART:
        return conf->mikey_part;
    case GMS_ADAPTER_MESSAGE:
        return conf->message;
    case GMS_ADAPTERS:
        break;
    }
    return false;
}

const char *gms_fate_name(enum gms_fate fate)
{
    static const char *const names[GMS_FATES] = {
        [GMS_FATE_DONE] = "done",
        [GMS_FATE_AGAIN] = "again",
        [GMS_FATE_ABSENT] = "absent",
        [GMS_FATE_REFUSED] = "refused",
        [GMS_FATE_REDIRECT] = "redirect",
    };

    return (unsigned)fate < GMS_FATES ? names[fate] : "unknown";
}

/* What a status means, by what it answers: the first row that has it. */
static const struct {
    unsigned first, last;
    enum gms_fate of[GMS_CARRIERS];
} answers[] = {
#define ROW(first, last, notify, message)                                      \
    {                                                                          \
        first, last,                                                           \
        {                                                                      \
            [GMS_CARRIER_DOCUMENT] = GMS_FATE_REFUSED,                         \
            [GMS_CARRIER_NOTIFY] = GMS_FATE_##notify,                          \
            [GMS_CARRIER_MESSAGE] = GMS_FATE_##message                         \
        }                                                                      \
    }
    ROW(200, 299, DONE, DONE),
    /* A NOTIFY without an answer ends its subscription, at last. */
    ROW(408, 408, ABSENT, AGAIN),
    ROW(480, 480, AGAIN, AGAIN),
    ROW(500, 500, AGAIN, AGAIN),
    ROW(503, 503, AGAIN, AGAIN),
    ROW(501, 599, ABSENT, AGAIN),
    ROW(404, 404, ABSENT, ABSENT),
    ROW(410, 410, ABSENT, ABSENT),
    ROW(604, 604, ABSENT, ABSENT),
    /* Whatever else a NOTIFY is refused for ends the subscription, and the key
     * waits for the next one. A MESSAGE has nothing to wait for. */
    ROW(300, 699, ABSENT, REFUSED),
#undef ROW
};

static bool is_redirect(const struct sip_outcome *outcome)
{
    return outcome->status == 488 && outcome->body.len > 0 &&
           span_eq(outcome->type, span_str(XML_KRR_TYPE));
}

/* Time is what it asks for; 408 is of our own making. */
static bool asks_for_time(const struct sip_outcome *outcome)
{
    return outcome->status >= 300 && outcome->status != 408 &&
           outcome->retry_after_s > 0;
}

static enum gms_fate fate_of(unsigned status, enum gms_carrier carrier)
{
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
        if (status >= answers[i].first && status <= answers[i].last)
            return answers[i].of[carrier];
    return GMS_FATE_REFUSED;
}

/* Four times the first wait, at most. */
#define DOUBLED_MOST 2

/* How often what is urgent is sent; others once, for as long as is usual. */
static const unsigned urgent_tries[SIP_URGENCIES] = {
    [SIP_URGENT_EMERGENCY] = 8,
    [SIP_URGENT_PERIL] = 8,
    [SIP_URGENT_EXCLUSION] = 3,
};

/* A NOTIFY without an answer, which SIP did not repeat. */
static bool is_lost(enum gms_carrier carrier, const struct sip_outcome *outcome)
{
    return carrier == GMS_CARRIER_NOTIFY && outcome->status == 408 &&
           !(outcome->unanswered && outcome->repeated);
}

static unsigned urgent_tries_of(const struct gms_attempt *attempt)
{
    return urgent_tries[attempt->insistent ? SIP_URGENT_EMERGENCY
                                           : attempt->urgency];
}

static unsigned tries_max(const struct gms_attempt *attempt, bool lost)
{
    unsigned urgent = urgent_tries_of(attempt);

    return lost || urgent > GMS_ADAPTER_TRIES_MAX ? urgent
                                                  : GMS_ADAPTER_TRIES_MAX;
}

enum gms_fate gms_adapter_fate(enum gms_carrier carrier,
    const struct sip_outcome *outcome, const struct gms_attempt *attempt)
{
    enum gms_fate fate = fate_of(outcome->status, carrier);
    bool lost = is_lost(carrier, outcome);

    if (is_redirect(outcome))
        return GMS_FATE_REDIRECT;
    if (asks_for_time(outcome) || lost)
        fate = GMS_FATE_AGAIN;
    if (fate == GMS_FATE_AGAIN &&
        attempt->failures + 1 >= tries_max(attempt, lost))
        return GMS_FATE_ABSENT;
    return fate;
}

unsigned gms_adapter_answer_ms(
    const struct gms_conf_sip *conf, const struct gms_attempt *attempt)
{
    uint64_t ms = conf->urgent_answer_ms;

    if (urgent_tries_of(attempt) == 0)
        return 0;
    for (unsigned i = 0; i < attempt->failures && i < DOUBLED_MOST; i++)
        ms *= 2;
    return (unsigned)(ms < conf->answer_ms ? ms : conf->answer_ms);
}

enum sip_urgency gms_adapter_place(const struct gms_attempt *attempt)
{
    return attempt->failures >= 2 && attempt->urgency < SIP_URGENT_EXCLUSION
               ? SIP_URGENT_EXCLUSION
               : attempt->urgency;
}
