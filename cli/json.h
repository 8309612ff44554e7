/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - one line of JSON (RFC 8259), member after member, into a buffer that
 * is wiped: jansson would leave copies of keys in its strings.
 *
 * The writer knows where a comma belongs; that every open has its close, and
 * members of an object a name (those of an array NULL), is the caller's.
 */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include "base/buf.h"

struct json {
    struct buf *out;
    bool comma; /* something stands before at this level */
};

void json_open(struct json *j, const char *name, char bracket); /* { or [ */
void json_close(struct json *j, char bracket);                  /* } or ] */

void json_number(struct json *j, const char *name, uint64_t value);
void json_bool(struct json *j, const char *name, bool value);
void json_hex(struct json *j, const char *name, struct span octets);

/* A string; octets that are no UTF-8 text come as hex. */
void json_text(struct json *j, const char *name, struct span text);

#endif
