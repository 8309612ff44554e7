/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/group_doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "tests/suites.h"
#include "xml/group_model.h"
#include "xml/parse.h"

#define OPEN                                                                   \
    "<group xmlns='urn:oma:xml:poc:list-service'"                              \
    " xmlns:rl='urn:ietf:params:xml:ns:resource-lists'"                        \
    " xmlns:cp='urn:ietf:params:xml:ns:common-policy'"                         \
    " xmlns:oxe='urn:oma:xml:xdm:extensions'"                                  \
    " xmlns:xg='urn:oma:xml:xdm:group'"                                        \
    " xmlns:m='urn:3gpp:ns:mcpttGroupInfo:1.0'>"
#define LS(in)   OPEN "<list-service uri='sip:g@x'>" in "</list-service></group>"
#define LIST(in) LS("<list>" in "</list>")
#define ENTRY(u) "<entry uri='" u "'/>"
#define RULES(in)                                                              \
    LS("<list>" ENTRY("sip:a@x") "</list><cp:ruleset>" in "</cp:ruleset>")
#define RULE(conditions)                                                       \
    "<cp:rule id='r'>" conditions "<cp:actions>"                               \
    "<m:on-network-allow-getting-member-list>true"                             \
    "</m:on-network-allow-getting-member-list></cp:actions></cp:rule>"
#define WHEN(in) "<cp:conditions>" in "</cp:conditions>"
#define ID(in)   "<cp:identity>" in "</cp:identity>"

static enum mu_err read_text(struct span text, enum xml_group_unknown unknown,
    struct mu_arena *arena, struct xml_group *out,
    struct xml_group_fault *fault)
{
    mu_arena_init(arena, XML_GROUP_ARENA);
    return xml_group_read(text, unknown, arena, out, fault);
}

/* The text is a group document; arena is the caller's to clear. */
static struct xml_group group_of(const char *text, struct mu_arena *arena)
{
    struct xml_group_fault fault;
    struct xml_group group;
    enum mu_err err =
        read_text(span_str(text), XML_GROUP_KEEP, arena, &group, &fault);

    if (err != MU_OK)
        (void)fprintf(stderr, "%s\n", fault.phrase);
    CU_ASSERT_EQUAL_FATAL(err, MU_OK);
    return group;
}

static bool is(struct span span, const char *text)
{
    return span_eq(span, span_str(text));
}

static const char incident[] = OPEN
    "\n <list-service uri='sip:inc@g'>"
    "<display-name xml:lang='en'>Harbour fire</display-name><list>"
    "<entry uri='sip:one@x'><rl:display-name>One</rl:display-name>"
    "<m:user-priority>1</m:user-priority>"
    "<m:participant-type>dispatcher</m:participant-type>"
    "<m:on-network-required/>"
    "<m:mcvideo-mcvideo-id uri='sip:v@x'/><m:mcdata-mcdata-id uri='sip:d@x'/>"
    "</entry>"
    "<entry uri='sip:two@x'><m:on-network-recvonly/></entry></list>"
    "<max-participant-count>9</max-participant-count>"
    "<oxe:supported-services>"
    "<oxe:service enabler='urn:urn-7:3gpp-service.ims.icsi.mcptt'>"
    "<oxe:group-media><m:mcptt-speech/></oxe:group-media></oxe:service>"
    "<oxe:service enabler='urn:urn-7:3gpp-service.ims.icsi.mcdata.sds'/>"
    "</oxe:supported-services>"
    "<m:owner>sip:one@x</m:owner>"
    "<m:on-network-group-priority>200</m:on-network-group-priority>"
    "<m:on-network-invite-members>1</m:on-network-invite-members>"
    "<m:protect-media> false </m:protect-media>"
    "<m:mcptt-video>new</m:mcptt-video><m:mcdata-max-data/>"
    "<o:o xmlns:o='urn:o'/></list-service>\n</group>";

