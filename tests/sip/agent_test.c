/* SPDX-License-Identifier: Apache-2.0 */
/* Two user agents on loopback: a subscriber and a notifier. */
#include "sip/agent.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sip/multipart.h"
#include "tests/suites.h"

#define WAIT_MS 60000 /* until a test has failed */

static const struct sip_listen listens[] = {
    {SIP_TCP, "127.0.0.1", 0}, {SIP_UDP, "127.0.0.1", 0}};
static const char *const trusted[] = {"127.0.0.1"};
static const struct sip_agent_config config = {.listens = listens,
    .listen_count = 2,
    .user = "gms",
    .trusted = trusted,
    .trusted_count = 1,
    .pending_max = 4,
    .message_max = 1 << 20};

struct two {
    struct sip_agent *gms, *ue;
};

static void stop(struct two *two)
{
    sip_agent_stop(two->gms);
    sip_agent_stop(two->ue);
    sip_library_cleanup();
}

static struct two start(void)
{
    struct two two = {NULL, NULL};

    CU_ASSERT_EQUAL_FATAL(sip_library_init(), MU_OK);
    CU_ASSERT_EQUAL_FATAL(sip_agent_start(&config, &two.gms), MU_OK);
    CU_ASSERT_EQUAL_FATAL(sip_agent_start(&config, &two.ue), MU_OK);
    return two;
}

static void event_drop(struct sip_event **event)
{
    sip_event_free(*event);
}

static struct sip_event *await(struct sip_agent *agent)
{
    struct sip_event *event = sip_agent_next(agent);
    struct pollfd fd = {.fd = sip_agent_fd(agent), .events = POLLIN};

    while (event == NULL && poll(&fd, 1, WAIT_MS) == 1)
        event = sip_agent_next(agent);
    CU_ASSERT_PTR_NOT_NULL_FATAL(event);
    return event;
}

/* A request from the subscriber to a port of the notifier. */
static struct sip_ask ask_to(const struct sip_agent *gms, size_t listen,
    const char *method, char *target, size_t cap)
{
    struct sip_ask ask = {.id = 7, .method = method};
    int len = snprintf(target, cap, "sip:gms@127.0.0.1:%u;transport=%s",
        (unsigned)sip_agent_port(gms, listen), listen == 0 ? "tcp" : "udp");

    CU_ASSERT(len > 0 && (size_t)len < cap);
    ask.dialog = (struct sip_dialog){.call_id = span_str("c1@test"),
        .local_uri = span_str("sip:m@example.org"),
        .local_tag = span_str("ft"),
        .remote_uri = span_str("sip:gms@example.org"),
        .target = span_str(target),
        .local_cseq = 1};
    return ask;
}

static void answer(
    struct sip_agent *agent, uint64_t id, const struct sip_answer *with)
{
    CU_ASSERT_EQUAL(sip_agent_answer(agent, id, with), MU_OK);
}

static void expect_status(struct sip_agent *agent, unsigned status)
{
    MU_CLEANUP(event_drop) struct sip_event *event = await(agent);

    CU_ASSERT(event->is_outcome);
    CU_ASSERT_EQUAL(event->outcome.id, 7);
    CU_ASSERT_EQUAL(event->outcome.status, status);
}

static void check_subscribe(const struct sip_request *r)
{
    CU_ASSERT(span_eq(r->method, span_str("SUBSCRIBE")));
    CU_ASSERT(span_eq(r->from_uri, span_str("sip:m@example.org")));
    CU_ASSERT(span_eq(r->from_tag, span_str("ft")));
    CU_ASSERT(span_eq(r->call_id, span_str("c1@test")));
    CU_ASSERT(span_eq(r->event, span_str("xcap-diff")));
    CU_ASSERT(r->has_expires && r->expires_s == 3600);
    CU_ASSERT(span_eq(r->address, span_str("127.0.0.1")));
    CU_ASSERT(sip_request_accepts(r, "application/xcap-diff+xml"));
    CU_ASSERT(!sip_request_accepts(r, "application/mikey"));
    CU_ASSERT_EQUAL(r->asserted.len, 0);
}

