/* SPDX-License-Identifier: Apache-2.0 */
/*
 * monitor.h - starts the vault and the front, and looks after them (DESIGN
 * section 2). It reads nothing from a network, holds no key, and hears from
 * the front no more than one octet at a time (gms/process.h).
 *
 * When the vault ends, another is started, at once and then later and later,
 * and the front gets its end. When the front ends, all is over. SIGTERM and
 * SIGINT are passed to the front, which answers what it has in hand; with it
 * the vault's line ends and so does the vault. SIGHUP is passed to the front.
 */
#ifndef GMS_MONITOR_H
#define GMS_MONITOR_H

#include "gms/conf.h"

/* Pauses before a vault is started again: doubled each time, and from the
 * least again after it has lived for so long. */
#define GMS_VAULT_PAUSE_MS     50
#define GMS_VAULT_PAUSE_MAX_MS 10000
#define GMS_VAULT_PROVEN_MS    10000

/* How long the vault may take to end after its line has, and the front beyond
 * limits.drain_ms, before they are killed. */
#define GMS_END_MS 3000

struct gms_monitor_config {
    const struct gms_conf *conf;
    const char *conf_path; /* for the front */
    const char *programs;  /* the folder of gmsd-vault, gmsd-front, gmsd-kek */
};

/*
 * Runs until a signal or the front ends it. The log is started; one thread, no
 * children. Signals are blocked from here on.
 *
 *   what  what could not be opened at the start; static storage or the
 *         configuration's; set on failure
 *
 * Returns MU_OK after a signal, all having ended well; MU_E_STATE when the
 * front ended by itself or badly; else why it did not start: errors of
 * gms_kek_open(), gms_key_file_open(), gms_spawn(); MU_E_IO.
 */
MU_MUST_CHECK enum mu_err gms_monitor_run(
    const struct gms_monitor_config *config, const char **what);

#endif
