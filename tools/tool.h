/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tool.h - what a command of mikeytool is: a row with a table of options, from
 * which the parser, the usage errors and --help are made, and a function.
 *
 * A command prints to a buffer that main writes out when all went well, so
 * that on failure standard output stays empty, and says at most once what
 * failed and why: the one line on standard error.
 */
#ifndef TOOLS_TOOL_H
#define TOOLS_TOOL_H

#include "base/buf.h"

#define TOOL_OPTIONS_MAX 16
#define TOOL_INPUT_MAX   ((size_t)16 << 20) /* octets of a file or of stdin */

/* Exit statuses (DESIGN section 9). */
enum tool_status {
    TOOL_OK = 0,
    TOOL_FAILED = 1, /* the operation failed, the data are not good */
    TOOL_USAGE = 2   /* not called as it has to be */
};

enum tool_kind {
    TOOL_HEX,    /* hex, @FILE with hex, or - for standard input */
    TOOL_TEXT,   /* the octets of the argument */
    TOOL_NUMBER, /* decimal, 64 bits */
    TOOL_FILE,   /* a path */
    TOOL_FLAG    /* no value */
};

enum tool_need {
    TOOL_OPTIONAL,
    TOOL_REQUIRED
};

struct tool_option {
    const char *name; /* "--secret" */
    enum tool_kind kind;
    enum tool_need need;
    const char *help; /* half a line */
};

/* An option as given. */
struct tool_arg {
    bool given;
    struct buf octets; /* TOOL_HEX */
    const char *text;  /* TOOL_TEXT, TOOL_FILE */
    uint64_t number;   /* TOOL_NUMBER */
};

struct tool;

struct tool_command {
    const char *name; /* "sakke public": one or two words */
    const char *help; /* what it prints */
    const struct tool_option *options;
    size_t option_count;
    bool reads_stdin; /* so no option may be - */
    /* Whether the options go together; NULL or why not. May be NULL. */
    const char *(*check)(const struct tool *tool);
    enum mu_err (*run)(struct tool *tool);
};

struct tool {
    const struct tool_command *command;
    bool help, json;
    struct tool_arg args[TOOL_OPTIONS_MAX]; /* by place in the option table */
    struct buf out;
    bool print_on_failure; /* decode: out is written in any case */
    char what[64], why[192];
};

/* Wipes all that came from options and all that was to be printed. */
void tool_clear(struct tool *tool);

/*
 * Says what failed and why, if nobody has, and returns err. The why may have
 * the formats of printf.
 */
__attribute__((format(printf, 4, 5))) enum mu_err tool_fail(
    struct tool *tool, enum mu_err err, const char *what, const char *why, ...);

/* The octets of an option; {NULL, 0} when it was not given. */
struct span tool_span(const struct tool *tool, unsigned option);

/*
 * The octets of an option of a known length, say a key.
 *
 * Returns MU_OK, or MU_E_MALFORMED and says so when there are more or fewer.
 */
MU_MUST_CHECK enum mu_err tool_octets(
    struct tool *tool, unsigned option, uint8_t *out, size_t len);

/* An option of eight hex digits. Returns as above. */
MU_MUST_CHECK enum mu_err tool_u32(
    struct tool *tool, unsigned option, uint32_t *out);

/* A result: prints the only one bare, or as an object with --json. */
void tool_print(struct tool *tool, const char *name, struct span octets);

/* Two results: each on a line with its name, or as an object with --json. */
struct tool_result {
    const char *name;
    struct span octets;
};
void tool_print_two(struct tool *tool, const struct tool_result results[2]);

/* That a check came out well: nothing, or {"valid":true} with --json. */
void tool_print_valid(struct tool *tool);

#endif
