/* SPDX-License-Identifier: Apache-2.0 */
#include "http/field.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "mcptt/ident.h"

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static struct span trim(struct span s)
{
    while (s.len > 0 && is_blank(s.p[0])) {
        s.p++;
        s.len--;
    }
    while (s.len > 0 && is_blank(s.p[s.len - 1]))
        s.len--;
    return s;
}

/* b64token without its padding (RFC 6750 clause 2.1). */
static bool is_token_character(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z') || (c != 0 && strchr("-._~+/=", c) != NULL);
}

enum mu_err http_field_bearer(struct span value, struct span *token)
{
    static const char scheme[] = "Bearer ";
    const size_t len = sizeof(scheme) - 1;
    struct span found;

    value = trim(value);
    if (value.len < len || strncasecmp((const char *)value.p, scheme, len) != 0)
        return MU_E_UNSUPPORTED;
    found = trim((struct span){value.p + len, value.len - len});
    if (found.len == 0)
        return MU_E_MALFORMED;
    for (size_t i = 0; i < found.len; i++)
        if (!is_token_character(found.p[i]))
            return MU_E_MALFORMED;
    *token = found;
    return MU_OK;
}

/* The next URI of the list, and the comma behind it. */
static struct span list_next(struct rd *r)
{
    struct span item;
    size_t start = rd_at(r);
    bool ends = false;

    while (rd_more(r) && !ends)
        ends = rd_u8(r, "asserted identity") == ',';
    item = rd_since(r, start);
    if (ends)
        item.len--;
    item = trim(item);
    if (item.len >= 2 && item.p[0] == '"' && item.p[item.len - 1] == '"')
        item = (struct span){item.p + 1, item.len - 2};
    return item;
}

enum mu_err http_field_asserted(
    struct span value, struct span *uris, size_t cap, size_t *count)
{
    struct rd r;
    size_t n = 0;

    rd_init(&r, value);
    while (rd_more(&r)) {
        struct span uri = list_next(&r);

        TRY(mcptt_id_check(uri));
        if (memchr(uri.p, '"', uri.len) != NULL)
            return MU_E_MALFORMED;
        if (n == cap)
            return MU_E_NO_SPACE;
        uris[n++] = uri;
    }
    TRY(rd_close(&r));
    if (n == 0)
        return MU_E_MALFORMED;
    *count = n;
    return MU_OK;
}

bool http_field_is_type(struct span value, const char *type)
{
    size_t len = 0;

    value = trim(value);
    while (len < value.len && value.p[len] != ';' && !is_blank(value.p[len]))
        len++;
    return len == strlen(type) &&
           strncasecmp((const char *)value.p, type, len) == 0;
}

/* The next media range of the list, with its parameters; *left moves behind
 * the comma. */
static struct span next_range(struct span *left)
{
    struct span range = {left->p, 0};

    while (range.len < left->len && range.p[range.len] != ',')
        range.len++;
    left->p += range.len;
    left->len -= range.len;
    if (left->len > 0) {
        left->p++;
        left->len--;
    }
    return range;
}

static struct span without_parameters(struct span range)
{
    size_t len = 0;

    range = trim(range);
    while (len < range.len && range.p[len] != ';' && !is_blank(range.p[len]))
        len++;
    return (struct span){range.p, len};
}

static bool ends_in(struct span s, const char *end)
{
    size_t len = strlen(end);

    return s.len > len &&
           strncasecmp((const char *)s.p + s.len - len, end, len) == 0;
}

static bool names_xml(struct span type)
{
    for (size_t i = 0; i < type.len; i++)
        if (type.p[i] <= ' ' || type.p[i] >= 0x7f || type.p[i] == '*')
            return false;
    return ends_in(type, "/xml") ||
           (memchr(type.p, '/', type.len) != NULL && ends_in(type, "+xml"));
}

struct span http_field_accepted_xml(struct span value)
{
    while (value.len > 0) {
        struct span type = without_parameters(next_range(&value));

        if (type.len > 0 && names_xml(type))
            return type;
    }
    return (struct span){NULL, 0};
}

void http_field_challenge(const char *realm, const char *error,
    const char *scope, char out[HTTP_CHALLENGE_MAX])
{
    (void)snprintf(out, HTTP_CHALLENGE_MAX, "Bearer realm=\"%s\"%s%s%s%s%s%s",
        realm, error != NULL ? ", error=\"" : "", error != NULL ? error : "",
        error != NULL ? "\"" : "", scope != NULL ? ", scope=\"" : "",
        scope != NULL ? scope : "", scope != NULL ? "\"" : "");
}

unsigned http_field_retry_s(
    const struct mu_rng *rng, unsigned least_s, unsigned spread_s)
{
    uint32_t draw = 0;

    if (mu_rng_fill(rng, (uint8_t *)&draw, sizeof(draw)) != MU_OK)
        return least_s + spread_s;
    return least_s + (unsigned)(draw % ((uint64_t)spread_s + 1));
}
