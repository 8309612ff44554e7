/* SPDX-License-Identifier: Apache-2.0 */

#include "base/clock.h"
#include "cli/json.h"
#include "kms-client/commands.h"
#include "kms-client/open_store.h"

enum option {
    STORE,
    USER,
    NOW,
    OPTIONS
};

static const struct cli_option options[OPTIONS] = {
    [STORE] = {"--store", CLI_FILE, CLI_REQUIRED, "the device's folder"},
    [USER] = {"--user", CLI_URI, CLI_OPTIONAL, "this user alone"},
    [NOW] = {"--now", CLI_NUMBER, CLI_OPTIONAL,
        "Unix time to take for the present, for tests"},
};

static void line(struct buf *out, const char *name, struct span value)
{
    buf_text(out, name);
    buf_add(out, value);
    buf_text(out, "\n");
}

static void line_time(struct buf *out, const char *name, uint64_t unix_s)
{
    char text[MU_TIME_TEXT];

    if (unix_s > MU_TIME_MAX_MS / 1000)
        unix_s = MU_TIME_MAX_MS / 1000;
    mu_time_write(unix_s * 1000, text);
    line(out, name, span_str(text));
}

static void print_cert(struct buf *out, const struct kms_cert *cert)
{
    buf_text(out, "    fingerprint ");
    buf_hex(out, SPAN_OF(cert->sha256));
    buf_text(out, "\n");
    line_time(out, "    until ", cert->says->origin.valid_to_s);
}

static void print_text(struct open_store *store,
    const struct kms_device *device, const struct kms_keyset_status *status)
{
    struct buf *out = &store->cli->out;
    const struct kms_cert *cert = kms_keyset_home(device->keys);
    const struct kms_period_keys *period;

    line(out, "user ", mcptt_id_span(&device->enrolment.user_uri));
    line(out, "  kms ", mcptt_id_span(&device->enrolment.kms_uri));
    if (cert != NULL)
        print_cert(out, cert);
    for (size_t i = 0; (cert = kms_keyset_external(device->keys, i)) != NULL;
         i++) {
        line(out, "  external ", cert->says->origin.kms_uri);
        print_cert(out, cert);
    }
    for (size_t i = 0; (period = kms_keyset_at(device->keys, i)) != NULL; i++) {
        buf_text(out, "  period ");
        buf_number(out, period->wrapped.period_no);
        buf_text(out, "\n");
        line_time(out, "    from ", period->from_s);
        line_time(out, "    until ", period->until_s);
    }
    if (!status->has_now)
        buf_text(out, "  lacks the keys of this period\n");
    if (!status->has_next)
        buf_text(out, "  lacks the keys of the next period\n");
}

static void put_cert(
    struct json *j, const char *name, const struct kms_cert *cert)
{
    json_open(j, name, '{');
    json_text(j, "kms", cert->says->origin.kms_uri);
    json_hex(j, "fingerprint", SPAN_OF(cert->sha256));
    json_number(j, "valid_from", cert->says->origin.valid_from_s);
    json_number(j, "valid_to", cert->says->origin.valid_to_s);
    json_bool(j, "revoked", cert->says->origin.revoked);
    json_close(j, '}');
}

static void put_lists(struct json *j, const struct kms_keyset *keys)
{
    const struct kms_period_keys *period;
    const struct kms_cert *cert;

    json_open(j, "external", '[');
    for (size_t i = 0; (cert = kms_keyset_external(keys, i)) != NULL; i++)
        put_cert(j, NULL, cert);
    json_close(j, ']');
    json_open(j, "periods", '[');
    for (size_t i = 0; (period = kms_keyset_at(keys, i)) != NULL; i++) {
        json_open(j, NULL, '{');
        json_number(j, "period", period->wrapped.period_no);
        json_number(j, "from", period->from_s);
        json_number(j, "until", period->until_s);
        json_hex(j, "uid", SPAN_OF(period->wrapped.uid.b));
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void print_json(struct json *j, const struct kms_device *device,
    const struct kms_keyset_status *status)
{
    const struct kms_cert *home = kms_keyset_home(device->keys);

    json_open(j, NULL, '{');
    json_text(j, "user", mcptt_id_span(&device->enrolment.user_uri));
    json_text(j, "kms", mcptt_id_span(&device->enrolment.kms_uri));
    json_number(j, "serial", device->enrolment.serial);
    json_bool(j, "signed", device->signed_seen);
    json_bool(j, "lacks_now", !status->has_now);
    json_bool(j, "lacks_next", !status->has_next);
    if (home != NULL)
        put_cert(j, "certificate", home);
    put_lists(j, device->keys);
    json_close(j, '}');
}

static enum mu_err show(
    struct open_store *store, struct kms_device *device, void *ctx)
{
    struct kms_keyset_status status = {.has_now = false};
    enum mu_err err = kms_keyset_status(device->keys, store->now_s, &status);

    /* Enrolled and not fetched yet, or before the first period. */
    if (err != MU_OK && err != MU_E_STATE && err != MU_E_NOT_FOUND)
        return err;
    if (store->cli->json)
        print_json(ctx, device, &status);
    else
        print_text(store, device, &status);
    return MU_OK;
}

/* {"users":[ */
static void open_users(struct json *j)
{
    json_open(j, NULL, '{');
    json_open(j, "users", '[');
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
    struct json j = {.out = &cli->out};

    TRY(open_store_unlock(&store));
    if (cli->json)
        open_users(&j);
    TRY(open_store_users(&store, show, &j));
    if (cli->json) {
        json_close(&j, ']');
        json_close(&j, '}');
        buf_text(&cli->out, "\n");
    }
    return MU_OK;
}

const struct cli_command kms_client_show = {
    .name = "show",
    .help = "users, certificates and key periods, no keys",
    .options = options,
    .option_count = OPTIONS,
    .run = run,
};
