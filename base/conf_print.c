/* SPDX-License-Identifier: Apache-2.0 */
#include "base/conf_print.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#define DEPTH_MAX 8

/* A table whose entries are being written, and the next of them. */
struct level {
    const struct mu_conf_table *table;
    size_t next;
};

static void put(struct wr *w, const char *text)
{
    wr_span(w, span_str(text));
}

/* roff takes a '-' for a hyphen and a '\' for the begin of its own. */
static void put_safe(struct wr *w, const char *text, enum mu_conf_format format)
{
    for (; *text != '\0'; text++) {
        if (format == MU_CONF_MAN && (*text == '-' || *text == '\\'))
            put(w, "\\");
        if (format == MU_CONF_MAN && *text == '\\')
            put(w, "e");
        else
            wr_u8(w, (uint8_t)*text);
    }
}

/* The groups and lists around the option are those entered last. */
static void put_name(
    struct wr *w, const struct level *path, size_t depth, const char *last)
{
    for (size_t i = 0; i + 1 < depth; i++) {
        const struct mu_conf_option *o =
            &path[i].table->options[path[i].next - 1];

        put(w, o->name);
        put(w, o->type == MU_CONF_TYPE_LIST ? "[]." : ".");
    }
    put(w, last);
}

static void put_range(struct wr *w, const struct mu_conf_option *o,
    const char *before, const char *after)
{
    char text[64];

    (void)snprintf(text, sizeof(text), "%s%" PRIu64 "..%" PRIu64 "%s", before,
        o->min, o->max, after);
    put(w, text);
}

static void put_words(struct wr *w, const struct mu_conf_option *o)
{
    for (size_t i = 0; o->words[i] != NULL; i++) {
        put(w, i > 0 ? "|\"" : "\"");
        put(w, o->words[i]);
        put(w, "\"");
    }
}

/* No default: the compiler asks for each new type. */
static void put_type(struct wr *w, const struct mu_conf_option *o)
{
    static const char *const units[] = {
        [MU_CONF_NUMBER] = "",
        [MU_CONF_SECONDS] = " seconds",
        [MU_CONF_MS] = " milliseconds",
        [MU_CONF_OCTETS] = " octets",
    };

    switch (o->type) {
    case MU_CONF_TYPE_BOOL:
        put(w, "true|false");
        return;
    case MU_CONF_TYPE_INT:
        put_range(w, o, "", units[o->unit]);
        return;
    case MU_CONF_TYPE_CHOICE:
        put_words(w, o);
        return;
    case MU_CONF_TYPE_STR:
        put_range(w, o, "text, ", " octets");
        return;
    case MU_CONF_TYPE_PATH:
        put(w, "path");
        return;
    case MU_CONF_TYPE_ADDR:
        put(w, "address:port");
        return;
    case MU_CONF_TYPE_STRS:
        put_range(w, o, "list of ", " texts");
        return;
    case MU_CONF_TYPE_GROUP:
        put(w, "group");
        return;
    case MU_CONF_TYPE_LIST:
        put_range(w, o, "list of ", " groups");
        return;
    }
}

static bool has_default(const struct mu_conf_option *o)
{
    return o->type != MU_CONF_TYPE_GROUP && o->type != MU_CONF_TYPE_LIST;
}

static void put_option(struct wr *w, const struct level *path, size_t depth,
    const struct mu_conf_option *o, enum mu_conf_format format)
{
    bool man = format == MU_CONF_MAN;

    put(w, man ? ".TP\n.B " : "  ");
    put_name(w, path, depth, o->name);
    put(w, man ? "\n" : "  ");
    put_type(w, o);
    if (has_default(o) && o->fallback == NULL)
        put(w, ", required");
    if (has_default(o) && o->fallback != NULL) {
        put(w, ", default ");
        put_safe(w, o->fallback, format);
    }
    put(w, man ? ".\n" : "\n      ");
    put_safe(w, o->help, format);
    put(w, "\n");
}

enum mu_err mu_conf_print(
    const struct mu_conf_table *table, enum mu_conf_format format, struct wr *w)
{
    struct level path[DEPTH_MAX] = {{table, 0}};
    size_t depth = 1;

    while (depth > 0) {
        struct level *at = &path[depth - 1];
        const struct mu_conf_option *o;

        if (at->next == at->table->count) {
            depth--;
            continue;
        }
        o = &at->table->options[at->next++];
        put_option(w, path, depth, o, format);
        assert(o->table == NULL || depth < DEPTH_MAX);
        if (o->table != NULL)
            path[depth++] = (struct level){o->table, 0};
    }
    return w->err;
}
