/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/verify_rules.h"

#include <stdlib.h>
#include <string.h>

void gms_verifier_breach(
    struct gms_verifier *v, const struct gms_breach *breach)
{
    v->report->breaches++;
    if (v->config->on_breach != NULL)
        v->config->on_breach(v->config->ctx, breach);
}

/* Of a record of the vault's log, about one member or none. */
static void vault_breach(struct gms_verifier *v, enum gms_breach_kind kind,
    const struct gms_vault_record *record, uint64_t line, struct span member)
{
    const struct gms_breach breach = {.kind = kind,
        .in_vault_log = true,
        .line = line,
        .group = record->group,
        .member = member,
        .epoch = record->epoch,
        .key_id = record->key_id};

    gms_verifier_breach(v, &breach);
}

enum mu_err gms_verifier_head(
    struct gms_verifier *v, const struct mu_chain_record *record)
{
    const struct gms_fact_head *heads = v->facts.heads.at;
    uint8_t hash[MU_CHAIN_HASH_LEN];

    while (v->heads_seen < v->facts.heads.len &&
           heads[v->heads_seen].head.seq == record->seq) {
        const struct gms_fact_head *head = &heads[v->heads_seen++];
        const struct gms_breach breach = {.kind = GMS_BREACH_HEAD,
            .in_vault_log = true,
            .line = record->seq + 1};

        TRY(mu_chain_hash(record->covered, hash));
        if (memcmp(hash, head->head.hash, sizeof(hash)) != 0)
            gms_verifier_breach(v, &breach);
    }
    return MU_OK;
}

/* The last addition or removal until a moment; NULL for none. */
static const struct gms_fact *holder_at(
    const struct gms_fact_story *story, uint64_t until_ms)
{
    const struct gms_fact *last = NULL;

    for (size_t i = 0; i < story->count; i++) {
        const struct gms_fact *fact = &story->at[i];

        if (fact->ms <= until_ms &&
            (fact->kind == GMS_FACT_ADDED || fact->kind == GMS_FACT_REMOVED))
            last = fact;
    }
    return last;
}

/* Whether it is a server's own key, given to it till then. A GMK goes to
 * holders alone. */
static bool was_given(const struct gms_fact_story *story,
    struct mcptt_key_id key, uint64_t until_ms)
{
    if (mcptt_key_id_tag(key) == MCPTT_KIND_GMK)
        return false;
    for (size_t i = 0; i < story->count; i++)
        if (story->at[i].kind == GMS_FACT_GIVEN &&
            story->at[i].key.v == key.v && story->at[i].ms <= until_ms)
            return true;
    return false;
}

/* A key goes to a member: wrapped, or signed. */
static void check_recipient(struct gms_verifier *v,
    const struct gms_vault_record *record, uint64_t ms, uint64_t line,
    struct span member)
{
    const struct gms_fact_story *story =
        gms_facts_story(&v->facts, record->group, member);
    const struct gms_fact *last =
        story != NULL ? holder_at(story, ms + v->config->skew_ms) : NULL;
    bool given = story != NULL &&
                 was_given(story, record->key_id, ms + v->config->skew_ms);

    if (last == NULL && !given)
        vault_breach(v, GMS_BREACH_NO_HOLDER, record, line, member);
    else if (story->excluded && record->epoch >= story->from)
        vault_breach(v, GMS_BREACH_EXCLUDED, record, line, member);
    else if (!given && last->kind == GMS_FACT_REMOVED &&
             ms > last->ms + v->config->grace_ms)
        vault_breach(v, GMS_BREACH_REMOVED, record, line, member);
}

/* Whether the change was decided till then. An exclusion is done when it is at
 * least as strict as was decided: the vault is told the epoch of the moment. */
static bool find_decision(struct gms_fact_story *story,
    const struct gms_vault_record *record, uint64_t until_ms)
{
    enum gms_fact_kind kind =
        record->op == GMS_VAULT_EXCLUDE ? GMS_FACT_EXCLUDED : GMS_FACT_ADMITTED;
    bool found = false;

    for (size_t i = 0; i < story->count; i++) {
        struct gms_fact *fact = &story->at[i];

        if (fact->kind != kind || fact->ms > until_ms)
            continue;
        found = true;
        fact->done = fact->done || record->epoch <= fact->epoch;
    }
    return found;
}

