/* SPDX-License-Identifier: Apache-2.0 */
/*
 * front_loop.h - the front at work: its parts, listeners and signals on one
 * event loop.
 *
 * SIGTERM and SIGINT end it well: ports close at once, requests in hand are
 * answered (limits.drain_ms). SIGHUP reads certificates, the token keys and the
 * list of subscribers again; what cannot be read stays as it was. At the
 * monitor's end it goes at once.
 */
#ifndef GMS_FRONT_LOOP_H
#define GMS_FRONT_LOOP_H

#include "gms/conf.h"

struct event_base;

/* Where it failed; why may be empty. */
struct gms_failure {
    const char *what; /* static storage, or the configuration's */
    char why[256];
};

/*
 * Serves until a signal ends it. The log is started, libraries are
 * initialised, GMS_FD_CONTROL is the line to the monitor. When all ports are
 * open one line goes to standard output, "ready listen=PORT health=PORT" and,
 * with that listener, " mutual=PORT".
 *
 *   failure  set when it fails
 *
 * Returns MU_OK after a signal; else what failed.
 */
MU_MUST_CHECK enum mu_err gms_front_run(struct event_base *base,
    const struct gms_conf *conf, struct gms_failure *failure);

#endif
