/* SPDX-License-Identifier: Apache-2.0 */
/*
 * front.c - gmsd-front: the part of gmsd that strangers talk to. It is started
 * by the monitor (gms/process.h) and by nobody else; what it may be told stands
 * in gmsd(8) and gmsd.conf(5).
 */
#include <event2/event.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "gms/confine.h"
#include "gms/front_loop.h"
#include "gms/process.h"
#include "http/client.h"
#include "xml/group_doc.h"
#include "xml/library.h"

#define CONF_ARENA_MAX (16U << 20)

/* Exit statuses (the contracts of the command line). */
enum status {
    STATUS_OK,
    STATUS_FAILED,
    STATUS_USAGE
};

static enum status fail(const char *what, const char *why)
{
    (void)fprintf(stderr, "gmsd-front: %s: %s\n", what, why);
    return STATUS_FAILED;
}

static void on_fault(void *ctx, const char *text)
{
    (void)ctx;
    (void)fprintf(stderr, "gmsd-front: %s\n", text);
}

static void free_base(struct event_base **base)
{
    if (*base != NULL)
        event_base_free(*base);
}

static enum status serve(const struct gms_conf *conf)
{
    MU_CLEANUP(free_base) struct event_base *base = event_base_new();
    const struct mu_log_config log = {
        .level = (enum mu_log_level)conf->log_level,
        .format = (enum mu_log_format)conf->log_format,
        .clock = mu_clock_system()};
    struct gms_failure failure = {.what = "start"};
    enum mu_err err;

    if (base == NULL)
        return fail("event loop", "does not start");
    mu_log_start(&log);
    err = gms_front_run(base, conf, &failure);
    mu_log_stop();
    return err == MU_OK ? STATUS_OK : fail(failure.what, failure.why);
}

static enum status run(const char *config)
{
    static const struct mu_conf_faults faults = {on_fault, NULL};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_conf conf;
    enum mu_err err;

    mu_arena_init(&arena, CONF_ARENA_MAX);
    err = gms_conf_read(config, &arena, &faults, &conf);
    if (err == MU_E_MALFORMED)
        return STATUS_FAILED; /* faults have been told, one a line */
    if (err != MU_OK)
        return fail(config, mu_err_name(err));
    return serve(&conf);
}

static enum status with_libraries(const char *config)
{
    enum status status;

    if (xml_init() != MU_OK || xml_group_init() != MU_OK ||
        http_client_init() != MU_OK)
        return fail("libraries", "do not start");
    status = run(config);
    http_client_cleanup();
    xml_group_cleanup();
    xml_cleanup();
    return status;
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"config", required_argument, NULL, 'c'},
        {NULL, 0, NULL, 0},
    };
    const char *config = NULL;

    opterr = 0;
    while (getopt_long(argc, argv, "", long_options, NULL) == 'c')
        config = optarg;
    if (config == NULL || optind != argc) {
        (void)fail("usage", "gmsd starts this program");
        return STATUS_USAGE;
    }
    (void)umask(S_IRWXG | S_IRWXO);
    (void)signal(SIGPIPE, SIG_IGN);
    if (gms_confine() != MU_OK)
        return (int)fail("confinement", "is not to be had");
    return (int)with_libraries(config);
}