/* What the vault's log does to a member, as gms/vault/book.h has it: from the
 * lowest epoch that was said until he is admitted. */
static void note_exclusion(
    struct gms_fact_story *story, const struct gms_vault_record *record)
{
    if (record->op == GMS_VAULT_ADMIT) {
        story->excluded = false;
    } else if (!story->excluded || record->epoch < story->from) {
        story->excluded = true;
        story->from = record->epoch;
    }
}

static void check_decision(struct gms_verifier *v,
    const struct gms_vault_record *record, uint64_t ms, uint64_t line,
    struct span member)
{
    struct gms_fact_story *story =
        gms_facts_story(&v->facts, record->group, member);

    if (story == NULL || !find_decision(story, record, ms + v->config->skew_ms))
        vault_breach(v, GMS_BREACH_NO_DECISION, record, line, member);
    if (story != NULL)
        note_exclusion(story, record);
}

static enum mu_err check_key(struct gms_verifier *v,
    const struct gms_vault_record *record, uint64_t line)
{
    const struct span nobody = {NULL, 0};
    struct gms_fact_key *key =
        mu_arena_list_add(&v->facts.arena, &v->made, sizeof(*key));

    if (key == NULL)
        return mu_arena_err(&v->facts.arena);
    *key = (struct gms_fact_key){record->key_id,
        mu_arena_copy(&v->facts.arena, record->group), record->epoch, line};
    if (!gms_facts_has_group(&v->facts, record->group))
        vault_breach(v, GMS_BREACH_NO_GROUP, record, line, nobody);
    return mu_arena_err(&v->facts.arena);
}

/* A key that is signed for the first time. The present ones are the newest. */
static enum mu_err note_signed(struct gms_verifier *v,
    const struct gms_vault_record *record, uint64_t line)
{
    struct gms_fact_key *known = v->signed_keys.at;

    for (size_t i = v->signed_keys.len; i > 0; i--)
        if (known[i - 1].id.v == record->key_id.v)
            return MU_OK;
    known = mu_arena_list_add(&v->facts.arena, &v->signed_keys, sizeof(*known));
    if (known != NULL)
        *known = (struct gms_fact_key){record->key_id,
            mu_arena_copy(&v->facts.arena, record->group), record->epoch, line};
    return mu_arena_err(&v->facts.arena);
}

static void check_order(struct gms_verifier *v,
    const struct gms_vault_record *record, uint64_t ms, uint64_t line)
{
    const struct gms_fact_kek *keks = v->facts.keks.at;
    const struct span nobody = {NULL, 0};

    for (size_t i = 0; i < v->facts.keks.len; i++)
        if (keks[i].ms <= ms + v->config->skew_ms &&
            span_eq(SPAN_OF(keks[i].id.b), SPAN_OF(record->kek.b)))
            return;
    vault_breach(v, GMS_BREACH_NO_ORDER, record, line, nobody);
}

enum mu_err gms_verifier_record(struct gms_verifier *v,
    const struct gms_vault_record *record, uint64_t ms, uint64_t line)
{
    bool decision =
        record->op == GMS_VAULT_EXCLUDE || record->op == GMS_VAULT_ADMIT;

    if (record->op == GMS_VAULT_CSK)
        return MU_OK; /* came in; nobody got a key by it */
    if (record->op == GMS_VAULT_RESEAL) {
        check_order(v, record, ms, line);
        return MU_OK;
    }
    if (record->op == GMS_VAULT_NEW_KEY)
        return check_key(v, record, line);
    if (record->op == GMS_VAULT_SIGN && !record->revocation)
        TRY(note_signed(v, record, line));
    for (size_t i = 0; i < record->count; i++) {
        if (decision)
            check_decision(v, record, ms, line, record->uris[i]);
        else if (!record->revocation)
            check_recipient(v, record, ms, line, record->uris[i]);
    }
    return MU_OK;
}

