/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/group.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "gms/settings.h"

#define ARENA_MAX (32U << 20) /* of a change or a reading, beside the texts */
#define ALT_TRIES 16
#define ALT_LEN   4 /* hex digits that make another URI of one that is taken */

struct gms_groups {
    struct gms_groups_config config;
    struct gms_documents *documents;
};

enum mu_err gms_groups_new(
    const struct gms_groups_config *config, struct gms_groups **out)
{
    struct gms_groups *made = mu_alloc(sizeof(*made));
    enum mu_err err;

    if (made == NULL)
        return MU_E_NO_MEMORY;
    made->config = *config;
    err = gms_documents_new(config->pool, config->unknown, &made->documents);
    if (err != MU_OK) {
        mu_free(made);
        return err;
    }
    *out = made;
    return MU_OK;
}

void gms_groups_free(struct gms_groups *groups)
{
    if (groups == NULL)
        return;
    gms_documents_free(groups->documents);
    mu_free(groups);
}

/* ------------------------------------------------------------------ reading */

static enum mu_err load(struct gms_groups *groups,
    const struct gms_group_at *at, struct mu_arena *arena, struct gms_doc *out)
{
    if (at->uri.len > 0)
        return gms_store_doc(groups->config.store, at->uri, arena, out);
    return gms_store_doc_at(
        groups->config.store, at->xui, at->name, arena, out);
}

struct getting {
    gms_group_got *got;
    void *ctx;
};

/* What is stored was valid; if it does not read now, it is damaged. */
static void on_got(void *ctx, enum mu_err err, struct gms_document *document,
    const struct xml_group_fault *fault)
{
    struct getting *g = ctx;

    (void)fault;
    g->got(g->ctx, err == MU_E_NOT_FOUND ? MU_E_MALFORMED : err, document);
    mu_free(g);
}

void gms_group_get(struct gms_groups *groups, const struct gms_group_at *at,
    gms_group_got *got, void *ctx)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct getting *g = mu_alloc(sizeof(*g));
    struct gms_doc doc;
    enum mu_err err = MU_E_NO_MEMORY;

    mu_arena_init(&arena, ARENA_MAX);
    if (g != NULL)
        err = load(groups, at, &arena, &doc);
    if (err != MU_OK) {
        mu_free(g);
        got(ctx, err, NULL);
        return;
    }
    *g = (struct getting){got, ctx};
    gms_documents_read(groups->documents, &doc, on_got, g);
}

/* ------------------------------------------------------------------- rights */

static bool is_owner(
    const struct gms_caller *caller, const struct gms_document *document)
{
    struct span owner = document->group.owner;

    return span_eq(caller->uri, owner.len > 0 ? owner : document->doc.xui);
}

enum gms_sight gms_group_sight(const struct gms_groups *groups,
    const struct gms_caller *caller, const struct gms_document *document)
{
    const struct xml_group *group = &document->group;

    if (is_owner(caller, document) ||
        xml_group_may_get_list(group, caller->uri) ||
        gms_access_may(
            groups->config.access, caller, GMS_MAY_READ_FULL, group->uri))
        return GMS_SIGHT_FULL;
    if (xml_group_find(group, caller->uri) != NULL ||
        gms_access_may(groups->config.access, caller, GMS_MAY_VIEW, group->uri))
        return GMS_SIGHT_REDUCED;
    return GMS_SIGHT_NONE;
}

bool gms_group_may(const struct gms_groups *groups,
    const struct gms_caller *caller, enum gms_right right, struct span xui,
    const struct gms_document *present)
{
    const struct gms_groups_config *c = &groups->config;

    if (present != NULL)
        return is_owner(caller, present) ||
               gms_access_may(c->access, caller, right, present->group.uri);
    if (!span_eq(xui, caller->uri) && !span_eq(xui, span_str(c->creation_xui)))
        return false;
    return gms_access_may(
        c->access, caller, right, (struct span){.p = NULL, .len = 0});
}

/* --------------------------------------------------------------------- view */

/* What a group wants beside its document; nothing, where it has no row. */
static enum mu_err load_settings(const struct gms_groups *groups,
    struct span uri, struct mu_arena *arena, struct gms_settings *out)
{
    struct gms_group_row row = {.settings = {NULL, 0}};
    const char *at_fault;
    enum mu_err err = gms_store_group(groups->config.store, uri, arena, &row);

