/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/kds_conf.h"

#include <string.h>

#include "base/text.h"

static const struct mu_conf_option token_options[] = {
    MU_CONF_PATH(struct kds_conf_token, jwks_file, "\"\"",
        "JWK Set with the keys of the identity management server."),
    MU_CONF_STR(struct kds_conf_token, jwks_url, "\"\"", 0, 1024,
        "HTTPS document with that set, instead of the file."),
    MU_CONF_STR(struct kds_conf_token, issuer, "\"\"", 0, 1024,
        "What iss must say; empty: anything."),
    MU_CONF_STR(struct kds_conf_token, audience, "\"\"", 0, 1024,
        "What aud must name where it is present; empty: anything."),
    MU_CONF_BOOL(struct kds_conf_token, require_aud, "false",
        "Refuse tokens without aud."),
    MU_CONF_BOOL(struct kds_conf_token, release_13, "true",
        "Accept the scopes by their names of Release 13, too."),
};

static const struct mu_conf_table token_table =
    MU_CONF_TABLE(struct kds_conf_token, token_options);

static const struct mu_conf_option mutual_options[] = {
    MU_CONF_ADDR(struct kds_conf_mutual, listen, NULL,
        "Numeric address and port of the listener."),
    MU_CONF_PATH(struct kds_conf_mutual, client_ca, NULL,
        "Authorities of the client certificates, in PEM; a device's carries "
        "its user's URI as a subjectAltName."),
    MU_CONF_STRS(struct kds_conf_mutual, trusted_peers, "[ ]", 0, 64,
        "DNS names of the proxies that may assert other identities."),
};

static const struct mu_conf_table mutual_table =
    MU_CONF_TABLE(struct kds_conf_mutual, mutual_options);

static const char *const signed_words[] = {"optional", "required", NULL};
static const char *const level_words[] = {
    "error", "warning", "info", "debug", NULL};
static const char *const format_words[] = {"text", "json", NULL};

static const struct mu_conf_option options[] = {
    MU_CONF_STR(struct kds_conf, kms_uri, NULL, 1, 255,
        "URI of the KMS whose keys are distributed, octet for octet."),
    MU_CONF_STR(struct kds_conf, bundle_key, NULL, 64, 64,
        "Public key of the KMS's bundles, in hex: the one that is pinned."),
    MU_CONF_PATH(struct kds_conf, database, "\"kdsd.db\"",
        "The store; made when it is not there."),
    MU_CONF_PATH(struct kds_conf, kek_file, "\"\"",
        "The key under which each InK is sealed in the store."),
    MU_CONF_PATH(struct kds_conf, import_key_file, "\"\"",
        "The key to which the KMS seals each InK; read by import alone."),
    MU_CONF_ADDR(struct kds_conf, listen, "\"127.0.0.1:8444\"",
        "Numeric address and port of the HTTPS server; port 0: a free one."),
    MU_CONF_ADDR(struct kds_conf, health, "\"127.0.0.1:9465\"",
        "Loopback address and port of /healthz and /readyz over plain HTTP."),
    MU_CONF_LIST(struct kds_conf, mutual, &mutual_table, 0, 1,
        "A second HTTPS listener, where each client shows a certificate."),
    MU_CONF_PATH(struct kds_conf, tls_cert, NULL,
        "Certificate chain of the server, in PEM."),
    MU_CONF_PATH(struct kds_conf, tls_key, NULL, "Its private key, in PEM."),
    MU_CONF_STR(struct kds_conf, url, "\"\"", 0, 255,
        "Scheme, host and port by which clients know this server, for the "
        "check of ClientReqUrl; empty: https and the Host of the request."),
    MU_CONF_GROUP(struct kds_conf, token, struct kds_conf_token, &token_table,
        "Access tokens."),
    MU_CONF_BOOL(struct kds_conf, online_signing, "false",
        "Sign the envelope of each answer with the user's InK."),
    MU_CONF_CHOICE(struct kds_conf, signed_requests, signed_words,
        "\"optional\"", "Whether a request must be signed with the InK."),
    MU_CONF_INT(struct kds_conf, request_age_s, MU_CONF_SECONDS, "5", 1, 3600,
        "How far the Time of a request may be from ours."),
    MU_CONF_INT(struct kds_conf, next_periods, MU_CONF_NUMBER, "1", 0, 12,
        "Key periods given beside the present one."),
    MU_CONF_INT(struct kds_conf, requests_per_s, MU_CONF_NUMBER, "4000", 0,
        1000000, "Requests admitted each second; 0: all."),
    MU_CONF_INT(struct kds_conf, burst, MU_CONF_NUMBER, "4000", 1, 1000000,
        "Requests admitted at once after a quiet second."),
    MU_CONF_INT(struct kds_conf, retry_least_s, MU_CONF_SECONDS, "1", 1, 3600,
        "Retry-After of those who are sent away, at least."),
    MU_CONF_INT(struct kds_conf, retry_spread_s, MU_CONF_SECONDS, "30", 0, 3600,
        "And how much later at most, so that they do not all come back at "
        "once."),
    MU_CONF_INT(struct kds_conf, connections, MU_CONF_NUMBER, "4096", 1, 65536,
        "Connections open at once."),
    MU_CONF_INT(struct kds_conf, body_max, MU_CONF_OCTETS, "65536", 1024,
        1048576, "Largest request body."),
    MU_CONF_INT(struct kds_conf, drain_ms, MU_CONF_MS, "5000", 0, 60000,
        "How long requests in hand may take after SIGTERM."),
    MU_CONF_CHOICE(struct kds_conf, log_level, level_words, "\"info\"",
        "What matters less is not logged."),
    MU_CONF_CHOICE(struct kds_conf, log_format, format_words, "\"text\"",
        "Form of the log on standard error."),
};

