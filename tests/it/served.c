/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/it/served.h"

#include <CUnit/CUnit.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ; /* of POSIX, in no header of its own */

#define READ_S 30

/* The program's output up to LF, without it; false at its end. */
static bool read_line(int fd, char *out, size_t cap)
{
    size_t n = 0;

    while (n + 1 < cap && read(fd, out + n, 1) == 1) {
        if (out[n] == '\n') {
            out[n] = '\0';
            return true;
        }
        n++;
    }
    return false;
}

static bool spawn(struct served *s, char **argv)
{
    posix_spawn_file_actions_t actions;
    int in[2], out[2];
    bool ok;

    if (pipe(in) != 0 || pipe(out) != 0 ||
        posix_spawn_file_actions_init(&actions) != 0)
        return false;
    (void)posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    for (int i = 0; i < 2; i++) {
        (void)posix_spawn_file_actions_addclose(&actions, in[i]);
        (void)posix_spawn_file_actions_addclose(&actions, out[i]);
    }
    ok = posix_spawn(&s->pid, argv[0], &actions, NULL, argv, environ) == 0;
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(in[0]);
    (void)close(out[1]);
    s->in = in[1];
    s->out = out[0];
    return ok;
}

/* posix_spawn() takes what it does not write to as not constant. */
static void add_arg(char **argv, size_t at, const char *text)
{
    memcpy(&argv[at], &text, sizeof(text));
}

void served_start(struct served *s, const struct test_pki *pki,
    const struct served_args *args)
{
    char *argv[5 + SERVED_ARGS] = {NULL};
    char line[128];

    *s = (struct served){.pid = 0};
    add_arg(argv, 0, HTTP_SERVER);
    add_arg(argv, 1, args->cert != NULL ? args->cert : pki->server);
    add_arg(argv, 2, args->key != NULL ? args->key : pki->server_key);
    add_arg(argv, 3, pki->ca);
    for (size_t i = 0; i < SERVED_ARGS && args->limit[i] != NULL; i++)
        add_arg(argv, 4 + i, args->limit[i]);
    CU_ASSERT_FATAL(spawn(s, argv));
    CU_ASSERT_FATAL(read_line(s->out, line, sizeof(line)));
    CU_ASSERT_EQUAL_FATAL(sscanf(line, "ready %u %u %u", &s->tls, /* NOLINT */
                              &s->mutual, &s->plain),
        3);
}

bool served_stop(struct served *s)
{
    char line[128] = "";
    int status = 0;
    bool drained;

    (void)close(s->in);
    drained =
        read_line(s->out, line, sizeof(line)) && strcmp(line, "drained") == 0;
    (void)close(s->out);
    if (!drained)
        (void)kill(s->pid, SIGKILL);
    while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR) {
    }
    s->pid = 0;
    return drained && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void served_clear(struct served *s)
{
    if (s->pid != 0)
        CU_ASSERT(served_stop(s));
}

bool peer_shake(struct peer *p, SSL_CTX *ctx)
{
    p->ssl = SSL_new(ctx);
    return p->ssl != NULL && SSL_set_fd(p->ssl, p->fd) == 1 &&
           SSL_connect(p->ssl) == 1;
}

bool peer_open(struct peer *p, unsigned port, SSL_CTX *ctx)
{
    struct timeval wait = {.tv_sec = READ_S};
    struct sockaddr_in to = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    *p = (struct peer){.fd = socket(AF_INET, SOCK_STREAM, 0)};
    CU_ASSERT_FATAL(p->fd >= 0);
    (void)setsockopt(p->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    (void)setsockopt(p->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
    CU_ASSERT_EQUAL_FATAL(
        connect(p->fd, (const struct sockaddr *)&to, sizeof(to)), 0);
    return ctx == NULL || peer_shake(p, ctx);
}

void peer_clear(struct peer *p)
{
    SSL_free(p->ssl);
    if (p->fd >= 0)
        (void)close(p->fd);
    *p = (struct peer){.fd = -1};
}

bool peer_say(struct peer *p, const char *text)
{
    int len = (int)strlen(text);

    if (p->ssl != NULL)
        return SSL_write(p->ssl, text, len) == len;
    return send(p->fd, text, (size_t)len, MSG_NOSIGNAL) == len;
}

size_t peer_hear(struct peer *p, char *out, size_t cap)
{
    ssize_t n = p->ssl != NULL ? SSL_read(p->ssl, out, (int)cap)
                               : recv(p->fd, out, cap, 0);

    return n > 0 ? (size_t)n : 0;
}

bool peer_stirs(const struct peer *p, int ms)
{
    struct pollfd fd = {.fd = p->fd, .events = POLLIN};

    if (p->ssl != NULL && SSL_has_pending(p->ssl) == 1)
        return true;
    return poll(&fd, 1, ms) == 1;
}

/* One octet at a time, so that nothing of the next answer is taken. */
static size_t hear_head(struct peer *p, struct reply *out)
{
    size_t n = 0;

    while (n + 1 < sizeof(out->text) && peer_hear(p, out->text + n, 1) == 1) {
        out->text[++n] = '\0';
        if (n >= 4 && strcmp(out->text + n - 4, "\r\n\r\n") == 0)
            return n;
    }
    return 0;
}

void peer_reply(struct peer *p, bool head, struct reply *out)
{
    const char *len;
    size_t n, left;

    *out = (struct reply){.status = 0};
    n = hear_head(p, out);
    out->body = out->text + n;
    if (n == 0)
        return;
    len = strstr(out->text, "\r\nContent-Length:");
    left = len != NULL && !head ? strtoul(strchr(len, ':') + 1, NULL, 10) : 0;
    while (left > 0 && n + 1 < sizeof(out->text)) {
        size_t room = sizeof(out->text) - 1 - n;
        size_t got = peer_hear(p, out->text + n, left < room ? left : room);

        if (got == 0)
            return;
        n += got;
        left -= got;
    }
    out->status = (unsigned)strtoul(out->text + strlen("HTTP/1.1 "), NULL, 10);
}
