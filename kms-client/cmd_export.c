/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/file.h"
#include "kms-client/commands.h"
#include "kms-client/open_store.h"
#include "xml/kms_form.h"

#define KEYS_MAX 4096 /* octets of one KmsKeySet in clear */

enum option {
    STORE,
    USER,
    PERIOD,
    CERT,
    KEYS,
    NOW,
    OPTIONS
};

static const struct cli_option options[OPTIONS] = {
    [STORE] = {"--store", CLI_FILE, CLI_REQUIRED, "the device's folder"},
    [USER] = {"--user", CLI_URI, CLI_REQUIRED, "whose keys"},
    [PERIOD] = {"--period", CLI_NUMBER, CLI_OPTIONAL,
        "of this key period; otherwise the present one"},
    [CERT] = {"--cert", CLI_FILE, CLI_REQUIRED,
        "file to make, with the KMS certificate"},
    [KEYS] = {"--keys", CLI_FILE, CLI_REQUIRED,
        "file to make, with the keys in clear"},
    [NOW] = {"--now", CLI_NUMBER, CLI_OPTIONAL,
        "Unix time to take for the present, for tests"},
};

static void put_key(struct xml_writer *x, const char *name, struct span octets)
{
    xml_kms_open_key(x, name, "KeyContentType");
    xml_hex(x, octets);
    xml_end(x);
}

/* KmsKeySet of annex D.3.5 with keys of KeyContentType, as Release 13 has it.
 */
static enum mu_err write_keys(struct wr *w, const struct kms_device *device,
    const struct kms_period_keys *keys)
{
    struct xml_writer x;

    xml_writer_init(&x, w);
    xml_kms_open(&x, "KmsKeySet");
    xml_attribute_text(&x, "Version", "1.1.0");
    xml_leaf(&x, "KmsUri", mcptt_id_span(&device->enrolment.kms_uri));
    xml_leaf(&x, "UserUri", mcptt_id_span(&device->enrolment.user_uri));
    xml_open(&x, "UserID");
    xml_hex(&x, SPAN_OF(keys->wrapped.uid.b));
    xml_end(&x);
    xml_leaf_number(&x, "KeyPeriodNo", keys->wrapped.period_no);
    put_key(&x, "UserDecryptKey", SPAN_OF(keys->rsk.b));
    put_key(&x, "UserSigningKeySSK", SPAN_OF(keys->pair.ssk.b));
    put_key(&x, "UserPubTokenPVT", SPAN_OF(keys->pair.pvt));
    xml_end(&x);
    return xml_writer_close(&x);
}

static enum mu_err save_keys(struct cli *cli, const struct kms_device *device,
    const struct kms_period_keys *keys)
{
    uint8_t octets[KEYS_MAX];
    struct span text = {NULL, 0};
    struct wr w;
    enum mu_err err;

    wr_init(&w, octets, sizeof(octets));
    err = write_keys(&w, device, keys);
    if (err == MU_OK)
        err = wr_close(&w, &text);
    if (err == MU_OK)
        err = mu_file_create(cli->args[KEYS].text, 0600, text);
    mu_wipe(octets, sizeof(octets));
    if (err != MU_OK)
        return cli_fail(cli, err, cli->args[KEYS].text, "cannot be made anew");
    return MU_OK;
}

static enum mu_err export(
    struct open_store *store, struct kms_device *device, void *ctx) {
    struct cli *cli = store->cli; const struct kms_period_keys *keys = NULL;
        struct kms_keyset_status status = {.period_no = 0};

        (void)ctx;
        if (kms_keyset_status(device->keys, store->now_s, &status) == MU_OK)
            keys = kms_keyset_find(device->keys, cli->args[PERIOD].given
                                                     ? cli->args[PERIOD].number
                                                     : status.period_no);
        if (keys == NULL || !keys->open) return cli_fail(
            cli, MU_E_NOT_FOUND, store->dir, "has no keys of that period");
        TRY(save_keys(cli, device, keys));
        if (mu_file_create(cli->args[CERT].text, 0600,
                kms_keyset_home(device->keys)->text) !=
            MU_OK) return cli_fail(cli, MU_E_IO, cli->args[CERT].text,
            "cannot be made anew");
        return MU_OK;
}

static enum mu_err run(struct cli *cli)
{
    MU_CLEANUP(open_store_clear)
    struct open_store store = {
        .cli = cli,
        .dir = cli->args[STORE].text,
        .user = cli->args[USER].text,
        .now_s = cli->args[NOW].given
                     ? cli->args[NOW].number
                     : mu_clock_unix_ms(mu_clock_system()) / 1000,
    };

    TRY(open_store_unlock(&store));
    return open_store_users(&store, export, NULL);
}

const struct cli_command kms_client_export_clear = {
    .name = "export-clear",
    .help = "nothing; puts keys into a file, in clear",
    .options = options,
    .option_count = OPTIONS,
    .run = run,
};
