/* SPDX-License-Identifier: Apache-2.0 */
/*
 * args.h - from argv to the values of a command's options, by its table; and
 * the texts of --help, from the same tables.
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "cli/program.h"

/*
 * Finds the command and reads its options: "--name value" or "--name=value",
 * each at most once, in any order; --help and --json go with every command.
 * Hex values are wiped from argv, where other processes could see them.
 *
 * CLI_OK: the command can run, or, with cli->help, cli->command is the one
 * to explain, NULL for all. CLI_USAGE and CLI_FAILED (a file that cannot be
 * read): cli_fail() has been called.
 */
enum cli_status cli_parse(
    struct cli *cli, const struct cli_program *program, int argc, char **argv);

/* One command's line, options and result. */
void cli_help_one(struct buf *out, const struct cli_program *program,
    const struct cli_command *command);

/* A line for each command, and what they have in common. */
void cli_help_all(struct buf *out, const struct cli_program *program);

#endif
