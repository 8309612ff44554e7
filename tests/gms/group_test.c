/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents as they are written and read, with the real store and keeper; the
 * vault is the fake one.
 */
#include "gms/group.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "tests/gms/keeper_world.h"
#include "tests/suites.h"

#define GROUP       "sip:inc-1@groups.example.org"
#define OTHER       "sip:inc-2@groups.example.org"
#define DISPATCHER  "sip:control@example.org"
#define SUPERVISOR  "sip:chief@example.org"
#define LIMITED     "sip:harbour@example.org" /* for GROUP alone */
#define SERVER      "sip:server@example.org"
#define VIEWER      "sip:viewer@example.org"
#define CREATION    "sip:new@example.org"
#define MEMBERS_MAX 4

/* Who has no role is left out. */
static const char *all_groups[] = {"*"};
static const char *one_group[] = {GROUP};
static const struct gms_access_row roles[] = {
    {DISPATCHER, GMS_ROLE_DISPATCHER, {all_groups, 1}},
    {SUPERVISOR, GMS_ROLE_SUPERVISOR, {all_groups, 1}},
    {LIMITED, GMS_ROLE_DISPATCHER, {one_group, 1}},
    {SERVER, GMS_ROLE_SERVER, {all_groups, 1}},
    {VIEWER, GMS_ROLE_VIEWER, {all_groups, 1}},
};

struct group_world {
    struct keeper_world keeper;
    struct gms_domains *domains; /* with a list of subscribers */
    struct gms_access *access;
    struct gms_groups *groups;
    struct buf text;

    /* What came of the last change and the last reading. */
    unsigned ended;
    struct gms_group_result result;
    char etag[128], alt[128];
    enum mu_err err;
    struct gms_document *document; /* referenced */
};

static void make_domains(struct group_world *w)
{
    static char path[256];
    MU_CLEANUP(buf_clear) struct buf list = {0};

    for (const char *c = KEEPER_ALL; *c != '\0'; c++) {
        buf_text(&list, "sip:");
        buf_text(&list, (char[]){*c, '\0'});
        buf_text(&list, "@example.org\n");
    }
    test_folder_write(&w->keeper.folder, "subscribers", buf_span(&list));
    (void)snprintf(path, sizeof(path), "%s",
        test_folder_path(&w->keeper.folder, "subscribers"));
    CU_ASSERT_EQUAL_FATAL(
        gms_domains_new(w->keeper.keys, path, &w->domains), MU_OK);
}

static void group_world_make(struct group_world *w)
{
    struct gms_groups_config config = {.rng = &w->keeper.rng.rng,
        .policy = &w->keeper.policy,
        .unknown = XML_GROUP_KEEP,
        .members_max = MEMBERS_MAX,
        .creation_xui = CREATION};

    *w = (struct group_world){.ended = 0};
    keeper_world_init(&w->keeper, KEEPER_FAKE);
    make_domains(w);
    CU_ASSERT_EQUAL_FATAL(
        gms_access_new(roles, sizeof(roles) / sizeof(roles[0]), &w->access),
        MU_OK);
    config.store = w->keeper.store;
    config.keeper = w->keeper.keeper;
    config.domains = w->domains;
    config.access = w->access;
    CU_ASSERT_EQUAL_FATAL(gms_groups_new(&config, &w->groups), MU_OK);
}

static void group_world_clear(struct group_world *w)
{
    gms_document_unref(w->document);
    gms_groups_free(w->groups);
    gms_access_free(w->access);
    gms_domains_free(w->domains);
    buf_clear(&w->text);
    keeper_world_clear(&w->keeper);
}

/* ------------------------------------------------------------------- acting */

static struct gms_caller caller_of(const char *uri)
{
    return (struct gms_caller){.uri = span_str(uri)};
}

