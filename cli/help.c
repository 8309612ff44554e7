/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/args.h"

static const char *const value_names[] = {
    [CLI_HEX] = " HEX",
    [CLI_TEXT] = " TEXT",
    [CLI_TEXTS] = " TEXT",
    [CLI_URI] = " URI",
    [CLI_URIS] = " URI",
    [CLI_NUMBER] = " N",
    [CLI_FILE] = " FILE",
    [CLI_FILES] = " FILE",
    [CLI_FLAG] = "",
};

/* An operand is named by its value. */
static const char *value_of(const struct cli_option *option)
{
    return cli_is_operand(option) ? "" : value_names[option->kind];
}

/* Options before `from` are left out. */
static void put_line(struct buf *out, const struct cli_program *program,
    const struct cli_command *command, size_t from)
{
    buf_text(out, program->name);
    buf_text(out, " ");
    buf_text(out, command->name);
    for (size_t i = from; i < command->option_count; i++) {
        const struct cli_option *o = &command->options[i];

        buf_text(out, o->need == CLI_REQUIRED ? " " : " [");
        buf_text(out, o->name);
        buf_text(out, value_of(o));
        buf_text(out, o->need == CLI_REQUIRED ? "" : "]");
        buf_text(out, cli_repeats(o->kind) ? "..." : "");
    }
    buf_text(out, from > 0 ? " [SERVER OPTIONS] [--json]" : " [--json]");
    buf_text(out, command->reads_stdin ? " < INPUT\n" : "\n");
}

static void pad(struct buf *out, size_t used, size_t width)
{
    do
        buf_text(out, " ");
    while (++used < width);
}

void cli_help_one(struct buf *out, const struct cli_program *program,
    const struct cli_command *command)
{
    buf_text(out, "usage: ");
    put_line(out, program, command, 0);
    buf_text(out, "\nPrints ");
    buf_text(out, command->help);
    buf_text(out, ".\n\n");
    for (size_t i = 0; i < command->option_count; i++) {
        const struct cli_option *o = &command->options[i];
        const char *value = value_of(o);

        buf_text(out, "  ");
        buf_text(out, o->name);
        buf_text(out, value);
        pad(out, strlen(o->name) + strlen(value), 24);
        buf_text(out, o->help);
        buf_text(out, "\n");
    }
    buf_text(out, "  --json                  one JSON object on one line\n");
}

/* What HEX stands for, where there is a command that takes one. */
static bool takes_hex(const struct cli_program *program)
{
    for (size_t i = 0; i < program->count; i++)
        for (size_t j = 0; j < program->rows[i]->option_count; j++)
            if (program->rows[i]->options[j].kind == CLI_HEX)
                return true;
    return false;
}

void cli_help_all(struct buf *out, const struct cli_program *program)
{
    buf_text(out, program->name);
    buf_text(out, " ");
    buf_text(out, program->summary);
    buf_text(out, ".\n\n");
    for (size_t i = 0; i < program->count; i++)
        put_line(out, program, program->rows[i], program->rows[i]->common);
    buf_text(out, "\n");
    buf_text(out, program->name);
    buf_text(out, " COMMAND --help explains one command; ");
    buf_text(out, program->name);
    buf_text(out, "(1) all.\n");
    buf_text(out, program->notes);
    if (takes_hex(program))
        buf_text(out, "HEX is hex digits, @FILE for a file that holds them, "
                      "or - for standard input.\n");
    buf_text(out, "Exit status: 0 done; 1 failed, or the data are not good; 2 "
                  "wrong call.\n");
}
