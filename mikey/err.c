/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/err.h"

/* | next payload (8) | error no (8) | reserved (16) |
 * RFC 3830 clause 6.12 */
void mikey_err_read(struct rd *r, struct mikey_err *out)
{
    out->next = rd_u8(r, "next");
    out->error_no = rd_u8(r, "error_no");
    out->reserved = rd_u16(r, "reserved");
}

void mikey_err_write(struct wr *w, const struct mikey_err *in)
{
    wr_u8(w, in->next);
    wr_u8(w, in->error_no);
    wr_u16(w, in->reserved);
}
