/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle as its two readers see it: the server and each user. */
#include "kms/issue.h"
#include "tests/rng.h"
#include "tests/suites.h"
#include "xml/kms_wrapped_set.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#define USERS  3
#define PERIOD 1508 /* of 30 days since 1900 */

/* A KMS with three users, the last of them revoked. */
struct world {
    struct test_rng rng;
    struct kms_master master;
    struct kms_facts facts;
    struct kms_users users;
    struct kms_user_keys keys[USERS];
    struct kms_import_key import;
    struct kms_import_public import_public;
    struct kms_issue issue;
};

static const char *const names[USERS] = {
    "sip:a@example.org", "sip:b@example.org", "sip:c@example.org"};

static void must(enum mu_err err)
{
    CU_ASSERT_EQUAL_FATAL(err, MU_OK);
}

static void enrol_all(struct world *w)
{
    MU_CLEANUP(mu_keyring_clear) struct mu_keyring ring = {0};
    struct kms_user *user;

    must(mu_keyring_add(&ring, &w->master.users));
    for (size_t i = 0; i < USERS; i++) {
        struct kms_enrolling who = {
            .uri = span_str(names[i]), .now_s = 5, .rng = &w->rng.rng};

        must(kms_users_enrol(&w->users, &ring, &who, &user, &w->keys[i]));
    }
    must(kms_user_revoke(user, &ring, 6, &w->rng.rng));
}

static void world_init(struct world *w)
{
    memset(w, 0, sizeof(*w));
    test_rng_init(&w->rng, 3);
    must(kms_master_make(&w->rng.rng, &w->master));
    must(kms_master_public(&w->master, &w->facts.keys));
    must(mcptt_id_set(&w->facts.uri, span_str("kms.example.org")));
    w->facts.rule.length_s = 2592000;
    enrol_all(w);
    must(kms_import_key_make(&w->rng.rng, &w->import));
    must(kms_import_key_public(&w->import, &w->import_public));
    w->issue = (struct kms_issue){
        .facts = &w->facts,
        .master = &w->master,
        .rng = &w->rng.rng,
        .header = {.sequence = 1, .created_s = 1700000000},
        .root = span_str("<SignedKmsCertificate/>"),
        .users = &w->users,
        .chosen = w->users.at,
        .chosen_count = 2,
        .first_period = PERIOD,
        .last_period = PERIOD + 1,
        .import = &w->import_public,
    };
}

static void world_clear(struct world *w)
{
    kms_users_clear(&w->users);
}

/* What a user does with a key set of his. */
static void open_set(
    struct world *w, size_t user, const struct kms_bundle_key_set *in)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena = {0};
    struct xml_kms_wrapped_set set;
    struct mcptt_uid_source source = {.identity = in->uri,
        .kms = mcptt_id_span(&w->facts.uri),
        .rule = w->facts.rule,
        .number = in->period};
    const struct mcptt_trk *trk = &w->keys[user].trk;
    struct mikey_sakke_kms *sakke;
    struct mikey_eccsi_kms *eccsi;
    struct mikey_eccsi_pair pair;
    struct xml_fault fault;
    struct mikey_rsk rsk;
    struct mcptt_uid uid;

    mu_arena_init(&arena, 1 << 16);
    must(xml_kms_wrapped_set_read(in->xml, &arena, &fault, &set));
    must(xml_unwrap_rsk(trk, set.rsk.wrapped, &rsk));
    must(xml_unwrap_ssk(trk, set.ssk.wrapped, &pair.ssk));
    must(xml_unwrap_pvt(trk, set.pvt.wrapped, pair.pvt));
    must(mcptt_uid_derive(&source, &uid));
    CU_ASSERT(mcptt_uid_eq(&uid, &set.uid));
    must(mikey_sakke_kms_new(SPAN_OF(w->facts.keys.z), &sakke));
    must(mikey_eccsi_kms_new(SPAN_OF(w->facts.keys.kpak), &eccsi));
    CU_ASSERT_EQUAL(
        mikey_sakke_validate_rsk(sakke, SPAN_OF(uid.b), &rsk), MU_OK);
    CU_ASSERT_EQUAL(mikey_eccsi_validate(eccsi, SPAN_OF(uid.b), &pair), MU_OK);
    mikey_sakke_kms_free(sakke);
    mikey_eccsi_kms_free(eccsi);
    /* His neighbour's TrK opens nothing. */
    CU_ASSERT_EQUAL(
        xml_unwrap_rsk(&w->keys[(user + 1) % USERS].trk, set.rsk.wrapped, &rsk),
        MU_E_CRYPTO);
}

static void check_mac(
    struct world *w, size_t user, const struct kms_bundle_key_set *in)
{
    uint8_t mac[KMS_BUNDLE_HASH_LEN];
    unsigned len = 0;

    CU_ASSERT_PTR_NOT_NULL(HMAC(EVP_sha256(), w->keys[user].ink.b,
        MCPTT_INK_LEN, in->xml.p, in->xml.len, mac, &len));
    CU_ASSERT(span_eq(SPAN_OF(mac), in->mac));
}

