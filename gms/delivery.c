/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/delivery.h"

struct transition {
    bool allowed; /* an empty cell is an event that cannot be */
    enum gms_delivery_state next;
};

/*
 * One key on its way to one member. Every device of his has the same key
 * (RFC 6509 clause 2.4), so that the second one may accept or prove what the
 * first one did. A retry is a new signature over the same key, by way of
 * QUEUED: there is no other way to SENT.
 */
static const struct transition table[GMS_DLV_STATES][GMS_DLV_EVENTS] =
    {
        [GMS_DLV_QUEUED] =
            {
                [GMS_DLV_EV_SEND] = {true, GMS_DLV_SENT},
                [GMS_DLV_EV_RETRY] = {true, GMS_DLV_QUEUED},
                [GMS_DLV_EV_GIVE_UP] = {true, GMS_DLV_FAILED},
                [GMS_DLV_EV_REDIRECT] = {true, GMS_DLV_REDIRECTED},
                [GMS_DLV_EV_REVOKE] = {true, GMS_DLV_REVOKED},
                [GMS_DLV_EV_REBUILD] = {true, GMS_DLV_QUEUED},
            },
        [GMS_DLV_SENT] =
            {
                [GMS_DLV_EV_ACCEPT] = {true, GMS_DLV_ACCEPTED},
                [GMS_DLV_EV_RECEIPT] = {true, GMS_DLV_OPENED},
                [GMS_DLV_EV_RETRY] = {true, GMS_DLV_QUEUED},
                [GMS_DLV_EV_GIVE_UP] = {true, GMS_DLV_FAILED},
                [GMS_DLV_EV_REDIRECT] = {true, GMS_DLV_REDIRECTED},
                [GMS_DLV_EV_REVOKE] = {true, GMS_DLV_REVOKED},
                [GMS_DLV_EV_REBUILD] = {true, GMS_DLV_QUEUED},
            },
        [GMS_DLV_ACCEPTED] =
            {
                [GMS_DLV_EV_ACCEPT] = {true, GMS_DLV_ACCEPTED},
                [GMS_DLV_EV_RECEIPT] = {true, GMS_DLV_OPENED},
                [GMS_DLV_EV_REDIRECT] = {true, GMS_DLV_REDIRECTED},
                [GMS_DLV_EV_REVOKE] = {true, GMS_DLV_REVOKED},
                [GMS_DLV_EV_REBUILD] = {true, GMS_DLV_QUEUED},
            },
        [GMS_DLV_OPENED] =
            {
                [GMS_DLV_EV_ACCEPT] = {true, GMS_DLV_OPENED},
                [GMS_DLV_EV_RECEIPT] = {true, GMS_DLV_OPENED},
                [GMS_DLV_EV_REDIRECT] = {true, GMS_DLV_REDIRECTED},
                [GMS_DLV_EV_REVOKE] = {true, GMS_DLV_REVOKED},
                [GMS_DLV_EV_REBUILD] = {true, GMS_DLV_QUEUED},
            },
        /* One way failed; his document may still reach him. */
        [GMS_DLV_FAILED] =
            {
                [GMS_DLV_EV_ACCEPT] = {true, GMS_DLV_ACCEPTED},
                [GMS_DLV_EV_RECEIPT] = {true, GMS_DLV_OPENED},
                [GMS_DLV_EV_RETRY] = {true, GMS_DLV_QUEUED},
                [GMS_DLV_EV_REDIRECT] = {true, GMS_DLV_REDIRECTED},
                [GMS_DLV_EV_REVOKE] = {true, GMS_DLV_REVOKED},
                [GMS_DLV_EV_REBUILD] = {true, GMS_DLV_QUEUED},
            },
        /* Another row has taken over, unless he comes back to this KMS. */
        [GMS_DLV_REDIRECTED] =
            {
                [GMS_DLV_EV_REVOKE] = {true, GMS_DLV_REVOKED},
                [GMS_DLV_EV_ADMIT] = {true, GMS_DLV_QUEUED},
            },
        /* Not by a rebuild: only by a change that puts him back. */
        [GMS_DLV_REVOKED] =
            {
                [GMS_DLV_EV_ADMIT] = {true, GMS_DLV_QUEUED},
            },
};

const char *gms_class_name(enum gms_class class)
{
    static const char *const names[GMS_CLASSES] = {
        [GMS_CLASS_EMERGENCY] = "emergency",
        [GMS_CLASS_PERIL] = "peril",
        [GMS_CLASS_EXCLUSION] = "exclusion",
        [GMS_CLASS_TALKER] = "talker",
        [GMS_CLASS_NORMAL] = "normal",
        [GMS_CLASS_BACKGROUND] = "background",
    };

    return (unsigned)class < GMS_CLASSES ? names[class] : "unknown";
}

const char *gms_delivery_state_name(enum gms_delivery_state state)
{
    static const char *const names[GMS_DLV_STATES] = {
        [GMS_DLV_QUEUED] = "queued",
        [GMS_DLV_SENT] = "sent",
        [GMS_DLV_ACCEPTED] = "accepted",
        [GMS_DLV_OPENED] = "opened",
        [GMS_DLV_FAILED] = "failed",
        [GMS_DLV_REDIRECTED] = "redirected",
        [GMS_DLV_REVOKED] = "revoked",
    };

    return (unsigned)state < GMS_DLV_STATES ? names[state] : "unknown";
}

enum mu_err gms_delivery_step(
    struct gms_delivery *delivery, enum gms_delivery_event event)
{
    const struct transition *t = &table[delivery->state][event];

    if (!t->allowed)
        return MU_E_STATE;
    delivery->state = t->next;
    return MU_OK;
}

bool gms_delivery_is_held(enum gms_delivery_state state)
{
    return state == GMS_DLV_ACCEPTED || state == GMS_DLV_OPENED;
}
