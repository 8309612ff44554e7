/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - muster-bench [--json]: the benchmarks of `./muster bench`.
 *
 * Of single operations: one thread; the clock is the processor time of the
 * process, so that others on the machine weigh less. Candidates take turns in
 * short slices, and the median over the rounds counts: absolute figures wander
 * with the machine, the ratio of two that were measured side by side does not.
 */
#include "tools/bench/bench.h"

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS  7
#define SLICE_S 0.05

enum candidate {
    OURS,
    WOLFSSL,
    CANDIDATES
};

/* Operations per second; 0 where they are not offered. And what the vault of a
 * group server needs for a rekey. */
struct result {
    double rate[CANDIDATES][BENCH_OPS];
    double cold_ms, hot_ms;
};

static const char *const op_names[BENCH_OPS] = {
    [BENCH_SAKKE_ENCAP] = "sakke_encap",
    [BENCH_SAKKE_BATCH] = "sakke_batch",
    [BENCH_SAKKE_DECAP] = "sakke_decap",
    [BENCH_SAKKE_EXTRACT] = "sakke_extract",
    [BENCH_ECCSI_SIGN] = "eccsi_sign",
    [BENCH_ECCSI_VERIFY] = "eccsi_verify",
    [BENCH_ECCSI_VERIFY_KNOWN] = "eccsi_verify_known",
    [BENCH_IMESSAGE_ISSUE] = "imessage_issue",
};

void bench_fresh_id(uint8_t out[BENCH_ID_LEN])
{
    static uint64_t count;

    memset(out, 0x11, BENCH_ID_LEN);
    count++;
    memcpy(out + BENCH_ID_LEN - sizeof(count), &count, sizeof(count));
}

static double now_s(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Operations per second over one slice, or -1 when one failed. */
static double slice(bool (*run)(void *ctx), void *ctx, unsigned per_call)
{
    double start = now_s(), spent;
    unsigned calls = 0;

    do {
        if (!run(ctx))
            return -1;
        calls++;
        spent = now_s() - start;
    } while (spent < SLICE_S);
    return (double)calls * per_call / spent;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* One operation, the candidates in turns; the median of each to out. */
static bool measure(
    const struct bench_candidate *c, enum bench_op op, struct result *out)
{
    double rate[CANDIDATES][ROUNDS] = {0};
    unsigned per_call = op == BENCH_SAKKE_BATCH ? BENCH_BATCH : 1;

    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < CANDIDATES; i++)
            if (c[i].run[op] != NULL)
                rate[i][round] = slice(c[i].run[op], c[i].ctx, per_call);
    for (size_t i = 0; i < CANDIDATES; i++) {
        qsort(rate[i], ROUNDS, sizeof(rate[i][0]), by_value);
        if (rate[i][0] < 0)
            return false;
        out->rate[i][op] = rate[i][ROUNDS / 2];
    }
    return true;
}

static void print_text(const struct result *r)
{
    printf("%-22s %10s %10s %8s\n", "per s, one thread", "muster", "wolfssl",
        "ratio");
    for (int op = 0; op < BENCH_OPS; op++) {
        double a = r->rate[OURS][op], b = r->rate[WOLFSSL][op];

        printf("%-22s %10.1f", op_names[op], a);
        if (b > 0)
            printf(" %10.1f %8.2f", b, a / b);
        putchar('\n');
    }
    printf("\n%-22s %10s\n%-22s %10.0f\n%-22s %10.0f\n", "ms, all threads",
        "muster", "rekey_2000_cold", r->cold_ms, "rekey_2000_hot", r->hot_ms);
}

static void print_json(const struct result *r)
{
    const char *comma = "{";

    for (int op = 0; op < BENCH_OPS; op++) {
        double a = r->rate[OURS][op], b = r->rate[WOLFSSL][op];

        printf("%s\"%s_per_s\": %.2f", comma, op_names[op], a);
        if (b > 0)
            printf(", \"wolfssl_%s_per_s\": %.2f, \"%s_ratio\": %.2f",
                op_names[op], b, op_names[op], a / b);
        comma = ", ";
    }
    printf("%s\"rekey_2000_cold_ms\": %.1f, \"rekey_2000_hot_ms\": %.1f}\n",
        comma, r->cold_ms, r->hot_ms);
}

static bool run_all(struct result *r)
{
    struct bench_candidate c[CANDIDATES] = {0};

    if (!bench_ours(&c[OURS]))
        return false;
#ifdef HAVE_WOLFSSL
    if (!bench_wolfssl(&c[WOLFSSL]))
        return false;
#endif
    for (int op = 0; op < BENCH_OPS; op++)
        if (!measure(c, (enum bench_op)op, r))
            return false;
    return bench_rekey(&r->cold_ms, &r->hot_ms);
}

int main(int argc, char **argv)
{
    static struct result r;

    if (argc > 2 || (argc == 2 && strcmp(argv[1], "--json") != 0)) {
        (void)fputs("muster-bench: usage: muster-bench [--json]\n", stderr);
        return 2;
    }
    if (!run_all(&r)) {
        (void)fputs("muster-bench: an operation failed\n", stderr);
        return 1;
    }
    if (argc == 2)
        print_json(&r);
    else
        print_text(&r);
    return 0;
}
