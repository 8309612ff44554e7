/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/sakke_pl.h"

#include <assert.h>

/* | next payload (8) | SAKKE params (8) | ID scheme (8) | length (16) | SED |
 * RFC 6509 clause 4.2 */
void mikey_sakke_pl_read(struct rd *r, struct mikey_sakke_pl *out)
{
    size_t len;

    out->next = rd_u8(r, "next");
    out->params = rd_u8(r, "sakke_params");
    rd_rule(r, out->params == MIKEY_SAKKE_SET_1, MU_E_UNSUPPORTED,
        "sakke_params", "not parameter set 1");
    out->scheme = rd_u8(r, "id_scheme");
    len = rd_u16(r, "sed_len");
    rd_rule(r, len == MIKEY_SAKKE_PL_SED_LEN, MU_E_MALFORMED, "sed_len",
        "parameter set 1 has 273 octets");
    out->sed = rd_span(r, len, "sed");
}

void mikey_sakke_pl_write(struct wr *w, const struct mikey_sakke_pl *in)
{
    assert(in->params == MIKEY_SAKKE_SET_1);
    assert(in->sed.len == MIKEY_SAKKE_PL_SED_LEN);
    wr_u8(w, in->next);
    wr_u8(w, in->params);
    wr_u8(w, in->scheme);
    wr_u16(w, MIKEY_SAKKE_PL_SED_LEN);
    wr_span(w, in->sed);
}