static void reads_what_the_server_needs(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_group g = group_of(incident, &arena);

    CU_ASSERT(is(g.uri, "sip:inc@g") && is(g.display_name, "Harbour fire"));
    CU_ASSERT(is(g.owner, "sip:one@x"));
    CU_ASSERT_EQUAL_FATAL(g.entry_count, 2);
    CU_ASSERT(is(g.entries[0].uri, "sip:one@x"));
    CU_ASSERT(is(g.entries[0].display_name, "One"));
    CU_ASSERT(is(g.entries[0].type, "dispatcher"));
    CU_ASSERT_EQUAL(g.entries[0].priority, 1);
    CU_ASSERT(g.entries[0].required && !g.entries[0].receive_only);
    CU_ASSERT(is(g.entries[0].mcvideo_id, "sip:v@x"));
    CU_ASSERT(is(g.entries[0].mcdata_id, "sip:d@x"));
    CU_ASSERT(!g.entries[1].required && g.entries[1].receive_only);
    CU_ASSERT(g.has_list && !g.disabled && !g.temporary);
    CU_ASSERT(g.is_mcptt && g.is_mcdata && !g.is_mcvideo);
    CU_ASSERT(!g.protect_media && g.protect_floor && g.invite_members);
    CU_ASSERT_EQUAL(g.priority, 200);
    CU_ASSERT_EQUAL(g.max_participants, 9);
    CU_ASSERT_EQUAL(g.unknown, 1);
}

static void absent_means_what_the_standard_says(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_group g = group_of(LS(""), &arena);

    CU_ASSERT(!g.has_list && g.entry_count == 0 && !g.invite_members);
    CU_ASSERT(g.protect_media && g.protect_floor);
    CU_ASSERT(g.protect_video && g.protect_data);
    CU_ASSERT(!g.is_mcptt && !g.is_mcvideo && !g.is_mcdata);
    CU_ASSERT_EQUAL(g.max_participants, UINT64_MAX);
    CU_ASSERT_EQUAL(g.regrouped_into.len, 0);
}

#define SERVICE(p, e, in)                                                      \
    LS("<" p ":supported-services><" p ":service enabler='" e "'><" p          \
       ":group-media>" in "</" p ":group-media></" p ":service></" p           \
       ":supported-services>")

