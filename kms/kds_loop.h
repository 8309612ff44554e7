/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kds_loop.h - kdsd at work: its listeners, keys and signals on one event
 * loop.
 *
 * SIGTERM and SIGINT end it well: ports close at once, requests in hand are
 * answered (drain_ms). SIGHUP reads certificates, their key and the token keys
 * again; what cannot be read stays as it was.
 */
#ifndef KMS_KDS_LOOP_H
#define KMS_KDS_LOOP_H

#include "kms/kds_conf.h"

struct event_base;

/* Where it failed; why may be empty. */
struct kds_failure {
    const char *what; /* static storage */
    char why[256];
};

/*
 * Serves until a signal ends it. The log is started; http_client_init() and
 * xml_init() were called.
 *
 *   ready_fd  gets one line when all ports are open: "ready listen=PORT
 *             health=PORT" and, with that listener, " mutual=PORT"
 *   failure   set when it fails
 *
 * Returns MU_OK after a signal; else what failed.
 */
MU_MUST_CHECK enum mu_err kds_loop_run(struct event_base *base,
    const struct kds_conf *conf, int ready_fd, struct kds_failure *failure);

/*
 * Reads every file that the configuration names, as kds_loop_run() would, and
 * lets go of it: what --check does. The store is not made if it is not there.
 */
MU_MUST_CHECK enum mu_err kds_loop_check(
    const struct kds_conf *conf, struct kds_failure *failure);

#endif
