/* SPDX-License-Identifier: Apache-2.0 */
/* What the URIs of a subscription mean, and where key documents lie. */
#include "gms/watched.h"

#include <string.h>

#include "gms/key_address.h"
#include "tests/suites.h"

#define GROUPS "org.openmobilealliance.groups"
#define GROUP  "sip:inc-0042@groups.example"
#define GID    "sip%3Ainc-0042%40groups.example"
#define MEMBER "sip:m@example.org"
#define ROOT   "https://gms.example:8443/xcap/"

static const struct gms_conf_gktp gktp = {
    .auid = "org.3gpp.MCPTT-GKTP", .path = "users/{mcptt_id}/{gid_encoded}"};

static struct gms_watched *read_one(const char *uri, struct mu_arena *arena)
{
    struct gms_watched *w = NULL;

    mu_arena_init(arena, 1 << 16);
    CU_ASSERT_EQUAL_FATAL(
        gms_watched_read(span_str(uri), ROOT, &gktp, arena, &w), MU_OK);
    return w;
}

static void reads_what_it_is_about(void)
{
    static const struct {
        const char *uri;
        enum gms_watched_what what;
        enum sip_watch_kind kind;
        const char *group, *member;
    } rows[] = {
        {GROUPS "/global/byGroupID/" GID, GMS_WATCHED_GROUP, SIP_WATCH_DOCUMENT,
            GROUP, ""},
        {GROUPS "/global/byGroup/" GROUP, GMS_WATCHED_GROUP, SIP_WATCH_DOCUMENT,
            GROUP, ""},
        {GROUPS "/users/sip:o@example.org/one", GMS_WATCHED_GROUP,
            SIP_WATCH_DOCUMENT, "", ""},
        {GROUPS "/global/byGroupID/" GID "/~~/group/list-service/@uri",
            GMS_WATCHED_GROUP, SIP_WATCH_ELEMENT, GROUP, ""},
        {GROUPS "/global/byGroupID/", GMS_WATCHED_GROUPS, SIP_WATCH_COLLECTION,
            "", ""},
        {"org.3gpp.MCPTT-GKTP/users/" MEMBER "/" GID, GMS_WATCHED_KEYS,
            SIP_WATCH_DOCUMENT, GROUP, MEMBER},
        {"org.3gpp.MCPTT-GKTP/users/" MEMBER "/" GID "/~~/GKTPs/GMK-GKTPs",
            GMS_WATCHED_KEYS, SIP_WATCH_ELEMENT, GROUP, MEMBER},
        {"org.3gpp.MCPTT-GKTP/users/" MEMBER "/", GMS_WATCHED_ALL_KEYS,
            SIP_WATCH_COLLECTION, "", MEMBER},
        {"resource-lists/users/x/index", GMS_WATCHED_NOTHING,
            SIP_WATCH_DOCUMENT, "", ""},
        {GROUPS "/global/other/x", GMS_WATCHED_NOTHING, SIP_WATCH_DOCUMENT, "",
            ""},
        {GROUPS "/users/x/", GMS_WATCHED_NOTHING, SIP_WATCH_COLLECTION, "", ""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        const struct gms_watched *w = read_one(rows[i].uri, &arena);

        CU_ASSERT_EQUAL(w->what, rows[i].what);
        CU_ASSERT_EQUAL(w->kind, rows[i].kind);
        CU_ASSERT(span_eq(w->sel, span_str(rows[i].uri)));
        if (w->what == GMS_WATCHED_NOTHING)
            continue;
        CU_ASSERT(span_eq(w->group, span_str(rows[i].group)));
        CU_ASSERT(span_eq(w->member, span_str(rows[i].member)));
    }
}

/* SN-01: sel is relative to the root that the NOTIFY names, and else as it
 * came. */
static void strips_its_own_root_and_nothing_else(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_watched *w =
        read_one(ROOT GROUPS "/global/byGroupID/sip%3ax%40y", &arena);

    CU_ASSERT(
        span_eq(w->sel, span_str(GROUPS "/global/byGroupID/sip%3ax%40y")));
    CU_ASSERT_EQUAL(gms_watched_read(span_str("https://other.example/xcap/a"),
                        ROOT, &gktp, &arena, &w),
        MU_E_MALFORMED);
    CU_ASSERT_EQUAL(gms_watched_read(span_str(ROOT), ROOT, &gktp, &arena, &w),
        MU_E_MALFORMED);
}

static void a_key_address_is_written_and_read(void)
{
    static const char *const paths[] = {"users/{mcptt_id}/{gid_encoded}",
        "global/keys/{gid_encoded}/{mcptt_id}"};

    for (size_t i = 0; i < 2; i++) {
        const struct gms_conf_gktp conf = {.auid = "a", .path = paths[i]};
        const struct gms_key_address in = {span_str(MEMBER), span_str(GROUP)};
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        const struct xml_xcap_usage usage = {"a", "urn:a"};
        struct gms_key_address out;
        struct xml_xcap_uri uri;
        struct span text = {NULL, 0};
        uint8_t room[256];
        struct wr w;

        mu_arena_init(&arena, 1 << 16);
        wr_init(&w, room, sizeof(room));
        gms_key_address_write(&w, &conf, &in);
        CU_ASSERT_EQUAL(wr_close(&w, &text), MU_OK);
        CU_ASSERT_EQUAL_FATAL(
            xml_xcap_uri_read(&arena, &usage, 1, text, &uri), MU_OK);
        CU_ASSERT_EQUAL_FATAL(
            gms_key_address_read(&conf, &uri, &arena, &out), MU_OK);
        CU_ASSERT(span_eq(out.member, in.member));
        CU_ASSERT(span_eq(out.group, in.group));
    }
}

/* A group's URI that came unencoded has slashes of its own. */
static void a_key_address_takes_an_unencoded_group(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    const struct gms_watched *w =
        read_one("org.3gpp.MCPTT-GKTP/users/m/sip:a/b@x", &arena);

    CU_ASSERT_EQUAL(w->what, GMS_WATCHED_KEYS);
    CU_ASSERT(span_eq(w->group, span_str("sip:a/b@x")));
}

CU_TestInfo gms_watched_tests[] = {
    {"reads what it is about", reads_what_it_is_about},
    {"strips its own root and nothing else",
        strips_its_own_root_and_nothing_else},
    {"a key address is written and read", a_key_address_is_written_and_read},
    {"a key address takes an unencoded group",
        a_key_address_takes_an_unencoded_group},
    CU_TEST_INFO_NULL,
};
