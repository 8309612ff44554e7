/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/control.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "ue/status.h"

#define ANSWER_MAX ((size_t)256 << 20)
#define CALLER_S   10 /* to ask and to read */

struct ue_control {
    struct ue_crowd *crowd;
    struct event_base *base;
    struct evconnlistener *listener;
    struct sockaddr_un address;
};

static void on_end(struct bufferevent *bev, short what, void *ctx)
{
    (void)what;
    (void)ctx;
    bufferevent_free(bev);
}

static void on_written(struct bufferevent *bev, void *ctx)
{
    (void)ctx;
    bufferevent_free(bev);
}

static const char *why_not(enum mu_err err)
{
    if (err == MU_E_NOT_FOUND)
        return "there is no such member";
    if (err == MU_E_STATE)
        return "it has no keys yet, or there is a file of that name";
    return mu_err_name(err);
}

static void do_order(
    struct ue_control *control, struct span line, struct buf *out)
{
    struct ue_order order;
    enum mu_err err = MU_E_MALFORMED;

    if (line.len > 0) /* behind the 'f' */
        err = ue_order_read((struct span){line.p + 1, line.len - 1}, &order);
    if (err == MU_OK)
        err = ue_crowd_order(control->crowd, &order);
    if (err != MU_OK)
        buf_text(out, why_not(err));
}

/* False when the line is not at its end yet; one without an end is none. */
static bool take_order(
    struct ue_control *control, struct evbuffer *in, struct buf *out)
{
    MU_CLEANUP(buf_clear) struct buf line = {.p = NULL};
    struct evbuffer_ptr end =
        evbuffer_search_eol(in, NULL, NULL, EVBUFFER_EOL_LF);
    size_t len = end.pos > 0 ? (size_t)end.pos : 0;

    if (end.pos < 0 && evbuffer_get_length(in) < UE_ORDER_MAX)
        return false;
    if (!buf_reserve(&line, len))
        return true;
    line.len = len;
    (void)evbuffer_remove(in, line.p, len);
    do_order(control, buf_span(&line), out);
    return true;
}

/* False as long as it is not asked in full. */
static bool answer(
    struct ue_control *control, struct evbuffer *in, struct buf *out)
{
    char form = 0;

    if (evbuffer_copyout(in, &form, 1) != 1)
        return false;
    if (form == 'f')
        return take_order(control, in, out);
    if (form == 'j')
        ue_status_json(control->crowd, out);
    else
        ue_status_text(control->crowd, out);
    return true;
}

static void on_asked(struct bufferevent *bev, void *ctx)
{
    struct ue_control *control = ctx;
    MU_CLEANUP(buf_clear) struct buf out = {.p = NULL};

    if (!answer(control, bufferevent_get_input(bev), &out))
        return;
    (void)bufferevent_disable(bev, EV_READ);
    bufferevent_setcb(bev, NULL, on_written, on_end, ctx);
    if (out.len == 0 || out.err != MU_OK ||
        bufferevent_write(bev, out.p, out.len) != 0)
        bufferevent_free(bev);
}

static void on_caller(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *address, int len, void *ctx)
{
    struct ue_control *control = ctx;
    const struct timeval wait = {.tv_sec = CALLER_S};
    struct bufferevent *bev =
        bufferevent_socket_new(control->base, fd, BEV_OPT_CLOSE_ON_FREE);

    (void)listener;
    (void)address;
    (void)len;
    if (bev == NULL) {
        (void)close(fd);
        return;
    }
    bufferevent_setcb(bev, on_asked, NULL, on_end, control);
    (void)bufferevent_set_timeouts(bev, &wait, &wait);
    (void)bufferevent_enable(bev, EV_READ | EV_WRITE);
}

static enum mu_err set_address(const char *path, struct sockaddr_un *out)
{
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(out->sun_path))
        return MU_E_NO_SPACE;
    memcpy(out->sun_path, path, strlen(path) + 1);
    return MU_OK;
}

static const struct sockaddr *any(const struct sockaddr_un *address)
{
    return (const struct sockaddr *)address;
}

static enum mu_err connect_to(const char *path, int *out)
{
    struct sockaddr_un address;
    int fd;

    TRY(set_address(path, &address));
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return MU_E_IO;
    if (connect(fd, any(&address), sizeof(address)) != 0) {
        (void)close(fd);
        return MU_E_NOT_FOUND;
    }
    *out = fd;
    return MU_OK;
}

/* What another one left behind, and nothing else. */
static enum mu_err remove_stale(const char *path)
{
    struct stat st;
    int fd = -1;

    if (lstat(path, &st) != 0)
        return MU_OK;
    if (!S_ISSOCK(st.st_mode))
        return MU_E_STATE;
    if (connect_to(path, &fd) == MU_OK) {
        (void)close(fd);
        return MU_E_STATE;
    }
    return unlink(path) == 0 ? MU_OK : MU_E_IO;
}

static enum mu_err listen_at(struct ue_control *c, const char *path)
{
    mode_t before;

    TRY(set_address(path, &c->address));
    TRY(remove_stale(path));
    before = umask(0177);
    c->listener = evconnlistener_new_bind(c->base, on_caller, c,
        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, -1, any(&c->address),
        (int)sizeof(c->address));
    (void)umask(before);
    return c->listener != NULL ? MU_OK : MU_E_IO;
}

enum mu_err ue_control_new(const char *path, struct ue_crowd *crowd,
    struct event_base *base, struct ue_control **out)
{
    struct ue_control *c = mu_alloc(sizeof(*c));
    enum mu_err err;

    if (c == NULL)
        return MU_E_NO_MEMORY;
    c->crowd = crowd;
    c->base = base;
    err = listen_at(c, path);
    if (err != MU_OK) {
        mu_free(c);
        return err;
    }
    *out = c;
    return MU_OK;
}

void ue_control_free(struct ue_control *control)
{
    if (control == NULL)
        return;
    evconnlistener_free(control->listener);
    (void)unlink(control->address.sun_path);
    mu_free(control);
}

/* One question, and all that is said to it. */
static enum mu_err ask(const char *path, struct span question, struct buf *out)
{
    enum mu_err err;
    int fd = -1;

    TRY(connect_to(path, &fd));
    err = mu_fd_write(fd, question);
    if (err == MU_OK)
        err = mu_fd_read(fd, ANSWER_MAX, out);
    (void)close(fd);
    return err;
}

enum mu_err ue_control_ask(const char *path, char form, struct buf *out)
{
    return ask(path, (struct span){(const uint8_t *)&form, 1}, out);
}

enum mu_err ue_control_order(
    const char *path, const struct ue_order *order, struct buf *why)
{
    MU_CLEANUP(buf_clear) struct buf line = {.p = NULL};

    buf_text(&line, "f");
    ue_order_write(&line, order);
    TRY(line.err);
    TRY(ask(path, buf_span(&line), why));
    return why->len == 0 ? MU_OK : MU_E_STATE;
}