/* A protected group of those members. */
static struct span text_of(
    struct group_world *w, const char *uri, const char *members)
{
    buf_clear(&w->text);
    buf_text(&w->text,
        "<group xmlns=\"urn:oma:xml:poc:list-service\""
        " xmlns:oxe=\"urn:oma:xml:xdm:extensions\""
        " xmlns:m=\"urn:3gpp:ns:mcpttGroupInfo:1.0\"><list-service uri=\"");
    buf_text(&w->text, uri);
    buf_text(&w->text, "\"><list>");
    for (; *members != '\0'; members++) {
        buf_text(&w->text, "<entry uri=\"sip:");
        buf_text(&w->text, (char[]){*members, '\0'});
        buf_text(&w->text, "@example.org\"/>");
    }
    buf_text(&w->text,
        "</list><oxe:supported-services><oxe:service enabler="
        "\"urn:urn-7:3gpp-service.ims.icsi.mcptt\"><oxe:group-media>"
        "<m:mcptt-speech/></oxe:group-media></oxe:service>"
        "</oxe:supported-services></list-service></group>");
    return buf_span(&w->text);
}

static void copy_text(char *out, size_t room, struct span s)
{
    CU_ASSERT_FATAL(s.len < room);
    (void)snprintf(out, room, "%.*s", (int)s.len, (const char *)s.p);
}

/* The result is lent for the call alone. */
static void on_done(void *ctx, const struct gms_group_result *result)
{
    struct group_world *w = ctx;

    w->ended++;
    w->result = *result;
    copy_text(w->etag, sizeof(w->etag), result->doc.etag);
    copy_text(w->alt, sizeof(w->alt), result->alt);
}

static enum gms_group_outcome put(
    struct group_world *w, const struct gms_group_put *what)
{
    unsigned before = w->ended;

    gms_group_put(w->groups, what, on_done, w);
    CU_ASSERT_EQUAL(w->ended, before + 1);
    return w->result.outcome;
}

/* At a name in somebody's tree. */
static struct gms_group_put put_of(
    const char *caller, const char *xui, struct span text)
{
    return (struct gms_group_put){.caller = caller_of(caller),
        .at = {.xui = span_str(xui), .name = span_str("g.xml")},
        .text = text,
        .stop = GMS_STOP_SOFT};
}

static enum gms_group_outcome put_text(struct group_world *w,
    const char *caller, const char *xui, struct span text)
{
    const struct gms_group_put what = put_of(caller, xui, text);

    return put(w, &what);
}

static enum gms_group_outcome delete_as(
    struct group_world *w, const char *caller)
{
    return put_text(w, caller, DISPATCHER, (struct span){NULL, 0});
}

/* GROUP of a and b, the dispatcher's; the usual beginning. */
static void create(struct group_world *w)
{
    CU_ASSERT_EQUAL_FATAL(
        put_text(w, DISPATCHER, DISPATCHER, text_of(w, GROUP, "ab")),
        GMS_GROUP_CREATED);
}

static void on_got(void *ctx, enum mu_err err, struct gms_document *document)
{
    struct group_world *w = ctx;

    gms_document_unref(w->document);
    w->err = err;
    w->document = document != NULL ? gms_document_ref(document) : NULL;
}

static enum mu_err get(struct group_world *w, const char *xui)
{
    const struct gms_group_at at = {
        .xui = span_str(xui), .name = span_str("g.xml")};

    gms_group_get(w->groups, &at, on_got, w);
    return w->err;
}

static size_t members_now(struct group_world *w)
{
    CU_ASSERT_EQUAL_FATAL(get(w, DISPATCHER), MU_OK);
    return w->document->group.entry_count;
}

/* --------------------------------------------------------------- the tests */

static void a_document_lives_at_both_its_addresses(void)
{
    MU_CLEANUP(group_world_clear) struct group_world w;
    const struct gms_group_at by_uri = {.uri = span_str(GROUP)};

    group_world_make(&w);
    CU_ASSERT_EQUAL(get(&w, DISPATCHER), MU_E_NOT_FOUND);
    create(&w);
    CU_ASSERT_EQUAL(get(&w, DISPATCHER), MU_OK);
    CU_ASSERT(span_eq(w.document->doc.text, text_of(&w, GROUP, "ab")));
    CU_ASSERT(span_eq(w.document->doc.etag, span_str(w.etag)));
    gms_group_get(w.groups, &by_uri, on_got, &w);
    CU_ASSERT_EQUAL(w.err, MU_OK);
    CU_ASSERT(span_eq(w.document->doc.xui, span_str(DISPATCHER)));
    CU_ASSERT_EQUAL(get(&w, SUPERVISOR), MU_E_NOT_FOUND);
}

