/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench.h - what is measured, and by whom it is done.
 *
 * A candidate does some of the operations; what it needs is made before the
 * clock runs. Ours does all, the distribution's libwolfssl what it offers.
 * An operation works on an identity that it has not seen, unless it says
 * otherwise.
 */
#ifndef TOOLS_BENCH_BENCH_H
#define TOOLS_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bench_op {
    BENCH_SAKKE_ENCAP,        /* one SSV to one identity */
    BENCH_SAKKE_BATCH,        /* one SSV to BENCH_BATCH identities of one KMS */
    BENCH_SAKKE_DECAP,        /* one SED, the user's key prepared */
    BENCH_SAKKE_EXTRACT,      /* the key of one identity */
    BENCH_ECCSI_SIGN,         /* one message, the signer's key prepared */
    BENCH_ECCSI_VERIFY,       /* one signature of a signer not seen before */
    BENCH_ECCSI_VERIFY_KNOWN, /* of a signer whose Y is kept */
    BENCH_IMESSAGE_ISSUE,     /* wrap and sign one GMK message */
    BENCH_OPS
};

#define BENCH_BATCH  1000
#define BENCH_ID_LEN 32 /* of a UID */

struct bench_candidate {
    /* NULL where the candidate does not offer the operation; false when it
     * failed. One call is one operation, but BENCH_BATCH for the batch. */
    bool (*run[BENCH_OPS])(void *ctx);
    void *ctx;
};

/* The two candidates; false when they cannot be made ready. The state behind
 * them is one static object each, and stays. */
bool bench_ours(struct bench_candidate *out);
bool bench_wolfssl(struct bench_candidate *out);

#define BENCH_REKEY 2000

/*
 * Milliseconds until the vault has all messages of a new key for BENCH_REKEY
 * members: cold, wrapped and signed; hot, from envelopes that are there. The
 * median of some rounds. False when something failed.
 */
bool bench_rekey(double *cold_ms, double *hot_ms);

/* An identity that no call has given before. */
void bench_fresh_id(uint8_t out[BENCH_ID_LEN]);

#endif
