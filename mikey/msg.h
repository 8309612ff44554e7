/* SPDX-License-Identifier: Apache-2.0 */
/*
 * msg.h - the MIKEY-SAKKE I_MESSAGE: what data type 26 has to contain (RFC 6509
 * clause 4.1, TS 33.180 clause E.1.2), and which oddities of peers may pass.
 *
 * Only form is judged here: neither time, nor signature, nor who somebody is.
 */
#ifndef MIKEY_MSG_H
#define MIKEY_MSG_H

#include "mikey/payload.h"

/* How many of a kind a message may have; ours, not the standard's. */
#define MIKEY_IDR_MAX       4 /* the standard's: one for each of four parties */
#define MIKEY_SP_MAX        4
#define MIKEY_OTHER_EXT_MAX 4 /* of types without a rule of their own */
#define MIKEY_EXT_MAX       (3 + MIKEY_OTHER_EXT_MAX)

/*
 * What a receiver lets pass beyond TS 33.180, as bits. Without any the reader
 * is strict: the payloads of clause E.1.2 in any order with SIGN last, V clear,
 * PRF-HMAC-SHA-256, an empty or a GENERIC-ID map, 3GPP UIDs. Strict receipt is
 * wider than what we send in three points, which no security hangs on: the
 * order, an SP payload beside an empty map (RFC 4563 clause 5 forbids it;
 * deployed products send it), and a ROC transmission rate of one octet or two.
 */
enum mikey_tolerance {
    MIKEY_STRICT = 0,

    /* RFC 6509: IDR payloads may be absent. The receiver then has to know from
     * elsewhere who signs and for whom. */
    MIKEY_ALLOW_NO_IDR = 1 << 0,
    /* RFC 6509: ID scheme 1, tel URIs with monthly keys. */
    MIKEY_ALLOW_TEL = 1 << 1,
    /* RFC 6509: TS type 1, NTP, beside NTP-UTC. */
    MIKEY_ALLOW_NTP = 1 << 2,
    /* RFC 3830: an SRTP-ID map. */
    MIKEY_ALLOW_SRTP_ID = 1 << 3,
    /* RFC 3830: general extensions that neither RFC 4567 nor TS 33.180 puts
     * into this message; nobody here acts on them. */
    MIKEY_ALLOW_OTHER_EXT = 1 << 4,
    /* 33.179 products: V set. No answer is ever sent. */
    MIKEY_ALLOW_V = 1 << 5,
    /* 33.179 products: PRF func 0, HMAC-SHA-1. */
    MIKEY_ALLOW_PRF_SHA1 = 1 << 6,
    /* 33.179 products: a UID in the roles of clear identities, 1 and 2. */
    MIKEY_ALLOW_UID_AS_URI = 1 << 7,
    /* 33.179 products: a NUL at the end of a KMS's URI; it stays in the span.
     */
    MIKEY_ALLOW_NUL = 1 << 8,
    /* One vendor's PCK: a GENERIC-ID map with #CS = 0, so without octets. */
    MIKEY_ALLOW_EMPTY_GENERIC_ID = 1 << 9
};

/* RFC 6509 messages of other users than 3GPP's; also for bare values. */
#define MIKEY_RFC6509                                                          \
    (MIKEY_ALLOW_NO_IDR | MIKEY_ALLOW_TEL | MIKEY_ALLOW_NTP |                  \
        MIKEY_ALLOW_SRTP_ID | MIKEY_ALLOW_OTHER_EXT | MIKEY_ALLOW_V)

/* Products of 2019 to 2024, made to 33.179 (`legacy` of a peer). */
#define MIKEY_LEGACY                                                           \
    (MIKEY_ALLOW_SRTP_ID | MIKEY_ALLOW_V | MIKEY_ALLOW_PRF_SHA1 |              \
        MIKEY_ALLOW_UID_AS_URI | MIKEY_ALLOW_NUL |                             \
        MIKEY_ALLOW_EMPTY_GENERIC_ID)

/*
 * A message. After mikey_msg_read() all spans borrow its input. The next
 * members of the payloads mean nothing to the writer, which chains by itself.
 */
struct mikey_msg {
    struct span covered; /* what the signature covers: HDR .. `20 81` */
    unsigned allowed;    /* the tolerances that it needed; to be logged */
    struct mikey_hdr hdr;
    struct mikey_ts ts;
    struct mikey_rand rand;
    size_t idr_count, sp_count, ext_count;
    struct mikey_idr idr[MIKEY_IDR_MAX];
    struct mikey_sp sp[MIKEY_SP_MAX];
    struct mikey_ext ext[MIKEY_EXT_MAX];
    struct mikey_sakke_pl sakke;
    struct mikey_sign sign;
};

/*
 * Reads a whole message.
 *
 *   in         borrowed by *out for as long as that is used
 *   tolerance  bits of enum mikey_tolerance
 *   out        set on success, untouched on failure
 *   fault      set on failure; may be NULL
 *
 * Returns MU_OK; MU_E_MALFORMED when a rule is broken: missing payloads are
 * faults at the end of the message, others at the field; MU_E_UNSUPPORTED for a
 * variant that is not done or not tolerated; MU_E_NO_SPACE past our limits.
 */
MU_MUST_CHECK enum mu_err mikey_msg_read(struct span in, unsigned tolerance,
    struct mikey_msg *out, struct mikey_fault *fault);

/*
 * Writes all that the signature covers, up to and including the type and length
 * of an ECCSI signature, in the order of deployed products: T, RAND, IDRs (i,
 * r, kmsi, kmsr), SP, SAKKE, key parameters, SAKKE-to-self, other extensions.
 * What is to be signed is wr_so_far(w) when w began with this message; the
 * signature then follows by wr_span(). Neither covered nor sign is looked at.
 */
void mikey_msg_write_covered(struct wr *w, const struct mikey_msg *in);

/* The whole message, with the signature in in->sign, an ECCSI one. */
void mikey_msg_write(struct wr *w, const struct mikey_msg *in);

/* The identity of a role, or the extension of a type; NULL when absent. */
const struct mikey_idr *mikey_msg_idr(
    const struct mikey_msg *msg, enum mikey_id_role role);
const struct mikey_ext *mikey_msg_ext(
    const struct mikey_msg *msg, enum mikey_ext_type type);

#endif
