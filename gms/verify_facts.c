/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/verify_facts.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void gms_facts_init(struct gms_facts *facts)
{
    *facts = (struct gms_facts){.lost = 0};
    mu_arena_init(&facts->arena, SIZE_MAX / 2); /* the log's size bounds it */
}

void gms_facts_clear(struct gms_facts *facts)
{
    mu_arena_clear(&facts->arena);
}

static int compare_spans(struct span a, struct span b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.p, b.p, len) : 0;

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* One copy serves all members of a record and often the next record. */
static struct span keep_group(struct gms_facts *facts, struct span group)
{
    const struct gms_fact *last = facts->facts.at;

    if (facts->facts.len > 0 &&
        span_eq(last[facts->facts.len - 1].group, group))
        return last[facts->facts.len - 1].group;
    return mu_arena_copy(&facts->arena, group);
}

static enum mu_err add_members(struct gms_facts *facts,
    const struct gms_audit_record *record, const struct gms_fact *like)
{
    struct span group = keep_group(facts, record->values[0]);

    for (size_t i = 0; i < record->count; i++) {
        struct gms_fact *fact =
            mu_arena_list_add(&facts->arena, &facts->facts, sizeof(*fact));

        if (fact == NULL)
            break;
        *fact = *like;
        fact->group = group;
        fact->member = mu_arena_copy(&facts->arena, record->members[i]);
    }
    return mu_arena_err(&facts->arena);
}

static enum mu_err add_group(struct gms_facts *facts,
    const struct gms_audit_record *record, uint64_t line)
{
    struct gms_fact_group *group =
        mu_arena_list_add(&facts->arena, &facts->groups, sizeof(*group));

    if (group != NULL)
        *group = (struct gms_fact_group){
            mu_arena_copy(&facts->arena, record->values[0]), line};
    return mu_arena_err(&facts->arena);
}

/* A record's line is one more than its number. */
static enum mu_err add_undone(
    struct gms_facts *facts, const struct gms_audit_record *record)
{
    uint64_t first = 0, last = 0;
    struct gms_fact_range *range;

    TRY(gms_audit_number(record->values[0], &first));
    TRY(gms_audit_number(record->values[1], &last));
    if (first > last || last == UINT64_MAX)
        return MU_E_MALFORMED;
    range = mu_arena_list_add(&facts->arena, &facts->undone, sizeof(*range));
    if (range != NULL)
        *range = (struct gms_fact_range){first + 1, last + 1};
    return mu_arena_err(&facts->arena);
}

static enum mu_err add_key(struct gms_facts *facts,
    const struct gms_audit_record *record, uint64_t line)
{
    uint64_t id = 0, epoch = 0;
    struct gms_fact_key *key;

    TRY(gms_audit_number(record->values[1], &id));
    TRY(gms_audit_number(record->values[2], &epoch));
    if (id > UINT32_MAX)
        return MU_E_MALFORMED;
    key = mu_arena_list_add(&facts->arena, &facts->keys, sizeof(*key));
    if (key != NULL)
        *key = (struct gms_fact_key){{(uint32_t)id},
            mu_arena_copy(&facts->arena, record->values[0]), epoch, line};
    return mu_arena_err(&facts->arena);
}

static enum mu_err add_head(struct gms_facts *facts,
    const struct gms_audit_record *record, uint64_t line)
{
    struct gms_fact_head read = {.line = line}, *head;

    TRY(mu_chain_head_read(record->values[1], &read.head));
    head = mu_arena_list_add(&facts->arena, &facts->heads, sizeof(*head));
    if (head != NULL)
        *head = read;
    return mu_arena_err(&facts->arena);
}

static enum mu_err add_kek(
    struct gms_facts *facts, const struct gms_audit_record *record, uint64_t ms)
{
    struct gms_fact_kek read = {.ms = ms}, *kek;
    size_t got = 0;

    TRY(mu_hex_read(record->values[1], read.id.b, sizeof(read.id.b), &got));
    if (got != sizeof(read.id.b))
        return MU_E_MALFORMED;
    kek = mu_arena_list_add(&facts->arena, &facts->keks, sizeof(*kek));
    if (kek != NULL)
        *kek = read;
    return mu_arena_err(&facts->arena);
}

static enum mu_err add_lost(
    struct gms_facts *facts, const struct gms_audit_record *record)
{
    uint64_t lost = 0;

    TRY(gms_audit_number(record->values[0], &lost));
    facts->lost += lost;
    return MU_OK;
}

static enum mu_err add_change(struct gms_facts *facts,
    const struct gms_audit_record *record, enum gms_fact_kind kind, uint64_t ms,
    uint64_t line)
{
    struct gms_fact like = {.kind = kind, .ms = ms, .line = line};

    if (kind == GMS_FACT_EXCLUDED || kind == GMS_FACT_ADMITTED)
        TRY(gms_audit_number(record->values[1], &like.epoch));
    return add_members(facts, record, &like);
}

/* The server as a member of that one key. */
static enum mu_err add_given(struct gms_facts *facts,
    const struct gms_audit_record *record, uint64_t ms, uint64_t line)
{
    uint64_t id = 0;
    struct gms_fact *fact;

    TRY(gms_audit_number(record->values[1], &id));
    if (id > UINT32_MAX)
        return MU_E_MALFORMED;
    fact = mu_arena_list_add(&facts->arena, &facts->facts, sizeof(*fact));
    if (fact != NULL)
        *fact = (struct gms_fact){.group = keep_group(facts, record->values[0]),
            .member = mu_arena_copy(&facts->arena, record->values[2]),
            .kind = GMS_FACT_GIVEN,
            .ms = ms,
            .line = line,
            .key = {(uint32_t)id}};
    return mu_arena_err(&facts->arena);
}

