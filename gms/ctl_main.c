/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl_main.c - gmsctl: the control room's and the operators' command line over
 * gmsd's JSON API (docs/gmsctl.1).
 */
#include "cli/program.h"
#include "gms/ctl_commands.h"
#include "http/client.h"

static const struct cli_command *const rows[] = {
    &gms_ctl_group_create,
    &gms_ctl_group_list,
    &gms_ctl_group_show,
    &gms_ctl_group_delete,
    &gms_ctl_member_add,
    &gms_ctl_member_remove,
    &gms_ctl_member_retarget,
    &gms_ctl_member_undo,
    &gms_ctl_rekey,
    &gms_ctl_compromise,
    &gms_ctl_keys,
    &gms_ctl_deliveries,
    &gms_ctl_key_request,
    &gms_ctl_settings,
    &gms_ctl_urgency,
    &gms_ctl_watch,
    &gms_ctl_audit_head,
    &gms_ctl_audit_verify,
    &gms_ctl_status,
    &gms_ctl_health,
    &gms_ctl_kek_status,
    &gms_ctl_kek_rotate,
    &gms_ctl_config_check,
};

static enum cli_status start(struct cli *cli)
{
    if (http_client_init() == MU_OK)
        return CLI_OK;
    (void)cli_fail(cli, MU_E_STATE, "libraries", "do not start");
    return CLI_FAILED;
}

static void stop(void)
{
    http_client_cleanup();
}

static const struct cli_program program = {
    .name = "gmsctl",
    .summary = "creates, keys and watches groups on a gmsd",
    .notes = "Server, authorities and token also come from GMSCTL_SERVER, "
             "GMSCTL_CA,\nGMSCTL_TOKEN, GMSCTL_CERT and GMSCTL_KEY, or from "
             "~/.config/muster/gmsctl.conf.\n",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
    .start = start,
    .stop = stop,
};

int main(int argc, char **argv)
{
    return cli_program_run(&program, argc, argv);
}
