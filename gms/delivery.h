/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delivery.h - one key on its way to one member (DESIGN section 4).
 *
 * A row for each (key, member, KMS, key period); a revocation of the same key
 * is a row of its own. Its table is in delivery.c. The octets that go out are
 * a member's alone and lie with the row: envelope, then message.
 */
#ifndef GMS_DELIVERY_H
#define GMS_DELIVERY_H

#include "mcptt/key_id.h"

/* The order in which rows are taken (anchors F1): emergency first. */
enum gms_class {
    GMS_CLASS_EMERGENCY,
    GMS_CLASS_PERIL,
    GMS_CLASS_EXCLUSION,
    GMS_CLASS_TALKER,
    GMS_CLASS_NORMAL,
    GMS_CLASS_BACKGROUND, /* spares, rebuilds, those long offline */
    GMS_CLASSES
};
const char *gms_class_name(enum gms_class class);

enum gms_delivery_state {
    GMS_DLV_QUEUED, /* envelope or signature still to be made */
    GMS_DLV_SENT,   /* the message is where he gets it: document, NOTIFY */
    GMS_DLV_ACCEPTED,
    GMS_DLV_OPENED, /* by a receipt, and by nothing else */
    GMS_DLV_FAILED,
    GMS_DLV_REDIRECTED, /* his KMS is another: a row for that one follows */
    GMS_DLV_REVOKED,    /* withdrawn: he shall not have it */
    GMS_DLV_STATES
};
const char *gms_delivery_state_name(enum gms_delivery_state state);

enum gms_delivery_event {
    GMS_DLV_EV_SEND,
    GMS_DLV_EV_ACCEPT,
    GMS_DLV_EV_RECEIPT,
    GMS_DLV_EV_RETRY,
    GMS_DLV_EV_GIVE_UP,
    GMS_DLV_EV_REDIRECT,
    GMS_DLV_EV_REVOKE,
    GMS_DLV_EV_REBUILD, /* other terms or period: to be signed again */
    GMS_DLV_EV_ADMIT,   /* withdrawn or redirected, and now due to him again */
    GMS_DLV_EVENTS
};

struct gms_delivery {
    uint64_t id; /* of the store; 0: not stored yet */
    struct mcptt_key_id key;
    struct span group, member, kms; /* URIs */
    uint64_t period;
    bool revocation;
    enum gms_class class;
    enum gms_delivery_state state;
    unsigned tries;
    uint64_t next_ms; /* when to act again; 0: not by time */
    uint64_t changed_ms;
    struct mcptt_key_id guk_id; /* CSB ID; zero before it is wrapped */
    struct span envelope;       /* empty before it is wrapped */
    struct span message;        /* the I_MESSAGE; empty before it is signed */
    bool bare;                  /* the store read it without those two */
};

/* As gms_gmk_step(). */
MU_MUST_CHECK enum mu_err gms_delivery_step(
    struct gms_delivery *delivery, enum gms_delivery_event event);

/* Whether the member is known to hold the key. */
bool gms_delivery_is_held(enum gms_delivery_state state);

#endif
