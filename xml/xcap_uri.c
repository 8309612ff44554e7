/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/xcap_uri.h"

#include <string.h>

#include "xml/resolve.h"
#include "xml/utf8.h"

#define NS_XML "http://www.w3.org/XML/1998/namespace"

/* A prefix that the query declares (XPointer xmlns() scheme). */
struct binding {
    struct span prefix, ns;
};

struct reading {
    struct mu_arena *arena;
    struct xml_xcap_uri *out;
    struct span path; /* of the target: all before '?' */
    size_t at;        /* next octet of path */
    struct binding bindings[XML_XCAP_BINDINGS_MAX];
    size_t binding_count;
};

/* Decoded text, read octet by octet. */
struct scan {
    struct span text;
    size_t at;
};

static bool more(const struct scan *s)
{
    return s->at < s->text.len;
}

static bool accept(struct scan *s, uint8_t c)
{
    if (!more(s) || s->text.p[s->at] != c)
        return false;
    s->at++;
    return true;
}

static bool accept_text(struct scan *s, const char *text)
{
    size_t len = strlen(text);

    if (s->text.len - s->at < len || memcmp(s->text.p + s->at, text, len) != 0)
        return false;
    s->at += len;
    return true;
}

static void skip_blanks(struct scan *s)
{
    while (accept(s, ' '))
        continue;
}

