/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kms_krr.h - reads a KMS redirect response, KRR (TS 33.180 clause 5.2.8 and
 * annex D.4): which KMSs somebody on the path accepts.
 *
 * The names of the elements below the root are not known, so they are read
 * leniently: each leaf whose local name has "kms" in it and ends in "uri", in
 * either case, holds the URI of a KMS; others are skipped. A KRR may hold an
 * earlier one. Its signature, by X.509 keys that nobody here holds, is not
 * looked at, so a KRR is a hint: it never brings a certificate, and the caller
 * follows it to no KMS but one whose certificate the home KMS has given him.
 */
#ifndef XML_KMS_KRR_H
#define XML_KMS_KRR_H

#include "base/arena.h"
#include "xml/fault.h"

#define XML_KRR_TYPE "application/vnd.3gpp.kmsredirectresponse+xml"

#define XML_KRR_DEPTH_MAX 3  /* KRRs in each other, the outermost counted */
#define XML_KRR_URIS_MAX  16 /* ours */

struct xml_krr_uri {
    struct span uri;
    unsigned depth; /* 1: of the outermost KRR */
};

struct xml_krr {
    const struct xml_krr_uri *uris; /* in their order; in the arena */
    size_t count;                   /* at least 1 */
};

/*
 * Reads KmsRedirectResponse, the root.
 *
 *   arena  holds all of *out
 *   fault  set in every case
 *
 * Returns MU_OK; MU_E_MALFORMED, also without any URI or for one that is empty
 * or longer than 255 octets; MU_E_NO_SPACE beyond the limits above;
 * MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_krr_read(struct span text, struct mu_arena *arena,
    struct xml_fault *fault, struct xml_krr *out);

/*
 * Writes one that names a single KMS, unsigned, by an element KmsUri: a name of
 * ours, which xml_krr_read() and readers as lenient take. Errors are those of
 * xml/writer.h.
 */
MU_MUST_CHECK enum mu_err xml_krr_write(struct wr *w, struct span kms_uri);

#endif
