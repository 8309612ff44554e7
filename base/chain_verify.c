/* SPDX-License-Identifier: Apache-2.0 */
#include "base/chain_verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* No default: the compiler asks for each new fault. */
const char *mu_chain_fault_text(enum mu_chain_fault fault)
{
    switch (fault) {
    case MU_CHAIN_GOOD:
        return "good";
    case MU_CHAIN_EMPTY:
        return "no record";
    case MU_CHAIN_TORN:
        return "incomplete last line, left by a crash";
    case MU_CHAIN_FORMAT:
        return "not a record";
    case MU_CHAIN_GENESIS:
        return "the first record of another log";
    case MU_CHAIN_SEQUENCE:
        return "record number out of order";
    case MU_CHAIN_LINK:
        return "does not follow from the record before";
    case MU_CHAIN_SIGNATURE:
        return "changed, or signed by another key";
    case MU_CHAIN_FORKED:
        return "not the record that the witness saw";
    case MU_CHAIN_TRUNCATED:
        return "ends before the record that the witness saw";
    case MU_CHAIN_UNWITNESSED:
        return "begins after the record that the witness saw";
    }
    return "unknown";
}

/* A verification under way: what is known, and what was found so far. */
struct walk {
    const struct mu_chain_check *check;
    struct mu_chain_report *report;
};

/* True before the first record of a log that is not a continuation. */
static bool at_start(const struct walk *w)
{
    return w->report->records == 0 && w->check->after == NULL;
}

static uint64_t seq_due(const struct walk *w)
{
    return at_start(w) ? 0 : w->report->head.seq + 1;
}

/* The place of a record in the log, and who signed it. */
static enum mu_chain_fault check_record(
    const struct walk *w, const struct mu_chain_record *record)
{
    /* Before record 0 the head is all zeros, as its PREV has to be. */
    if (record->seq != seq_due(w))
        return MU_CHAIN_SEQUENCE;
    if (memcmp(record->prev, w->report->head.hash, MU_CHAIN_HASH_LEN) != 0)
        return MU_CHAIN_LINK;
    if (at_start(w) &&
        !mu_chain_is_first(record->payload, w->check->name, &w->check->key))
        return MU_CHAIN_GENESIS;
    if (mu_chain_record_verify(&w->check->key, record) != MU_OK)
        return MU_CHAIN_SIGNATURE;
    return MU_CHAIN_GOOD;
}

/* Whether this head contradicts the witness. */
static enum mu_chain_fault check_witness(
    const struct walk *w, const struct mu_chain_head *head)
{
    const struct mu_chain_head *seen = w->check->witness;

    if (seen == NULL || seen->seq != head->seq ||
        memcmp(seen->hash, head->hash, sizeof(seen->hash)) == 0)
        return MU_CHAIN_GOOD;
    return MU_CHAIN_FORKED;
}

static enum mu_chain_fault take_line(struct walk *w, struct span line)
{
    struct mu_chain_record record;
    struct mu_chain_head head;
    enum mu_chain_fault fault;

    if (mu_chain_record_read(line, &record) != MU_OK)
        return MU_CHAIN_FORMAT;
    fault = check_record(w, &record);
    if (fault != MU_CHAIN_GOOD)
        return fault;
    head.seq = record.seq;
    if (mu_chain_hash(record.covered, head.hash) != MU_OK)
        return MU_CHAIN_SIGNATURE;
    fault = check_witness(w, &head);
    if (fault != MU_CHAIN_GOOD)
        return fault;
    w->report->head = head;
    w->report->records++;
    w->report->good_len += line.len + 1;
    if (w->check->on_record != NULL)
        w->check->on_record(w->check->ctx, &record);
    return MU_CHAIN_GOOD;
}

/*
 * Whether the last line is what a crash leaves of the record that was due:
 * its beginning, then perhaps octets that never reached the disk and read as
 * zeros. A whole line is torn only if it has such zeros: no edit that could
 * be worth anything has, and a cut gains nothing that truncation does not.
 */
static bool is_torn(const struct walk *w, struct span line, bool ended)
{
    char due[24];
    size_t len = (size_t)snprintf(due, sizeof(due), "%" PRIu64 " ", seq_due(w));
    bool zeros = false;

    if (line.len >= MU_CHAIN_LINE_LEN(MU_CHAIN_PAYLOAD_MAX))
        return false;
    for (size_t i = 0; i < line.len; i++) {
        uint8_t c = line.p[i];

        zeros = zeros || c == 0;
        if (c != 0 && (i < len ? c != (uint8_t)due[i] : c < 0x20 || c > 0x7e))
            return false;
    }
    return zeros || !ended;
}

/* Takes the next line off *left; false when it had no LF. */
static bool next_line(struct span *left, struct span *line)
{
    const uint8_t *lf = memchr(left->p, '\n', left->len);
    size_t len = lf != NULL ? (size_t)(lf - left->p) : left->len;

    *line = (struct span){left->p, len};
    left->p += lf != NULL ? len + 1 : len;
    left->len -= lf != NULL ? len + 1 : len;
    return lf != NULL;
}

static enum mu_chain_fault take_all(struct walk *w, struct span text)
{
    enum mu_chain_fault fault = MU_CHAIN_GOOD;

    while (text.len > 0 && fault == MU_CHAIN_GOOD) {
        struct span line;
        bool ended = next_line(&text, &line);

        w->report->line++;
        fault = ended ? take_line(w, line) : MU_CHAIN_FORMAT;
        if (fault == MU_CHAIN_FORMAT && text.len == 0 &&
            is_torn(w, line, ended))
            fault = MU_CHAIN_TORN;
    }
    return fault;
}

/* What only the end of the log shows. */
static enum mu_chain_fault check_end(
    const struct walk *w, enum mu_chain_fault fault)
{
    const struct mu_chain_head *seen = w->check->witness;
    bool has_head = w->report->records > 0 || w->check->after != NULL;

    if (seen != NULL && (!has_head || seen->seq > w->report->head.seq))
        return MU_CHAIN_TRUNCATED;
    if (fault == MU_CHAIN_GOOD && !has_head)
        return MU_CHAIN_EMPTY;
    return fault;
}

/* What can be said of a continuation before its first line. */
static enum mu_chain_fault check_after(const struct walk *w)
{
    const struct mu_chain_head *seen = w->check->witness;

    if (w->check->after == NULL || seen == NULL)
        return MU_CHAIN_GOOD;
    if (seen->seq < w->check->after->seq)
        return MU_CHAIN_UNWITNESSED;
    return check_witness(w, w->check->after);
}

static enum mu_err err_of(enum mu_chain_fault fault)
{
    if (fault == MU_CHAIN_GOOD)
        return MU_OK;
    return fault == MU_CHAIN_TORN ? MU_E_STATE : MU_E_CRYPTO;
}

enum mu_err mu_chain_verify(const struct mu_chain_check *check,
    struct span text, struct mu_chain_report *out)
{
    struct walk w;

    *out = (struct mu_chain_report){.fault = MU_CHAIN_GOOD};
    w = (struct walk){check, out};
    if (check->after != NULL)
        out->head = *check->after;
    out->fault = check_after(&w);
    if (out->fault == MU_CHAIN_GOOD)
        out->fault = take_all(&w, text);
    if (out->fault == MU_CHAIN_GOOD || out->fault == MU_CHAIN_TORN)
        out->fault = check_end(&w, out->fault);
    if (out->fault == MU_CHAIN_GOOD)
        out->line = 0;
    return err_of(out->fault);
}
