/* SPDX-License-Identifier: Apache-2.0 */
/* The front's end of its line; the test is the monitor. */
#include "gms/front_control.h"

#include <event2/event.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gms/process.h"
#include "tests/suites.h"

struct line {
    struct event_base *base;
    struct gms_control *control;
    int near, far;
    unsigned vaults, gone;
    int vault; /* the last end that came, ours */
};

static void on_vault(void *ctx, int fd)
{
    struct line *l = ctx;

    if (l->vault >= 0)
        (void)close(l->vault);
    l->vaults++;
    l->vault = fd;
}

static void on_gone(void *ctx)
{
    ((struct line *)ctx)->gone++;
}

static void line_make(struct line *l)
{
    int pair[2] = {-1, -1};
    struct gms_control_config config = {
        .on_vault = on_vault, .on_gone = on_gone, .ctx = l};

    *l = (struct line){.base = event_base_new(), .vault = -1};
    CU_ASSERT_PTR_NOT_NULL_FATAL(l->base);
    CU_ASSERT_FATAL(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
    l->near = pair[0];
    l->far = pair[1];
    config.base = l->base;
    config.fd = l->near;
    CU_ASSERT_EQUAL_FATAL(gms_control_new(&config, &l->control), MU_OK);
}

static void line_clear(struct line *l)
{
    gms_control_free(l->control);
    event_base_free(l->base);
    (void)close(l->near);
    if (l->far >= 0)
        (void)close(l->far);
    if (l->vault >= 0)
        (void)close(l->vault);
}

static void turn(struct line *l)
{
    CU_ASSERT_FATAL(event_base_loop(l->base, EVLOOP_NONBLOCK) >= 0);
}

/* One letter with up to two descriptors, as the monitor sends it. */
static void send_with(struct line *l, char what, const int *fds, size_t count)
{
    union {
        struct cmsghdr align;
        char octets[CMSG_SPACE(2 * sizeof(int))];
    } room;
    struct iovec part = {&what, 1};
    struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1};

    memset(&room, 0, sizeof(room));
    if (count > 0) {
        struct cmsghdr *c = &room.align;

        head.msg_control = room.octets;
        head.msg_controllen = CMSG_SPACE(count * sizeof(int));
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(c), fds, count * sizeof(int));
    }
    CU_ASSERT_FATAL(sendmsg(l->far, &head, MSG_NOSIGNAL) == 1);
}

/* Sends the writing ends of two pipes; whether both are closed here and there
 * afterwards. */
static bool closes_both(struct line *l, char what, size_t count)
{
    int first[2] = {-1, -1}, second[2] = {-1, -1};
    int sent[2];
    char octet;
    bool closed;

    CU_ASSERT_FATAL(pipe2(first, O_NONBLOCK | O_CLOEXEC) == 0);
    CU_ASSERT_FATAL(pipe2(second, O_NONBLOCK | O_CLOEXEC) == 0);
    sent[0] = first[1];
    sent[1] = second[1];
    send_with(l, what, sent, count);
    (void)close(first[1]);
    (void)close(second[1]);
    turn(l);
    /* The end of the file, where a writer that is left would mean EAGAIN. */
    closed = read(first[0], &octet, 1) == 0 && read(second[0], &octet, 1) == 0;
    (void)close(first[0]);
    (void)close(second[0]);
    return closed;
}

/* --------------------------------------------------------------- the tests */

static void the_end_of_a_vault_is_handed_on(void)
{
    MU_CLEANUP(line_clear) struct line l;
    int ends[2] = {-1, -1};
    char octet = '\0';

    line_make(&l);
    for (unsigned i = 1; i <= 2; i++) {
        CU_ASSERT_FATAL(pipe2(ends, O_CLOEXEC) == 0);
        send_with(&l, GMS_CONTROL_VAULT, &ends[1], 1);
        (void)close(ends[1]);
        turn(&l);
        CU_ASSERT_EQUAL_FATAL(l.vaults, i);
        CU_ASSERT_EQUAL(write(l.vault, "x", 1), 1);
        CU_ASSERT_EQUAL(read(ends[0], &octet, 1), 1);
        CU_ASSERT_EQUAL(octet, 'x');
        CU_ASSERT((fcntl(l.vault, F_GETFD) & FD_CLOEXEC) != 0);
        (void)close(ends[0]);
    }
    CU_ASSERT_EQUAL(l.gone, 0);
}

static void a_vault_without_its_end_is_the_lines_end(void)
{
    MU_CLEANUP(line_clear) struct line l;

    line_make(&l);
    send_with(&l, GMS_CONTROL_VAULT, NULL, 0);
    turn(&l);
    CU_ASSERT_EQUAL(l.gone, 1);
    CU_ASSERT_EQUAL(l.vaults, 0);
}

