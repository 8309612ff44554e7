/* SPDX-License-Identifier: Apache-2.0 */
/*
 * open.h - one message being opened, with what it takes: from bare values
 * (cmd_open.c) or from the XML of a KMS (open_kms.c). The latter checks
 * identities as a receiver does; neither looks at the clock for more than the
 * NTP era, nor for replays: a message of last year opens.
 */
#ifndef TOOLS_OPEN_H
#define TOOLS_OPEN_H

#include "cli/command.h"
#include "mcptt/incoming.h"
#include "xml/kms_xml.h"

enum open_option {
    OPEN_CERT,
    OPEN_KEYS,
    OPEN_KPAK,
    OPEN_Z,
    OPEN_SENDER_ID,
    OPEN_RECEIVER_ID,
    OPEN_RSK,
    OPEN_SENDER,
    OPEN_RECEIVER,
    OPEN_LEGACY,
    OPEN_SHOW_SECRET,
    OPEN_OPTIONS
};

struct opening {
    struct cli *cli;
    struct mcptt_incoming in;
    int64_t now_s;
    struct mcptt_identifier sender, receiver;
    struct mikey_eccsi_kms *sender_kms;
    struct mikey_sakke_kms *receiver_kms;
    struct mikey_sakke_user *user;
    struct xml_kms *certs, *keys;
    struct mcptt_opener opener;
    struct mcptt_opened opened;
};

/*
 * Fills in o->opener from --cert and --keys: the certificates of both KMSs,
 * the key set of the receiver in the period of the message's timestamp.
 * Returns MU_OK, or an error of which cli_fail() was told.
 */
MU_MUST_CHECK enum mu_err open_with_kms(struct opening *o);

/* Makes o->sender_kms, o->receiver_kms and o->user of these values. */
MU_MUST_CHECK enum mu_err open_keys(struct opening *o, struct span kpak,
    struct span z, const struct mikey_rsk *rsk);

/* Prints what was opened. */
void open_print(const struct opening *o);

#endif
