/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gms/vault_world.h"

#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gms/process.h"
#include "mikey/ntp.h"

#define ARENA_MAX (64U << 20)

static void must(enum mu_err err)
{
    CU_ASSERT_EQUAL_FATAL(err, MU_OK);
}

static struct mcptt_period_rule rule(void)
{
    return (struct mcptt_period_rule){.length_s = WORLD_PERIOD};
}

static void sign_certs(struct vault_world *w)
{
    struct world_cert cert = world_root(&w->home);

    cert.from_s = w->now_s - 1000;
    cert.to_s = w->now_s + (uint64_t)100 * WORLD_PERIOD;
    world_sign_cert(&w->home, &cert, w->home_cert);
    cert.kms_uri = VAULT_ABROAD;
    cert.role = "External";
    cert.kms = &w->abroad;
    world_sign_cert(&w->home, &cert, w->abroad_cert);
}

static void write_files(struct vault_world *w)
{
    uint8_t octets[GMS_IDENTITY_MAX];
    struct span sealed;
    struct wr wr;

    wr_init(&wr, octets, sizeof(octets));
    must(gms_identity_seal(&wr, &w->ring, &w->identity, &w->home.rng.rng));
    must(wr_close(&wr, &sealed));
    test_folder_write(&w->folder, "identity", sealed);
    test_folder_write(&w->folder, "kek", SPAN_OF(w->kek.b));
}

void vault_world_init(struct vault_world *w)
{
    *w = (struct vault_world){.kek = {{9}}};
    world_init(&w->home);
    must(mcptt_id_set(&w->home.enrolment.user_uri, span_str(VAULT_GMS)));
    test_kms_init(&w->abroad, &w->home.rng);
    w->now_s = mu_clock_unix_ms(mu_clock_system()) / 1000;
    must(mcptt_period_number(&(struct mcptt_period_rule){WORLD_PERIOD, 0},
        w->now_s + (uint64_t)MIKEY_NTP_UNIX_S, &w->period));
    sign_certs(w);
    must(mu_keyring_add(&w->ring, &w->kek));
    must(gms_identity_new(&w->home.enrolment, &w->home.rng.rng, &w->identity));
    test_folder_make(&w->folder);
    write_files(w);
    vault_world_forget(w);
}

/* Not test_folder_remove(): this is called outside of tests, too. */
static void remove_files(struct vault_world *w)
{
    static const char *const names[] = {
        "kek", "identity", "log", "log.saved", "message", "opened"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)remove(test_folder_path(&w->folder, names[i]));
    (void)remove(w->folder.path);
}

void vault_world_clear(struct vault_world *w)
{
    remove_files(w);
    mu_keyring_clear(&w->ring);
    gms_identity_clear(&w->identity);
    test_kms_clear(&w->abroad);
    world_clear(&w->home);
}

static struct {
    bool made;
    struct vault_world world;
} shared;

struct vault_world *vault_world(void)
{
    if (!shared.made)
        vault_world_init(&shared.world);
    shared.made = true;
    return &shared.world;
}

int vault_world_end(void)
{
    if (shared.made)
        vault_world_clear(&shared.world);
    shared.made = false;
    return 0;
}

void vault_world_forget(struct vault_world *w)
{
    test_folder_write(&w->folder, "log", span_str(""));
}

static int open_file(struct vault_world *w, const char *name, int flags)
{
    int fd = open(test_folder_path(&w->folder, name), flags | O_CLOEXEC);

    CU_ASSERT_FATAL(fd >= 0);
    return fd;
}

