/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl_conf.h - where gmsctl finds its server, and as whom it speaks.
 */
#ifndef GMS_CTL_CONF_H
#define GMS_CTL_CONF_H

#include "base/conf.h"
#include "gms/ctl.h"

/* Empty: not said. */
struct gms_ctl_conf {
    const char *server;
    const char *ca, *token, *cert, *key; /* files */
};

extern const struct mu_conf_table gms_ctl_conf_table;

/*
 * Reads options, environment and file, in that order of weight; says what is
 * wrong by cli_fail(). Texts lie in the arena or are borrowed from cli and the
 * environment.
 */
MU_MUST_CHECK enum mu_err gms_ctl_conf_read(
    struct cli *cli, struct mu_arena *arena, struct gms_ctl_conf *out);

#endif
