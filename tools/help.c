/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tools/args.h"

static const char *const value_names[] = {
    [TOOL_HEX] = " HEX",
    [TOOL_TEXT] = " TEXT",
    [TOOL_NUMBER] = " N",
    [TOOL_FILE] = " FILE",
    [TOOL_FLAG] = "",
};

static void put_line(struct buf *out, const struct tool_command *command)
{
    buf_text(out, "mikeytool ");
    buf_text(out, command->name);
    for (size_t i = 0; i < command->option_count; i++) {
        const struct tool_option *o = &command->options[i];

        buf_text(out, o->need == TOOL_REQUIRED ? " " : " [");
        buf_text(out, o->name);
        buf_text(out, value_names[o->kind]);
        buf_text(out, o->need == TOOL_REQUIRED ? "" : "]");
    }
    buf_text(out, " [--json]");
    buf_text(out, command->reads_stdin ? " < INPUT\n" : "\n");
}

static void pad(struct buf *out, size_t used, size_t width)
{
    do
        buf_text(out, " ");
    while (++used < width);
}

void tool_help_one(struct buf *out, const struct tool_command *command)
{
    buf_text(out, "usage: ");
    put_line(out, command);
    buf_text(out, "\nPrints ");
    buf_text(out, command->help);
    buf_text(out, ".\n\n");
    for (size_t i = 0; i < command->option_count; i++) {
        const struct tool_option *o = &command->options[i];
        const char *value = value_names[o->kind];

        buf_text(out, "  ");
        buf_text(out, o->name);
        buf_text(out, value);
        pad(out, strlen(o->name) + strlen(value), 24);
        buf_text(out, o->help);
        buf_text(out, "\n");
    }
    buf_text(out, "  --json                  one JSON object on one line\n");
}

void tool_help_all(struct buf *out, const struct tool_commands *commands)
{
    buf_text(out, "mikeytool derives, builds, decodes and opens MIKEY-SAKKE "
                  "messages by hand.\n\n");
    for (size_t i = 0; i < commands->count; i++)
        put_line(out, commands->rows[i]);
    buf_text(out,
        "\nmikeytool COMMAND --help explains one command; mikeytool(1) all.\n"
        "HEX is hex digits, @FILE for a file that holds them, or - for "
        "standard input.\n"
        "Exit status: 0 done; 1 failed, or the data are not good; 2 wrong "
        "call.\n");
}
