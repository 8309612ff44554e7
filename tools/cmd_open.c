/* SPDX-License-Identifier: Apache-2.0 */
/* open: verify and decrypt one message, and say what it carries. */
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "tools/commands.h"
#include "tools/input.h"
#include "tools/open.h"

static const struct cli_option options[OPEN_OPTIONS] = {
    [OPEN_CERT] = {"--cert", CLI_FILE, CLI_OPTIONAL,
        "XML with the KmsCertificate, in clear"},
    [OPEN_KEYS] = {"--keys", CLI_FILE, CLI_OPTIONAL,
        "XML with the receiver's KmsKeySet, in clear"},
    [OPEN_KPAK] = {"--kpak", CLI_HEX, CLI_OPTIONAL,
        "KPAK of the sender's KMS, 65 octets"},
    [OPEN_Z] = {"--z", CLI_HEX, CLI_OPTIONAL,
        "Z of the receiver's KMS, 257 octets"},
    [OPEN_SENDER_ID] = {"--sender-id", CLI_HEX, CLI_OPTIONAL,
        "identifier of the sender"},
    [OPEN_RECEIVER_ID] = {"--receiver-id", CLI_HEX, CLI_OPTIONAL,
        "identifier of the receiver"},
    [OPEN_RSK] = {"--rsk", CLI_HEX, CLI_OPTIONAL,
        "RSK of the receiver, 257 octets"},
    [OPEN_SENDER] = {"--sender", CLI_URI, CLI_OPTIONAL,
        "URI of a hidden sender; with --cert"},
    [OPEN_RECEIVER] = {"--receiver", CLI_URI, CLI_OPTIONAL,
        "URI of a hidden receiver, for the GMK-ID; without --cert"},
    [OPEN_LEGACY] = {"--legacy", CLI_FLAG, CLI_OPTIONAL,
        "accept what products of 33.179 send"},
    [OPEN_SHOW_SECRET] = {"--show-secret", CLI_FLAG, CLI_OPTIONAL,
        "print the key, too"},
};

static void opening_free(struct opening **o)
{
    if (*o == NULL)
        return;
    mikey_sakke_user_free((*o)->user);
    mikey_sakke_kms_free((*o)->receiver_kms);
    mikey_eccsi_kms_free((*o)->sender_kms);
    xml_kms_free((*o)->certs);
    xml_kms_free((*o)->keys);
    mu_free_wiped(*o, sizeof(**o));
}

/* Either the files, both, or the values, all five. */
static const char *check(const struct cli *cli)
{
    unsigned files = 0, values = 0;

    for (unsigned i = OPEN_CERT; i <= OPEN_KEYS; i++)
        files += cli->args[i].given ? 1 : 0;
    for (unsigned i = OPEN_KPAK; i <= OPEN_RSK; i++)
        values += cli->args[i].given ? 1 : 0;
    if (files == 2 && values == 0)
        return cli->args[OPEN_RECEIVER].given
                   ? "--receiver does not go with --cert and --keys"
                   : NULL;
    if (files == 0 && values == 5)
        return cli->args[OPEN_SENDER].given
                   ? "--sender goes with --cert and --keys"
                   : NULL;
    return "takes --cert and --keys, or --kpak, --z, --sender-id, "
           "--receiver-id and --rsk";
}

enum mu_err open_keys(struct opening *o, struct span kpak, struct span z,
    const struct mikey_rsk *rsk)
{
    struct span id = {o->receiver.b, o->receiver.len};
    enum mu_err err = mikey_eccsi_kms_new(kpak, &o->sender_kms);

    if (err == MU_E_MALFORMED)
        return cli_fail(
            o->cli, err, "KPAK", "is not 65 octets of a point of P-256");
    TRY(err);
    err = mikey_sakke_kms_new(z, &o->receiver_kms);
    if (err == MU_E_CRYPTO)
        return cli_fail(
            o->cli, err, "Z", "is not 257 octets of a point of order q");
    TRY(err);
    err = mikey_sakke_user_new(o->receiver_kms, id, rsk, &o->user);
    if (err == MU_E_CRYPTO || err == MU_E_MALFORMED)
        return cli_fail(
            o->cli, err, "RSK", "is not the key of the receiver's identifier");
    TRY(err);
    o->opener.keys.initiator_kms = o->sender_kms;
    o->opener.keys.initiator_id = (struct span){o->sender.b, o->sender.len};
    o->opener.keys.user = o->user;
    o->opener.id = id;
    return MU_OK;
}

