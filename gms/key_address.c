/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/key_address.h"

#include <string.h>

#include "http/path.h"

#define MEMBER "{mcptt_id}"
#define GROUP  "{gid_encoded}"

/* "users", XUI, names...; or "global", names... */
static size_t heads(const struct xml_xcap_uri *uri)
{
    return uri->tree == XML_XCAP_USERS ? 2 : 1;
}

static struct span segment(const struct xml_xcap_uri *uri, size_t i)
{
    if (i == 0)
        return span_str(uri->tree == XML_XCAP_USERS ? "users" : "global");
    if (i < heads(uri))
        return uri->xui;
    i -= heads(uri);
    return i < uri->segments ? uri->segment[i] : (struct span){NULL, 0};
}

static enum mu_err join(const struct xml_xcap_uri *uri, size_t from,
    struct mu_arena *arena, struct span *out)
{
    size_t count = heads(uri) + uri->segments, len = 0;
    uint8_t *p;

    for (size_t i = from; i < count; i++)
        len += segment(uri, i).len + 1;
    p = mu_arena_alloc(arena, len + 1, 1);
    if (p == NULL)
        return mu_arena_err(arena);
    *out = (struct span){p, len > 0 ? len - 1 : 0};
    for (size_t i = from; i < count; i++) {
        struct span s = segment(uri, i);

        memcpy(p, s.p, s.len);
        p += s.len;
        *p++ = '/';
    }
    return MU_OK;
}

/* The next segment of the path; *path moves behind it. */
static struct span next_word(const char **path)
{
    size_t len = strcspn(*path, "/");
    struct span word = {(const uint8_t *)*path, len};

    *path += len;
    if (**path == '/')
        (*path)++;
    return word;
}

/* Matches one word at segment *i; a group at the end takes all that is left. */
static enum mu_err match(const struct xml_xcap_uri *uri, struct span word,
    bool is_last, size_t *i, struct mu_arena *arena,
    struct gms_key_address *out)
{
    struct span here = segment(uri, *i);

    if (here.len == 0)
        return MU_E_NOT_FOUND;
    if (span_eq(word, span_str(MEMBER))) {
        out->member = here;
        return MU_OK;
    }
    if (!span_eq(word, span_str(GROUP)))
        return span_eq(word, here) ? MU_OK : MU_E_NOT_FOUND;
    out->group = here;
    if (!is_last)
        return MU_OK;
    TRY(join(uri, *i, arena, &out->group));
    *i = heads(uri) + uri->segments - 1;
    return MU_OK;
}

enum mu_err gms_key_address_read(const struct gms_conf_gktp *gktp,
    const struct xml_xcap_uri *uri, struct mu_arena *arena,
    struct gms_key_address *out)
{
    struct gms_key_address a = {{NULL, 0}, {NULL, 0}};
    const char *path = gktp->path;
    size_t i = 0;

    for (; *path != '\0'; i++) {
        struct span word = next_word(&path);

        TRY(match(uri, word, *path == '\0', &i, arena, &a));
    }
    if (i != heads(uri) + uri->segments || a.member.len == 0 ||
        a.group.len == 0)
        return MU_E_NOT_FOUND;
    *out = a;
    return MU_OK;
}

void gms_key_address_write(struct wr *w, const struct gms_conf_gktp *gktp,
    const struct gms_key_address *address)
{
    const char *path = gktp->path;

    wr_span(w, span_str(gktp->auid));
    while (*path != '\0') {
        struct span word = next_word(&path);

        wr_u8(w, '/');
        if (span_eq(word, span_str(MEMBER)))
            http_path_write_segment(w, address->member);
        else if (span_eq(word, span_str(GROUP)))
            http_path_write_segment(w, address->group);
        else
            wr_span(w, word);
    }
}
