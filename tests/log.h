/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - catches what a test makes the program log.
 */
#ifndef TESTS_LOG_H
#define TESTS_LOG_H

#include "base/log.h"
#include "tests/clock.h"

struct test_log {
    struct test_clock now; /* 2026-11-23T14:23:45.123Z until the test sets it */
    enum mu_log_level level; /* of the last line */
    unsigned lines;
    char text[2 * MU_LOG_LINE_MAX]; /* the lines, as many as fit; a string */
    size_t len;
};

/* The log goes here, all levels of it, until test_log_stop(). */
void test_log_start(struct test_log *log, enum mu_log_format format);
void test_log_stop(struct test_log *log);

#endif
