/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/json.h"

#include <stdio.h>

#include "mikey/idr.h"

static void put_char(struct buf *b, char c)
{
    buf_add(b, (struct span){(const uint8_t *)&c, 1});
}

/* Quotes and backslashes; what lies below a blank as \u00xx. */
static void put_string(struct buf *b, struct span text)
{
    char escape[8];

    put_char(b, '"');
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.p[i];

        if (c == '"' || c == '\\') {
            put_char(b, '\\');
            put_char(b, (char)c);
        } else if (c < ' ') {
            (void)snprintf(escape, sizeof(escape), "\\u%04x", c);
            buf_text(b, escape);
        } else {
            put_char(b, (char)c);
        }
    }
    put_char(b, '"');
}

static void begin(struct json *j, const char *name)
{
    if (j->comma)
        put_char(j->out, ',');
    j->comma = true;
    if (name == NULL)
        return;
    put_string(j->out, span_str(name));
    put_char(j->out, ':');
}

void json_open(struct json *j, const char *name, char bracket)
{
    begin(j, name);
    put_char(j->out, bracket);
    j->comma = false;
}

void json_close(struct json *j, char bracket)
{
    put_char(j->out, bracket);
    j->comma = true;
}

void json_number(struct json *j, const char *name, uint64_t value)
{
    begin(j, name);
    buf_number(j->out, value);
}

void json_bool(struct json *j, const char *name, bool value)
{
    begin(j, name);
    buf_text(j->out, value ? "true" : "false");
}

void json_hex(struct json *j, const char *name, struct span octets)
{
    begin(j, name);
    put_char(j->out, '"');
    buf_hex(j->out, octets);
    put_char(j->out, '"');
}

/* UTF-8, blanks and control characters allowed. */
static bool is_utf8(struct span text)
{
    size_t from = 0;

    for (size_t i = 0; text.len > 0 && i <= text.len; i++) {
        struct span word = {text.p + from, i - from};

        if (i < text.len && text.p[i] > ' ' && text.p[i] != 0x7f)
            continue;
        if (word.len > 0 && !mikey_id_is_text(word))
            return false;
        from = i + 1;
    }
    return true;
}

void json_text(struct json *j, const char *name, struct span text)
{
    if (!is_utf8(text)) {
        json_hex(j, name, text);
        return;
    }
    begin(j, name);
    put_string(j->out, text);
}
