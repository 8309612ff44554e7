/* SPDX-License-Identifier: Apache-2.0 */
/* SUBSCRIBE: who, what, for how long, and what is refused. */
#include <stdio.h>
#include <string.h>

#include "tests/gms/subs_world.h"
#include "tests/suites.h"
#include "xml/mcptt_info.h"
#include "xml/mcptt_token.h"
#include "xml/resource_lists.h"

#define LISTS(what)                                                            \
    "<resource-lists "                                                         \
    "xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list>" what              \
    "</list></resource-lists>"

static unsigned status_of(struct subs_world *w, const struct sw_want *want)
{
    struct sw_device device;

    sw_device(&device, 1);
    return sw_subscribe(w, &device, want)->status;
}

static void each_fault_has_its_status(void)
{
    static const struct {
        struct sw_want want;
        unsigned status;
    } rows[] = {
        {{.who = "a", .event = "presence"}, 489},
        {{.who = "a", .accept = {"text/plain"}}, 406},
        {{.who = "a", .accept = {"text/plain", "application/*"}}, 200},
        {{.list = LISTS("<entry uri=\"a/b\"/>")}, 403}, /* nobody */
        {{.token = "no.token.atall"}, 403},
        {{.asserted = "sip:other@example.org"}, 403}, /* has no role */
        {{.asserted = SW_SERVER}, 200},
        {{.who = "a", .has_expires = true, .expires_s = 59}, 423},
        {{.who = "a", .has_expires = true, .expires_s = 60}, 200},
        {{.who = "a", .list = "<resource-lists/>"}, 400},
        {{.who = "a", .list = LISTS("<list/>")}, 400},
        {{.who = "a",
             .list = LISTS("<entry uri=\"https://other.example/xcap/a\"/>")},
            400},
        {{.who = "a", .list = LISTS("<entry uri=\"" SW_ROOT "a/b\"/>")}, 200},
        {{.part = {.type = {(const uint8_t *)XML_MCPTT_INFO_TYPE,
                       sizeof(XML_MCPTT_INFO_TYPE) - 1},
              .body = {(const uint8_t *)"<x/>", 4}}},
            400},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        MU_CLEANUP(subs_world_clear) struct subs_world w;

        subs_world_init(&w);
        CU_ASSERT_EQUAL(status_of(&w, &rows[i].want), rows[i].status);
        CU_ASSERT_EQUAL(sw_stored(&w), rows[i].status == 200 ? 1 : 0);
        CU_ASSERT_EQUAL(
            fake_agent_open(w.agent), rows[i].status == 200 ? 1 : 0);
    }
}

static void a_refusal_says_what_would_do(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    const struct fake_answer *answer;
    struct sw_device device;

    subs_world_init(&w);
    sw_device(&device, 1);
    answer = sw_subscribe(
        &w, &device, &(struct sw_want){.who = "a", .event = "presence"});
    CU_ASSERT_STRING_EQUAL(answer->allow_events, "xcap-diff");
    answer = sw_subscribe(&w, &device,
        &(struct sw_want){.who = "a", .has_expires = true, .expires_s = 1});
    CU_ASSERT_EQUAL(answer->min_expires_s, 60);
    w.conf.subscriptions = 0;
    answer = sw_subscribe(&w, &device, &(struct sw_want){.who = "a"});
    CU_ASSERT_EQUAL(answer->status, 480);
    CU_ASSERT(answer->retry_after_s > 0);
}

