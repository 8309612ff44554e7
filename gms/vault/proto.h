/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto.h - what the front may ask of the vault, and the frames it goes in
 * (DESIGN section 2).
 *
 * The vault holds every key, the front every stranger's octets; this is all
 * that passes between them. A frame is one datagram of a SOCK_SEQPACKET pair:
 *
 *     | version = 1 (8) | op (8) | request id (32) | body |
 *
 * at most GMS_VAULT_FRAME_MAX octets. An answer carries the request's op and
 * id, then | err (8) | last (8) |, and, when err is not MU_OK, the refusal (8)
 * and a text. Answers of one request may come in several frames, the last of
 * them marked, and answers of several requests interleaved. A frame that does
 * not read ends the vault: the front is then not who it should be.
 *
 * Reading borrows from the frame; arrays lie in the reader's arena.
 */
#ifndef GMS_VAULT_PROTO_H
#define GMS_VAULT_PROTO_H

#include "base/arena.h"
#include "base/seal.h"
#include "kms-client/keyset.h"
#include "mcptt/key_params.h"
#include "mcptt/message.h"

#define GMS_VAULT_FRAME_MAX      65536
#define GMS_VAULT_RECIPIENTS_MAX 256 /* of one wrap, exclude or admit */
#define GMS_VAULT_SIGN_MAX       128 /* messages of one sign */
#define GMS_VAULT_RESEAL_MAX     64  /* objects of one reseal */
#define GMS_VAULT_INFLIGHT_MAX   16  /* requests the front may have open */

/* A key as it leaves the vault: key and RAND, sealed under the KEK and bound to
 * identifier, group and epoch. An envelope: one SED, sealed and bound to key
 * identifier, epoch, recipient's UID, KMS, period and purpose. */
#define GMS_SEALED_KEY_LEN MU_SEAL_LEN(32)
#define GMS_ENVELOPE_LEN   MU_SEAL_LEN(MIKEY_SED_LEN)

enum gms_vault_op {
    GMS_VAULT_HELLO = 1, /* who are you, and are you ready */
    GMS_VAULT_CERT,      /* take a KMS certificate, if it verifies */
    GMS_VAULT_KEYS,      /* take our own keys of one period, wrapped */
    GMS_VAULT_NEW_KEY,   /* draw a key */
    GMS_VAULT_WRAP,      /* encapsulate it to recipients: costly, cacheable */
    GMS_VAULT_SIGN,      /* build and sign messages from envelopes */
    GMS_VAULT_EXCLUDE,   /* never sign for these from that epoch on */
    GMS_VAULT_ADMIT,     /* they may be signed for again */
    GMS_VAULT_RECEIPT,   /* did this member open that key */
    GMS_VAULT_CSK,       /* open a CSK that was sent to us */
    GMS_VAULT_RESEAL,    /* seal keys and envelopes under the newest KEK */
    GMS_VAULT_OPS
};

/* Why the vault does not; each has a test of its own. */
enum gms_vault_refusal {
    GMS_REFUSED_NOT,        /* an error, not a refusal */
    GMS_REFUSED_CERT,       /* certificate not by the pinned root */
    GMS_REFUSED_KEYS,       /* keys that are not ours, or do not verify */
    GMS_REFUSED_NOT_READY,  /* no own keys for the period */
    GMS_REFUSED_KMS,        /* no authenticated certificate of that KMS */
    GMS_REFUSED_PERIOD,     /* neither this period nor a prebuild one */
    GMS_REFUSED_SEALED_KEY, /* does not open, or is another group's */
    GMS_REFUSED_ENVELOPE,   /* is not for this key, recipient or period */
    GMS_REFUSED_EPOCH,      /* older than the one in force */
    GMS_REFUSED_EXCLUDED,   /* recipient is excluded from that epoch */
    GMS_REFUSED_PURPOSE,    /* envelope for revocation, message is not */
    GMS_REFUSED_ACTIVATION, /* times that no policy gives */
    GMS_REFUSED_LOG,        /* its own log cannot be written */
    GMS_REFUSED_RATE,       /* too many of that kind in flight */
    GMS_REFUSED_RECEIPT,    /* proves nothing of the kind */
    GMS_REFUSED_MESSAGE,    /* is no I_MESSAGE */
    GMS_REFUSED_KIND,       /* does not say that it brings a CSK */
    GMS_REFUSED_RECEIVER,   /* is for somebody else */
    GMS_REFUSED_SENDER,     /* does not say by whom, or it is us */
    GMS_REFUSED_TIME,       /* too old, or not yet */
    GMS_REFUSED_REPLAY,     /* was here before */
    GMS_REFUSED_SIGNATURE,  /* not by who it says */
    GMS_REFUSED_CSK,        /* does not open, or is not to be used */
    GMS_REFUSALS
};
const char *gms_vault_refusal_name(enum gms_vault_refusal refusal);

/* A key by its sealed form. The kind is the tag of the identifier. */
struct gms_sealed_key {
    struct mcptt_key_id id;
    struct span group;  /* URI, part of what is bound */
    uint64_t epoch;     /* fencing: grows with each new key of the group */
    struct span sealed; /* GMS_SEALED_KEY_LEN octets */
};

/* What a message is to say of the key (mcptt/key_params.h). */
struct gms_sign_terms {
    bool revoked;          /* status: the key must not be used any more */
    bool hidden;           /* UIDs in place of both URIs (clause E.7) */
    uint64_t activation_s; /* Unix; 0: at once */
    uint64_t expiry_s;     /* Unix; 0: never */
    struct span text;
    struct span groups[MCPTT_KEY_PARAMS_GROUPS_MAX];
    size_t group_count;
};

