/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands.h - the commands of mikeytool, one row each; the table of them all
 * is in mikeytool.c.
 */
#ifndef TOOLS_COMMANDS_H
#define TOOLS_COMMANDS_H

#include "cli/command.h"

/* cmd_derive.c */
extern const struct cli_command tool_uid, tool_guk_id, tool_srtp;

/* cmd_sakke.c */
extern const struct cli_command tool_sakke_public, tool_sakke_extract,
    tool_sakke_validate_rsk, tool_sakke_encapsulate, tool_sakke_decapsulate;

/* cmd_eccsi.c */
extern const struct cli_command tool_eccsi_public, tool_eccsi_extract,
    tool_eccsi_validate, tool_eccsi_sign, tool_eccsi_verify;

/* cmd_decode.c, cmd_open.c, cmd_batch.c */
extern const struct cli_command tool_decode, tool_open, tool_batch;

#endif
