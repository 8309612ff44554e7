/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/vault/record.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Which fields a record of an op has behind group and epoch. */
enum {
    HAS_KEY = 1,
    HAS_PERIOD = 2, /* and revocation */
    HAS_TERMS = 4,
    HAS_URIS = 8,
    IS_CSK = 16,    /* no group, but these fields of its own */
    IS_RESEAL = 32, /* likewise */
    NO_GROUP = IS_CSK | IS_RESEAL
};

static const struct {
    const char *event;
    unsigned has;
} kinds[GMS_VAULT_OPS] = {
    [GMS_VAULT_NEW_KEY] = {"vault.new_key", HAS_KEY},
    [GMS_VAULT_WRAP] = {"vault.wrap", HAS_KEY | HAS_PERIOD | HAS_URIS},
    [GMS_VAULT_SIGN] = {"vault.sign",
        HAS_KEY | HAS_PERIOD | HAS_TERMS | HAS_URIS},
    [GMS_VAULT_EXCLUDE] = {"vault.exclude", HAS_URIS},
    [GMS_VAULT_ADMIT] = {"vault.admit", HAS_URIS},
    [GMS_VAULT_CSK] = {"vault.csk", HAS_KEY | IS_CSK},
    [GMS_VAULT_RESEAL] = {"vault.reseal", IS_RESEAL},
};

static bool is_plain(uint8_t c)
{
    return c > 0x20 && c < 0x7f && c != '\\';
}

static size_t escaped_len(struct span uri)
{
    size_t len = 0;

    for (size_t i = 0; i < uri.len; i++)
        len += is_plain(uri.p[i]) ? 1 : 4;
    return len;
}

static void put(struct wr *w, const char *text)
{
    wr_span(w, span_str(text));
}

static void put_uri(struct wr *w, const char *name, struct span uri)
{
    put(w, name);
    for (size_t i = 0; i < uri.len; i++) {
        char hex[5];

        (void)snprintf(hex, sizeof(hex), "\\x%02x", uri.p[i]);
        if (is_plain(uri.p[i]))
            wr_u8(w, uri.p[i]);
        else
            put(w, hex);
    }
}

static void put_number(struct wr *w, const char *name, uint64_t number)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%" PRIu64, number);
    put(w, name);
    put(w, text);
}

static void put_key_id(struct wr *w, struct mcptt_key_id id)
{
    char text[32];

    (void)snprintf(text, sizeof(text), " key_id=0x%08" PRIx32, id.v);
    put(w, text);
}

static void put_period(struct wr *w, const struct gms_vault_record *in)
{
    put_uri(w, " kms=", in->period.kms);
    put_number(w, " period=", in->period.number);
    put_number(w, " revocation=", in->revocation ? 1 : 0);
}

#define TO " to="

/* Until the next one would be too many. */
static size_t put_uris(struct wr *w, const struct span *uris, size_t count)
{
    size_t i = 0;

    while (i < count &&
           w->at + strlen(TO) + escaped_len(uris[i]) <= MU_CHAIN_PAYLOAD_MAX) {
        put_uri(w, TO, uris[i]);
        i++;
    }
    return i;
}

static size_t put_csk(struct wr *w, const struct gms_vault_record *in)
{
    char hex[MU_HEX_LEN(MCPTT_REPLAY_SHA256_LEN)];

    mu_hex_write(SPAN_OF(in->sha256), hex);
    put_uri(w, " kms=", in->kms);
    put_number(w, " time=", in->time_s);
    put(w, " sha256=");
    put(w, hex);
    put_uri(w, " from=", in->uris[0]);
    return 1;
}

static void put_reseal(struct wr *w, const struct gms_vault_record *in)
{
    char hex[MU_HEX_LEN(MU_KEK_ID_LEN)];

    mu_hex_write(SPAN_OF(in->kek.b), hex);
    put(w, " kek=");
    put(w, hex);
    put_number(w, " keys=", in->keys);
    put_number(w, " envelopes=", in->envelopes);
}

