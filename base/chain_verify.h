/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain_verify.h - tells whether a log (base/chain.h) is whole.
 *
 * Pure: the text is an argument; a large log is best mapped.
 */
#ifndef BASE_CHAIN_VERIFY_H
#define BASE_CHAIN_VERIFY_H

#include "base/chain.h"

enum mu_chain_fault {
    MU_CHAIN_GOOD,
    MU_CHAIN_EMPTY,      /* no record at all */
    MU_CHAIN_TORN,       /* all is good but an incomplete last line */
    MU_CHAIN_FORMAT,     /* the line is no record */
    MU_CHAIN_GENESIS,    /* record 0 is that of another log */
    MU_CHAIN_SEQUENCE,   /* another record number was due */
    MU_CHAIN_LINK,       /* does not follow from the record before */
    MU_CHAIN_SIGNATURE,  /* changed, or written by another key */
    MU_CHAIN_FORKED,     /* not the record that the witness saw */
    MU_CHAIN_TRUNCATED,  /* ends before the record that the witness saw */
    MU_CHAIN_UNWITNESSED /* begins after the record that the witness saw */
};

/* The fault as words, for people. Static storage. */
const char *mu_chain_fault_text(enum mu_chain_fault fault);

/* What the verifier knows beforehand. */
struct mu_chain_check {
    struct mu_verify_key key;            /* who signs this log */
    const char *name;                    /* which log it is */
    const struct mu_chain_head *witness; /* a head kept elsewhere, or NULL */
    /* NULL: the text begins with record 0. Else it goes on after this head,
     * which the caller trusts: a log kept in several files. */
    const struct mu_chain_head *after;
    /* Sees every good record in turn, those before a fault too; or NULL. */
    void (*on_record)(void *ctx, const struct mu_chain_record *record);
    void *ctx;
};

struct mu_chain_report {
    enum mu_chain_fault fault;
    uint64_t line;             /* where the fault is, from 1; the last line when
                                  what is missing comes after it; 0 for none */
    uint64_t records;          /* that are good */
    struct mu_chain_head head; /* of the last good one; set if there is one,
                                  or after is */
    size_t good_len;           /* octets up to the end of the good records:
                                  what to keep of a torn log */
};

/*
 * Verifies a whole log, or its continuation after check->after.
 *
 * Stops at the first fault; *out is always set. A torn line that follows the
 * record of the witness, or any without a witness, is MU_CHAIN_TORN.
 *
 * Returns MU_OK for MU_CHAIN_GOOD; MU_E_STATE for MU_CHAIN_TORN, which the
 * writer mends by cutting the text to good_len; MU_E_CRYPTO for all others.
 */
MU_MUST_CHECK enum mu_err mu_chain_verify(const struct mu_chain_check *check,
    struct span text, struct mu_chain_report *out);

#endif
