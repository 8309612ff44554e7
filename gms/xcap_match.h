/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xcap_match.h - If-Match and If-None-Match (RFC 9110 clauses 13.1 and 13.2;
 * RFC 4825 clauses 7.11 and 8.2.6), which are always enforced.
 *
 * Pure.
 */
#ifndef GMS_XCAP_MATCH_H
#define GMS_XCAP_MATCH_H

#include "base/bytes.h"

enum gms_match {
    GMS_MATCH_GO,
    GMS_MATCH_NOT_MODIFIED, /* 304 to a reader */
    GMS_MATCH_FAILED        /* 412 */
};

/* Values as they came; p NULL: no such field. */
struct gms_match_fields {
    struct span if_match, if_none_match;
};

/*
 * Judges a request by the ETag, without its quotes, of what is there; empty
 * when nothing is. If-Match compares strongly, If-None-Match weakly. A field
 * that is no list of entity tags matches nothing in If-Match and everything in
 * If-None-Match of a writer: whoever meant to be careful is not to be
 * overruled.
 *
 *   reads  GET or HEAD: a tag of If-None-Match means 304
 */
enum gms_match gms_match_judge(
    const struct gms_match_fields *fields, struct span etag, bool reads);

#endif
