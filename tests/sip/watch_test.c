/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/watch.h"

#include <stdio.h>
#include <string.h>

#include "tests/suites.h"

#define INTERVAL UINT64_C(5000)
#define DOC      "a/global/byGroupID/sip%3Ai%40g.org"
#define KEYS     "k/users/sip:m@g.org/sip%3Ai%40g.org"
#define ALL      "a/global/byGroupID/"

static void drop(struct sip_watch **watch)
{
    sip_watch_free(*watch);
}

static struct sip_watch *watching(void)
{
    struct sip_watch *w = NULL;

    CU_ASSERT_EQUAL_FATAL(sip_watch_new(INTERVAL, &w), MU_OK);
    CU_ASSERT_EQUAL(sip_watch_add(w, span_str(DOC), SIP_WATCH_DOCUMENT), MU_OK);
    CU_ASSERT_EQUAL(
        sip_watch_add(w, span_str(KEYS), SIP_WATCH_DOCUMENT), MU_OK);
    sip_watch_full(w);
    return w;
}

static void see(struct sip_watch *w, const char *sel, const char *tag)
{
    const struct sip_watch_sight sight = {
        .tag = span_str(tag), .is_key = strcmp(sel, KEYS) == 0};

    CU_ASSERT_EQUAL(sip_watch_see(w, span_str(sel), &sight), MU_OK);
}

/* Sends what is due at now, checks it against "sel previous now" triples, ended
 * by NULL, and answers. */
static void sends(
    struct sip_watch *w, uint64_t now_ms, bool ok, const char *const want[][3])
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct mu_arena_list list = {0};
    const struct sip_watch_change *c;
    uint64_t at_ms = UINT64_MAX;
    size_t n = 0;

    mu_arena_init(&arena, 1 << 20);
    CU_ASSERT_FATAL(sip_watch_due(w, &at_ms));
    CU_ASSERT(at_ms <= now_ms);
    CU_ASSERT_EQUAL_FATAL(
        sip_watch_take(w, now_ms, SIZE_MAX, &arena, &list), MU_OK);
    c = list.at;
    for (; want[n][0] != NULL; n++) {
        CU_ASSERT_FATAL(n < list.len);
        CU_ASSERT(span_eq(c[n].sel, span_str(want[n][0])));
        CU_ASSERT(span_eq(c[n].previous, span_str(want[n][1])));
        CU_ASSERT(span_eq(c[n].now, span_str(want[n][2])));
    }
    CU_ASSERT_EQUAL(list.len, n);
    sip_watch_answered(w, ok);
}

static bool is_quiet(const struct sip_watch *w)
{
    uint64_t at_ms;

    return !sip_watch_due(w, &at_ms);
}

static void tells_what_is_there_first(void)
{
    MU_CLEANUP(drop) struct sip_watch *w = watching();

    see(w, DOC, "g1");
    sends(w, 0, true, (const char *const[][3]){{DOC, "", "g1"}, {NULL}});
    CU_ASSERT(is_quiet(w));
}

static void tells_nothing_of_what_is_not_to_be_seen(void)
{
    MU_CLEANUP(drop) struct sip_watch *w = watching();

    sends(w, 0, true, (const char *const[][3]){{NULL}});
    CU_ASSERT(is_quiet(w));
    see(w, KEYS, "k1");
    sends(w, 1, true, (const char *const[][3]){{KEYS, "", "k1"}, {NULL}});
}

static void tells_changed_and_gone(void)
{
    MU_CLEANUP(drop) struct sip_watch *w = watching();

    see(w, DOC, "g1");
    sends(w, 0, true, (const char *const[][3]){{DOC, "", "g1"}, {NULL}});
    see(w, DOC, "g2");
    sends(
        w, INTERVAL, true, (const char *const[][3]){{DOC, "g1", "g2"}, {NULL}});
    see(w, DOC, "");
    sends(w, 2 * INTERVAL, true,
        (const char *const[][3]){{DOC, "g2", ""}, {NULL}});
    CU_ASSERT(is_quiet(w));
}

static void a_change_and_back_is_no_change(void)
{
    MU_CLEANUP(drop) struct sip_watch *w = watching();

    see(w, DOC, "g1");
    sends(w, 0, true, (const char *const[][3]){{DOC, "", "g1"}, {NULL}});
    see(w, DOC, "g2");
    see(w, DOC, "g1");
    CU_ASSERT(is_quiet(w));
}

/* SN-04: forty edits in five seconds are two notifications, the oldest
 * previous tag with the newest new one. */
