/* SPDX-License-Identifier: Apache-2.0 */
/* The ways `message` and `mikey-part`, which an option turns on. */
#include <stdio.h>
#include <string.h>

#include "tests/gms/subs_world.h"
#include "tests/suites.h"

/* Keys of group 0 for a and b, and a is subscribed to its document. */
static void begin(struct subs_world *w, struct sw_device *device)
{
    subs_world_init(w);
    w->conf.message = true;
    sw_put(w, 0, "ab");
    sw_device(device, 1);
    CU_ASSERT_EQUAL_FATAL(
        sw_subscribe(
            w, device, &(struct sw_want){.who = "a", .uris = {sw_document(0)}})
            ->status,
        200);
}

/* The only MESSAGE without an outcome; NULL: none. */
static struct fake_ask *message_of(const struct subs_world *w)
{
    struct fake_ask *found = NULL;

    for (struct fake_ask *ask = w->agent->first; ask != NULL; ask = ask->next)
        if (!ask->answered && strcmp(ask->ask.method, "MESSAGE") == 0) {
            CU_ASSERT_PTR_NULL_FATAL(found);
            found = ask;
        }
    return found;
}

static void answer_message(struct subs_world *w, unsigned status)
{
    struct fake_ask *ask = message_of(w);

    CU_ASSERT_PTR_NOT_NULL_FATAL(ask);
    fake_agent_outcome(w->agent, ask, status);
    sw_run(w);
}

static void each_answer_to_a_message_has_its_meaning(void)
{
    static const struct {
        unsigned status;
        enum gms_delivery_state state;
        bool again; /* after a while */
    } rows[] = {
        {200, GMS_DLV_ACCEPTED, false},
        {404, GMS_DLV_SENT, false}, /* at his next subscription */
        {415, GMS_DLV_FAILED, false},
        {503, GMS_DLV_SENT, true},
        {408, GMS_DLV_SENT, true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        MU_CLEANUP(subs_world_clear) struct subs_world w;
        struct sw_device device;

        begin(&w, &device);
        answer_message(&w, rows[i].status);
        CU_ASSERT_EQUAL(sw_rows(&w, 0, 'a', rows[i].state), 1);
        CU_ASSERT_EQUAL(sw_rows(&w, 0, 'b', GMS_DLV_SENT), 1);
        sw_wait(&w, 2500);
        CU_ASSERT_EQUAL(message_of(&w) != NULL, rows[i].again);
    }
}

static void a_message_goes_to_the_contact_of_its_member(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    struct fake_message message;
    struct sw_device device;
    struct fake_ask *ask;

    begin(&w, &device);
    ask = message_of(&w);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ask);
    CU_ASSERT(span_eq(ask->ask.dialog.target, span_str(device.contact)));
    CU_ASSERT(span_eq(ask->ask.dialog.remote_uri, kw_uri('a')));
    CU_ASSERT_EQUAL(ask->ask.dialog.remote_tag.len, 0); /* in no dialog */
    CU_ASSERT_STRING_EQUAL(ask->ask.type, "application/mikey");
    CU_ASSERT_FATAL(fake_message_read(ask->ask.body, &message));
    CU_ASSERT(span_eq(span_str(message.member), kw_uri('a')));
}

static void who_comes_back_gets_what_waits(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    struct sw_device device;

    begin(&w, &device);
    answer_message(&w, 404);
    sw_wait(&w, 600000);
    CU_ASSERT_PTR_NULL(message_of(&w));
    sw_device(&device, 2);
    (void)sw_subscribe(&w, &device, &(struct sw_want){.who = "a"});
    CU_ASSERT_PTR_NOT_NULL_FATAL(message_of(&w));
    CU_ASSERT(
        span_eq(message_of(&w)->ask.dialog.target, span_str(device.contact)));
    answer_message(&w, 200);
    CU_ASSERT_EQUAL(sw_rows(&w, 0, 'a', GMS_DLV_ACCEPTED), 1);
}

/* What waits is in the store, and goes out by the next process. */
static void a_message_outlives_the_process(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;
    struct sw_device device;

    begin(&w, &device);
    CU_ASSERT_PTR_NOT_NULL(message_of(&w));
    subs_world_restart(&w);
    sw_run(&w);
    answer_message(&w, 200);
    CU_ASSERT_EQUAL(sw_rows(&w, 0, 'a', GMS_DLV_ACCEPTED), 1);
    subs_world_restart(&w);
    sw_run(&w);
    CU_ASSERT_PTR_NULL(message_of(&w));
}

static void a_proxy_has_them_all(void)
{
    MU_CLEANUP(subs_world_clear) struct subs_world w;

    subs_world_init(&w);
    w.conf.message = true;
    w.conf.message_proxy = "sip:proxy@127.0.0.1:5080;lr";
    sw_put(&w, 0, "b"); /* who has no subscription */
    CU_ASSERT_PTR_NOT_NULL_FATAL(message_of(&w));
    CU_ASSERT_EQUAL(message_of(&w)->ask.dialog.route_count, 1);
    CU_ASSERT(span_eq(message_of(&w)->ask.dialog.target, kw_uri('b')));
    answer_message(&w, 200);
    CU_ASSERT_EQUAL(sw_rows(&w, 0, 'b', GMS_DLV_ACCEPTED), 1);
}

/* ---------------------------------------------------------------- mikey-part
 */

static void parts_are_for_who_takes_them(void)
{
    static const struct {
        struct sw_want want;
        bool has_parts;
    } rows[] = {
        {{.who = "a",
             .accept = {"application/xcap-diff+xml", "multipart/mixed",
                 "application/mikey"}},
            true},
        {{.who = "a", .accept = {"application/xcap-diff+xml"}}, false},
        {{.who = "a"}, false}, /* RFC 6665 clause 4.2.1.3 */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        MU_CLEANUP(subs_world_clear) struct subs_world w;
        struct sw_want want = rows[i].want;
        struct xml_xcap_diff diff;
        struct sw_device device;

        subs_world_init(&w);
        w.conf.mikey_part = true;
        sw_put(&w, 0, "ab");
        want.uris[0] = sw_keys(0, 'a');
        sw_device(&device, 1);
        CU_ASSERT_EQUAL_FATAL(sw_subscribe(&w, &device, &want)->status, 200);
        sw_diff(sw_asked(&w), &diff);
        CU_ASSERT_EQUAL(diff.count, 1);
        CU_ASSERT_EQUAL(
            strncmp(sw_asked(&w)->ask.type, "multipart/mixed", 15) == 0,
            rows[i].has_parts);
        sw_answer_all(&w, 200);
        CU_ASSERT_EQUAL(
            sw_rows(&w, 0, 'a', GMS_DLV_ACCEPTED), rows[i].has_parts ? 1 : 0);
        CU_ASSERT_EQUAL(sw_rows(&w, 0, 'b', GMS_DLV_SENT), 1);
    }
}

CU_TestInfo gms_subs_post_tests[] = {
    {"each answer to a MESSAGE has its meaning",
        each_answer_to_a_message_has_its_meaning},
    {"a MESSAGE goes to the contact of its member",
        a_message_goes_to_the_contact_of_its_member},
    {"who comes back gets what waits", who_comes_back_gets_what_waits},
    {"a MESSAGE outlives the process", a_message_outlives_the_process},
    {"a proxy has them all", a_proxy_has_them_all},
    {"parts are for who takes them", parts_are_for_who_takes_them},
    CU_TEST_INFO_NULL,
};