static void a_subscription_is_as_long_as_it_may_be(void)
{
    static const struct {
        struct sw_want want;
        uint32_t granted_s;
    } rows[] = {
        {{.who = "a", .token_s = 900000}, 3600}, /* who does not say */
        {{.who = "a",
             .token_s = 900000,
             .has_expires = true,
             .expires_s = 500000},
            86400},
        {{.who = "a", .token_s = 100, .has_expires = true, .expires_s = 600},
            100},
        {{.asserted = SW_SERVER, .has_expires = true, .expires_s = 600}, 600},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        MU_CLEANUP(subs_world_clear) struct subs_world w;
        const struct fake_answer *answer;
        struct sw_device device;
        char state[64];

        subs_world_init(&w);
        sw_device(&device, 1);
        answer = sw_subscribe(&w, &device, &rows[i].want);
        CU_ASSERT_EQUAL(answer->expires_s, rows[i].granted_s);
        (void)snprintf(state, sizeof(state), "active;expires=%u",
            (unsigned)rows[i].granted_s);
        CU_ASSERT_STRING_EQUAL(sw_asked(&w)->ask.state, state);
        sw_answer_all(&w, 200);
        sw_wait(&w, (uint64_t)rows[i].granted_s * 1000);
        CU_ASSERT_TRUE(sw_is(sw_asked(&w), "terminated;reason=timeout"));
        CU_ASSERT_EQUAL(sw_stored(&w), 0);
    }
}

static void a_fetch_is_told_once(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    struct xml_xcap_diff diff;
    struct sw_device device;

    subs_world_init(&w);
    sw_put(&w, 0, "ab");
    sw_device(&device, 1);
    CU_ASSERT_EQUAL(
        sw_subscribe(&w, &device,
            &(struct sw_want){
                .who = "a", .uris = {sw_document(0)}, .has_expires = true})
            ->status,
        200);
    CU_ASSERT_TRUE(sw_is(sw_asked(&w), "terminated"));
    sw_diff(sw_asked(&w), &diff);
    CU_ASSERT_PTR_NOT_NULL(sw_item(&diff, sw_document(0)));
    sw_answer_all(&w, 200);
    CU_ASSERT_EQUAL(gms_subs_stats(w.subs).active, 0);
}

static void there_are_so_many_and_no_more(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    struct sw_device device;

    subs_world_init(&w);
    w.conf.subscriptions = 3;
    w.conf.subscriptions_each = 2;
    for (unsigned i = 0; i < 3; i++) {
        sw_device(&device, i);
        CU_ASSERT_EQUAL(
            sw_subscribe(&w, &device, &(struct sw_want){.who = "a"})->status,
            i < 2 ? 200 : 480);
    }
    CU_ASSERT_EQUAL(status_of(&w, &(struct sw_want){.who = "b"}), 200);
    CU_ASSERT_EQUAL(status_of(&w, &(struct sw_want){.who = "c"}), 480);
}

/* What it cannot keep it does not promise. */
static void what_is_not_on_disk_is_refused(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    struct sw_device device;

    subs_world_init(&w);
    sw_device(&device, 1);
    test_files_limit(1);
    CU_ASSERT_EQUAL(
        sw_subscribe(&w, &device, &(struct sw_want){.who = "a"})->status, 500);
    test_files_unlimit();
    sw_wait(&w, 60000);
    CU_ASSERT_EQUAL(fake_agent_open(w.agent), 0);
    CU_ASSERT_EQUAL(gms_subs_stats(w.subs).active, 0);
    CU_ASSERT_EQUAL(
        sw_subscribe(&w, &device, &(struct sw_want){.who = "a"})->status, 200);
}

static void another_dialog_is_481(void)
{
    static const char *const tags[] = {"1.0123456789abcdef", "1", "x.y", "99."};
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    struct sw_device device;

    subs_world_init(&w);
    CU_ASSERT_EQUAL(status_of(&w, &(struct sw_want){.who = "a"}), 200);
    sw_device(&device, 1);
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        (void)snprintf(device.to_tag, sizeof(device.to_tag), "%s", tags[i]);
        CU_ASSERT_EQUAL(
            sw_subscribe(&w, &device, &(struct sw_want){.who = "a"})->status,
            481);
    }
}

/* ---------------------------------------------------------------------- CSKs
 */

#define CSK_ID 0x20000007U

static struct sw_want with_csk(const char *sender, const char *who)
{
    static char message[256];

    return (struct sw_want){.who = who,
        .part = {.type = span_str("application/mikey"),
            .body = fake_csk_write(
                (struct mcptt_key_id){CSK_ID}, sender, message)}};
}