/* Subscribes; *dialog is the notifier's, its texts in the arena. */
static void subscribe(
    struct two *two, struct mu_arena *arena, struct sip_dialog *dialog)
{
    static const struct sip_answer ok = {.status = 200,
        .to_tag = "gt",
        .has_expires = true,
        .expires_s = 1800,
        .contact = true};
    char target[64];
    struct sip_ask ask =
        ask_to(two->gms, 0, "SUBSCRIBE", target, sizeof(target));
    struct sip_dialog seen;

    ask.event = "xcap-diff;diff-processing=no-patching";
    ask.accept = "application/xcap-diff+xml";
    ask.has_expires = true;
    ask.expires_s = 3600;
    CU_ASSERT_EQUAL_FATAL(sip_agent_ask(two->ue, &ask), MU_OK);
    {
        MU_CLEANUP(event_drop) struct sip_event *event = await(two->gms);

        check_subscribe(&event->request);
        CU_ASSERT_EQUAL(
            sip_request_dialog(&event->request, span_str("gt"), &seen), MU_OK);
        CU_ASSERT_EQUAL(sip_dialog_copy(&seen, arena, dialog), MU_OK);
        answer(two->gms, event->request.id, &ok);
    }
    {
        MU_CLEANUP(event_drop) struct sip_event *event = await(two->ue);

        CU_ASSERT_EQUAL(event->outcome.status, 200);
        CU_ASSERT(span_eq(event->outcome.to_tag, span_str("gt")));
        CU_ASSERT(event->outcome.has_expires);
        CU_ASSERT_EQUAL(event->outcome.expires_s, 1800);
        CU_ASSERT(event->outcome.contact.len > 0);
    }
}

static void notify(
    struct sip_agent *gms, const struct sip_dialog *dialog, struct span body)
{
    struct sip_ask ask = {.id = 7,
        .method = "NOTIFY",
        .dialog = *dialog,
        .event = "xcap-diff",
        .state = "active;expires=1800",
        .type = "application/octet-stream",
        .body = body};

    ask.dialog.local_cseq++;
    CU_ASSERT_EQUAL_FATAL(sip_agent_ask(gms, &ask), MU_OK);
}

static void a_subscription_is_answered_and_notified(void)
{
    static const uint8_t body[] = {1, 0, 2, 0xff, '\r', '\n', 0};
    static const struct sip_answer ok = {.status = 200};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    MU_CLEANUP(stop) struct two two = start();
    MU_CLEANUP(event_drop) struct sip_event *event = NULL;
    struct sip_dialog dialog;

    mu_arena_init(&arena, 1 << 16);
    subscribe(&two, &arena, &dialog);
    notify(two.gms, &dialog, SPAN_OF(body));
    event = await(two.ue);
    CU_ASSERT(span_eq(event->request.method, span_str("NOTIFY")));
    CU_ASSERT(span_eq(event->request.to_tag, span_str("ft")));
    CU_ASSERT(span_eq(event->request.from_tag, span_str("gt")));
    CU_ASSERT(span_eq(event->request.state, span_str("active")));
    CU_ASSERT_EQUAL_FATAL(event->request.part_count, 1);
    CU_ASSERT(span_eq(event->request.parts[0].body, SPAN_OF(body)));
    answer(two.ue, event->request.id, &ok);
    expect_status(two.gms, 200);
}

