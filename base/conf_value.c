/* SPDX-License-Identifier: Apache-2.0 */
#include "base/conf_value.h"

#include "base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HOST_MAX 255 /* of a DNS name, RFC 1035 clause 2.3.4 */

#define DEPTH_MAX 8 /* of groups and lists in each other; tables have few */

/* Writes "kms[1].uri", cut where out ends. */
static void write_place(const struct mu_conf_place *p, char *out, size_t cap)
{
    const struct mu_conf_place *path[DEPTH_MAX];
    size_t depth = 0, at = 0;

    for (; p != NULL; p = p->up) {
        assert(depth < DEPTH_MAX);
        path[depth++] = p;
    }
    out[0] = '\0';
    while (depth > 0 && at < cap) {
        int n;

        p = path[--depth];
        if (p->index >= 0)
            n = snprintf(out + at, cap - at, "[%d]", p->index);
        else
            n = snprintf(out + at, cap - at, "%s%s", at > 0 ? "." : "", p->key);
        at += n > 0 ? (size_t)n : 0;
    }
}

bool mu_conf_fault(struct mu_conf_reader *r, const struct mu_conf_place *p,
    const config_setting_t *s, const char *format, ...)
{
    unsigned line =
        s != NULL && !r->defaults ? config_setting_source_line(s) : 0;
    char key[256], what[160], text[768], number[16] = "";
    va_list ap;

    va_start(ap, format);
    (void)vsnprintf(what, sizeof(what), format, ap);
    va_end(ap);
    write_place(p, key, sizeof(key));
    if (line > 0)
        (void)snprintf(number, sizeof(number), ":%u", line);
    (void)snprintf(text, sizeof(text), "%.256s%s: %s%s%s", r->file, number, key,
        key[0] != '\0' ? ": " : "", what);
    r->told++;
    r->faults->on_fault(r->faults->ctx, text);
    return false;
}

static bool bad(
    struct mu_conf_reader *r, const struct mu_conf_value *v, const char *what)
{
    return mu_conf_fault(r, &v->place, v->setting, "%s", what);
}

static bool in_range(struct mu_conf_reader *r, const struct mu_conf_value *v,
    uint64_t n, const char *of)
{
    const struct mu_conf_option *o = v->option;

    if (n >= o->min && n <= o->max)
        return true;
    return mu_conf_fault(r, &v->place, v->setting,
        "%" PRIu64 "%s is not within %" PRIu64 "..%" PRIu64, n, of, o->min,
        o->max);
}

static bool read_bool(struct mu_conf_reader *r, const struct mu_conf_value *v)
{
    if (config_setting_type(v->setting) != CONFIG_TYPE_BOOL)
        return bad(r, v, "must be true or false");
    *(bool *)v->to = config_setting_get_bool(v->setting) != 0;
    return true;
}

static bool read_int(struct mu_conf_reader *r, const struct mu_conf_value *v)
{
    int type = config_setting_type(v->setting);
    long long n = config_setting_get_int64(v->setting);

    if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64)
        return bad(r, v, "must be a whole number");
    if (n < 0)
        return bad(r, v, "must not be negative");
    if (!in_range(r, v, (uint64_t)n, ""))
        return false;
    *(uint64_t *)v->to = (uint64_t)n;
    return true;
}

/* The text of a setting, or NULL after telling that it is none. */
static const char *text_of(
    struct mu_conf_reader *r, const struct mu_conf_value *v)
{
    const char *text = config_setting_get_string(v->setting);

    if (text == NULL)
        (void)bad(r, v, "must be a text in quotes");
    return text;
}

static bool read_choice(struct mu_conf_reader *r, const struct mu_conf_value *v)
{
    const char *text = text_of(r, v);

    if (text == NULL)
        return false;
    for (unsigned i = 0; v->option->words[i] != NULL; i++)
        if (strcmp(text, v->option->words[i]) == 0) {
            *(unsigned *)v->to = i;
            return true;
        }
    return bad(r, v, "is none of the words allowed");
}

/* NULL when the arena is full: the reading then ends with its error. */
static const char *keep(struct mu_conf_reader *r, const char *text)
{
    return mu_arena_text(r->arena, span_str(text));
}

