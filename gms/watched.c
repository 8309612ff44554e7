/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/watched.h"

#include <string.h>

#include "gms/key_address.h"

enum usage {
    USAGE_GROUPS,
    USAGE_KEYS,
    USAGES
};

static bool starts_with(struct span text, struct span head)
{
    return text.len >= head.len && memcmp(text.p, head.p, head.len) == 0;
}

static bool is_absolute(struct span uri)
{
    return starts_with(uri, span_str("http://")) ||
           starts_with(uri, span_str("https://"));
}

/* An absolute URI of ours loses our root; a relative one a slash in front of
 * its meaning, but never in the echo. */
static enum mu_err strip(struct span uri, const char *root, struct span *out)
{
    struct span ours = span_str(root);

    if (is_absolute(uri)) {
        if (ours.len == 0 || !starts_with(uri, ours))
            return MU_E_MALFORMED;
        uri.p += ours.len;
        uri.len -= ours.len;
    }
    *out = uri;
    return uri.len > 0 ? MU_OK : MU_E_MALFORMED;
}

/* "AUID/users/XUI" or "AUID/global" with a slash behind is a folder: what was
 * read as a document's name with nothing behind it. */
static bool is_folder(struct span sel)
{
    return sel.len > 0 && sel.p[sel.len - 1] == '/';
}

static bool is_by_group(struct span segment)
{
    return span_eq(segment, span_str("byGroupID")) ||
           span_eq(segment, span_str("byGroup")); /* as products write it */
}

static enum mu_err read_group(
    struct gms_watched *w, const struct xml_xcap_uri *uri)
{
    w->what = GMS_WATCHED_GROUP;
    if (uri->tree == XML_XCAP_USERS && uri->segments >= 1) {
        w->xui = uri->xui;
        w->name = uri->segment[0];
        return uri->segments == 1 ? MU_OK : MU_E_NOT_FOUND;
    }
    if (uri->tree != XML_XCAP_GLOBAL || uri->segments != 2 ||
        !is_by_group(uri->segment[0]))
        return MU_E_NOT_FOUND;
    w->group = uri->segment[1];
    return MU_OK;
}

static enum mu_err read_keys(struct gms_watched *w,
    const struct gms_conf_gktp *gktp, const struct xml_xcap_uri *uri,
    struct mu_arena *arena)
{
    struct gms_key_address address;

    TRY(gms_key_address_read(gktp, uri, arena, &address));
    w->what = GMS_WATCHED_KEYS;
    w->group = address.group;
    w->member = address.member;
    return MU_OK;
}

/* The folder of a member's key documents: gktp.path up to the group. */
static enum mu_err read_key_folder(struct gms_watched *w,
    const struct gms_conf_gktp *gktp, struct mu_arena *arena,
    const struct xml_xcap_usage *usages)
{
    static const char any[] = "x";
    size_t len = w->sel.len + sizeof(any) - 1;
    uint8_t *p = mu_arena_alloc(arena, len, 1);
    struct xml_xcap_uri uri;

    if (p == NULL)
        return mu_arena_err(arena);
    memcpy(p, w->sel.p, w->sel.len);
    memcpy(p + w->sel.len, any, sizeof(any) - 1);
    TRY(xml_xcap_uri_read(arena, usages, USAGES, (struct span){p, len}, &uri));
    if (uri.usage != &usages[USAGE_KEYS])
        return MU_E_NOT_FOUND;
    TRY(read_keys(w, gktp, &uri, arena));
    if (!span_eq(w->group, span_str(any)))
        return MU_E_NOT_FOUND;
    w->what = GMS_WATCHED_ALL_KEYS;
    w->group = (struct span){NULL, 0};
    return MU_OK;
}

static enum mu_err read_folder(struct gms_watched *w,
    const struct gms_conf_gktp *gktp, struct mu_arena *arena,
    const struct xml_xcap_usage *usages)
{
    w->kind = SIP_WATCH_COLLECTION;
    if (span_eq(w->sel, span_str(XML_XCAP_AUID_GROUPS "/global/byGroupID/")) ||
        span_eq(w->sel, span_str(XML_XCAP_AUID_GROUPS "/global/byGroup/"))) {
        w->what = GMS_WATCHED_GROUPS;
        return MU_OK;
    }
    return read_key_folder(w, gktp, arena, usages);
}

static enum mu_err read_thing(struct gms_watched *w,
    const struct gms_conf_gktp *gktp, struct mu_arena *arena)
{
    struct xml_xcap_usage *usages =
        mu_arena_alloc(arena, USAGES, sizeof(*usages));

    if (usages == NULL)
        return mu_arena_err(arena);
    usages[USAGE_GROUPS] = (struct xml_xcap_usage){
        XML_XCAP_AUID_GROUPS, "urn:oma:xml:poc:list-service"};
    usages[USAGE_KEYS] =
        (struct xml_xcap_usage){gktp->auid, "urn:3gpp:ns:mcpttGKTP:1.0"};
    if (is_folder(w->sel))
        return read_folder(w, gktp, arena, usages);
    TRY(xml_xcap_uri_read(arena, usages, USAGES, w->sel, &w->uri));
    w->kind = w->uri.kind == XML_XCAP_AT_DOCUMENT ? SIP_WATCH_DOCUMENT
                                                  : SIP_WATCH_ELEMENT;
    if (w->uri.kind == XML_XCAP_AT_NAMESPACES)
        return MU_E_NOT_FOUND; /* no component of RFC 5875 */
    if (w->uri.usage == &usages[USAGE_KEYS])
        return read_keys(w, gktp, &w->uri, arena);
    return read_group(w, &w->uri);
}

void gms_watched_clear(struct gms_watched *list)
{
    for (; list != NULL; list = list->next)
        buf_clear(&list->content);
}

enum mu_err gms_watched_read(struct span uri, const char *root,
    const struct gms_conf_gktp *gktp, struct mu_arena *arena,
    struct gms_watched **out)
{
    struct gms_watched *w = mu_arena_alloc(arena, 1, sizeof(*w));
    struct span sel;
    enum mu_err err;

    TRY(strip(uri, root, &sel));
    if (w == NULL)
        return mu_arena_err(arena);
    w->sel = mu_arena_copy(arena, sel);
    TRY(mu_arena_err(arena));
    err = read_thing(w, gktp, arena);
    if (err == MU_E_NO_MEMORY)
        return err;
    if (err != MU_OK) {
        /* A resource that is not there is pending, and no error (RFC 5875
         * clause 4.7). */
        w->what = GMS_WATCHED_NOTHING;
        w->kind = is_folder(sel) ? SIP_WATCH_COLLECTION : SIP_WATCH_DOCUMENT;
    }
    *out = w;
    return MU_OK;
}