static void a_service_needs_its_enabler_and_its_medium(void)
{
#define ICSI "urn:urn-7:3gpp-service.ims.icsi."
    static const struct {
        const char *text;
        bool mcptt, video;
    } rows[] = {
        {SERVICE("oxe", ICSI "mcptt", "<m:mcptt-speech/>"), true, false},
        {SERVICE("xg", ICSI "mcptt", "<m:mcptt-speech/>"), true, false},
        {SERVICE("oxe", ICSI "mcptt", ""), false, false},
        {SERVICE("oxe", ICSI "mcvideo", "<m:mcptt-speech/>"), false, false},
        {SERVICE("oxe", ICSI "mcvideo", "<m:mcvideo-video-media/>"), false,
            true},
        {SERVICE("oxe", "urn:other", "<m:mcptt-speech/>"), false, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct xml_group g = group_of(rows[i].text, &arena);

        CU_ASSERT_EQUAL(g.is_mcptt, rows[i].mcptt);
        CU_ASSERT_EQUAL(g.is_mcvideo, rows[i].video);
    }
}

#define PARTS(in)                                                              \
    "<m:constituent-MCPTT-group-IDs>" in "</m:constituent-MCPTT-group-IDs>"
#define PART(id)                                                               \
    "<m:constituent-MCPTT-group-ID>" id "</m:constituent-MCPTT-group-ID>"
#define TEMPORARY(in)                                                          \
    LS("<m:on-network-temporary>" PARTS(in) "</m:on-network-temporary>")

static void tells_a_temporary_group_from_a_regrouped_one(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena, other;
    struct xml_group g =
        group_of(TEMPORARY(PART("sip:b@x") PART(" sip:c@x ")), &arena);

    CU_ASSERT(g.temporary && g.constituent_count == 2);
    CU_ASSERT(is(g.constituents[1], "sip:c@x"));
    g = group_of(
        LS("<m:on-network-regrouped temporary-MCPTT-group-ID='sip:t@x'"
           " temporary-MCPTT-group-requestor='sip:a@x'>" PARTS(
               PART("sip:g@x")) "<m:protect-media>false"
                                "</m:protect-media></m:on-network-regrouped>"
                                "<m:on-network-disabled/>"),
        &other);
    CU_ASSERT(!g.temporary && g.constituent_count == 0 && g.disabled);
    CU_ASSERT(is(g.regrouped_into, "sip:t@x") && g.protect_media);
}

static void rules_decide_who_sees_the_list(void)
{
    static const struct {
        const char *text;
        bool a, b; /* a is in the list, b is not */
    } rows[] = {
        {RULES(RULE(WHEN("<is-list-member/>"))), true, false},
        {RULES(RULE(WHEN(ID("<cp:one id='sip:b@x'/>")))), false, true},
        {RULES(RULE(WHEN(ID("<cp:one id='sip:c@x'/><cp:one id='sip:a@x'/>")))),
            true, false},
        {RULES(RULE(WHEN(ID("<cp:many/>")))), true, true},
        {RULES(RULE("")), true, true},
        {RULES(RULE(WHEN(""))), true, true},
        {RULES(RULE(WHEN(ID("<cp:many/>") "<is-list-member/>"))), true, false},
        {RULES(RULE(WHEN(ID("<cp:one id='sip:b@x'/>") "<is-list-member/>"))),
            false, false},
        {RULES(RULE(WHEN(ID("<cp:many domain='x'/>")))), false, false},
        {RULES(RULE(WHEN(ID("<cp:many><cp:except id='sip:a@x'/></cp:many>")))),
            false, false},
        {RULES(RULE(WHEN(ID("<cp:one id='sip:a@x'><z xmlns='urn:z'/>"
                            "</cp:one>")))),
            false, false},
        {RULES(RULE(WHEN("<cp:sphere value='work'/><is-list-member/>"))), false,
            false},
        {RULES(RULE(WHEN("<z xmlns='urn:z'/>"))), false, false},
        {RULES("<cp:rule id='r'/>"), false, false},
        {LIST(ENTRY("sip:a@x")), false, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct xml_group g = group_of(rows[i].text, &arena);

        CU_ASSERT_EQUAL(
            xml_group_may_get_list(&g, span_str("sip:a@x")), rows[i].a);
        CU_ASSERT_EQUAL(
            xml_group_may_get_list(&g, span_str("sip:b@x")), rows[i].b);
    }
}

static void reads_actions_of_either_name_space(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_group g = group_of(
        RULES(
            "<cp:rule id='r'><cp:actions>"
            "<cp:allow-initiate-conference>true"
            "</cp:allow-initiate-conference>"
            "<join-handling>1</join-handling>"
            "<m:allow-MCPTT-emergency-call>true</m:allow-MCPTT-emergency-call>"
            "<m:allow-imminent-peril-call>false</m:allow-imminent-peril-call>"
            "</cp:actions></cp:rule>"),
        &arena);

    CU_ASSERT_EQUAL_FATAL(g.rule_count, 1);
    CU_ASSERT(g.rules[0].may_initiate && g.rules[0].may_join);
    CU_ASSERT(g.rules[0].may_emergency && !g.rules[0].may_peril);
    CU_ASSERT(!g.rules[0].may_alert && !g.rules[0].may_get_list);
}

struct refusal {
    const char *text;
    enum xml_group_fault_kind kind;
    const char *phrase;
};

static void check_refusal(
    const struct refusal *row, enum xml_group_unknown unknown)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_group_fault fault;
    struct xml_group group;

    CU_ASSERT_NOT_EQUAL(
        read_text(span_str(row->text), unknown, &arena, &group, &fault), MU_OK);
    CU_ASSERT_EQUAL(fault.kind, row->kind);
    if (strcmp(fault.phrase, row->phrase) != 0)
        (void)fprintf(stderr, "%s\n", fault.phrase);
    CU_ASSERT_STRING_EQUAL(fault.phrase, row->phrase);
}

#define WHERE "/group/list-service"

static void says_what_is_wrong(void)
{
    static const struct refusal rows[] = {
        {"", XML_GROUP_NOT_WELL_FORMED, "is not XML"},
        {"<group>", XML_GROUP_NOT_WELL_FORMED, "line 1: is not well-formed"},
        {"<!DOCTYPE group><group/>", XML_GROUP_NOT_WELL_FORMED,
            "has a DOCTYPE"},
        {"<?xml version='1.0' encoding='ISO-8859-1'?><group/>",
            XML_GROUP_NOT_UTF8, "line 1: is not UTF-8"},
        {"<group>\xff</group>", XML_GROUP_NOT_UTF8,
            "line 1: is not well-formed"},
        {"<group/>", XML_GROUP_SCHEMA,
            "line 1: /group No matching global declaration available for the "
            "validation root."},
        {OPEN "</group>", XML_GROUP_SCHEMA,
            "line 1: /group Missing child element(s). Expected is ( "
            "list-service )."},
        {OPEN "<list-service/></group>", XML_GROUP_SCHEMA,
            "line 1: " WHERE " The attribute 'uri' is required but missing."},
        {LIST("<external/>"), XML_GROUP_SCHEMA,
            "line 1: " WHERE "/list/external This element is not expected. "
            "Expected is one of ( entry, ##other* )."},
        {LS("<m:protect-media>maybe</m:protect-media>"), XML_GROUP_SCHEMA,
            "line 1: " WHERE "/protect-media 'maybe' is not a valid value of "
            "the atomic type 'xs:boolean'."},
        {LIST(ENTRY("sip:a@x") ENTRY("sip:b@x") ENTRY("sip:a@x")),
            XML_GROUP_CONSTRAINT, "entry 3 has the URI of entry 1"},
        {LIST(ENTRY("sip:g@x")), XML_GROUP_CONSTRAINT,
            "the group is a member of itself"},
        {LIST("<entry uri='sip:a@x'><m:user-priority>256</m:user-priority>"
              "</entry>"),
            XML_GROUP_CONSTRAINT,
            "line 1: " WHERE
            "/list/entry/user-priority is out of the range 0 to 255"},
        {LS("<m:on-network-group-priority>256</m:on-network-group-priority>"),
            XML_GROUP_CONSTRAINT,
            "line 1: " WHERE
            "/on-network-group-priority is out of the range 0 to 255"},
        {LS("<list><entry uri='sip:a@x'><m:on-network-required/></entry></list>"
            "<m:on-network-max-participant-count>0"
            "</m:on-network-max-participant-count>"),
            XML_GROUP_CONSTRAINT,
            "more required members than on-network-max-participant-count"},
        {TEMPORARY(PART("sip:b@x")), XML_GROUP_CONSTRAINT,
            "a temporary group of fewer than two groups"},
        {TEMPORARY(PART("sip:b@x") PART("sip:b@x")), XML_GROUP_CONSTRAINT,
            "a constituent group is named twice"},
        {TEMPORARY(PART("sip:b@x") PART("sip:g@x")), XML_GROUP_CONSTRAINT,
            "a temporary group is part of itself"},
        {OPEN "<list-service uri='sip:g@x'/><list-service uri='sip:h@x'/>"
              "</group>",
            XML_GROUP_CONSTRAINT, "line 1: " WHERE " is one too many"},
        {LIST("<entry uri=' sip:a@x'/>"), XML_GROUP_CONSTRAINT,
            "line 1: " WHERE "/list/entry names no identity"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_refusal(&rows[i], XML_GROUP_KEEP);
}

static void refuses_unknown_names_on_request(void)
{
    static const struct refusal row = {
        LS("<m:a/>"), XML_GROUP_SCHEMA, "line 1: " WHERE "/a is unknown"};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena, other;
    struct xml_group_fault fault;
    struct xml_group group;

    check_refusal(&row, XML_GROUP_REFUSE);
    group = group_of(row.text, &arena);
    CU_ASSERT_EQUAL(group.unknown, 1);
    CU_ASSERT_EQUAL(read_text(span_str(LS("<m:owner>o</m:owner>"
                                          "<m:mcvideo-new/>")),
                        XML_GROUP_REFUSE, &other, &group, &fault),
        MU_OK);
    CU_ASSERT_EQUAL(group.unknown, 0);
}

static void finds_members_with_and_without_an_index(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_group g = group_of(
        LIST(ENTRY("sip:c@x") ENTRY("sip:a@x") ENTRY("sip:b@x")), &arena);

    for (unsigned i = 0; i < 2; i++) {
        CU_ASSERT_PTR_EQUAL(
            xml_group_find(&g, span_str("sip:a@x")), &g.entries[1]);
        CU_ASSERT_PTR_EQUAL(
            xml_group_find(&g, span_str("sip:c@x")), &g.entries[0]);
        CU_ASSERT_PTR_NULL(xml_group_find(&g, span_str("sip:a@")));
        CU_ASSERT_PTR_NULL(xml_group_find(&g, span_str("")));
        g.by_uri = NULL;
    }
}

static void reads_the_group_that_it_wrote(void)
{
    static const struct xml_group_entry entries[] = {
        {.uri = {(const uint8_t *)"sip:a&b@x", 9},
            .display_name = {(const uint8_t *)"A <b>", 5},
            .type = {(const uint8_t *)"crew", 4},
            .priority = 5,
            .required = true},
        {.uri = {(const uint8_t *)"sip:c@x", 7}, .receive_only = true},
    };
    const struct xml_group_template in = {
        .uri = span_str("sip:inc@g"),
        .display_name = span_str("Fire"),
        .owner = span_str("sip:o@x"),
        .entries = entries,
        .entry_count = 2,
        .incident = true,
        .protect = true,
        .max_participants = 50,
    };
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_group_fault fault;
    struct xml_group g;
    uint8_t text[4096];
    struct span whole;
    struct wr w;

    wr_init(&w, text, sizeof(text));
    CU_ASSERT_EQUAL_FATAL(xml_group_write(&w, &in), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &whole), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        read_text(whole, XML_GROUP_REFUSE, &arena, &g, &fault), MU_OK);
    CU_ASSERT(is(g.uri, "sip:inc@g") && is(g.owner, "sip:o@x"));
    CU_ASSERT(is(g.display_name, "Fire"));
    CU_ASSERT_EQUAL_FATAL(g.entry_count, 2);
    CU_ASSERT(is(g.entries[0].uri, "sip:a&b@x"));
    CU_ASSERT(is(g.entries[0].display_name, "A <b>"));
    CU_ASSERT(g.entries[0].priority == 5 && g.entries[0].required);
    CU_ASSERT(g.entries[1].receive_only);
    CU_ASSERT(g.is_mcptt && g.protect_media && g.protect_floor);
    CU_ASSERT(g.priority == 200 && g.max_participants == 50);
    CU_ASSERT(xml_group_may_get_list(&g, span_str("sip:o@x")));
    CU_ASSERT(!xml_group_may_get_list(&g, span_str("sip:c@x")));
    CU_ASSERT_EQUAL_FATAL(g.rule_count, 2);
    CU_ASSERT(g.rules[0].may_emergency && g.rules[0].may_alert);
}

/* A group of count members, each with a name and two elements of 3GPP's. */
static void write_large(struct buf *b, unsigned count)
{
    buf_text(b, OPEN "<list-service uri='sip:g@x'><list>");
    for (unsigned i = 0; i < count; i++) {
        buf_text(b, "<entry uri='sip:member.");
        buf_number(b, i * 7919 % count);
        buf_text(b, "@mc.muster.example'><rl:display-name>Member ");
        buf_number(b, i);
        buf_text(b, "</rl:display-name><m:user-priority>5</m:user-priority>"
                    "<m:participant-type>crew</m:participant-type></entry>\n");
    }
    buf_text(b, "</list></list-service></group>");
}

/* RB-01: within the limit it is served at once, and over it refused. */
static void reads_ten_thousand_members_at_once(void)
{
    MU_CLEANUP(buf_clear) struct buf b = {.len = 0};
    MU_CLEANUP(buf_clear) struct buf more = {.len = 0};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena, other;
    const struct mu_clock *clock = mu_clock_system();
    struct xml_group_fault fault;
    struct xml_group g;
    uint64_t start;

    write_large(&b, XML_GROUP_MEMBERS_MAX);
    start = mu_clock_mono_ms(clock);
    CU_ASSERT_EQUAL(
        read_text(buf_span(&b), XML_GROUP_KEEP, &arena, &g, &fault), MU_OK);
    CU_ASSERT(mu_clock_mono_ms(clock) - start < 5000);
    CU_ASSERT_EQUAL(g.entry_count, XML_GROUP_MEMBERS_MAX);
    CU_ASSERT_PTR_NOT_NULL(
        xml_group_find(&g, span_str("sip:member.42@mc.muster.example")));
    write_large(&more, XML_GROUP_MEMBERS_MAX + 1);
    CU_ASSERT_EQUAL(
        read_text(buf_span(&more), XML_GROUP_KEEP, &other, &g, &fault),
        MU_E_NO_SPACE);
    CU_ASSERT_EQUAL(fault.kind, XML_GROUP_CONSTRAINT);
}

static void refuses_more_octets_than_the_limit(void)
{
    MU_CLEANUP(buf_clear) struct buf b = {.len = 0};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_group_fault fault;
    struct xml_group g;

    buf_text(&b, LS(""));
    while (b.len <= XML_GROUP_OCTETS_MAX)
        buf_text(&b, "                                                  ");
    CU_ASSERT_EQUAL(read_text(buf_span(&b), XML_GROUP_KEEP, &arena, &g, &fault),
        MU_E_NO_SPACE);
    CU_ASSERT_EQUAL(fault.kind, XML_GROUP_NOT_WELL_FORMED);
}

static void every_truncation_is_refused(void)
{
    for (size_t len = 0; len < sizeof(incident) - 1; len++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct xml_group_fault fault;
        struct xml_group g;

        CU_ASSERT_NOT_EQUAL(
            read_text((struct span){(const uint8_t *)incident, len},
                XML_GROUP_KEEP, &arena, &g, &fault),
            MU_OK);
        CU_ASSERT_NOT_EQUAL(fault.phrase[0], '\0');
    }
}

/* Behind the validator, which is libxml2's and does not survive it
 * (xml/schema.h). */
static void the_model_survives_every_failing_allocation(void)
{
    static const struct xml_limits limits = {1 << 16, 1000, 32};
    MU_CLEANUP(xml_parse_free) struct _xmlDoc *doc = NULL;
    struct xml_fault fault;

    CU_ASSERT_EQUAL_FATAL(
        xml_parse(&limits, span_str(incident), &fault, &doc), MU_OK);
    for (unsigned n = 1;; n++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct xml_group g;
        enum mu_err err;

        mu_arena_init(&arena, XML_GROUP_ARENA);
        mu_alloc_fail_nth(n);
        err = xml_group_model(doc, &arena, &fault, &g);
        if (!mu_alloc_fail_end())
            break;
        CU_ASSERT_EQUAL(err, MU_E_NO_MEMORY);
    }
}

static void an_arena_that_is_too_small_is_no_space(void)
{
    for (size_t max = 0; max < 768; max += 16) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct xml_group_fault fault;
        struct xml_group g;

        mu_arena_init(&arena, max);
        CU_ASSERT_EQUAL(xml_group_read(span_str(incident), XML_GROUP_KEEP,
                            &arena, &g, &fault),
            MU_E_NO_SPACE);
    }
}

CU_TestInfo xml_group_doc_tests[] = {
    {"reads what the server needs", reads_what_the_server_needs},
    {"absent means what the standard says",
        absent_means_what_the_standard_says},
    {"a service needs its enabler and its medium",
        a_service_needs_its_enabler_and_its_medium},
    {"tells a temporary group from a regrouped one",
        tells_a_temporary_group_from_a_regrouped_one},
    {"rules decide who sees the list", rules_decide_who_sees_the_list},
    {"reads actions of either name space", reads_actions_of_either_name_space},
    {"says what is wrong", says_what_is_wrong},
    {"refuses unknown names on request", refuses_unknown_names_on_request},
    {"finds members with and without an index",
        finds_members_with_and_without_an_index},
    {"reads the group that it wrote", reads_the_group_that_it_wrote},
    {"RB-01 reads ten thousand members at once",
        reads_ten_thousand_members_at_once},
    {"refuses more octets than the limit", refuses_more_octets_than_the_limit},
    {"every truncation is refused", every_truncation_is_refused},
    {"the model survives every failing allocation",
        the_model_survives_every_failing_allocation},
    {"an arena that is too small is no space",
        an_arena_that_is_too_small_is_no_space},
    CU_TEST_INFO_NULL,
};