/* Another process, which knows of the dialog only what the store says. */
static void a_dialog_outlives_its_agent(void)
{
    static const struct sip_answer ok = {.status = 200};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    MU_CLEANUP(buf_clear) struct buf kept = {0};
    MU_CLEANUP(stop) struct two two = start();
    MU_CLEANUP(event_drop) struct sip_event *event = NULL;
    struct sip_dialog dialog, again;

    mu_arena_init(&arena, 1 << 16);
    subscribe(&two, &arena, &dialog);
    sip_dialog_write(&dialog, &kept);
    sip_agent_stop(two.gms);
    two.gms = NULL;
    CU_ASSERT_EQUAL_FATAL(sip_agent_start(&config, &two.gms), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        sip_dialog_read(buf_span(&kept), &arena, &again), MU_OK);
    again.local_cseq += 100;
    notify(two.gms, &again, span_str("x"));
    event = await(two.ue);
    CU_ASSERT_EQUAL(event->request.cseq, 101);
    CU_ASSERT(
        sip_dialog_matches(&(struct sip_dialog){.call_id = span_str("c1@test"),
                               .local_tag = span_str("ft"),
                               .remote_tag = span_str("gt")},
            event->request.call_id, event->request.to_tag,
            event->request.from_tag));
    answer(two.ue, event->request.id, &ok);
    expect_status(two.gms, 200);
}

/* A body that a datagram cannot take leaves by TCP, whatever the URI says. */
static void a_large_request_never_goes_by_datagram(void)
{
    static const struct sip_answer ok = {.status = 200};
    static uint8_t large[9000];
    MU_CLEANUP(stop) struct two two = start();
    MU_CLEANUP(event_drop) struct sip_event *event = NULL;
    char target[64];
    struct sip_ask ask = ask_to(two.gms, 1, "MESSAGE", target, sizeof(target));
    char tcp[64];

    /* UDP and TCP share a number only where we say so: the target's port is
     * that of TCP, its transport UDP. */
    (void)snprintf(tcp, sizeof(tcp), "sip:gms@127.0.0.1:%u;transport=udp",
        (unsigned)sip_agent_port(two.gms, 0));
    ask.dialog.target = span_str(tcp);
    memset(large, 'k', sizeof(large));
    ask.type = "application/mikey";
    ask.body = SPAN_OF(large);
    CU_ASSERT_EQUAL_FATAL(sip_agent_ask(two.ue, &ask), MU_OK);
    event = await(two.gms);
    CU_ASSERT_EQUAL_FATAL(event->request.part_count, 1);
    CU_ASSERT_EQUAL(event->request.parts[0].body.len, sizeof(large));
    answer(two.gms, event->request.id, &ok);
    expect_status(two.ue, 200);
}

/* Nobody is at TCP: then it goes nowhere, and the sender is told. */
static void nor_when_nobody_is_at_tcp(void)
{
    static const char *const transports[] = {";transport=udp", ""};
    static uint8_t large[9000];
    MU_CLEANUP(stop) struct two two = start();

    for (size_t i = 0; i < 2; i++) {
        MU_CLEANUP(event_drop) struct sip_event *event = NULL;
        char target[64];
        struct sip_ask ask =
            ask_to(two.gms, 1, "MESSAGE", target, sizeof(target));
        char udp[64];

        (void)snprintf(udp, sizeof(udp), "sip:gms@127.0.0.1:%u%s",
            (unsigned)sip_agent_port(two.gms, 1), transports[i]);
        ask.dialog.target = span_str(udp);
        ask.type = "application/mikey";
        ask.body = SPAN_OF(large);
        CU_ASSERT_EQUAL_FATAL(sip_agent_ask(two.ue, &ask), MU_OK);
        event = await(two.ue);
        CU_ASSERT(event->is_outcome);
        CU_ASSERT_EQUAL(event->outcome.status, 503);
        CU_ASSERT(event->outcome.unanswered);
    }
    CU_ASSERT_PTR_NULL(sip_agent_next(two.gms));
}

/* What is small goes by UDP, also where no transport is named, and comes back
 * that way. */
