/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/delivery.h"

#include "tests/suites.h"

/* As in gmk_test.c: the table a second time, by hand. */
static const char states[] = "qsaofdr";
static const char *const expected[GMS_DLV_STATES] = {
    /* send, accept, receipt, retry, give up, redirect, revoke, rebuild, admit
     */
    [GMS_DLV_QUEUED] = "s..qfdrq.",
    [GMS_DLV_SENT] = ".aoqfdrq.",
    [GMS_DLV_ACCEPTED] = ".ao..drq.",
    [GMS_DLV_OPENED] = ".oo..drq.",
    [GMS_DLV_FAILED] = ".aoq.drq.",
    [GMS_DLV_REDIRECTED] = "......r.q",
    [GMS_DLV_REVOKED] = "........q",
};

static void each_cell_of_the_table_is_as_written(void)
{
    for (int state = 0; state < GMS_DLV_STATES; state++) {
        for (int event = 0; event < GMS_DLV_EVENTS; event++) {
            struct gms_delivery row = {.state = (enum gms_delivery_state)state};
            enum mu_err err =
                gms_delivery_step(&row, (enum gms_delivery_event)event);
            char next = expected[state][event];

            CU_ASSERT_EQUAL(err, next == '.' ? MU_E_STATE : MU_OK);
            CU_ASSERT_EQUAL(
                states[row.state], next == '.' ? states[state] : next);
        }
    }
}

/* So that each message that goes out was signed a moment before. */
static void only_a_queued_row_is_sent(void)
{
    for (int state = 0; state < GMS_DLV_STATES; state++)
        for (int event = 0; event < GMS_DLV_EVENTS; event++) {
            struct gms_delivery row = {.state = (enum gms_delivery_state)state};

            if (gms_delivery_step(&row, (enum gms_delivery_event)event) !=
                    MU_OK ||
                row.state != GMS_DLV_SENT)
                continue;
            CU_ASSERT_EQUAL(state, GMS_DLV_QUEUED);
            CU_ASSERT_EQUAL(event, GMS_DLV_EV_SEND);
        }
}

static void what_was_withdrawn_returns_by_admission_alone(void)
{
    for (int event = 0; event < GMS_DLV_EVENTS; event++) {
        struct gms_delivery row = {.state = GMS_DLV_REVOKED};
        enum mu_err err =
            gms_delivery_step(&row, (enum gms_delivery_event)event);

        CU_ASSERT_EQUAL(err == MU_OK, event == GMS_DLV_EV_ADMIT);
    }
}

static void a_key_is_held_by_who_took_it(void)
{
    for (int state = 0; state < GMS_DLV_STATES; state++)
        CU_ASSERT_EQUAL(gms_delivery_is_held((enum gms_delivery_state)state),
            state == GMS_DLV_ACCEPTED || state == GMS_DLV_OPENED);
    CU_ASSERT_STRING_EQUAL(
        gms_delivery_state_name(GMS_DLV_REDIRECTED), "redirected");
    CU_ASSERT_STRING_EQUAL(gms_delivery_state_name(GMS_DLV_STATES), "unknown");
    CU_ASSERT_STRING_EQUAL(gms_class_name(GMS_CLASS_EXCLUSION), "exclusion");
    CU_ASSERT_STRING_EQUAL(gms_class_name(GMS_CLASSES), "unknown");
}

CU_TestInfo gms_delivery_tests[] = {
    {"each cell of the table is as written",
        each_cell_of_the_table_is_as_written},
    {"only a queued row is sent", only_a_queued_row_is_sent},
    {"what was withdrawn returns by admission alone",
        what_was_withdrawn_returns_by_admission_alone},
    {"a key is held by who took it", a_key_is_held_by_who_took_it},
    CU_TEST_INFO_NULL,
};
