/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gms_taken.c - a front that somebody has taken: with all that the front of an
 * installation has, its database and enrolment, it asks a real vault to wrap
 * the group's key for a stranger, and tells nobody.
 *
 *     gms_taken CONFIG GROUP STRANGER
 *
 * Prints "wrapped" when the vault has done it: from what the front tells it, it
 * cannot know better. Its log does (gmsctl audit verify). gmsd must not run.
 */
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gms/domains.h"
#include "gms/process.h"
#include "gms/provision.h"
#include "http/client.h"
#include "xml/library.h"

#define ARENA_MAX (16U << 20)
#define PATIENCE  60 /* seconds until it gives up */

struct taken {
    struct gms_conf conf;
    struct span group, stranger;
    struct mu_arena arena;
    struct event_base *base;
    struct gms_store *store;
    struct gms_vault_link *link;
    struct gms_provision *provision;
    struct gms_domains *domains;
    pid_t vault;
    bool asked, wrapped;
};

static void must(enum mu_err err, const char *what)
{
    if (err == MU_OK)
        return;
    (void)fprintf(stderr, "gms_taken: %s: %s\n", what, mu_err_name(err));
    exit(1);
}

static void on_fault(void *ctx, const char *text)
{
    (void)ctx;
    (void)fprintf(stderr, "gms_taken: %s\n", text);
}

/* ---------------------------------------------------------------- the vault */

static int open_or_die(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);

    must(fd >= 0 ? MU_OK : MU_E_IO, path);
    return fd;
}

/* As the monitor starts it: the descriptors of gms/process.h, moved out of each
 * other's way first. */
static _Noreturn void become_vault(const struct gms_conf *conf, int end)
{
    enum {
        COUNT = GMS_FD_VAULT_END - GMS_FD_LINK,
        AWAY = 100
    };
    const int fds[COUNT] = {end, open_or_die(conf->kek_file, O_RDONLY),
        open_or_die(conf->identity_file, O_RDONLY),
        open_or_die(conf->vault_log, O_RDWR | O_APPEND)};

    for (int i = 0; i < COUNT; i++)
        (void)dup2(fds[i], AWAY + i);
    for (int i = 0; i < COUNT; i++)
        (void)dup2(AWAY + i, GMS_FD_LINK + i);
    for (int i = 0; i < COUNT; i++)
        (void)close(AWAY + i);
    /* The leak detector traces the process, which does not let it. */
    (void)setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    (void)execl(GMSD_VAULT, "gmsd-vault", (char *)NULL);
    _exit(126);
}

static void start_vault(struct taken *t)
{
    int pair[2] = {-1, -1};

    must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0
             ? MU_OK
             : MU_E_IO,
        "socketpair");
    t->vault = fork();
    must(t->vault >= 0 ? MU_OK : MU_E_IO, "fork");
    if (t->vault == 0)
        become_vault(&t->conf, pair[1]);
    (void)close(pair[1]);
    must(gms_vault_link_take(t->link, pair[0]), "vault");
}

/* -------------------------------------------------------------- what is asked
 */

static void on_wrapped(void *ctx, const struct gms_vault_answer *answer)
{
    struct taken *t = ctx;

    if (answer->err != MU_OK)
        (void)fprintf(stderr, "gms_taken: refused: %s\n",
            gms_vault_refusal_name(answer->refusal));
    t->wrapped = answer->err == MU_OK;
    if (answer->last)
        (void)event_base_loopbreak(t->base);
}

/* The newest key that still is one. */
static const struct gms_gmk *newest_key(struct taken *t)
{
    struct mu_arena_list list;
    const struct gms_gmk *keys;

    must(gms_store_gmks(t->store, t->group, &t->arena, &list), "keys");
    keys = list.at;
    for (size_t i = 0; i < list.len; i++)
        if (keys[i].sealed.len > 0)
            return &keys[i];
    must(MU_E_NOT_FOUND, "key");
    return NULL;
}

static void ask(struct taken *t)
{
    uint64_t now_s = mu_clock_unix_ms(mu_clock_system()) / 1000;
    const struct gms_gmk *key = newest_key(t);
    struct gms_period period;
    struct gms_vault_request request = {.op = GMS_VAULT_WRAP,
        .wrap = {.key = {.id = key->id,
                     .group = key->group,
                     .epoch = key->epoch,
                     .sealed = key->sealed},
            .recipients = &t->stranger,
            .count = 1}};

    must(gms_domains_kms_of(t->domains, t->stranger, &request.wrap.period.kms),
        "KMS");
    must(
        gms_domains_period(t->domains, request.wrap.period.kms, now_s, &period),
        "period");
    request.wrap.period.number = period.number;
    must(gms_vault_link_ask(t->link, &request, false, on_wrapped, t), "ask");
}

/* -------------------------------------------------------------------- events
 */

static void on_up(void *ctx, const struct gms_vault_hello *hello)
{
    struct taken *t = ctx;

    (void)hello;
    gms_provision_vault_up(t->provision);
}

static void on_down(void *ctx)
{
    (void)event_base_loopbreak(((struct taken *)ctx)->base);
}

static void on_ready(void *ctx)
{
    struct taken *t = ctx;

    if (!t->asked)
        ask(t);
    t->asked = true;
}

/* --------------------------------------------------------------- the program
 */

static void make(struct taken *t, const char *config)
{
    static const struct mu_conf_faults faults = {on_fault, NULL};
    struct gms_vault_link_config link = {
        .on_up = on_up, .on_down = on_down, .ctx = t};
    struct gms_provision_config provision = {.clock = mu_clock_system(),
        .rng = mu_rng_system(),
        .on_ready = on_ready,
        .ctx = t};

    must(gms_conf_read(config, &t->arena, &faults, &t->conf), config);
    t->base = event_base_new();
    must(t->base != NULL ? MU_OK : MU_E_NO_MEMORY, "event loop");
    must(gms_store_open(t->conf.database, &t->store), t->conf.database);
    link.base = t->base;
    must(gms_vault_link_new(&link, &t->link), "link");
    provision.base = t->base;
    provision.store = t->store;
    provision.vault = t->link;
    provision.kds = &t->conf.kds;
    provision.enrolment_file = t->conf.enrolment_file;
    must(gms_provision_new(&provision, &t->provision), "enrolment");
    must(gms_domains_new(gms_provision_keys(t->provision), "", &t->domains),
        "domains");
}

static void clear(struct taken *t)
{
    int status;

    gms_domains_free(t->domains);
    gms_provision_free(t->provision);
    gms_vault_link_free(t->link); /* its end, and so the vault's */
    if (t->vault > 0)
        (void)waitpid(t->vault, &status, 0);
    gms_store_close(t->store);
    event_base_free(t->base);
    mu_arena_clear(&t->arena);
}

int main(int argc, char **argv)
{
    const struct timeval patience = {PATIENCE, 0};
    struct taken t = {.asked = false};

    if (argc != 4)
        return 2;
    must(xml_init(), "XML");
    must(http_client_init(), "HTTP");
    mu_arena_init(&t.arena, ARENA_MAX);
    t.group = span_str(argv[2]);
    t.stranger = span_str(argv[3]);
    make(&t, argv[1]);
    start_vault(&t);
    (void)event_base_loopexit(t.base, &patience);
    (void)event_base_dispatch(t.base);
    if (t.wrapped)
        (void)puts("wrapped");
    clear(&t);
    http_client_cleanup();
    xml_cleanup();
    return t.wrapped ? 0 : 1;
}
