/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/conf.h"

#include <string.h>

#include "gms/conf_sip.h"

static const struct mu_conf_option token_options[] = {
    MU_CONF_PATH(struct gms_conf_token, jwks_file, "\"\"",
        "JWK Set with the keys of the identity management server."),
    MU_CONF_STR(struct gms_conf_token, jwks_url, "\"\"", 0, 1024,
        "HTTPS document with that set, instead of the file."),
    MU_CONF_STR(struct gms_conf_token, issuer, "\"\"", 0, 1024,
        "What iss must say; empty: anything."),
    MU_CONF_STR(struct gms_conf_token, audience, "\"\"", 0, 1024,
        "What aud must name where it is present; empty: anything."),
    MU_CONF_BOOL(struct gms_conf_token, require_aud, "false",
        "Refuse tokens without aud."),
    MU_CONF_BOOL(struct gms_conf_token, release_13, "true",
        "Accept the scopes by their names of Release 13, too."),
};

static const struct mu_conf_table token_table =
    MU_CONF_TABLE(struct gms_conf_token, token_options);

static const struct mu_conf_option mutual_options[] = {
    MU_CONF_ADDR(struct gms_conf_mutual, listen, NULL,
        "Numeric address and port of the listener."),
    MU_CONF_PATH(struct gms_conf_mutual, client_ca, NULL,
        "Authorities of the client certificates, in PEM; an operator's "
        "carries his URI as a subjectAltName."),
    MU_CONF_STRS(struct gms_conf_mutual, trusted_peers, "[ ]", 0, 64,
        "DNS names of the servers that may assert identities "
        "(X-3GPP-Asserted-Identity)."),
};

static const struct mu_conf_table mutual_table =
    MU_CONF_TABLE(struct gms_conf_mutual, mutual_options);

static const char *const role_words[GMS_ROLES + 1] = {
    [GMS_ROLE_NONE] = "none",
    [GMS_ROLE_VIEWER] = "viewer",
    [GMS_ROLE_DISPATCHER] = "dispatcher",
    [GMS_ROLE_SUPERVISOR] = "supervisor",
    [GMS_ROLE_SECURITY] = "security",
    [GMS_ROLE_SERVER] = "server",
};

static const struct mu_conf_option role_options[] = {
    MU_CONF_STR(struct gms_access_row, who, NULL, 1, 255,
        "MC service ID, asserted identity or URI of a client certificate, "
        "octet for octet."),
    MU_CONF_CHOICE(
        struct gms_access_row, role, role_words, NULL, "What he may do."),
    MU_CONF_STRS(struct gms_access_row, groups, "[ ]", 0, 4096,
        "Group URIs for which he may, or their beginnings with * behind; "
        "\"*\": all."),
};

static const struct mu_conf_table role_table =
    MU_CONF_TABLE(struct gms_access_row, role_options);

static const struct mu_conf_option pkcs11_options[] = {
    MU_CONF_PATH(struct gms_conf_pkcs11, module, "\"\"",
        "Shared object of the token's maker; empty: no token."),
    MU_CONF_STR(
        struct gms_conf_pkcs11, token, "\"\"", 0, 32, "Label of the token."),
    MU_CONF_STR(struct gms_conf_pkcs11, key, "\"muster-kek\"", 1, 255,
        "Label of its AES key, which wraps kek_file and never leaves it."),
    MU_CONF_PATH(struct gms_conf_pkcs11, pin_file, "\"\"",
        "The user's PIN, one line; readable by its owner alone."),
};

static const struct mu_conf_table pkcs11_table =
    MU_CONF_TABLE(struct gms_conf_pkcs11, pkcs11_options);

static const struct mu_conf_option peer_options[] = {
    MU_CONF_STR(
        struct gms_conf_peer, kms_uri, NULL, 1, 255, "URI of another KMS."),
    MU_CONF_STR(struct gms_conf_peer, url, NULL, 1, 255,
        "Scheme, host and port of its distribution server."),
};

static const struct mu_conf_table peer_table =
    MU_CONF_TABLE(struct gms_conf_peer, peer_options);

