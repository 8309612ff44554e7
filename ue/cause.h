/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cause.h - why a key did not open, one word for each cause: for scripts, as
 * the sentence beside it is for people (mcue(1) lists them).
 */
#ifndef UE_CAUSE_H
#define UE_CAUSE_H

enum ue_cause {
    UE_CAUSE_NONE,
    UE_CAUSE_DOCUMENT,  /* it came in no key document, or in none at all */
    UE_CAUSE_FORM,      /* no message of the profile, or contradicts itself */
    UE_CAUSE_KMS,       /* no certificate of that KMS, or none that is good */
    UE_CAUSE_PERIOD,    /* no keys of ours for its key period */
    UE_CAUSE_SENDER,    /* not by the GMS */
    UE_CAUSE_RECEIVER,  /* not for this member */
    UE_CAUSE_TIME,      /* from the future, or its key period is over */
    UE_CAUSE_REPLAY,    /* had before, of a key that is not here */
    UE_CAUSE_SIGNATURE, /* is not that of who it says made it */
    UE_CAUSE_KEY,       /* is signed, but the key does not come out */
    UE_CAUSE_KIND,      /* no key of a group */
    UE_CAUSE_GROUP,     /* of another group */
    UE_CAUSE_EXPIRED,   /* the key has ended already */
    UE_CAUSE_REVOKED,   /* the key was revoked before */
    UE_CAUSE_CONFLICT,  /* another key has its identifier */
    UE_CAUSE_FULL,      /* no room, no worker */
    UE_CAUSES
};

/* "form"; "" for UE_CAUSE_NONE. */
const char *ue_cause_name(enum ue_cause cause);

#endif
