/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner.h - what a program of CUnit suites does.
 */
#ifndef TESTS_RUNNER_H
#define TESTS_RUNNER_H

#include <CUnit/CUnit.h>

/*
 * Runs the suites whose name contains the filter; NULL: all. Prints CUnit's
 * summary, then one line "N passed, N failed, N skipped" that counts tests.
 *
 * Returns the exit status: 0 when something ran and nothing failed.
 */
int run_suites(const CU_SuiteInfo *suites, size_t count, const char *filter);

#endif
