/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message.h - SIP requests and answers as far as Muster speaks of them: parsed
 * texts on the way in, typed fields on the way out. The SIP library (and every
 * octet of syntax) stays behind sip/agent.h.
 */
#ifndef SIP_MESSAGE_H
#define SIP_MESSAGE_H

#include "sip/dialog.h"

#define SIP_PARTS_MAX   16 /* of a multipart body; more is refused: 413 */
#define SIP_ACCEPTS_MAX 8

/* A body, or one part of a multipart one, its transfer encoding undone. */
struct sip_part {
    struct span type; /* media type in lower case, without parameters */
    struct span id;   /* Content-ID, without its brackets; empty: none */
    struct span body;
};

/* A request that came. Absent texts are empty. */
struct sip_request {
    uint64_t id; /* to answer it by */
    struct span method, uri;
    struct span from_uri, from_tag, to_uri, to_tag, call_id;
    uint32_t cseq;
    struct span contact;                /* its URI */
    struct span routes[SIP_ROUTES_MAX]; /* Record-Route, in its order */
    size_t route_count;
    struct span event, event_id; /* package; id parameter */
    bool has_accept;
    struct span accepts[SIP_ACCEPTS_MAX]; /* media types */
    size_t accept_count;
    bool has_expires;
    uint32_t expires_s;
    struct span asserted; /* P-Asserted-Identity, if the source is trusted */
    struct span access;   /* the network that he came through (sip/access.h); of
                           * a trusted source, as above */
    struct span state, reason; /* Subscription-State of a NOTIFY */
    struct sip_part parts[SIP_PARTS_MAX];
    size_t part_count;
    struct span address; /* where it came from, numeric */
    size_t octets;       /* of the message */
};

/* The part of that media type; NULL when there is none. */
const struct sip_part *sip_request_part(
    const struct sip_request *request, const char *type);

/* Whether a body of that type may be sent back (RFC 6665 clause 4.2.1): it is
 * listed, or nothing is. */
bool sip_request_accepts(const struct sip_request *request, const char *type);

/* The dialog that answering the request with to_tag opens, seen by us: borrowed
 * from the request. MU_E_MALFORMED without a Contact or From tag. */
MU_MUST_CHECK enum mu_err sip_request_dialog(const struct sip_request *request,
    struct span to_tag, struct sip_dialog *out);

/* An answer to give. Texts NULL or empty: the field is left out. */
struct sip_answer {
    unsigned status;
    const char *to_tag;
    bool has_expires;
    uint32_t expires_s;
    uint32_t retry_after_s; /* 0: none */
    uint32_t min_expires_s; /* 0: none */
    const char *allow;      /* methods */
    const char *warning;    /* 399 agent "text" (RFC 3261 clause 20.43) */
    const char *allow_events;
    bool contact; /* ours */
    const char *type;
    struct span body;
};

/* A request to send, in a dialog or (without tags) outside of one. */
struct sip_ask {
    uint64_t id; /* the caller's, comes back with its answer */
    const char *method;
    struct sip_dialog dialog;  /* local_cseq is the one to be used */
    const char *event, *state; /* Event; Subscription-State */
    const char *accept;
    bool has_expires;
    uint32_t expires_s;
    const char *type;
    struct span body;
    /* Over TCP and TLS, how long to wait for the answer, if not as long as the
     * agent does; 0: as long. Over UDP SIP itself repeats what is lost. */
    unsigned answer_ms;
};

/* What became of an ask: the final answer, or that none came. */
struct sip_outcome {
    uint64_t id;
    unsigned status; /* 408 on time-out, 503 when it could not be sent */
    bool unanswered; /* the status is ours: nobody has said it */
    bool repeated;   /* it went over UDP: SIP has sent it again and again */
    uint32_t retry_after_s;
    struct span to_tag, contact; /* of the answer */
    bool has_expires;
    uint32_t expires_s;
    struct span type, body;
};

#endif
