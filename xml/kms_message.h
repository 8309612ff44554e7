/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kms_message.h - requests to a KMS and its responses (TS 33.180 annexes D.2
 * and D.3.5), unsigned: xml/dsig.h signs and verifies them, and what it hands
 * out is read here.
 *
 * What a response carries, certificates and key sets, is made elsewhere and
 * handed through as text: written verbatim, and read as the canonical octets
 * of each piece, which xml_verify_ecdsa(), xml_kms_read() and
 * xml_kms_wrapped_set_read() then take.
 */
#ifndef XML_KMS_MESSAGE_H
#define XML_KMS_MESSAGE_H

#include "base/arena.h"
#include "xml/c14n.h"

#define XML_KMS_URL_MAX 2048 /* octets of a ClientReqUrl; ours */

/* Codes of KmsError: the standard's list is not known, so those of HTTP. */
enum xml_kms_error {
    XML_KMS_NO_ERROR = 0,
    XML_KMS_BAD_REQUEST = 400,
    XML_KMS_FORBIDDEN = 403,
    XML_KMS_NOT_FOUND = 404,
    XML_KMS_INTERNAL = 500
};

/* Whether the root is SignedKmsRequest or SignedKmsResponse. */
bool xml_kms_is_signed(struct span text);

/* Optional texts have len 0. */
struct xml_kms_request {
    struct span user_uri, kms_uri;
    uint64_t time_s;                  /* Unix */
    struct span client_id, device_id; /* optional */
    struct span client_req_url;
    uint64_t error_code; /* of a ClientError; 0 when there is none */
    struct span error_text;
};

/*
 * Writes KmsRequest with this Id, which passes xml_kms_id_fits() (xml/
 * kms_form.h). Returns MU_OK; MU_E_MALFORMED for a text that is no UTF-8;
 * MU_E_NO_SPACE.
 */
MU_MUST_CHECK enum mu_err xml_kms_request_write(
    struct wr *w, const struct xml_kms_request *in, struct span id);

/*
 * Reads KmsRequest, the root. KrrList is skipped.
 *
 *   arena  holds the texts of *out
 *   fault  set in every case
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_NO_SPACE; MU_E_NO_MEMORY. Whether it is
 * for this KMS, from that user, and recent, is for the caller to check.
 */
MU_MUST_CHECK enum mu_err xml_kms_request_read(struct span text,
    struct mu_arena *arena, struct xml_fault *fault,
    struct xml_kms_request *out);

enum xml_kms_message {
    XML_KMS_NO_MESSAGE,
    XML_KMS_INIT,      /* one certificate */
    XML_KMS_KEY_PROV,  /* key sets */
    XML_KMS_CERT_CACHE /* certificates */
};

struct xml_kms_head {
    struct span user_uri, kms_uri;
    uint64_t time_s;    /* Unix */
    struct span kms_id; /* optional */
    struct span client_req_url;
    enum xml_kms_message message;
    uint64_t cache_num;  /* of a KmsCertCache */
    uint64_t error_code; /* of a KmsError (enum xml_kms_error), or 0 */
    struct span error_text;
};

/* pieces: elements begun by xml_kms_open() (xml/kms_form.h), verbatim. */
struct xml_kms_response_form {
    struct xml_kms_head head;
    struct span id; /* passes xml_kms_id_fits() */
    const struct span *pieces;
    size_t piece_count;
};

/* Writes KmsResponse. Errors as xml_kms_request_write(). */
MU_MUST_CHECK enum mu_err xml_kms_response_write(
    struct wr *w, const struct xml_kms_response_form *in);

/* One element in a message. */
struct xml_kms_piece {
    enum xml_kms_piece_kind {
        XML_KMS_PIECE_SIGNED_CERT,
        XML_KMS_PIECE_CERT,
        XML_KMS_PIECE_KEY_SET
    } kind;
    struct xml_canonical text; /* wiped with the response */
    struct xml_kms_piece *next;
};

#define XML_KMS_PIECES_MAX 256 /* ours */

struct xml_kms_response {
    struct xml_kms_head head;
    struct xml_kms_piece *pieces; /* in their order */
    struct mu_arena arena;        /* the texts of head */
};

/*
 * Reads KmsResponse, the root. New TrKs and InKs are skipped.
 *
 *   out  set on success; for xml_kms_response_free()
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_NO_SPACE; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_kms_response_read(
    struct span text, struct xml_fault *fault, struct xml_kms_response **out);

/* NULL is fine. */
void xml_kms_response_free(struct xml_kms_response *response);

#endif
