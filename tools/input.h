/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input.h - the message on standard input, whatever form it has.
 */
#ifndef TOOLS_INPUT_H
#define TOOLS_INPUT_H

#include "cli/command.h"

#define TOOL_MESSAGE_MAX ((size_t)1 << 20) /* octets as they come */

/*
 * Reads a message: raw when its first octet is 01; else, white space removed,
 * hex when only hex digits remain, else base64 with or without padding.
 *
 * Returns MU_OK, or an error of which cli_fail() was told.
 */
MU_MUST_CHECK enum mu_err tool_message(struct cli *cli, struct buf *out);

/* Says where a message fails and why, and returns the error. */
struct mikey_fault;
enum mu_err tool_fail_at(struct cli *cli, const struct mikey_fault *fault);

#endif
