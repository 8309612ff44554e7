/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mikeytool.c - derive, build, decode, explain, open and verify, by hand: the
 * commands of DESIGN section 9.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/program.h"
#include "tools/commands.h"
#include "xml/library.h"

static const struct cli_command *const rows[] = {
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

/*
 * MUSTER_CPU forces a path of the mathematics. There is only the portable one
 * in this build; asking for the other must not quietly give this one, or a
 * comparison of the two would prove nothing.
 */
static enum cli_status check_cpu(struct cli *cli)
{
    const char *cpu = getenv("MUSTER_CPU");

    if (cpu == NULL || cpu[0] == '\0' || strcmp(cpu, "portable") == 0)
        return CLI_OK;
    if (strcmp(cpu, "ifma") == 0) {
        (void)cli_fail(
            cli, MU_E_UNSUPPORTED, "MUSTER_CPU", "ifma is not in this build");
        return CLI_FAILED;
    }
    (void)cli_fail(
        cli, MU_E_MALFORMED, "MUSTER_CPU", "is neither portable nor ifma");
    return CLI_USAGE;
}

static enum cli_status start(struct cli *cli)
{
    enum cli_status status = check_cpu(cli);

    if (status != CLI_OK)
        return status;
    if (xml_init() == MU_OK)
        return CLI_OK;
    (void)cli_fail(cli, MU_E_STATE, "libxml2", "does not start");
    return CLI_FAILED;
}

static const struct cli_program program = {
    .name = "mikeytool",
    .summary = "derives, builds, decodes and opens MIKEY-SAKKE messages by "
               "hand",
    .notes = "",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
    .start = start,
    .stop = xml_cleanup,
};

int main(int argc, char **argv)
{
    return cli_program_run(&program, argc, argv);
}
