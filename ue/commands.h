/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands.h - the commands of mcue (docs/mcue.1).
 */
#ifndef UE_COMMANDS_H
#define UE_COMMANDS_H

#include "cli/command.h"

extern const struct cli_command mcue_fault;
extern const struct cli_command mcue_fetch;
extern const struct cli_command mcue_run;
extern const struct cli_command mcue_status;

#endif
