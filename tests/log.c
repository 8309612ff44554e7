/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/log.h"

#include <string.h>

static void on_line(void *ctx, enum mu_log_level level, struct span line)
{
    struct test_log *log = ctx;

    log->level = level;
    log->lines++;
    if (line.len >= sizeof(log->text) - log->len)
        return;
    memcpy(log->text + log->len, line.p, line.len);
    log->len += line.len;
    log->text[log->len] = '\0';
}

void test_log_start(struct test_log *log, enum mu_log_format format)
{
    struct mu_log_config config = {.level = MU_LOG_DEBUG,
        .format = format,
        .clock = &log->now.clock,
        .sink = on_line,
        .ctx = log};

    memset(log, 0, sizeof(*log));
    test_clock_init(&log->now, UINT64_C(1795443825123));
    mu_log_start(&config);
}

void test_log_stop(struct test_log *log)
{
    (void)log;
    mu_log_stop();
}
