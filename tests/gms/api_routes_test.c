/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_routes_test.c - the table of routes against the two documents that speak
 * of it: the role matrix of DESIGN section 6 and gms/openapi.json.
 */
#include <stdio.h>
#include <string.h>

#include "gms/api_openapi.h"
#include "gms/api_route.h"
#include "gms/api_topics.h"
#include "http/server.h"
#include "tests/suites.h"

#define GROUP  "/groups/{group}"
#define MEMBER GROUP "/members/{member}"

/* Which roles get past the route: viewer, dispatcher, supervisor, security
 * officer, server. */
#define V       (1U << GMS_ROLE_VIEWER)
#define D       (1U << GMS_ROLE_DISPATCHER)
#define S       (1U << GMS_ROLE_SUPERVISOR)
#define O       (1U << GMS_ROLE_SECURITY)
#define M       (1U << GMS_ROLE_SERVER)
#define ANYBODY ((1U << GMS_ROLE_NONE) | V | D | S | O | M)

static const struct expected {
    const char *pattern;
    unsigned method;
    unsigned roles;
} matrix[] = {
    {"/groups", HTTP_GET, V | D | S | O},
    {"/groups", HTTP_POST, D | S},
    {GROUP, HTTP_GET, V | D | S | O},
    {GROUP, HTTP_DELETE, S},
    {GROUP "/settings", HTTP_GET, V | D | S | O},
    {GROUP "/settings", HTTP_PATCH, V | D | S | O}, /* then by what is in it */
    {GROUP "/members", HTTP_POST, D | S},
    {MEMBER, HTTP_DELETE, D | S},
    {MEMBER "/retarget", HTTP_POST, D | S},
    {MEMBER "/undo", HTTP_POST, D | S},
    {GROUP "/rekey", HTTP_POST, D | S},
    {"/compromise", HTTP_POST, D | S | O},
    {GROUP "/keys", HTTP_GET, V | D | S | O},
    {GROUP "/key-requests", HTTP_POST, S | M},
    {GROUP "/urgency", HTTP_POST, D | S | M},
    {GROUP "/deliveries", HTTP_GET, V | D | S | O},
    {"/receipts", HTTP_POST, ANYBODY}, /* each for himself */
    {"/events", HTTP_GET, V | D | S | O},
    {"/audit/head", HTTP_GET, S | O},
    {"/kek", HTTP_GET, O},
    {"/kek/rotate", HTTP_POST, O},
    {"/status", HTTP_GET, V | D | S | O},
    {"/openapi.json", HTTP_GET, ANYBODY},
};

static unsigned roles_of(const struct gms_api_route *route)
{
    unsigned roles = 0;

    if ((route->flags & GMS_API_ANY) != 0)
        return ANYBODY;
    for (int role = 0; role < GMS_ROLES; role++)
        if (gms_role_has((enum gms_role)role, route->right))
            roles |= 1U << role;
    return roles;
}

static const struct expected *find_expected(const struct gms_api_route *route)
{
    for (size_t i = 0; i < sizeof(matrix) / sizeof(matrix[0]); i++)
        if (matrix[i].method == route->method &&
            strcmp(matrix[i].pattern, route->pattern) == 0)
            return &matrix[i];
    return NULL;
}

static void each_route_is_for_the_roles_of_the_matrix(void)
{
    CU_ASSERT_EQUAL(gms_api_routes.count, sizeof(matrix) / sizeof(matrix[0]));
    for (size_t i = 0; i < gms_api_routes.count; i++) {
        const struct gms_api_route *route = &gms_api_routes.rows[i];
        const struct expected *want = find_expected(route);

        CU_ASSERT_PTR_NOT_NULL_FATAL(want);
        CU_ASSERT_EQUAL(roles_of(route), want->roles);
    }
}

/* What the handlers ask for beyond the route's right. */
static void finer_rights_are_the_matrix_too(void)
{
    static const struct {
        enum gms_right right;
        unsigned roles;
    } cases[] = {
        {GMS_MAY_HARD_STOP, D | S | O},
        {GMS_MAY_MEDIA_ENTITY, O},
        {GMS_MAY_EDIT, D | S},
        {GMS_MAY_OPERATE, O},
        {GMS_MAY_TELL_URGENCY, D | S | M},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int role = 0; role < GMS_ROLES; role++)
            CU_ASSERT_EQUAL(gms_role_has((enum gms_role)role, cases[i].right),
                (cases[i].roles >> role & 1U) != 0);
}

