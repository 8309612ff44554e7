/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/dialog.h"

#include <string.h>
#include <strings.h>

#define VERSION 1
#define TEXTS   6

/* The texts of a dialog that it always has, in the order of the format. */
static void texts_of(struct sip_dialog *d, struct span *texts[TEXTS])
{
    texts[0] = &d->call_id;
    texts[1] = &d->local_uri;
    texts[2] = &d->local_tag;
    texts[3] = &d->remote_uri;
    texts[4] = &d->remote_tag;
    texts[5] = &d->target;
}

static void put(struct buf *out, uint64_t value, size_t octets)
{
    uint8_t room[8];

    for (size_t i = octets; i > 0; i--) {
        room[i - 1] = (uint8_t)(value & 0xff);
        value >>= 8;
    }
    buf_add(out, (struct span){room, octets});
}

static void put_text(struct buf *out, struct span text)
{
    put(out, text.len, 2);
    buf_add(out, text);
}

void sip_dialog_write(const struct sip_dialog *dialog, struct buf *out)
{
    struct sip_dialog d = *dialog;
    struct span *texts[TEXTS];

    texts_of(&d, texts);
    put(out, VERSION, 1);
    put(out, d.local_cseq, 4);
    put(out, d.remote_cseq, 4);
    for (size_t i = 0; i < TEXTS; i++)
        put_text(out, *texts[i]);
    put(out, d.route_count, 1);
    for (size_t i = 0; i < d.route_count; i++)
        put_text(out, d.routes[i]);
}

static struct span read_text(struct rd *r, const char *field)
{
    size_t len = rd_u16(r, "length");

    rd_check(r, len <= SIP_TEXT_MAX, MU_E_MALFORMED, "length");
    return rd_span(r, len, field);
}

static enum mu_err read_all(struct span octets, struct sip_dialog *d)
{
    struct span *texts[TEXTS];
    struct rd r;

    texts_of(d, texts);
    rd_init(&r, octets);
    rd_check(&r, rd_u8(&r, "version") == VERSION, MU_E_UNSUPPORTED, "version");
    d->local_cseq = rd_u32(&r, "local CSeq");
    d->remote_cseq = rd_u32(&r, "remote CSeq");
    for (size_t i = 0; i < TEXTS; i++)
        *texts[i] = read_text(&r, "text");
    d->route_count = rd_u8(&r, "count");
    rd_check(&r, d->route_count <= SIP_ROUTES_MAX, MU_E_MALFORMED, "count");
    TRY(rd_err(&r));
    for (size_t i = 0; i < d->route_count; i++)
        d->routes[i] = read_text(&r, "route");
    return rd_close(&r);
}

enum mu_err sip_dialog_copy(const struct sip_dialog *dialog,
    struct mu_arena *arena, struct sip_dialog *out)
{
    struct sip_dialog d = *dialog;
    struct span *texts[TEXTS];

    texts_of(&d, texts);
    for (size_t i = 0; i < TEXTS; i++)
        *texts[i] = mu_arena_copy(arena, *texts[i]);
    for (size_t i = 0; i < d.route_count; i++)
        d.routes[i] = mu_arena_copy(arena, d.routes[i]);
    TRY(mu_arena_err(arena));
    *out = d;
    return MU_OK;
}

enum mu_err sip_dialog_read(
    struct span octets, struct mu_arena *arena, struct sip_dialog *out)
{
    struct sip_dialog d = {.route_count = 0};

    TRY(read_all(octets, &d));
    return sip_dialog_copy(&d, arena, out);
}

bool sip_dialog_matches(const struct sip_dialog *dialog, struct span call_id,
    struct span to_tag, struct span from_tag)
{
    return span_eq(dialog->call_id, call_id) &&
           span_eq(dialog->local_tag, to_tag) &&
           span_eq(dialog->remote_tag, from_tag);
}

/* Whether text has word at that place, in letters of any case. */
static bool has_at(struct span text, size_t at, const char *word)
{
    size_t len = strlen(word);

    return at + len <= text.len &&
           strncasecmp((const char *)text.p + at, word, len) == 0;
}

bool sip_dialog_by_datagram(const struct sip_dialog *dialog)
{
    static const char param[] = ";transport=";
    struct span hop =
        dialog->route_count > 0 ? dialog->routes[0] : dialog->target;

    if (!has_at(hop, 0, "sip:"))
        return false;
    for (size_t i = 0; i < hop.len; i++)
        if (has_at(hop, i, param))
            return has_at(hop, i + sizeof(param) - 1, "udp");
    return true;
}
