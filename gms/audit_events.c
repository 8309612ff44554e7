/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/audit_events.h"

#include <assert.h>
#include <string.h>

/* clang-format off */
static const struct gms_audit_event events[] = {
    {GMS_AUDIT_STARTED, {"version", "store"}, false},
    {GMS_AUDIT_STOPPED, {"why"}, false},
    {GMS_AUDIT_GAP, {"lost"}, false},
    {GMS_AUDIT_UNDONE, {"first", "last"}, false},
    {GMS_AUDIT_VAULT, {"identity", "log_head"}, false},
    {GMS_AUDIT_NOVAULT, {"why"}, false},
    {GMS_AUDIT_DENIED, {"by", "right", "group"}, false},
    {GMS_AUDIT_RESEAL, {"by", "kek"}, false},
    {GMS_AUDIT_RESEALED,
        {"kek", "keys", "envelopes", "dropped", "unreadable"}, false},

    {GMS_AUDIT_CREATED, {"group", "by", "version", "etag"}, false},
    {GMS_AUDIT_CHANGED, {"group", "by", "version", "etag"}, false},
    {GMS_AUDIT_DELETED, {"group", "by"}, false},
    {GMS_AUDIT_SETTINGS, {"group", "by"}, false},
    {GMS_AUDIT_URGENCY, {"group", "by", "condition", "until_ms"}, false},
    {GMS_AUDIT_SERVED, {"group", "by", "version"}, false},
    {GMS_AUDIT_ADDED, {"group", "by", "member"}, true},
    {GMS_AUDIT_REMOVED, {"group", "by", "stop", "member"}, true},
    {GMS_AUDIT_EXCLUDED, {"group", "epoch", "member"}, true},
    {GMS_AUDIT_ADMITTED, {"group", "epoch", "member"}, true},

    {GMS_AUDIT_ASKED, {"group", "by", "stop", "why"}, false},
    {GMS_AUDIT_MADE, {"group", "gmk_id", "epoch", "reason"}, false},
    {GMS_AUDIT_ISSUED,
        {"group", "gmk_id", "epoch", "activation_s", "expiry_s"}, false},
    {GMS_AUDIT_POSTPONED,
        {"group", "gmk_id", "activation_s", "held", "members"}, false},
    {GMS_AUDIT_ACTIVATED,
        {"group", "gmk_id", "epoch", "held", "members"}, false},
    {GMS_AUDIT_SUPERSEDED, {"group", "gmk_id", "retire_ms"}, false},
    {GMS_AUDIT_REVOKED, {"group", "gmk_id", "reason"}, false},
    {GMS_AUDIT_DESTROYED, {"group", "gmk_id"}, false},
    {GMS_AUDIT_GIVEN, {"group", "gmk_id", "server", "by"}, false},

    {GMS_AUDIT_FETCHED, {"group", "by"}, false},
    {GMS_AUDIT_ACCEPTED, {"group", "gmk_id", "member", "tries"}, false},
    {GMS_AUDIT_OPENED, {"group", "gmk_id", "member", "tries"}, false},
    {GMS_AUDIT_FAILED, {"group", "gmk_id", "member", "tries", "why"}, false},
    {GMS_AUDIT_REDIRECTED, {"group", "gmk_id", "member", "from", "to"}, false},
};
/* clang-format on */

#define EVENTS (sizeof(events) / sizeof(events[0]))

const struct gms_audit_event *gms_audit_events(size_t *count)
{
    *count = EVENTS;
    return events;
}

const struct gms_audit_event *gms_audit_event_find(struct span name)
{
    for (size_t i = 0; i < EVENTS; i++)
        if (span_eq(span_str(events[i].name), name))
            return &events[i];
    return NULL;
}

bool gms_audit_event_is_change(const struct gms_audit_event *event)
{
    static const char *const starts[] = {"group.", "holder.", "key."};

    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
        if (strncmp(event->name, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

size_t gms_audit_event_width(const struct gms_audit_event *event)
{
    size_t n = 0;

    while (n < GMS_AUDIT_FIELDS_MAX && event->fields[n] != NULL)
        n++;
    return n;
}

bool gms_audit_event_fits(
    const char *event, const struct mu_log_field *fields, size_t count)
{
    const struct gms_audit_event *e = gms_audit_event_find(span_str(event));
    size_t wanted;

    if (e == NULL)
        return false;
    wanted = gms_audit_event_width(e);
    if (e->list ? count < wanted || count >= wanted + GMS_AUDIT_MEMBERS_MAX
                : count != wanted)
        return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(fields[i].key, e->fields[i < wanted ? i : wanted - 1]) != 0)
            return false;
    return true;
}

void gms_audit_members(struct gms_audit *audit, const char *event,
    const struct mu_log_field *head, size_t head_count,
    const struct span *members, size_t count)
{
    struct mu_log_field fields[GMS_AUDIT_FIELDS_MAX + GMS_AUDIT_MEMBERS_MAX];

    assert(head_count < GMS_AUDIT_FIELDS_MAX);
    memcpy(fields, head, head_count * sizeof(*head));
    while (count > 0) {
        size_t n =
            count < GMS_AUDIT_MEMBERS_MAX ? count : GMS_AUDIT_MEMBERS_MAX;

        for (size_t i = 0; i < n; i++)
            fields[head_count + i] = mu_log_octets("member", members[i]);
        gms_audit_write(audit, event, fields, head_count + n);
        members += n;
        count -= n;
    }
}
