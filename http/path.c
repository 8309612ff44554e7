/* SPDX-License-Identifier: Apache-2.0 */
#include "http/path.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

static struct span after(struct span s, size_t n)
{
    return (struct span){s.p + n, s.len - n};
}

/* Octets before the first of the characters, or all. */
static size_t until(struct span s, const char *characters)
{
    size_t n = 0;

    while (n < s.len && (s.p[n] == 0 || strchr(characters, s.p[n]) == NULL))
        n++;
    return n;
}

static bool starts_with(struct span s, const char *text)
{
    size_t len = strlen(text);

    return s.len >= len && strncasecmp((const char *)s.p, text, len) == 0;
}

static bool printable(uint8_t c)
{
    return c > ' ' && c != 0x7f;
}

/* One octet of a segment, decoded. */
static uint8_t decode_one(struct rd *r)
{
    uint8_t c = rd_u8(r, "path");
    size_t len = 0;

    if (c == '%') {
        c = 0;
        if (mu_hex_read(rd_span(r, 2, "path"), &c, 1, &len) != MU_OK)
            rd_check(r, false, MU_E_MALFORMED, "path");
    }
    rd_check(r, printable(c), MU_E_MALFORMED, "path");
    return c;
}

static enum mu_err decode(
    struct mu_arena *arena, struct span raw, struct span *out)
{
    uint8_t *text = mu_arena_alloc(arena, raw.len, 1);
    struct span decoded;
    struct rd r;
    struct wr w;

    TRY(mu_arena_err(arena));
    rd_init(&r, raw);
    wr_init(&w, text, raw.len);
    while (rd_more(&r))
        wr_u8(&w, decode_one(&r));
    TRY(rd_close(&r));
    TRY(wr_close(&w, &decoded));
    /* Nothing of ours means these; to a proxy on the way they might. */
    if (span_eq(decoded, span_str(".")) || span_eq(decoded, span_str("..")))
        return MU_E_MALFORMED;
    *out = decoded;
    return MU_OK;
}

/* To the path: past the scheme and host of the absolute form. */
static struct span drop_authority(struct span target)
{
    size_t scheme = 0;

    if (starts_with(target, "https://"))
        scheme = strlen("https://");
    else if (starts_with(target, "http://"))
        scheme = strlen("http://");
    else
        return target;
    target = after(target, scheme);
    return after(target, until(target, "/?"));
}

static enum mu_err read_segments(
    struct mu_arena *arena, struct span path, struct http_path *out)
{
    while (path.len > 1) { /* a slash and more */
        size_t len;

        path = after(path, 1);
        len = until(path, "/");
        if (out->len == HTTP_PATH_SEGMENTS)
            return MU_E_NO_SPACE;
        TRY(decode(
            arena, (struct span){path.p, len}, &out->segment[out->len++]));
        path = after(path, len);
    }
    return MU_OK;
}

enum mu_err http_path_read(
    struct mu_arena *arena, struct span target, struct http_path *out)
{
    struct http_path path = {.len = 0};
    size_t len;

    target = drop_authority(target);
    len = until(target, "?");
    if (len == 0 || target.p[0] != '/' || until(target, "#") != target.len)
        return MU_E_MALFORMED;
    TRY(read_segments(arena, (struct span){target.p, len}, &path));
    if (len < target.len)
        path.query = after(target, len + 1);
    *out = path;
    return MU_OK;
}

bool http_path_below(
    const struct http_path *path, const char *prefix, size_t *rest)
{
    struct span left = span_str(prefix);
    size_t n = 0;

    while (left.len > 0) {
        size_t len;

        left = after(left, 1);
        len = until(left, "/");
        if (n == path->len ||
            !span_eq(path->segment[n++], (struct span){left.p, len}))
            return false;
        left = after(left, len);
    }
    *rest = n;
    return true;
}

enum mu_err http_path_join(struct mu_arena *arena, const struct http_path *path,
    size_t from, size_t to, struct span *out)
{
    size_t len = to - from - 1;
    struct span joined;
    uint8_t *text;
    struct wr w;

    for (size_t i = from; i < to; i++)
        len += path->segment[i].len;
    text = mu_arena_alloc(arena, len, 1);
    TRY(mu_arena_err(arena));
    wr_init(&w, text, len);
    for (size_t i = from; i < to; i++) {
        if (i > from)
            wr_u8(&w, '/');
        wr_span(&w, path->segment[i]);
    }
    TRY(wr_close(&w, &joined));
    *out = joined;
    return MU_OK;
}

static bool unreserved(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z') || (c != 0 && strchr("-._~", c) != NULL);
}

void http_path_write_segment(struct wr *w, struct span text)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.p[i];

        if (unreserved(c)) {
            wr_u8(w, c);
            continue;
        }
        wr_u8(w, '%');
        wr_u8(w, (uint8_t)digits[c >> 4]);
        wr_u8(w, (uint8_t)digits[c & 15]);
    }
}
