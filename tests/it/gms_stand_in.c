/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gms_stand_in.c - gmsd-front or gmsd-vault, by the name it is started under,
 * for the test of their monitor: says what it was given, and does what the test
 * tells it. Each line on standard output begins with the name.
 *
 *     front fds=0,1,2,3 uid=0 pid=7   then sends GMS_CONTROL_READY
 *     front vault                     a new vault's end, over which it answers
 *     front hangup                    after SIGHUP; sends GMS_CONTROL_RELOADED
 *     front drained                   after SIGTERM; exit 0
 *     vault fds=0,1,2,3,4,5,6 keks=1 identity=3 uid=0 pid=8
 *
 * Environment, for the front: FRONT_SAYS, octets that it sends besides;
 * FRONT_EXIT, an exit status after it was ready. For the vault: VAULT_EXIT, an
 * exit status at once. The vault echoes its line and ends with it.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gms/process.h"

/* The open descriptors in order, less the one that lists them. */
static void write_fds(char *out, size_t len)
{
    size_t at = 0;

    out[0] = '\0';
    for (int fd = 0; fd < 256; fd++) {
        int flags = fcntl(fd, F_GETFD);

        if (flags >= 0)
            at += (size_t)snprintf(
                out + at, len - at, "%s%d", at > 0 ? "," : "", fd);
    }
}

/* One write, so that lines of two processes do not mix. */
static void say(const char *line)
{
    if (write(STDOUT_FILENO, line, strlen(line)) < 0)
        exit(9);
}

static long octets_of(int fd)
{
    char octets[512];
    ssize_t len, all = 0;

    while ((len = read(fd, octets, sizeof(octets))) > 0)
        all += len;
    return len < 0 ? -1 : (long)all;
}

static int vault(void)
{
    const char *status = getenv("VAULT_EXIT");
    char fds[256], line[512], frame[64];
    ssize_t len;

    write_fds(fds, sizeof(fds));
    (void)snprintf(line, sizeof(line),
        "vault fds=%s keks=%ld identity=%ld uid=%u nnp=%d pid=%d\n", fds,
        octets_of(GMS_FD_KEK) / 32, octets_of(GMS_FD_IDENTITY),
        (unsigned)getuid(), prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L),
        (int)getpid());
    if (status != NULL)
        return (int)strtol(status, NULL, 10);
    say(line);
    while ((len = recv(GMS_FD_LINK, frame, sizeof(frame), 0)) > 0)
        if (send(GMS_FD_LINK, frame, (size_t)len, MSG_NOSIGNAL) < 0)
            return 3;
    return 0;
}

/* The descriptor of a message 'V'; -1 for anything else. */
static int receive(void)
{
    union {
        struct cmsghdr align;
        char octets[CMSG_SPACE(sizeof(int))];
    } room;
    char octet = 0;
    struct iovec part = {&octet, 1};
    struct msghdr message = {.msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = room.octets,
        .msg_controllen = sizeof(room.octets)};
    int fd = -1;

    if (recvmsg(GMS_FD_CONTROL, &message, 0) != 1 ||
        octet != GMS_CONTROL_VAULT || CMSG_FIRSTHDR(&message) == NULL)
        return -1;
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
    return fd;
}

static void send_octet(char octet)
{
    if (send(GMS_FD_CONTROL, &octet, 1, MSG_NOSIGNAL) != 1)
        exit(8);
}

/* Speaks with the vault at the other end. */
static int greet(int *link)
{
    char frame[8] = "";

    if (*link >= 0)
        (void)close(*link);
    *link = receive();
    if (*link < 0)
        return 4; /* the monitor is gone, or sent no vault */
    if (send(*link, "hello", 5, MSG_NOSIGNAL) == 5 &&
        recv(*link, frame, sizeof(frame), 0) == 5 &&
        memcmp(frame, "hello", 5) == 0)
        say("front vault\n");
    return 0;
}

static int on_signal(int signals)
{
    struct signalfd_siginfo info;

    if (read(signals, &info, sizeof(info)) != sizeof(info))
        return 5;
    if (info.ssi_signo == SIGTERM) {
        say("front drained\n");
        exit(0);
    }
    say("front hangup\n");
    send_octet(GMS_CONTROL_RELOADED);
    return 0;
}

static int begin_front(void)
{
    char fds[256], line[512];
    sigset_t set;
    int signals;

    write_fds(fds, sizeof(fds));
    (void)snprintf(line, sizeof(line), "front fds=%s uid=%u pid=%d\n", fds,
        (unsigned)getuid(), (int)getpid());
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    signals = signalfd(-1, &set, SFD_CLOEXEC);
    say(line);
    send_octet(GMS_CONTROL_READY);
    return signals;
}

static int front(void)
{
    const char *says = getenv("FRONT_SAYS"), *status = getenv("FRONT_EXIT");
    int signals = begin_front(), link = -1, ended = 0;

    for (; says != NULL && *says != '\0'; says++)
        send_octet(*says);
    while (ended == 0) {
        struct pollfd fds[] = {{.fd = GMS_FD_CONTROL, .events = POLLIN},
            {.fd = signals, .events = POLLIN}};

        if (poll(fds, 2, -1) < 0)
            return 6;
        if (fds[0].revents != 0) {
            ended = greet(&link);
            if (ended == 0 && status != NULL)
                return (int)strtol(status, NULL, 10);
        }
        if (ended == 0 && fds[1].revents != 0)
            ended = on_signal(signals);
    }
    return ended;
}

int main(int argc, char **argv)
{
    const char *name = strrchr(argv[0], '/');

    (void)argc;
    name = name != NULL ? name + 1 : argv[0];
    return strcmp(name, "gmsd-vault") == 0 ? vault() : front();
}
