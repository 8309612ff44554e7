/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/runner.h"

#include <CUnit/Basic.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tests/vec.h"
#include "xml/group_doc.h"
#include "xml/library.h"

static int add_suites(
    const CU_SuiteInfo *suites, size_t count, const char *filter)
{
    for (size_t i = 0; i < count; i++) {
        CU_SuiteInfo one[] = {suites[i], CU_SUITE_INFO_NULL};

        if (filter != NULL && strstr(suites[i].pName, filter) == NULL)
            continue;
        if (CU_register_suites(one) != CUE_SUCCESS)
            return -1;
    }
    return 0;
}

/* "XC-04 puts attributes" shows something of the row XC-04. */
static bool names_row(const char *test)
{
    return strlen(test) > 6 && isupper((unsigned char)test[0]) &&
           isupper((unsigned char)test[1]) && test[2] == '-' &&
           isdigit((unsigned char)test[3]) && isdigit((unsigned char)test[4]) &&
           test[5] == ' ';
}

static bool has_failed(const CU_Test *test)
{
    const CU_FailureRecord *f = CU_get_failure_list();

    while (f != NULL && f->pTest != test)
        f = f->pNext;
    return f != NULL;
}

/* For tests/acceptance: a line for each test that is named by a row. */
static void print_rows(void)
{
    const CU_Suite *suite = CU_get_registry()->pSuite;

    for (; suite != NULL; suite = suite->pNext)
        for (const CU_Test *t = suite->pTest; t != NULL; t = t->pNext)
            if (names_row(t->pName))
                printf("row %.5s %s %s\n", t->pName,
                    has_failed(t) ? "fail" : "pass", suite->pName);
}

int run_suites(const CU_SuiteInfo *suites, size_t count, const char *filter)
{
    unsigned failed, skipped, run;

    if (xml_init() != MU_OK || xml_group_init() != MU_OK ||
        CU_initialize_registry() != CUE_SUCCESS)
        return 1;
    if (add_suites(suites, count, filter) != 0)
        return 1;
    CU_basic_set_mode(CU_BRM_NORMAL);
    if (CU_basic_run_tests() != CUE_SUCCESS)
        return 1;
    print_rows();
    failed = CU_get_number_of_tests_failed();
    skipped = vec_skipped();
    run = CU_get_number_of_tests_run();
    printf("%u passed, %u failed, %u skipped\n", run - failed - skipped, failed,
        skipped);
    CU_cleanup_registry();
    xml_group_cleanup();
    xml_cleanup();
    return run == 0 || failed != 0;
}
