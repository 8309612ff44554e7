/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/keystore.h"

#include <CUnit/CUnit.h>
#include <string.h>

#include "tests/suites.h"

/*
 * One step of a story, at a time: a message comes, or nothing does; then the
 * key to send with is looked at. Keys are called by a letter, which is their
 * identifier; their octets follow from it.
 */
struct step {
    uint64_t now_s;
    char key; /* of the message; 0: none comes */
    bool revoked;
    uint64_t from_s, until_s; /* 0: never */
    uint64_t message_ms;
    char sends; /* what is current then; 0: nothing */
};

struct story {
    const char *name;
    struct step steps[8];
};

static const struct story stories[] = {
    {"the first key",
        {{100, 'A', .from_s = 100, .message_ms = 100000, .sends = 'A'}}},
    {"a key waits for its activation",
        {{100, 'A', .from_s = 110, .message_ms = 100000}, {109, .sends = 0},
            {110, .sends = 'A'}}},
    {"the newer one takes over by itself",
        {{100, 'A', .from_s = 100, .message_ms = 100000, .sends = 'A'},
            {120, 'B', .from_s = 130, .message_ms = 120000, .sends = 'A'},
            {129, .sends = 'A'}, {130, .sends = 'B'}}},
    {"an older key that comes late does not",
        {{100, 'B', .from_s = 100, .message_ms = 100000, .sends = 'B'},
            {110, 'A', .from_s = 50, .message_ms = 110000, .sends = 'B'}}},
    {"of one second, the one signed later",
        {{100, 'B', .from_s = 100, .message_ms = 100500, .sends = 'B'},
            {100, 'A', .from_s = 100, .message_ms = 100400, .sends = 'B'},
            {100, 'C', .from_s = 100, .message_ms = 100600, .sends = 'C'}}},
    {"a key ends", {{100, 'A', .from_s = 100, .until_s = 200,
                        .message_ms = 100000, .sends = 'A'},
                       {199, .sends = 'A'}, {200, .sends = 0}}},
    {"and its predecessor does not come back",
        {{100, 'A', .from_s = 100, .message_ms = 100000, .sends = 'A'},
            {150, 'B', .from_s = 150, .until_s = 200, .message_ms = 150000,
                .sends = 'B'},
            {200, .sends = 0}}},
    {"nor when its successor is revoked",
        {{100, 'A', .from_s = 100, .message_ms = 100000, .sends = 'A'},
            {150, 'B', .from_s = 150, .message_ms = 150000, .sends = 'B'},
            {160, 'B', true, .from_s = 150, .message_ms = 160000},
            {170, 'A', .from_s = 170, .message_ms = 170000}}},
    {"even if nobody looked while both were in force",
        {{100, 'A', .from_s = 110, .message_ms = 100000},
            {100, 'B', .from_s = 120, .until_s = 130, .message_ms = 100001},
            {140, .sends = 0}}},
    {"a revoked key is gone at once",
        {{100, 'A', .from_s = 100, .message_ms = 100000, .sends = 'A'},
            {110, 'A', true, .from_s = 100, .message_ms = 110000}}},
    {"and no later message brings it back",
        {{100, 'A', .from_s = 100, .message_ms = 100000, .sends = 'A'},
            {110, 'A', true, .from_s = 100, .message_ms = 110000},
            {120, 'A', .from_s = 120, .message_ms = 120000}}},
    {"a revocation may come before its key",
        {{100, 'A', true, .from_s = 100, .message_ms = 100000},
            {110, 'A', .from_s = 100, .message_ms = 90000},
            {120, 'B', .from_s = 120, .message_ms = 120000, .sends = 'B'}}},
    {"one that is to come can be put off",
        {{100, 'A', .from_s = 110, .message_ms = 100000},
            {105, 'A', .from_s = 150, .message_ms = 105000}, {110, .sends = 0},
            {150, .sends = 'A'}}},
    {"not by an older message",
        {{100, 'A', .from_s = 110, .message_ms = 100000},
            {105, 'A', .from_s = 150, .message_ms = 99999},
            {110, .sends = 'A'}}},
    {"nor when it is in force",
        {{100, 'A', .from_s = 100, .message_ms = 100000, .sends = 'A'},
            {105, 'A', .from_s = 150, .message_ms = 105000, .sends = 'A'}}},
    {"but its end can come nearer",
        {{100, 'A', .from_s = 100, .message_ms = 100000, .sends = 'A'},
            {105, 'A', .from_s = 100, .until_s = 120, .message_ms = 105000,
                .sends = 'A'},
            {120, .sends = 0}}},
};

static struct ue_key key_of(char name)
{
    struct ue_key key = {.until_s = UINT64_MAX, .remember_s = UINT64_MAX};

    key.gmk_id.v = (uint32_t)name;
    key.guk_id.v = 0x1000U + (uint32_t)name;
    memset(key.gmk.b, name, sizeof(key.gmk.b));
    return key;
}

static enum mu_err take(struct ue_keystore *store, const struct step *step)
{
    struct ue_key key = key_of(step->key);
    enum ue_news news;

