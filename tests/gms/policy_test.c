/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/policy.h"

#include <string.h>

#include "tests/suites.h"

/* g: gathered, n: new key, i: issue the present one, r: revoke, b: rebuild, h:
 * hard, p: postponed without a quorum. Notes gms-protocol 2.6, a second time by
 * hand. */
static const char *const expected[GMS_TRIGGERS] = {
    [GMS_TR_CREATED] = "n",
    [GMS_TR_ADDED] = "ipg",
    [GMS_TR_REMOVED] = "ng",
    [GMS_TR_EXPELLED] = "nrh",
    [GMS_TR_RETARGET] = "nig",
    [GMS_TR_PROTECT_ON] = "n",
    [GMS_TR_PROTECT_OFF] = "",
    [GMS_TR_IDS] = "b",
    [GMS_TR_DISABLED] = "r",
    [GMS_TR_ENABLED] = "n",
    [GMS_TR_DELETED] = "r",
    [GMS_TR_MOVED] = "b",
    [GMS_TR_LIFETIME] = "np",
    [GMS_TR_ASKED] = "np",
    [GMS_TR_ASKED_HARD] = "nrh",
};

static void each_row_is_as_written(void)
{
    for (int trigger = 0; trigger < GMS_TRIGGERS; trigger++) {
        const struct gms_policy_row *row =
            gms_policy_row((enum gms_trigger)trigger);
        const char *text = expected[trigger];

        CU_ASSERT_EQUAL(row->new_gmk, strchr(text, 'n') != NULL);
        CU_ASSERT_EQUAL(row->issue, strchr(text, 'i') != NULL);
        CU_ASSERT_EQUAL(row->revoke, strchr(text, 'r') != NULL);
        CU_ASSERT_EQUAL(row->rebuild, strchr(text, 'b') != NULL);
        CU_ASSERT_EQUAL(row->hard, strchr(text, 'h') != NULL);
        CU_ASSERT_EQUAL(row->gather, strchr(text, 'g') != NULL);
        CU_ASSERT_EQUAL(row->no_quorum == GMS_NO_QUORUM_POSTPONE,
            strchr(text, 'p') != NULL);
    }
}

static void a_hard_stop_revokes_and_goes_first(void)
{
    for (int trigger = 0; trigger < GMS_TRIGGERS; trigger++) {
        const struct gms_policy_row *row =
            gms_policy_row((enum gms_trigger)trigger);

        if (!row->hard)
            continue;
        CU_ASSERT(row->new_gmk && row->revoke);
        CU_ASSERT_EQUAL(row->class, GMS_CLASS_EXCLUSION);
        CU_ASSERT_EQUAL(row->no_quorum, GMS_NO_QUORUM_ACTIVATE);
    }
}

static void each_trigger_has_a_name_of_its_own(void)
{
    for (int a = 0; a < GMS_TRIGGERS; a++)
        for (int b = 0; b < a; b++)
            CU_ASSERT_STRING_NOT_EQUAL(gms_trigger_name((enum gms_trigger)a),
                gms_trigger_name((enum gms_trigger)b));
    CU_ASSERT_STRING_EQUAL(gms_trigger_name(GMS_TRIGGERS), "unknown");
}

CU_TestInfo gms_policy_tests[] = {
    {"each row is as written", each_row_is_as_written},
    {"a hard stop revokes and goes first", a_hard_stop_revokes_and_goes_first},
    {"each trigger has a name of its own", each_trigger_has_a_name_of_its_own},
    CU_TEST_INFO_NULL,
};