static const char *const signature_words[] = {
    "learnt", "required", "ignored", NULL};

static const struct mu_conf_option kds_options[] = {
    MU_CONF_STR(struct gms_conf_kds, url, "\"\"", 0, 255,
        "Scheme, host and port of the distribution server; empty: what the "
        "enrolment says."),
    MU_CONF_PATH(struct gms_conf_kds, ca_file, "\"\"",
        "Authorities of its certificate, in PEM; empty: the system's."),
    MU_CONF_PATH(struct gms_conf_kds, token_file, "\"\"",
        "Access token that names us there, read before each fetching."),
    MU_CONF_PATH(struct gms_conf_kds, cert_file, "\"\"",
        "Client certificate that names us there, in PEM."),
    MU_CONF_PATH(
        struct gms_conf_kds, key_file, "\"\"", "Its private key, in PEM."),
    MU_CONF_BOOL(struct gms_conf_kds, unsigned_requests, "false",
        "Send the empty requests of Release 13."),
    MU_CONF_CHOICE(struct gms_conf_kds, signatures, signature_words,
        "\"learnt\"",
        "Whether its answers must have a signature in the envelope: from the "
        "first that has one on, always, or never."),
    MU_CONF_INT(struct gms_conf_kds, refresh_s, MU_CONF_SECONDS, "21600", 1,
        2592000, "How often to ask for new keys and certificates."),
    MU_CONF_LIST(struct gms_conf_kds, peers, &peer_table, 0, 64,
        "KMSs to which ours may send us."),
    MU_CONF_STRS(struct gms_conf_kds, other_kmss, "[ ]", 0, 256,
        "URIs of KMSs whose certificates to ask for by name."),
};

static const struct mu_conf_table kds_table =
    MU_CONF_TABLE(struct gms_conf_kds, kds_options);

static const char *const unknown_words[] = {"keep", "refuse", NULL};

static const struct mu_conf_option xcap_options[] = {
    MU_CONF_STR(struct gms_conf_xcap, root, "\"/xcap\"", 1, 255,
        "Path below which XCAP is served, without a slash at its end."),
    MU_CONF_STR(struct gms_conf_xcap, creation_xui, "\"\"", 0, 255,
        "XUI in whose tree everybody who may create groups does so, beside "
        "his own; empty: none."),
    MU_CONF_BOOL(struct gms_conf_xcap, write_global, "false",
        "Allow PUT and DELETE by group ID, in the global tree."),
    MU_CONF_CHOICE(struct gms_conf_xcap, unknown_extension, unknown_words,
        "\"keep\"",
        "What to do with elements of other namespaces in a document."),
    MU_CONF_INT(struct gms_conf_xcap, members_max, MU_CONF_NUMBER, "10000", 1,
        100000, "Members of one group."),
};

static const struct mu_conf_table xcap_table =
    MU_CONF_TABLE(struct gms_conf_xcap, xcap_options);

static const char *const gktp_id_words[] = {"gmk_id", "guk_id", NULL};

static const struct mu_conf_option gktp_options[] = {
    MU_CONF_STR(struct gms_conf_gktp, auid, "\"org.3gpp.MCPTT-GKTP\"", 1, 128,
        "Application usage of key documents."),
    MU_CONF_STR(struct gms_conf_gktp, path,
        "\"users/{mcptt_id}/{gid_encoded}\"", 1, 255,
        "Where a member's key document lies below it; both words must be "
        "there."),
    MU_CONF_STR(struct gms_conf_gktp, mime, "\"application/xml\"", 1, 128,
        "Content-Type of a key document."),
    MU_CONF_CHOICE(struct gms_conf_gktp, id, gktp_id_words, "\"gmk_id\"",
        "What the id of a key says, in 8 hex digits."),
};

static const struct mu_conf_table gktp_table =
    MU_CONF_TABLE(struct gms_conf_gktp, gktp_options);

