/* SPDX-License-Identifier: Apache-2.0 */
/* mcue run: members until they are told to stop. */
#include "ue/commands.h"
#include "ue/control.h"
#include "ue/setup.h"

#define POLL_MS           1000
#define EXPIRES_S         3600
#define RECEIPT_SPREAD_MS 5000
#define HERE              "127.0.0.1"

enum option {
    POLL = UE_COMMON_OPTIONS,
    CONTROL,
    SIP,
    SIP_FROM,
    SIP_TLS_DIR,
    SIP_ANSWER,
    SIP_EXPIRES,
    SIP_DOCUMENTS,
    SIP_CSK,
    SIP_KMS,
    SIP_MESSAGES,
    RECEIPTS,
    RECEIPT_SPREAD,
    OPTIONS
};

static const struct cli_option options[OPTIONS] = {
    UE_COMMON_ROWS,
    [POLL] = {"--poll", CLI_NUMBER, CLI_OPTIONAL,
        "milliseconds between two looks at a key document, 1000"},
    [CONTROL] = {"--control", CLI_FILE, CLI_OPTIONAL,
        "socket to make, where mcue status asks"},
    [SIP] = {"--sip", CLI_URI, CLI_OPTIONAL,
        "subscribe there, sip:USER@HOST:PORT, instead of looking"},
    [SIP_FROM] = {"--sip-from", CLI_TEXT, CLI_OPTIONAL,
        "address where NOTIFYs are to come, 127.0.0.1"},
    [SIP_TLS_DIR] = {"--sip-tls", CLI_FILE, CLI_OPTIONAL,
        "by TLS: a folder with agent.pem, certificate and key, and cafile.pem"},
    [SIP_ANSWER] = {"--sip-answer", CLI_NUMBER, CLI_OPTIONAL,
        "milliseconds to wait for the answer to a SUBSCRIBE, 32000"},
    [SIP_EXPIRES] = {"--sip-expires", CLI_NUMBER, CLI_OPTIONAL,
        "seconds of a subscription, 3600"},
    [SIP_DOCUMENTS] = {"--sip-documents", CLI_FLAG, CLI_OPTIONAL,
        "be told that a document changed and fetch it, not of its content"},
    [SIP_CSK] = {"--csk", CLI_FLAG, CLI_OPTIONAL,
        "send a CSK with each SUBSCRIBE, and the token encrypted under it"},
    [SIP_KMS] = {"--gms-kms", CLI_TEXT, CLI_OPTIONAL,
        "URI of the KMS of the group server that the CSK is for"},
    [SIP_MESSAGES] = {"--sip-messages", CLI_FLAG, CLI_OPTIONAL,
        "be told of group documents alone: keys come by SIP MESSAGE"},
    [RECEIPTS] = {"--receipts", CLI_FLAG, CLI_OPTIONAL,
        "tell the group server of each key that opened"},
    [RECEIPT_SPREAD] = {"--receipt-spread", CLI_NUMBER, CLI_OPTIONAL,
        "milliseconds over which receipts are spread, 5000"},
};

static const char *check_options(const struct cli *cli)
{
    if (cli->args[POLL].given &&
        (cli->args[POLL].number == 0 || cli->args[POLL].number > 86400000))
        return "--poll: 1 to 86400000";
    if (cli->args[SIP_ANSWER].given &&
        (cli->args[SIP_ANSWER].number < 500 ||
            cli->args[SIP_ANSWER].number > 32000))
        return "--sip-answer: 500 to 32000";
    if (cli->args[SIP_EXPIRES].given &&
        (cli->args[SIP_EXPIRES].number < 2 ||
            cli->args[SIP_EXPIRES].number > UINT32_MAX))
        return "--sip-expires: 2 to 4294967295";
    if (cli->args[RECEIPT_SPREAD].number > 86400000)
        return "--receipt-spread: 0 to 86400000";
    if (cli->args[RECEIPT_SPREAD].given && !cli->args[RECEIPTS].given)
        return "--receipt-spread needs --receipts";
    return ue_setup_check(cli);
}

static void on_ready(void *ctx, struct ue_member *member)
{
    (void)ctx;
    (void)member;
}

static void control_drop(struct ue_control **control)
{
    ue_control_free(*control);
}

static enum mu_err open_control(
    struct cli *cli, struct ue_setup *setup, struct ue_control **out)
{
    const char *path = cli->args[CONTROL].text;
    enum mu_err err;

    if (path == NULL)
        return MU_OK;
    err = ue_control_new(path, setup->crowd, ue_crowd_base(setup->crowd), out);
    if (err != MU_OK)
        return cli_fail(cli, err, "--control", "%s: %s", path,
            err == MU_E_STATE ? "is there already" : mu_err_name(err));
    return MU_OK;
}

/* Either it looks again and again, or it is told and looks when it must. */
static void set_looks(const struct cli *cli, struct ue_crowd_config *config)
{
    const struct cli_arg *args = cli->args;

    config->poll_ms = args[SIP].given ? 0 : POLL_MS;
    if (args[POLL].given)
        config->poll_ms = args[POLL].number;
    config->spread_ms = config->poll_ms;
    config->sip_server = args[SIP].text;
    config->sip_tls_dir = args[SIP_TLS_DIR].text;
    config->sip_address = args[SIP_FROM].given ? args[SIP_FROM].text : HERE;
    config->sip_expires_s = args[SIP_EXPIRES].given
                                ? (uint32_t)args[SIP_EXPIRES].number
                                : EXPIRES_S;
    config->sip_answer_ms = (unsigned)args[SIP_ANSWER].number; /* 0: as usual */
    config->sip_documents = args[SIP_DOCUMENTS].given;
    config->sip_csk = args[SIP_CSK].given;
    if (args[SIP_KMS].given)
        config->sip_kms = span_str(args[SIP_KMS].text);
    config->sip_messages = args[SIP_MESSAGES].given;
}

static void set_receipts(const struct cli *cli, struct ue_crowd_config *config)
{
    const struct cli_arg *spread = &cli->args[RECEIPT_SPREAD];

    config->receipts = cli->args[RECEIPTS].given;
    config->receipt_spread_ms =
        spread->given ? spread->number : RECEIPT_SPREAD_MS;
}

static enum mu_err run(struct cli *cli)
{
    struct ue_report report = {
        .to = stdout, .json = cli->json, .clock = mu_clock_system()};
    MU_CLEANUP(ue_setup_clear)
    struct ue_setup setup = {.cli = cli,
        .config = {.report = &report, .watch = true, .on_ready = on_ready}};
    MU_CLEANUP(control_drop) struct ue_control *control = NULL;

    set_looks(cli, &setup.config);
    set_receipts(cli, &setup.config);
    TRY(ue_setup_open(&setup));
    TRY(open_control(cli, &setup, &control));
    return ue_crowd_run(setup.crowd);
}

const struct cli_command mcue_run = {
    .name = "run",
    .help = "what happens to the members, one line an event",
    .options = options,
    .option_count = OPTIONS,
    .check = check_options,
    .run = run,
};
