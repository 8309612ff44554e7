/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/gktp.h"

#include "base/text.h"
#include "xml/reader.h"
#include "xml/value.h"
#include "xml/writer.h"

#define ID_MAX 255

static const struct {
    const char *list;
    enum xml_gktp_kind kind;
} lists[] = {
    {"GMK-GKTPs", XML_GKTP_GMK},
    {"MKFC-GKTPs", XML_GKTP_MKFC},
};

static bool may_be_written(const struct xml_gktp *k)
{
    return k->id.len > 0 && k->id.len <= ID_MAX && k->message.len > 0 &&
           k->message.len <= XML_GKTP_MESSAGE_MAX;
}

static void write_message(struct xml_writer *x, struct span message)
{
    while (message.len > 0) {
        size_t len = message.len < XML_LEAF_OCTETS_MAX ? message.len
                                                       : XML_LEAF_OCTETS_MAX;

        xml_hex(x, (struct span){message.p, len});
        message.p += len;
        message.len -= len;
    }
}

static void write_key(struct xml_writer *x, const struct xml_gktp *k)
{
    xml_open(x, "GKTP");
    xml_attribute_span(x, "id", k->id);
    if (k->activation_s != 0)
        xml_attribute_time(x, "activationtime", k->activation_s);
    write_message(x, k->message);
    xml_end(x);
}

static bool same_group(const struct xml_gktp *a, const struct xml_gktp *b)
{
    return a->kind == b->kind &&
           span_eq(a->temporary_group, b->temporary_group);
}

/* Whether an earlier key had this one's temporary group written already. */
static bool written_before(const struct xml_gktp *keys, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (same_group(&keys[i], &keys[at]))
            return true;
    return false;
}

/* All keys of the same kind and group as the one at first. */
static void write_run(struct xml_writer *x, const struct xml_gktp *keys,
    size_t count, size_t first)
{
    for (size_t i = first; i < count; i++)
        if (same_group(&keys[i], &keys[first]))
            write_key(x, &keys[i]);
}

static void write_regrouped(struct xml_writer *x, const struct xml_gktp *keys,
    size_t count, size_t first)
{
    xml_open(x, "on-network-regrouped-GKTPs");
    xml_attribute_span(
        x, "temporary-MCPTT-group-ID", keys[first].temporary_group);
    write_run(x, keys, count, first);
    xml_end(x);
}

static void write_list(struct xml_writer *x, enum xml_gktp_kind kind,
    const struct xml_gktp *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (keys[i].kind == kind && keys[i].temporary_group.len == 0)
            write_key(x, &keys[i]);
    for (size_t i = 0; i < count; i++)
        if (keys[i].kind == kind && keys[i].temporary_group.len > 0 &&
            !written_before(keys, i))
            write_regrouped(x, keys, count, i);
}

static bool has_kind(
    enum xml_gktp_kind kind, const struct xml_gktp *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (keys[i].kind == kind)
            return true;
    return false;
}

enum mu_err xml_gktp_write(
    struct wr *w, const struct xml_gktp *keys, size_t count)
{
    struct xml_writer x;

    if (count > XML_GKTP_MAX)
        return MU_E_MALFORMED;
    for (size_t i = 0; i < count; i++)
        if (!may_be_written(&keys[i]))
            return MU_E_MALFORMED;
    xml_writer_init(&x, w);
    xml_open(&x, "GKTPs");
    xml_attribute_text(&x, "xmlns", XML_GKTP_NS);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        if (!has_kind(lists[i].kind, keys, count))
            continue;
        xml_open(&x, lists[i].list);
        write_list(&x, lists[i].kind, keys, count);
        xml_end(&x);
    }
    xml_end(&x);
    return xml_writer_close(&x);
}

struct reading {
    struct mu_arena *arena;
    struct mu_arena_list keys;
    enum xml_gktp_kind kind;     /* of the list being read */
    struct span temporary_group; /* of the one around; empty: none */
};

static enum mu_err enter_gmk(void *to, const struct xml_element *e)
{
    (void)e;
    ((struct reading *)to)->kind = XML_GKTP_GMK;
    return MU_OK;
}

static enum mu_err enter_mkfc(void *to, const struct xml_element *e)
{
    (void)e;
    ((struct reading *)to)->kind = XML_GKTP_MKFC;
    return MU_OK;
}

