/* SPDX-License-Identifier: Apache-2.0 */
/* The front's end against a vault: a real process, but where a test plays it.
 */
#include "gms/vault_link.h"

#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/gms/vault_world.h"
#include "tests/suites.h"

#define GROUP VAULT_GROUP
#define SOME  20 /* recipients of a request */
#define ALICE "sip:alice@example.org"

/* Who asks, and what he heard. */
struct asker {
    struct gms_vault_link *link;
    size_t answers, ends, failures;
    struct gms_sealed_key key;
    uint8_t sealed[GMS_SEALED_KEY_LEN];
    size_t envelopes;
};

struct fixture {
    struct event_base *base;
    struct gms_vault_link *link;
    struct vault_run run;
    size_t ups, downs;
    bool ready;
    struct asker asker;
};

static void on_up(void *ctx, const struct gms_vault_hello *hello)
{
    struct fixture *f = ctx;

    f->ups++;
    f->ready = hello->ready;
    CU_ASSERT(span_eq(hello->identity, span_str(VAULT_GMS)));
}

static void on_down(void *ctx)
{
    struct fixture *f = ctx;

    f->downs++;
    CU_ASSERT(!gms_vault_link_is_up(f->link));
}

static void on_answer(void *ctx, const struct gms_vault_answer *a)
{
    struct asker *asker = ctx;

    asker->answers++;
    asker->ends += a->last;
    asker->failures += a->err == MU_E_IO;
    if (a->err == MU_OK && a->op == GMS_VAULT_NEW_KEY) {
        asker->key = a->key;
        memcpy(asker->sealed, a->key.sealed.p, sizeof(asker->sealed));
        asker->key.sealed = SPAN_OF(asker->sealed);
        asker->key.group = span_str(GROUP);
    }
    if (a->err == MU_OK && a->op == GMS_VAULT_WRAP)
        asker->envelopes += a->envelopes.count;
}

static void setup(struct fixture *f)
{
    const struct gms_vault_link_config config = {
        .on_up = on_up, .on_down = on_down, .ctx = f};
    struct gms_vault_link_config with_base = config;
    const struct timeval limit = {300, 0}; /* of the whole test */

    *f = (struct fixture){.base = event_base_new()};
    CU_ASSERT_PTR_NOT_NULL_FATAL(f->base);
    CU_ASSERT_EQUAL(event_base_loopexit(f->base, &limit), 0);
    with_base.base = f->base;
    CU_ASSERT_EQUAL_FATAL(gms_vault_link_new(&with_base, &f->link), MU_OK);
    f->asker.link = f->link;
    vault_world_forget(vault_world());
}

static void teardown(struct fixture *f)
{
    gms_vault_link_free(f->link);
    event_base_free(f->base);
}

/* Turns the loop until *counter is at least count. */
static void await(struct fixture *f, const size_t *counter, size_t count)
{
    while (*counter < count && !event_base_got_exit(f->base))
        (void)event_base_loop(f->base, EVLOOP_ONCE);
    CU_ASSERT_FATAL(*counter >= count);
}

static void take(struct fixture *f, int fd)
{
    size_t ups = f->ups;

    CU_ASSERT_EQUAL_FATAL(gms_vault_link_take(f->link, fd), MU_OK);
    CU_ASSERT(!gms_vault_link_is_up(f->link));
    await(f, &f->ups, ups + 1);
    CU_ASSERT(gms_vault_link_is_up(f->link));
}

/* A real vault's end, up. */
static void start(struct fixture *f)
{
    vault_start(vault_world(), NULL, &f->run);
    vault_provision(vault_world(), &f->run);
    take(f, f->run.fd);
    f->run.fd = -1;
    CU_ASSERT(f->ready);
}

static void ask(struct fixture *f, struct gms_vault_request *request)
{
    CU_ASSERT_EQUAL_FATAL(
        gms_vault_link_ask(f->link, request, false, on_answer, &f->asker),
        MU_OK);
}

static void ask_for_key(struct fixture *f, uint64_t epoch)
{
    struct gms_vault_request request = {.op = GMS_VAULT_NEW_KEY,
        .new_key = {MCPTT_KIND_GMK, span_str(GROUP), epoch}};
    size_t ends = f->asker.ends;

    ask(f, &request);
    await(f, &f->asker.ends, ends + 1);
}

static struct gms_vault_request wrap_request(struct fixture *f)
{
    static struct span members[GMS_VAULT_RECIPIENTS_MAX];

    for (size_t i = 0; i < GMS_VAULT_RECIPIENTS_MAX; i++)
        members[i] = span_str(ALICE);
    return (struct gms_vault_request){.op = GMS_VAULT_WRAP,
        .wrap = {f->asker.key, {span_str(VAULT_HOME), vault_world()->period},
            false, members, SOME}};
}

