/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "kms-client/commands.h"
#include "kms-client/enrol_file.h"
#include "kms-client/open_store.h"

enum option {
    FILE_OPERAND,
    STORE,
    NOW,
    OPTIONS
};

static const struct cli_option options[OPTIONS] = {
    [FILE_OPERAND] = {"FILE", CLI_FILE, CLI_REQUIRED,
        "the enrolment file; it is destroyed"},
    [STORE] = {"--store", CLI_FILE, CLI_REQUIRED,
        "the device's folder; made where there is none"},
    [NOW] = {"--now", CLI_NUMBER, CLI_OPTIONAL,
        "Unix time to take for the present, for tests"},
};

static enum mu_err read_file(
    struct cli *cli, const char *path, struct kms_enrolment *out)
{
    struct rd_fault fault;
    enum mu_err err = kms_enrol_file_read(path, out, &fault);

    if (err == MU_OK)
        return MU_OK;
    if (fault.field == NULL)
        return cli_fail(cli, err, path, "cannot be read");
    return cli_fail(cli, err, path, "line %s at octet %zu: %s", fault.field,
        fault.at, mu_err_name(err));
}

/* Single use: not after its time, and not again. */
static enum mu_err check(struct open_store *store, const char *path,
    const struct kms_enrolment *enrolment)
{
    MU_CLEANUP(kms_device_clear) struct kms_device known = {.keys = NULL};
    struct kms_store_name name;
    enum mu_err err;

    if (store->now_s > enrolment->not_after_s)
        return cli_fail(store->cli, MU_E_EXPIRED, path,
            "not_after: has passed; a new one is needed");
    TRY(kms_store_name(&enrolment->user_uri, &name));
    err = open_store_load(store, &name, &known);
    if (err == MU_E_NOT_FOUND)
        return MU_OK;
    TRY(err);
    if (enrolment->serial <= known.enrolment.serial)
        return cli_fail(store->cli, MU_E_STATE, path,
            "serial: the user has enrolled with this or a later one");
    return MU_OK;
}

static enum mu_err enrol(
    struct open_store *store, const struct kms_enrolment *enrolment)
{
    MU_CLEANUP(kms_device_clear) struct kms_device device = {.keys = NULL};

    TRY(kms_device_init(&device, enrolment));
    return open_store_save(store, &device);
}

static void print(struct cli *cli, const struct kms_enrolment *enrolment)
{
    if (cli->json)
        return cli_print_valid(cli);
    buf_text(&cli->out, "enrolled ");
    buf_add(&cli->out, mcptt_id_span(&enrolment->user_uri));
    buf_text(&cli->out, "\n");
}

static enum mu_err run(struct cli *cli)
{
    MU_CLEANUP(kms_enrolment_clear) struct kms_enrolment enrolment = {0};
    const char *path = cli->args[FILE_OPERAND].text;
    MU_CLEANUP(open_store_clear)
    struct open_store store = {.cli = cli, .dir = cli->args[STORE].text};

    store.now_s = cli->args[NOW].given
                      ? cli->args[NOW].number
                      : mu_clock_unix_ms(mu_clock_system()) / 1000;
    TRY(read_file(cli, path, &enrolment));
    if (kms_store_make(store.dir, mu_rng_system()) != MU_OK)
        return cli_fail(cli, MU_E_IO, store.dir, "cannot be made");
    TRY(open_store_unlock(&store));
    TRY(check(&store, path, &enrolment));
    TRY(enrol(&store, &enrolment));
    if (kms_enrol_file_destroy(path) != MU_OK)
        return cli_fail(cli, MU_E_IO, path,
            "the user is enrolled, but the file could not be destroyed");
    print(cli, &enrolment);
    return MU_OK;
}

const struct cli_command kms_client_enrol = {
    .name = "enrol",
    .help = "whom it took into the store; the file is destroyed",
    .options = options,
    .option_count = OPTIONS,
    .run = run,
};
