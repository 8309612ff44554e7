/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "gms/ctl.h"

#define ARENA_MAX  ((size_t)64 << 20)
#define GAP        2
#define NAME_WIDTH 14
#define LEAST      6

const char *gms_ctl_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

json_int_t gms_ctl_number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

bool gms_ctl_bool(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

void gms_ctl_print_json(struct cli *cli, const json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);

    if (text == NULL) {
        cli->out.err = MU_E_NO_MEMORY;
        return;
    }
    buf_text(&cli->out, text);
    buf_text(&cli->out, "\n");
    free(text);
}

enum mu_err gms_ctl_flush(struct cli *cli)
{
    TRY(cli->out.err);
    TRY(mu_fd_write(STDOUT_FILENO, buf_span(&cli->out)));
    cli->out.len = 0;
    return MU_OK;
}

void gms_ctl_table_init(struct gms_ctl_table *table, size_t columns)
{
    *table = (struct gms_ctl_table){.columns = columns};
    mu_arena_init(&table->arena, ARENA_MAX);
}

void gms_ctl_table_clear(struct gms_ctl_table *table)
{
    mu_arena_clear(&table->arena);
}

/* Control characters, also those of two octets in UTF-8 (U+0080..U+009F). */
static void disarm(char *text)
{
    for (unsigned char *p = (unsigned char *)text; *p != '\0'; p++) {
        bool c1 = *p == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f;

        if (*p < ' ' || *p == 0x7f || c1)
            *p = '?';
        if (c1)
            *++p = '?';
    }
}

void gms_ctl_cell(struct gms_ctl_table *table, const char *text)
{
    char **cell =
        mu_arena_list_add(&table->arena, &table->cells, sizeof(*cell));

    if (cell == NULL)
        return;
    if (text == NULL || text[0] == '\0')
        text = "-";
    *cell = mu_arena_text(&table->arena, span_str(text));
    if (*cell != NULL)
        disarm(*cell);
}

void gms_ctl_cell_number(struct gms_ctl_table *table, json_int_t number)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%lld", (long long)number);
    gms_ctl_cell(table, text);
}

/* Characters, not octets: those of UTF-8 that begin one. */
static size_t width_of(const char *text)
{
    size_t width = 0;

    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xc0U) != 0x80U;
    return width;
}

static size_t total_of(const size_t *widths, size_t columns)
{
    size_t total = (columns - 1) * GAP;

    for (size_t i = 0; i < columns; i++)
        total += widths[i];
    return total;
}

static size_t widest_of(const size_t *widths, size_t columns)
{
    size_t widest = 0;

    for (size_t i = 1; i < columns; i++)
        if (widths[i] > widths[widest])
            widest = i;
    return widest;
}

static void measure(
    const struct gms_ctl_table *table, size_t widths[GMS_CTL_COLUMNS_MAX])
{
    char *const *cells = table->cells.at;

    memset(widths, 0, GMS_CTL_COLUMNS_MAX * sizeof(*widths));
    for (size_t i = 0; i < table->cells.len; i++) {
        size_t width = width_of(cells[i]);

        if (width > widths[i % table->columns])
            widths[i % table->columns] = width;
    }
    while (total_of(widths, table->columns) > GMS_CTL_WIDTH) {
        size_t widest = widest_of(widths, table->columns);

        if (widths[widest] <= LEAST)
            break;
        widths[widest]--;
    }
}

/* At most width characters, the last two ".." when some are left out, then
 * blanks up to the next column. */
static void put_cell(
    struct buf *out, const char *text, size_t width, bool padded)
{
    size_t has = width_of(text), shown = has > width ? width : has;
    size_t left = has > width ? width - 2 : has;

    for (; *text != '\0'; text++) {
        bool begins = ((unsigned char)*text & 0xc0U) != 0x80U;

        if (begins && left == 0)
            break;
        left -= begins;
        buf_add(out, (struct span){(const uint8_t *)text, 1});
    }
    if (has > width)
        buf_text(out, "..");
    for (; padded && shown < width + GAP; shown++)
        buf_text(out, " ");
}

void gms_ctl_table_write(const struct gms_ctl_table *table, struct buf *out)
{
    char *const *cells = table->cells.at;
    size_t widths[GMS_CTL_COLUMNS_MAX];

    if (mu_arena_err(&table->arena) != MU_OK) {
        out->err = MU_E_NO_MEMORY;
        return;
    }
    measure(table, widths);
    for (size_t i = 0; i < table->cells.len; i++) {
        bool last = (i + 1) % table->columns == 0;

        put_cell(out, cells[i], widths[i % table->columns], !last);
        if (last)
            buf_text(out, "\n");
    }
}

void gms_ctl_line(struct buf *out, const char *name, const char *value)
{
    char text[1200];

    (void)snprintf(text, sizeof(text), "%s", value != NULL ? value : "-");
    disarm(text);
    buf_text(out, name);
    for (size_t i = strlen(name); i < NAME_WIDTH; i++)
        buf_text(out, " ");
    buf_text(out, text);
    buf_text(out, "\n");
}

void gms_ctl_line_number(struct buf *out, const char *name, json_int_t value)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%lld", (long long)value);
    gms_ctl_line(out, name, text);
}
