/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/front_control.h"

#include <errno.h>
#include <event2/event.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "gms/process.h"

struct gms_control {
    struct gms_control_config config;
    struct event *readable, *alive;
};

/* What came in one message. */
struct message {
    char what; /* 0: the line is at its end, or what came is not ours */
    int fd;    /* -1: none */
};

/* Room for more descriptors than are allowed, so that too many are seen. */
union ancillary {
    struct cmsghdr align;
    char octets[CMSG_SPACE(2 * sizeof(int))];
};

/* Exactly one descriptor, or all are closed. */
static int take_fd(struct msghdr *head)
{
    int fds[2] = {-1, -1}, count = 0;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(head); c != NULL;
         c = CMSG_NXTHDR(head, c)) {
        size_t len = c->cmsg_len - CMSG_LEN(0);

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        count = (int)(len / sizeof(int));
        memcpy(fds, CMSG_DATA(c), len <= sizeof(fds) ? len : sizeof(fds));
    }
    if (count == 1 && (head->msg_flags & MSG_CTRUNC) == 0)
        return fds[0];
    for (int i = 0; i < 2; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
    return -1;
}

/* False when there is nothing to read. */
static bool receive(int line, struct message *out)
{
    union ancillary room;
    char what = '\0';
    struct iovec part = {&what, sizeof(what)};
    struct msghdr head = {.msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = room.octets,
        .msg_controllen = sizeof(room.octets)};
    ssize_t got = recvmsg(line, &head, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    *out = (struct message){'\0', -1};
    if (got <= 0)
        return true;
    out->fd = take_fd(&head);
    out->what = what;
    return true;
}

static void go(struct gms_control *control)
{
    (void)event_del(control->readable);
    (void)event_del(control->alive);
    control->config.on_gone(control->config.ctx);
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
    struct gms_control *control = ctx;
    struct message message;

    (void)what;
    if (!receive(fd, &message))
        return;
    if (message.what == GMS_CONTROL_VAULT && message.fd >= 0) {
        control->config.on_vault(control->config.ctx, message.fd);
        return;
    }
    if (message.fd >= 0)
        (void)close(message.fd);
    go(control);
}

void gms_control_say(struct gms_control *control, char what)
{
    /* A monitor that is behind by so much needs no further sign of life. */
    if (send(control->config.fd, &what, sizeof(what),
            MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
        errno != EAGAIN)
        mu_log_event(MU_LOG_WARNING, "gms.monitor_silent");
}

static void on_alive(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    gms_control_say(ctx, GMS_CONTROL_ALIVE);
}

/* The only socket of its kind that a parent hands down. */
static bool is_line(int fd)
{
    socklen_t len = sizeof(int);
    int type = 0;

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
           type == SOCK_SEQPACKET;
}

static enum mu_err watch(struct gms_control *control)
{
    const struct timeval every = {
        GMS_ALIVE_MS / 1000, GMS_ALIVE_MS % 1000 * 1000L};
    struct event_base *base = control->config.base;

    control->readable = event_new(
        base, control->config.fd, EV_READ | EV_PERSIST, on_readable, control);
    control->alive = event_new(base, -1, EV_PERSIST, on_alive, control);
    if (control->readable == NULL || control->alive == NULL ||
        event_add(control->readable, NULL) != 0 ||
        event_add(control->alive, &every) != 0)
        return MU_E_NO_MEMORY;
    return MU_OK;
}

enum mu_err gms_control_new(
    const struct gms_control_config *config, struct gms_control **out)
{
    struct gms_control *made;
    enum mu_err err;

    if (!is_line(config->fd))
        return MU_E_IO;
    made = mu_alloc(sizeof(*made));
    if (made == NULL)
        return MU_E_NO_MEMORY;
    made->config = *config;
    err = watch(made);
    if (err != MU_OK) {
        gms_control_free(made);
        return err;
    }
    *out = made;
    return MU_OK;
}

void gms_control_free(struct gms_control *control)
{
    if (control == NULL)
        return;
    if (control->readable != NULL)
        event_free(control->readable);
    if (control->alive != NULL)
        event_free(control->alive);
    mu_free(control);
}