static void edits_coalesce_in_the_interval(void)
{
    MU_CLEANUP(drop) struct sip_watch *w = watching();
    char tag[3] = "g0";
    uint64_t at_ms;

    see(w, DOC, "g0");
    sends(w, 1000, true, (const char *const[][3]){{DOC, "", "g0"}, {NULL}});
    for (int i = 0; i < 40; i++) {
        tag[1] = (char)('A' + i);
        see(w, DOC, tag);
        CU_ASSERT(sip_watch_due(w, &at_ms));
        CU_ASSERT_EQUAL(at_ms, 1000 + INTERVAL);
    }
    sends(w, 1000 + INTERVAL, true,
        (const char *const[][3]){{DOC, "g0", tag}, {NULL}});
}

static void a_key_does_not_wait(void)
{
    MU_CLEANUP(drop) struct sip_watch *w = watching();
    uint64_t at_ms;

    sends(w, 1000, true, (const char *const[][3]){{NULL}});
    see(w, DOC, "g1");
    CU_ASSERT(sip_watch_due(w, &at_ms));
    CU_ASSERT_EQUAL(at_ms, 1000 + INTERVAL);
    see(w, KEYS, "k1");
    sends(w, 1001, true,
        (const char *const[][3]){{DOC, "", "g1"}, {KEYS, "", "k1"}, {NULL}});
}

static void one_notification_is_on_its_way(void)
{
    MU_CLEANUP(drop) struct sip_watch *w = watching();
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct mu_arena_list list = {0};

    mu_arena_init(&arena, 1 << 16);
    see(w, KEYS, "k1");
    CU_ASSERT_EQUAL(sip_watch_take(w, 0, SIZE_MAX, &arena, &list), MU_OK);
    see(w, KEYS, "k2");
    CU_ASSERT(is_quiet(w));
    CU_ASSERT_EQUAL(sip_watch_take(w, 1, SIZE_MAX, &arena, &list), MU_E_STATE);
    sip_watch_answered(w, true);
    sends(w, 2, true, (const char *const[][3]){{KEYS, "k1", "k2"}, {NULL}});
}

static void what_was_not_confirmed_was_not_told(void)
{
    MU_CLEANUP(drop) struct sip_watch *w = watching();

    see(w, DOC, "g1");
    sends(w, 0, false, (const char *const[][3]){{DOC, "", "g1"}, {NULL}});
    sends(w, 0, true, (const char *const[][3]){{DOC, "", "g1"}, {NULL}});
    CU_ASSERT(is_quiet(w));
}

/* Sees a document with a body, and says whether what is told then says that the
 * body is the same. */
static bool is_same_body(struct sip_watch *w, const char *tag, uint8_t body)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct mu_arena_list list = {0};
    const struct sip_watch_change *c;
    const uint8_t digest[SIP_WATCH_BODY] = {body};
    const struct sip_watch_sight sight = {
        .tag = span_str(tag), .body = {digest, body == 0 ? 0 : sizeof(digest)}};

    mu_arena_init(&arena, 1 << 20);
    CU_ASSERT_EQUAL(sip_watch_see(w, span_str(DOC), &sight), MU_OK);
    CU_ASSERT_EQUAL_FATAL(sip_watch_take(w, 0, SIZE_MAX, &arena, &list), MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    sip_watch_answered(w, true);
    c = list.at;
    return c->same_body;
}

/* SN-02: also over a restart. */
static void says_when_the_tag_alone_is_another(void)
{
    MU_CLEANUP(drop) struct sip_watch *w = watching();
    MU_CLEANUP(drop) struct sip_watch *again = NULL;
    MU_CLEANUP(buf_clear) struct buf kept = {0};

    CU_ASSERT_FALSE(is_same_body(w, "g1", 1));
    CU_ASSERT_TRUE(is_same_body(w, "g2", 1));
    CU_ASSERT_FALSE(is_same_body(w, "g3", 2));
    CU_ASSERT_FALSE(is_same_body(w, "", 2));
    CU_ASSERT_FALSE(is_same_body(w, "g4", 2));
    sip_watch_write(w, &kept);
    CU_ASSERT_EQUAL_FATAL(
        sip_watch_read(buf_span(&kept), INTERVAL, &again), MU_OK);
    CU_ASSERT_TRUE(is_same_body(again, "g5", 2));
    CU_ASSERT_FALSE(is_same_body(again, "g6", 0)); /* unknown */
    CU_ASSERT_FALSE(is_same_body(again, "g7", 0));
}

