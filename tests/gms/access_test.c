/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/access.h"

#include <string.h>

#include "tests/suites.h"

/*
 * The matrix of DESIGN section 6, written down a second time: a letter for
 * each role that has the right, in the order of the enumeration.
 */
struct cell_row {
    const char *right;
    const char *has; /* of "nvdsxm": none, viewer, dispatcher, supervisor,
                        security officer, MCPTT server */
};

static const struct cell_row matrix[GMS_RIGHTS] = {
    {"view", "vdsx"},
    {"create", "ds"},
    {"edit", "ds"},
    {"soft-stop", "ds"},
    {"hard-stop", "dsx"},
    {"undo", "ds"},
    {"delete", "s"},
    {"audit", "sx"},
    {"media-entity", "x"},
    {"operate", "x"},
    {"read-full", "dsxm"},
    {"ask-keys", "sm"},
    {"tell-urgency", "dsm"},
};

static void each_role_has_the_rights_of_the_matrix_and_no_other(void)
{
    static const char letters[] = "nvdsxm";

    for (unsigned right = 0; right < GMS_RIGHTS; right++) {
        CU_ASSERT_STRING_EQUAL(
            gms_right_name((enum gms_right)right), matrix[right].right);
        for (unsigned role = 0; role < GMS_ROLES; role++)
            CU_ASSERT_EQUAL(
                gms_role_has((enum gms_role)role, (enum gms_right)right),
                strchr(matrix[right].has, letters[role]) != NULL);
    }
}

static const char *fire[] = {"sip:fire-1@example.org"};
static const char *incidents[] = {"sip:inc-*", "sip:fire-1@example.org"};
static const char *everything[] = {"*"};

static const struct gms_access_row rows[] = {
    {"sip:anna@example.org", GMS_ROLE_VIEWER, {everything, 1}},
    {"sip:anna@example.org", GMS_ROLE_DISPATCHER, {incidents, 2}},
    {"sip:ben@example.org", GMS_ROLE_DISPATCHER, {NULL, 0}},
    {"sip:server@example.org", GMS_ROLE_SERVER, {fire, 1}},
};

static bool may(const char *who, enum gms_right right, const char *group)
{
    const struct gms_caller caller = {.uri = span_str(who)};
    struct gms_access *access = NULL;
    bool result;

    CU_ASSERT_EQUAL_FATAL(
        gms_access_new(rows, sizeof(rows) / sizeof(rows[0]), &access), MU_OK);
    result = gms_access_may(access, &caller, right, span_str(group));
    gms_access_free(access);
    return result;
}

static void a_role_holds_for_its_groups_only(void)
{
    CU_ASSERT(may("sip:server@example.org", GMS_MAY_ASK_KEYS, fire[0]));
    CU_ASSERT_FALSE(may(
        "sip:server@example.org", GMS_MAY_ASK_KEYS, "sip:fire-10@example.org"));
    CU_ASSERT_FALSE(
        may("sip:server@example.org", GMS_MAY_ASK_KEYS, "sip:fire-1"));
}

static void a_star_covers_what_begins_like_it(void)
{
    CU_ASSERT(may("sip:anna@example.org", GMS_MAY_EDIT, "sip:inc-7@a"));
    CU_ASSERT(may("sip:anna@example.org", GMS_MAY_EDIT, "sip:inc-"));
    CU_ASSERT_FALSE(may("sip:anna@example.org", GMS_MAY_EDIT, "sip:inc"));
    CU_ASSERT_FALSE(may("sip:anna@example.org", GMS_MAY_EDIT, "SIP:inc-7@a"));
    CU_ASSERT(may("sip:anna@example.org", GMS_MAY_VIEW, "tel:+49"));
}

static void roles_of_one_caller_add_up(void)
{
    CU_ASSERT(may("sip:anna@example.org", GMS_MAY_VIEW, "sip:other@a"));
    CU_ASSERT_FALSE(may("sip:anna@example.org", GMS_MAY_EDIT, "sip:other@a"));
    CU_ASSERT(may("sip:anna@example.org", GMS_MAY_EDIT, fire[0]));
}

static void any_group_needs_one(void)
{
    CU_ASSERT(may("sip:anna@example.org", GMS_MAY_CREATE, ""));
    CU_ASSERT_FALSE(may("sip:ben@example.org", GMS_MAY_CREATE, ""));
    CU_ASSERT_FALSE(may("sip:ben@example.org", GMS_MAY_CREATE, "sip:inc-1@a"));
}

static void who_is_compared_octet_for_octet(void)
{
    CU_ASSERT_FALSE(may("sip:Anna@example.org", GMS_MAY_VIEW, ""));
    CU_ASSERT_FALSE(may("sip:anna@example.or", GMS_MAY_VIEW, ""));
    CU_ASSERT_FALSE(may("", GMS_MAY_VIEW, ""));
}

static void rows_that_mean_nothing_are_refused(void)
{
    static const char *middle[] = {"sip:*@example.org"};
    static const char *empty[] = {""};
    static const struct gms_access_row bad[] = {
        {"", GMS_ROLE_VIEWER, {everything, 1}},
        {NULL, GMS_ROLE_VIEWER, {everything, 1}},
        {"sip:a@b", GMS_ROLES, {everything, 1}},
        {"sip:a@b", GMS_ROLE_VIEWER, {middle, 1}},
        {"sip:a@b", GMS_ROLE_VIEWER, {empty, 1}},
    };
    struct gms_access *access = NULL;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_EQUAL(gms_access_new(&bad[i], 1, &access), MU_E_MALFORMED);
    CU_ASSERT_PTR_NULL(access);
}

CU_TestInfo gms_access_tests[] = {
    {"each role has the rights of the matrix and no other",
        each_role_has_the_rights_of_the_matrix_and_no_other},
    {"a role holds for its groups only", a_role_holds_for_its_groups_only},
    {"a star covers what begins like it", a_star_covers_what_begins_like_it},
    {"roles of one caller add up", roles_of_one_caller_add_up},
    {"any group needs one", any_group_needs_one},
    {"who is compared octet for octet", who_is_compared_octet_for_octet},
    {"rows that mean nothing are refused", rows_that_mean_nothing_are_refused},
    CU_TEST_INFO_NULL,
};
