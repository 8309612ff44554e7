/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kms.c - the offline key management server: ceremony, certificates, users,
 * log, monitoring. Opens no socket, and could not.
 */
#include "cli/program.h"
#include "kms/commands.h"
#include "kms/confine.h"
#include "xml/library.h"

static const struct cli_command *const rows[] = {
    &kms_cmd_init,
    &kms_cmd_cert,
    &kms_cmd_users_add,
    &kms_cmd_users_list,
    &kms_cmd_users_revoke,
    &kms_cmd_issue,
    &kms_cmd_bundle_show,
    &kms_cmd_log_show,
    &kms_cmd_log_head,
    &kms_cmd_log_verify,
    &kms_cmd_officer_add,
    &kms_cmd_monitor_open,
    &kms_cmd_monitor_approve,
    &kms_cmd_monitor_show,
    &kms_cmd_monitor_extract,
    &kms_cmd_monitor_keygen,
    &kms_cmd_monitor_unseal,
};

static enum cli_status start(struct cli *cli)
{
    if (kms_confine() != MU_OK) {
        (void)cli_fail(cli, MU_E_UNSUPPORTED, "seccomp",
            "this kernel takes no filter; kms does not run without");
        return CLI_FAILED;
    }
    if (xml_init() == MU_OK)
        return CLI_OK;
    (void)cli_fail(cli, MU_E_STATE, "libxml2", "does not start");
    return CLI_FAILED;
}

static const struct cli_program program = {
    .name = "kms",
    .summary = "is the offline key management server: it holds what opens "
               "everything",
    .notes = "Without --share, shares are typed at the terminal.\n",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
    .start = start,
    .stop = xml_cleanup,
};

int main(int argc, char **argv)
{
    return cli_program_run(&program, argc, argv);
}
