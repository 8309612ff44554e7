/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/ts.h"

#include <assert.h>

static bool is_64_bits(uint8_t type)
{
    return type == MIKEY_TS_NTP_UTC || type == MIKEY_TS_NTP;
}

/* | TS type (8) | TS value (64 or 32) | */
static void value_read(struct rd *r, struct mikey_ts *out)
{
    out->type = rd_u8(r, "ts_type");
    rd_rule(r, out->type <= MIKEY_TS_NTP_UTC_32, MU_E_UNSUPPORTED, "ts_type",
        "no such timestamp");
    out->ts = is_64_bits(out->type) ? rd_u64(r, "ts") : rd_u32(r, "ts");
}

static void value_write(struct wr *w, const struct mikey_ts *in)
{
    assert(in->type <= MIKEY_TS_NTP_UTC_32);
    wr_u8(w, in->type);
    if (is_64_bits(in->type)) {
        wr_u64(w, in->ts);
    } else {
        assert(in->ts <= UINT32_MAX);
        wr_u32(w, (uint32_t)in->ts);
    }
}

/* | next payload (8) | TS type (8) | TS value |   RFC 3830 clause 6.6 */
void mikey_t_read(struct rd *r, struct mikey_ts *out)
{
    out->next = rd_u8(r, "next");
    out->role = 0;
    value_read(r, out);
}

void mikey_t_write(struct wr *w, const struct mikey_ts *in)
{
    wr_u8(w, in->next);
    value_write(w, in);
}

/* | next payload (8) | TS role (8) | TS type (8) | TS value |
 * RFC 6043 clause 6.4 */
void mikey_tr_read(struct rd *r, struct mikey_ts *out)
{
    out->next = rd_u8(r, "next");
    out->role = rd_u8(r, "ts_role");
    value_read(r, out);
}

void mikey_tr_write(struct wr *w, const struct mikey_ts *in)
{
    wr_u8(w, in->next);
    wr_u8(w, in->role);
    value_write(w, in);
}

uint64_t mikey_ts_64(const struct mikey_ts *ts)
{
    return ts->type == MIKEY_TS_NTP_UTC_32 ? ts->ts << 32 : ts->ts;
}