static void members_of_a_document_get_keys(void)
{
    MU_CLEANUP(group_world_clear) struct group_world w;

    group_world_make(&w);
    create(&w);
    kw_run(&w.keeper);
    CU_ASSERT_EQUAL(w.keeper.fake.keys, 1);
    CU_ASSERT_EQUAL(w.keeper.fake.signs, 2);
    CU_ASSERT_EQUAL(
        put_text(&w, DISPATCHER, DISPATCHER, text_of(&w, GROUP, "abc")),
        GMS_GROUP_REPLACED);
    kw_run(&w.keeper);
    CU_ASSERT_EQUAL(w.keeper.fake.keys, 1);
    CU_ASSERT_EQUAL(w.keeper.fake.signs, 3);
}

/* Who may do what at the dispatcher's group: rows of DESIGN section 6. */
static void authority_is_a_table(void)
{
    static const struct {
        const char *who;
        bool edits, deletes;
    } rows[] = {
        {DISPATCHER, true, true}, /* its owner */
        {SUPERVISOR, true, true},
        {LIMITED, true, false}, /* a dispatcher does not delete others' */
        {SERVER, false, false},
        {VIEWER, false, false},
        {"sip:a@example.org", false, false},
        {"sip:stranger@example.org", false, false},
        {"sip:control@example.or", false, false},
        {"", false, false},
    };
    MU_CLEANUP(group_world_clear) struct group_world w;

    group_world_make(&w);
    create(&w);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_EQUAL(
            put_text(&w, rows[i].who, DISPATCHER, text_of(&w, GROUP, "abc")),
            rows[i].edits ? GMS_GROUP_REPLACED : GMS_GROUP_DENIED);
        CU_ASSERT_EQUAL(delete_as(&w, rows[i].who),
            rows[i].deletes ? GMS_GROUP_DELETED : GMS_GROUP_DENIED);
        if (rows[i].deletes)
            create(&w);
    }
    CU_ASSERT_EQUAL(members_now(&w), 3);
}

/* In his own tree or the one for it, and never in another's. */
static void a_group_is_made_by_a_role_in_its_place(void)
{
    static const struct {
        const char *who, *xui, *uri;
        enum gms_group_outcome outcome;
    } rows[] = {
        {VIEWER, VIEWER, OTHER, GMS_GROUP_DENIED},
        {SERVER, SERVER, OTHER, GMS_GROUP_DENIED},
        {"sip:a@example.org", "sip:a@example.org", OTHER, GMS_GROUP_DENIED},
        {DISPATCHER, SUPERVISOR, OTHER, GMS_GROUP_DENIED},
        {LIMITED, LIMITED, OTHER, GMS_GROUP_DENIED},
        {LIMITED, LIMITED, GROUP, GMS_GROUP_CREATED},
        {DISPATCHER, CREATION, OTHER, GMS_GROUP_CREATED},
    };
    MU_CLEANUP(group_world_clear) struct group_world w;

    group_world_make(&w);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CU_ASSERT_EQUAL(put_text(&w, rows[i].who, rows[i].xui,
                            text_of(&w, rows[i].uri, "a")),
            rows[i].outcome);
}

static void each_sees_what_is_his(void)
{
    static const struct {
        const char *who;
        enum gms_sight sight;
    } rows[] = {
        {DISPATCHER, GMS_SIGHT_FULL},
        {SUPERVISOR, GMS_SIGHT_FULL},
        {SERVER, GMS_SIGHT_FULL},
        {VIEWER, GMS_SIGHT_REDUCED},
        {"sip:a@example.org", GMS_SIGHT_REDUCED},
        {"sip:c@example.org", GMS_SIGHT_NONE},
        {"", GMS_SIGHT_NONE},
    };
    MU_CLEANUP(group_world_clear) struct group_world w;

    group_world_make(&w);
    create(&w);
    CU_ASSERT_EQUAL_FATAL(get(&w, DISPATCHER), MU_OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct gms_caller caller = caller_of(rows[i].who);

        CU_ASSERT_EQUAL(
            gms_group_sight(w.groups, &caller, w.document), rows[i].sight);
    }
}

