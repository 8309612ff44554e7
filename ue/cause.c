/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/cause.h"

const char *ue_cause_name(enum ue_cause cause)
{
    static const char *const names[UE_CAUSES] = {
        [UE_CAUSE_NONE] = "",
        [UE_CAUSE_DOCUMENT] = "document",
        [UE_CAUSE_FORM] = "form",
        [UE_CAUSE_KMS] = "kms",
        [UE_CAUSE_PERIOD] = "period",
        [UE_CAUSE_SENDER] = "sender",
        [UE_CAUSE_RECEIVER] = "receiver",
        [UE_CAUSE_TIME] = "time",
        [UE_CAUSE_REPLAY] = "replay",
        [UE_CAUSE_SIGNATURE] = "signature",
        [UE_CAUSE_KEY] = "key",
        [UE_CAUSE_KIND] = "kind",
        [UE_CAUSE_GROUP] = "group",
        [UE_CAUSE_EXPIRED] = "expired",
        [UE_CAUSE_REVOKED] = "revoked",
        [UE_CAUSE_CONFLICT] = "conflict",
        [UE_CAUSE_FULL] = "full",
    };

    return names[cause];
}