const struct mu_conf_table kds_conf_table =
    MU_CONF_TABLE(struct kds_conf, options);

/* Each is a rule and what to say when it does not hold. */
struct rule {
    bool holds;
    const char *otherwise;
};

static bool is_set(const char *text)
{
    return text[0] != '\0';
}

enum mu_err kds_conf_check(const struct kds_conf *conf,
    const struct mu_conf_faults *faults, struct mu_verify_key *bundle_key)
{
    const struct kds_conf_token *token = &conf->token;
    struct mu_verify_key key = {{0}};
    size_t len = 0;
    bool is_key = mu_hex_read(span_str(conf->bundle_key), key.b, sizeof(key.b),
                      &len) == MU_OK &&
                  len == sizeof(key.b);
    size_t url_len = strlen(conf->url);
    const struct rule rules[] = {
        {is_key, "bundle_key: must be 64 hex digits"},
        {!conf->online_signing || is_set(conf->kek_file),
            "online_signing: needs kek_file"},
        {conf->signed_requests != KDS_SIGNED_REQUIRED || is_set(conf->kek_file),
            "signed_requests: needs kek_file"},
        {!is_set(conf->import_key_file) || is_set(conf->kek_file),
            "import_key_file: needs kek_file"},
        {!is_set(token->jwks_file) || !is_set(token->jwks_url),
            "token.jwks_url: there is a jwks_file already"},
        {is_set(token->jwks_file) || is_set(token->jwks_url) ||
                conf->mutual.len > 0,
            "token.jwks_file: without keys and without mutual nobody can ask"},
        {!token->require_aud || is_set(token->audience),
            "token.require_aud: needs audience"},
        {url_len == 0 || conf->url[url_len - 1] != '/',
            "url: must not end with a slash"},
    };
    enum mu_err err = MU_OK;

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (!rules[i].holds) {
            faults->on_fault(faults->ctx, rules[i].otherwise);
            err = MU_E_MALFORMED;
        }
    if (err == MU_OK)
        *bundle_key = key;
    return err;
}