static void put_group(struct wr *w, const struct gms_vault_record *in)
{
    put_uri(w, " group=", in->group);
    put_number(w, " epoch=", in->epoch);
}

enum mu_err gms_vault_record_write(
    struct wr *w, const struct gms_vault_record *in, size_t *taken)
{
    unsigned has = in->op < GMS_VAULT_OPS ? kinds[in->op].has : 0;

    if (has == 0 || ((has & IS_CSK) != 0 && in->count != 1))
        return MU_E_MALFORMED;
    put(w, "event=");
    put(w, kinds[in->op].event);
    if ((has & NO_GROUP) == 0)
        put_group(w, in);
    if ((has & HAS_KEY) != 0)
        put_key_id(w, in->key_id);
    if ((has & HAS_PERIOD) != 0)
        put_period(w, in);
    if ((has & HAS_TERMS) != 0) {
        put_number(w, " activation=", in->activation_s);
        put_number(w, " expiry=", in->expiry_s);
    }
    *taken = 0;
    if ((has & HAS_URIS) != 0)
        *taken = put_uris(w, in->uris, in->count);
    if ((has & IS_CSK) != 0)
        *taken = put_csk(w, in);
    if ((has & IS_RESEAL) != 0)
        put_reseal(w, in);
    return w->err;
}

/* The text of the next field, which has to be of that name. */
static struct span field(struct rd *r, const char *name)
{
    size_t len = strlen(name), value = 0;
    struct span got = rd_span(r, len, name);

    rd_check(r, span_eq(got, span_str(name)), MU_E_MALFORMED, name);
    while (value < rd_left(r) && r->p[r->at + value] != ' ')
        value++;
    return rd_span(r, value, name);
}

static uint64_t number(struct rd *r, const char *name)
{
    struct span text = field(r, name);
    uint64_t value = 0;

    rd_check(r, mu_text_u64(text, &value) == MU_OK, MU_E_MALFORMED, name);
    return value;
}

static bool flag(struct rd *r, const char *name)
{
    uint64_t value = number(r, name);

    rd_check(r, value <= 1, MU_E_MALFORMED, name);
    return value == 1;
}

/* One octet of \xNN at the start of text; false when it is none. */
static bool unescape(struct span text, uint8_t *out)
{
    size_t got;

    return text.len >= 4 && text.p[1] == 'x' &&
           mu_hex_read((struct span){text.p + 2, 2}, out, 1, &got) == MU_OK &&
           got == 1;
}

/* Octets of an escaped text; SIZE_MAX when it is none. */
static size_t decode(struct span text, uint8_t *out)
{
    size_t len = 0, at = 0;

    while (at < text.len) {
        struct span rest = {text.p + at, text.len - at};

        if (rest.p[0] != '\\') {
            out[len++] = rest.p[0];
            at++;
            continue;
        }
        if (!unescape(rest, &out[len]))
            return SIZE_MAX;
        len++;
        at += 4;
    }
    return len;
}

static struct span uri(struct rd *r, const char *name, struct mu_arena *arena)
{
    struct span text = field(r, name);
    uint8_t *octets = mu_arena_alloc(arena, text.len, 1);
    struct span got = {octets, 0};

    if (octets == NULL) {
        rd_fail(r, (struct rd_fault){mu_arena_err(arena), name, 0, NULL});
        return (struct span){NULL, 0};
    }
    got.len = decode(text, octets);
    rd_check(r, got.len != SIZE_MAX && mcptt_id_check(got) == MU_OK,
        MU_E_MALFORMED, name);
    return got;
}

static struct mcptt_key_id key_id(struct rd *r)
{
    struct span text = field(r, " key_id=");
    uint8_t octets[4] = {0};
    size_t got = 0;
    bool ok =
        text.len == 10 && text.p[0] == '0' && text.p[1] == 'x' &&
        mu_hex_read((struct span){text.p + 2, 8}, octets, 4, &got) == MU_OK;

