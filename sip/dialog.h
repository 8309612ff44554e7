/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialog.h - a SIP dialog as data (RFC 3261 clause 12; RFC 6665 clause 4.4.1).
 *
 * The user agent keeps no dialogs: whoever has one says all that a request in
 * it needs. So a dialog can lie in a store, be read by another process after
 * this one was killed, and go on. Pure.
 */
#ifndef SIP_DIALOG_H
#define SIP_DIALOG_H

#include "base/arena.h"
#include "base/buf.h"

#define SIP_ROUTES_MAX 8    /* of a dialog; ours */
#define SIP_TEXT_MAX   2048 /* octets of a URI, tag or Call-ID; ours */

struct sip_dialog {
    struct span call_id;
    struct span local_uri, local_tag;   /* we, as the peer named us */
    struct span remote_uri, remote_tag; /* the peer */
    struct span target;                 /* its Contact's URI */
    struct span routes[SIP_ROUTES_MAX]; /* route set, in the order of use */
    size_t route_count;
    uint32_t local_cseq;  /* of our last request in it; 0: none */
    uint32_t remote_cseq; /* of the peer's last */
};

/*
 * As octets for the store:
 *
 *     | version = 1 (8) | local CSeq (32) | remote CSeq (32) |
 *     6 x ( length (16) | text ) | count (8) | count x ( length (16) | text )
 *
 * Who restores a dialog adds a margin to local_cseq: requests may have gone out
 * after it was written.
 */
void sip_dialog_write(const struct sip_dialog *dialog, struct buf *out);

/*
 * Texts are copied to the arena.
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_UNSUPPORTED for another version;
 * MU_E_NO_SPACE; MU_E_NO_MEMORY. *out is untouched on failure.
 */
MU_MUST_CHECK enum mu_err sip_dialog_read(
    struct span octets, struct mu_arena *arena, struct sip_dialog *out);

/* A deep copy. The arena's error. */
MU_MUST_CHECK enum mu_err sip_dialog_copy(const struct sip_dialog *dialog,
    struct mu_arena *arena, struct sip_dialog *out);

/* Whether requests in it go by UDP as long as they fit: the first hop is a sip
 * URI that names UDP or no transport. */
bool sip_dialog_by_datagram(const struct sip_dialog *dialog);

/* Whether a request with these belongs to it, seen from our side. */
bool sip_dialog_matches(const struct sip_dialog *dialog, struct span call_id,
    struct span to_tag, struct span from_tag);

#endif
