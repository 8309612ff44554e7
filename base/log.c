/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CUT_ROOM 16 /* for the mark that fields are missing, and the end */

/* The one global of the project: set before threads start, but the level. */
static struct mu_log_config config;
static atomic_int threshold = -1; /* nothing is logged */

static const char *const level_names[] = {
    [MU_LOG_ERROR] = "error",
    [MU_LOG_WARNING] = "warning",
    [MU_LOG_INFO] = "info",
    [MU_LOG_DEBUG] = "debug",
};

#define LEVELS (sizeof(level_names) / sizeof(level_names[0]))

static void write_stderr(void *ctx, enum mu_log_level level, struct span line)
{
    (void)ctx;
    (void)level;
    while (line.len > 0) {
        ssize_t n = write(STDERR_FILENO, line.p, line.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* nobody is left to tell */
        line.p += n;
        line.len -= (size_t)n;
    }
}

void mu_log_start(const struct mu_log_config *c)
{
    config = *c;
    if (config.sink == NULL)
        config.sink = write_stderr;
    mu_log_set_level(c->level);
}

void mu_log_stop(void)
{
    atomic_store(&threshold, -1);
}

void mu_log_set_level(enum mu_log_level level)
{
    atomic_store(&threshold, (int)level);
}

enum mu_err mu_log_level_read(struct span text, enum mu_log_level *out)
{
    for (size_t i = 0; i < LEVELS; i++)
        if (span_eq(text, span_str(level_names[i]))) {
            *out = (enum mu_log_level)i;
            return MU_OK;
        }
    return MU_E_NOT_FOUND;
}

struct mu_log_field mu_log_octets(const char *key, struct span text)
{
    return (struct mu_log_field){key, MU_LOG_KIND_TEXT, text, 0};
}

struct mu_log_field mu_log_str(const char *key, const char *text)
{
    return mu_log_octets(key, span_str(text != NULL ? text : ""));
}

static struct mu_log_field number(
    const char *key, enum mu_log_kind kind, uint64_t v)
{
    return (struct mu_log_field){.key = key, .kind = kind, .number = v};
}

struct mu_log_field mu_log_u64(const char *key, uint64_t v)
{
    return number(key, MU_LOG_KIND_U64, v);
}

struct mu_log_field mu_log_hex32(const char *key, uint32_t v)
{
    return number(key, MU_LOG_KIND_HEX32, v);
}

struct mu_log_field mu_log_bool(const char *key, bool v)
{
    return number(key, MU_LOG_KIND_BOOL, v);
}

struct mu_log_field mu_log_err(const char *key, enum mu_err err)
{
    return mu_log_str(key, mu_err_name(err));
}

static void put(struct wr *w, const char *text)
{
    wr_span(w, span_str(text));
}

static bool is_printable(uint8_t c)
{
    return c >= 0x20 && c <= 0x7e;
}

/* Whether a value could be taken for something else without quotes. */
static bool wants_quotes(struct span v)
{
    if (v.len == 0 || v.len > MU_LOG_VALUE_MAX)
        return true;
    for (size_t i = 0; i < v.len; i++)
        if (!is_printable(v.p[i]) || strchr(" \"=\\", v.p[i]) != NULL)
            return true;
    return false;
}

/*
 * The value with every octet printable. JSON demands that the backslash of
 * an escape is escaped itself; a quote takes one backslash in both formats.
 */
static void put_escaped(struct wr *w, struct span v, enum mu_log_format format)
{
    static const char hex[] = "0123456789abcdef";
    const char *slash = format == MU_LOG_JSON ? "\\\\" : "\\";
    bool cut = v.len > MU_LOG_VALUE_MAX;

    if (cut)
        v.len = MU_LOG_VALUE_MAX;
    for (size_t i = 0; i < v.len; i++) {
        uint8_t c = v.p[i];

        if (!is_printable(c)) {
            put(w, slash);
            wr_u8(w, 'x');
            wr_u8(w, (uint8_t)hex[c >> 4]);
            wr_u8(w, (uint8_t)hex[c & 15]);
        } else if (c == '\\') {
            put(w, slash);
            put(w, slash);
        } else {
            put(w, c == '"' ? "\\" : "");
            wr_u8(w, c);
        }
    }
    if (cut) {
        put(w, slash);
        put(w, "...");
    }
}

static void put_text(struct wr *w, struct span v, enum mu_log_format format)
{
    bool quotes = format == MU_LOG_JSON || wants_quotes(v);

    put(w, quotes ? "\"" : "");
    put_escaped(w, v, format);
    put(w, quotes ? "\"" : "");
}

static void put_value(
    struct wr *w, const struct mu_log_field *field, enum mu_log_format format)
{
    const char *quote = format == MU_LOG_JSON ? "\"" : "";
    char text[24] = "";

    switch (field->kind) {
    case MU_LOG_KIND_TEXT:
        put_text(w, field->text, format);
        return;
    case MU_LOG_KIND_U64:
        (void)snprintf(text, sizeof(text), "%" PRIu64, field->number);
        break;
    case MU_LOG_KIND_HEX32:
        (void)snprintf(text, sizeof(text), "%s0x%08" PRIx64 "%s", quote,
            field->number, quote);
        break;
    case MU_LOG_KIND_BOOL:
        (void)snprintf(
            text, sizeof(text), "%s", field->number != 0 ? "true" : "false");
        break;
    }
    put(w, text);
}

static bool is_name(const char *name)
{
    return name[0] != '\0' &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.")] == '\0';
}

/* A field as a whole, or false and nothing. */
static bool put_field(
    struct wr *w, const struct mu_log_field *field, enum mu_log_format format)
{
    struct wr try = *w;

    assert(is_name(field->key));
    if (format == MU_LOG_JSON) {
        put(&try, w->at == 0 ? "{\"" : ",\"");
        put(&try, field->key);
        put(&try, "\":");
    } else {
        put(&try, w->at == 0 ? "" : " ");
        put(&try, field->key);
        put(&try, "=");
    }
    put_value(&try, field, format);
    if (try.err != MU_OK)
        return false;
    *w = try;
    return true;
}

/* In order; those that do not fit are left out, and the last one says so. */
static void put_fields(struct wr *w, const struct mu_log_field *fields,
    size_t count, enum mu_log_format format)
{
    bool whole = true;

    w->cap -= CUT_ROOM;
    for (size_t i = 0; i < count; i++)
        whole = put_field(w, &fields[i], format) && whole;
    w->cap += CUT_ROOM;
    if (!whole) {
        struct mu_log_field cut = mu_log_u64("cut", 1);

        (void)put_field(w, &cut, format);
    }
    put(w, format == MU_LOG_JSON ? "}\n" : "\n");
}

void mu_log_write(enum mu_log_level level, const char *event,
    const struct mu_log_field *fields, size_t count)
{
    uint8_t line[MU_LOG_LINE_MAX];
    char time[MU_TIME_TEXT];
    struct mu_log_field head[3];
    struct span done;
    struct wr w;

    assert(is_name(event));
    if ((int)level > atomic_load(&threshold))
        return;
    mu_time_write(mu_clock_unix_ms(config.clock), time);
    head[0] = mu_log_str("time", time);
    head[1] = mu_log_str("level", level_names[level]);
    head[2] = mu_log_str("event", event);
    wr_init(&w, line, sizeof(line));
    for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
        (void)put_field(&w, &head[i], config.format);
    put_fields(&w, fields, count, config.format);
    if (wr_close(&w, &done) == MU_OK)
        config.sink(config.ctx, level, done);
}

void mu_log_event_write(struct wr *w, const char *event,
    const struct mu_log_field *fields, size_t count)
{
    struct mu_log_field name = mu_log_str("event", event);
    bool whole = put_field(w, &name, MU_LOG_TEXT);

    assert(is_name(event));
    for (size_t i = 0; i < count; i++)
        whole = put_field(w, &fields[i], MU_LOG_TEXT) && whole;
    if (!whole && w->err == MU_OK)
        w->err = MU_E_NO_SPACE;
}
