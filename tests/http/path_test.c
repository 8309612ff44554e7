/* SPDX-License-Identifier: Apache-2.0 */
#include "http/path.h"

#include <string.h>

#include "tests/suites.h"

/* Targets and their segments, joined by '|'. */
static const struct {
    const char *target, *segments, *query;
} good[] = {
    {"/", "", NULL},
    {"/a", "a", NULL},
    {"/a/", "a", NULL},
    {"/a/b?c=%20&d", "a|b", "c=%20&d"},
    {"/a?", "a", ""},
    {"/%61%2Fb/c", "a/b|c", NULL},
    {"/a//b", "a||b", NULL},
    {"https://example.org/a/b", "a|b", NULL},
    {"HTTP://example.org:8443/a", "a", NULL},
    {"/keyprov/sip%3Aalice%40example.org/D6B4323200000000",
        "keyprov|sip:alice@example.org|D6B4323200000000", NULL},
    {"/keyprov/sip:alice@example.org;x=[1]",
        "keyprov|sip:alice@example.org;"
        "x=[1]",
        NULL},
    {"/~~/group/list%5B1%5D%22", "~~|group|list[1]\"", NULL},
    {"/a/b%c3%a9", "a|b\xc3\xa9", NULL},
    {"/...", "...", NULL},
};

static const struct {
    const char *target;
    enum mu_err err;
} bad[] = {
    {"", MU_E_MALFORMED},
    {"*", MU_E_MALFORMED},
    {"example.org:443", MU_E_MALFORMED},
    {"https://example.org", MU_E_MALFORMED},
    {"https://example.org?x", MU_E_MALFORMED},
    {"ftp://example.org/a", MU_E_MALFORMED},
    {"/a#b", MU_E_MALFORMED},
    {"/a?b#c", MU_E_MALFORMED},
    {"/%", MU_E_MALFORMED},
    {"/%4", MU_E_MALFORMED},
    {"/%4/1", MU_E_MALFORMED},
    {"/%zz", MU_E_MALFORMED},
    {"/%00", MU_E_MALFORMED},
    {"/a%0d%0ab", MU_E_MALFORMED},
    {"/a%20b", MU_E_MALFORMED},
    {"/a b", MU_E_MALFORMED},
    {"/%7f", MU_E_MALFORMED},
    {"/a/../b", MU_E_MALFORMED},
    {"/a/%2e%2E", MU_E_MALFORMED},
    {"/./a", MU_E_MALFORMED},
    {"/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3",
        MU_E_NO_SPACE},
};

static enum mu_err read(
    struct mu_arena *arena, const char *target, struct http_path *path)
{
    mu_arena_init(arena, 4096);
    return http_path_read(arena, span_str(target), path);
}

static void targets_fall_into_decoded_segments(void)
{
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct http_path path;
        char text[128];
        size_t len = 0;

        CU_ASSERT_EQUAL_FATAL(read(&arena, good[i].target, &path), MU_OK);
        for (size_t s = 0; s < path.len; s++) {
            if (s > 0)
                text[len++] = '|';
            memcpy(text + len, path.segment[s].p, path.segment[s].len);
            len += path.segment[s].len;
        }
        text[len] = '\0';
        CU_ASSERT_STRING_EQUAL(text, good[i].segments);
        CU_ASSERT_EQUAL(path.query.p == NULL, good[i].query == NULL);
        if (good[i].query != NULL)
            CU_ASSERT(span_eq(path.query, span_str(good[i].query)));
    }
}

static void other_targets_are_refused(void)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct http_path path = {.len = 99};

        CU_ASSERT_EQUAL(read(&arena, bad[i].target, &path), bad[i].err);
        CU_ASSERT_EQUAL(path.len, 99);
    }
}

static bool below(const char *target, const char *prefix, size_t *rest)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct http_path path;

    CU_ASSERT_EQUAL_FATAL(read(&arena, target, &path), MU_OK);
    return http_path_below(&path, prefix, rest);
}

static void prefixes_are_compared_by_whole_decoded_segments(void)
{
    size_t rest = 9;

    CU_ASSERT(below("/v1/init", "/v1/init", &rest));
    CU_ASSERT_EQUAL(rest, 2);
    CU_ASSERT(below("/v1/%69nit/x/y", "/v1/init", &rest));
    CU_ASSERT_EQUAL(rest, 2);
    CU_ASSERT(below("/v1", "", &rest));
    CU_ASSERT_EQUAL(rest, 0);
    rest = 9;
    CU_ASSERT_FALSE(below("/v1/initial", "/v1/init", &rest));
    CU_ASSERT_FALSE(below("/v1", "/v1/init", &rest));
    CU_ASSERT_FALSE(below("/V1/init", "/v1/init", &rest));
    CU_ASSERT_FALSE(below("/v1%2finit", "/v1/init", &rest));
    CU_ASSERT_EQUAL(rest, 9);
}

static void a_raw_uri_is_joined_again(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct http_path path;
    struct span uri;

    CU_ASSERT_EQUAL_FATAL(
        read(&arena, "/cert/https://kms.example/a", &path), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        http_path_join(&arena, &path, 1, path.len, &uri), MU_OK);
    CU_ASSERT(span_eq(uri, span_str("https://kms.example/a")));
}

static void a_segment_is_written_and_read_back(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    uint8_t all[256], out[3 * 256 + 2];
    struct http_path path;
    struct span text;
    size_t n = 0;
    struct wr w;

    for (unsigned c = '!'; c < 256; c++)
        if (c != 0x7f)
            all[n++] = (uint8_t)c;
    wr_init(&w, out, sizeof(out));
    wr_u8(&w, '/');
    http_path_write_segment(&w, (struct span){all, n});
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &text), MU_OK);
    mu_arena_init(&arena, 4096);
    CU_ASSERT_EQUAL_FATAL(http_path_read(&arena, text, &path), MU_OK);
    CU_ASSERT_EQUAL(path.len, 1);
    CU_ASSERT(span_eq(path.segment[0], (struct span){all, n}));
}

CU_TestInfo http_path_tests[] = {
    {"targets fall into decoded segments", targets_fall_into_decoded_segments},
    {"other targets are refused", other_targets_are_refused},
    {"prefixes are compared by whole decoded segments",
        prefixes_are_compared_by_whole_decoded_segments},
    {"a raw URI is joined again", a_raw_uri_is_joined_again},
    {"a segment is written and read back", a_segment_is_written_and_read_back},
    CU_TEST_INFO_NULL,
};
