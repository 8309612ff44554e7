/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/args.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"

/* One parsing: what has been said on the way. */
struct parsing {
    struct tool *tool;
    const struct tool_commands *commands;
    int argc, at;
    char **argv;
    const char *stdin_for; /* the option that was - */
};

static enum tool_status usage(
    struct parsing *p, const char *what, const char *why)
{
    (void)tool_fail(p->tool, MU_E_MALFORMED, what, "%s", why);
    return TOOL_USAGE;
}

/* Words of argv that a command's name takes: 1 or 2, or 0 for another. */
static int match_name(const char *name, int argc, char **argv)
{
    size_t first = strcspn(name, " ");

    if (argc < 1 || strlen(argv[0]) != first ||
        strncmp(argv[0], name, first) != 0)
        return 0;
    if (name[first] == '\0')
        return 1;
    return argc >= 2 && strcmp(argv[1], name + first + 1) == 0 ? 2 : 0;
}

static enum tool_status find_command(struct parsing *p)
{
    if (p->argc < 2)
        return usage(p, "command", "is missing; see --help");
    for (size_t i = 0; i < p->commands->count; i++) {
        int words =
            match_name(p->commands->rows[i]->name, p->argc - 1, p->argv + 1);

        if (words == 0)
            continue;
        p->tool->command = p->commands->rows[i];
        p->at = 1 + words;
        return TOOL_OK;
    }
    for (int i = 1; i < p->argc && i <= 2; i++)
        if (strcmp(p->argv[i], "--help") == 0) {
            p->tool->help = true;
            return TOOL_OK;
        }
    return usage(p, p->argv[1], "is no command; see --help");
}

/* Text of hex digits, as it stands in argv, a file or standard input. */
static enum tool_status read_hex(
    struct parsing *p, const char *option, struct span text, struct buf *out)
{
    size_t len = 0;

    if (text.len == 0)
        return TOOL_OK;
    if (!mu_text_is_hex(text))
        return usage(p, option, "is not hex");
    if (text.len % 2 != 0)
        return usage(p, option, "has an odd number of hex digits");
    buf_add(out, text); /* room for the octets, which are fewer */
    if (out->err != MU_OK ||
        mu_hex_read(text, out->p, out->cap, &len) != MU_OK) {
        (void)tool_fail(p->tool, MU_E_NO_MEMORY, option, "out of memory");
        return TOOL_FAILED;
    }
    mu_wipe(out->p + len, out->cap - len);
    out->len = len;
    return TOOL_OK;
}

/* White space; unlike strchr(), without the NUL at the end of the list. */
static bool is_blank(uint8_t c)
{
    return memchr(" \t\r\n", c, 4) != NULL;
}

static void trim_end(struct span *text)
{
    while (text->len > 0 && is_blank(text->p[text->len - 1]))
        text->len--;
}

static enum tool_status read_hex_from(
    struct parsing *p, const char *option, const char *path, struct buf *out)
{
    MU_CLEANUP(buf_clear) struct buf file = {.p = NULL};
    enum mu_err err = path == NULL
                          ? mu_fd_read(STDIN_FILENO, TOOL_INPUT_MAX, &file)
                          : mu_file_read(path, TOOL_INPUT_MAX, &file);
    struct span text;

    if (err != MU_OK) {
        (void)tool_fail(p->tool, err, option, "%s cannot be read: %s",
            path != NULL ? path : "standard input", mu_err_name(err));
        return TOOL_FAILED;
    }
    text = buf_span(&file);
    trim_end(&text);
    return read_hex(p, option, text, out);
}

static enum tool_status set_hex(
    struct parsing *p, const char *option, char *value, struct buf *out)
{
    enum tool_status status;

    if (strcmp(value, "-") == 0) {
        if (p->tool->command->reads_stdin)
            return usage(p, option, "standard input is the command's input");
        if (p->stdin_for != NULL)
            return usage(p, option, "another option reads standard input");
        p->stdin_for = option;
        return read_hex_from(p, option, NULL, out);
    }
    if (value[0] == '@')
        return read_hex_from(p, option, value + 1, out);
    status = read_hex(p, option, span_str(value), out);
    mu_wipe(value, strlen(value));
    return status;
}

static enum tool_status set_value(struct parsing *p,
    const struct tool_option *option, char *value, struct tool_arg *arg)
{
    switch (option->kind) {
    case TOOL_HEX:
        return set_hex(p, option->name, value, &arg->octets);
    case TOOL_NUMBER:
        if (mu_text_u64(span_str(value), &arg->number) != MU_OK)
            return usage(p, option->name, "is not a number");
        return TOOL_OK;
    case TOOL_FILE:
        if (strcmp(value, "-") == 0)
            return usage(p, option->name, "standard input is not a file");
        arg->text = value;
        return TOOL_OK;
    case TOOL_TEXT:
        arg->text = value;
        return TOOL_OK;
    case TOOL_FLAG:
        break;
    }
    return TOOL_OK;
}

/* The value of an option: after =, or the next argument. */
static char *take_value(struct parsing *p, char *equals)
{
    if (equals != NULL)
        return equals + 1;
    return p->at < p->argc ? p->argv[p->at++] : NULL;
}

static enum tool_status set_option(struct parsing *p, size_t i, char *equals)
{
    const struct tool_option *option = &p->tool->command->options[i];
    struct tool_arg *arg = &p->tool->args[i];
    char *value;

    if (arg->given)
        return usage(p, option->name, "is given twice");
    arg->given = true;
    if (option->kind == TOOL_FLAG)
        return equals == NULL ? TOOL_OK
                              : usage(p, option->name, "has no value");
    value = take_value(p, equals);
    if (value == NULL)
        return usage(p, option->name, "has no value");
    return set_value(p, option, value, arg);
}

static enum tool_status read_option(struct parsing *p)
{
    const struct tool_command *command = p->tool->command;
    char *word = p->argv[p->at++];
    size_t len = strcspn(word, "=");
    char *equals = word[len] == '=' ? word + len : NULL;

    if (strcmp(word, "--help") == 0) {
        p->tool->help = true;
        return TOOL_OK;
    }
    if (strcmp(word, "--json") == 0) {
        p->tool->json = true;
        return TOOL_OK;
    }
    for (size_t i = 0; i < command->option_count; i++)
        if (strlen(command->options[i].name) == len &&
            strncmp(command->options[i].name, word, len) == 0)
            return set_option(p, i, equals);
    if (strncmp(word, "--", 2) != 0) /* perhaps a key: not to be repeated */
        return usage(p, "argument", "stands where an option has to be");
    word[len] = '\0'; /* its value may be a key, too */
    return usage(p, word, "is no option of this command");
}

static enum tool_status check_options(struct parsing *p)
{
    const struct tool_command *command = p->tool->command;
    const char *why;

    for (size_t i = 0; i < command->option_count; i++)
        if (command->options[i].need == TOOL_REQUIRED &&
            !p->tool->args[i].given)
            return usage(p, command->options[i].name, "is missing");
    why = command->check != NULL ? command->check(p->tool) : NULL;
    return why == NULL ? TOOL_OK : usage(p, command->name, why);
}

enum tool_status tool_parse(struct tool *tool,
    const struct tool_commands *commands, int argc, char **argv)
{
    struct parsing p = {
        .tool = tool, .commands = commands, .argc = argc, .argv = argv};
    enum tool_status status = find_command(&p);

    while (status == TOOL_OK && !tool->help && p.at < argc)
        status = read_option(&p);
    if (status == TOOL_OK && !tool->help)
        status = check_options(&p);
    return status;
}