static void who_comes_by_udp_is_found_there(void)
{
    static const struct sip_answer ok = {.status = 200, .contact = true};
    MU_CLEANUP(stop) struct two two = start();
    MU_CLEANUP(event_drop) struct sip_event *event = NULL;
    MU_CLEANUP(event_drop) struct sip_event *back = NULL;
    char target[64], contact[64];
    struct sip_ask ask =
        ask_to(two.gms, 1, "SUBSCRIBE", target, sizeof(target));

    *strchr(target, ';') = '\0';
    ask.dialog.target = span_str(target);
    CU_ASSERT_EQUAL_FATAL(sip_agent_ask(two.ue, &ask), MU_OK);
    event = await(two.gms);
    (void)snprintf(contact, sizeof(contact),
        "sip:gms@127.0.0.1:%u;transport=udp",
        (unsigned)sip_agent_port(two.ue, 1));
    CU_ASSERT(span_eq(event->request.contact, span_str(contact)));
    answer(two.gms, event->request.id, &ok);
    back = await(two.ue);
    (void)snprintf(contact, sizeof(contact),
        "sip:gms@127.0.0.1:%u;transport=udp",
        (unsigned)sip_agent_port(two.gms, 1));
    CU_ASSERT(back->is_outcome);
    CU_ASSERT(!back->outcome.unanswered);
    CU_ASSERT(span_eq(back->outcome.contact, span_str(contact)));
}

static void a_multipart_comes_in_parts(void)
{
    static const char body[] =
        "--b\r\nContent-Type: application/vnd.3gpp.mcptt-info+xml\r\n\r\n<a/>"
        "\r\n--b\r\nContent-Type: application/mikey\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\nAQID\r\n--b--\r\n";
    static const uint8_t mikey[] = {1, 2, 3};
    static const struct sip_answer ok = {.status = 200};
    MU_CLEANUP(stop) struct two two = start();
    MU_CLEANUP(event_drop) struct sip_event *event = NULL;
    const struct sip_part *part;
    char target[64];
    struct sip_ask ask = ask_to(two.gms, 0, "MESSAGE", target, sizeof(target));

    ask.type = "multipart/mixed;boundary=b";
    ask.body = span_str(body);
    CU_ASSERT_EQUAL_FATAL(sip_agent_ask(two.ue, &ask), MU_OK);
    event = await(two.gms);
    CU_ASSERT_EQUAL(event->request.contact.len, 0); /* RFC 3428 */
    CU_ASSERT_EQUAL_FATAL(event->request.part_count, 2);
    part = sip_request_part(
        &event->request, "application/vnd.3gpp.mcptt-info+xml");
    CU_ASSERT_PTR_NOT_NULL_FATAL(part);
    CU_ASSERT(span_eq(part->body, span_str("<a/>")));
    part = sip_request_part(&event->request, "application/mikey");
    CU_ASSERT_PTR_NOT_NULL_FATAL(part);
    CU_ASSERT(span_eq(part->body, SPAN_OF(mikey)));
    answer(two.gms, event->request.id, &ok);
    expect_status(two.ue, 200);
}

/* What sip/multipart.h writes is what comes, octet for octet. */
static void raw_parts_come_as_they_went(void)
{
    static const uint8_t mikey[] = {1, 26, 0, '\r', '\n', '-', '-', 0xff, 0};
    static const struct sip_answer ok = {.status = 200};
    const struct sip_part xml = {.type = span_str("application/xcap-diff+xml"),
        .body = span_str("<a/>")};
    const struct sip_part key = {.type = span_str("application/mikey"),
        .id = span_str("1@gms"),
        .body = SPAN_OF(mikey)};
    MU_CLEANUP(buf_clear) struct buf body = {0};
    MU_CLEANUP(stop) struct two two = start();
    MU_CLEANUP(event_drop) struct sip_event *event = NULL;
    struct sip_multipart m;
    char target[64];
    struct sip_ask ask = ask_to(two.gms, 0, "MESSAGE", target, sizeof(target));

    CU_ASSERT_EQUAL_FATAL(
        sip_multipart_begin(&m, mu_rng_system(), &body), MU_OK);
    sip_multipart_add(&m, &xml);
    sip_multipart_add(&m, &key);
    sip_multipart_add(&m, &key);
    CU_ASSERT_EQUAL_FATAL(sip_multipart_end(&m), MU_OK);
    ask.type = m.type;
    ask.body = buf_span(&body);
    CU_ASSERT_EQUAL_FATAL(sip_agent_ask(two.ue, &ask), MU_OK);
    event = await(two.gms);
    CU_ASSERT_EQUAL_FATAL(event->request.part_count, 3);
    CU_ASSERT(span_eq(event->request.parts[0].body, xml.body));
    for (size_t i = 1; i < 3; i++) {
        CU_ASSERT(span_eq(event->request.parts[i].type, key.type));
        CU_ASSERT(span_eq(event->request.parts[i].body, key.body));
    }
    answer(two.gms, event->request.id, &ok);
    expect_status(two.ue, 200);
}