/* The bearer's token, under the CSK. */
static struct sw_want sealed(struct subs_world *w, const char *who)
{
    static uint8_t room[8192];
    const struct mcptt_key_id id = {CSK_ID};
    const struct mcptt_sig_conf_key key = fake_vault_csk(id);
    struct span body = {NULL, 0};
    struct wr out;

    wr_init(&out, room, sizeof(room));
    CU_ASSERT_EQUAL_FATAL(
        xml_sealed_token_write(
            &out, span_str(sw_token(w, who, 0)), id, &key, &w->keeper.rng.rng),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&out, &body), MU_OK);
    return (struct sw_want){
        .part = {.type = span_str(XML_MCPTT_INFO_TYPE), .body = body}};
}

static void a_csk_is_its_senders(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    struct sw_want want = with_csk("sip:a@example.org", "a");

    subs_world_init(&w);
    CU_ASSERT_EQUAL(status_of(&w, &want), 200);
    want = with_csk("sip:b@example.org", "a");
    CU_ASSERT_EQUAL(status_of(&w, &want), 403);
    want.part.body = span_str("no message");
    CU_ASSERT_EQUAL(status_of(&w, &want), 400);
    CU_ASSERT_EQUAL(gms_subs_stats(w.subs).csk_opened, 2);
    CU_ASSERT_EQUAL(gms_subs_stats(w.subs).csk_refused, 1);
}

static void a_token_opens_by_the_csk_from_before(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    struct sw_want want = with_csk("sip:a@example.org", "a");

    subs_world_init(&w);
    CU_ASSERT_EQUAL(status_of(&w, &want), 200);
    want = sealed(&w, "a");
    CU_ASSERT_EQUAL(status_of(&w, &want), 200);
    want = sealed(&w, "b"); /* whose token he was shown */
    CU_ASSERT_EQUAL(status_of(&w, &want), 403);
    subs_world_restart(&w); /* keys are in memory alone */
    want = sealed(&w, "a");
    CU_ASSERT_EQUAL(status_of(&w, &want), 403);
    CU_ASSERT_EQUAL(gms_subs_stats(w.subs).unread, 1);
}

static void who_waits_for_the_vault_waits_so_long(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    const struct sw_want want = with_csk("sip:a@example.org", "a");
    struct sw_device device;
    uint64_t id, last = 0;

    subs_world_init(&w);
    w.keeper.fake.keeps_csks = true;
    sw_device(&device, 1);
    id = sw_send(&w, &device, &want);
    for (unsigned i = 0; i < 4; i++) { /* there is room for three more */
        sw_device(&device, 2 + i);
        last = sw_send(&w, &device, &want);
    }
    sw_run(&w);
    CU_ASSERT_PTR_NULL(fake_agent_said(w.agent, id));
    CU_ASSERT_PTR_NOT_NULL_FATAL(fake_agent_said(w.agent, last));
    CU_ASSERT_EQUAL(fake_agent_said(w.agent, last)->status, 503);
    sw_wait(&w, w.csk.wait_ms);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fake_agent_said(w.agent, id));
    CU_ASSERT_EQUAL(fake_agent_said(w.agent, id)->status, 503);
}

CU_TestInfo gms_subs_take_tests[] = {
    {"each fault has its status", each_fault_has_its_status},
    {"a refusal says what would do", a_refusal_says_what_would_do},
    {"a subscription is as long as it may be",
        a_subscription_is_as_long_as_it_may_be},
    {"a fetch is told once", a_fetch_is_told_once},
    {"there are so many and no more", there_are_so_many_and_no_more},
    {"what is not on disk is refused", what_is_not_on_disk_is_refused},
    {"another dialog is 481", another_dialog_is_481},
    {"a CSK is its sender's", a_csk_is_its_senders},
    {"a token opens by the CSK from before",
        a_token_opens_by_the_csk_from_before},
    {"who waits for the vault waits so long",
        who_waits_for_the_vault_waits_so_long},
    CU_TEST_INFO_NULL,
};