    if (err != MU_OK && err != MU_E_NOT_FOUND)
        return err;
    return gms_settings_read(
        row.settings, groups->config.policy, arena, out, &at_fault);
}

static enum mu_err set_holder(const struct gms_groups *groups, struct span uri,
    struct gms_holder *out, struct span *who)
{
    enum mu_err err =
        gms_domains_kms_of(groups->config.domains, uri, &out->kms);

    out->uri = uri;
    if (err == MU_E_NOT_FOUND)
        *who = uri;
    return err;
}

/* A media entity gets keys as a member does (DESIGN section 6); one that is a
 * member gets them once. */
static enum mu_err find_holders(const struct gms_groups *groups,
    const struct xml_group *group, const struct gms_uris *entities,
    struct gms_view *out, struct gms_holder *holders, struct span *who)
{
    for (size_t i = 0; i < group->entry_count; i++)
        TRY(set_holder(
            groups, group->entries[i].uri, &holders[out->count++], who));
    for (size_t i = 0; i < entities->count; i++)
        if (xml_group_find(group, entities->at[i]) == NULL)
            TRY(set_holder(
                groups, entities->at[i], &holders[out->count++], who));
    out->holders = holders;
    return MU_OK;
}

/* Absent protect-* elements mean true (TS 24.481 clause 7.2.8), and the model
 * says so; whoever has no MCPTT enabler is not keyed as MCPTT. */
static bool is_keyed(const struct xml_group *g)
{
    return g->is_mcptt && (g->protect_media || g->protect_floor ||
                              (g->is_mcvideo && g->protect_video) ||
                              (g->is_mcdata && g->protect_data));
}

_Static_assert(1 + GMS_SHARED_IDS_MAX <= MCPTT_KEY_PARAMS_GROUPS_MAX,
    "a message has no room for all groups of a key");

enum mu_err gms_group_view(const struct gms_groups *groups,
    const struct xml_group *group, struct mu_arena *arena, struct gms_view *out,
    struct span *who)
{
    struct gms_view view = {.exists = true,
        .keyed = is_keyed(group),
        .disabled = group->disabled,
        .ids = {group->uri},
        .id_count = 1};
    struct gms_settings settings;
    struct gms_holder *holders;

    TRY(load_settings(groups, group->uri, arena, &settings));
    holders = mu_arena_alloc(arena,
        group->entry_count + settings.media_entities.count, sizeof(*holders));
    if (holders == NULL)
        return mu_arena_err(arena);
    TRY(find_holders(
        groups, group, &settings.media_entities, &view, holders, who));
    for (size_t i = 0; i < settings.shared_ids.count; i++)
        view.ids[view.id_count++] = settings.shared_ids.at[i];
    *out = view;
    return MU_OK;
}

/* ------------------------------------------------------------------ writing */

/* A change on its way: what was asked, and what was found on its behalf. */
struct change {
    struct gms_groups *groups;
    struct mu_arena arena;
    struct gms_group_put put;    /* texts in the arena */
    struct gms_document *before; /* NULL: there is none */
    gms_group_done *done;
    void *ctx;
};

static void change_free(struct change *c)
{
    gms_document_unref(c->before);
    mu_arena_clear(&c->arena);
    mu_free(c);
}

static void end(struct change *c, const struct gms_group_result *result)
{
    c->done(c->ctx, result);
    change_free(c);
}

static void end_as(struct change *c, enum gms_group_outcome outcome)
{
    const struct gms_group_result result = {.outcome = outcome};

    end(c, &result);
}

static void end_err(struct change *c, enum mu_err err)
{
    const struct gms_group_result result = {
        .outcome = err == MU_E_STATE ? GMS_GROUP_BUSY : GMS_GROUP_FAILED,
        .err = err};

    end(c, &result);
}

static void end_invalid(struct change *c, const struct xml_group_fault *fault)
{
    const struct gms_group_result result = {
        .outcome = GMS_GROUP_INVALID, .fault = *fault};

    end(c, &result);
}

static void end_constraint(struct change *c, const char *phrase)
{
    struct xml_group_fault fault = {.kind = XML_GROUP_CONSTRAINT};

    (void)snprintf(fault.phrase, sizeof(fault.phrase), "%s", phrase);
    end_invalid(c, &fault);
}

