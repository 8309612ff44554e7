/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands.h - the commands of kms-client (docs/kms-client.1).
 */
#ifndef KMS_CLIENT_COMMANDS_H
#define KMS_CLIENT_COMMANDS_H

#include "cli/command.h"

extern const struct cli_command kms_client_enrol;
extern const struct cli_command kms_client_export_clear;
extern const struct cli_command kms_client_fetch;
extern const struct cli_command kms_client_show;

#endif
