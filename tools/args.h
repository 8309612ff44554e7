/* SPDX-License-Identifier: Apache-2.0 */
/*
 * args.h - from argv to the values of a command's options, by its table; and
 * the texts of --help, from the same tables.
 */
#ifndef TOOLS_ARGS_H
#define TOOLS_ARGS_H

#include "tools/tool.h"

struct tool_commands {
    const struct tool_command *const *rows;
    size_t count;
};

/*
 * Finds the command and reads its options: "--name value" or "--name=value",
 * each at most once, in any order; --help and --json go with every command.
 * Hex values are wiped from argv, where other processes could see them.
 *
 * TOOL_OK: the command can run, or, with tool->help, tool->command is the one
 * to explain, NULL for all. TOOL_USAGE and TOOL_FAILED (a file that cannot be
 * read): tool_fail() has been called.
 */
enum tool_status tool_parse(struct tool *tool,
    const struct tool_commands *commands, int argc, char **argv);

/* One command's line, options and result. */
void tool_help_one(struct buf *out, const struct tool_command *command);

/* A line for each command, and what they have in common. */
void tool_help_all(struct buf *out, const struct tool_commands *commands);

#endif