static void a_route_that_changes_is_post_patch_or_delete(void)
{
    for (size_t i = 0; i < gms_api_routes.count; i++) {
        const struct gms_api_route *route = &gms_api_routes.rows[i];

        if (route->method == HTTP_GET) {
            CU_ASSERT_PTR_NULL(route->body);
            CU_ASSERT(route->right == GMS_MAY_VIEW ||
                      route->right == GMS_MAY_AUDIT ||
                      route->right == GMS_MAY_OPERATE);
        }
        if ((route->flags & GMS_API_KEYED) != 0)
            CU_ASSERT_EQUAL(route->method, HTTP_POST);
    }
}

/* What passes by itself is no word about the receipt: the member comes again.
 */
static void a_vault_that_is_busy_refuses_no_receipt(void)
{
    static const struct {
        enum gms_vault_refusal refusal;
        unsigned status;
    } rows[] = {{GMS_REFUSED_RATE, 429}, {GMS_REFUSED_NOT_READY, 503},
        {GMS_REFUSED_LOG, 503}, {GMS_REFUSED_SEALED_KEY, 500},
        {GMS_REFUSED_RECEIPT, 403}, {GMS_REFUSED_KMS, 403}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CU_ASSERT_EQUAL(
            gms_api_problem_status(gms_api_receipt_refused(rows[i].refusal)),
            rows[i].status);
}

/* ----------------------------------------------------------------- OpenAPI */

static json_t *read_document(void)
{
    json_t *document =
        json_loads(gms_api_openapi_text, JSON_REJECT_DUPLICATES, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(document);
    CU_ASSERT_STRING_EQUAL(
        json_string_value(json_object_get(document, "openapi")), "3.0.3");
    return document;
}

static const char *method_name(unsigned method)
{
    switch (method) {
    case HTTP_GET:
        return "get";
    case HTTP_POST:
        return "post";
    case HTTP_PATCH:
        return "patch";
    default:
        return method == HTTP_DELETE ? "delete" : "put";
    }
}

static json_t *path_of(
    const json_t *document, const struct gms_api_route *route)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "/v1%s", route->pattern);
    return json_object_get(json_object_get(document, "paths"), path);
}

static json_t *operation_of(
    const json_t *document, const struct gms_api_route *route)
{
    return json_object_get(
        path_of(document, route), method_name(route->method));
}

static void each_route_is_in_the_document_with_its_right(void)
{
    MU_CLEANUP(gms_json_drop) json_t *document = read_document();

    for (size_t i = 0; i < gms_api_routes.count; i++) {
        const struct gms_api_route *route = &gms_api_routes.rows[i];
        const json_t *operation = operation_of(document, route);
        const char *right =
            json_string_value(json_object_get(operation, "x-right"));

        CU_ASSERT_PTR_NOT_NULL_FATAL(operation);
        if ((route->flags & GMS_API_ANY) != 0) {
            CU_ASSERT_PTR_NULL(right);
        } else {
            CU_ASSERT_STRING_EQUAL(right, gms_right_name(route->right));
        }
    }
}

static bool has_route(const char *path, const char *method)
{
    for (size_t i = 0; i < gms_api_routes.count; i++)
        if (strcmp(gms_api_routes.rows[i].pattern, path) == 0 &&
            strcmp(method_name(gms_api_routes.rows[i].method), method) == 0)
            return true;
    return false;
}

static void each_operation_of_the_document_is_a_route(void)
{
    MU_CLEANUP(gms_json_drop) json_t *document = read_document();
    json_t *paths = json_object_get(document, "paths"), *item, *operation;
    const char *path, *method;

    json_object_foreach(paths, path, item)
    {
        CU_ASSERT_FATAL(strncmp(path, "/v1/", 4) == 0);
        json_object_foreach(item, method, operation)
        {
            if (strcmp(method, "parameters") != 0)
                CU_ASSERT(has_route(path + strlen("/v1"), method));
        }
    }
}

/* Whether a list of parameters has one of that name and place. */
static bool has_parameter(
    const json_t *list, const char *name, size_t len, const char *place)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const char *is = json_string_value(json_object_get(one, "name"));
        const char *in = json_string_value(json_object_get(one, "in"));

        if (is != NULL && in != NULL && strcmp(in, place) == 0 &&
            strlen(is) == len && memcmp(is, name, len) == 0)
            return true;
    }
    return false;
}

static size_t count_parameters(const json_t *list, const char *place)
{
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *in =
            json_string_value(json_object_get(json_array_get(list, i), "in"));

        count += in != NULL && strcmp(in, place) == 0;
    }
    return count;
}