static enum mu_err copy_attribute(struct reading *r,
    const struct xml_element *e, struct span value, struct span *out)
{
    if (value.len == 0 || value.len > ID_MAX)
        return xml_refuse(
            e, MU_E_MALFORMED, "lacks an attribute, or it is too long");
    *out = mu_arena_copy(r->arena, value);
    return mu_arena_err(r->arena);
}

static enum mu_err enter_regrouped(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return copy_attribute(r, e,
        xml_attribute(e, NULL, "temporary-MCPTT-group-ID"),
        &r->temporary_group);
}

static enum mu_err leave_regrouped(void *to, const struct xml_element *e)
{
    (void)e;
    ((struct reading *)to)->temporary_group = (struct span){NULL, 0};
    return MU_OK;
}

static enum mu_err read_message(
    struct reading *r, const struct xml_element *e, struct span *out)
{
    struct span text = xml_text(e);
    uint8_t *octets;
    size_t len = 0;

    if (text.len == 0 || text.len > (size_t)2 * XML_GKTP_MESSAGE_MAX)
        return xml_refuse(e, MU_E_MALFORMED, "is no message's hex");
    octets = mu_arena_alloc(r->arena, text.len / 2 + 1, 1);
    TRY(mu_arena_err(r->arena));
    if (mu_hex_read(text, octets, text.len / 2, &len) != MU_OK)
        return xml_refuse(e, MU_E_MALFORMED, "is no message's hex");
    *out = (struct span){octets, len};
    return MU_OK;
}

/* Release 17 knows activationtime only as an attribute that may be there. */
static enum mu_err read_activation(const struct xml_element *e, uint64_t *out)
{
    struct span text = xml_attribute(e, NULL, "activationtime");

    if (text.p == NULL)
        return MU_OK;
    if (xml_value_time_of(text, out) != MU_OK)
        return xml_refuse(
            e, MU_E_MALFORMED, "has an activationtime that is none");
    return MU_OK;
}

static enum mu_err on_key(void *to, const struct xml_element *e)
{
    struct reading *r = to;
    struct xml_gktp *k;

    if (r->keys.len == XML_GKTP_MAX)
        return xml_refuse(e, MU_E_NO_SPACE, "is one key too many");
    k = mu_arena_list_add(r->arena, &r->keys, sizeof(*k));
    if (k == NULL)
        return mu_arena_err(r->arena);
    k->kind = r->kind;
    k->temporary_group = r->temporary_group;
    TRY(copy_attribute(r, e, xml_attribute(e, NULL, "id"), &k->id));
    TRY(read_activation(e, &k->activation_s));
    return read_message(r, e, &k->message);
}

#define REGROUPED "on-network-regrouped-GKTPs"

static const struct xml_rule rules[] = {
    {NULL, "GKTPs", NULL, 0, 1, NULL, NULL},
    {"GKTPs", "GMK-GKTPs", NULL, 0, 1, enter_gmk, NULL},
    {"GKTPs", "MKFC-GKTPs", NULL, 0, 1, enter_mkfc, NULL},
    {"GKTPs", "anyExt", NULL, 0, 1, NULL, NULL},
    {"GMK-GKTPs", "GKTP", NULL, 0, XML_GKTP_MAX, on_key, NULL},
    {"GMK-GKTPs", REGROUPED, NULL, 0, XML_GKTP_MAX, enter_regrouped,
        leave_regrouped},
    {"GMK-GKTPs", "anyExt", NULL, 0, 1, NULL, NULL},
    {"MKFC-GKTPs", "GKTP", NULL, 0, XML_GKTP_MAX, on_key, NULL},
    {"MKFC-GKTPs", REGROUPED, NULL, 0, XML_GKTP_MAX, enter_regrouped,
        leave_regrouped},
    {"MKFC-GKTPs", "anyExt", NULL, 0, 1, NULL, NULL},
    {REGROUPED, "GKTP", NULL, 0, XML_GKTP_MAX, on_key, NULL},
    {REGROUPED, "anyExt", NULL, 0, 1, NULL, NULL},
};

static const struct xml_table table = {
    .ns = XML_GKTP_NS,
    .rules = rules,
    .count = sizeof(rules) / sizeof(rules[0]),
    .skip_foreign = true,
    .limits = {.octets = 4u << 20, .elements = 4096, .depth = 16},
};

enum mu_err xml_gktp_read(struct span text, struct mu_arena *arena,
    struct xml_fault *fault, const struct xml_gktp **keys, size_t *count)
{
    struct reading r = {.arena = arena};

    TRY(xml_read(&table, text, &r, fault));
    *keys = r.keys.at;
    *count = r.keys.len;
    return MU_OK;
}