static bool deletes(const struct change *c)
{
    return c->put.text.p == NULL;
}

/* Another user part, or whatever there is instead, of the same scheme. */
static enum mu_err make_alt(struct change *c, struct span uri, struct span *out)
{
    const uint8_t *at = memchr(uri.p, '@', uri.len);
    size_t head = at != NULL ? (size_t)(at - uri.p) : uri.len;
    uint8_t octets[ALT_LEN / 2];
    char digits[MU_HEX_LEN(sizeof(octets))];
    uint8_t *made = mu_arena_alloc(&c->arena, uri.len + 1 + ALT_LEN, 1);
    struct wr w;

    if (made == NULL)
        return mu_arena_err(&c->arena);
    TRY(mu_rng_fill(c->groups->config.rng, octets, sizeof(octets)));
    mu_hex_write(SPAN_OF(octets), digits);
    wr_init(&w, made, uri.len + 1 + ALT_LEN);
    wr_span(&w, (struct span){uri.p, head});
    wr_u8(&w, '-');
    wr_span(&w, span_str(digits));
    wr_span(&w, (struct span){uri.p + head, uri.len - head});
    return wr_close(&w, out);
}

static bool is_free(struct change *c, struct span uri)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_doc doc;

    mu_arena_init(&arena, ARENA_MAX);
    return mcptt_id_check(uri) == MU_OK &&
           gms_store_doc(c->groups->config.store, uri, &arena, &doc) ==
               MU_E_NOT_FOUND;
}

/* RFC 4825 clause 11: alternatives are a help, not a duty. */
static void end_taken(struct change *c, struct span uri)
{
    struct gms_group_result result = {.outcome = GMS_GROUP_TAKEN};

    for (int i = 0; i < ALT_TRIES && result.alt.len == 0; i++) {
        struct span alt = {NULL, 0};

        if (make_alt(c, uri, &alt) == MU_OK && is_free(c, alt))
            result.alt = alt;
    }
    end(c, &result);
}

/* Whether the address still holds what was looked at: while a worker read the
 * new text, another change may have come. */
static bool is_unchanged(struct change *c)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_doc now;
    enum mu_err err;

    mu_arena_init(&arena, ARENA_MAX);
    err = load(c->groups, &c->put.at, &arena, &now);
    if (c->before == NULL)
        return err == MU_E_NOT_FOUND;
    return err == MU_OK && span_eq(now.etag, c->before->doc.etag);
}

static void delete_it(struct change *c)
{
    const struct gms_group_result result = {
        .outcome = GMS_GROUP_DELETED, .doc = c->before->doc};
    const struct gms_write write = {.actor = c->put.caller.uri,
        .uri = c->before->doc.uri,
        .stop = c->put.stop};
    enum mu_err err =
        gms_keeper_write(c->groups->config.keeper, &write, &c->arena, NULL);

    if (err != MU_OK)
        end_err(c, err);
    else
        end(c, &result);
}

static void write_it(struct change *c, const struct gms_write *write)
{
    struct gms_group_result result = {
        .outcome = c->before == NULL ? GMS_GROUP_CREATED : GMS_GROUP_REPLACED};
    enum mu_err err = gms_keeper_write(
        c->groups->config.keeper, write, &c->arena, &result.doc);

    if (err != MU_OK)
        end_err(c, err);
    else
        end(c, &result);
}

static void put_it(struct change *c, const struct gms_document *new)
{
    struct gms_doc doc = {.uri = new->group.uri,
        .xui = c->put.at.xui,
        .name = c->put.at.name,
        .text = new->doc.text,
        .reduced_etag = span_str(new->reduced_etag)};
    struct gms_write write = {.actor = c->put.caller.uri,
        .doc = &doc,
        .uri = new->group.uri,
        .stop = c->put.stop,
        .retarget = c->put.retarget};
    struct gms_group_result unknown = {.outcome = GMS_GROUP_UNKNOWN_MEMBER};
    enum mu_err err = gms_group_view(
        c->groups, &new->group, &c->arena, &write.view, &unknown.alt);

    if (c->before != NULL) {
        doc.xui = c->before->doc.xui;
        doc.name = c->before->doc.name;
    }
    if (err == MU_OK)
        write_it(c, &write);
    else if (err == MU_E_NOT_FOUND)
        end(c, &unknown);
    else
        end_err(c, err);
}

