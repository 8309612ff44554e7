/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mikey/fields.h"

#include "base/text.h"

#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <stdio.h>

/* A blank, but not at the beginning. */
static const char *gap(const struct fields *f)
{
    return f->len > 0 ? " " : "";
}

static void advance(struct fields *f, int printed)
{
    CU_ASSERT_FATAL(printed >= 0);
    f->len += (size_t)printed;
    CU_ASSERT_FATAL(f->len < sizeof(f->text));
}

static void on_number(void *ctx, const char *field, size_t at, uint64_t value)
{
    struct fields *f = ctx;

    (void)at;
    advance(f, snprintf(f->text + f->len, sizeof(f->text) - f->len,
                   "%s%s=%" PRIu64, gap(f), field, value));
}

static void on_octets(
    void *ctx, const char *field, size_t at, struct span octets)
{
    struct fields *f = ctx;

    (void)at;
    advance(f, snprintf(f->text + f->len, sizeof(f->text) - f->len,
                   "%s%s=", gap(f), field));
    CU_ASSERT_FATAL(MU_HEX_LEN(octets.len) <= sizeof(f->text) - f->len);
    mu_hex_write(octets, f->text + f->len);
    advance(f, (int)(2 * octets.len));
}

static void on_enter(void *ctx, const char *group, size_t at)
{
    struct fields *f = ctx;

    (void)at;
    advance(f, snprintf(f->text + f->len, sizeof(f->text) - f->len, "%s%s{",
                   gap(f), group));
}

static void on_leave(void *ctx, const char *group)
{
    struct fields *f = ctx;

    (void)group;
    advance(f, snprintf(f->text + f->len, sizeof(f->text) - f->len, " }"));
}

void fields_init(struct fields *f)
{
    *f =
        (struct fields){.trace = {on_octets, on_number, f, on_enter, on_leave}};
}