/* What releases before this one wrote. */
static void reads_old_versions(void)
{
    static const uint8_t first[] = {
        1, 0, 1, SIP_WATCH_DOCUMENT, 0, 0, 3, 'a', '/', 'b', 2, 'g', '1'};
    static const uint8_t second[] = {
        2, 0, 1, SIP_WATCH_DOCUMENT, 0, 0, 3, 'a', '/', 'b', 2, 'g', '1', 0};
    const struct span old[] = {SPAN_OF(first), SPAN_OF(second)};

    for (size_t i = 0; i < 2; i++) {
        MU_CLEANUP(drop) struct sip_watch *w = NULL;
        enum sip_watch_kind kind;
        struct span sel;

        CU_ASSERT_EQUAL_FATAL(sip_watch_read(old[i], INTERVAL, &w), MU_OK);
        CU_ASSERT_TRUE(sip_watch_entry(w, 0, &sel, &kind));
        CU_ASSERT(span_eq(sel, span_str("a/b")));
        see(w, "a/b", "g2");
        sends(
            w, 0, true, (const char *const[][3]){{"a/b", "g1", "g2"}, {NULL}});
    }
}

/* He waits for one, although it may say nothing (RFC 6665 clause 4.1.2.4). */
static void the_one_after_a_subscribe_is_not_forgotten(void)
{
    MU_CLEANUP(drop) struct sip_watch *w = NULL, *again = NULL;
    MU_CLEANUP(buf_clear) struct buf kept = {0};

    CU_ASSERT_EQUAL_FATAL(sip_watch_new(INTERVAL, &w), MU_OK);
    sip_watch_full(w);
    for (unsigned i = 0; i < 2; i++) { /* before it goes out, and after */
        buf_clear(&kept);
        sip_watch_write(w, &kept);
        CU_ASSERT_EQUAL_FATAL(
            sip_watch_read(buf_span(&kept), INTERVAL, &again), MU_OK);
        sends(w, 0, i > 0, (const char *const[][3]){{NULL}});
        sends(again, 0, true, (const char *const[][3]){{NULL}});
        drop(&again);
        again = NULL;
    }
    buf_clear(&kept);
    sip_watch_write(w, &kept);
    CU_ASSERT_EQUAL_FATAL(
        sip_watch_read(buf_span(&kept), INTERVAL, &again), MU_OK);
    CU_ASSERT_FALSE(sip_watch_due(again, &(uint64_t){0}));
}

/* SN-07. */
static void a_collection_shows_what_comes_and_goes(void)
{
    MU_CLEANUP(drop) struct sip_watch *w = NULL;

    CU_ASSERT_EQUAL_FATAL(sip_watch_new(INTERVAL, &w), MU_OK);
    CU_ASSERT_EQUAL(
        sip_watch_add(w, span_str(ALL), SIP_WATCH_COLLECTION), MU_OK);
    sip_watch_full(w);
    CU_ASSERT_EQUAL(sip_watch_see(w, span_str("b/other"),
                        &(struct sip_watch_sight){.tag = span_str("x")}),
        MU_E_NOT_FOUND);
    see(w, ALL "one", "g1");
    sends(w, 0, true, (const char *const[][3]){{ALL "one", "", "g1"}, {NULL}});
    see(w, ALL "two", "g2");
    see(w, ALL "one", "");
    sends(w, INTERVAL, true,
        (const char *const[][3]){
            {ALL "one", "g1", ""}, {ALL "two", "", "g2"}, {NULL}});
    CU_ASSERT(is_quiet(w));
}

/* A subscriber who may see one group of many: the others take no room. */
static void a_collection_keeps_nothing_of_what_it_does_not_show(void)
{
    MU_CLEANUP(buf_clear) struct buf kept = {0};
    MU_CLEANUP(drop) struct sip_watch *w = NULL;
    char sel[64];

    CU_ASSERT_EQUAL_FATAL(sip_watch_new(INTERVAL, &w), MU_OK);
    CU_ASSERT_EQUAL(
        sip_watch_add(w, span_str(ALL), SIP_WATCH_COLLECTION), MU_OK);
    sip_watch_full(w);
    for (unsigned i = 0; i <= SIP_WATCH_THINGS_MAX; i++) {
        (void)snprintf(sel, sizeof(sel), ALL "%u", i);
        see(w, sel, "");
    }
    see(w, ALL "one", "g1");
    sends(w, 0, true, (const char *const[][3]){{ALL "one", "", "g1"}, {NULL}});
    sip_watch_write(w, &kept);
    CU_ASSERT(kept.len < 200);
}

