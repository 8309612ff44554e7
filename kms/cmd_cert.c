/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kms cert: our certificate, to be published and handed to partners, and the
 * certificates of partners as our users are to have them.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "kms/cert.h"
#include "kms/commands.h"
#include "kms/session.h"

enum {
    CERT_FINGERPRINT = KMS_OPT_UNLOCK,
    CERT_EXTERNAL,
    CERT_PARTNER_KEY
};

static const struct cli_option options[] = {
    KMS_OPTIONS_UNLOCK,
    {"--fingerprint", CLI_FLAG, CLI_OPTIONAL,
        "what to compare by other means, instead of the XML"},
    {"--external", CLI_FILE, CLI_OPTIONAL,
        "certificate of a partner to import"},
    {"--partner-key", CLI_HEX, CLI_OPTIONAL,
        "its cert_key, compared with the partner"},
};

static const char *check(const struct cli *cli)
{
    bool external = cli->args[CERT_EXTERNAL].given;

    if (external != cli->args[CERT_PARTNER_KEY].given)
        return "--external and --partner-key go together";
    if (external && cli->args[CERT_FINGERPRINT].given)
        return "--fingerprint is of our own certificate";
    return NULL;
}

static enum mu_err print_fingerprint(struct kms_session *s, struct span cert)
{
    uint8_t print[XML_SHA256_LEN];
    char hex[MU_HEX_LEN(XML_SHA256_LEN)], key[MU_HEX_LEN(KMS_CERT_KEY_LEN)];
    struct xml_fault fault;

    TRY(xml_kms_fingerprint(cert, &fault, print));
    mu_hex_write(SPAN_OF(print), hex);
    mu_hex_write(SPAN_OF(s->facts.keys.cert_key), key);
    kms_print(s->cli,
        (const struct kms_result[]){
            {"uri", mcptt_id_span(&s->facts.uri)},
            {"cert_sha256", span_str(hex)},
            {"cert_key", span_str(key)},
        },
        3);
    return MU_OK;
}

/* Our own; only what verifies leaves the house. */
static enum mu_err run_own(struct cli *cli)
{
    MU_CLEANUP(kms_session_clear) struct kms_session s = {.cli = NULL};
    MU_CLEANUP(xml_canonical_clear) struct xml_canonical part = {NULL, 0};
    MU_CLEANUP(buf_clear) struct buf cert = {.p = NULL};
    struct xml_cert_point point;
    struct xml_fault fault;
    struct kms_result xml = {"xml", {NULL, 0}};

    TRY(kms_session_look(&s, cli));
    TRY(kms_dir_read(&s.dir, KMS_DIR_CERT, &cert));
    memcpy(point.b, s.facts.keys.cert_key, sizeof(point.b));
    if (xml_verify_ecdsa(
            XML_SIGNED_CERT, buf_span(&cert), &point, &fault, &part) != MU_OK)
        return cli_fail(cli, MU_E_CRYPTO, KMS_DIR_CERT, "was changed");
    if (cli->args[CERT_FINGERPRINT].given)
        return print_fingerprint(&s, buf_span(&cert));
    xml.text = buf_span(&cert);
    if (cli->json)
        kms_print(cli, &xml, 1);
    else
        buf_add(&cli->out, xml.text);
    return MU_OK;
}

/* One file a partner, named by a hash of its KmsUri. */
static enum mu_err store(
    struct kms_session *s, const struct mcptt_id *uri, struct span text)
{
    uint8_t digest[XML_SHA256_LEN];
    char hex[MU_HEX_LEN(XML_SHA256_LEN)], name[96];

    TRY(xml_sha256(mcptt_id_span(uri), digest));
    mu_hex_write(SPAN_OF(digest), hex);
    (void)snprintf(name, sizeof(name), "%s/%.32s.xml", KMS_DIR_EXTERNAL, hex);
    TRY(kms_session_log(
        s, "cert.external", mu_log_octets("uri", mcptt_id_span(uri))));
    return kms_dir_replace(&s->dir, name, text);
}

/* Says what is wrong with a partner's certificate. */
static enum mu_err refuse(
    struct kms_session *s, enum mu_err err, const struct xml_fault *fault)
{
    if (err == MU_E_CRYPTO)
        return kms_session_refuse(
            s, err, "--external", "is not signed by --partner-key");
    if (err == MU_E_DENIED)
        return kms_session_refuse(
            s, err, "--external", "is revoked, or of a test KMS");
    return kms_session_refuse(s, err, "--external",
        fault->why != NULL ? fault->why : mu_err_name(err));
}

/* Checks the partner's and makes ours of it. */
static enum mu_err vouch(struct kms_session *s,
    const struct xml_cert_point *partner, struct mcptt_id *uri, struct buf *out)
{
    MU_CLEANUP(buf_clear) struct buf in = {.p = NULL};
    struct xml_fault fault = {.err = MU_OK};
    enum mu_err err =
        mu_file_read(s->cli->args[CERT_EXTERNAL].text, KMS_CERT_TEXT_MAX, &in);

    if (err != MU_OK)
        return cli_fail(
            s->cli, err, "--external", "cannot be read: %s", mu_err_name(err));
    err = kms_cert_external(
        buf_span(&in), partner, &s->master.cert, &fault, uri, out);
    return err == MU_OK ? MU_OK : refuse(s, err, &fault);
}

static enum mu_err run_external(struct cli *cli)
{
    MU_CLEANUP(kms_session_clear) struct kms_session s = {.cli = NULL};
    MU_CLEANUP(buf_clear) struct buf cert = {.p = NULL};
    struct xml_cert_point partner;
    struct mcptt_id uri;

    TRY(cli_octets(cli, CERT_PARTNER_KEY, partner.b, sizeof(partner.b)));
    TRY(kms_session_unlock(&s, cli));
    TRY(vouch(&s, &partner, &uri, &cert));
    TRY(store(&s, &uri, buf_span(&cert)));
    kms_session_print(
        &s, (const struct kms_result[]){{"uri", mcptt_id_span(&uri)}}, 1);
    return MU_OK;
}

static enum mu_err run(struct cli *cli)
{
    return cli->args[CERT_EXTERNAL].given ? run_external(cli) : run_own(cli);
}

const struct cli_command kms_cmd_cert = {
    .name = "cert",
    .help = "the signed certificate, or imports a partner's",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .check = check,
    .run = run,
};
