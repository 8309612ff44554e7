/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - mcue: members that are simulated, one or thousands (docs/mcue.1).
 */
#include <sys/resource.h>

#include "cli/program.h"
#include "http/client.h"
#include "ue/commands.h"
#include "xml/library.h"

static const struct cli_command *const rows[] = {
    &mcue_run,
    &mcue_fetch,
    &mcue_status,
    &mcue_fault,
};

/* Keys pass through memory: it must not end in a file. */
static enum cli_status start(struct cli *cli)
{
    const struct rlimit none = {0, 0};

    if (setrlimit(RLIMIT_CORE, &none) == 0 && http_client_init() == MU_OK &&
        xml_init() == MU_OK)
        return CLI_OK;
    (void)cli_fail(cli, MU_E_STATE, "libraries", "do not start");
    return CLI_FAILED;
}

static void stop(void)
{
    xml_cleanup();
    http_client_cleanup();
}

static const struct cli_program program = {
    .name = "mcue",
    .summary = "plays members of groups: they get their keys and open them",
    .notes = "",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
    .start = start,
    .stop = stop,
};

int main(int argc, char **argv)
{
    return cli_program_run(&program, argc, argv);
}
