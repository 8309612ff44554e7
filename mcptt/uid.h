/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uid.h - the identifier octets of a user in one key period: what SAKKE
 * encrypts to and ECCSI signs as.
 *
 * Two schemes, told apart by the ID scheme of the SAKKE payload: the UID of
 * TS 33.180 clause F.2.1, a hash of 32 octets, and the month and telephone URI
 * of RFC 6509 clause 3.2. Both are octet strings to the mathematics: leading
 * zeros and NULs count.
 */
#ifndef MCPTT_UID_H
#define MCPTT_UID_H

#include "mcptt/ident.h"
#include "mcptt/period.h"

#define MCPTT_UID_LEN 32

struct mcptt_uid {
    uint8_t b[MCPTT_UID_LEN];
};

bool mcptt_uid_eq(const struct mcptt_uid *a, const struct mcptt_uid *b);

/* All that a UID is made of, for one identity under one KMS. */
struct mcptt_uid_source {
    struct span identity; /* URI, verbatim, 1..MCPTT_ID_MAX octets */
    struct span kms;      /* KmsUri of that identity's KMS, verbatim, as long */
    struct mcptt_period_rule rule; /* any values, also offset >= length */
    uint64_t number;               /* of the key period */
};

/*
 * Derives the UID (TS 33.180 clause F.2.1): SHA-256 over FC 00 and the six
 * parameters of the source, integers in the fewest octets that hold them.
 *
 * Returns MU_OK; MU_E_MALFORMED when a URI is empty or too long;
 * MU_E_CRYPTO if the hash fails. *out is untouched on failure.
 */
MU_MUST_CHECK enum mu_err mcptt_uid_derive(
    const struct mcptt_uid_source *source, struct mcptt_uid *out);

/*
 * Derives the UID for the period that a time lies in; source->number is not
 * looked at. t_s is the timestamp of a message in seconds since 1900
 * (mcptt/period.h). Errors as above and of mcptt_period_number().
 */
MU_MUST_CHECK enum mu_err mcptt_uid_derive_at(
    const struct mcptt_uid_source *source, uint64_t t_s, struct mcptt_uid *out);

#define MCPTT_TEL_ID_MAX (MCPTT_MONTH_TEXT_LEN + 1 + MCPTT_ID_MAX + 1)

/*
 * | "YYYY-MM" | 00 | "tel:+..." | 00 |   RFC 6509 clause 3.2, the NULs included
 * in every use of the identifier.
 */
struct mcptt_tel_id {
    struct mcptt_month month;
    struct span tel; /* borrowed; passes mcptt_tel_check() */
};

/* Faults: MU_E_MALFORMED at "month", "nul", "tel_uri". Reads to the
 * end of r. */
void mcptt_tel_id_read(struct rd *r, struct mcptt_tel_id *out);
void mcptt_tel_id_write(struct wr *w, const struct mcptt_tel_id *in);

#endif