/* One period of one KMS: what recipients of a request have in common. */
struct gms_vault_period {
    struct span kms; /* KmsUri of the recipients' KMS */
    uint64_t number; /* of its key period */
};

struct gms_vault_new_key {
    enum mcptt_key_kind kind;
    struct span group;
    uint64_t epoch;
};

struct gms_vault_wrap {
    struct gms_sealed_key key;
    struct gms_vault_period period;
    bool revocation; /* good for revocation messages alone, any epoch */
    const struct span *recipients; /* URIs */
    size_t count;
};

struct gms_vault_sign_item {
    struct span recipient;
    struct span envelope; /* GMS_ENVELOPE_LEN octets */
};

/* The timestamp is the vault's: now, or the first second of a prebuild period.
 */
struct gms_vault_sign {
    struct gms_sealed_key key;
    struct gms_vault_period period;
    struct gms_sign_terms terms;
    const struct gms_vault_sign_item *items;
    size_t count;
};

/* EXCLUDE and ADMIT. */
struct gms_vault_members {
    struct span group;
    uint64_t epoch; /* EXCLUDE: from this one on */
    const struct span *uris;
    size_t count;
};

/* A member's receipt (mcptt/receipt.h), to be checked against the key. */
struct gms_vault_receipt {
    struct gms_sealed_key key;
    struct span receipt;
};

/* An I_MESSAGE with a CSK, as it came: 1..MCPTT_MESSAGE_MAX octets. */
struct gms_vault_csk {
    struct span message;
};

/* A key or an envelope as the front has it, and what it is bound to: it is
 * opened as that and as nothing else. Of an envelope key.sealed is empty, of a
 * key what stands below it. */
struct gms_vault_object {
    struct gms_sealed_key key;
    struct span envelope; /* GMS_ENVELOPE_LEN octets; empty: it is a key */
    struct gms_vault_period period;
    struct span recipient;
    bool revocation;
};

struct gms_vault_reseal {
    const struct gms_vault_object *at;
    size_t count; /* 1..GMS_VAULT_RESEAL_MAX */
};

struct gms_vault_request {
    enum gms_vault_op op;
    uint32_t id;
    union {
        struct span cert; /* XML, as it came */
        struct kms_wrapped_keys keys;
        struct gms_vault_new_key new_key;
        struct gms_vault_wrap wrap;
        struct gms_vault_sign sign;
        struct gms_vault_members members;
        struct gms_vault_receipt receipt;
        struct gms_vault_csk csk;
        struct gms_vault_reseal reseal;
    };
};

struct gms_vault_hello {
    struct span identity; /* URI that it signs as */
    struct span kms;      /* of its home KMS */
    struct mu_kek_id kek; /* that seals */
    uint64_t now_ms;      /* its clock, Unix */
    bool ready;           /* has its own keys for this moment's period */
    struct span log_head; /* text, base/chain.h */
    struct mu_kek_id identity_kek; /* its identity file is sealed under */
    struct mu_kek_id keks[MU_KEYRING_MAX]; /* that open; kek is the last */
    size_t kek_count;
};

struct gms_vault_envelope {
    struct mcptt_key_id guk_id; /* what the recipient knows the key by */
    struct span envelope;
};

/*
 * What the front gets of a CSK: not the key, but the one that encrypts XML
 * between that member and us, derived for him and this identifier alone (TS
 * 33.180 clauses 9.3.4 and F.1.4). Whoever writes or reads the frame wipes it.
 */
struct gms_vault_csk_opened {
    struct span sender; /* the member's URI; the signature is his */
    struct mcptt_key_id id;
    uint64_t until_s; /* Unix; UINT64_MAX: the message says no end */
    struct mcptt_sig_conf_key key;
};

/* One frame of an answer. Of wrap, sign and reseal, items first..first + count
 * - 1 of the request, in its order. */
struct gms_vault_answer {
    enum gms_vault_op op;
    uint32_t id;
    bool last;
    enum mu_err err;
    enum gms_vault_refusal refusal;
    struct span why; /* of an err, for people */
    union {
        struct gms_vault_hello hello;
        struct gms_sealed_key key;
        struct gms_vault_csk_opened csk;
        struct {
            size_t first, count;
            const struct gms_vault_envelope *at;
        } envelopes;
        struct {
            size_t first, count;
            const struct span *at;
        } messages;
        /* As long as they were, or empty: does not open as what it was said
         * to be, by any KEK that is here. */
        struct {
            size_t first, count;
            const struct span *at;
        } objects;
    };
};

/*
 * Write one frame, from the start of w. Return MU_OK; MU_E_NO_SPACE when it
 * would exceed w or GMS_VAULT_FRAME_MAX: ask for fewer; MU_E_MALFORMED for what
 * the other end would not read: no URI where one belongs, a count of 0 or over
 * its limit, a length that is not what it has to be.
 */
MU_MUST_CHECK enum mu_err gms_vault_request_write(
    struct wr *w, const struct gms_vault_request *in);
MU_MUST_CHECK enum mu_err gms_vault_answer_write(
    struct wr *w, const struct gms_vault_answer *in);

/*
 * Read one frame. Return MU_OK; MU_E_MALFORMED, MU_E_UNSUPPORTED for another
 * version; the arena's error. *out is untouched on failure.
 */
MU_MUST_CHECK enum mu_err gms_vault_request_read(
    struct span frame, struct mu_arena *arena, struct gms_vault_request *out);
MU_MUST_CHECK enum mu_err gms_vault_answer_read(
    struct span frame, struct mu_arena *arena, struct gms_vault_answer *out);

#endif