static const struct mu_conf_option policy_options[] = {
    MU_CONF_BOOL(struct gms_policy, backward_secrecy, "false",
        "A new key when somebody joins, so that he cannot read what was sent "
        "before."),
    MU_CONF_BOOL(struct gms_policy, keep_keys_when_disabled, "false",
        "Do not revoke the keys of a group that is disabled."),
    MU_CONF_BOOL(struct gms_policy, hot_spare, "true",
        "Make and wrap the next key ahead of time."),
    MU_CONF_INT(struct gms_policy, grace_s, MU_CONF_SECONDS, "10", 0, 86400,
        "From sending a new key to its activation."),
    MU_CONF_INT(struct gms_policy, overlap_s, MU_CONF_SECONDS, "60", 0, 604800,
        "From that activation to the revocation of the old key."),
    MU_CONF_INT(struct gms_policy, coalesce_ms, MU_CONF_MS, "500", 0, 60000,
        "Soft stops within that time become one new key."),
    MU_CONF_INT(struct gms_policy, lifetime_s, MU_CONF_SECONDS, "2592000", 0,
        315360000, "How long a key is good; 0: without end."),
    MU_CONF_INT(struct gms_policy, renew_s, MU_CONF_SECONDS, "86400", 0,
        31536000, "How long before that end a new one is made."),
    MU_CONF_INT(struct gms_policy, quorum, MU_CONF_NUMBER, "80", 0, 100,
        "Per cent of the members that must hold a key before it is "
        "activated."),
    MU_CONF_INT(struct gms_policy, quorum_margin_s, MU_CONF_SECONDS, "2", 0,
        3600, "How long before its activation that is looked at."),
    MU_CONF_INT(struct gms_policy, prebuild_periods, MU_CONF_NUMBER, "1", 0, 3,
        "Key periods ahead for which messages are made."),
    MU_CONF_INT(struct gms_policy, tombstone_s, MU_CONF_SECONDS, "604800", 0,
        31536000, "How long the revocations of a deleted group are kept."),
};

static const struct mu_conf_table policy_table =
    MU_CONF_TABLE(struct gms_policy, policy_options);

static const struct mu_conf_option limits_options[] = {
    MU_CONF_INT(struct gms_conf_limits, connections, MU_CONF_NUMBER, "4096", 1,
        65536, "Connections open at once."),
    MU_CONF_INT(struct gms_conf_limits, body_max, MU_CONF_OCTETS, "4194304",
        1024, 67108864, "Largest request body."),
    MU_CONF_INT(struct gms_conf_limits, head_max, MU_CONF_OCTETS, "16384", 1024,
        1048576, "Largest head of a request."),
    MU_CONF_INT(struct gms_conf_limits, head_ms, MU_CONF_MS, "10000", 100,
        600000, "From a request's first octet to the end of its head."),
    MU_CONF_INT(struct gms_conf_limits, request_ms, MU_CONF_MS, "30000", 100,
        600000, "From its first octet to its last."),
    MU_CONF_INT(struct gms_conf_limits, answer_ms, MU_CONF_MS, "30000", 100,
        600000, "From its last octet to the answer, or it is a 503."),
    MU_CONF_INT(struct gms_conf_limits, send_ms, MU_CONF_MS, "30000", 100,
        600000, "From the answer to its being taken."),
    MU_CONF_INT(struct gms_conf_limits, idle_ms, MU_CONF_MS, "60000", 100,
        3600000, "From there to the next request."),
    MU_CONF_INT(struct gms_conf_limits, linger_max, MU_CONF_OCTETS, "4194304",
        0, 67108864,
        "What is read and dropped of a body that was refused while it was "
        "sent, so that its sender sees the answer."),
    MU_CONF_INT(struct gms_conf_limits, linger_ms, MU_CONF_MS, "2000", 1, 60000,
        "For how long."),
    MU_CONF_INT(struct gms_conf_limits, requests_per_s, MU_CONF_NUMBER, "200",
        0, 1000000, "Requests admitted each second from one caller; 0: all."),
    MU_CONF_INT(struct gms_conf_limits, burst, MU_CONF_NUMBER, "2000", 1,
        1000000, "Requests admitted from him at once after a quiet time."),
    MU_CONF_INT(struct gms_conf_limits, failures_per_s, MU_CONF_NUMBER, "10", 0,
        1000000,
        "Requests from one address answered each second with why nobody may "
        "ask so; more are told to wait. 0: all."),
    MU_CONF_INT(struct gms_conf_limits, failure_burst, MU_CONF_NUMBER, "1000",
        1, 1000000, "The same at once after a quiet time."),
    MU_CONF_INT(struct gms_conf_limits, drain_ms, MU_CONF_MS, "5000", 0, 60000,
        "How long requests in hand may take after SIGTERM."),
    MU_CONF_INT(struct gms_conf_limits, workers, MU_CONF_NUMBER, "0", 0, 64,
        "Threads that read large documents; 0: one for each processor."),
    MU_CONF_INT(struct gms_conf_limits, vault_workers, MU_CONF_NUMBER, "0", 0,
        64, "Threads of the vault; 0: one for each processor."),
    MU_CONF_INT(struct gms_conf_limits, events_keep, MU_CONF_NUMBER, "10000",
        100, 10000000, "Events kept for those who ask later."),
};

