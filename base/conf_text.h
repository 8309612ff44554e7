/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf_text.h - finds what libconfig would read as something else.
 *
 * libconfig 1.5 takes an integer over 32 bits modulo 2^32, without a word, so
 * that a limit of 5000000000 becomes another one that looks sound. Such a
 * number needs a final L, which is checked here, too. @include is refused
 * (base/conf.h), and so is a NUL, at which libconfig would stop.
 */
#ifndef BASE_CONF_TEXT_H
#define BASE_CONF_TEXT_H

#include "base/bytes.h"

struct mu_conf_text_fault {
    unsigned line;    /* from 1 */
    const char *what; /* static storage */
};

/* Returns MU_OK, or MU_E_MALFORMED and the first fault. */
MU_MUST_CHECK enum mu_err mu_conf_text_check(
    struct span text, struct mu_conf_text_fault *fault);

#endif