    key.from_s = step->from_s;
    if (step->until_s != 0)
        key.until_s = step->until_s;
    key.message_ms = step->message_ms;
    return ue_keystore_take(store, &key, step->revoked, step->now_s, &news);
}

static bool tell(const struct story *story)
{
    MU_CLEANUP(ue_keystore_clear) struct ue_keystore store = {.len = 0};

    for (const struct step *s = story->steps; s->now_s != 0; s++) {
        const struct ue_key *key;

        if (s->key != 0 && take(&store, s) != MU_OK)
            return false;
        key = ue_keystore_sending(&store, s->now_s);
        if ((key == NULL ? 0 : key->gmk_id.v) != (uint32_t)s->sends)
            return false;
    }
    return true;
}

static void sends_with_the_last_that_was_activated(void)
{
    for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
        bool good = tell(&stories[i]);

        if (!good)
            CU_FAIL(stories[i].name);
        CU_ASSERT(good);
    }
}

static void receives_with_all_that_have_not_ended(void)
{
    MU_CLEANUP(ue_keystore_clear) struct ue_keystore store = {.len = 0};
    struct step a = {100, 'A', false, 100, 200, 100000, 0};
    struct step b = {100, 'B', false, 150, 0, 100000, 0};
    struct step gone = {160, 'B', true, 150, 0, 160000, 0};
    const struct mcptt_key_id id_a = {'A'}, id_b = {'B'}, id_c = {'C'};

    CU_ASSERT_EQUAL(take(&store, &a), MU_OK);
    CU_ASSERT_EQUAL(take(&store, &b), MU_OK);
    CU_ASSERT_PTR_NOT_NULL(ue_keystore_receiving(&store, id_a, 199));
    CU_ASSERT_PTR_NULL(ue_keystore_receiving(&store, id_a, 200));
    /* Not in force yet: another's clock may be ahead. */
    CU_ASSERT_PTR_NOT_NULL(ue_keystore_receiving(&store, id_b, 100));
    CU_ASSERT_PTR_NULL(ue_keystore_receiving(&store, id_c, 100));
    (void)ue_keystore_sending(&store, 150);
    CU_ASSERT_EQUAL(store.keys[0].state, UE_KEY_SUPERSEDED);
    CU_ASSERT_PTR_NOT_NULL(ue_keystore_receiving(&store, id_a, 160));
    CU_ASSERT_EQUAL(take(&store, &gone), MU_OK);
    CU_ASSERT_PTR_NULL(ue_keystore_receiving(&store, id_b, 160));
}

static void a_revoked_key_is_wiped(void)
{
    MU_CLEANUP(ue_keystore_clear) struct ue_keystore store = {.len = 0};
    struct step a = {100, 'A', false, 100, 0, 100000, 0};
    struct step gone = {110, 'A', true, 100, 0, 110000, 0};
    const struct mcptt_gmk zero = {{0}};

    CU_ASSERT_EQUAL(take(&store, &a), MU_OK);
    CU_ASSERT_FALSE(mcptt_gmk_eq(&store.keys[0].gmk, &zero));
    CU_ASSERT_EQUAL(take(&store, &gone), MU_OK);
    CU_ASSERT(mcptt_gmk_eq(&store.keys[0].gmk, &zero));
}

static void says_what_is_new(void)
{
    MU_CLEANUP(ue_keystore_clear) struct ue_keystore store = {.len = 0};
    struct ue_key key = key_of('A');
    enum ue_news news = UE_NEWS_NONE;

    key.from_s = 110;
    CU_ASSERT_EQUAL(ue_keystore_take(&store, &key, false, 100, &news), MU_OK);
    CU_ASSERT_EQUAL(news, UE_NEWS_KEY);
    CU_ASSERT_EQUAL(ue_keystore_take(&store, &key, false, 100, &news), MU_OK);
    CU_ASSERT_EQUAL(news, UE_NEWS_NONE);
    key.from_s = 120;
    CU_ASSERT_EQUAL(ue_keystore_take(&store, &key, false, 100, &news), MU_OK);
    CU_ASSERT_EQUAL(news, UE_NEWS_TIMES);
    CU_ASSERT_EQUAL(ue_keystore_take(&store, &key, true, 100, &news), MU_OK);
    CU_ASSERT_EQUAL(news, UE_NEWS_REVOKED);
    CU_ASSERT_EQUAL(ue_keystore_take(&store, &key, true, 100, &news), MU_OK);
    CU_ASSERT_EQUAL(news, UE_NEWS_NONE);
}

static void another_key_under_an_identifier_is_refused(void)
{
    MU_CLEANUP(ue_keystore_clear) struct ue_keystore store = {.len = 0};
    struct ue_key key = key_of('A');
    enum ue_news news = UE_NEWS_NONE;

    CU_ASSERT_EQUAL(ue_keystore_take(&store, &key, false, 100, &news), MU_OK);
    key.gmk.b[7] ^= 1;
    CU_ASSERT_EQUAL(
        ue_keystore_take(&store, &key, false, 101, &news), MU_E_DENIED);
    CU_ASSERT_EQUAL(
        ue_keystore_take(&store, &key, true, 101, &news), MU_E_DENIED);
    CU_ASSERT_EQUAL(store.len, 1);
    CU_ASSERT_EQUAL(store.keys[0].state, UE_KEY_COMING);
}