static const struct mu_conf_table limits_table =
    MU_CONF_TABLE(struct gms_conf_limits, limits_options);

static const char *const level_words[] = {
    "error", "warning", "info", "debug", NULL};
static const char *const format_words[] = {"text", "json", NULL};

static const struct mu_conf_option options[] = {
    MU_CONF_ADDR(struct gms_conf, listen, "\"127.0.0.1:8443\"",
        "Numeric address and port of the HTTPS server; port 0: a free one."),
    MU_CONF_ADDR(struct gms_conf, health, "\"127.0.0.1:9464\"",
        "Loopback address and port of /healthz, /readyz and /metrics over "
        "plain HTTP."),
    MU_CONF_LIST(struct gms_conf, mutual, &mutual_table, 0, 1,
        "A second HTTPS listener, where each client shows a certificate."),
    MU_CONF_PATH(struct gms_conf, tls_cert, NULL,
        "Certificate chain of the server, in PEM."),
    MU_CONF_PATH(struct gms_conf, tls_key, NULL, "Its private key, in PEM."),
    MU_CONF_GROUP(struct gms_conf, token, struct gms_conf_token, &token_table,
        "Access tokens."),
    MU_CONF_LIST(struct gms_conf, roles, &role_table, 0, 4096,
        "Who may do more than a document grants him."),
    MU_CONF_PATH(struct gms_conf, kek_file, "\"\"",
        "The key under which keys are sealed, readable by its owner alone; "
        "with pkcs11: wrapped by the token's key."),
    MU_CONF_STR(struct gms_conf, kek_credential, "\"\"", 0, 255,
        "Name of that key among the credentials of systemd, instead of "
        "kek_file."),
    MU_CONF_GROUP(struct gms_conf, pkcs11, struct gms_conf_pkcs11,
        &pkcs11_table, "A token that unwraps kek_file."),
    MU_CONF_PATH(struct gms_conf, identity_file, "\"gmsd.identity\"",
        "Our own transport key and what else the vault must know, sealed; "
        "made by enrol."),
    MU_CONF_PATH(struct gms_conf, enrolment_file, "\"gmsd.enrolment\"",
        "What the front must know to fetch our keys; made by enrol."),
    MU_CONF_PATH(struct gms_conf, audit_key_file, "\"gmsd.audit.key\"",
        "Key that signs the audit log; made by enrol."),
    MU_CONF_PATH(struct gms_conf, database, "\"gmsd.db\"",
        "The store; made when it is not there."),
    MU_CONF_PATH(struct gms_conf, audit_log, "\"gmsd.audit.log\"",
        "The audit log; made when it is not there."),
    MU_CONF_PATH(struct gms_conf, vault_log, "\"gmsd.vault.log\"",
        "The vault's own log; made when it is not there."),
    MU_CONF_PATH(struct gms_conf, subscribers, "\"\"",
        "List of users, a line \"URI [KMS-URI]\" each; empty: everybody is a "
        "user of our own KMS."),
    MU_CONF_STR(struct gms_conf, front_user, "\"\"", 0, 64,
        "Account that the front runs under when gmsd is started by root."),
    MU_CONF_STR(struct gms_conf, vault_user, "\"\"", 0, 64,
        "Account that the vault runs under when gmsd is started by root."),
    MU_CONF_GROUP(struct gms_conf, kds, struct gms_conf_kds, &kds_table,
        "How our own keys are fetched from our KMS."),
    MU_CONF_GROUP(struct gms_conf, xcap, struct gms_conf_xcap, &xcap_table,
        "Group documents."),
    MU_CONF_GROUP(struct gms_conf, gktp, struct gms_conf_gktp, &gktp_table,
        "Key documents."),
    MU_CONF_GROUP(struct gms_conf, sip, struct gms_conf_sip,
        &gms_conf_sip_table, "Subscriptions by SIP."),
    MU_CONF_GROUP(struct gms_conf, csk, struct gms_conf_csk,
        &gms_conf_csk_table,
        "Client-server keys that members send with SUBSCRIBE, so that their "
        "tokens can be encrypted."),
    MU_CONF_GROUP(struct gms_conf, policy, struct gms_policy, &policy_table,
        "What groups do about their keys, where they say nothing themselves."),
    MU_CONF_GROUP(struct gms_conf, limits, struct gms_conf_limits,
        &limits_table, "How much is too much."),
    MU_CONF_CHOICE(struct gms_conf, log_level, level_words, "\"info\"",
        "What matters less is not logged."),
    MU_CONF_CHOICE(struct gms_conf, log_format, format_words, "\"text\"",
        "Form of the log on standard error."),
};

