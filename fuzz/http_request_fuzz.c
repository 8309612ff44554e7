/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the first thing a stranger sends: requests as the guard sees them,
 * whole and in two pieces; targets; fields that say who asks.
 */
#include "fuzz/fuzz.h"
#include "http/field.h"
#include "http/guard.h"
#include "http/path.h"
#include "mcptt/ident.h"

#define ARENA_MAX (1U << 20)

static void check_guard(struct span in)
{
    size_t cut = in.len > 0 ? in.p[0] % in.len : 0;
    struct http_guard whole = {.begun = 0}, parts = {.begun = 0};

    http_guard_feed(&whole, in);
    http_guard_feed(&parts, (struct span){in.p, cut});
    http_guard_feed(&parts, (struct span){in.p + cut, in.len - cut});
    fuzz_demand(whole.state == parts.state && whole.fault == parts.fault);
    fuzz_demand(whole.begun == parts.begun && whole.left == parts.left);
    fuzz_demand((whole.state == HTTP_GUARD_REFUSED) == (whole.fault != NULL));
    fuzz_demand(!http_guard_in_head(&whole) || !http_guard_in_body(&whole));
}

/* A segment, written and read again, is the same. */
static void check_segment(struct mu_arena *arena, struct span segment)
{
    uint8_t *out = mu_arena_alloc(arena, 3 * segment.len + 2, 1);
    struct http_path path;
    struct span text;
    struct wr w;

    if (out == NULL)
        return;
    wr_init(&w, out, 3 * segment.len + 2);
    wr_u8(&w, '/');
    http_path_write_segment(&w, segment);
    fuzz_demand(wr_close(&w, &text) == MU_OK);
    if (http_path_read(arena, text, &path) != MU_OK) {
        fuzz_demand(mu_arena_err(arena) != MU_OK);
        return;
    }
    fuzz_demand(path.len == (segment.len > 0 ? 1 : 0));
    fuzz_demand(segment.len == 0 || span_eq(path.segment[0], segment));
}

static void check_path(struct span in)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct http_path path;
    struct span joined;

    mu_arena_init(&arena, ARENA_MAX);
    if (http_path_read(&arena, in, &path) != MU_OK)
        return;
    for (size_t i = 0; i < path.len; i++)
        check_segment(&arena, path.segment[i]);
    if (path.len > 0 &&
        http_path_join(&arena, &path, 0, path.len, &joined) == MU_OK)
        fuzz_demand(joined.len <= in.len);
}

static void check_fields(struct span in)
{
    struct span uris[4], token, type = http_field_accepted_xml(in);
    size_t count = 0;

    if (http_field_asserted(in, uris, 4, &count) == MU_OK)
        for (size_t i = 0; i < count; i++)
            fuzz_demand(mcptt_id_check(uris[i]) == MU_OK);
    if (http_field_bearer(in, &token) == MU_OK)
        fuzz_demand(token.len > 0 && token.len < in.len);
    (void)http_field_is_type(in, "text/plain");
    /* A type that was accepted stands alone just as well. */
    if (type.p != NULL)
        fuzz_demand(span_eq(http_field_accepted_xml(type), type));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span in = {data, size};

    check_guard(in);
    check_path(in);
    check_fields(in);
    return 0;
}
