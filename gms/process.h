/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.h - what the three programs of gmsd find when they begin (DESIGN
 * section 2), and the few messages between monitor and front.
 *
 * The monitor starts gmsd-vault and gmsd-front with these descriptors open and
 * no others but 0 to 2. Each program begins by trusting nothing else: the
 * vault reads no file by name, the front opens what its configuration names.
 *
 *     gmsd-vault [--prebuild-periods N] [--activation-days N] [--threads N]
 *                [--log-level LEVEL] [--log-json]     gms/vault/main.c
 *     gmsd-front --config FILE      the monitor's own file
 *
 * Neither is for people to start.
 */
#ifndef GMS_PROCESS_H
#define GMS_PROCESS_H

/* Of the vault. */
#define GMS_FD_LINK 3 /* SOCK_SEQPACKET, the other end is the front's */
/* KEKs of 32 octets, 1..MU_KEYRING_MAX, oldest first: the last one seals. A
 * pipe or a file; read to its end and closed before the first request. */
#define GMS_FD_KEK       4
#define GMS_FD_IDENTITY  5 /* gms/identity.h, read-only; closed likewise */
#define GMS_FD_LOG       6 /* its own log, O_RDWR | O_APPEND */
#define GMS_FD_VAULT_END 7 /* the first number that is not the vault's */

/*
 * Of the front: SOCK_SEQPACKET to the monitor, each message one octet.
 *
 *     monitor: GMS_CONTROL_VAULT    with one descriptor (SCM_RIGHTS): the end
 *                                   of a vault that was just started
 *     front:   GMS_CONTROL_READY    its ports are open; once
 *     front:   GMS_CONTROL_RELOADED what SIGHUP asked for is done
 *     front:   GMS_CONTROL_ALIVE    its loop turns; every GMS_ALIVE_MS
 *
 * At its end the other one is gone, and so goes the front.
 */
#define GMS_FD_CONTROL   3
#define GMS_FD_FRONT_END 4 /* the first number that is not the front's */

#define GMS_CONTROL_VAULT    'V'
#define GMS_CONTROL_READY    'R'
#define GMS_CONTROL_RELOADED 'L'
#define GMS_CONTROL_ALIVE    'A'

#define GMS_ALIVE_MS 1000

#endif
