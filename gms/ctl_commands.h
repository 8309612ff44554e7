/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl_commands.h - the commands of gmsctl, one file for each topic.
 */
#ifndef GMS_CTL_COMMANDS_H
#define GMS_CTL_COMMANDS_H

#include "cli/command.h"

extern const struct cli_command gms_ctl_group_create, gms_ctl_group_list,
    gms_ctl_group_show, gms_ctl_group_delete;
extern const struct cli_command gms_ctl_member_add, gms_ctl_member_remove,
    gms_ctl_member_retarget, gms_ctl_member_undo;
extern const struct cli_command gms_ctl_rekey, gms_ctl_compromise, gms_ctl_keys,
    gms_ctl_deliveries, gms_ctl_key_request;
extern const struct cli_command gms_ctl_settings, gms_ctl_urgency,
    gms_ctl_watch;
extern const struct cli_command gms_ctl_audit_head, gms_ctl_audit_verify,
    gms_ctl_status, gms_ctl_health, gms_ctl_kek_status, gms_ctl_kek_rotate,
    gms_ctl_config_check;

#endif
