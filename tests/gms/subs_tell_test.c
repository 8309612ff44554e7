/* SPDX-License-Identifier: Apache-2.0 */
/* NOTIFYs, one case each; all at once is the model's (subs_model_test.c). */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/gms/subs_world.h"
#include "tests/suites.h"
#include "xml/kms_krr.h"

/* Subscribed, and told what there is. */
static void begin(
    struct subs_world *w, struct sw_device *device, const struct sw_want *want)
{
    sw_device(device, 1);
    CU_ASSERT_EQUAL_FATAL(sw_subscribe(w, device, want)->status, 200);
    sw_answer_all(w, 200);
    CU_ASSERT_EQUAL_FATAL(sw_stored(w), 1);
}

static uint32_t cseq_of(struct subs_world *w)
{
    return sw_asked(w)->ask.dialog.local_cseq;
}

static void nothing_is_told_twice(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    struct sw_device device;

    subs_world_init(&w);
    sw_put(&w, 0, "ab");
    begin(&w, &device,
        &(struct sw_want){
            .who = "a", .uris = {sw_document(0), sw_all_keys('a')}});
    subs_world_restart(&w);
    sw_wait(&w, 60000);
    CU_ASSERT_EQUAL(fake_agent_open(w.agent), 0);
    CU_ASSERT_EQUAL(w.agent->stats.asked, 0);
}

static void cseqs_grow_over_all_restarts(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    struct sw_device device;
    uint32_t last = 0;

    subs_world_init(&w);
    sw_put(&w, 0, "ab");
    begin(&w, &device, &(struct sw_want){.who = "a", .uris = {sw_document(0)}});
    sw_put(&w, 0, "a");
    for (unsigned i = 0; i < 4; i++) { /* nobody answers */
        subs_world_restart(&w);
        sw_wait(&w, 5000);
        CU_ASSERT(cseq_of(&w) > last);
        last = cseq_of(&w);
    }
}

static void the_first_notify_outlives_the_process(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    struct sw_device device;

    subs_world_init(&w);
    sw_device(&device, 1);
    CU_ASSERT_EQUAL(sw_subscribe(&w, &device,
                        &(struct sw_want){.who = "a", .uris = {sw_document(0)}})
                        ->status,
        200);
    CU_ASSERT_PTR_NOT_NULL(sw_asked(&w)); /* and its answer is lost */
    subs_world_restart(&w);
    sw_run(&w);
    sw_answer(&w, 200);
    subs_world_restart(&w);
    sw_wait(&w, 60000);
    CU_ASSERT_EQUAL(fake_agent_open(w.agent), 0);
}

/* The group is no more, and so he is in none; but his document says that its
 * keys have ended. */
static void who_is_in_no_group_hears_of_the_end_of_his_keys(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    struct xml_xcap_diff diff;
    struct sw_device device;

    subs_world_init(&w);
    sw_put(&w, 0, "ab");
    sw_device(&device, 1);
    (void)sw_subscribe(
        &w, &device, &(struct sw_want){.who = "b", .uris = {sw_keys(0, 'b')}});
    sw_answer_all(&w, 200);
    sw_put(&w, 0, NULL);
    sw_wait(&w, 1000);
    sw_diff(sw_asked(&w), &diff);
    CU_ASSERT_PTR_NOT_NULL_FATAL(sw_item(&diff, sw_keys(0, 'b')));
    sw_answer_all(&w, 200);
    sw_device(&device, 2);
    (void)sw_subscribe(
        &w, &device, &(struct sw_want){.who = "b", .uris = {sw_all_keys('b')}});
    sw_diff(sw_asked(&w), &diff);
    CU_ASSERT_PTR_NOT_NULL(sw_item(&diff, sw_keys(0, 'b')));
}

static void a_refresh_of_what_is_gone_is_481(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    const struct sw_want want = {.who = "a", .uris = {sw_document(0)}};
    struct sw_device device;
    uint64_t id;

    subs_world_init(&w);
    sw_put(&w, 0, "ab");
    begin(&w, &device, &want);
    sw_put(&w, 0, "a");
    sw_wait(&w, 5000);
    id = sw_send(&w, &device, &want); /* the same turn of the loop */
    fake_agent_outcome(w.agent, sw_asked(&w), 481);
    sw_run(&w);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fake_agent_said(w.agent, id));
    CU_ASSERT_EQUAL(fake_agent_said(w.agent, id)->status, 481);
    CU_ASSERT_EQUAL(sw_stored(&w), 0);
    CU_ASSERT_EQUAL(gms_subs_stats(w.subs).active, 0);
}

