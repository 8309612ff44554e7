/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/program.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/args.h"

static enum cli_status run(const struct cli_program *program, struct cli *cli)
{
    enum cli_status status = program->start(cli);
    enum mu_err err;

    if (status != CLI_OK)
        return status;
    err = cli->command->run(cli);
    program->stop();
    if (err == MU_OK)
        return CLI_OK;
    (void)cli_fail(cli, err, cli->command->name, "%s", mu_err_name(err));
    return CLI_FAILED;
}

static void help(const struct cli_program *program, struct cli *cli)
{
    if (cli->command != NULL)
        cli_help_one(&cli->out, program, cli->command);
    else
        cli_help_all(&cli->out, program);
}

/* One line, whatever a file name or an argument holds. */
static void put_fault(const struct cli_program *program, struct cli *cli)
{
    char line[sizeof(cli->what) + sizeof(cli->why) + 32];

    (void)snprintf(
        line, sizeof(line), "%s: %s: %s", program->name, cli->what, cli->why);
    for (char *p = line; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = '?';
    (void)fprintf(stderr, "%s\n", line);
}

static enum cli_status flush(struct cli *cli, enum cli_status status)
{
    if (status != CLI_OK && !cli->print_on_failure)
        return status;
    if (cli->out.err != MU_OK) {
        (void)cli_fail(
            cli, cli->out.err, "output", "%s", mu_err_name(cli->out.err));
        return CLI_FAILED;
    }
    if (mu_fd_write(STDOUT_FILENO, buf_span(&cli->out)) != MU_OK) {
        (void)cli_fail(cli, MU_E_IO, "standard output", "cannot be written to");
        return CLI_FAILED;
    }
    return status;
}

int cli_program_run(const struct cli_program *program, int argc, char **argv)
{
    MU_CLEANUP(cli_clear) struct cli cli = {.command = NULL};
    enum cli_status status;

    (void)signal(SIGPIPE, SIG_IGN); /* a failed write has its own line */
    status = cli_parse(&cli, program, argc, argv);
    if (status == CLI_OK && cli.help)
        help(program, &cli);
    else if (status == CLI_OK)
        status = run(program, &cli);
    status = flush(&cli, status);
    if (status != CLI_OK)
        put_fault(program, &cli);
    return (int)status;
}
