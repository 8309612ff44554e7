/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/kds_target.h"

#include "base/text.h"
#include "mcptt/ident.h"

#define TIME_DIGITS 16

/* What stands behind the name of a resource. */
enum tail {
    TAIL_NONE,
    TAIL_NUMBER,   /* or nothing */
    TAIL_URI,      /* must be there */
    TAIL_URI_TIME, /* or a URI, or nothing */
};

static const struct {
    const char *name;
    enum tail tail;
} resources[] = {
    [KDS_INIT] = {"init", TAIL_NONE},
    [KDS_KEYPROV] = {"keyprov", TAIL_URI_TIME},
    [KDS_CERTCACHE] = {"certcache", TAIL_NUMBER},
    [KDS_CERT] = {"cert", TAIL_URI},
    [KDS_LOOKUP] = {"lookup", TAIL_URI},
    [KDS_KRR] = {"krr", TAIL_NONE},
};

#define RESOURCES (sizeof(resources) / sizeof(resources[0]))

const char *kds_resource_name(enum kds_resource resource)
{
    return resources[resource].name;
}

static enum mu_err find(struct span name, enum kds_resource *out)
{
    for (size_t i = 0; i < RESOURCES; i++)
        if (span_eq(name, span_str(resources[i].name))) {
            *out = (enum kds_resource)i;
            return MU_OK;
        }
    return MU_E_NOT_FOUND;
}

/* Segments from..to - 1: one encoded URI, or a raw one with slashes. */
static enum mu_err read_uri(struct mu_arena *arena,
    const struct http_path *path, size_t from, size_t to, struct span *out)
{
    struct span uri;

    TRY(http_path_join(arena, path, from, to, &uri));
    TRY(mcptt_id_check(uri));
    *out = uri;
    return MU_OK;
}

static bool is_time(struct span segment)
{
    return segment.len == TIME_DIGITS && mu_text_is_hex(segment);
}

static uint64_t read_time(struct span segment)
{
    uint8_t octets[TIME_DIGITS / 2] = {0};
    size_t len = 0;
    struct rd r;

    if (mu_hex_read(segment, octets, sizeof(octets), &len) != MU_OK)
        return 0; /* is_time() said that it is hex */
    rd_init(&r, SPAN_OF(octets));
    return rd_u64(&r, "time");
}

static enum mu_err read_uri_time(struct mu_arena *arena,
    const struct http_path *path, size_t at, struct kds_target *out)
{
    size_t to = path->len;

    if (at == to)
        return MU_OK;
    /* A URI of 16 hex digits would be a time; no scheme is one. */
    if (to > at + 1 && is_time(path->segment[to - 1])) {
        out->has_time = true;
        out->ntp = read_time(path->segment[--to]);
    }
    return read_uri(arena, path, at, to, &out->uri);
}

static enum mu_err read_tail(struct mu_arena *arena,
    const struct http_path *path, size_t at, struct kds_target *out)
{
    size_t left = path->len - at;

    switch (resources[out->resource].tail) {
    case TAIL_NONE:
        return left == 0 ? MU_OK : MU_E_MALFORMED;
    case TAIL_NUMBER:
        if (left > 1)
            return MU_E_MALFORMED;
        return left == 0 ? MU_OK
                         : mu_text_u64(path->segment[at], &out->cache_num);
    case TAIL_URI:
        if (left == 0)
            return MU_E_MALFORMED;
        return read_uri(arena, path, at, path->len, &out->uri);
    case TAIL_URI_TIME:
        return read_uri_time(arena, path, at, out);
    }
    return MU_E_NOT_FOUND;
}

enum mu_err kds_target_read(struct mu_arena *arena,
    const struct http_path *path, size_t from, struct kds_target *out)
{
    struct kds_target target = {0};

    if (path->len <= from)
        return MU_E_NOT_FOUND;
    TRY(find(path->segment[from], &target.resource));
    TRY(read_tail(arena, path, from + 1, &target));
    *out = target;
    return MU_OK;
}