static size_t user_of(struct span uri)
{
    for (size_t i = 0; i < USERS; i++)
        if (span_eq(uri, span_str(names[i])))
            return i;
    CU_FAIL_FATAL("no such user");
    return 0;
}

static void each_user_opens_what_is_his(void)
{
    MU_CLEANUP(world_clear) struct world w = {.facts = {.shares = 0}};
    MU_CLEANUP(buf_clear) struct buf out = {0};
    struct kms_bundle_header header;
    struct kms_bundle_item item;
    unsigned sets = 0;
    struct rd items;

    world_init(&w);
    must(kms_issue_write(&w.issue, &out));
    must(kms_bundle_open(
        buf_span(&out), &w.facts.keys.bundle, &header, &items, NULL));
    CU_ASSERT(span_eq(header.kms_uri, span_str("kms.example.org")));
    while (kms_bundle_next(&items, &item)) {
        size_t user;

        if (item.kind != KMS_BUNDLE_KEY_SET)
            continue;
        user = user_of(item.key_set.uri);
        CU_ASSERT(user < 2);
        open_set(&w, user, &item.key_set);
        check_mac(&w, user, &item.key_set);
        sets++;
    }
    CU_ASSERT_EQUAL(rd_err(&items), MU_OK);
    CU_ASSERT_EQUAL(sets, 4); /* two users, two periods */
}

static void the_server_learns_states_and_inks(void)
{
    MU_CLEANUP(world_clear) struct world w = {.facts = {.shares = 0}};
    MU_CLEANUP(buf_clear) struct buf out = {0};
    struct kms_bundle_header header;
    struct kms_bundle_item item;
    unsigned seen = 0;
    struct rd items;

    world_init(&w);
    must(kms_issue_write(&w.issue, &out));
    must(kms_bundle_open(
        buf_span(&out), &w.facts.keys.bundle, &header, &items, NULL));
    while (kms_bundle_next(&items, &item)) {
        struct kms_import_use use = {.kms_uri = header.kms_uri,
            .user_uri = item.user.uri,
            .serial = item.user.serial};
        struct mcptt_ink ink;
        size_t user;

        if (item.kind != KMS_BUNDLE_USER)
            continue;
        user = user_of(item.user.uri);
        CU_ASSERT_EQUAL(item.user.revoked, user == 2);
        CU_ASSERT_EQUAL(item.user.ink.len == 0, item.user.revoked);
        if (!item.user.revoked) {
            must(kms_import_open(&w.import, &use, item.user.ink, &ink));
            CU_ASSERT(mcptt_ink_eq(&ink, &w.keys[user].ink));
        }
        seen++;
    }
    CU_ASSERT_EQUAL(seen, USERS);
}

static bool holds(const struct buf *b, struct span octets)
{
    for (size_t i = 0; i + octets.len <= b->len; i++)
        if (memcmp(b->p + i, octets.p, octets.len) == 0)
            return true;
    return false;
}

/* Neither TrK, InK nor a master secret stands in the file. */
static void no_secret_is_in_clear(void)
{
    MU_CLEANUP(world_clear) struct world w = {.facts = {.shares = 0}};
    MU_CLEANUP(buf_clear) struct buf out = {0};

    world_init(&w);
    must(kms_issue_write(&w.issue, &out));
    for (size_t i = 0; i < USERS; i++) {
        CU_ASSERT_FALSE(holds(&out, SPAN_OF(w.keys[i].trk.b)));
        CU_ASSERT_FALSE(holds(&out, SPAN_OF(w.keys[i].ink.b)));
    }
    CU_ASSERT_FALSE(holds(&out, SPAN_OF(w.master.ksak.b)));
    CU_ASSERT(holds(&out, span_str(names[0])));
}

static void a_revoked_user_gets_no_keys(void)
{
    MU_CLEANUP(world_clear) struct world w = {.facts = {.shares = 0}};
    MU_CLEANUP(buf_clear) struct buf out = {0};

    world_init(&w);
    w.issue.chosen_count = USERS;
    CU_ASSERT_EQUAL(kms_issue_write(&w.issue, &out), MU_E_STATE);
}

static void a_changed_record_stops_the_issue(void)
{
    MU_CLEANUP(world_clear) struct world w = {.facts = {.shares = 0}};
    MU_CLEANUP(buf_clear) struct buf out = {0};

    world_init(&w);
    w.users.at[1]->serial++;
    CU_ASSERT_EQUAL(kms_issue_write(&w.issue, &out), MU_E_CRYPTO);
}

CU_TestInfo kms_issue_tests[] = {
    {"each user opens what is his", each_user_opens_what_is_his},
    {"the server learns states and InKs", the_server_learns_states_and_inks},
    {"no secret is in clear", no_secret_is_in_clear},
    {"a revoked user gets no keys", a_revoked_user_gets_no_keys},
    {"a changed record stops the issue", a_changed_record_stops_the_issue},
    CU_TEST_INFO_NULL,
};