/* Forgotten are those alone whose messages cannot come again. */
static void makes_room_by_forgetting_what_is_over(void)
{
    MU_CLEANUP(ue_keystore_clear) struct ue_keystore store = {.len = 0};
    struct ue_key key = key_of('A');
    enum ue_news news = UE_NEWS_NONE;

    for (uint32_t i = 0; i < UE_KEYS_MAX; i++) {
        key.gmk_id.v = i;
        key.until_s = 200;
        key.remember_s = i == 5 ? 300 : 400;
        CU_ASSERT_EQUAL(
            ue_keystore_take(&store, &key, false, 100, &news), MU_OK);
    }
    key.gmk_id.v = 1000;
    CU_ASSERT_EQUAL(
        ue_keystore_take(&store, &key, false, 299, &news), MU_E_NO_SPACE);
    CU_ASSERT_EQUAL(store.len, UE_KEYS_MAX);
    CU_ASSERT_EQUAL(ue_keystore_take(&store, &key, false, 300, &news), MU_OK);
    CU_ASSERT_EQUAL(store.len, UE_KEYS_MAX);
    CU_ASSERT_EQUAL(store.keys[5].gmk_id.v, 6);
}

static void knows_when_to_look_again(void)
{
    MU_CLEANUP(ue_keystore_clear) struct ue_keystore store = {.len = 0};
    struct step a = {100, 'A', false, 100, 300, 100000, 0};
    struct step b = {100, 'B', false, 150, 0, 100000, 0};

    CU_ASSERT_EQUAL(ue_keystore_next_s(&store, 100), UINT64_MAX);
    CU_ASSERT_EQUAL(take(&store, &a), MU_OK);
    (void)ue_keystore_sending(&store, 100);
    CU_ASSERT_EQUAL(ue_keystore_next_s(&store, 100), 300);
    CU_ASSERT_EQUAL(take(&store, &b), MU_OK);
    CU_ASSERT_EQUAL(ue_keystore_next_s(&store, 100), 150);
    (void)ue_keystore_sending(&store, 150);
    CU_ASSERT_EQUAL(ue_keystore_next_s(&store, 150), UINT64_MAX);
}

static void what_has_ended_is_called_so(void)
{
    struct ue_key key = {.until_s = 100, .state = UE_KEY_CURRENT};

    CU_ASSERT_STRING_EQUAL(ue_key_word(&key, 99), "current");
    CU_ASSERT_STRING_EQUAL(ue_key_word(&key, 100), "ended");
    key.from_s = 50;
    CU_ASSERT_STRING_EQUAL(ue_key_word(&key, 49), "coming");
    CU_ASSERT_STRING_EQUAL(ue_key_word(&key, 50), "current");
    key.state = UE_KEY_REVOKED;
    CU_ASSERT_STRING_EQUAL(ue_key_word(&key, 100), "revoked");
}

static void what_is_revoked_or_known_is_found(void)
{
    static struct ue_keystore store; /* too large for a stack */
    struct ue_key key = {
        .gmk_id = {1}, .guk_id = {2}, .from_s = 10, .until_s = 100};
    enum ue_news news = UE_NEWS_NONE;

    store = (struct ue_keystore){.len = 0};
    CU_ASSERT_FALSE(ue_keystore_knows(&store, key.guk_id));
    CU_ASSERT_EQUAL(ue_keystore_take(&store, &key, false, 20, &news), MU_OK);
    CU_ASSERT(ue_keystore_knows(&store, key.guk_id));
    CU_ASSERT_FALSE(ue_keystore_knows(&store, key.gmk_id));
    CU_ASSERT_FALSE(ue_keystore_is_revoked(&store, key.gmk_id));
    CU_ASSERT_EQUAL(ue_keystore_take(&store, &key, true, 20, &news), MU_OK);
    CU_ASSERT(ue_keystore_is_revoked(&store, key.gmk_id));
    CU_ASSERT(ue_keystore_knows(&store, key.guk_id));
}

CU_TestInfo ue_keystore_tests[] = {
    {"what has ended is called so", what_has_ended_is_called_so},
    {"what is revoked or known is found", what_is_revoked_or_known_is_found},
    {"sends with the last that was activated",
        sends_with_the_last_that_was_activated},
    {"receives with all that have not ended",
        receives_with_all_that_have_not_ended},
    {"a revoked key is wiped", a_revoked_key_is_wiped},
    {"says what is new", says_what_is_new},
    {"another key under an identifier is refused",
        another_key_under_an_identifier_is_refused},
    {"makes room by forgetting what is over",
        makes_room_by_forgetting_what_is_over},
    {"knows when to look again", knows_when_to_look_again},
    CU_TEST_INFO_NULL,
};