static void queries_and_paths_have_the_parameters_of_the_table(void)
{
    MU_CLEANUP(gms_json_drop) json_t *document = read_document();

    for (size_t i = 0; i < gms_api_routes.count; i++) {
        const struct gms_api_route *route = &gms_api_routes.rows[i];
        const json_t *list =
            json_object_get(operation_of(document, route), "parameters");
        const json_t *shared =
            json_object_get(path_of(document, route), "parameters");
        const char *at = route->query;
        size_t names = 0;

        for (; *at != '\0'; names++) {
            size_t len = strcspn(at, " ");

            CU_ASSERT(has_parameter(list, at, len, "query"));
            at += len + (at[len] == ' ');
        }
        CU_ASSERT_EQUAL(count_parameters(list, "query"), names);
        for (at = route->pattern; (at = strchr(at, '{')) != NULL; at++)
            CU_ASSERT(
                has_parameter(shared, at + 1, strcspn(at + 1, "}"), "path"));
    }
}

static void posts_say_whether_an_idempotency_key_is_needed(void)
{
    static const char name[] = "Idempotency-Key";
    MU_CLEANUP(gms_json_drop) json_t *document = read_document();

    for (size_t i = 0; i < gms_api_routes.count; i++) {
        const struct gms_api_route *route = &gms_api_routes.rows[i];

        CU_ASSERT_EQUAL(
            has_parameter(
                json_object_get(operation_of(document, route), "parameters"),
                name, strlen(name), "header"),
            route->method == HTTP_POST);
    }
}

/* "#/components/schemas/NAME" in the document; NULL when it leads nowhere. */
static json_t *resolve(const json_t *document, const json_t *ref)
{
    static const char prefix[] = "#/components/schemas/";
    const char *text = json_string_value(json_object_get(ref, "$ref"));

    if (text == NULL || strncmp(text, prefix, strlen(prefix)) != 0)
        return NULL;
    return json_object_get(
        json_object_get(json_object_get(document, "components"), "schemas"),
        text + strlen(prefix));
}

static json_t *body_of(
    const json_t *document, const struct gms_api_route *route)
{
    const json_t *body =
        json_object_get(operation_of(document, route), "requestBody");
    const json_t *type =
        json_object_get(json_object_get(body, "content"), "application/json");

    return resolve(document, json_object_get(type, "schema"));
}

static bool requires(const json_t *schema, const char *name)
{
    const json_t *list = json_object_get(schema, "required");

    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), name) == 0)
            return true;
    return false;
}

static void bodies_have_the_members_of_the_table(void)
{
    MU_CLEANUP(gms_json_drop) json_t *document = read_document();

    for (size_t i = 0; i < gms_api_routes.count; i++) {
        const struct gms_api_route *route = &gms_api_routes.rows[i];
        const json_t *schema = body_of(document, route);
        const json_t *members = json_object_get(schema, "properties");

        CU_ASSERT_EQUAL(schema != NULL, route->body != NULL);
        CU_ASSERT_EQUAL(json_object_size(members), route->body_len);
        for (size_t j = 0; j < route->body_len; j++) {
            const struct gms_json_field *field = &route->body[j];

            CU_ASSERT_PTR_NOT_NULL(json_object_get(members, field->name));
            CU_ASSERT_EQUAL(requires(schema, field->name), field->required);
        }
        if (schema != NULL)
            CU_ASSERT(
                json_is_false(json_object_get(schema, "additionalProperties")));
    }
}

static void each_operation_says_how_it_fails(void)
{
    MU_CLEANUP(gms_json_drop) json_t *document = read_document();

    for (size_t i = 0; i < gms_api_routes.count; i++) {
        const json_t *responses = json_object_get(
            operation_of(document, &gms_api_routes.rows[i]), "responses");

        CU_ASSERT_STRING_EQUAL(
            json_string_value(
                json_object_get(json_object_get(responses, "default"), "$ref")),
            "#/components/responses/Problem");
        CU_ASSERT(json_object_size(responses) >= 2);
    }
}

CU_TestInfo gms_api_routes_tests[] = {
    {"a vault that is busy refuses no receipt",
        a_vault_that_is_busy_refuses_no_receipt},
    {"each route is for the roles of the matrix",
        each_route_is_for_the_roles_of_the_matrix},
    {"finer rights are the matrix, too", finer_rights_are_the_matrix_too},
    {"a route that changes is POST, PATCH or DELETE",
        a_route_that_changes_is_post_patch_or_delete},
    {"each route is in the document with its right",
        each_route_is_in_the_document_with_its_right},
    {"each operation of the document is a route",
        each_operation_of_the_document_is_a_route},
    {"queries and paths have the parameters of the table",
        queries_and_paths_have_the_parameters_of_the_table},
    {"POSTs say whether an idempotency key is needed",
        posts_say_whether_an_idempotency_key_is_needed},
    {"bodies have the members of the table",
        bodies_have_the_members_of_the_table},
    {"each operation says how it fails", each_operation_says_how_it_fails},
    CU_TEST_INFO_NULL,
};