static void preconditions_are_kept(void)
{
    MU_CLEANUP(group_world_clear) struct group_world w;
    struct gms_group_put what;
    char first[128];

    group_world_make(&w);
    what = put_of(DISPATCHER, DISPATCHER, text_of(&w, GROUP, "ab"));
    what.expect_etag = span_str("nothing-is-there");
    CU_ASSERT_EQUAL(put(&w, &what), GMS_GROUP_STALE);
    what.expect_etag = (struct span){NULL, 0};
    what.must_be_new = true;
    CU_ASSERT_EQUAL(put(&w, &what), GMS_GROUP_CREATED);
    copy_text(first, sizeof(first), span_str(w.etag));
    CU_ASSERT_EQUAL(put(&w, &what), GMS_GROUP_STALE);
    what.must_be_new = false;
    what.expect_etag = span_str(first);
    what.text = text_of(&w, GROUP, "abc");
    CU_ASSERT_EQUAL(put(&w, &what), GMS_GROUP_REPLACED);
    CU_ASSERT_STRING_NOT_EQUAL(w.etag, first);
    CU_ASSERT_EQUAL(put(&w, &what), GMS_GROUP_STALE);
    what.text = (struct span){NULL, 0};
    CU_ASSERT_EQUAL(put(&w, &what), GMS_GROUP_STALE);
    CU_ASSERT_EQUAL(members_now(&w), 3);
}

/* Authority first: who may not write learns nothing of the document. */
static void a_stranger_does_not_learn_what_is_there(void)
{
    MU_CLEANUP(group_world_clear) struct group_world w;
    struct gms_group_put what;

    group_world_make(&w);
    create(&w);
    what = put_of(VIEWER, DISPATCHER, span_str("<broken"));
    what.expect_etag = span_str("wrong");
    CU_ASSERT_EQUAL(put(&w, &what), GMS_GROUP_DENIED);
}