static void a_multipart_bomb_is_refused(void)
{
    char body[2048] = "";
    size_t at = 0;
    MU_CLEANUP(stop) struct two two = start();
    char target[64];
    struct sip_ask ask = ask_to(two.gms, 0, "MESSAGE", target, sizeof(target));

    for (int i = 0; i <= SIP_PARTS_MAX; i++)
        at += (size_t)snprintf(body + at, sizeof(body) - at,
            "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n");
    (void)snprintf(body + at, sizeof(body) - at, "--b--\r\n");
    ask.type = "multipart/mixed;boundary=b";
    ask.body = span_str(body);
    CU_ASSERT_EQUAL_FATAL(sip_agent_ask(two.ue, &ask), MU_OK);
    expect_status(two.ue, 413);
    CU_ASSERT_EQUAL(sip_agent_stats(two.gms).refused, 1);
}

/* Any of these in the header of a part made sofia-sip end the process. */
static void nor_does_a_strange_part_end_us(void)
{
    static const char body[] = "--b\r\nContent-Type: text/x\0ml\r\n\r\nx\r\n"
                               "--b\r\nContent-ID: <\0>\r\n\r\nx\r\n--b--\r\n";
    static const char *const types[] = {"multipart/mixed;boundary=b",
        "multipart/mixed;boundary=\"\\b\"", "multipart/mixed"};
    MU_CLEANUP(stop) struct two two = start();

    for (size_t i = 0; i < 3; i++) {
        char target[64];
        struct sip_ask ask =
            ask_to(two.gms, 0, "MESSAGE", target, sizeof(target));

        ask.dialog.local_cseq = (uint32_t)i + 1;
        ask.type = types[i];
        ask.body = (struct span){(const uint8_t *)body, sizeof(body) - 1};
        CU_ASSERT_EQUAL_FATAL(sip_agent_ask(two.ue, &ask), MU_OK);
        expect_status(two.ue, 400);
    }
    CU_ASSERT_EQUAL(sip_agent_stats(two.gms).refused, 3);
}

static void another_method_is_refused(void)
{
    MU_CLEANUP(stop) struct two two = start();
    char target[64];
    struct sip_ask ask = ask_to(two.gms, 0, "REGISTER", target, sizeof(target));

    CU_ASSERT_EQUAL_FATAL(sip_agent_ask(two.ue, &ask), MU_OK);
    expect_status(two.ue, 405);
}

