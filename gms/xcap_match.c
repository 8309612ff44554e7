/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/xcap_match.h"

/* What a field says of an ETag. */
enum verdict {
    VERDICT_NONE, /* a list, and it is not in it */
    VERDICT_HIT,
    VERDICT_BROKEN /* no list */
};

enum strength {
    STRONG,
    WEAK
};

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static void skip_blanks(struct span *s)
{
    while (s->len > 0 && is_blank(s->p[0])) {
        s->p++;
        s->len--;
    }
}

/* Moves past the characters of text, if they come next. */
static bool take(struct span *s, const char *text)
{
    struct span want = span_str(text);

    if (s->len < want.len || !span_eq((struct span){s->p, want.len}, want))
        return false;
    s->p += want.len;
    s->len -= want.len;
    return true;
}

/* One entity-tag: [W/] DQUOTE *etagc DQUOTE. */
static bool take_tag(struct span *s, bool *weak, struct span *tag)
{
    size_t len = 0;

    *weak = take(s, "W/");
    if (!take(s, "\""))
        return false;
    while (len < s->len && s->p[len] != '"')
        len++;
    *tag = (struct span){s->p, len};
    s->p += len;
    s->len -= len;
    return take(s, "\"");
}

static enum verdict look(
    struct span value, struct span etag, enum strength strength)
{
    enum verdict verdict = VERDICT_NONE;

    skip_blanks(&value);
    if (take(&value, "*")) {
        skip_blanks(&value);
        if (value.len > 0)
            return VERDICT_BROKEN;
        return etag.len > 0 ? VERDICT_HIT : VERDICT_NONE;
    }
    do {
        struct span tag;
        bool weak;

        skip_blanks(&value);
        if (!take_tag(&value, &weak, &tag))
            return VERDICT_BROKEN;
        if ((strength == WEAK || !weak) && etag.len > 0 && span_eq(tag, etag))
            verdict = VERDICT_HIT;
        skip_blanks(&value);
    } while (take(&value, ","));
    return value.len == 0 ? verdict : VERDICT_BROKEN;
}

enum gms_match gms_match_judge(
    const struct gms_match_fields *fields, struct span etag, bool reads)
{
    enum verdict none;

    if (fields->if_match.p != NULL &&
        look(fields->if_match, etag, STRONG) != VERDICT_HIT)
        return GMS_MATCH_FAILED;
    if (fields->if_none_match.p == NULL)
        return GMS_MATCH_GO;
    none = look(fields->if_none_match, etag, WEAK);
    if (reads)
        return none == VERDICT_HIT ? GMS_MATCH_NOT_MODIFIED : GMS_MATCH_GO;
    return none == VERDICT_NONE ? GMS_MATCH_GO : GMS_MATCH_FAILED;
}