const struct mu_conf_table gms_conf_table =
    MU_CONF_TABLE(struct gms_conf, options);

const struct gms_conf_mutual *gms_conf_mutual(const struct gms_conf *conf)
{
    return conf->mutual.len > 0 ? conf->mutual.at : NULL;
}

/* Each is a rule and what to say when it does not hold. */
struct rule {
    bool holds;
    const char *otherwise;
};

static enum mu_err check(
    const struct rule *rules, size_t count, const struct mu_conf_faults *faults)
{
    enum mu_err err = MU_OK;

    for (size_t i = 0; i < count; i++)
        if (!rules[i].holds) {
            faults->on_fault(faults->ctx, rules[i].otherwise);
            err = MU_E_MALFORMED;
        }
    return err;
}

#define CHECK(rules, faults)                                                   \
    check((rules), sizeof(rules) / sizeof((rules)[0]), (faults))

static bool is_set(const char *text)
{
    return text[0] != '\0';
}

static enum mu_err check_token(
    const struct gms_conf *conf, const struct mu_conf_faults *faults)
{
    const struct gms_conf_token *token = &conf->token;
    const struct rule rules[] = {
        {!is_set(token->jwks_file) || !is_set(token->jwks_url),
            "token.jwks_url: there is a jwks_file already"},
        {is_set(token->jwks_file) || is_set(token->jwks_url) ||
                conf->mutual.len > 0,
            "token.jwks_file: without keys and without mutual nobody can ask"},
        {!token->require_aud || is_set(token->audience),
            "token.require_aud: needs audience"},
    };

    return CHECK(rules, faults);
}

/* A credential is a file of $CREDENTIALS_DIRECTORY, not a path. */
static enum mu_err check_kek(
    const struct gms_conf *conf, const struct mu_conf_faults *faults)
{
    const struct gms_conf_pkcs11 *token = &conf->pkcs11;
    bool has_token = is_set(token->module);
    const struct rule rules[] = {
        {is_set(conf->kek_file) != is_set(conf->kek_credential),
            "kek_file: either this or kek_credential must be set"},
        {strchr(conf->kek_credential, '/') == NULL &&
                conf->kek_credential[0] != '.',
            "kek_credential: must be a name, not a path"},
        {!has_token || is_set(conf->kek_file),
            "pkcs11.module: needs kek_file, which it unwraps"},
        {!has_token || is_set(token->token), "pkcs11.token: must be set"},
        {!has_token || is_set(token->pin_file), "pkcs11.pin_file: must be set"},
    };

    return CHECK(rules, faults);
}

