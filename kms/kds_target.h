/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kds_target.h - which resource of the KMS a request names (TS 33.180 annex
 * D.1). All are below KDS_ROOT and asked for with POST.
 *
 *     /init                          the root certificate
 *     /keyprov[/URI[/TIME]]          key sets of a user
 *     /certcache[/NUMBER]            external certificates newer than NUMBER
 *     /cert/URI                      the certificate of one KMS
 *     /lookup/URI                    which KMS serves a user
 *     /krr                           upload of a key redirect response
 *
 * A URI is percent-encoded, and tolerated raw. TIME is an NTP timestamp in 16
 * hex digits. How the standard calls the last resource is not known: the name
 * is ours and stands in kds_target.c alone.
 */
#ifndef KMS_KDS_TARGET_H
#define KMS_KDS_TARGET_H

#include "http/path.h"

#define KDS_ROOT "/keymanagement/identity/v1"

enum kds_resource {
    KDS_INIT,
    KDS_KEYPROV,
    KDS_CERTCACHE,
    KDS_CERT,
    KDS_LOOKUP,
    KDS_KRR
};

struct kds_target {
    enum kds_resource resource;
    struct span uri; /* len 0: none; in the arena or the path's */
    bool has_time;
    uint64_t ntp;       /* the timestamp, when has_time */
    uint64_t cache_num; /* 0 when none was given */
};

/*
 * Reads the segments behind KDS_ROOT, path->segment[from] and on.
 *
 * Returns MU_OK; MU_E_NOT_FOUND for no such resource; MU_E_MALFORMED for what
 * stands behind it; the arena's errors. *out is untouched on failure.
 */
MU_MUST_CHECK enum mu_err kds_target_read(struct mu_arena *arena,
    const struct http_path *path, size_t from, struct kds_target *out);

/* "init", "keyprov"... for the log; static storage. */
const char *kds_resource_name(enum kds_resource resource);

#endif
