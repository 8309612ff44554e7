/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program.h - what main() of a command-line program does, but for its table of
 * commands (DESIGN section 9).
 */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include "cli/command.h"

struct cli_program {
    const char *name;    /* "mikeytool" */
    const char *summary; /* "derives, ... messages by hand": after the name */
    const char *notes;   /* under the list of commands; whole lines, or "" */
    const struct cli_command *const *rows;
    size_t count;
    /* Before and after each command; start says why not by cli_fail(). */
    enum cli_status (*start)(struct cli *cli);
    void (*stop)(void);
};

/*
 * Reads the command, runs it, and writes out what it printed, or else the one
 * line on standard error. The exit status.
 */
int cli_program_run(const struct cli_program *program, int argc, char **argv);

#endif