/* However much it showed, another list has room. */
static void a_full_collection_gives_way_to_another_list(void)
{
    MU_CLEANUP(drop) struct sip_watch *w = NULL;
    char sel[64];

    CU_ASSERT_EQUAL_FATAL(sip_watch_new(INTERVAL, &w), MU_OK);
    CU_ASSERT_EQUAL(
        sip_watch_add(w, span_str(ALL), SIP_WATCH_COLLECTION), MU_OK);
    sip_watch_full(w);
    for (unsigned i = 1; i < SIP_WATCH_THINGS_MAX; i++) {
        (void)snprintf(sel, sizeof(sel), ALL "%u", i);
        see(w, sel, "g1");
    }
    sip_watch_restart(w);
    CU_ASSERT_EQUAL(
        sip_watch_add(w, span_str(KEYS), SIP_WATCH_DOCUMENT), MU_OK);
    CU_ASSERT_EQUAL(sip_watch_add(w, span_str(DOC), SIP_WATCH_DOCUMENT), MU_OK);
    sip_watch_full(w);
    see(w, DOC, "g2");
    sends(w, 0, true, (const char *const[][3]){{DOC, "", "g2"}, {NULL}});
}

/* What has no room in a NOTIFY goes with the next one, and that at once. */
static void what_has_no_room_goes_next(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    MU_CLEANUP(drop) struct sip_watch *w = watching();
    struct mu_arena_list list = {0};
    const struct sip_watch_change *c;
    uint64_t at_ms = UINT64_MAX;

    mu_arena_init(&arena, 1 << 20);
    see(w, DOC, "g1");
    see(w, KEYS, "k1");
    CU_ASSERT_EQUAL_FATAL(
        sip_watch_take(w, 7, SIP_WATCH_COST(sizeof(KEYS)), &arena, &list),
        MU_OK);
    c = list.at;
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    CU_ASSERT(span_eq(c->sel, span_str(KEYS)));
    see(w, DOC, "g2");
    sip_watch_answered(w, true);
    CU_ASSERT(sip_watch_due(w, &at_ms));
    CU_ASSERT_EQUAL(at_ms, 0);
    /* The one that is first goes, however little room there is. */
    list = (struct mu_arena_list){0};
    CU_ASSERT_EQUAL_FATAL(sip_watch_take(w, 8, 0, &arena, &list), MU_OK);
    c = list.at;
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    CU_ASSERT(span_eq(c->sel, span_str(DOC)));
    CU_ASSERT(span_eq(c->now, span_str("g2")));
    CU_ASSERT_EQUAL(c->previous.len, 0);
    sip_watch_answered(w, true);
    CU_ASSERT(!sip_watch_due(w, &at_ms));
}

static void another_list_is_told_anew(void)
{
    MU_CLEANUP(drop) struct sip_watch *w = watching();

    see(w, DOC, "g1");
    see(w, KEYS, "k1");
    sends(w, 0, true,
        (const char *const[][3]){{DOC, "", "g1"}, {KEYS, "", "k1"}, {NULL}});
    sip_watch_restart(w);
    CU_ASSERT_EQUAL(
        sip_watch_add(w, span_str(KEYS), SIP_WATCH_DOCUMENT), MU_OK);
    sip_watch_full(w);
    CU_ASSERT_EQUAL(sip_watch_see(w, span_str(DOC),
                        &(struct sip_watch_sight){.tag = span_str("g2")}),
        MU_E_NOT_FOUND);
    sends(w, 1, true, (const char *const[][3]){{KEYS, "", "k1"}, {NULL}});
}

/* The answer to a notification under the old list says nothing of the new. */
static void a_new_list_outlives_an_answer_under_way(void)
{
    MU_CLEANUP(drop) struct sip_watch *w = watching();
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct mu_arena_list list = {0};

    mu_arena_init(&arena, 1 << 16);
    see(w, KEYS, "k1");
    CU_ASSERT_EQUAL(sip_watch_take(w, 0, SIZE_MAX, &arena, &list), MU_OK);
    sip_watch_restart(w);
    CU_ASSERT_EQUAL(
        sip_watch_add(w, span_str(KEYS), SIP_WATCH_DOCUMENT), MU_OK);
    sip_watch_full(w);
    sip_watch_answered(w, true);
    sends(w, 1, true, (const char *const[][3]){{KEYS, "", "k1"}, {NULL}});
}

/* After kill -9: what changed in the meantime is told, with the tag that the
 * subscriber knows. */
