/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document.h - a group's document as it reads: text, model, and the form for
 * those who may not have the list. Made once for each text, whoever asks for
 * it: those that were used last are kept.
 *
 * A document does not change once it is there. Whoever keeps one longer than
 * the call that brought it takes a reference. One thread; reading a large text
 * is a worker's.
 */
#ifndef GMS_DOCUMENT_H
#define GMS_DOCUMENT_H

#include "gms/store.h"
#include "xml/group_doc.h"

struct mu_pool; /* base/pool.h */

#define GMS_REDUCED_ETAG_LEN 32 /* hex digits */
#define GMS_TEXT_DIGEST_LEN  16

struct gms_document {
    struct gms_doc doc; /* of a text that is not stored: text and etags only */
    struct xml_group group;
    uint8_t digest[GMS_TEXT_DIGEST_LEN];         /* of the text */
    struct span reduced;                         /* the text without its list */
    char reduced_etag[GMS_REDUCED_ETAG_LEN + 1]; /* a function of that text */
};

struct gms_document *gms_document_ref(struct gms_document *document);
void gms_document_unref(struct gms_document *document); /* NULL is fine */
void gms_document_drop(struct gms_document **document); /* for MU_CLEANUP */

struct gms_documents;

/*
 * pool may be NULL. Returns MU_OK or MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err gms_documents_new(struct mu_pool *pool,
    enum xml_group_unknown unknown, struct gms_documents **out);

/* After the pool is gone, so that no text is still being read. */
void gms_documents_free(struct gms_documents *documents);

/*
 * What became of a text: MU_OK with a document, borrowed for the call; the
 * errors of xml_group_read() with *fault; MU_E_STATE when there is too much to
 * do: 503.
 */
typedef void gms_document_read(void *ctx, enum mu_err err,
    struct gms_document *document, const struct xml_group_fault *fault);

/*
 * Reads a document. One that is stored (it has an etag) is kept, and taken from
 * what is kept; another one is only read. All of doc is copied. read() is
 * called once, perhaps before this returns.
 */
void gms_documents_read(struct gms_documents *documents,
    const struct gms_doc *doc, gms_document_read *read, void *ctx);

#endif