static void nobody_to_ask_is_a_state(void)
{
    struct gms_vault_request request = {.op = GMS_VAULT_HELLO};
    struct fixture f;

    setup(&f);
    CU_ASSERT(!gms_vault_link_is_up(f.link));
    CU_ASSERT_EQUAL(
        gms_vault_link_ask(f.link, &request, false, on_answer, &f.asker),
        MU_E_STATE);
    teardown(&f);
}

static void more_than_may_be_open_is_asked_in_turn(void)
{
    const size_t many = (size_t)2 * GMS_VAULT_INFLIGHT_MAX;
    struct gms_vault_request request;
    struct fixture f;

    setup(&f);
    start(&f);
    ask_for_key(&f, 1);
    request = wrap_request(&f);
    for (size_t i = 0; i < many; i++)
        ask(&f, &request);
    await(&f, &f.asker.ends, many + 1);
    CU_ASSERT_EQUAL(f.asker.envelopes, many * SOME); /* and none refused */
    teardown(&f);
    CU_ASSERT_EQUAL(vault_stop(&f.run), 0);
}

static void a_killed_vault_answers_each_once_and_the_next_goes_on(void)
{
    const size_t many = (size_t)2 * GMS_VAULT_INFLIGHT_MAX;
    struct gms_vault_request request;
    struct fixture f;

    setup(&f);
    start(&f);
    ask_for_key(&f, 1);
    f.asker.ends = 0;
    request = wrap_request(&f);
    for (size_t i = 0; i < many; i++)
        ask(&f, &request);
    vault_kill(&f.run);
    await(&f, &f.downs, 1);
    CU_ASSERT_EQUAL(f.asker.ends, many);
    CU_ASSERT(f.asker.failures > 0);
    CU_ASSERT_EQUAL(
        gms_vault_link_ask(f.link, &request, false, on_answer, &f.asker),
        MU_E_STATE);
    start(&f);
    f.asker.envelopes = 0;
    f.asker.ends = 0;
    ask(&f, &request);
    await(&f, &f.asker.ends, 1);
    CU_ASSERT_EQUAL(f.asker.envelopes, SOME); /* the key is sealed: it lives */
    CU_ASSERT_EQUAL(f.ups, 2);
    CU_ASSERT_EQUAL(f.downs, 1);
    teardown(&f);
    CU_ASSERT_EQUAL(vault_stop(&f.run), 0);
}

/* The other end of a line whose vault is the test. */
static int play(struct fixture *f)
{
    int fds[2];

    CU_ASSERT_EQUAL_FATAL(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
    CU_ASSERT_EQUAL_FATAL(gms_vault_link_take(f->link, fds[0]), MU_OK);
    return fds[1];
}

/* The op and id of the next request. */
static struct gms_vault_request next_request(int fd)
{
    static uint8_t octets[GMS_VAULT_FRAME_MAX];
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_vault_request request = {.id = 0};
    ssize_t n = recv(fd, octets, sizeof(octets), MSG_DONTWAIT);

    mu_arena_init(&arena, 65536);
    if (n > 0)
        CU_ASSERT_EQUAL_FATAL(
            gms_vault_request_read(
                (struct span){octets, (size_t)n}, &arena, &request),
            MU_OK);
    return request;
}

static void say(int fd, const struct gms_vault_answer *a)
{
    uint8_t octets[512];
    struct span frame;
    struct wr w;

    wr_init(&w, octets, sizeof(octets));
    CU_ASSERT_EQUAL_FATAL(gms_vault_answer_write(&w, a), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &frame), MU_OK);
    CU_ASSERT_EQUAL(send(fd, frame.p, frame.len, 0), (ssize_t)frame.len);
}

static void say_hello(struct fixture *f, int fd)
{
    const struct gms_vault_answer hello = {
        .op = GMS_VAULT_HELLO,
        .id = next_request(fd).id,
        .last = true,
        .hello = {.identity = span_str(VAULT_GMS), .kms = span_str(VAULT_HOME)},
    };

    say(fd, &hello);
    await(f, &f->ups, 1);
}

static void ask_to_admit(struct fixture *f, bool urgent, uint64_t epoch)
{
    struct span uri = span_str(ALICE);
    struct gms_vault_request request = {
        .op = GMS_VAULT_ADMIT, .members = {span_str(GROUP), epoch, &uri, 1}};

    CU_ASSERT_EQUAL_FATAL(
        gms_vault_link_ask(f->link, &request, urgent, on_answer, &f->asker),
        MU_OK);
}