static struct span since(const struct scan *s, size_t from)
{
    return (struct span){s->text.p + from, s->at - from};
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/*
 * The octet at raw.p[*at], decoded (RFC 3986 clause 2.1); *at moves behind it.
 * -1 for a '%' without two hex digits.
 */
static int next_octet(struct span raw, size_t *at)
{
    uint8_t c = raw.p[(*at)++];
    int high, low;

    if (c != '%')
        return c;
    if (raw.len - *at < 2)
        return -1;
    high = hex_digit(raw.p[*at]);
    low = hex_digit(raw.p[*at + 1]);
    *at += 2;
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Percent-decoded, and then UTF-8 without control characters. */
static enum mu_err decode(
    struct mu_arena *arena, struct span raw, struct span *out)
{
    uint8_t *octets = mu_arena_alloc(arena, raw.len + 1, 1);
    size_t len = 0;

    TRY(mu_arena_err(arena));
    for (size_t at = 0; at < raw.len;) {
        int c = next_octet(raw, &at);

        if (c < ' ' || c == 0x7f)
            return MU_E_MALFORMED;
        octets[len++] = (uint8_t)c;
    }
    *out = (struct span){octets, len};
    return xml_is_utf8(*out) ? MU_OK : MU_E_MALFORMED;
}

/* The next segment of the path, up to a slash, which is passed over. */
static enum mu_err next_segment(struct reading *r, struct span *out)
{
    size_t from = r->at;

    while (r->at < r->path.len && r->path.p[r->at] != '/')
        r->at++;
    TRY(decode(r->arena, (struct span){r->path.p + from, r->at - from}, out));
    if (r->at < r->path.len)
        r->at++;
    return MU_OK;
}

static enum mu_err read_usage(
    struct reading *r, const struct xml_xcap_usage *usages, size_t count)
{
    struct span auid;

    TRY(next_segment(r, &auid));
    for (size_t i = 0; i < count; i++)
        if (span_eq(auid, span_str(usages[i].auid))) {
            r->out->usage = &usages[i];
            return MU_OK;
        }
    return MU_E_NOT_FOUND;
}

static enum mu_err read_tree(struct reading *r)
{
    struct span tree;

    TRY(next_segment(r, &tree));
    if (span_eq(tree, span_str("global"))) {
        r->out->tree = XML_XCAP_GLOBAL;
        return MU_OK;
    }
    if (!span_eq(tree, span_str("users")))
        return MU_E_NOT_FOUND;
    r->out->tree = XML_XCAP_USERS;
    TRY(next_segment(r, &r->out->xui));
    return r->out->xui.len > 0 ? MU_OK : MU_E_NOT_FOUND;
}

/* Up to the end or "~~", which *node then says (RFC 4825 clause 6.1). */
static enum mu_err read_document(struct reading *r, bool *node)
{
    struct xml_xcap_uri *out = r->out;
    struct span segment;

    *node = false;
    while (r->at < r->path.len && !*node) {
        TRY(next_segment(r, &segment));
        *node = span_eq(segment, span_str("~~"));
        if (*node)
            break;
        if (segment.len == 0 || span_eq(segment, span_str(".")) ||
            span_eq(segment, span_str("..")))
            return MU_E_NOT_FOUND;
        if (out->segments == XML_XCAP_SEGMENTS_MAX)
            return MU_E_NO_SPACE;
        out->segment[out->segments++] = segment;
        out->document_end = r->at;
    }
    if (out->segments == 0)
        return MU_E_NOT_FOUND;
    if (r->path.p[out->document_end - 1] == '/')
        out->document_end--;
    return MU_OK;
}

static bool starts_name(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c >= 0x80;
}

static bool continues_name(uint8_t c)
{
    return starts_name(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* An NCName; characters beyond ASCII are not told apart: one that no document
 * may have in a name is found in none. */
static bool scan_name(struct scan *s, struct span *out)
{
    size_t from = s->at;

    if (!more(s) || !starts_name(s->text.p[s->at]))
        return false;
    while (more(s) && continues_name(s->text.p[s->at]))
        s->at++;
    *out = since(s, from);
    return true;
}

static enum mu_err find_binding(
    const struct reading *r, struct span prefix, struct span *ns)
{
    if (span_eq(prefix, span_str("xml"))) {
        *ns = span_str(NS_XML);
        return MU_OK;
    }
    for (size_t i = r->binding_count; i > 0; i--)
        if (span_eq(r->bindings[i - 1].prefix, prefix)) {
            *ns = r->bindings[i - 1].ns;
            return MU_OK;
        }
    return MU_E_MALFORMED;
}

/* A QName; own is the name space of one without a prefix. */
static enum mu_err read_name(const struct reading *r, struct scan *s,
    const char *own, struct xml_xcap_name *out)
{
    struct span first;

    if (!scan_name(s, &first))
        return MU_E_NOT_FOUND;
    if (!accept(s, ':')) {
        *out = (struct xml_xcap_name){span_str(own), first};
        return MU_OK;
    }
    if (!scan_name(s, &out->local))
        return MU_E_NOT_FOUND;
    return find_binding(r, first, &out->ns);
}

/* A declaration is no attribute, so it has no selector of this kind. */
static enum mu_err read_attribute_name(
    const struct reading *r, struct scan *s, struct xml_xcap_name *out)
{
    struct scan ahead = *s;

    if (accept_text(&ahead, "xmlns") &&
        (!more(&ahead) || !continues_name(ahead.text.p[ahead.at])))
        return MU_E_NOT_FOUND;
    return read_name(r, s, "", out);
}

static enum mu_err read_position(struct scan *s, unsigned *out)
{
    unsigned value = 0;
    size_t from = s->at;

    while (more(s) && s->text.p[s->at] >= '0' && s->text.p[s->at] <= '9') {
        value = value * 10 + (s->text.p[s->at++] - '0');
        if (value > XML_XCAP_POSITION_MAX)
            return MU_E_NOT_FOUND;
    }
    if (s->at == from || value == 0 || !accept(s, ']'))
        return MU_E_NOT_FOUND;
    *out = value;
    return MU_OK;
}

/* AttValue of XML 1.0: quoted either way, references resolved. */
static enum mu_err read_value(
    const struct reading *r, struct scan *s, struct span *out)
{
    uint8_t quote = accept(s, '"') ? '"' : '\'';
    size_t from;

    if (quote == '\'' && !accept(s, '\''))
        return MU_E_NOT_FOUND;
    from = s->at;
    while (more(s) && s->text.p[s->at] != quote)
        s->at++;
    TRY(xml_resolve(r->arena, since(s, from), out));
    return accept(s, quote) && accept(s, ']') ? MU_OK : MU_E_NOT_FOUND;
}

static enum mu_err read_predicates(
    const struct reading *r, struct scan *s, struct xml_xcap_step *out)
{
    if (!accept(s, '['))
        return MU_OK;
    if (!accept(s, '@')) {
        TRY(read_position(s, &out->position));
        if (!accept(s, '['))
            return MU_OK;
        if (!accept(s, '@'))
            return MU_E_NOT_FOUND;
    }
    out->has_attribute = true;
    TRY(read_attribute_name(r, s, &out->attribute));
    return accept(s, '=') ? read_value(r, s, &out->value) : MU_E_NOT_FOUND;
}

static enum mu_err read_step(struct reading *r, struct scan *s)
{
    struct xml_xcap_step step = {.end = r->at};

    if (r->out->steps == XML_XCAP_STEPS_MAX)
        return MU_E_NO_SPACE;
    step.any = accept(s, '*');
    if (!step.any)
        TRY(read_name(r, s, r->out->usage->ns, &step.name));
    TRY(read_predicates(r, s, &step));
    if (more(s))
        return MU_E_NOT_FOUND;
    r->out->step[r->out->steps++] = step;
    r->out->kind = XML_XCAP_AT_ELEMENT;
    return MU_OK;
}

/* What may stand only last, behind an element. */
static enum mu_err read_terminal(struct reading *r, struct scan *s)
{
    if (r->out->steps == 0)
        return MU_E_NOT_FOUND;
    if (accept_text(s, "namespace::*")) {
        r->out->kind = XML_XCAP_AT_NAMESPACES;
    } else if (accept(s, '@')) {
        r->out->kind = XML_XCAP_AT_ATTRIBUTE;
        TRY(read_attribute_name(r, s, &r->out->attribute));
    }
    return more(s) ? MU_E_NOT_FOUND : MU_OK;
}

static bool is_terminal(const struct scan *s)
{
    struct scan ahead = *s;

    return accept(&ahead, '@') || accept_text(&ahead, "namespace::");
}

/* To the slash behind a step; one in quotes belongs to the value. */
static enum mu_err find_step_end(struct reading *r)
{
    int quote = 0;

    while (r->at < r->path.len && (quote != 0 || r->path.p[r->at] != '/')) {
        int c = next_octet(r->path, &r->at);

        if (c < 0)
            return MU_E_MALFORMED;
        if (quote != 0)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
    }
    return MU_OK;
}

static enum mu_err read_node(struct reading *r)
{
    bool last = false;

    do {
        size_t from = r->at;
        struct scan s = {.at = 0};

        if (last)
            return MU_E_NOT_FOUND;
        TRY(find_step_end(r));
        TRY(decode(
            r->arena, (struct span){r->path.p + from, r->at - from}, &s.text));
        last = is_terminal(&s);
        TRY(last ? read_terminal(r, &s) : read_step(r, &s));
    } while (r->at < r->path.len && r->path.p[r->at++] == '/');
    return MU_OK;
}

/* Up to the parenthesis that ends a part of an XPointer; '^' escapes. */
static enum mu_err read_binding_ns(
    struct reading *r, struct scan *s, struct span *out)
{
    uint8_t *octets = mu_arena_alloc(r->arena, s->text.len - s->at + 1, 1);
    unsigned depth = 0;
    size_t len = 0;

    TRY(mu_arena_err(r->arena));
    for (; more(s); s->at++) {
        uint8_t c = s->text.p[s->at];

        if (c == ')' && depth-- == 0)
            break;
        if (c == '(')
            depth++;
        if (c == '^' && ++s->at == s->text.len)
            return MU_E_MALFORMED;
        octets[len++] = s->text.p[s->at];
    }
    *out = (struct span){octets, len};
    return len > 0 && accept(s, ')') ? MU_OK : MU_E_MALFORMED;
}

static enum mu_err read_binding(struct reading *r, struct scan *s)
{
    struct binding *b = &r->bindings[r->binding_count];

    if (r->binding_count == XML_XCAP_BINDINGS_MAX)
        return MU_E_NO_SPACE;
    if (!accept_text(s, "xmlns(") || !scan_name(s, &b->prefix))
        return MU_E_MALFORMED;
    skip_blanks(s);
    if (!accept(s, '='))
        return MU_E_MALFORMED;
    skip_blanks(s);
    TRY(read_binding_ns(r, s, &b->ns));
    skip_blanks(s);
    r->binding_count++;
    return MU_OK;
}

/* The query is an XPointer of xmlns() parts alone (RFC 4825 clause 6.4). */
static enum mu_err read_query(struct reading *r)
{
    struct scan s = {.at = 0};

    TRY(decode(r->arena, r->out->query, &s.text));
    skip_blanks(&s);
    while (more(&s))
        TRY(read_binding(r, &s));
    return MU_OK;
}

static void split(struct reading *r, struct span target)
{
    const uint8_t *mark;

    if (target.len > 0 && target.p[0] == '/') {
        target.p++;
        target.len--;
    }
    r->out->target = r->path = target;
    r->out->query = span_str("");
    mark = memchr(target.p, '?', target.len);
    if (mark == NULL)
        return;
    r->path.len = (size_t)(mark - target.p);
    r->out->query = (struct span){mark + 1, target.len - r->path.len - 1};
}

enum mu_err xml_xcap_uri_read(struct mu_arena *arena,
    const struct xml_xcap_usage *usages, size_t usage_count, struct span target,
    struct xml_xcap_uri *out)
{
    struct xml_xcap_uri uri = {.kind = XML_XCAP_AT_DOCUMENT};
    struct reading r = {.arena = arena, .out = &uri};
    bool node = false;

    if (target.len > XML_XCAP_URI_MAX)
        return MU_E_NO_SPACE;
    if (target.len == 0 || memchr(target.p, '#', target.len) != NULL)
        return MU_E_MALFORMED; /* a fragment never reaches a server */
    split(&r, target);
    TRY(read_query(&r));
    TRY(read_usage(&r, usages, usage_count));
    TRY(read_tree(&r));
    TRY(read_document(&r, &node));
    if (node)
        TRY(read_node(&r));
    *out = uri;
    return MU_OK;
}

void xml_xcap_uri_write_ancestor(
    struct wr *w, const struct xml_xcap_uri *uri, size_t steps)
{
    size_t end = steps > 0 ? uri->step[steps - 1].end : uri->document_end;

    wr_span(w, (struct span){uri->target.p, end});
    if (steps == 0 || uri->query.len == 0)
        return;
    wr_u8(w, '?');
    wr_span(w, uri->query);
}
