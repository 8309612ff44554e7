/* SPDX-License-Identifier: Apache-2.0 */
#include "http/linger.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "http/conn.h"

#define PIECE         4096
#define PIECES_A_TURN 32 /* read before other connections have their turn */

struct http_linger {
    struct http_server *server;
    struct http_linger *next, **link;
    int fd;
    struct event *readable, *timer;
    size_t left; /* octets that are dropped still */
};

static void linger_free(struct http_linger *l)
{
    if (l->readable != NULL)
        event_free(l->readable);
    if (l->timer != NULL)
        event_free(l->timer);
    if (l->fd >= 0)
        (void)close(l->fd);
    if (l->link != NULL)
        *l->link = l->next;
    if (l->next != NULL)
        l->next->link = l->link;
    mu_free(l);
}

static void end(struct http_linger *l)
{
    struct http_server *server = l->server;

    linger_free(l);
    server->stats.connections--;
    http_server_admit(server);
}

static void cut(struct http_linger *l)
{
    l->server->stats.cut_linger++;
    end(l);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    cut(ctx);
}

/* Octets dropped; 0 when there are none now, -1 at the end. */
static ssize_t drop_piece(struct http_linger *l)
{
    char octets[PIECE];
    ssize_t n;

    do {
        n = recv(l->fd, octets, sizeof(octets), MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN)
        return 0;
    return n > 0 ? n : -1;
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
    struct http_linger *l = ctx;

    (void)fd;
    (void)what;
    for (int i = 0; i < PIECES_A_TURN; i++) {
        ssize_t n = drop_piece(l);

        if (n == 0)
            return;
        if (n < 0) {
            end(l);
            return;
        }
        if ((size_t)n > l->left) {
            cut(l);
            return;
        }
        l->left -= (size_t)n;
    }
}

static bool watch(struct http_linger *l)
{
    const struct http_server_config *config = &l->server->config;
    unsigned ms = config->limits.linger_ms;
    struct timeval wait = {.tv_sec = (time_t)(ms / 1000),
        .tv_usec = (suseconds_t)(ms % 1000) * 1000};

    l->readable =
        event_new(config->base, l->fd, EV_READ | EV_PERSIST, on_readable, l);
    l->timer = evtimer_new(config->base, on_timer, l);
    return l->readable != NULL && l->timer != NULL &&
           event_add(l->readable, NULL) == 0 &&
           evtimer_add(l->timer, &wait) == 0;
}

static struct http_linger *linger_new(struct http_server *server, SSL *ssl)
{
    struct http_linger *l = mu_alloc(sizeof(*l));

    if (l == NULL)
        return NULL;
    l->server = server;
    l->left = server->config.limits.linger;
    l->fd = fcntl(SSL_get_fd(ssl), F_DUPFD_CLOEXEC, 0);
    if (l->fd >= 0 && watch(l))
        return l;
    linger_free(l);
    return NULL;
}

bool http_linger_begin(struct http_server *server, SSL *ssl)
{
    struct http_linger *l = linger_new(server, ssl);

    if (l == NULL)
        return false;
    l->link = &server->lingers;
    l->next = server->lingers;
    if (l->next != NULL)
        l->next->link = &l->next;
    server->lingers = l;
    server->stats.lingered++;
    (void)SSL_shutdown(ssl); /* close_notify, where there is room for it */
    (void)shutdown(l->fd, SHUT_WR);
    return true;
}

void http_linger_end_all(struct http_server *server)
{
    while (server->lingers != NULL)
        end(server->lingers);
}
