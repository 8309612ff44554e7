/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/access.h"

#include <string.h>
#include <strings.h>

#define BY_NETWORK "network-provided"

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct span trimmed(struct span text)
{
    while (text.len > 0 && is_space(text.p[0])) {
        text.p++;
        text.len--;
    }
    while (text.len > 0 && is_space(text.p[text.len - 1]))
        text.len--;
    return text;
}

/* Up to the next such octet outside of quotes (RFC 3261 clause 25.1), which is
 * taken from *rest along with it. */
static struct span next_until(struct span *rest, uint8_t end)
{
    struct span part = {rest->p, 0};
    bool quoted = false;

    for (; part.len < rest->len; part.len++) {
        uint8_t c = rest->p[part.len];

        if (quoted && c == '\\' && part.len + 1 < rest->len)
            part.len++;
        else if (c == '"')
            quoted = !quoted;
        else if (c == end && !quoted)
            break;
    }
    rest->p += part.len;
    rest->len -= part.len;
    if (rest->len > 0) {
        rest->p++;
        rest->len--;
    }
    return trimmed(part);
}

static bool is_by_network(struct span value)
{
    while (value.len > 0) {
        struct span param = next_until(&value, ';');

        if (param.len == strlen(BY_NETWORK) &&
            strncasecmp((const char *)param.p, BY_NETWORK, param.len) == 0)
            return true;
    }
    return false;
}

struct span sip_access_pick(struct span header)
{
    struct span first = {NULL, 0};

    while (header.len > 0) {
        struct span value = next_until(&header, ',');

        if (is_by_network(value))
            return value;
        if (first.len == 0)
            first = value;
    }
    return first;
}

/* FNV-1a. */
uint32_t sip_access_area(struct span access)
{
    uint32_t h = 2166136261U;

    for (size_t i = 0; i < access.len; i++) {
        uint8_t c = access.p[i];

        if (is_space(c))
            continue;
        if (c >= 'A' && c <= 'Z')
            c = (uint8_t)(c - 'A' + 'a');
        h = (h ^ c) * 16777619U;
    }
    return h;
}
