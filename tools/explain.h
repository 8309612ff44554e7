/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.h - shows a MIKEY message field by field while it is read: a trace
 * (base/bytes.h) over the readers that parse it, so what is shown is what they
 * see, up to where they stop.
 *
 * As text: each payload and field on a line that begins with its offset. As
 * JSON: the header's fields in one object, the map's entries as "cs", the
 * payloads as an array; octets and identifiers as hex, "offsets" beside, and
 * "error" when the message fails.
 */
#ifndef TOOLS_EXPLAIN_H
#define TOOLS_EXPLAIN_H

#include "cli/json.h"
#include "mikey/payload.h"

struct explain {
    struct buf *out;
    bool as_json;
    struct span message;
    struct json json;
    struct buf offsets; /* members of the present payload's "offsets" */
    struct json offsets_json;
    const char *array; /* JSON array of groups that is open, or NULL */
    bool in_group, in_payloads;
    uint8_t data_type, next;
};

/*
 * Walks the message and shows it. Returns mikey_walk()'s error, also
 * MU_E_MALFORMED for a SAKKE payload in a message of another data type;
 * fault is set then.
 */
MU_MUST_CHECK enum mu_err explain_message(
    struct explain *e, struct span message, struct mikey_fault *fault);

/* Ends what explain_message() began; fault is NULL when nothing failed. */
void explain_end(struct explain *e, const struct mikey_fault *fault);

#endif
