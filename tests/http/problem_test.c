/* SPDX-License-Identifier: Apache-2.0 */
#include "http/problem.h"

#include <jansson.h>
#include <string.h>

#include "tests/suites.h"

static json_t *written(enum http_problem problem, const char *detail)
{
    char body[HTTP_PROBLEM_MAX];
    size_t len = 0;

    CU_ASSERT_EQUAL_FATAL(
        http_problem_write(problem, detail, body, &len), MU_OK);
    return json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);
}

static const char *text(const json_t *json, const char *name)
{
    const char *value = json_string_value(json_object_get(json, name));

    return value != NULL ? value : "";
}

static void every_problem_has_a_status_a_title_and_a_code(void)
{
    for (unsigned p = 0; p <= HTTP_PROBLEM_UNAVAILABLE; p++) {
        enum http_problem problem = (enum http_problem)p;
        json_t *json = written(problem, "what \"happened\"");

        CU_ASSERT_EQUAL(json_integer_value(json_object_get(json, "status")),
            http_problem_status(problem));
        CU_ASSERT(text(json, "title")[0] != '\0');
        CU_ASSERT_STRING_EQUAL(text(json, "code"), http_problem_code(problem));
        CU_ASSERT_STRING_EQUAL(text(json, "detail"), "what \"happened\"");
        json_decref(json);
    }
}

static void every_error_has_a_status_of_its_kind(void)
{
    static const struct {
        enum mu_err err;
        unsigned status;
    } expected[] = {
        {MU_E_MALFORMED, 400},
        {MU_E_UNSUPPORTED, 501},
        {MU_E_DENIED, 403},
        {MU_E_NOT_FOUND, 404},
        {MU_E_EXPIRED, 403},
        {MU_E_STATE, 409},
        {MU_E_NO_SPACE, 413},
        {MU_E_NO_MEMORY, 503},
        {MU_E_IO, 500},
        {MU_E_CRYPTO, 403},
    };

    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        CU_ASSERT_EQUAL(http_problem_status(http_problem_of(expected[i].err)),
            expected[i].status);
}

static void a_detail_that_cannot_be_told_is_left_out(void)
{
    char long_one[2 * HTTP_PROBLEM_MAX];
    const char *details[] = {NULL, "\xff\xfe", long_one};

    memset(long_one, 'a', sizeof(long_one) - 1);
    long_one[sizeof(long_one) - 1] = '\0';
    for (size_t i = 0; i < 3; i++) {
        json_t *json = written(HTTP_PROBLEM_NOT_FOUND, details[i]);

        CU_ASSERT_STRING_EQUAL(text(json, "code"), "not-found");
        CU_ASSERT_PTR_NULL(json_object_get(json, "detail"));
        json_decref(json);
    }
}

CU_TestInfo http_problem_tests[] = {
    {"every problem has a status, a title and a code",
        every_problem_has_a_status_a_title_and_a_code},
    {"every error has a status of its kind",
        every_error_has_a_status_of_its_kind},
    {"a detail that cannot be told is left out",
        a_detail_that_cannot_be_told_is_left_out},
    CU_TEST_INFO_NULL,
};