static void urgent_requests_overtake_those_that_wait(void)
{
    struct gms_vault_answer a = {.op = GMS_VAULT_ADMIT, .last = true};
    struct fixture f;
    int fd;

    setup(&f);
    fd = play(&f);
    say_hello(&f, fd);
    for (uint64_t i = 0; i <= GMS_VAULT_INFLIGHT_MAX; i++)
        ask_to_admit(&f, false, i);
    ask_to_admit(&f, true, 1000);
    for (uint64_t i = 0; i < GMS_VAULT_INFLIGHT_MAX; i++) {
        struct gms_vault_request got = next_request(fd);

        CU_ASSERT_EQUAL(got.members.epoch, i);
        a.id = got.id;
    }
    CU_ASSERT_EQUAL(next_request(fd).id, 0); /* no more are sent */
    say(fd, &a);
    await(&f, &f.asker.ends, 1);
    CU_ASSERT_EQUAL(next_request(fd).members.epoch, 1000);
    CU_ASSERT_EQUAL(next_request(fd).id, 0);
    (void)close(fd);
    teardown(&f);
}

static void an_answer_nobody_asked_for_ends_the_line(void)
{
    struct gms_vault_answer a = {.op = GMS_VAULT_CERT, .id = 77, .last = true};
    struct fixture f;
    int fd;

    setup(&f);
    fd = play(&f);
    say_hello(&f, fd);
    ask_to_admit(&f, false, 1);
    say(fd, &a);
    await(&f, &f.downs, 1);
    CU_ASSERT_EQUAL(f.asker.failures, 1);
    (void)close(fd);
    teardown(&f);
}

static void octets_that_are_no_answer_end_the_line(void)
{
    struct fixture f;
    int fd;

    setup(&f);
    fd = play(&f);
    say_hello(&f, fd);
    ask_to_admit(&f, false, 1);
    CU_ASSERT_EQUAL(send(fd, "what", 4, 0), 4);
    await(&f, &f.downs, 1);
    CU_ASSERT_EQUAL(f.asker.failures, 1);
    (void)close(fd);
    teardown(&f);
}

static void a_new_end_takes_the_place_of_the_old_one(void)
{
    struct fixture f;
    int first, second;

    setup(&f);
    first = play(&f);
    say_hello(&f, first);
    ask_to_admit(&f, false, 1);
    second = play(&f);
    CU_ASSERT_EQUAL(f.downs, 1);
    CU_ASSERT_EQUAL(f.asker.failures, 1);
    CU_ASSERT(!gms_vault_link_is_up(f.link));
    (void)close(first);
    (void)close(second);
    teardown(&f);
}

static void who_is_forgotten_hears_nothing(void)
{
    struct gms_vault_answer a = {.op = GMS_VAULT_ADMIT, .last = true};
    struct fixture f;
    struct asker other = {0};
    struct gms_vault_request hello = {.op = GMS_VAULT_HELLO};
    int fd;

    setup(&f);
    fd = play(&f);
    say_hello(&f, fd);
    ask_to_admit(&f, false, 1);
    CU_ASSERT_EQUAL(
        gms_vault_link_ask(f.link, &hello, false, on_answer, &other), MU_OK);
    gms_vault_link_forget(f.link, &f.asker);
    a.id = next_request(fd).id;
    say(fd, &a);
    (void)close(fd);
    await(&f, &f.downs, 1);
    CU_ASSERT_EQUAL(f.asker.answers, 0);
    CU_ASSERT_EQUAL(other.failures, 1);
    teardown(&f);
}

static void what_would_end_the_vault_is_not_asked(void)
{
    struct gms_vault_request request = {.op = GMS_VAULT_ADMIT};
    struct fixture f;
    int fd;

    setup(&f);
    fd = play(&f);
    say_hello(&f, fd);
    CU_ASSERT_EQUAL(
        gms_vault_link_ask(f.link, &request, false, on_answer, &f.asker),
        MU_E_MALFORMED);
    CU_ASSERT_EQUAL(next_request(fd).id, 0);
    (void)close(fd);
    teardown(&f);
}

CU_TestInfo gms_vault_link_tests[] = {
    {"nobody to ask is a state", nobody_to_ask_is_a_state},
    {"more than may be open is asked in turn",
        more_than_may_be_open_is_asked_in_turn},
    {"a killed vault answers each once, and the next goes on",
        a_killed_vault_answers_each_once_and_the_next_goes_on},
    {"urgent requests overtake those that wait",
        urgent_requests_overtake_those_that_wait},
    {"an answer nobody asked for ends the line",
        an_answer_nobody_asked_for_ends_the_line},
    {"octets that are no answer end the line",
        octets_that_are_no_answer_end_the_line},
    {"a new end takes the place of the old one",
        a_new_end_takes_the_place_of_the_old_one},
    {"who is forgotten hears nothing", who_is_forgotten_hears_nothing},
    {"what would end the vault is not asked",
        what_would_end_the_vault_is_not_asked},
    CU_TEST_INFO_NULL,
};