/* Both ends of a line. */
static void make_line(struct vault_run *run, int *vault_end)
{
    int fds[2];

    CU_ASSERT_EQUAL_FATAL(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
    *run = (struct vault_run){.fd = fds[0], .thread_fd = -1};
    mu_arena_init(&run->arena, ARENA_MAX);
    *vault_end = fds[1];
}

/* In the child: the descriptors of gms/process.h, and nothing else. They are
 * moved out of each other's way first. */
static void become_vault(const int *fds, const char *const *arguments)
{
    enum {
        FIRST = GMS_FD_LINK,
        COUNT = GMS_FD_VAULT_END - GMS_FD_LINK,
        AWAY = 100
    };
    const char *given[16] = {"gmsd-vault"};
    char *argv[16];

    for (int i = 0; i < COUNT; i++)
        (void)dup2(fds[i], AWAY + i);
    for (int i = 0; i < COUNT; i++)
        (void)dup2(AWAY + i, FIRST + i);
    for (int i = 0; i < COUNT; i++)
        (void)close(AWAY + i);
    for (size_t i = 0; arguments != NULL && arguments[i] != NULL && i < 14; i++)
        given[i + 1] = arguments[i];
    /* The leak detector traces the process, which does not let it. */
    (void)setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    memcpy(argv, given, sizeof(argv)); /* execv() writes nothing */
    (void)execv(GMSD_VAULT, argv);
    _exit(126);
}

void vault_start(
    struct vault_world *w, const char *const *arguments, struct vault_run *run)
{
    int link, fds[4];

    make_line(run, &link);
    fds[0] = link;
    fds[1] = open_file(w, "kek", O_RDONLY);
    fds[2] = open_file(w, "identity", O_RDONLY);
    fds[3] = open_file(w, "log", O_RDWR | O_APPEND);
    run->pid = fork();
    CU_ASSERT_FATAL(run->pid >= 0);
    if (run->pid == 0)
        become_vault(fds, arguments);
    for (size_t i = 0; i < 4; i++)
        (void)close(fds[i]);
}

static void *serve(void *to)
{
    struct vault_run *run = to;

    run->ended = gms_serve_run(run->serve);
    return NULL;
}

void vault_start_inside(struct vault_world *w, struct vault_run *run)
{
    struct gms_desk *desk = &run->desk;
    int fd;

    make_line(run, &fd);
    run->thread_fd = fd;
    test_clock_init(&run->clock, w->now_s * 1000);
    desk->clock = &run->clock.clock;
    desk->rng = mu_rng_system();
    desk->limits =
        (struct gms_vault_limits){1, UINT64_C(30) * 86400, 10, 100, 1, 4};
    must(gms_state_new(&w->ring, &w->identity, &desk->state));
    must(gms_book_new(&desk->book));
    must(gms_csk_gate_init(
        &desk->gate, &desk->limits, desk->rng, mu_clock_mono_ms(desk->clock)));
    must(gms_vault_log_open(open_file(w, "log", O_RDWR | O_APPEND),
        &w->identity.log_key, run->clock.unix_ms, desk->rng, desk->book,
        &desk->log));
    must(gms_serve_new(fd, desk, 2, &run->serve));
    CU_ASSERT_EQUAL_FATAL(pthread_create(&run->thread, NULL, serve, run), 0);
}

static int stop_thread(struct vault_run *run)
{
    (void)pthread_join(run->thread, NULL);
    gms_serve_free(run->serve);
    gms_vault_log_close(run->desk.log);
    gms_book_free(run->desk.book);
    gms_csk_gate_clear(&run->desk.gate);
    gms_state_free(run->desk.state);
    (void)close(run->thread_fd);
    return (int)run->ended;
}

int vault_stop(struct vault_run *run)
{
    int status = 0;

    if (run->fd >= 0)
        (void)close(run->fd);
    mu_arena_clear(&run->arena);
    if (run->pid == 0)
        return stop_thread(run);
    CU_ASSERT_EQUAL(waitpid(run->pid, &status, 0), run->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void vault_kill(struct vault_run *run)
{
    CU_ASSERT_FATAL(run->pid > 0);
    (void)kill(run->pid, SIGKILL);
    CU_ASSERT_EQUAL(vault_stop(run), 128 + SIGKILL);
}

void vault_send(struct vault_run *run, struct gms_vault_request *request)
{
    static uint8_t octets[GMS_VAULT_FRAME_MAX];
    struct span frame = {NULL, 0};
    struct wr w;

    request->id = ++run->last_id;
    wr_init(&w, octets, sizeof(octets));
    must(gms_vault_request_write(&w, request));
    must(wr_close(&w, &frame));
    CU_ASSERT_EQUAL_FATAL(
        send(run->fd, frame.p, frame.len, MSG_NOSIGNAL), (ssize_t)frame.len);
}

static void keep_envelopes(
    struct vault_reply *reply, const struct gms_vault_answer *a)
{
    for (size_t i = 0; i < a->envelopes.count; i++)
        reply->envelopes[a->envelopes.first + i] = a->envelopes.at[i];
    reply->count += a->envelopes.count;
}

static void keep_messages(
    struct vault_reply *reply, const struct gms_vault_answer *a)
{
    for (size_t i = 0; i < a->messages.count; i++)
        reply->messages[a->messages.first + i] = a->messages.at[i];
    reply->count += a->messages.count;
}

static void keep_objects(
    struct vault_reply *reply, const struct gms_vault_answer *a)
{
    for (size_t i = 0; i < a->objects.count; i++)
        reply->objects[a->objects.first + i] = a->objects.at[i];
    reply->count += a->objects.count;
}

static void keep(struct vault_reply *reply, const struct gms_vault_answer *a)
{
    reply->err = a->err;
    reply->refusal = a->refusal;
    reply->why = a->why;
    reply->frames++;
    if (a->err != MU_OK)
        return;
    if (a->op == GMS_VAULT_HELLO)
        reply->hello = a->hello;
    else if (a->op == GMS_VAULT_NEW_KEY)
        reply->key = a->key;
    else if (a->op == GMS_VAULT_CSK)
        reply->csk = a->csk;
    else if (a->op == GMS_VAULT_WRAP)
        keep_envelopes(reply, a);
    else if (a->op == GMS_VAULT_SIGN)
        keep_messages(reply, a);
    else if (a->op == GMS_VAULT_RESEAL)
        keep_objects(reply, a);
}

void vault_ask(struct vault_run *run, struct gms_vault_request *request,
    struct vault_reply *reply)
{
    static uint8_t octets[GMS_VAULT_FRAME_MAX];
    struct gms_vault_answer answer = {.last = false};

    memset(reply, 0, sizeof(*reply));
    vault_send(run, request);
    while (!answer.last) {
        ssize_t n = recv(run->fd, octets, sizeof(octets), 0);
        struct span frame;

        CU_ASSERT_FATAL(n > 0);
        frame = mu_arena_copy(&run->arena, (struct span){octets, (size_t)n});
        must(gms_vault_answer_read(frame, &run->arena, &answer));
        CU_ASSERT_EQUAL(answer.op, request->op);
        CU_ASSERT_EQUAL(answer.id, request->id);
        keep(reply, &answer);
    }
}

enum gms_vault_refusal vault_give_cert(struct vault_run *run, const char *text)
{
    static struct vault_reply reply;
    struct gms_vault_request request = {
        .op = GMS_VAULT_CERT, .cert = span_str(text)};

    vault_ask(run, &request, &reply);
    CU_ASSERT_EQUAL(reply.err == MU_OK, reply.refusal == GMS_REFUSED_NOT);
    return reply.refusal;
}

enum gms_vault_refusal vault_give_keys(
    struct vault_run *run, const struct kms_wrapped_keys *keys)
{
    static struct vault_reply reply;
    struct gms_vault_request request = {.op = GMS_VAULT_KEYS, .keys = *keys};

    vault_ask(run, &request, &reply);
    CU_ASSERT_EQUAL(reply.err == MU_OK, reply.refusal == GMS_REFUSED_NOT);
    return reply.refusal;
}

void vault_provision(struct vault_world *w, struct vault_run *run)
{
    CU_ASSERT_EQUAL(vault_give_cert(run, w->home_cert), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(vault_give_cert(run, w->abroad_cert), GMS_REFUSED_NOT);
    for (uint64_t i = 0; i < 2; i++) {
        struct kms_wrapped_keys keys;

        world_wrap_keys(&w->home, w->period + i, &keys);
        CU_ASSERT_EQUAL(vault_give_keys(run, &keys), GMS_REFUSED_NOT);
    }
}

struct gms_sealed_key vault_new_key(
    struct vault_run *run, const char *group, uint64_t epoch)
{
    static struct vault_reply reply;
    struct gms_vault_request request = {.op = GMS_VAULT_NEW_KEY,
        .new_key = {MCPTT_KIND_GMK, span_str(group), epoch}};

    vault_ask(run, &request, &reply);
    CU_ASSERT_EQUAL_FATAL(reply.err, MU_OK);
    CU_ASSERT_EQUAL(reply.key.epoch, epoch);
    return reply.key;
}

struct vault_task vault_task(
    const struct vault_world *w, struct gms_sealed_key key, const char *member)
{
    return (struct vault_task){
        .key = key,
        .period = {span_str(VAULT_HOME), w->period},
        .terms = {.groups = {span_str(VAULT_GROUP)}, .group_count = 1},
        .members = {span_str(member)},
        .count = 1,
    };
}

enum gms_vault_refusal vault_wrap(
    struct vault_run *run, struct vault_task *task)
{
    static struct vault_reply reply;
    struct gms_vault_request request = {.op = GMS_VAULT_WRAP,
        .wrap = {task->key, task->period, task->revocation, task->members,
            task->count}};

    vault_ask(run, &request, &reply);
    if (reply.err != MU_OK)
        return reply.refusal;
    CU_ASSERT_EQUAL_FATAL(reply.count, task->count);
    for (size_t i = 0; i < task->count; i++) {
        task->envelopes[i] = reply.envelopes[i].envelope;
        task->guk_ids[i] = reply.envelopes[i].guk_id;
    }
    return GMS_REFUSED_NOT;
}

enum gms_vault_refusal vault_sign(struct vault_run *run,
    const struct vault_task *task, struct vault_reply *reply)
{
    struct gms_vault_sign_item items[VAULT_TASK_MAX];
    struct gms_vault_request request = {.op = GMS_VAULT_SIGN,
        .sign = {task->key, task->period, task->terms, items, task->count}};

    for (size_t i = 0; i < task->count; i++)
        items[i] =
            (struct gms_vault_sign_item){task->members[i], task->envelopes[i]};
    vault_ask(run, &request, reply);
    CU_ASSERT_EQUAL(reply->err == MU_OK, reply->refusal == GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(reply->count, reply->err == MU_OK ? task->count : 0);
    return reply->refusal;
}

enum gms_vault_refusal vault_members(struct vault_run *run,
    enum gms_vault_op op, uint64_t epoch, const char *member)
{
    static struct vault_reply reply;
    struct span uri = span_str(member);
    struct gms_vault_request request = {
        .op = op, .members = {span_str(VAULT_GROUP), epoch, &uri, 1}};

    vault_ask(run, &request, &reply);
    return reply.refusal;
}

static struct mcptt_uid uid_of(
    struct span identity, struct span kms, uint64_t number)
{
    const struct mcptt_uid_source source = {identity, kms, rule(), number};
    struct mcptt_uid uid = {{0}};

    must(mcptt_uid_derive(&source, &uid));
    return uid;
}

void vault_member_init(struct vault_world *w,
    const struct gms_vault_period *period, struct span member,
    struct test_user *out)
{
    bool home = span_eq(period->kms, span_str(VAULT_HOME));
    struct mcptt_uid uid = uid_of(member, period->kms, period->number);

    test_user_init(
        out, home ? &w->home.kms : &w->abroad, SPAN_OF(uid.b), &w->home.rng);
}

enum mu_err vault_open_as(struct vault_world *w, struct span message,
    const struct gms_vault_period *period, struct span member,
    const struct test_user *user, struct mcptt_opened *out)
{
    /* Who made it, said in clear or known by the way it came. */
    struct mcptt_stated gms = {
        .uri = span_str(VAULT_GMS), .kms = span_str(VAULT_HOME)};
    struct mcptt_identifier sender;
    struct mcptt_incoming in;
    struct mcptt_opener opener = {.uri = member};
    struct mcptt_period_rule months = rule();

    TRY(mcptt_incoming_read(message, MIKEY_STRICT, &in, NULL));
    CU_ASSERT(in.initiator.uid.len > 0 || span_eq(in.initiator.uri, gms.uri));
    CU_ASSERT(span_eq(in.initiator.kms, span_str(VAULT_HOME)));
    CU_ASSERT(span_eq(in.responder.kms, period->kms));
    TRY(mcptt_incoming_identifier(
        &in, &gms, &months, (int64_t)w->now_s, &sender));
    opener.id = user->id;
    opener.keys = (struct mikey_imsg_keys){.initiator_kms = w->home.kms.eccsi,
        .initiator_id = {sender.b, sender.len},
        .user = user->sakke};
    return mcptt_incoming_open(&in, &opener, out, NULL);
}

enum mu_err vault_open_message(struct vault_world *w, struct span message,
    const struct gms_vault_period *period, struct span member,
    struct mcptt_opened *out)
{
    MU_CLEANUP(test_user_clear) struct test_user user = {0};

    vault_member_init(w, period, member, &user);
    return vault_open_as(w, message, period, member, &user, out);
}

struct span vault_receipt(struct vault_world *w, struct vault_run *run,
    const struct mcptt_receipt *draft, const struct mcptt_key *key)
{
    const struct gms_vault_period period = {span_str(VAULT_HOME), w->period};
    MU_CLEANUP(test_user_clear) struct test_user user = {0};
    uint8_t *room = mu_arena_alloc(&run->arena, MCPTT_RECEIPT_MAX, 1);
    struct span out = {NULL, 0};
    struct wr wr;

    CU_ASSERT_PTR_NOT_NULL_FATAL(room);
    vault_member_init(w, &period, draft->member, &user);
    wr_init(&wr, room, MCPTT_RECEIPT_MAX);
    must(mcptt_receipt_write(&wr, draft, key, user.signer, &w->home.rng.rng));
    must(wr_close(&wr, &out));
    return out;
}
