/* SPDX-License-Identifier: Apache-2.0 */
/* open --cert --keys: certificates and key sets by what the message says. */
#include "base/file.h"
#include "mikey/ntp.h"
#include "tools/open.h"

#define FILE_MAX ((size_t)1 << 20)

static enum mu_err read_document(
    struct cli *cli, unsigned option, struct xml_kms **out)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    const char *name = cli->command->options[option].name;
    const char *path = cli->args[option].text;
    struct xml_fault fault;
    enum mu_err err = mu_file_read(path, FILE_MAX, &text);

    if (err != MU_OK)
        return cli_fail(
            cli, err, name, "%s cannot be read: %s", path, mu_err_name(err));
    err = xml_kms_read(buf_span(&text), &fault, out);
    if (err != MU_OK && fault.line == 0) /* the fault of no line */
        return cli_fail(cli, err, name, "%s %s", path, fault.why);
    if (err != MU_OK)
        return cli_fail(cli, err, name, "%s, line %u: %s%s%s", path, fault.line,
            fault.path, fault.path[0] != '\0' ? " " : "", fault.why);
    if ((*out)->refused)
        return cli_fail(
            cli, MU_E_DENIED, name, "%s holds an error of the KMS", path);
    return MU_OK;
}

/* The certificate of a KMS, or the only one when the message names none. */
static const struct xml_kms_cert *find_cert(
    const struct xml_kms *doc, struct span kms)
{
    for (const struct xml_kms_cert *c = doc->certs; c != NULL; c = c->next)
        if (span_eq(c->origin.kms_uri, kms) ||
            (kms.len == 0 && doc->certs->next == NULL))
            return c;
    return NULL;
}

static uint64_t sent_s(const struct opening *o)
{
    return mikey_ntp_s(mikey_ts_64(&o->in.msg.ts), o->now_s);
}

/* Whether a certificate or key set was good when the message was sent. */
static enum mu_err check_origin(const struct opening *o, unsigned option,
    const struct xml_kms_origin *origin)
{
    const char *name = o->cli->command->options[option].name;
    uint64_t t_s = sent_s(o), since = (uint64_t)MIKEY_NTP_UNIX_S;
    uint64_t unix_s = t_s > since ? t_s - since : 0;

    if (origin->revoked)
        return cli_fail(o->cli, MU_E_DENIED, name, "is revoked");
    if (unix_s < origin->valid_from_s || unix_s >= origin->valid_to_s)
        return cli_fail(o->cli, MU_E_EXPIRED, name,
            "is not valid at the time of the message");
    return MU_OK;
}

static enum mu_err no_cert(struct opening *o, struct span kms)
{
    return cli_fail(o->cli, MU_E_NOT_FOUND, "--cert",
        "has no certificate of KMS %.*s", (int)kms.len, (const char *)kms.p);
}

/* Who signed: --sender where it is given, else as the message says. */
static enum mu_err set_sender(
    struct opening *o, const struct xml_kms_cert *cert)
{
    struct mcptt_stated sender = o->in.initiator;
    enum mu_err err;

    if (o->cli->args[OPEN_SENDER].given)
        sender = (struct mcptt_stated){
            .uri = span_str(o->cli->args[OPEN_SENDER].text)};
    sender.kms = cert->origin.kms_uri;
    err = mcptt_incoming_identifier(
        &o->in, &sender, &cert->rule, o->now_s, &o->sender);
    if (err != MU_OK)
        return cli_fail(o->cli, err, "sender",
            "has no identifier: the message says too little; see --sender");
    return MU_OK;
}

/* The identifier of a key set's user in the period of the message. */
static enum mu_err derive(const struct opening *o,
    const struct xml_kms_key_set *set, const struct xml_kms_cert *cert,
    struct mcptt_identifier *out)
{
    struct mcptt_stated me = {.uri = set->user_uri, .kms = set->origin.kms_uri};

    return mcptt_incoming_identifier(&o->in, &me, &cert->rule, o->now_s, out);
}

static bool is_for(const struct opening *o, const struct xml_kms_key_set *set,
    const struct mcptt_identifier *id)
{
    const struct mcptt_stated *stated = &o->in.responder;
    struct span mine = {id->b, id->len};

    return stated->uid.len > 0 ? span_eq(stated->uid, mine)
                               : span_eq(stated->uri, set->user_uri);
}

static bool in_period(const struct opening *o,
    const struct xml_kms_key_set *set, const struct xml_kms_cert *cert)
{
    uint64_t number = 0;

    return mcptt_period_number(&cert->rule, sent_s(o), &number) == MU_OK &&
           number == set->period_no;
}

/* The key set that the message is for, or NULL and the reason. */
static const struct xml_kms_key_set *find_set(
    const struct opening *o, struct mcptt_identifier *id, const char **why)
{
    *why = "has no key set of the receiver";
    for (const struct xml_kms_key_set *s = o->keys->key_sets; s != NULL;
         s = s->next) {
        const struct xml_kms_cert *c = find_cert(o->certs, s->origin.kms_uri);

        if (c == NULL || derive(o, s, c, id) != MU_OK || !is_for(o, s, id))
            continue;
        if (in_period(o, s, c))
            return s;
        *why = "has no key set of the receiver for the message's key period";
    }
    return NULL;
}

/* UserID is a claim (33180 notes 6.1). */
static enum mu_err check_set(
    struct opening *o, const struct xml_kms_key_set *set)
{
    struct span id = {o->receiver.b, o->receiver.len};

    if (o->in.msg.sakke.scheme == MIKEY_SCHEME_UID &&
        !span_eq(id, SPAN_OF(set->uid.b)))
        return cli_fail(o->cli, MU_E_MALFORMED, "--keys",
            "UserID is not the UID of UserUri in KeyPeriodNo");
    return check_origin(o, OPEN_KEYS, &set->origin);
}

/* The initiator's side: whose signature it has to be. */
static enum mu_err use_sender(struct opening *o, struct span *kpak)
{
    const struct xml_kms_cert *cert = find_cert(o->certs, o->in.initiator.kms);

    if (cert == NULL)
        return no_cert(o, o->in.initiator.kms);
    TRY(check_origin(o, OPEN_CERT, &cert->origin));
    *kpak = SPAN_OF(cert->kpak);
    return set_sender(o, cert);
}

static enum mu_err use_set(struct opening *o, struct span kpak)
{
    const char *why = NULL;
    const struct xml_kms_key_set *set = find_set(o, &o->receiver, &why);
    const struct xml_kms_cert *cert;

    if (set == NULL)
        return cli_fail(o->cli, MU_E_NOT_FOUND, "--keys", "%s", why);
    TRY(check_set(o, set));
    cert = find_cert(o->certs, set->origin.kms_uri);
    if (cert == NULL)
        return no_cert(o, set->origin.kms_uri);
    TRY(check_origin(o, OPEN_CERT, &cert->origin));
    o->opener.uri = set->user_uri;
    return open_keys(o, kpak, SPAN_OF(cert->z), &set->rsk);
}

enum mu_err open_with_kms(struct opening *o)
{
    struct span kpak = {NULL, 0};

    TRY(read_document(o->cli, OPEN_CERT, &o->certs));
    TRY(read_document(o->cli, OPEN_KEYS, &o->keys));
    TRY(use_sender(o, &kpak));
    return use_set(o, kpak);
}
