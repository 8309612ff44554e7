/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err.h - the error payload, ERR (RFC 3830 clause 6.12): what a receiver tells
 * the sender. TS 33.180 answers by SIP instead, so the numbers serve logs.
 */
#ifndef MIKEY_ERR_H
#define MIKEY_ERR_H

#include "base/bytes.h"
#include "mikey/codes.h"

struct mikey_err {
    uint8_t next;
    uint8_t error_no;  /* registry error_no */
    uint16_t reserved; /* sent as 0; to be ignored */
};

void mikey_err_read(struct rd *r, struct mikey_err *out);
void mikey_err_write(struct wr *w, const struct mikey_err *in);

#endif