/* One more than pending_max that nobody answers. */
static void too_many_are_sent_away(void)
{
    MU_CLEANUP(stop) struct two two = start();
    char target[64];
    char call_id[32];
    struct sip_ask ask = ask_to(two.gms, 0, "OPTIONS", target, sizeof(target));

    for (unsigned i = 0; i < config.pending_max; i++) {
        (void)snprintf(call_id, sizeof(call_id), "c%u@test", i);
        ask.dialog.call_id = span_str(call_id);
        CU_ASSERT_EQUAL_FATAL(sip_agent_ask(two.ue, &ask), MU_OK);
        sip_event_free(await(two.gms));
    }
    ask.dialog.call_id = span_str("last@test");
    CU_ASSERT_EQUAL_FATAL(sip_agent_ask(two.ue, &ask), MU_OK);
    {
        MU_CLEANUP(event_drop) struct sip_event *event = await(two.ue);

        CU_ASSERT_EQUAL(event->outcome.status, 503);
        CU_ASSERT(event->outcome.retry_after_s > 0);
    }
    CU_ASSERT_EQUAL(sip_agent_stats(two.gms).pending, config.pending_max);
}

static void a_target_that_is_not_there_has_an_outcome(void)
{
    MU_CLEANUP(stop) struct two two = start();
    char target[64];
    struct sip_ask ask = ask_to(two.gms, 0, "OPTIONS", target, sizeof(target));

    sip_agent_stop(two.gms);
    two.gms = NULL;
    CU_ASSERT_EQUAL_FATAL(sip_agent_ask(two.ue, &ask), MU_OK);
    {
        MU_CLEANUP(event_drop) struct sip_event *event = await(two.ue);

        CU_ASSERT(event->outcome.status >= 400);
    }
}

/* It goes over TCP: once, and what comes after its time is not heard. */
static void an_ask_may_have_less_time(void)
{
    static const struct sip_answer ok = {.status = 200};
    MU_CLEANUP(stop) struct two two = start();
    MU_CLEANUP(event_drop) struct sip_event *late = NULL, *lost = NULL;
    char target[64];
    struct sip_ask ask = ask_to(two.gms, 0, "OPTIONS", target, sizeof(target));

    ask.answer_ms = 100;
    CU_ASSERT_EQUAL_FATAL(sip_agent_ask(two.ue, &ask), MU_OK);
    late = await(two.gms);
    lost = await(two.ue);
    CU_ASSERT(lost->is_outcome);
    CU_ASSERT_EQUAL(lost->outcome.id, 7);
    CU_ASSERT_EQUAL(lost->outcome.status, 408);
    CU_ASSERT(lost->outcome.unanswered);
    CU_ASSERT(!lost->outcome.repeated);
    answer(two.gms, late->request.id, &ok);
    ask.id = 8;
    ask.answer_ms = 0;
    ask.dialog.local_cseq++;
    CU_ASSERT_EQUAL_FATAL(sip_agent_ask(two.ue, &ask), MU_OK);
    {
        MU_CLEANUP(event_drop) struct sip_event *again = await(two.gms);
        MU_CLEANUP(event_drop) struct sip_event *told = NULL;

        answer(two.gms, again->request.id, &ok);
        told = await(two.ue);
        CU_ASSERT_EQUAL(told->outcome.id, 8);
        CU_ASSERT_EQUAL(told->outcome.status, 200);
    }
    CU_ASSERT_EQUAL(sip_agent_stats(two.ue).timed_out, 1);
}

/* There SIP sends it again by itself (RFC 3261 clause 17.1.2.2). */
static void by_udp_it_has_all_the_time(void)
{
    MU_CLEANUP(stop) struct two two = start();
    MU_CLEANUP(event_drop) struct sip_event *lost = NULL;
    struct sip_agent_config hasty = config;
    char target[64];
    struct sip_ask ask = ask_to(two.gms, 1, "OPTIONS", target, sizeof(target));

    sip_agent_stop(two.ue);
    hasty.answer_ms = 1000;
    two.ue = NULL;
    CU_ASSERT_EQUAL_FATAL(sip_agent_start(&hasty, &two.ue), MU_OK);
    ask.answer_ms = 1;
    CU_ASSERT_EQUAL_FATAL(sip_agent_ask(two.ue, &ask), MU_OK);
    lost = await(two.ue);
    CU_ASSERT_EQUAL(lost->outcome.status, 408);
    CU_ASSERT(lost->outcome.repeated);
}

