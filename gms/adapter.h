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

/*
 *   tries  failures before this one
 *
 * RFC 6665 clause 4.2.2 for a NOTIFY, after which there may be no subscription
 * any more; RFC 3428 clauses 5 and 8 for a MESSAGE.
 */
enum gms_fate gms_adapter_fate(enum gms_carrier carrier,
    const struct sip_outcome *outcome, unsigned tries);

#endif