/* A new group: is its URI free, and the caller's to give? */
static void create_it(struct change *c, const struct gms_document *new)
{
    if (!c->put.authorised &&
        !gms_access_may(c->groups->config.access, &c->put.caller,
            GMS_MAY_CREATE, new->group.uri))
        end_as(c, GMS_GROUP_DENIED);
    else if (!is_free(c, new->group.uri))
        end_taken(c, new->group.uri);
    else
        put_it(c, new);
}

static void on_text(void *ctx, enum mu_err err, struct gms_document *document,
    const struct xml_group_fault *fault)
{
    struct change *c = ctx;

    if (err == MU_E_MALFORMED || err == MU_E_NO_SPACE)
        end_invalid(c, fault);
    else if (err != MU_OK)
        end_err(c, err);
    else if (!is_unchanged(c))
        end_as(c, GMS_GROUP_STALE);
    else if (document->group.entry_count > c->groups->config.members_max)
        end_constraint(c, "too many members");
    else if (c->put.uri.len > 0 && !span_eq(document->group.uri, c->put.uri))
        end_constraint(c, "not the group that the address names");
    else if (c->before == NULL)
        create_it(c, document);
    else if (!span_eq(document->group.uri, c->before->doc.uri))
        end_constraint(c, "the URI of a group does not change");
    else
        put_it(c, document);
}

static enum gms_right right_of(const struct change *c)
{
    if (deletes(c))
        return GMS_MAY_DELETE;
    return c->before == NULL ? GMS_MAY_CREATE : GMS_MAY_EDIT;
}

static bool is_expected(const struct change *c)
{
    struct span etag = c->put.expect_etag;

    if (c->before == NULL)
        return etag.len == 0;
    return !c->put.must_be_new &&
           (etag.len == 0 || span_eq(etag, c->before->doc.etag));
}

/* Authority comes before preconditions, these before the text (notes 1.4). */
static void on_before(void *ctx, enum mu_err err, struct gms_document *document)
{
    struct change *c = ctx;
    struct gms_doc text = {.text = c->put.text};

    if (err != MU_OK && err != MU_E_NOT_FOUND) {
        end_err(c, err);
        return;
    }
    if (err == MU_OK)
        c->before = gms_document_ref(document);
    if (c->before == NULL && (deletes(c) || c->put.at.uri.len > 0))
        end_as(c, GMS_GROUP_ABSENT);
    else if (!c->put.authorised && !gms_group_may(c->groups, &c->put.caller,
                                       right_of(c), c->put.at.xui, c->before))
        end_as(c, GMS_GROUP_DENIED);
    else if (!is_expected(c))
        end_as(c, GMS_GROUP_STALE);
    else if (c->before != NULL && deletes(c))
        delete_it(c);
    else
        gms_documents_read(c->groups->documents, &text, on_text, c);
}

static void copy_span(struct mu_arena *arena, struct span *span)
{
    *span = mu_arena_copy(arena, *span);
}

static enum mu_err copy_put(struct change *c, const struct gms_group_put *put)
{
    c->put = *put;
    copy_span(&c->arena, &c->put.caller.uri);
    copy_span(&c->arena, &c->put.at.xui);
    copy_span(&c->arena, &c->put.at.name);
    copy_span(&c->arena, &c->put.at.uri);
    copy_span(&c->arena, &c->put.uri);
    copy_span(&c->arena, &c->put.expect_etag);
    if (put->text.p != NULL)
        copy_span(&c->arena, &c->put.text);
    return mu_arena_err(&c->arena);
}

void gms_group_put(struct gms_groups *groups, const struct gms_group_put *put,
    gms_group_done *done, void *ctx)
{
    struct gms_group_result failed = {
        .outcome = GMS_GROUP_FAILED, .err = MU_E_NO_MEMORY};
    struct change *c = mu_alloc(sizeof(*c));

    if (c == NULL) {
        done(ctx, &failed);
        return;
    }
    *c = (struct change){.groups = groups, .done = done, .ctx = ctx};
    mu_arena_init(&c->arena, ARENA_MAX);
    failed.err = copy_put(c, put);
    if (failed.err != MU_OK)
        end(c, &failed);
    else
        gms_group_get(groups, &c->put.at, on_before, c);
}
