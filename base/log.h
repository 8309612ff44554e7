/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - one line per event, for operators and their tools.
 *
 *     mu_log(MU_LOG_INFO, "gmk.delivered", mu_log_octets("group", group),
 *         mu_log_hex32("gmk_id", id.v), mu_log_u64("tries", tries));
 *
 * prints, as text or as JSON, with values that a program reads back:
 *
 *     time=2026-11-23T14:23:45.123Z level=info event=gmk.delivered \
 *         group=tel:+4930 gmk_id=0x0a1b2c3d tries=2
 *     {"time":"2026-11-23T14:23:45.123Z","level":"info",
 *      "event":"gmk.delivered","group":"tel:+4930","gmk_id":"0x0a1b2c3d",
 *      "tries":2}
 *
 * each in one line. Event and keys are names of our own code (a-z, 0-9, '_'
 * and '.'); each event has its keys in a fixed order.
 *
 * Values from a peer cannot forge anything: a line is printable ASCII. Every
 * octet outside 0x20..0x7e becomes \xNN and a backslash is doubled; so in
 * both formats. As text, a value that is empty, escaped, or has a blank, '"'
 * or '=' then stands in quotes, with \" for a quote. A value longer than
 * MU_LOG_VALUE_MAX octets ends in \... there, which nothing else looks like;
 * fields that do not fit MU_LOG_LINE_MAX are left out, and cut=1 says so.
 *
 * There is no field for keys, no format string, and none for raw octets in
 * hex: a SECRET_TYPE cannot be passed. Log identifiers.
 *
 * The log is the only global state of the project. mu_log_start() comes
 * before the threads; from then on any thread may log, a line is one write.
 * Pure layers do not log.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/bytes.h"
#include "base/clock.h"

#define MU_LOG_VALUE_MAX 512  /* octets of a value before they are escaped */
#define MU_LOG_LINE_MAX  4096 /* octets of a line */

enum mu_log_level {
    MU_LOG_ERROR,   /* something was lost or refused that should not be */
    MU_LOG_WARNING, /* an operator should look, not now */
    MU_LOG_INFO,    /* what happened, in the ordinary course */
    MU_LOG_DEBUG
};

enum mu_log_format {
    MU_LOG_TEXT,
    MU_LOG_JSON
};

struct mu_log_config {
    enum mu_log_level level; /* what matters less is dropped */
    enum mu_log_format format;
    const struct mu_clock *clock; /* stays the caller's; never freed */
    /* Takes each line, its LF included; NULL writes to standard error. */
    void (*sink)(void *ctx, enum mu_log_level level, struct span line);
    void *ctx;
};

/* Before it is called, and after mu_log_stop(), events go nowhere. */
void mu_log_start(const struct mu_log_config *config);
void mu_log_stop(void);

/* "error", "warning", "info", "debug" into a level, for the configuration. */
MU_MUST_CHECK enum mu_err mu_log_level_read(
    struct span text, enum mu_log_level *out);

/* May be called while others log. */
void mu_log_set_level(enum mu_log_level level);

enum mu_log_kind {
    MU_LOG_KIND_TEXT,
    MU_LOG_KIND_U64,
    MU_LOG_KIND_HEX32,
    MU_LOG_KIND_BOOL
};

/* One field; made by the functions below only. Values are borrowed. */
struct mu_log_field {
    const char *key;
    enum mu_log_kind kind;
    struct span text;
    uint64_t number;
};

/* A text of our own; NULL prints as an empty one. */
struct mu_log_field mu_log_str(const char *key, const char *text);

/* Text from a peer: any octets. */
struct mu_log_field mu_log_octets(const char *key, struct span text);

struct mu_log_field mu_log_u64(const char *key, uint64_t v);

/* 0x and eight digits: key identifiers. */
struct mu_log_field mu_log_hex32(const char *key, uint32_t v);

/* true or false. */
struct mu_log_field mu_log_bool(const char *key, bool v);

/* The error's name, as mu_err_name(). */
struct mu_log_field mu_log_err(const char *key, enum mu_err err);

/* The function behind mu_log(). */
void mu_log_write(enum mu_log_level level, const char *event,
    const struct mu_log_field *fields, size_t count);

/*
 * The same event as text without time and level, for a log of another kind
 * (base/chain.h): event=NAME key=value ..., no LF. A field that does not fit w,
 * which has to be empty, is w's fault: such a record is whole or not at all.
 */
void mu_log_event_write(struct wr *w, const char *event,
    const struct mu_log_field *fields, size_t count);

/* One event with one field or more. */
#define mu_log(level, event, ...)                                              \
    mu_log_write((level), (event), (const struct mu_log_field[]){__VA_ARGS__}, \
        sizeof((const struct mu_log_field[]){__VA_ARGS__}) /                   \
            sizeof(struct mu_log_field))

/* One event without fields. */
#define mu_log_event(level, event) mu_log_write((level), (event), NULL, 0)

#endif
