/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kds_conf.h - the options of kdsd (base/conf.h). Their meaning stands in the
 * table, kds_conf.c, from which kdsd --help is printed.
 */
#ifndef KMS_KDS_CONF_H
#define KMS_KDS_CONF_H

#include "base/conf.h"
#include "base/sign.h"

struct kds_conf_token {
    const char *jwks_file, *jwks_url; /* empty: not this one */
    const char *issuer, *audience;    /* empty: any */
    bool require_aud;
    bool release_13;
};

/* A listener for network entities and devices with certificates. */
struct kds_conf_mutual {
    struct mu_conf_addr listen;
    const char *client_ca;
    struct mu_conf_strs trusted_peers;
};

enum kds_signed {
    KDS_SIGNED_OPTIONAL, /* the empty POST of Release 13 will do */
    KDS_SIGNED_REQUIRED
};

struct kds_conf {
    const char *kms_uri;
    const char *bundle_key; /* 64 hex digits */
    const char *database;
    const char *kek_file, *import_key_file; /* empty: none */

    struct mu_conf_addr listen, health;
    struct mu_conf_list mutual; /* of struct kds_conf_mutual, at most one */
    const char *tls_cert, *tls_key;
    const char *url; /* without a slash at the end; empty: from Host */
    struct kds_conf_token token;

    bool online_signing;
    unsigned signed_requests; /* enum kds_signed */
    uint64_t request_age_s;
    uint64_t next_periods;

    uint64_t requests_per_s, burst;
    uint64_t retry_least_s, retry_spread_s;
    uint64_t connections, body_max, drain_ms;
    unsigned log_level, log_format;
};

extern const struct mu_conf_table kds_conf_table;

/*
 * What the table cannot say: options that need each other, the form of the
 * bundle key. Faults go where those of mu_conf_read() go.
 *
 * Returns MU_OK with the pinned key, or MU_E_MALFORMED.
 */
MU_MUST_CHECK enum mu_err kds_conf_check(const struct kds_conf *conf,
    const struct mu_conf_faults *faults, struct mu_verify_key *bundle_key);

#endif