static enum mu_err set_id(
    struct cli *cli, unsigned option, struct mcptt_identifier *out)
{
    struct span id = cli_span(cli, option);

    if (id.len == 0 || id.len > sizeof(out->b))
        return cli_fail(cli, MU_E_MALFORMED, cli->command->options[option].name,
            "has %zu octets, not 1 to %zu", id.len, sizeof(out->b));
    memcpy(out->b, id.p, id.len);
    out->len = id.len;
    return MU_OK;
}

static enum mu_err open_with_values(struct opening *o)
{
    MU_CLEANUP(mikey_rsk_clear) struct mikey_rsk rsk = {{0}};
    struct cli *cli = o->cli;

    TRY(set_id(cli, OPEN_SENDER_ID, &o->sender));
    TRY(set_id(cli, OPEN_RECEIVER_ID, &o->receiver));
    TRY(cli_octets(cli, OPEN_RSK, rsk.b, sizeof(rsk.b)));
    o->opener.uri = cli->args[OPEN_RECEIVER].given
                        ? span_str(cli->args[OPEN_RECEIVER].text)
                        : o->in.responder.uri;
    return open_keys(o, cli_span(cli, OPEN_KPAK), cli_span(cli, OPEN_Z), &rsk);
}

/* Of the form. With --cert and --keys a message has to name its receiver all
 * the same. */
static unsigned tolerance(const struct cli *cli)
{
    unsigned bits = MIKEY_RFC6509;

    if (cli->args[OPEN_LEGACY].given)
        bits |= MIKEY_LEGACY;
    return bits;
}

/* Read, keys found, opened; o owns what has to be freed. */
static enum mu_err open_message(struct opening *o, struct span message)
{
    bool bare = !o->cli->args[OPEN_CERT].given;
    struct mikey_fault fault = {.payload = NULL};
    enum mu_err err;

    err = mcptt_incoming_read(message, tolerance(o->cli), &o->in, &fault);
    if (err != MU_OK)
        return tool_fail_at(o->cli, &fault);
    /* To say what a message carries is not to use it: key parameters in
     * clear, of the products before the standard, are always read. */
    o->opener.params_tolerance = MCPTT_ACCEPT_CLEAR_KEY_PARAMS;
    if (o->cli->args[OPEN_LEGACY].given) {
        o->opener.keys.tolerance = MIKEY_ALLOW_SHORT_COVERAGE;
        o->opener.params_tolerance |=
            MCPTT_ACCEPT_STATUS_ZERO | MCPTT_ACCEPT_RESERVED;
    }
    TRY(bare ? open_with_values(o) : open_with_kms(o));
    err = bare
              ? mcptt_incoming_open_bare(&o->in, &o->opener, &o->opened, &fault)
              : mcptt_incoming_open(&o->in, &o->opener, &o->opened, &fault);
    if (err != MU_OK && fault.payload != NULL)
        return tool_fail_at(o->cli, &fault);
    return err;
}

static enum mu_err run_open(struct cli *cli)
{
    MU_CLEANUP(buf_clear) struct buf message = {.p = NULL};
    MU_CLEANUP(opening_free) struct opening *o = mu_alloc(sizeof(*o));

    if (o == NULL)
        return MU_E_NO_MEMORY;
    o->cli = cli;
    o->now_s = (int64_t)(mu_clock_unix_ms(mu_clock_system()) / 1000);
    TRY(tool_message(cli, &message));
    TRY(open_message(o, buf_span(&message)));
    open_print(o);
    return MU_OK;
}

const struct cli_command tool_open = {
    .name = "open",
    .help = "what the message on standard input carries: kind and "
            "identifiers of the key,\nits parameters, who signed",
    .options = options,
    .option_count = OPEN_OPTIONS,
    .reads_stdin = true,
    .check = check,
    .run = run_open,
};