static bool ends_in_slash(const char *text)
{
    size_t len = strlen(text);

    return len > 0 && text[len - 1] == '/';
}

static bool is_https(const char *url)
{
    return strncmp(url, "https://", strlen("https://")) == 0 &&
           !ends_in_slash(url);
}

static bool peers_are_https(const struct mu_conf_list *peers)
{
    const struct gms_conf_peer *at = peers->at;

    for (size_t i = 0; i < peers->len; i++)
        if (!is_https(at[i].url))
            return false;
    return true;
}

static enum mu_err check_kds(
    const struct gms_conf *conf, const struct mu_conf_faults *faults)
{
    const struct gms_conf_kds *kds = &conf->kds;
    const struct rule rules[] = {
        {!is_set(kds->url) || is_https(kds->url),
            "kds.url: must begin with https:// and not end with a slash"},
        {peers_are_https(&kds->peers),
            "kds.peers[].url: must begin with https:// and not end with a "
            "slash"},
        {is_set(kds->cert_file) == is_set(kds->key_file),
            "kds.cert_file: it and kds.key_file need each other"},
    };

    return CHECK(rules, faults);
}

/* Once, and as a whole segment of the path. */
static bool has_segment(const char *path, const char *word)
{
    const char *at = strstr(path, word);
    size_t len = strlen(word);

    return at != NULL && (at == path || at[-1] == '/') &&
           (at[len] == '/' || at[len] == '\0') &&
           strstr(at + len, word) == NULL;
}

static enum mu_err check_addresses(
    const struct gms_conf *conf, const struct mu_conf_faults *faults)
{
    const char *root = conf->xcap.root;
    const struct rule rules[] = {
        {root[0] == '/' && !ends_in_slash(root),
            "xcap.root: must begin with a slash and not end with one"},
        {has_segment(conf->gktp.path, "{mcptt_id}") &&
                has_segment(conf->gktp.path, "{gid_encoded}"),
            "gktp.path: must have {mcptt_id} and {gid_encoded}, each once and "
            "as a segment"},
    };

    return CHECK(rules, faults);
}

static bool is_sip(const char *uri)
{
    return strncmp(uri, "sip:", strlen("sip:")) == 0 ||
           strncmp(uri, "sips:", strlen("sips:")) == 0;
}

static enum mu_err check_sip(
    const struct gms_conf *conf, const struct mu_conf_faults *faults)
{
    const struct gms_conf_sip *sip = &conf->sip;
    const struct rule rules[] = {
        {!is_set(sip->message_proxy) || is_sip(sip->message_proxy),
            "sip.message_proxy: must begin with sip: or sips:"},
        {!is_set(sip->message_proxy) || sip->message,
            "sip.message_proxy: needs message"},
    };

    return CHECK(rules, faults);
}

static enum mu_err check_policy(
    const struct gms_conf *conf, const struct mu_conf_faults *faults)
{
    const struct gms_policy *policy = &conf->policy;
    const struct rule rules[] = {
        {policy->lifetime_s == 0 || policy->renew_s < policy->lifetime_s,
            "policy.renew_s: must be less than lifetime_s"},
    };

    return CHECK(rules, faults);
}

enum mu_err gms_conf_check(
    const struct gms_conf *conf, const struct mu_conf_faults *faults)
{
    enum mu_err (*const checks[])(
        const struct gms_conf *, const struct mu_conf_faults *) = {check_token,
        check_kek, check_kds, check_addresses, check_sip, check_policy};
    enum mu_err err = MU_OK;

    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
        if (checks[i](conf, faults) != MU_OK)
            err = MU_E_MALFORMED;
    return err;
}

enum mu_err gms_conf_read(const char *path, struct mu_arena *arena,
    const struct mu_conf_faults *faults, struct gms_conf *out)
{
    struct gms_conf conf;

    TRY(mu_conf_read(&gms_conf_table, path, arena, faults, &conf));
    TRY(gms_conf_check(&conf, faults));
    *out = conf;
    return MU_OK;
}
