/* SPDX-License-Identifier: Apache-2.0 */
/*
 * payload.h - any payload, by its number, and the chain of payloads that is a
 * MIKEY message (RFC 3830 clause 6.1): a header, then each payload announced by
 * the next payload octet of the one before.
 *
 * What a message of some data type has to contain is not known here (see
 * mikey/msg.h); layouts are, so any message can be walked and explained.
 */
#ifndef MIKEY_PAYLOAD_H
#define MIKEY_PAYLOAD_H

#include "mikey/err.h"
#include "mikey/ext.h"
#include "mikey/hdr.h"
#include "mikey/idr.h"
#include "mikey/keydata.h"
#include "mikey/mac.h"
#include "mikey/pubkey.h"
#include "mikey/rand.h"
#include "mikey/sakke_pl.h"
#include "mikey/sign.h"
#include "mikey/sp.h"
#include "mikey/ts.h"

struct mikey_payload {
    uint8_t type; /* enum mikey_payload_type; says which member is set */
    size_t at;    /* offset of its first octet in the message */
    union {
        uint8_t next; /* the first member of all but sign */
        struct mikey_kemac kemac;
        struct mikey_pke pke;
        struct mikey_dh dh;
        struct mikey_sign sign;
        struct mikey_ts ts;   /* T, TR */
        struct mikey_idr idr; /* ID, IDR */
        struct mikey_cert cert;
        struct mikey_chash chash;
        struct mikey_v v;
        struct mikey_sp sp;
        struct mikey_rand rand; /* RAND, RANDR */
        struct mikey_err err;
        struct mikey_key_data key_data;
        struct mikey_ext ext;
        struct mikey_sakke_pl sakke;
    };
};

/*
 * The short name of a payload whose layout is known ("RAND", "GEN_EXT"), or
 * NULL. Static storage.
 */
const char *mikey_payload_name(uint8_t type);

/*
 * One payload of a type that mikey_payload_name() knows. The reader sets all of
 * *out; the writer does not look at in->at.
 */
void mikey_payload_read(struct rd *r, uint8_t type, struct mikey_payload *out);
void mikey_payload_write(struct wr *w, const struct mikey_payload *in);

/* The type of the payload that follows this one; MIKEY_PL_LAST after SIGN. */
uint8_t mikey_payload_next(const struct mikey_payload *p);

/*
 * Who looks at a message while it is read. Each may be NULL. hdr and payload
 * are called when theirs was read without a fault, and may refuse it by
 * rd_fail() on r, which ends the walk.
 */
struct mikey_visitor {
    void (*begin)(void *ctx, const char *name, size_t at);
    void (*hdr)(void *ctx, struct rd *r, const struct mikey_hdr *hdr);
    void (*payload)(void *ctx, struct rd *r, const struct mikey_payload *p);
    void *ctx;
};

/* Where and why a message fails. */
struct mikey_fault {
    const char *payload; /* name of the payload, "message" for the whole */
    struct rd_fault rd;  /* field, absolute offset, error, rule */
};

/*
 * Walks a whole message of any data type, payload after payload, to its last
 * octet.
 *
 *   in       the message; what the visitor sees borrows it
 *   trace    sees every field (base/bytes.h), or NULL
 *   visitor  never NULL
 *   fault    set on failure; may be NULL
 *
 * Returns MU_OK, or the error of the first fault: MU_E_UNSUPPORTED at "next"
 * for a payload without a known layout, MU_E_MALFORMED at "trailing octets"
 * when the message goes on after its last payload, or what a reader or the
 * visitor says.
 */
MU_MUST_CHECK enum mu_err mikey_walk(struct span in,
    const struct rd_trace *trace, const struct mikey_visitor *visitor,
    struct mikey_fault *fault);

#endif
