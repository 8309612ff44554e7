/* SPDX-License-Identifier: Apache-2.0 */
/*
 * domains.h - the KMSs whose users we key: which serves a member, and which
 * key period it is there. From the certificates that the KMS client checked,
 * and the list of subscribers.
 */
#ifndef GMS_DOMAINS_H
#define GMS_DOMAINS_H

#include "kms-client/keyset.h"

struct gms_domains;

/*
 *   keys         certificates; borrowed, read at each call
 *   subscribers  path of the list of users, a line "URI [KMS-URI]" each, blank
 *                ones and those that begin with # apart; borrowed;
 *                empty: everybody is a user of the home KMS
 *
 * Returns MU_OK; MU_E_MALFORMED, MU_E_IO, MU_E_NOT_FOUND for the list;
 * MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err gms_domains_new(const struct kms_keyset *keys,
    const char *subscribers, struct gms_domains **out);
void gms_domains_free(struct gms_domains *domains);
/* Reads the list again; on failure the old one stays. */
MU_MUST_CHECK enum mu_err gms_domains_reload(struct gms_domains *domains);

/*
 * The KMS of a user, borrowed until a reload or the next certificate of the
 * home KMS: the loop's next turn.
 *
 * Returns MU_OK; MU_E_NOT_FOUND for a user who is not in the list; MU_E_STATE
 * before there is a home certificate.
 */
MU_MUST_CHECK enum mu_err gms_domains_kms_of(
    const struct gms_domains *domains, struct span user, struct span *kms);

/*
 * From now on that user's KMS is that one, whatever the list says: a redirect
 * has said so (gms/redirect.h). Both are copied.
 *
 * Returns MU_OK or MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err gms_domains_move(
    struct gms_domains *domains, struct span user, struct span kms);

/*
 * The key period at a moment, its number and bounds in Unix seconds.
 *
 * Returns MU_OK; MU_E_NOT_FOUND without a certificate of that KMS that is good
 * then.
 */
struct gms_period {
    uint64_t number, from_s, until_s;
};
MU_MUST_CHECK enum mu_err gms_domains_period(const struct gms_domains *domains,
    struct span kms, uint64_t unix_s, struct gms_period *out);

#endif
