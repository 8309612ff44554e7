/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lint_cunit.h - CUnit as clang-tidy is to see it.
 *
 * What a test does after one of its assertions failed is of no interest, but
 * an analyzer reads on and finds faults there; and that a FATAL one leaves by
 * longjmp no prototype tells it. Here no failed assertion returns. Included by
 * `lint tidy` alone, ahead of each test.
 */
#ifndef TESTS_LINT_CUNIT_H
#define TESTS_LINT_CUNIT_H

#include <CUnit/CUnit.h>
#include <stdlib.h>

#define CU_assertImplementation(value, line, text, file, function, fatal)      \
    ((value) ? CU_TRUE : (abort(), CU_FALSE))

#endif