/* RFC 6665 clause 4.1.2.3: he waits for it. */
static void the_last_one_comes_though_one_before_it_failed(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    struct sw_device device;

    subs_world_init(&w);
    sw_put(&w, 0, "ab");
    begin(&w, &device, &(struct sw_want){.who = "a", .uris = {sw_document(0)}});
    sw_put(&w, 0, "a");
    sw_wait(&w, 5000);
    CU_ASSERT_EQUAL(sw_subscribe(&w, &device,
                        &(struct sw_want){.who = "a", .has_expires = true})
                        ->status,
        200);
    CU_ASSERT_TRUE(sw_is(sw_asked(&w), "active"));
    sw_answer(&w, 503);
    sw_wait(&w, 2000);
    CU_ASSERT_TRUE(sw_is(sw_asked(&w), "terminated;reason=timeout"));
    sw_answer(&w, 503); /* that one is sent once */
    sw_wait(&w, 600000);
    CU_ASSERT_EQUAL(fake_agent_open(w.agent), 0);
    CU_ASSERT_EQUAL(gms_subs_stats(w.subs).active, 0);
}

/* --------------------------------------------------------------- keys inline
 */

static void keys_inline_are_accepted_by_the_200(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    struct sw_device device;

    subs_world_init(&w);
    sw_put(&w, 0, "ab");
    sw_device(&device, 1);
    (void)sw_subscribe(&w, &device,
        &(struct sw_want){.who = "a", .uris = {sw_key_node(0, 'a')}});
    CU_ASSERT_EQUAL(sw_rows(&w, 0, 'a', GMS_DLV_SENT), 1);
    sw_answer_all(&w, 200);
    CU_ASSERT_EQUAL(sw_rows(&w, 0, 'a', GMS_DLV_ACCEPTED), 1);
    CU_ASSERT_EQUAL(sw_rows(&w, 0, 'b', GMS_DLV_SENT), 1);
}

/* An attribute of a key document has no key in it. */
static void a_part_of_the_keys_does_not_accept_all_of_them(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    char sel[300];
    struct xml_xcap_diff diff;
    struct sw_device device;

    subs_world_init(&w);
    sw_put(&w, 0, "ab");
    (void)snprintf(
        sel, sizeof(sel), "%s/GKTP%%5b1%%5d/@id", sw_key_node(0, 'a'));
    sw_device(&device, 1);
    (void)sw_subscribe(
        &w, &device, &(struct sw_want){.who = "a", .uris = {sel}});
    sw_diff(sw_asked(&w), &diff);
    CU_ASSERT_EQUAL_FATAL(diff.count, 1);
    CU_ASSERT_EQUAL(diff.items[0].content.len, 8);
    sw_answer_all(&w, 200);
    CU_ASSERT_EQUAL(sw_rows(&w, 0, 'a', GMS_DLV_SENT), 1);
    CU_ASSERT_EQUAL(sw_rows(&w, 0, 'a', GMS_DLV_ACCEPTED), 0);
}

/* The subscription goes on (RFC 5057), also when another key has come while it
 * was under way. */
static void a_redirect_is_about_what_was_sent(void)
{
    const struct sip_outcome outcome = {.status = 488,
        .type = span_str(XML_KRR_TYPE),
        .body = span_str("<KRR/>")};
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    struct sw_device device;

    subs_world_init(&w);
    sw_put(&w, 0, "ab");
    sw_device(&device, 1);
    (void)sw_subscribe(&w, &device,
        &(struct sw_want){.who = "a", .uris = {sw_key_node(0, 'a')}});
    sw_rekey(&w, 0, GMS_STOP_HARD);
    fake_agent_outcome_of(w.agent, sw_asked(&w), &outcome);
    sw_run(&w);
    CU_ASSERT_EQUAL(sw_stored(&w), 1);
    CU_ASSERT_EQUAL(sw_rows(&w, 0, 'a', GMS_DLV_ACCEPTED), 0);
    CU_ASSERT_TRUE(sw_is(sw_asked(&w), "active")); /* with the new key */
}

static void lose(struct subs_world *w)
{
    const struct sip_outcome outcome = {.status = 408, .unanswered = true};

    fake_agent_outcome_of(w->agent, sw_asked(w), &outcome);
    sw_run(w);
}

