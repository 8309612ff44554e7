/* SPDX-License-Identifier: Apache-2.0 */
/* mcue status: how the members of a running mcue stand. */
#include "ue/commands.h"
#include "ue/control.h"

enum option {
    CONTROL,
    OPTIONS
};

static const struct cli_option options[OPTIONS] = {
    [CONTROL] = {"--control", CLI_FILE, CLI_REQUIRED, "the socket of mcue run"},
};

static enum mu_err run(struct cli *cli)
{
    const char *path = cli->args[CONTROL].text;
    enum mu_err err = ue_control_ask(path, cli->json ? 'j' : 't', &cli->out);

    if (err != MU_OK)
        return cli_fail(cli, err, "--control", "%s: %s", path,
            err == MU_E_NOT_FOUND ? "nobody listens there" : mu_err_name(err));
    return MU_OK;
}

const struct cli_command mcue_status = {
    .name = "status",
    .help = "each member, its groups and keys",
    .options = options,
    .option_count = OPTIONS,
    .run = run,
};
