/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/api_json.h"

#include <string.h>

#include "tests/suites.h"

static const struct gms_json_field fields[] = {
    {"id", GMS_JSON_ID, true, NULL},
    {"name", GMS_JSON_TEXT, false, NULL},
    {"count", GMS_JSON_NUMBER, false, NULL},
    {"hard", GMS_JSON_BOOL, false, NULL},
    {"template", GMS_JSON_WORD, false, "incident plain"},
    {"members", GMS_JSON_MEMBERS, false, NULL},
    {"any", GMS_JSON_ANY, false, NULL},
};

static enum mu_err read_body(const char *text, char *why, json_t **out)
{
    return gms_json_read(
        span_str(text), fields, sizeof(fields) / sizeof(fields[0]), why, out);
}

static void a_body_of_the_table_is_read(void)
{
    MU_CLEANUP(gms_json_drop) json_t *json = NULL;
    char why[GMS_JSON_WHY_MAX];

    CU_ASSERT_EQUAL_FATAL(
        read_body("{\"id\":\"sip:a@b\",\"name\":\"Caf\\u00e9\",\"count\":7,"
                  "\"hard\":true,\"template\":\"plain\",\"any\":[1,null],"
                  "\"members\":[\"tel:+1\",{\"uri\":\"sip:c@d\"}]}",
            why, &json),
        MU_OK);
    CU_ASSERT(span_eq(gms_json_span(json, "id"), span_str("sip:a@b")));
    CU_ASSERT(span_eq(gms_json_span(json, "name"), span_str("Caf\xc3\xa9")));
    CU_ASSERT_EQUAL(gms_json_number(json, "count", 1), 7);
    CU_ASSERT(gms_json_bool(json, "hard"));
}

static void what_is_not_there_has_its_default(void)
{
    MU_CLEANUP(gms_json_drop) json_t *json = NULL;
    char why[GMS_JSON_WHY_MAX];

    CU_ASSERT_EQUAL_FATAL(read_body("{\"id\":\"sip:a@b\"}", why, &json), MU_OK);
    CU_ASSERT_PTR_NULL(gms_json_span(json, "name").p);
    CU_ASSERT_EQUAL(gms_json_number(json, "count", 5), 5);
    CU_ASSERT_FALSE(gms_json_bool(json, "hard"));
}

