/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/order.h"

#include <string.h>

#include "base/text.h"

static const char *const names[UE_ORDER_KINDS] = {
    [UE_ORDER_LOSE] = "lose",
    [UE_ORDER_DRIFT] = "drift",
    [UE_ORDER_RESTART] = "restart",
    [UE_ORDER_CAPTURE] = "capture",
};

const char *ue_order_name(enum ue_order_kind kind)
{
    return names[kind];
}

static enum mu_err read_percent(struct span text, struct ue_order *out)
{
    uint64_t percent = 0;

    TRY(mu_text_u64(text, &percent));
    if (percent > 100)
        return MU_E_MALFORMED;
    out->percent = (unsigned)percent;
    return MU_OK;
}

static enum mu_err read_drift(struct span text, struct ue_order *out)
{
    bool behind = text.len > 0 && text.p[0] == '-';
    uint64_t seconds = 0;

    if (behind)
        text = (struct span){text.p + 1, text.len - 1};
    TRY(mu_text_u64(text, &seconds));
    if (seconds > UE_DRIFT_MOST_S)
        return MU_E_MALFORMED;
    out->drift_s = behind ? -(int64_t)seconds : (int64_t)seconds;
    return MU_OK;
}

/* Absolute, as the two programs are in different folders. */
static enum mu_err read_path(struct span text, struct ue_order *out)
{
    if (text.len < 2 || text.p[0] != '/')
        return MU_E_MALFORMED;
    for (size_t i = 0; i < text.len; i++)
        if (text.p[i] < ' ')
            return MU_E_MALFORMED;
    out->path = text;
    return MU_OK;
}

static enum mu_err read_nothing(struct span text, struct ue_order *out)
{
    (void)out;
    return text.len == 0 ? MU_OK : MU_E_MALFORMED;
}

enum mu_err ue_order_value(
    enum ue_order_kind kind, struct span text, struct ue_order *out)
{
    static enum mu_err (*const readers[UE_ORDER_KINDS])(
        struct span text, struct ue_order * out) = {
        [UE_ORDER_LOSE] = read_percent,
        [UE_ORDER_DRIFT] = read_drift,
        [UE_ORDER_RESTART] = read_nothing,
        [UE_ORDER_CAPTURE] = read_path,
    };

    out->kind = kind;
    return readers[kind](text, out);
}

static void write_value(struct buf *out, const struct ue_order *in)
{
    switch (in->kind) {
    case UE_ORDER_LOSE:
        buf_number(out, in->percent);
        break;
    case UE_ORDER_DRIFT:
        if (in->drift_s < 0)
            buf_text(out, "-");
        buf_number(
            out, (uint64_t)(in->drift_s < 0 ? -in->drift_s : in->drift_s));
        break;
    case UE_ORDER_CAPTURE:
        buf_add(out, in->path);
        break;
    case UE_ORDER_RESTART:
    case UE_ORDER_KINDS:
        break;
    }
}

void ue_order_write(struct buf *out, const struct ue_order *in)
{
    buf_text(out, names[in->kind]);
    buf_text(out, "\t");
    write_value(out, in);
    buf_text(out, "\t");
    buf_add(out, in->member);
    buf_text(out, "\n");
}

/* Cuts a field off the front; false without a tab behind it. */
static bool cut(struct span *rest, struct span *field)
{
    const uint8_t *tab =
        rest->len > 0 ? memchr(rest->p, '\t', rest->len) : NULL;

    if (tab == NULL)
        return false;
    *field = (struct span){rest->p, (size_t)(tab - rest->p)};
    *rest = (struct span){tab + 1, rest->len - field->len - 1};
    return true;
}

enum mu_err ue_order_read(struct span line, struct ue_order *out)
{
    struct ue_order v = {.kind = UE_ORDER_LOSE};
    struct span name, value;
    unsigned kind = 0;

    if (!cut(&line, &name) || !cut(&line, &value) ||
        (line.len > 0 && memchr(line.p, '\t', line.len) != NULL))
        return MU_E_MALFORMED;
    while (kind < UE_ORDER_KINDS && !span_eq(name, span_str(names[kind])))
        kind++;
    if (kind == UE_ORDER_KINDS)
        return MU_E_MALFORMED;
    TRY(ue_order_value((enum ue_order_kind)kind, value, &v));
    if (v.kind == UE_ORDER_CAPTURE && line.len == 0)
        return MU_E_MALFORMED;
    v.member = line;
    *out = v;
    return MU_OK;
}
