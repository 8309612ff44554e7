/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf.h - the options of gmsd (base/conf.h), for its monitor and its front.
 * Their meaning stands in the table, conf.c, from which gmsd --help and
 * gmsd.conf(5) are made.
 *
 * The policy and the roles are read straight into the structs of their owners
 * (gms/policy.h, gms/access.h).
 */
#ifndef GMS_CONF_H
#define GMS_CONF_H

#include "base/conf.h"
#include "gms/access.h"
#include "gms/policy.h"

struct gms_conf_token {
    const char *jwks_file, *jwks_url; /* empty: not this one */
    const char *issuer, *audience;    /* empty: any */
    bool require_aud;
    bool release_13;
};

/* A listener for network entities and operators with certificates. */
struct gms_conf_mutual {
    struct mu_conf_addr listen;
    const char *client_ca;
    struct mu_conf_strs trusted_peers;
};

/* The KEK in a token; module empty: not there. */
struct gms_conf_pkcs11 {
    const char *module;
    const char *token, *key; /* labels */
    const char *pin_file;
};

/* Where another KMS is reached, for redirects. */
struct gms_conf_peer {
    const char *kms_uri, *url;
};

/* Of the envelopes of answers: needed once one was there; always; never. */
enum gms_conf_signatures {
    GMS_SIGNATURES_LEARNT,
    GMS_SIGNATURES_REQUIRED,
    GMS_SIGNATURES_IGNORED
};

/* How our own keys are fetched. */
struct gms_conf_kds {
    const char *url;                  /* empty: the enrolment's */
    const char *ca_file;              /* empty: the system's */
    const char *token_file;           /* empty: none */
    const char *cert_file, *key_file; /* empty: none */
    bool unsigned_requests;
    unsigned signatures; /* enum gms_conf_signatures */
    uint64_t refresh_s;
    struct mu_conf_list peers;      /* of struct gms_conf_peer */
    struct mu_conf_strs other_kmss; /* URIs whose certificates are asked for */
};

struct gms_conf_xcap {
    const char *root; /* "/xcap": begins with a slash and ends without */
    const char *creation_xui; /* "": none */
    bool write_global;
    unsigned unknown_extension; /* enum xml_group_unknown */
    uint64_t members_max;
};

/* What @id of a GKTP says (notes gms-protocol 2.3: UNKNOWN in the standard). */
enum gms_conf_gktp_id {
    GMS_GKTP_GMK_ID,
    GMS_GKTP_GUK_ID
};

struct gms_conf_gktp {
    const char *auid, *path, *mime;
    unsigned id; /* enum gms_conf_gktp_id */
};

/* A port of the SIP user agent. */
struct gms_conf_sip_listen {
    unsigned transport; /* enum sip_transport */
    struct mu_conf_addr listen;
};

struct gms_conf_sip {
    struct mu_conf_list listens; /* of struct gms_conf_sip_listen; none: no SIP
                                  */
    const char *user;            /* of our Contact */
    const char *tls_dir;         /* empty: no TLS */
    struct mu_conf_strs trusted; /* addresses that may assert identities */
    const char *xcap_root;       /* URL with a slash at its end */
    uint64_t expires_least_s, expires_s, expires_most_s;
    uint64_t token_grace_s;
    uint64_t min_interval_ms; /* between NOTIFYs without a key */
    uint64_t retry_least_ms, retry_most_ms;
    uint64_t answer_ms;        /* to a NOTIFY */
    uint64_t urgent_answer_ms; /* to an urgent one (gms/adapter.h) */
    bool deactivate;           /* at SIGTERM */
    bool mikey_part, message;  /* ways to deliver (gms/adapter.h) */
    const char *message_proxy; /* empty: to his subscription's contact */
    struct mu_conf_strs redirect_kmss; /* where a 488 may send a member */
    uint64_t subscriptions, subscriptions_each; /* at once; of one identity */
    uint64_t octets_per_s, burst;               /* 0: no limit */
    uint64_t area_octets_per_s, area_burst;     /* of one access area */
    uint64_t pending, message_max;
    uint64_t idle_ms; /* of a connection */
};

/* Client-server keys that members send with SUBSCRIBE. */
struct gms_conf_csk {
    uint64_t keys, keys_each; /* that are kept: of all, of one member */
    uint64_t keep_s;
    uint64_t wait_ms, waiting; /* for the vault; requests that may */
    uint64_t failures_per_s, failure_burst;        /* of each address */
    uint64_t per_s, burst, each_per_s, each_burst; /* at the vault */
};

struct gms_conf_limits {
    uint64_t connections;
    uint64_t body_max, head_max;
    uint64_t head_ms, request_ms, answer_ms, send_ms, idle_ms;
    uint64_t linger_max, linger_ms;
    uint64_t requests_per_s, burst;         /* of each caller; 0: all */
    uint64_t failures_per_s, failure_burst; /* to each address; 0: all */
    uint64_t drain_ms;
    uint64_t workers, vault_workers; /* threads; 0: one for each processor */
    uint64_t events_keep;
};

struct gms_conf {
    struct mu_conf_addr listen, health;
    struct mu_conf_list mutual; /* of struct gms_conf_mutual, at most one */
    const char *tls_cert, *tls_key;
    struct gms_conf_token token;
    struct mu_conf_list roles; /* of struct gms_access_row */

    /* Exactly one source: the file alone, the credential, or the token, which
     * unwraps the file. */
    const char *kek_file, *kek_credential;
    struct gms_conf_pkcs11 pkcs11;
    const char *identity_file, *enrolment_file, *audit_key_file;
    const char *database, *audit_log, *vault_log;
    const char *subscribers; /* empty: everybody is of the home KMS */
    const char *front_user, *vault_user; /* empty: as started */

    struct gms_conf_kds kds;
    struct gms_conf_xcap xcap;
    struct gms_conf_gktp gktp;
    struct gms_conf_sip sip;
    struct gms_conf_csk csk;
    struct gms_policy policy;
    struct gms_conf_limits limits;
    unsigned log_level, log_format;
};

extern const struct mu_conf_table gms_conf_table;

/* NULL where there is no such listener. */
const struct gms_conf_mutual *gms_conf_mutual(const struct gms_conf *conf);

/*
 * Reads the file and checks what the table cannot say: options that need or
 * exclude each other, forms. Arguments and result as mu_conf_read().
 */
MU_MUST_CHECK enum mu_err gms_conf_read(const char *path,
    struct mu_arena *arena, const struct mu_conf_faults *faults,
    struct gms_conf *out);

/* The second half of it. Returns MU_OK or MU_E_MALFORMED. */
MU_MUST_CHECK enum mu_err gms_conf_check(
    const struct gms_conf *conf, const struct mu_conf_faults *faults);

#endif
