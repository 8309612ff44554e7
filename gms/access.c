/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/access.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"

struct gms_access {
    const struct gms_access_row *rows;
    size_t count;
};

#define BIT(right) (1U << (right))

/* A dispatcher plans and acts (DESIGN section 6); what cannot be taken back is
 * the supervisor's, what reaches beyond the groups the security officer's. */
#define DISPATCH                                                               \
    (BIT(GMS_MAY_VIEW) | BIT(GMS_MAY_CREATE) | BIT(GMS_MAY_EDIT) |             \
        BIT(GMS_MAY_SOFT_STOP) | BIT(GMS_MAY_HARD_STOP) | BIT(GMS_MAY_UNDO) |  \
        BIT(GMS_MAY_READ_FULL) | BIT(GMS_MAY_TELL_URGENCY))

static const unsigned rights[GMS_ROLES] = {
    [GMS_ROLE_NONE] = 0,
    [GMS_ROLE_VIEWER] = BIT(GMS_MAY_VIEW),
    [GMS_ROLE_DISPATCHER] = DISPATCH,
    [GMS_ROLE_SUPERVISOR] = DISPATCH | BIT(GMS_MAY_DELETE) |
                            BIT(GMS_MAY_AUDIT) | BIT(GMS_MAY_ASK_KEYS),
    [GMS_ROLE_SECURITY] = BIT(GMS_MAY_VIEW) | BIT(GMS_MAY_HARD_STOP) |
                          BIT(GMS_MAY_AUDIT) | BIT(GMS_MAY_MEDIA_ENTITY) |
                          BIT(GMS_MAY_OPERATE) | BIT(GMS_MAY_READ_FULL),
    [GMS_ROLE_SERVER] = BIT(GMS_MAY_READ_FULL) | BIT(GMS_MAY_ASK_KEYS) |
                        BIT(GMS_MAY_TELL_URGENCY),
};

static const char *const role_names[GMS_ROLES] = {
    [GMS_ROLE_NONE] = "none",
    [GMS_ROLE_VIEWER] = "viewer",
    [GMS_ROLE_DISPATCHER] = "dispatcher",
    [GMS_ROLE_SUPERVISOR] = "supervisor",
    [GMS_ROLE_SECURITY] = "security",
    [GMS_ROLE_SERVER] = "server",
};

static const char *const right_names[GMS_RIGHTS] = {
    [GMS_MAY_VIEW] = "view",
    [GMS_MAY_CREATE] = "create",
    [GMS_MAY_EDIT] = "edit",
    [GMS_MAY_SOFT_STOP] = "soft-stop",
    [GMS_MAY_HARD_STOP] = "hard-stop",
    [GMS_MAY_UNDO] = "undo",
    [GMS_MAY_DELETE] = "delete",
    [GMS_MAY_AUDIT] = "audit",
    [GMS_MAY_MEDIA_ENTITY] = "media-entity",
    [GMS_MAY_OPERATE] = "operate",
    [GMS_MAY_READ_FULL] = "read-full",
    [GMS_MAY_ASK_KEYS] = "ask-keys",
    [GMS_MAY_TELL_URGENCY] = "tell-urgency",
};

bool gms_role_has(enum gms_role role, enum gms_right right)
{
    assert(role < GMS_ROLES && right < GMS_RIGHTS);
    return (rights[role] & BIT(right)) != 0;
}

const char *gms_role_name(enum gms_role role)
{
    return role < GMS_ROLES ? role_names[role] : "unknown";
}

const char *gms_right_name(enum gms_right right)
{
    return right < GMS_RIGHTS ? right_names[right] : "unknown";
}

/* A star stands at the end or nowhere: nobody shall believe that one in the
 * middle means something. */
static bool is_pattern(const char *text)
{
    const char *star = strchr(text, '*');

    return text[0] != '\0' && (star == NULL || star[1] == '\0');
}

static enum mu_err check_row(const struct gms_access_row *row)
{
    if (row->who == NULL || row->who[0] == '\0' || row->role >= GMS_ROLES)
        return MU_E_MALFORMED;
    for (size_t i = 0; i < row->groups.len; i++)
        if (!is_pattern(row->groups.at[i]))
            return MU_E_MALFORMED;
    return MU_OK;
}

enum mu_err gms_access_new(
    const struct gms_access_row *rows, size_t count, struct gms_access **out)
{
    struct gms_access *made;

    for (size_t i = 0; i < count; i++)
        TRY(check_row(&rows[i]));
    made = mu_alloc(sizeof(*made));
    if (made == NULL)
        return MU_E_NO_MEMORY;
    *made = (struct gms_access){.rows = rows, .count = count};
    *out = made;
    return MU_OK;
}

void gms_access_free(struct gms_access *access)
{
    mu_free(access);
}

static bool matches(const char *pattern, struct span group)
{
    struct span want = span_str(pattern);

    if (want.p[want.len - 1] != '*')
        return span_eq(want, group);
    want.len--;
    return group.len >= want.len &&
           span_eq(want, (struct span){group.p, want.len});
}

static bool covers(const struct gms_access_row *row, struct span group)
{
    if (group.len == 0)
        return row->groups.len > 0;
    for (size_t i = 0; i < row->groups.len; i++)
        if (matches(row->groups.at[i], group))
            return true;
    return false;
}

bool gms_access_may(const struct gms_access *access,
    const struct gms_caller *caller, enum gms_right right, struct span group)
{
    for (size_t i = 0; i < access->count; i++) {
        const struct gms_access_row *row = &access->rows[i];

        if (gms_role_has((enum gms_role)row->role, right) &&
            span_eq(span_str(row->who), caller->uri) && covers(row, group))
            return true;
    }
    return false;
}
