/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mcx_codes.h - code points of TS 33.180 whose text could not be checked.
 *
 * Each is what deployed products send, or the logical choice among what they
 * send; a correction is one edit here. Receivers are wider than senders.
 */
#ifndef MCPTT_MCX_CODES_H
#define MCPTT_MCX_CODES_H

/*
 * Message type of the MCData protected payload around key parameters (TS
 * 33.180 clause 8.5.4). Two flags count on receipt: protected has to be set,
 * authenticated clear. The other six bits say which message, and are sent as
 * DATA PAYLOAD but not looked at.
 */
#define MCX_TYPE_PROTECTED      0x40
#define MCX_TYPE_AUTHENTICATED  0x80
#define MCX_TYPE_KEY_PARAMETERS 0x43

/* Identifier of the key parameters element (clause E.6.1); any accepted. */
#define MCX_IEI_KEY_PARAMETERS 0x00

/*
 * Identifier of one group in the list of MC group IDs (clause E.6): the
 * number of the MCData group ID (TS 24.282 clause 15.2.14), sent for groups
 * of every service; any accepted.
 */
#define MCX_IEI_GROUP_ID 0x7b

/*
 * "ID type" of an identity payload that holds a UID, roles 8 and 9 (clause
 * E.7): sent as URI, as everybody does, although the data are 32 octets;
 * accepted as byte string as well.
 */
#define MCX_ID_TYPE_HIDDEN           1
#define MCX_ID_TYPE_HIDDEN_ALTERNATE 2

#endif
