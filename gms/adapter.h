/* SPDX-License-Identifier: Apache-2.0 */
/*
 * adapter.h - the ways in which a key comes to a member (notes gms-protocol
 * 2.3; DESIGN section 5), one table of them.
 *
 *     xcap         he is told that his key document changed, and fetches it
 *     xcap-inline  the NOTIFY has the node that he subscribed to in it
 *     mikey-part   the NOTIFY has each new message beside it, as a part
 *     message      each message goes to him as a SIP MESSAGE
 *
 * Above all of them is one state machine (gms/delivery.h). A way is what brings
 * the octets, and what proves that they came; what an answer of SIP means is a
 * second table, by what carried them. Pure: gms/subs*.c does as it says.
 */
#ifndef GMS_ADAPTER_H
#define GMS_ADAPTER_H

#include "gms/conf.h"
#include "sip/message.h"
#include "sip/schedule.h"

#define GMS_MIKEY_TYPE "application/mikey"

enum gms_adapter {
    GMS_ADAPTER_XCAP,
    GMS_ADAPTER_XCAP_INLINE,
    GMS_ADAPTER_MIKEY_PART,
    GMS_ADAPTER_MESSAGE,
    GMS_ADAPTERS
};

/* What brings the octets. */
enum gms_carrier {
    GMS_CARRIER_DOCUMENT, /* the answer to his GET */
    GMS_CARRIER_NOTIFY,
    GMS_CARRIER_MESSAGE,
    GMS_CARRIERS
};

struct gms_adapter_row {
    const char *name;
    enum gms_carrier carrier;
    const char *how;   /* it sends: a line for people */
    const char *proof; /* that it came */
    const char *unit;  /* media type of what brings a key; NULL: no SIP body */
    bool off_by_default; /* not from 24.481: an option turns it on */
};
const struct gms_adapter_row *gms_adapter_row(enum gms_adapter adapter);

/* Whether it is in use: by that option, or always. */
bool gms_adapter_is_on(
    const struct gms_conf_sip *conf, enum gms_adapter adapter);

/* What is to follow from the answer to a request that brought keys. */
enum gms_fate {
    GMS_FATE_DONE,     /* they came */
    GMS_FATE_AGAIN,    /* later, with back-off */
    GMS_FATE_ABSENT,   /* he is not there: at his next subscription */
    GMS_FATE_REFUSED,  /* for good: asking again would not help */
    GMS_FATE_REDIRECT, /* another KMS is his, he says: the body is a KRR */
    GMS_FATES
};
const char *gms_fate_name(enum gms_fate fate);

/* After so many failures he is absent. */
#define GMS_ADAPTER_TRIES_MAX 6

/* What has been tried. */
struct gms_attempt {
    enum sip_urgency urgency;
    unsigned failures; /* before this one */
    /* His group is in emergency or imminent peril: he is not to lose his
     * subscription to one lost answer, whatever this one says. */
    bool insistent;
};

/*
 * RFC 6665 clause 4.2.2 for a NOTIFY, after which there may be no subscription
 * any more; RFC 3428 clauses 5 and 8 for a MESSAGE.
 */
enum gms_fate gms_adapter_fate(enum gms_carrier carrier,
    const struct sip_outcome *outcome, const struct gms_attempt *attempt);

/*
 * How long to wait for the answer to a request that brings a key; 0: as usual,
 * and a NOTIFY that has none by then ends its subscription. What is urgent and
 * went over TCP or TLS, where SIP repeats nothing, is sent again while the
 * usual would still wait: 8 times in all in an emergency or imminent peril, 3
 * times after an exclusion. He has twice as long then, and four times from the
 * third time on, but not longer than usual: a slow network is not to be filled
 * with what is under way in it already.
 *
 * RFC 6665 clause 4.2.2 would have the subscription removed at once (a SHOULD,
 * against traffic to those who are not there), and the member find that out
 * when he refreshes: too late in an emergency, for one message that was lost.
 */
unsigned gms_adapter_answer_ms(
    const struct gms_conf_sip *conf, const struct gms_attempt *attempt);

/* Its place in the line. Who has left two unanswered is perhaps not there: an
 * emergency takes turns with exclusions then, so that a thousand radios that
 * are off hold nobody up who is on. */
enum sip_urgency gms_adapter_place(const struct gms_attempt *attempt);

#endif
