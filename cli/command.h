/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command.h - what a command of a program is: a row with a table of options,
 * from which the parser, the usage errors and --help are made, and a function.
 *
 * A command prints to a buffer that main writes out when all went well, so
 * that on failure standard output stays empty, and says at most once what
 * failed and why: the one line on standard error.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/buf.h"

#define CLI_OPTIONS_MAX 32
#define CLI_REPEAT_MAX  16
#define CLI_INPUT_MAX   ((size_t)16 << 20) /* octets of a file or of stdin */

/* Exit statuses (DESIGN section 9). */
enum cli_status {
    CLI_OK = 0,
    CLI_FAILED = 1, /* the operation failed, the data are not good */
    CLI_USAGE = 2   /* not called as it has to be */
};

enum cli_kind {
    CLI_HEX,    /* hex, @FILE with hex, or - for standard input */
    CLI_TEXT,   /* the octets of the argument */
    CLI_TEXTS,  /* the same; the option may come CLI_REPEAT_MAX times */
    CLI_URI,    /* a text that is a URI: help calls it so, no more */
    CLI_URIS,   /* the same; the option may come CLI_REPEAT_MAX times */
    CLI_NUMBER, /* decimal, 64 bits */
    CLI_FILE,   /* a path */
    CLI_FILES,  /* a path; the option may come CLI_REPEAT_MAX times */
    CLI_FLAG    /* no value */
};

enum cli_need {
    CLI_OPTIONAL,
    CLI_REQUIRED
};

/* A name without dashes, "NAME", is that of an operand: given by its place. */
struct cli_option {
    const char *name; /* "--secret" */
    enum cli_kind kind;
    enum cli_need need;
    const char *help; /* half a line */
};

static inline bool cli_repeats(enum cli_kind kind)
{
    return kind == CLI_TEXTS || kind == CLI_URIS || kind == CLI_FILES;
}

/* An option as given. */
struct cli_arg {
    bool given;
    struct buf octets;                 /* CLI_HEX */
    const char *text;                  /* CLI_TEXT, CLI_URI, CLI_FILE */
    const char *texts[CLI_REPEAT_MAX]; /* of those that repeat, in order */
    size_t count;                      /* of texts */
    uint64_t number;                   /* CLI_NUMBER */
};

struct cli;

struct cli_command {
    const char *name; /* "sakke public": one or two words */
    const char *help; /* what it prints */
    const struct cli_option *options;
    size_t option_count;
    size_t common;    /* the first so many stand in many commands: the list of
                         commands says [SERVER OPTIONS] instead of them */
    bool reads_stdin; /* so no option may be - */
    /* Whether the options go together; NULL or why not. May be NULL. */
    const char *(*check)(const struct cli *cli);
    enum mu_err (*run)(struct cli *cli);
};

struct cli {
    const struct cli_command *command;
    bool help, json;
    struct cli_arg args[CLI_OPTIONS_MAX]; /* by place in the option table */
    struct buf out;
    bool print_on_failure; /* decode: out is written in any case */
    char what[64], why[192];
};

/* Wipes all that came from options and all that was to be printed. */
void cli_clear(struct cli *cli);

/*
 * Says what failed and why, if nobody has, and returns err. The why may have
 * the formats of printf.
 */
__attribute__((format(printf, 4, 5))) enum mu_err cli_fail(
    struct cli *cli, enum mu_err err, const char *what, const char *why, ...);

bool cli_is_operand(const struct cli_option *option);

/* The octets of an option; {NULL, 0} when it was not given. */
struct span cli_span(const struct cli *cli, unsigned option);

/*
 * The octets of an option of a known length, say a key.
 *
 * Returns MU_OK, or MU_E_MALFORMED and says so when there are more or fewer.
 */
MU_MUST_CHECK enum mu_err cli_octets(
    struct cli *cli, unsigned option, uint8_t *out, size_t len);

/* An option of eight hex digits. Returns as above. */
MU_MUST_CHECK enum mu_err cli_u32(
    struct cli *cli, unsigned option, uint32_t *out);

/* A result: prints the only one bare, or as an object with --json. */
void cli_print(struct cli *cli, const char *name, struct span octets);

/* Two results: each on a line with its name, or as an object with --json. */
struct cli_result {
    const char *name;
    struct span octets;
};
void cli_print_two(struct cli *cli, const struct cli_result results[2]);

/* That a check came out well: nothing, or {"valid":true} with --json. */
void cli_print_valid(struct cli *cli);

#endif