static bool read_str(struct mu_conf_reader *r, const struct mu_conf_value *v)
{
    const char *text = text_of(r, v);

    if (text == NULL || !in_range(r, v, strlen(text), " octets"))
        return false;
    *(const char **)v->to = keep(r, text);
    return true;
}

static bool read_path(struct mu_conf_reader *r, const struct mu_conf_value *v)
{
    const char *text = text_of(r, v), *slash = strrchr(r->file, '/');
    struct span folder = {(const uint8_t *)r->file,
        slash != NULL ? (size_t)(slash - r->file) + 1 : 0};
    struct wr w;
    size_t cap;
    uint8_t *p;

    if (text == NULL)
        return false;
    if (text[0] == '/' || text[0] == '\0')
        folder.len = 0;
    cap = folder.len + strlen(text) + 1;
    p = mu_arena_alloc(r->arena, cap, 1);
    if (p != NULL) {
        wr_init(&w, p, cap);
        wr_span(&w, folder);
        wr_span(&w, span_str(text));
    }
    *(const char **)v->to = (const char *)p;
    return true;
}

/* Splits "host:port" or "[host]:port" at its last colon. */
static bool split_addr(const char *text, struct span *host, uint64_t *port)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    const char *colon = strrchr(text, ':');
    bool v6 = text[0] == '[';
    size_t len;

    if (colon == NULL || mu_text_u64(span_str(colon + 1), port) != MU_OK ||
        *port > UINT16_MAX)
        return false;
    len = (size_t)(colon - text);
    if (v6 && (len < 2 || colon[-1] != ']'))
        return false;
    *host = (struct span){(const uint8_t *)text + v6, v6 ? len - 2 : len};
    return host->len > 0 && host->len <= HOST_MAX &&
           strspn(text + v6, v6 ? "0123456789abcdefABCDEF:.%" : name) ==
               host->len;
}

static bool read_addr(struct mu_conf_reader *r, const struct mu_conf_value *v)
{
    const char *text = text_of(r, v);
    struct mu_conf_addr *out = v->to;
    struct span host;
    uint64_t port;

    if (text == NULL)
        return false;
    if (!split_addr(text, &host, &port))
        return bad(r, v, "must be \"host:port\" or \"[address]:port\"");
    out->host = mu_arena_text(r->arena, host);
    out->port = (uint16_t)port;
    return true;
}

int mu_conf_elements(struct mu_conf_reader *r, const struct mu_conf_value *v)
{
    int type = config_setting_type(v->setting);
    int len = config_setting_length(v->setting);

    if (type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST) {
        (void)bad(r, v, "must be a list");
        return -1;
    }
    return in_range(r, v, (uint64_t)len, " elements") ? len : -1;
}

static bool read_strs(struct mu_conf_reader *r, const struct mu_conf_value *v)
{
    struct mu_conf_strs *out = v->to;
    int len = mu_conf_elements(r, v);

    if (len < 0)
        return false;
    out->at = mu_arena_alloc(r->arena, (size_t)len, sizeof(*out->at));
    for (int i = 0; out->at != NULL && i < len; i++) {
        const char *text = config_setting_get_string_elem(v->setting, i);

        if (text == NULL)
            return bad(r, v, "must be a list of texts in quotes");
        out->at[i] = keep(r, text);
    }
    out->len = (size_t)len;
    return true;
}

typedef bool (*read_fn)(
    struct mu_conf_reader *r, const struct mu_conf_value *v);

bool mu_conf_value_read(struct mu_conf_reader *r, const struct mu_conf_value *v)
{
    static const read_fn readers[] = {
        [MU_CONF_TYPE_BOOL] = read_bool,
        [MU_CONF_TYPE_INT] = read_int,
        [MU_CONF_TYPE_CHOICE] = read_choice,
        [MU_CONF_TYPE_STR] = read_str,
        [MU_CONF_TYPE_PATH] = read_path,
        [MU_CONF_TYPE_ADDR] = read_addr,
        [MU_CONF_TYPE_STRS] = read_strs,
    };

    assert(v->option->type < sizeof(readers) / sizeof(readers[0]));
    return readers[v->option->type](r, v);
}