    rd_check(r, ok, MU_E_MALFORMED, "key_id");
    return (struct mcptt_key_id){(uint32_t)octets[0] << 24 |
                                 (uint32_t)octets[1] << 16 |
                                 (uint32_t)octets[2] << 8 | octets[3]};
}

static void uris(
    struct rd *r, struct mu_arena *arena, struct gms_vault_record *out)
{
    struct mu_arena_list list = {NULL, 0, 0};

    while (rd_more(r)) {
        struct span got = uri(r, TO, arena);
        struct span *at = mu_arena_list_add(arena, &list, sizeof(*at));

        if (at != NULL)
            *at = got;
        else
            rd_fail(r, (struct rd_fault){mu_arena_err(arena), TO, 0, NULL});
    }
    out->uris = list.at;
    out->count = list.len;
}

static void csk(
    struct rd *r, struct mu_arena *arena, struct gms_vault_record *out)
{
    struct span *from = mu_arena_alloc(arena, 1, sizeof(*from));
    struct span hex;
    size_t got = 0;

    out->kms = uri(r, " kms=", arena);
    out->time_s = number(r, " time=");
    hex = field(r, " sha256=");
    rd_check(r,
        mu_hex_read(hex, out->sha256, sizeof(out->sha256), &got) == MU_OK &&
            got == sizeof(out->sha256),
        MU_E_MALFORMED, " sha256=");
    if (from == NULL) {
        rd_fail(r, (struct rd_fault){mu_arena_err(arena), "from", 0, NULL});
        return;
    }
    *from = uri(r, " from=", arena);
    out->uris = from;
    out->count = 1;
}

static void reseal(struct rd *r, struct gms_vault_record *out)
{
    struct span hex = field(r, " kek=");
    size_t got = 0;

    rd_check(r,
        mu_hex_read(hex, out->kek.b, sizeof(out->kek.b), &got) == MU_OK &&
            got == sizeof(out->kek.b),
        MU_E_MALFORMED, " kek=");
    out->keys = number(r, " keys=");
    out->envelopes = number(r, " envelopes=");
}

static enum gms_vault_op op(struct rd *r)
{
    struct span event = field(r, "event=");

    for (unsigned i = 0; i < GMS_VAULT_OPS; i++)
        if (kinds[i].event != NULL && span_eq(event, span_str(kinds[i].event)))
            return (enum gms_vault_op)i;
    rd_check(r, false, MU_E_MALFORMED, "event");
    return GMS_VAULT_OPS;
}

static void fields(struct rd *r, struct mu_arena *arena, unsigned has,
    struct gms_vault_record *out)
{
    if ((has & NO_GROUP) == 0) {
        out->group = uri(r, " group=", arena);
        out->epoch = number(r, " epoch=");
    }
    if ((has & HAS_KEY) != 0)
        out->key_id = key_id(r);
    if ((has & HAS_PERIOD) != 0) {
        out->period.kms = uri(r, " kms=", arena);
        out->period.number = number(r, " period=");
        out->revocation = flag(r, " revocation=");
    }
    if ((has & HAS_TERMS) != 0) {
        out->activation_s = number(r, " activation=");
        out->expiry_s = number(r, " expiry=");
    }
    if ((has & HAS_URIS) != 0)
        uris(r, arena, out);
    if ((has & IS_CSK) != 0)
        csk(r, arena, out);
    if ((has & IS_RESEAL) != 0)
        reseal(r, out);
}

enum mu_err gms_vault_record_read(
    struct span payload, struct mu_arena *arena, struct gms_vault_record *out)
{
    static const struct span first = {(const uint8_t *)"chain=", 6};
    struct gms_vault_record got = {.epoch = 0};
    struct rd r;

    if (payload.len >= first.len &&
        span_eq((struct span){payload.p, first.len}, first))
        return MU_E_NOT_FOUND;
    rd_init(&r, payload);
    got.op = op(&r);
    if (rd_err(&r) == MU_OK)
        fields(&r, arena, kinds[got.op].has, &got);
    TRY(rd_close(&r));
    *out = got;
    return MU_OK;
}
