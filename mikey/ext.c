/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/ext.h"

#include <assert.h>

static void vendor_read(struct rd *r)
{
    (void)rd_rest(r, "vendor_id");
}

/* Protocol names with ; between them, in the order of the SDP offer (RFC 4567
 * clause 3.1.4): compared as a whole against bidding down. */
static void sdp_ids_read(struct rd *r)
{
    (void)rd_rest(r, "sdp_ids");
}

/* | key ID type (8) | length (8) | key ID |   RFC 4563 clause 4 */
void mikey_key_id_read(struct rd *r, struct mikey_key_id *out)
{
    out->type = rd_u8(r, "key_id_type");
    out->id = rd_span(r, rd_u8(r, "key_id_len"), "key_id");
}

void mikey_key_id_write(struct wr *w, const struct mikey_key_id *in)
{
    assert(in->id.len <= UINT8_MAX);
    wr_u8(w, in->type);
    wr_u8(w, (uint8_t)in->id.len);
    wr_span(w, in->id);
}

static void key_ids_read(struct rd *r)
{
    struct mikey_key_id id;

    while (rd_more(r)) {
        rd_enter(r, "key_ids");
        mikey_key_id_read(r, &id);
        rd_leave(r, "key_ids");
    }
}

/* | subtype (8) | subtype specific data |   RFC 5410 clause 3 */
static void oma_bcast_read(struct rd *r)
{
    (void)rd_u8(r, "oma_bcast_subtype");
    (void)rd_rest(r, "oma_bcast_data");
}

static void self_read(struct rd *r)
{
    struct mikey_sakke_pl pl;

    rd_enter(r, "sakke");
    mikey_sakke_pl_read(r, &pl);
    rd_leave(r, "sakke");
}

static void key_params_read(struct rd *r)
{
    (void)rd_rest(r, "key_params");
}

static void other_read(struct rd *r)
{
    (void)rd_rest(r, "ext_data");
}

static const struct {
    uint8_t type;
    void (*read)(struct rd *r);
} contents[] = {
    {MIKEY_EXT_VENDOR, vendor_read},
    {MIKEY_EXT_SDP_IDS, sdp_ids_read},
    {MIKEY_EXT_KEY_ID, key_ids_read},
    {MIKEY_EXT_OMA_BCAST, oma_bcast_read},
    {MIKEY_EXT_SAKKE_TO_SELF, self_read},
    {MIKEY_EXT_KEY_PARAMS, key_params_read},
};

static void content_read(struct rd *r, uint8_t type)
{
    for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
        if (contents[i].type == type) {
            contents[i].read(r);
            return;
        }
    }
    other_read(r);
}

/* | next payload (8) | type (8) | length (16) | data |
 * RFC 3830 clause 6.15 */
void mikey_ext_read(struct rd *r, struct mikey_ext *out)
{
    struct rd data;
    size_t at, len;

    out->next = rd_u8(r, "next");
    out->type = rd_u8(r, "ext_type");
    len = rd_u16(r, "ext_len");
    at = rd_at(r);
    data = rd_sub(r, len, "ext_data");
    content_read(&data, out->type);
    rd_join(r, &data);
    out->data = rd_since(r, at);
}

void mikey_ext_write(struct wr *w, const struct mikey_ext *in)
{
    assert(in->data.len <= UINT16_MAX);
    wr_u8(w, in->next);
    wr_u8(w, in->type);
    wr_u16(w, (uint16_t)in->data.len);
    wr_span(w, in->data);
}

bool mikey_ext_self(const struct mikey_ext *ext, struct mikey_sakke_pl *out)
{
    struct mikey_sakke_pl found;
    struct rd r;

    if (ext->type != MIKEY_EXT_SAKKE_TO_SELF)
        return false;
    rd_init(&r, ext->data);
    mikey_sakke_pl_read(&r, &found);
    if (rd_close(&r) != MU_OK)
        return false;
    *out = found;
    return true;
}