static void a_taken_uri_is_refused_with_a_free_one(void)
{
    MU_CLEANUP(group_world_clear) struct group_world w;
    struct mu_arena *arena = &w.keeper.arena;
    struct gms_doc doc;

    group_world_make(&w);
    create(&w);
    CU_ASSERT_EQUAL(
        put_text(&w, SUPERVISOR, SUPERVISOR, text_of(&w, GROUP, "c")),
        GMS_GROUP_TAKEN);
    /* "sip:inc-1-9f3c@groups.example.org", and nobody's */
    CU_ASSERT_EQUAL(strlen(w.alt), strlen(GROUP) + 5);
    CU_ASSERT_EQUAL(strncmp(w.alt, "sip:inc-1-", 10), 0);
    CU_ASSERT_STRING_EQUAL(w.alt + 14, "@groups.example.org");
    CU_ASSERT_EQUAL(gms_store_doc(w.keeper.store, span_str(w.alt), arena, &doc),
        MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(get(&w, SUPERVISOR), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(members_now(&w), 2);
}

static void an_unknown_member_is_named_and_nothing_changes(void)
{
    MU_CLEANUP(group_world_clear) struct group_world w;

    group_world_make(&w);
    CU_ASSERT_EQUAL(
        put_text(&w, DISPATCHER, DISPATCHER, text_of(&w, GROUP, "azb")),
        GMS_GROUP_UNKNOWN_MEMBER);
    CU_ASSERT_STRING_EQUAL(w.alt, "sip:z@example.org");
    CU_ASSERT_EQUAL(get(&w, DISPATCHER), MU_E_NOT_FOUND);
    create(&w);
    CU_ASSERT_EQUAL(
        put_text(&w, DISPATCHER, DISPATCHER, text_of(&w, GROUP, "abz")),
        GMS_GROUP_UNKNOWN_MEMBER);
    CU_ASSERT_EQUAL(members_now(&w), 2);
}

static bool is_constraint(
    struct group_world *w, struct span text, const char *phrase)
{
    return put_text(w, DISPATCHER, DISPATCHER, text) == GMS_GROUP_INVALID &&
           w->result.fault.kind == XML_GROUP_CONSTRAINT &&
           strcmp(w->result.fault.phrase, phrase) == 0;
}

static void limits_and_names_are_constraints(void)
{
    MU_CLEANUP(group_world_clear) struct group_world w;
    struct gms_group_put what;

    group_world_make(&w);
    CU_ASSERT(
        is_constraint(&w, text_of(&w, GROUP, "abcde"), "too many members"));
    CU_ASSERT_EQUAL(
        put_text(&w, DISPATCHER, DISPATCHER, text_of(&w, GROUP, "abcd")),
        GMS_GROUP_CREATED);
    CU_ASSERT(is_constraint(
        &w, text_of(&w, OTHER, "ab"), "the URI of a group does not change"));
    what = put_of(DISPATCHER, DISPATCHER, text_of(&w, OTHER, "ab"));
    what.uri = span_str(GROUP);
    CU_ASSERT_EQUAL(put(&w, &what), GMS_GROUP_INVALID);
    CU_ASSERT_STRING_EQUAL(
        w.result.fault.phrase, "not the group that the address names");
    CU_ASSERT_EQUAL(put_text(&w, DISPATCHER, DISPATCHER, span_str("<group")),
        GMS_GROUP_INVALID);
    CU_ASSERT_EQUAL(w.result.fault.kind, XML_GROUP_NOT_WELL_FORMED);
    CU_ASSERT_EQUAL(members_now(&w), 4);
}

static void what_is_not_there_is_absent(void)
{
    MU_CLEANUP(group_world_clear) struct group_world w;
    struct gms_group_put what;

    group_world_make(&w);
    CU_ASSERT_EQUAL(delete_as(&w, DISPATCHER), GMS_GROUP_ABSENT);
    what = put_of(DISPATCHER, DISPATCHER, text_of(&w, GROUP, "ab"));
    what.at = (struct gms_group_at){.uri = span_str(GROUP)};
    CU_ASSERT_EQUAL(put(&w, &what), GMS_GROUP_ABSENT);
}

static void a_deleted_group_is_gone_with_its_text_told(void)
{
    MU_CLEANUP(group_world_clear) struct group_world w;

    group_world_make(&w);
    create(&w);
    CU_ASSERT_EQUAL(delete_as(&w, DISPATCHER), GMS_GROUP_DELETED);
    CU_ASSERT_EQUAL(get(&w, DISPATCHER), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(delete_as(&w, DISPATCHER), GMS_GROUP_ABSENT);
}

/* The API, where a right beyond the owner's was checked. */
static void what_is_authorised_is_not_asked_again(void)
{
    MU_CLEANUP(group_world_clear) struct group_world w;
    struct gms_group_put what;

    group_world_make(&w);
    create(&w);
    what = put_of(VIEWER, DISPATCHER, text_of(&w, GROUP, "abc"));
    what.authorised = true;
    CU_ASSERT_EQUAL(put(&w, &what), GMS_GROUP_REPLACED);
}

CU_TestInfo gms_group_tests[] = {
    {"a document lives at both its addresses",
        a_document_lives_at_both_its_addresses},
    {"members of a document get keys", members_of_a_document_get_keys},
    {"authority is a table", authority_is_a_table},
    {"a group is made by a role in its place",
        a_group_is_made_by_a_role_in_its_place},
    {"each sees what is his", each_sees_what_is_his},
    {"preconditions are kept", preconditions_are_kept},
    {"a stranger does not learn what is there",
        a_stranger_does_not_learn_what_is_there},
    {"a taken URI is refused with a free one",
        a_taken_uri_is_refused_with_a_free_one},
    {"an unknown member is named and nothing changes",
        an_unknown_member_is_named_and_nothing_changes},
    {"limits and names are constraints", limits_and_names_are_constraints},
    {"what is not there is absent", what_is_not_there_is_absent},
    {"a deleted group is gone with its text told",
        a_deleted_group_is_gone_with_its_text_told},
    {"what is authorised is not asked again",
        what_is_authorised_is_not_asked_again},
    CU_TEST_INFO_NULL,
};
