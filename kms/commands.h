/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands.h - the commands of kms, one row each; the table of them all is in
 * kms.c.
 */
#ifndef KMS_COMMANDS_H
#define KMS_COMMANDS_H

#include "cli/command.h"

/* cmd_init.c, cmd_cert.c */
extern const struct cli_command kms_cmd_init, kms_cmd_cert;

/* cmd_users.c */
extern const struct cli_command kms_cmd_users_add, kms_cmd_users_list,
    kms_cmd_users_revoke;

/* cmd_issue.c, cmd_bundle.c */
extern const struct cli_command kms_cmd_issue, kms_cmd_bundle_show;

/* cmd_log.c */
extern const struct cli_command kms_cmd_log_show, kms_cmd_log_head,
    kms_cmd_log_verify;

/* cmd_monitor.c, cmd_officer.c */
extern const struct cli_command kms_cmd_monitor_open, kms_cmd_monitor_approve,
    kms_cmd_monitor_extract, kms_cmd_monitor_show, kms_cmd_monitor_keygen,
    kms_cmd_monitor_unseal, kms_cmd_officer_add;

#endif