/* He is somewhere else now, and says so: nobody answers where he was. */
static void who_has_moved_is_told_where_he_is(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    const struct sw_want want = {.who = "a", .uris = {sw_document(0)}};
    struct sw_device device;

    subs_world_init(&w);
    sw_put(&w, 0, "ab");
    begin(&w, &device, &want);
    sw_put(&w, 0, "a");
    sw_wait(&w, 5000);
    CU_ASSERT(
        span_eq(sw_asked(&w)->ask.dialog.target, span_str(device.contact)));
    (void)snprintf(
        device.contact, sizeof(device.contact), "sip:a@192.0.2.77:5062");
    CU_ASSERT_EQUAL(sw_subscribe(&w, &device, &want)->status, 200);
    lose(&w);
    sw_wait(&w, 5000);
    CU_ASSERT_EQUAL_FATAL(fake_agent_open(w.agent), 1);
    CU_ASSERT(
        span_eq(sw_asked(&w)->ask.dialog.target, span_str(device.contact)));
    lose(&w); /* and there neither */
    CU_ASSERT_EQUAL(sw_stored(&w), 0);
}

/* Each allocation fails once while he is looked at: what he does not see then
 * is not gone, and he is looked at again. */
static void what_cannot_be_seen_is_not_gone(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    struct sw_device device;
    unsigned failed = 0;

    subs_world_init(&w);
    sw_put(&w, 0, "ab");
    begin(&w, &device,
        &(struct sw_want){.who = "a",
            .uris = {sw_keys(0, 'a'), sw_key_node(0, 'a'), sw_document(0),
                sw_all_keys('a'), SW_ALL_GROUPS}});
    do {
        mu_alloc_fail_nth(++failed);
        gms_subs_changed(w.subs, span_str(sw_group(0)), (struct span){NULL, 0});
        gms_subs_changed(
            w.subs, (struct span){NULL, 0}, (struct span){NULL, 0});
        if (!mu_alloc_fail_end())
            break;
        sw_wait(&w, 10000);
        CU_ASSERT_EQUAL_FATAL(fake_agent_open(w.agent), 0);
    } while (failed < 1000);
    CU_ASSERT(failed > 5 && failed < 1000);
    sw_put(&w, 0, "a");
    sw_wait(&w, 5000);
    CU_ASSERT_EQUAL(fake_agent_open(w.agent), 1);
}

/* A key that is in a hurry is sent again in its dialog, each time as another
 * request, so often as its class says (gms/adapter.h); any other once. */
static void what_is_urgent_is_repeated_when_it_is_lost(void)
{
    static const struct {
        enum gms_condition condition;
        unsigned sent;
    } rows[] = {{GMS_CONDITION_EMERGENCY, 8}, {GMS_CONDITION_PERIL, 8},
        {GMS_CONDITION_NORMAL, 1}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        MU_CLEANUP(subs_world_clear) struct subs_world w;
        const struct gms_urgency_word word = {
            .urgency = {rows[i].condition, UINT64_C(1) << 50}};
        struct sw_device device;
        unsigned sent = 0;
        uint32_t last = 0;

        subs_world_init(&w);
        sw_put(&w, 0, "ab");
        begin(&w, &device,
            &(struct sw_want){.who = "a", .uris = {sw_key_node(0, 'a')}});
        CU_ASSERT_EQUAL(gms_keeper_set_urgency(w.keeper.keeper,
                            span_str(SW_OWNER), span_str(sw_group(0)), &word),
            MU_OK);
        sw_rekey(&w, 0, GMS_STOP_SOFT);
        for (; fake_agent_open(w.agent) > 0 && sent < 20; sent++) {
            CU_ASSERT_EQUAL(sw_asked(&w)->ask.answer_ms > 0, rows[i].sent > 1);
            CU_ASSERT(cseq_of(&w) > last);
            last = cseq_of(&w);
            lose(&w);
        }
        CU_ASSERT_EQUAL(sent, rows[i].sent);
        CU_ASSERT_EQUAL(sw_stored(&w), 0);
    }
}

/* ------------------------------------------------------- what cannot be sent
 */

/* Behind one core, whose address all have; the next process knows it as well.
 */
static void a_crowded_cell_does_not_hold_up_another(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    static const char *const cells[] = {"cell-1", "cell-1", "cell-2"};
    struct sw_device devices[3];

    subs_world_init(&w);
    w.conf.area_octets_per_s = 100;
    w.conf.area_burst = 3000; /* of a NOTIFY with a key */
    subs_world_restart(&w);
    sw_put(&w, 0, "abc");
    for (unsigned i = 0; i < 3; i++) {
        const char who[] = {(char)('a' + i), '\0'};

        sw_device(&devices[i], i);
        (void)sw_subscribe(&w, &devices[i],
            &(struct sw_want){.who = who,
                .uris = {sw_key_node(0, who[0])},
                .access = cells[i]});
        sw_answer_all(&w, 200);
    }
    for (unsigned round = 0; round < 2; round++) {
        /* Until keys are in force and revoked, and budgets full. */
        for (unsigned i = 0; i < 20; i++) {
            sw_wait(&w, 40000);
            sw_answer_all(&w, 200);
        }
        CU_ASSERT_EQUAL_FATAL(fake_agent_open(w.agent), 0);
        if (round == 1)
            subs_world_restart(&w);
        sw_rekey(&w, 0, GMS_STOP_SOFT);
        CU_ASSERT_EQUAL(fake_agent_open(w.agent), 2);
        sw_answer_all(&w, 200);
    }
}

