/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/gmk.h"

#include "tests/suites.h"

/* Rows: states; columns: events; a letter is the state that follows, a dot an
 * event that cannot be. Written down a second time, by hand. */
static const char states[] = "spaudx";
static const char *const expected[GMS_GMK_STATES] = {
    /*                      IPAURD: issue, postpone, activate, supersede,
                            revoke, destroy */
    [GMS_GMK_SPARE] = "p....x",
    [GMS_GMK_PENDING] = ".pa.d.",
    [GMS_GMK_ACTIVE] = "...ud.",
    [GMS_GMK_SUPERSEDED] = "....d.",
    [GMS_GMK_REVOKED] = ".....x",
    [GMS_GMK_DESTROYED] = "......",
};

static void each_cell_of_the_table_is_as_written(void)
{
    for (int state = 0; state < GMS_GMK_STATES; state++) {
        for (int event = 0; event < GMS_GMK_EVENTS; event++) {
            struct gms_gmk gmk = {.state = (enum gms_gmk_state)state};
            enum mu_err err = gms_gmk_step(&gmk, (enum gms_gmk_event)event);
            char next = expected[state][event];

            CU_ASSERT_EQUAL(err, next == '.' ? MU_E_STATE : MU_OK);
            CU_ASSERT_EQUAL(
                states[gmk.state], next == '.' ? states[state] : next);
        }
    }
}

static void a_step_sets_the_state_and_nothing_else(void)
{
    struct gms_gmk gmk = {.id = {1},
        .epoch = 2,
        .state = GMS_GMK_PENDING,
        .made_ms = 3,
        .activation_s = 4,
        .expiry_s = 5,
        .due_ms = 6};

    CU_ASSERT_EQUAL(gms_gmk_step(&gmk, GMS_GMK_EV_ACTIVATE), MU_OK);
    CU_ASSERT_EQUAL(gmk.state, GMS_GMK_ACTIVE);
    CU_ASSERT(gmk.id.v == 1 && gmk.epoch == 2 && gmk.made_ms == 3);
    CU_ASSERT(gmk.activation_s == 4 && gmk.expiry_s == 5 && gmk.due_ms == 6);
}

/* Whatever happens: who was revoked is not in force again. */
static void no_way_leads_back_from_revoked(void)
{
    bool reached[GMS_GMK_STATES] = {[GMS_GMK_REVOKED] = true};

    for (int round = 0; round < GMS_GMK_STATES; round++)
        for (int state = 0; state < GMS_GMK_STATES; state++)
            for (int event = 0; reached[state] && event < GMS_GMK_EVENTS;
                 event++) {
                struct gms_gmk gmk = {.state = (enum gms_gmk_state)state};

                if (gms_gmk_step(&gmk, (enum gms_gmk_event)event) == MU_OK)
                    reached[gmk.state] = true;
            }
    for (int state = 0; state < GMS_GMK_STATES; state++)
        CU_ASSERT(!reached[state] || state == GMS_GMK_REVOKED ||
                  state == GMS_GMK_DESTROYED);
}

static void members_hold_what_was_issued_and_not_revoked(void)
{
    CU_ASSERT(!gms_gmk_is_live(GMS_GMK_SPARE));
    CU_ASSERT(gms_gmk_is_live(GMS_GMK_PENDING));
    CU_ASSERT(gms_gmk_is_live(GMS_GMK_ACTIVE));
    CU_ASSERT(gms_gmk_is_live(GMS_GMK_SUPERSEDED));
    CU_ASSERT(!gms_gmk_is_live(GMS_GMK_REVOKED));
    CU_ASSERT(!gms_gmk_is_live(GMS_GMK_DESTROYED));
    CU_ASSERT_STRING_EQUAL(
        gms_gmk_state_name(GMS_GMK_SUPERSEDED), "superseded");
    CU_ASSERT_STRING_EQUAL(gms_gmk_state_name(GMS_GMK_STATES), "unknown");
}

CU_TestInfo gms_gmk_tests[] = {
    {"each cell of the table is as written",
        each_cell_of_the_table_is_as_written},
    {"a step sets the state and nothing else",
        a_step_sets_the_state_and_nothing_else},
    {"no way leads back from revoked", no_way_leads_back_from_revoked},
    {"members hold what was issued and not revoked",
        members_hold_what_was_issued_and_not_revoked},
    CU_TEST_INFO_NULL,
};