static void one_bad_member_refuses_the_body_and_is_named(void)
{
    static const struct {
        const char *body, *why;
    } cases[] = {
        {"", "member \"id\" is missing"},
        {"[]", "the body is no JSON object"},
        {"{\"id\":\"sip:a@b\"", "the body is no JSON object"},
        {"{\"id\":\"sip:a@b\"} x", "the body is no JSON object"},
        {"{\"id\":\"sip:a@b\",\"id\":\"sip:a@c\"}",
            "the body is no JSON object"},
        {"{\"id\":\"not a uri\"}", "member \"id\" is no URI"},
        {"{\"id\":\"\"}", "member \"id\" is no URI"},
        {"{\"id\":7}", "member \"id\" is no URI"},
        {"{\"id\":\"sip:a@b\",\"hrad\":true}",
            "member \"hrad\" is not known here"},
        {"{\"id\":\"sip:a@b\",\"name\":\"\"}",
            "member \"name\" is no text of 1 to 1024 octets"},
        {"{\"id\":\"sip:a@b\",\"name\":\"a\\u001b[2J\"}",
            "member \"name\" is no text of 1 to 1024 octets"},
        {"{\"id\":\"sip:a@b\",\"count\":-1}",
            "member \"count\" is no whole number"},
        {"{\"id\":\"sip:a@b\",\"count\":1.5}",
            "member \"count\" is no whole number"},
        {"{\"id\":\"sip:a@b\",\"hard\":1}",
            "member \"hard\" is neither true nor false"},
        {"{\"id\":\"sip:a@b\",\"template\":\"incident plain\"}",
            "member \"template\" is none of its words"},
        {"{\"id\":\"sip:a@b\",\"template\":\"inc\"}",
            "member \"template\" is none of its words"},
        {"{\"id\":\"sip:a@b\",\"members\":{}}",
            "member \"members\" is no array"},
        {"{\"id\":\"sip:a@b\",\"members\":[\"x y\"]}",
            "member \"members\" has an item that is no URI"},
        {"{\"id\":\"sip:a@b\",\"members\":[{\"name\":\"x\"}]}",
            "member \"members\" has an item that is neither a URI nor a "
            "member"},
        {"{\"id\":\"sip:a@b\",\"members\":[[]]}",
            "member \"members\" has an item that is neither a URI nor a "
            "member"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *json = NULL;
        char why[GMS_JSON_WHY_MAX] = "";

        CU_ASSERT_EQUAL(read_body(cases[i].body, why, &json), MU_E_MALFORMED);
        CU_ASSERT_PTR_NULL(json);
        CU_ASSERT_STRING_EQUAL(why, cases[i].why);
    }
}

static void deep_nesting_is_refused(void)
{
    char body[6144] = "{\"id\":\"sip:a@b\",\"any\":", why[GMS_JSON_WHY_MAX];
    size_t at = strlen(body);
    json_t *json = NULL;

    memset(body + at, '[', 4000);
    memset(body + at + 4000, ']', sizeof(body) - at - 4000 - 2);
    body[sizeof(body) - 2] = '}';
    body[sizeof(body) - 1] = '\0';
    CU_ASSERT_EQUAL(read_body(body, why, &json), MU_E_MALFORMED);
}

static void parameters_of_a_query_are_decoded(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct span query = span_str("a=sip%3Ax%40y&n=12&e=&flag&a=2");
    struct span text;
    uint64_t n = 0;

    mu_arena_init(&arena, 1000);
    CU_ASSERT_EQUAL(gms_query_text(query, "a", &arena, &text), MU_OK);
    CU_ASSERT(span_eq(text, span_str("sip:x@y")));
    CU_ASSERT_EQUAL(gms_query_text(query, "e", &arena, &text), MU_OK);
    CU_ASSERT_PTR_NOT_NULL(text.p);
    CU_ASSERT_EQUAL(text.len, 0);
    CU_ASSERT_EQUAL(gms_query_text(query, "flag", &arena, &text), MU_OK);
    CU_ASSERT_PTR_NOT_NULL(text.p);
    CU_ASSERT_EQUAL(gms_query_text(query, "b", &arena, &text), MU_OK);
    CU_ASSERT_PTR_NULL(text.p);
    CU_ASSERT_EQUAL(gms_query_number(query, "n", 1, &n), MU_OK);
    CU_ASSERT_EQUAL(n, 12);
    CU_ASSERT_EQUAL(gms_query_number(query, "m", 1, &n), MU_OK);
    CU_ASSERT_EQUAL(n, 1);
    CU_ASSERT_EQUAL(gms_query_number(query, "e", 1, &n), MU_E_MALFORMED);
}

static void broken_escapes_and_unknown_names_are_found(void)
{
    static const char *const broken[] = {"a=%", "a=%4", "a=%zz", "a=x%4"};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct span text;

    mu_arena_init(&arena, 1000);
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
        CU_ASSERT_EQUAL(gms_query_text(span_str(broken[i]), "a", &arena, &text),
            MU_E_MALFORMED);
    CU_ASSERT(gms_query_is_known((struct span){NULL, 0}, ""));
    CU_ASSERT(gms_query_is_known(span_str("after=1&most=2"), "after most"));
    CU_ASSERT_FALSE(
        gms_query_is_known(span_str("after=1&mots=2"), "after most"));
    CU_ASSERT_FALSE(gms_query_is_known(span_str("afte=1"), "after most"));
    CU_ASSERT_FALSE(gms_query_is_known(span_str("&=1"), "after most"));
}

CU_TestInfo gms_api_json_tests[] = {
    {"a body of the table is read", a_body_of_the_table_is_read},
    {"what is not there has its default", what_is_not_there_has_its_default},
    {"one bad member refuses the body and is named",
        one_bad_member_refuses_the_body_and_is_named},
    {"deep nesting is refused", deep_nesting_is_refused},
    {"parameters of a query are decoded", parameters_of_a_query_are_decoded},
    {"broken escapes and unknown names are found",
        broken_escapes_and_unknown_names_are_found},
    CU_TEST_INFO_NULL,
};
