/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/base/chain_fixture.h"

#include "tests/rng.h"

#include <CUnit/CUnit.h>
#include <stdio.h>

#define NOW_MS UINT64_C(1795443825123)

/* Writes the records from the one numbered from, with payloads of a kind. */
static void write_from(
    struct log *log, const struct mu_sign_key *key, size_t from, char kind)
{
    struct wr w;

    wr_init(&w, (uint8_t *)log->text, sizeof(log->text));
    w.at = log->start[from];
    for (size_t i = from; i < LOG_RECORDS; i++) {
        char payload[64];

        log->start[i] = w.at;
        (void)snprintf(
            payload, sizeof(payload), "event=test.%c number=%zu", kind, i);
        CU_ASSERT_EQUAL_FATAL(mu_chain_add(key, &log->heads[i - 1], NOW_MS + i,
                                  span_str(payload), &w, &log->heads[i]),
            MU_OK);
    }
    log->start[LOG_RECORDS] = log->len = w.at;
}

void log_make(struct log *log, const char *name, uint8_t seed)
{
    struct mu_sign_key key = {{seed}};
    struct test_rng rng;
    struct wr w;

    test_rng_init(&rng, seed);
    CU_ASSERT_EQUAL_FATAL(mu_sign_public(&key, &log->key), MU_OK);
    wr_init(&w, (uint8_t *)log->text, sizeof(log->text));
    CU_ASSERT_EQUAL_FATAL(
        mu_chain_begin(&key, name, &rng.rng, NOW_MS, &w, &log->heads[0]),
        MU_OK);
    log->start[0] = 0;
    log->start[1] = w.at;
    write_from(log, &key, 1, 'a');
}

void log_fork(struct log *log, uint8_t seed, size_t keep)
{
    struct mu_sign_key key = {{seed}};

    write_from(log, &key, keep, 'b');
}

struct span log_text(const struct log *log)
{
    return (struct span){(const uint8_t *)log->text, log->len};
}

enum mu_chain_fault log_check(const struct log *log, struct span text,
    const struct mu_chain_head *witness, struct mu_chain_report *report)
{
    struct mu_chain_check check = {
        .key = log->key, .name = "test", .witness = witness};
    enum mu_err err = mu_chain_verify(&check, text, report);

    CU_ASSERT_EQUAL(err == MU_OK, report->fault == MU_CHAIN_GOOD);
    CU_ASSERT_EQUAL(err == MU_E_STATE, report->fault == MU_CHAIN_TORN);
    return report->fault;
}
