/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain_fixture.h - a log to break, for the tests of the chain.
 */
#ifndef TESTS_BASE_CHAIN_FIXTURE_H
#define TESTS_BASE_CHAIN_FIXTURE_H

#include "base/chain_verify.h"

#define LOG_RECORDS 6

/* A log and the head after each record. */
struct log {
    char text[2560];
    size_t len;
    size_t start[LOG_RECORDS + 1]; /* of each line, and the end */
    struct mu_chain_head heads[LOG_RECORDS];
    struct mu_verify_key key;
};

/* The same each time for the same seed: another seed is another signer. */
void log_make(struct log *log, const char *name, uint8_t seed);

/* The log of the same signer that parts from log behind record keep - 1. */
void log_fork(struct log *log, uint8_t seed, size_t keep);

struct span log_text(const struct log *log);

/* Verifies text as the log "test" of log->key. */
enum mu_chain_fault log_check(const struct log *log, struct span text,
    const struct mu_chain_head *witness, struct mu_chain_report *report);

#endif