static void what_the_agent_does_not_take_is_tried_again(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    struct sw_device device;

    subs_world_init(&w);
    sw_put(&w, 0, "ab");
    begin(&w, &device, &(struct sw_want){.who = "a", .uris = {sw_document(0)}});
    w.agent->refuses = MU_E_NO_SPACE;
    sw_put(&w, 0, "a");
    sw_wait(&w, 400000); /* longer than those tries that he may refuse */
    CU_ASSERT(w.agent->refused > 6);
    w.agent->refuses = MU_OK;
    sw_wait(&w, 60000);
    sw_answer_all(&w, 200);
    CU_ASSERT_EQUAL(sw_stored(&w), 1);
}

/* RFC 5875 clause 4.7: what is too large is to be fetched. */
static void what_tcp_does_not_take_is_told_without_content(void)
{
    const struct sip_outcome outcome = {.status = 503, .unanswered = true};
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    struct xml_xcap_diff diff;
    struct sw_device device;

    subs_world_init(&w);
    sw_put(&w, 0, "ab");
    sw_device(&device, 1);
    (void)snprintf(
        device.contact, sizeof(device.contact), "sip:device@127.0.0.1:5070");
    (void)sw_subscribe(&w, &device,
        &(struct sw_want){.who = "a", .uris = {sw_key_node(0, 'a')}});
    sw_diff(sw_asked(&w), &diff);
    CU_ASSERT(diff.items[0].content.len > 0);
    fake_agent_outcome_of(w.agent, sw_asked(&w), &outcome);
    sw_run(&w);
    sw_diff(sw_asked(&w), &diff);
    CU_ASSERT_EQUAL_FATAL(diff.count, 1);
    CU_ASSERT_EQUAL(diff.items[0].content.len, 0);
    CU_ASSERT_FALSE(diff.items[0].gone);
    sw_answer_all(&w, 200);
    CU_ASSERT_EQUAL(sw_rows(&w, 0, 'a', GMS_DLV_SENT), 1); /* not accepted */
}

/* ------------------------------------------------------------------ good-bye
 */

static void everybody_is_sent_elsewhere(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    const struct sw_want want = {.who = "a", .uris = {sw_document(0)}};
    struct sw_device device;

    subs_world_init(&w);
    begin(&w, &device, &want);
    gms_subs_deactivate(w.subs);
    sw_run(&w);
    CU_ASSERT_TRUE(sw_is(sw_asked(&w), "terminated;reason=deactivated"));
    CU_ASSERT_EQUAL(sw_stored(&w), 0);
    sw_device(&device, 2);
    CU_ASSERT_EQUAL(sw_subscribe(&w, &device, &want)->status, 503);
    sw_answer(&w, 200);
    CU_ASSERT_EQUAL(gms_subs_stats(w.subs).active, 0);
}

CU_TestInfo gms_subs_tell_tests[] = {
    {"nothing is told twice", nothing_is_told_twice},
    {"CSeqs grow over all restarts", cseqs_grow_over_all_restarts},
    {"the first NOTIFY outlives the process",
        the_first_notify_outlives_the_process},
    {"who is in no group hears of the end of his keys",
        who_is_in_no_group_hears_of_the_end_of_his_keys},
    {"a refresh of what is gone is 481", a_refresh_of_what_is_gone_is_481},
    {"the last one comes though one before it failed",
        the_last_one_comes_though_one_before_it_failed},
    {"keys inline are accepted by the 200",
        keys_inline_are_accepted_by_the_200},
    {"a part of the keys does not accept all of them",
        a_part_of_the_keys_does_not_accept_all_of_them},
    {"a redirect is about what was sent", a_redirect_is_about_what_was_sent},
    {"what is urgent is repeated when it is lost",
        what_is_urgent_is_repeated_when_it_is_lost},
    {"a crowded cell does not hold up another",
        a_crowded_cell_does_not_hold_up_another},
    {"what the agent does not take is tried again",
        what_the_agent_does_not_take_is_tried_again},
    {"what TCP does not take is told without content",
        what_tcp_does_not_take_is_told_without_content},
    {"who has moved is told where he is", who_has_moved_is_told_where_he_is},
    {"what cannot be seen is not gone", what_cannot_be_seen_is_not_gone},
    {"everybody is sent elsewhere", everybody_is_sent_elsewhere},
    CU_TEST_INFO_NULL,
};
