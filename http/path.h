/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path.h - the target of a request, segment by segment.
 *
 * Segments are compared after percent-decoding, never before, and octet for
 * octet. An encoded slash belongs to its segment. Raw URIs are tolerated where
 * clients send them unencoded (RFC 3986 would let most of their characters
 * stand): the slashes inside one are put back by http_path_join().
 *
 * Pure; decoded text lies in the caller's arena.
 */
#ifndef HTTP_PATH_H
#define HTTP_PATH_H

#include "base/arena.h"

#define HTTP_PATH_SEGMENTS 32 /* ours */

struct http_path {
    struct span segment[HTTP_PATH_SEGMENTS]; /* decoded; may be empty */
    size_t len;
    struct span query; /* behind '?', not decoded; p NULL when there is none */
};

/*
 * Reads a target in origin form or, as a proxy would be asked, in absolute
 * form (RFC 9112 clause 3.2), whose scheme and host are dropped. One slash at
 * the end means nothing. target is borrowed by out->query.
 *
 * Returns MU_OK; MU_E_MALFORMED for another form, a '%' without two hex
 * digits, a segment "." or "..", a fragment, or a control character or blank,
 * encoded or not; MU_E_NO_SPACE beyond HTTP_PATH_SEGMENTS or the arena's
 * limit; MU_E_NO_MEMORY. *out is untouched on failure.
 */
MU_MUST_CHECK enum mu_err http_path_read(
    struct mu_arena *arena, struct span target, struct http_path *out);

/*
 * Whether the path is prefix or lies below it. prefix is plain text of our
 * own with a slash in front and none at the end: "/v1/init"; "" is above all.
 * *rest is set to the index of the first segment behind it when it is so.
 */
bool http_path_below(
    const struct http_path *path, const char *prefix, size_t *rest);

/*
 * Segments from..to - 1 with slashes between, from < to <= path->len: a URI
 * that came unencoded.
 *
 * Returns MU_OK, MU_E_NO_SPACE or MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err http_path_join(struct mu_arena *arena,
    const struct http_path *path, size_t from, size_t to, struct span *out);

/*
 * Writes text as one segment: all but unreserved characters percent-encoded
 * (RFC 3986 clause 2.3).
 */
void http_path_write_segment(struct wr *w, struct span text);

#endif
