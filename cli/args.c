/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/args.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"

/* One parsing: what has been said on the way. */
struct parsing {
    struct cli *cli;
    const struct cli_program *program;
    int argc, at;
    char **argv;
    const char *stdin_for; /* the option that was - */
};

static enum cli_status usage(
    struct parsing *p, const char *what, const char *why)
{
    (void)cli_fail(p->cli, MU_E_MALFORMED, what, "%s", why);
    return CLI_USAGE;
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

static enum cli_status find_command(struct parsing *p)
{
    if (p->argc < 2)
        return usage(p, "command", "is missing; see --help");
    for (size_t i = 0; i < p->program->count; i++) {
        int words =
            match_name(p->program->rows[i]->name, p->argc - 1, p->argv + 1);

        if (words == 0)
            continue;
        p->cli->command = p->program->rows[i];
        p->at = 1 + words;
        return CLI_OK;
    }
    for (int i = 1; i < p->argc && i <= 2; i++)
        if (strcmp(p->argv[i], "--help") == 0) {
            p->cli->help = true;
            return CLI_OK;
        }
    return usage(p, p->argv[1], "is no command; see --help");
}

/* Text of hex digits, as it stands in argv, a file or standard input. */
static enum cli_status read_hex(
    struct parsing *p, const char *option, struct span text, struct buf *out)
{
    size_t len = 0;

    if (text.len == 0)
        return CLI_OK;
    if (!mu_text_is_hex(text))
        return usage(p, option, "is not hex");
    if (text.len % 2 != 0)
        return usage(p, option, "has an odd number of hex digits");
    buf_add(out, text); /* room for the octets, which are fewer */
    if (out->err != MU_OK ||
        mu_hex_read(text, out->p, out->cap, &len) != MU_OK) {
        (void)cli_fail(p->cli, MU_E_NO_MEMORY, option, "out of memory");
        return CLI_FAILED;
    }
    mu_wipe(out->p + len, out->cap - len);
    out->len = len;
    return CLI_OK;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void trim_end(struct span *text)
{
    while (text->len > 0 && is_blank(text->p[text->len - 1]))
        text->len--;
}

static enum cli_status read_hex_from(
    struct parsing *p, const char *option, const char *path, struct buf *out)
{
    MU_CLEANUP(buf_clear) struct buf file = {.p = NULL};
    enum mu_err err = path == NULL
                          ? mu_fd_read(STDIN_FILENO, CLI_INPUT_MAX, &file)
                          : mu_file_read(path, CLI_INPUT_MAX, &file);
    struct span text;

    if (err != MU_OK) {
        (void)cli_fail(p->cli, err, option, "%s cannot be read: %s",
            path != NULL ? path : "standard input", mu_err_name(err));
        return CLI_FAILED;
    }
    text = buf_span(&file);
    trim_end(&text);
    return read_hex(p, option, text, out);
}

static enum cli_status set_hex(
    struct parsing *p, const char *option, char *value, struct buf *out)
{
    enum cli_status status;

    if (strcmp(value, "-") == 0) {
        if (p->cli->command->reads_stdin)
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

static enum cli_status set_value(struct parsing *p,
    const struct cli_option *option, char *value, struct cli_arg *arg)
{
    switch (option->kind) {
    case CLI_HEX:
        return set_hex(p, option->name, value, &arg->octets);
    case CLI_NUMBER:
        if (mu_text_u64(span_str(value), &arg->number) != MU_OK)
            return usage(p, option->name, "is not a number");
        return CLI_OK;
    case CLI_FILE:
        if (strcmp(value, "-") == 0)
            return usage(p, option->name, "standard input is not a file");
        arg->text = value;
        return CLI_OK;
    case CLI_TEXTS:
    case CLI_URIS:
    case CLI_FILES:
        if (arg->count == CLI_REPEAT_MAX)
            return usage(p, option->name, "is given too often");
        arg->texts[arg->count++] = value;
        return CLI_OK;
    case CLI_TEXT:
    case CLI_URI:
        arg->text = value;
        return CLI_OK;
    case CLI_FLAG:
        break;
    }
    return CLI_OK;
}

/* The value of an option: after =, or the next argument. */
static char *take_value(struct parsing *p, char *equals)
{
    if (equals != NULL)
        return equals + 1;
    return p->at < p->argc ? p->argv[p->at++] : NULL;
}

static enum cli_status set_option(struct parsing *p, size_t i, char *equals)
{
    const struct cli_option *option = &p->cli->command->options[i];
    struct cli_arg *arg = &p->cli->args[i];
    char *value;

    if (arg->given && !cli_repeats(option->kind))
        return usage(p, option->name, "is given twice");
    arg->given = true;
    if (option->kind == CLI_FLAG)
        return equals == NULL ? CLI_OK : usage(p, option->name, "has no value");
    value = take_value(p, equals);
    if (value == NULL)
        return usage(p, option->name, "has no value");
    return set_value(p, option, value, arg);
}

/* The value of the first operand that has none yet. */
static enum cli_status set_operand(struct parsing *p, char *word)
{
    const struct cli_command *command = p->cli->command;

    for (size_t i = 0; i < command->option_count; i++)
        if (cli_is_operand(&command->options[i]) && !p->cli->args[i].given) {
            p->cli->args[i].given = true;
            return set_value(p, &command->options[i], word, &p->cli->args[i]);
        }
    /* Perhaps a key: not to be repeated. */
    return usage(p, "argument", "stands where an option has to be");
}

static enum cli_status read_option(struct parsing *p)
{
    const struct cli_command *command = p->cli->command;
    char *word = p->argv[p->at++];
    size_t len = strcspn(word, "=");
    char *equals = word[len] == '=' ? word + len : NULL;

    if (strcmp(word, "--help") == 0) {
        p->cli->help = true;
        return CLI_OK;
    }
    if (strcmp(word, "--json") == 0) {
        p->cli->json = true;
        return CLI_OK;
    }
    if (strncmp(word, "--", 2) != 0)
        return set_operand(p, word);
    for (size_t i = 0; i < command->option_count; i++)
        if (strlen(command->options[i].name) == len &&
            strncmp(command->options[i].name, word, len) == 0)
            return set_option(p, i, equals);
    word[len] = '\0'; /* its value may be a key */
    return usage(p, word, "is no option of this command");
}

static enum cli_status check_options(struct parsing *p)
{
    const struct cli_command *command = p->cli->command;
    const char *why;

    for (size_t i = 0; i < command->option_count; i++)
        if (command->options[i].need == CLI_REQUIRED && !p->cli->args[i].given)
            return usage(p, command->options[i].name, "is missing");
    why = command->check != NULL ? command->check(p->cli) : NULL;
    return why == NULL ? CLI_OK : usage(p, command->name, why);
}

enum cli_status cli_parse(
    struct cli *cli, const struct cli_program *program, int argc, char **argv)
{
    struct parsing p = {
        .cli = cli, .program = program, .argc = argc, .argv = argv};
    enum cli_status status = find_command(&p);

    while (status == CLI_OK && !cli->help && p.at < argc)
        status = read_option(&p);
    if (status == CLI_OK && !cli->help)
        status = check_options(&p);
    return status;
}