static void nothing_is_lost_in_a_restart(void)
{
    MU_CLEANUP(drop) struct sip_watch *w = watching();
    MU_CLEANUP(drop) struct sip_watch *again = NULL;
    MU_CLEANUP(buf_clear) struct buf kept = {0};

    see(w, DOC, "g1");
    sends(w, 0, true, (const char *const[][3]){{DOC, "", "g1"}, {NULL}});
    see(w, DOC, "g2");
    sip_watch_write(w, &kept);
    CU_ASSERT_EQUAL_FATAL(kept.err, MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        sip_watch_read(buf_span(&kept), INTERVAL, &again), MU_OK);
    see(again, DOC, "g3");
    see(again, KEYS, "k1");
    sends(again, 0, true,
        (const char *const[][3]){{DOC, "g1", "g3"}, {KEYS, "", "k1"}, {NULL}});
}

static void refuses_every_truncation(void)
{
    MU_CLEANUP(drop) struct sip_watch *w = watching();
    MU_CLEANUP(buf_clear) struct buf kept = {0};
    struct sip_watch *again = NULL;

    see(w, DOC, "g1");
    sends(w, 0, true, (const char *const[][3]){{DOC, "", "g1"}, {NULL}});
    sip_watch_write(w, &kept);
    for (size_t len = 0; len < kept.len; len++)
        CU_ASSERT_EQUAL(
            sip_watch_read((struct span){kept.p, len}, INTERVAL, &again),
            MU_E_MALFORMED);
    kept.p[0] = 4;
    CU_ASSERT_EQUAL(
        sip_watch_read(buf_span(&kept), INTERVAL, &again), MU_E_UNSUPPORTED);
    kept.p[0] = 0;
    CU_ASSERT_EQUAL(
        sip_watch_read(buf_span(&kept), INTERVAL, &again), MU_E_UNSUPPORTED);
    kept.p[0] = 3;
    kept.p[1] = 2; /* full, or not */
    CU_ASSERT_EQUAL(
        sip_watch_read(buf_span(&kept), INTERVAL, &again), MU_E_MALFORMED);
    kept.p[1] = 0;
    kept.p[4] = 3; /* a kind that is none */
    CU_ASSERT_EQUAL(
        sip_watch_read(buf_span(&kept), INTERVAL, &again), MU_E_MALFORMED);
    CU_ASSERT_PTR_NULL(again);
}

static void has_an_end(void)
{
    MU_CLEANUP(drop) struct sip_watch *w = watching();
    static const uint8_t large[SIP_WATCH_SEL_MAX + 1] = {'a'};

    CU_ASSERT_EQUAL(
        sip_watch_add(w, SPAN_OF(large), SIP_WATCH_DOCUMENT), MU_E_NO_SPACE);
    CU_ASSERT_EQUAL(
        sip_watch_add(w, span_str(""), SIP_WATCH_DOCUMENT), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(
        sip_watch_see(w, span_str(DOC),
            &(struct sip_watch_sight){.tag = {large, SIP_WATCH_TAG_MAX + 1}}),
        MU_E_NO_SPACE);
}

CU_TestInfo sip_watch_tests[] = {
    {"tells what is there first", tells_what_is_there_first},
    {"tells nothing of what is not to be seen",
        tells_nothing_of_what_is_not_to_be_seen},
    {"tells changed and gone", tells_changed_and_gone},
    {"a change and back is no change", a_change_and_back_is_no_change},
    {"edits coalesce in the interval", edits_coalesce_in_the_interval},
    {"a key does not wait", a_key_does_not_wait},
    {"one notification is on its way", one_notification_is_on_its_way},
    {"what was not confirmed was not told",
        what_was_not_confirmed_was_not_told},
    {"says when the tag alone is another", says_when_the_tag_alone_is_another},
    {"reads old versions", reads_old_versions},
    {"the one after a SUBSCRIBE is not forgotten",
        the_one_after_a_subscribe_is_not_forgotten},
    {"a collection shows what comes and goes",
        a_collection_shows_what_comes_and_goes},
    {"a collection keeps nothing of what it does not show",
        a_collection_keeps_nothing_of_what_it_does_not_show},
    {"a full collection gives way to another list",
        a_full_collection_gives_way_to_another_list},
    {"what has no room goes next", what_has_no_room_goes_next},
    {"another list is told anew", another_list_is_told_anew},
    {"a new list outlives an answer under way",
        a_new_list_outlives_an_answer_under_way},
    {"nothing is lost in a restart", nothing_is_lost_in_a_restart},
    {"refuses every truncation", refuses_every_truncation},
    {"has an end", has_an_end},
    CU_TEST_INFO_NULL,
};