/* Without memory it says so at once; an ask that was taken has its outcome. */
static void an_ask_without_memory_is_refused(void)
{
    static const struct sip_answer ok = {.status = 200};
    MU_CLEANUP(stop) struct two two = start();
    MU_CLEANUP(event_drop) struct sip_event *event = NULL;
    char target[64];
    struct sip_ask ask = ask_to(two.gms, 0, "OPTIONS", target, sizeof(target));
    unsigned n = 1;

    for (;; n++) {
        enum mu_err err;

        mu_alloc_fail_nth(n);
        err = sip_agent_ask(two.ue, &ask);
        if (!mu_alloc_fail_end()) {
            CU_ASSERT_EQUAL_FATAL(err, MU_OK);
            break;
        }
        CU_ASSERT_EQUAL(err, MU_E_NO_MEMORY);
    }
    CU_ASSERT(n > 2);
    event = await(two.gms);
    answer(two.gms, event->request.id, &ok);
    expect_status(two.ue, 200);
    CU_ASSERT_EQUAL(sip_agent_stats(two.ue).asked, 1);
}

/* Asks under way are let go of. */
static void an_agent_may_stop_while_it_asks(void)
{
    MU_CLEANUP(stop) struct two two = start();
    char target[64];
    struct sip_ask ask = ask_to(two.gms, 0, "OPTIONS", target, sizeof(target));

    CU_ASSERT_EQUAL_FATAL(sip_agent_ask(two.ue, &ask), MU_OK);
    ask.answer_ms = 60000;
    ask.dialog.local_cseq++;
    CU_ASSERT_EQUAL_FATAL(sip_agent_ask(two.ue, &ask), MU_OK);
    sip_event_free(await(two.gms));
    sip_event_free(await(two.gms));
}

static void a_bad_port_is_an_error(void)
{
    static const struct sip_listen bad[] = {{SIP_TCP, "localhost", 0}};
    static const struct sip_listen without[] = {{SIP_TLS, "127.0.0.1", 0}};
    struct sip_agent_config c = config;
    struct sip_agent *agent = NULL;

    CU_ASSERT_EQUAL_FATAL(sip_library_init(), MU_OK);
    c.listen_count = 1;
    c.listens = bad;
    CU_ASSERT_EQUAL(sip_agent_start(&c, &agent), MU_E_MALFORMED);
    c.listens = without;
    CU_ASSERT_EQUAL(sip_agent_start(&c, &agent), MU_E_MALFORMED);
    CU_ASSERT_PTR_NULL(agent);
    sip_library_cleanup();
}

CU_TestInfo sip_agent_tests[] = {
    {"a subscription is answered and notified",
        a_subscription_is_answered_and_notified},
    {"a dialog outlives its agent", a_dialog_outlives_its_agent},
    {"a large request never goes by datagram",
        a_large_request_never_goes_by_datagram},
    {"nor when nobody is at TCP", nor_when_nobody_is_at_tcp},
    {"who comes by UDP is found there", who_comes_by_udp_is_found_there},
    {"a multipart comes in parts", a_multipart_comes_in_parts},
    {"raw parts come as they went", raw_parts_come_as_they_went},
    {"a multipart bomb is refused", a_multipart_bomb_is_refused},
    {"nor does a strange part end us", nor_does_a_strange_part_end_us},
    {"another method is refused", another_method_is_refused},
    {"too many are sent away", too_many_are_sent_away},
    {"a target that is not there has an outcome",
        a_target_that_is_not_there_has_an_outcome},
    {"an ask may have less time", an_ask_may_have_less_time},
    {"by UDP it has all the time", by_udp_it_has_all_the_time},
    {"an ask without memory is refused", an_ask_without_memory_is_refused},
    {"an agent may stop while it asks", an_agent_may_stop_while_it_asks},
    {"a bad port is an error", a_bad_port_is_an_error},
    CU_TEST_INFO_NULL,
};
