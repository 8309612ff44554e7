/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mikeytool.c - derive, build, decode, explain, open and verify, by hand: the
 * commands of DESIGN section 9.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "tools/args.h"
#include "tools/commands.h"
#include "xml/library.h"

static const struct tool_command *const rows[] = {
    &tool_uid,
    &tool_guk_id,
    &tool_srtp,
    &tool_sakke_public,
    &tool_sakke_extract,
    &tool_sakke_validate_rsk,
    &tool_sakke_encapsulate,
    &tool_sakke_decapsulate,
    &tool_eccsi_public,
    &tool_eccsi_extract,
    &tool_eccsi_validate,
    &tool_eccsi_sign,
    &tool_eccsi_verify,
    &tool_decode,
    &tool_open,
    &tool_batch,
};

static const struct tool_commands commands = {
    rows, sizeof(rows) / sizeof(rows[0])};

/*
 * MUSTER_CPU forces a path of the mathematics. There is only the portable one
 * in this build; asking for the other must not quietly give this one, or a
 * comparison of the two would prove nothing.
 */
static enum tool_status check_cpu(struct tool *tool)
{
    const char *cpu = getenv("MUSTER_CPU");

    if (cpu == NULL || cpu[0] == '\0' || strcmp(cpu, "portable") == 0)
        return TOOL_OK;
    if (strcmp(cpu, "ifma") == 0) {
        (void)tool_fail(
            tool, MU_E_UNSUPPORTED, "MUSTER_CPU", "ifma is not in this build");
        return TOOL_FAILED;
    }
    (void)tool_fail(
        tool, MU_E_MALFORMED, "MUSTER_CPU", "is neither portable nor ifma");
    return TOOL_USAGE;
}

static enum tool_status run(struct tool *tool)
{
    enum tool_status status = check_cpu(tool);
    enum mu_err err;

    if (status != TOOL_OK)
        return status;
    if (xml_init() != MU_OK) {
        (void)tool_fail(tool, MU_E_STATE, "libxml2", "does not start");
        return TOOL_FAILED;
    }
    err = tool->command->run(tool);
    xml_cleanup();
    if (err == MU_OK)
        return TOOL_OK;
    (void)tool_fail(tool, err, tool->command->name, "%s", mu_err_name(err));
    return TOOL_FAILED;
}

static void help(struct tool *tool)
{
    if (tool->command != NULL)
        tool_help_one(&tool->out, tool->command);
    else
        tool_help_all(&tool->out, &commands);
}

/* One line, whatever a file name or an argument holds. */
static void put_fault(struct tool *tool)
{
    char line[sizeof(tool->what) + sizeof(tool->why) + 32];

    (void)snprintf(
        line, sizeof(line), "mikeytool: %s: %s", tool->what, tool->why);
    for (char *p = line; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = '?';
    (void)fprintf(stderr, "%s\n", line);
}

static enum tool_status flush(struct tool *tool, enum tool_status status)
{
    if (status != TOOL_OK && !tool->print_on_failure)
        return status;
    if (tool->out.err != MU_OK) {
        (void)tool_fail(
            tool, tool->out.err, "output", "%s", mu_err_name(tool->out.err));
        return TOOL_FAILED;
    }
    if (mu_fd_write(STDOUT_FILENO, buf_span(&tool->out)) != MU_OK) {
        (void)tool_fail(
            tool, MU_E_IO, "standard output", "cannot be written to");
        return TOOL_FAILED;
    }
    return status;
}

int main(int argc, char **argv)
{
    MU_CLEANUP(tool_clear) struct tool tool = {.command = NULL};
    enum tool_status status;

    (void)signal(SIGPIPE, SIG_IGN); /* a failed write has its own line */
    status = tool_parse(&tool, &commands, argc, argv);
    if (status == TOOL_OK && tool.help)
        help(&tool);
    else if (status == TOOL_OK)
        status = run(&tool);
    status = flush(&tool, status);
    if (status != TOOL_OK)
        put_fault(&tool);
    return (int)status;
}
