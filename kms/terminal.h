/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terminal.h - talks with the people at a ceremony: on the terminal itself,
 * not on standard output, so that no share ends up in a file or a pipe.
 */
#ifndef KMS_TERMINAL_H
#define KMS_TERMINAL_H

#include "base/buf.h"

struct kms_terminal {
    int fd; /* -1 while closed */
};

/* Returns MU_OK; MU_E_NOT_FOUND where there is no terminal. */
MU_MUST_CHECK enum mu_err kms_terminal_open(struct kms_terminal *terminal);
void kms_terminal_close(struct kms_terminal *terminal);

/* Says text. MU_OK or MU_E_IO. */
MU_MUST_CHECK enum mu_err kms_terminal_say(
    struct kms_terminal *terminal, const char *text);

/* Takes away all that stands on the screen, what has scrolled off, too. */
MU_MUST_CHECK enum mu_err kms_terminal_wipe(struct kms_terminal *terminal);

/*
 * Asks and reads one line, without its LF, that is not shown while it is typed.
 *
 *   out  emptied first; the caller's to clear
 *
 * Returns MU_OK; MU_E_IO, also at the end of input; MU_E_NO_SPACE for a line
 * over 512 characters.
 */
MU_MUST_CHECK enum mu_err kms_terminal_ask(
    struct kms_terminal *terminal, const char *prompt, struct buf *out);

#endif