static bool is(const struct gms_audit_record *record, const char *name)
{
    return strcmp(record->event->name, name) == 0;
}

enum mu_err gms_facts_add(struct gms_facts *facts,
    const struct gms_audit_record *record, uint64_t ms, uint64_t line)
{
    static const struct {
        const char *name;
        enum gms_fact_kind kind;
    } changes[] = {
        {GMS_AUDIT_ADDED, GMS_FACT_ADDED},
        {GMS_AUDIT_REMOVED, GMS_FACT_REMOVED},
        {GMS_AUDIT_EXCLUDED, GMS_FACT_EXCLUDED},
        {GMS_AUDIT_ADMITTED, GMS_FACT_ADMITTED},
    };

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        if (is(record, changes[i].name))
            return add_change(facts, record, changes[i].kind, ms, line);
    if (is(record, GMS_AUDIT_GIVEN))
        return add_given(facts, record, ms, line);
    if (is(record, GMS_AUDIT_CREATED))
        return add_group(facts, record, line);
    if (is(record, GMS_AUDIT_MADE))
        return add_key(facts, record, line);
    if (is(record, GMS_AUDIT_RESEAL))
        return add_kek(facts, record, ms);
    if (is(record, GMS_AUDIT_VAULT))
        return add_head(facts, record, line);
    if (is(record, GMS_AUDIT_UNDONE))
        return add_undone(facts, record);
    if (is(record, GMS_AUDIT_GAP))
        return add_lost(facts, record);
    return MU_OK;
}

static int by_member(const void *a, const void *b)
{
    const struct gms_fact *x = a, *y = b;
    int order = compare_spans(x->group, y->group);

    if (order == 0)
        order = compare_spans(x->member, y->member);
    return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

static int by_uri(const void *a, const void *b)
{
    const struct gms_fact_group *x = a, *y = b;

    return compare_spans(x->uri, y->uri);
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = ((const struct gms_fact_head *)a)->head.seq;
    uint64_t y = ((const struct gms_fact_head *)b)->head.seq;

    return (x > y) - (x < y);
}

static void sort(struct mu_arena_list *list, size_t size,
    int (*order)(const void *, const void *))
{
    if (list->len > 1)
        qsort(list->at, list->len, size, order);
}

static enum mu_err make_stories(struct gms_facts *facts)
{
    struct gms_fact *all = facts->facts.at;
    struct gms_fact_story *story = NULL;

    for (size_t i = 0; i < facts->facts.len; i++) {
        if (story == NULL || !span_eq(story->at->member, all[i].member) ||
            !span_eq(story->at->group, all[i].group)) {
            story = mu_arena_list_add(
                &facts->arena, &facts->stories, sizeof(*story));
            if (story == NULL)
                return mu_arena_err(&facts->arena);
            story->at = &all[i];
        }
        story->count++;
    }
    return MU_OK;
}

static bool is_undone(const struct gms_facts *facts, uint64_t line)
{
    const struct gms_fact_range *ranges = facts->undone.at;

    for (size_t i = 0; i < facts->undone.len; i++)
        if (line >= ranges[i].first && line <= ranges[i].last)
            return true;
    return false;
}

/* Takes out of a list of size octets an element what was undone; the element's
 * line is at that offset. */
static void leave_out(const struct gms_facts *facts, struct mu_arena_list *list,
    size_t size, size_t line_at)
{
    uint8_t *at = list->at;
    size_t kept = 0;

    for (size_t i = 0; i < list->len; i++) {
        uint64_t line;

        memcpy(&line, at + i * size + line_at, sizeof(line));
        if (!is_undone(facts, line))
            memmove(at + kept++ * size, at + i * size, size);
    }
    list->len = kept;
}

/* A vault that was met was met: heads stay. */
static void leave_out_undone(struct gms_facts *facts)
{
    leave_out(facts, &facts->facts, sizeof(struct gms_fact),
        offsetof(struct gms_fact, line));
    leave_out(facts, &facts->groups, sizeof(struct gms_fact_group),
        offsetof(struct gms_fact_group, line));
    leave_out(facts, &facts->keys, sizeof(struct gms_fact_key),
        offsetof(struct gms_fact_key, line));
}

enum mu_err gms_facts_close(struct gms_facts *facts)
{
    leave_out_undone(facts);
    sort(&facts->facts, sizeof(struct gms_fact), by_member);
    sort(&facts->groups, sizeof(struct gms_fact_group), by_uri);
    sort(&facts->heads, sizeof(struct gms_fact_head), by_number);
    return make_stories(facts);
}

struct gms_fact_story *gms_facts_story(
    const struct gms_facts *facts, struct span group, struct span member)
{
    struct gms_fact_story *all = facts->stories.at;
    size_t low = 0, high = facts->stories.len;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = compare_spans(group, all[mid].at->group);

        if (order == 0)
            order = compare_spans(member, all[mid].at->member);
        if (order == 0)
            return &all[mid];
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

bool gms_facts_has_group(const struct gms_facts *facts, struct span group)
{
    const struct gms_fact_group wanted = {.uri = group};

    return facts->groups.len > 0 &&
           bsearch(&wanted, facts->groups.at, facts->groups.len, sizeof(wanted),
               by_uri) != NULL;
}