static void two_ends_are_one_too_many(void)
{
    MU_CLEANUP(line_clear) struct line l;

    line_make(&l);
    CU_ASSERT(closes_both(&l, GMS_CONTROL_VAULT, 2));
    CU_ASSERT_EQUAL(l.gone, 1);
    CU_ASSERT_EQUAL(l.vaults, 0);
}

static void what_else_comes_with_a_descriptor_is_closed(void)
{
    MU_CLEANUP(line_clear) struct line l;

    line_make(&l);
    CU_ASSERT(closes_both(&l, GMS_CONTROL_READY, 1));
    CU_ASSERT_EQUAL(l.gone, 1);
    CU_ASSERT_EQUAL(l.vaults, 0);
}

/* Nothing is read behind it: gone once, and no vault any more. */
static void the_monitors_end_is_told_once(void)
{
    MU_CLEANUP(line_clear) struct line l;

    line_make(&l);
    (void)close(l.far);
    l.far = -1;
    for (int i = 0; i < 3; i++)
        turn(&l);
    CU_ASSERT_EQUAL(l.gone, 1);
}

static void what_is_said_arrives(void)
{
    MU_CLEANUP(line_clear) struct line l;
    char heard[8];

    line_make(&l);
    gms_control_say(l.control, GMS_CONTROL_READY);
    gms_control_say(l.control, GMS_CONTROL_RELOADED);
    CU_ASSERT_EQUAL(recv(l.far, heard, sizeof(heard), MSG_DONTWAIT), 1);
    CU_ASSERT_EQUAL(heard[0], GMS_CONTROL_READY);
    CU_ASSERT_EQUAL(recv(l.far, heard, sizeof(heard), MSG_DONTWAIT), 1);
    CU_ASSERT_EQUAL(heard[0], GMS_CONTROL_RELOADED);
}

static void a_loop_that_turns_says_so_by_itself(void)
{
    MU_CLEANUP(line_clear) struct line l;
    char heard = '\0';

    line_make(&l);
    CU_ASSERT_EQUAL(recv(l.far, &heard, 1, MSG_DONTWAIT), -1);
    CU_ASSERT_FATAL(event_base_loop(l.base, EVLOOP_ONCE) == 0);
    CU_ASSERT_EQUAL(recv(l.far, &heard, 1, MSG_DONTWAIT), 1);
    CU_ASSERT_EQUAL(heard, GMS_CONTROL_ALIVE);
}

/* A monitor that does not read must not stop the front. */
static void a_full_line_does_not_block(void)
{
    MU_CLEANUP(line_clear) struct line l;

    line_make(&l);
    for (int i = 0; i < 10000; i++)
        gms_control_say(l.control, GMS_CONTROL_ALIVE);
    CU_ASSERT_EQUAL(l.gone, 0);
}

static void only_such_a_line_is_taken(void)
{
    MU_CLEANUP(line_clear) struct line l;
    struct gms_control_config config = {.on_vault = on_vault, .ctx = &l};
    struct gms_control *made = NULL;
    int stream[2] = {-1, -1}, pipes[2] = {-1, -1};

    line_make(&l);
    config.base = l.base;
    CU_ASSERT_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, stream) == 0);
    CU_ASSERT_FATAL(pipe2(pipes, O_CLOEXEC) == 0);
    config.fd = stream[0];
    CU_ASSERT_EQUAL(gms_control_new(&config, &made), MU_E_IO);
    config.fd = pipes[0];
    CU_ASSERT_EQUAL(gms_control_new(&config, &made), MU_E_IO);
    config.fd = -1;
    CU_ASSERT_EQUAL(gms_control_new(&config, &made), MU_E_IO);
    CU_ASSERT_PTR_NULL(made);
    for (int i = 0; i < 2; i++) {
        (void)close(stream[i]);
        (void)close(pipes[i]);
    }
}

CU_TestInfo gms_front_control_tests[] = {
    {"the end of a vault is handed on", the_end_of_a_vault_is_handed_on},
    {"a vault without its end is the line's end",
        a_vault_without_its_end_is_the_lines_end},
    {"two ends are one too many", two_ends_are_one_too_many},
    {"what else comes with a descriptor is closed",
        what_else_comes_with_a_descriptor_is_closed},
    {"the monitor's end is told once", the_monitors_end_is_told_once},
    {"what is said arrives", what_is_said_arrives},
    {"a loop that turns says so by itself",
        a_loop_that_turns_says_so_by_itself},
    {"a full line does not block", a_full_line_does_not_block},
    {"only such a line is taken", only_such_a_line_is_taken},
    CU_TEST_INFO_NULL,
};