static void close_facts(struct gms_verifier *v)
{
    const struct gms_fact *facts = v->facts.facts.at;

    for (size_t i = 0; i < v->facts.facts.len; i++) {
        const struct gms_fact *fact = &facts[i];
        const struct gms_breach breach = {.kind = GMS_BREACH_NO_EXCLUDE,
            .line = fact->line,
            .group = fact->group,
            .member = fact->member,
            .epoch = fact->epoch};

        if (fact->kind != GMS_FACT_EXCLUDED || fact->done)
            continue;
        if (v->config->now_ms < fact->ms + v->config->grace_ms)
            v->report->pending++;
        else
            gms_verifier_breach(v, &breach);
    }
}

static void close_heads(struct gms_verifier *v)
{
    const struct gms_fact_head *heads = v->facts.heads.at;

    for (size_t i = v->heads_seen; i < v->facts.heads.len; i++) {
        const struct gms_breach breach = {
            .kind = GMS_BREACH_HEAD, .line = heads[i].line};

        gms_verifier_breach(v, &breach);
    }
}

static void key_breach(struct gms_verifier *v, enum gms_breach_kind kind,
    const struct gms_fact_key *key, bool in_vault_log)
{
    const struct gms_breach breach = {.kind = kind,
        .in_vault_log = in_vault_log,
        .line = key->line,
        .group = key->group,
        .epoch = key->epoch,
        .key_id = key->id};

    gms_verifier_breach(v, &breach);
}

static int by_id(const void *a, const void *b)
{
    const struct gms_fact_key *x = a, *y = b;

    if (x->id.v != y->id.v)
        return x->id.v < y->id.v ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

/* Keys of each kind of a group have epochs of their own. */
static bool same_kind(
    const struct gms_fact_key *a, const struct gms_fact_key *b)
{
    return span_eq(a->group, b->group) &&
           mcptt_key_id_tag(a->id) == mcptt_key_id_tag(b->id);
}

static int by_kind(const void *a, const void *b)
{
    const struct gms_fact_key *x = a, *y = b;
    size_t len = x->group.len < y->group.len ? x->group.len : y->group.len;
    int order = len > 0 ? memcmp(x->group.p, y->group.p, len) : 0;

    if (order == 0)
        order = (x->group.len > y->group.len) - (x->group.len < y->group.len);
    if (order == 0)
        order = (int)mcptt_key_id_tag(x->id) - (int)mcptt_key_id_tag(y->id);
    return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

/* Of keys of one kind of a group, the one signed first has the lower epoch; one
 * that was lost before may have been given the same. */
static void check_epochs(struct gms_verifier *v)
{
    const struct gms_fact_key *signed_keys = v->signed_keys.at;

    for (size_t i = 1; i < v->signed_keys.len; i++)
        if (same_kind(&signed_keys[i - 1], &signed_keys[i]) &&
            signed_keys[i].epoch <= signed_keys[i - 1].epoch)
            key_breach(v, GMS_BREACH_EPOCH, &signed_keys[i], true);
}

static void check_twice(struct gms_verifier *v)
{
    const struct gms_fact_key *made = v->made.at;

    for (size_t i = 1; i < v->made.len; i++)
        if (made[i - 1].id.v == made[i].id.v)
            key_breach(v, GMS_BREACH_KEY_TWICE, &made[i], true);
}

/* The list is by identifier. */
static bool was_made(
    const struct gms_verifier *v, const struct gms_fact_key *said)
{
    const struct gms_fact_key *made = v->made.at;
    size_t low = 0, high = v->made.len;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (made[mid].id.v < said->id.v)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < v->made.len && made[low].id.v == said->id.v; low++)
        if (span_eq(made[low].group, said->group) &&
            made[low].epoch == said->epoch)
            return true;
    return false;
}

static void close_keys(struct gms_verifier *v)
{
    const struct gms_fact_key *said = v->facts.keys.at;

    if (v->signed_keys.len > 0)
        qsort(v->signed_keys.at, v->signed_keys.len, sizeof(*said), by_kind);
    check_epochs(v);
    if (v->made.len > 0)
        qsort(v->made.at, v->made.len, sizeof(*said), by_id);
    check_twice(v);
    for (size_t i = 0; i < v->facts.keys.len; i++)
        if (!was_made(v, &said[i]))
            key_breach(v, GMS_BREACH_NO_KEY, &said[i], false);
}

void gms_verifier_close(struct gms_verifier *v)
{
    close_facts(v);
    close_heads(v);
    close_keys(v);
}
