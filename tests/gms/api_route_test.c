/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/api_route.h"

#include "http/server.h"
#include "tests/suites.h"

static const struct gms_api_route rows[] = {
    {.method = HTTP_GET, .pattern = "/groups"},
    {.method = HTTP_POST, .pattern = "/groups"},
    {.method = HTTP_GET, .pattern = "/groups/{group}"},
    {.method = HTTP_DELETE, .pattern = "/groups/{group}/members/{member}"},
    {.method = HTTP_POST, .pattern = "/groups/{group}/members/{member}/undo"},
};

static const struct gms_api_table table = {
    rows, sizeof(rows) / sizeof(rows[0])};

/* The row of a target; parameters lie in the arena. */
static const struct gms_api_route *find(struct mu_arena *arena, unsigned method,
    const char *target, struct gms_api_params *params, unsigned *allowed)
{
    struct http_path path;
    size_t rest = 0;

    CU_ASSERT_EQUAL_FATAL(
        http_path_read(arena, span_str(target), &path), MU_OK);
    CU_ASSERT_FATAL(http_path_below(&path, "/v1", &rest));
    return gms_api_find(&table, method, &path, rest, params, allowed);
}

static void a_request_finds_the_row_of_its_method_and_path(void)
{
    static const struct {
        unsigned method;
        const char *target;
        size_t row, params;
    } cases[] = {
        {HTTP_GET, "/v1/groups", 0, 0},
        {HTTP_GET, "/v1/groups/", 0, 0},
        {HTTP_HEAD, "/v1/groups?most=1", 0, 0},
        {HTTP_POST, "/v1/groups", 1, 0},
        {HTTP_GET, "/v1/groups/sip%3Aa%40b", 2, 1},
        {HTTP_DELETE, "/v1/groups/sip%3Aa%40b/members/sip%3Ac%2Fd", 3, 2},
        {HTTP_POST, "/v1/groups/x/members/y/undo", 4, 2},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct gms_api_params params;
        unsigned allowed;

        mu_arena_init(&arena, 10000);
        CU_ASSERT_PTR_EQUAL(
            find(&arena, cases[i].method, cases[i].target, &params, &allowed),
            &rows[cases[i].row]);
        CU_ASSERT_EQUAL(params.len, cases[i].params);
    }
}

static void parameters_are_whole_segments_decoded(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_api_params params;
    unsigned allowed;

    mu_arena_init(&arena, 10000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(find(&arena, HTTP_DELETE,
        "/v1/groups/sip%3Aa%40b/members/sip%3Ac%2Fd", &params, &allowed));
    CU_ASSERT(span_eq(params.at[0], span_str("sip:a@b")));
    CU_ASSERT(span_eq(params.at[1], span_str("sip:c/d")));
}

static void what_fits_no_row_says_what_would(void)
{
    static const struct {
        unsigned method, allowed;
        const char *target;
    } cases[] = {
        {HTTP_DELETE, HTTP_GET | HTTP_POST, "/v1/groups"},
        {HTTP_PUT, HTTP_GET, "/v1/groups/x"},
        {HTTP_HEAD, HTTP_DELETE, "/v1/groups/x/members/y"},
        {HTTP_GET, 0, "/v1"},
        {HTTP_GET, 0, "/v1/group"},
        {HTTP_GET, 0, "/v1/groups/x/members"},
        {HTTP_GET, 0, "/v1/groups/x/members/y/undo/z"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct gms_api_params params;
        unsigned allowed = 77;

        mu_arena_init(&arena, 10000);
        CU_ASSERT_PTR_NULL(
            find(&arena, cases[i].method, cases[i].target, &params, &allowed));
        CU_ASSERT_EQUAL(allowed, cases[i].allowed);
    }
}

CU_TestInfo gms_api_route_tests[] = {
    {"a request finds the row of its method and path",
        a_request_finds_the_row_of_its_method_and_path},
    {"parameters are whole segments, decoded",
        parameters_are_whole_segments_decoded},
    {"what fits no row says what would", what_fits_no_row_says_what_would},
    CU_TEST_INFO_NULL,
};
