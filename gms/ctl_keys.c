/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl_keys.c - gmsctl rekey, compromise, keys, deliveries, key-request.
 */
#include <stdio.h>
#include <string.h>

#include "gms/ctl.h"
#include "gms/ctl_commands.h"

#define WAIT_S 60

enum option {
    GROUP = GMS_CTL_OWN,
    FIRST,
    SECOND,
    THIRD
};

#define OPERAND_GROUP                                                          \
    [GROUP] = {"GROUP", CLI_TEXT, CLI_REQUIRED, "URI of the group"}

/* -------------------------------------------------------------------- rekey */

static const struct cli_option rekey_options[] = {
    GMS_CTL_OPTIONS,
    OPERAND_GROUP,
    [FIRST] = {"--hard", CLI_FLAG, CLI_OPTIONAL,
        "at once, without grace and overlap"},
    [SECOND] = {"--no-wait", CLI_FLAG, CLI_OPTIONAL,
        "do not follow the delivery of the new key"},
};

static void print_rekeyed(struct cli *cli, const json_t *answer)
{
    const json_t *delivery = json_object_get(answer, "delivery");

    if (cli->json) {
        gms_ctl_print_json(cli, answer);
        return;
    }
    gms_ctl_line(&cli->out, "group", gms_ctl_text(answer, "group"));
    gms_ctl_line(
        &cli->out, "stop", gms_ctl_bool(answer, "hard") ? "hard" : "soft");
    if (delivery == NULL)
        return;
    gms_ctl_line(&cli->out, "new key", gms_ctl_text(delivery, "gmk_id"));
    gms_ctl_line(&cli->out, "from", gms_ctl_text(delivery, "since"));
    gms_ctl_line_number(
        &cli->out, "ready for", gms_ctl_number(delivery, "ready"));
}

static enum mu_err rekey_run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_drop) struct gms_ctl *ctl = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *body = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *answer = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *delivery = NULL;
    const char *group = cli->args[GROUP].text;
    bool follow = !cli->args[SECOND].given;
    char path[GMS_CTL_PATH_MAX];
    struct gms_ctl_ask ask = {.method = "POST", .path = path};
    json_int_t epoch = 0;

    body = json_pack("{s:b}", "hard", (int)cli->args[FIRST].given);
    ask.body = body;
    TRY(gms_ctl_open(cli, &ctl));
    if (follow)
        TRY(gms_ctl_epoch(ctl, group, &epoch));
    gms_ctl_path(path, "/groups/", group, "/rekey");
    TRY(gms_ctl_ask(ctl, &ask, NULL, &answer));
    if (follow) {
        TRY(gms_ctl_follow(ctl, group, epoch, WAIT_S, &delivery));
        (void)json_object_set(answer, "delivery", delivery);
    }
    print_rekeyed(cli, answer);
    return MU_OK;
}

const struct cli_command gms_ctl_rekey = {
    .name = "rekey",
    .help = "the group's new key, when everybody's message is ready",
    .options = rekey_options,
    .option_count = sizeof(rekey_options) / sizeof(rekey_options[0]),
    .common = GMS_CTL_OWN,
    .run = rekey_run,
};

/* --------------------------------------------------------------- compromise */

static const struct cli_option compromise_options[] = {
    GMS_CTL_OPTIONS,
    [GROUP] = {"URI", CLI_TEXT, CLI_REQUIRED, "whose device is in wrong hands"},
    [FIRST] = {"--dry-run", CLI_FLAG, CLI_OPTIONAL,
        "say what would happen, and do nothing"},
};

static void print_compromised(struct cli *cli, const json_t *answer)
{
    MU_CLEANUP(gms_ctl_table_clear) struct gms_ctl_table table;
    const json_t *groups = json_object_get(answer, "groups");

    gms_ctl_table_init(&table, 3);
    gms_ctl_cell(&table, "GROUP");
    gms_ctl_cell(&table, "OUTCOME");
    gms_ctl_cell(&table, "REMAINING");
    for (size_t i = 0; i < json_array_size(groups); i++) {
        const json_t *group = json_array_get(groups, i);

        gms_ctl_cell(&table, gms_ctl_text(group, "group"));
        gms_ctl_cell(&table, gms_ctl_text(group, "outcome"));
        gms_ctl_cell_number(&table, gms_ctl_number(group, "remaining"));
    }
    gms_ctl_table_write(&table, &cli->out);
}

/* A group that still trusts him is a failure, whatever else went well. */
static enum mu_err judge(struct cli *cli, const json_t *answer)
{
    const json_t *groups = json_object_get(answer, "groups");

    for (size_t i = 0; i < json_array_size(groups); i++) {
        const json_t *group = json_array_get(groups, i);
        const char *outcome = gms_ctl_text(group, "outcome");

        if (outcome != NULL && (strcmp(outcome, "failed") == 0 ||
                                   strcmp(outcome, "forbidden") == 0)) {
            cli->print_on_failure = true;
            return cli_fail(cli, MU_E_DENIED, "compromise", "%s: %s",
                gms_ctl_text(group, "group"), outcome);
        }
    }
    return MU_OK;
}

static enum mu_err compromise_run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_drop) struct gms_ctl *ctl = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *body = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *answer = NULL;
    struct gms_ctl_ask ask = {.method = "POST", .path = "/compromise"};

    body = json_pack("{s:s, s:b}", "uri", cli->args[GROUP].text, "dry_run",
        (int)cli->args[FIRST].given);
    if (body == NULL)
        return cli_fail(cli, MU_E_MALFORMED, "URI", "is no UTF-8");
    ask.body = body;
    TRY(gms_ctl_open(cli, &ctl));
    TRY(gms_ctl_ask(ctl, &ask, NULL, &answer));
    if (cli->json)
        gms_ctl_print_json(cli, answer);
    else
        print_compromised(cli, answer);
    return judge(cli, answer);
}

const struct cli_command gms_ctl_compromise = {
    .name = "compromise",
    .help = "what became of each group of his: out, by a hard stop",
    .options = compromise_options,
    .option_count = sizeof(compromise_options) / sizeof(compromise_options[0]),
    .common = GMS_CTL_OWN,
    .run = compromise_run,
};

/* --------------------------------------------------------------------- keys */

static const struct cli_option group_options[] = {
    GMS_CTL_OPTIONS, OPERAND_GROUP};

static void print_keys(struct cli *cli, const json_t *answer)
{
    MU_CLEANUP(gms_ctl_table_clear) struct gms_ctl_table table;
    const json_t *keys = json_object_get(answer, "keys");

    gms_ctl_table_init(&table, 7);
    gms_ctl_cell(&table, "KEY");
    gms_ctl_cell(&table, "EPOCH");
    gms_ctl_cell(&table, "STATE");
    gms_ctl_cell(&table, "SINCE");
    gms_ctl_cell(&table, "HELD");
    gms_ctl_cell(&table, "OPENED");
    gms_ctl_cell(&table, "REASON");
    for (size_t i = 0; i < json_array_size(keys); i++) {
        const json_t *key = json_array_get(keys, i);
        const json_t *counts = json_object_get(key, "deliveries");

        gms_ctl_cell(&table, gms_ctl_text(key, "gmk_id"));
        gms_ctl_cell_number(&table, gms_ctl_number(key, "epoch"));
        gms_ctl_cell(&table, gms_ctl_text(key, "state"));
        gms_ctl_cell(&table, gms_ctl_text(key, "since"));
        gms_ctl_cell_number(&table, gms_ctl_number(counts, "accepted") +
                                        gms_ctl_number(counts, "opened"));
        gms_ctl_cell_number(&table, gms_ctl_number(counts, "opened"));
        gms_ctl_cell(&table, gms_ctl_text(key, "reason"));
    }
    gms_ctl_table_write(&table, &cli->out);
}

static enum mu_err keys_run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_drop) struct gms_ctl *ctl = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *answer = NULL;
    char path[GMS_CTL_PATH_MAX];

    TRY(gms_ctl_open(cli, &ctl));
    gms_ctl_path(path, "/groups/", cli->args[GROUP].text, "/keys");
    TRY(gms_ctl_get(ctl, path, &answer));
    if (cli->json)
        gms_ctl_print_json(cli, answer);
    else
        print_keys(cli, answer);
    return MU_OK;
}

const struct cli_command gms_ctl_keys = {
    .name = "keys",
    .help = "the keys of a group by their identifiers, the newest first",
    .options = group_options,
    .option_count = sizeof(group_options) / sizeof(group_options[0]),
    .common = GMS_CTL_OWN,
    .run = keys_run,
};

/* --------------------------------------------------------------- deliveries */

static const struct cli_option delivery_options[] = {
    GMS_CTL_OPTIONS,
    OPERAND_GROUP,
    [FIRST] = {"--missing", CLI_FLAG, CLI_OPTIONAL,
        "only those who do not hold their key"},
};

/* All pages; with `missing`, those not held alone. */
static enum mu_err get_deliveries(
    struct gms_ctl *ctl, const char *group, bool missing, json_t *rows)
{
    char base[GMS_CTL_PATH_MAX], path[GMS_CTL_PATH_MAX + 32];
    json_int_t after = 0;

    gms_ctl_path(base, "/groups/", group, "/deliveries");
    do {
        MU_CLEANUP(gms_ctl_json_drop) json_t *page = NULL;
        const json_t *list;

        (void)snprintf(
            path, sizeof(path), "%s?after=%lld", base, (long long)after);
        TRY(gms_ctl_get(ctl, path, &page));
        list = json_object_get(page, "deliveries");
        for (size_t i = 0; i < json_array_size(list); i++) {
            json_t *row = json_array_get(list, i);

            if (!missing || !gms_ctl_bool(row, "held"))
                (void)json_array_append(rows, row);
        }
        after = gms_ctl_number(page, "next");
    } while (after > 0);
    return MU_OK;
}

static void print_deliveries(struct cli *cli, const json_t *rows)
{
    MU_CLEANUP(gms_ctl_table_clear) struct gms_ctl_table table;

    gms_ctl_table_init(&table, 4);
    gms_ctl_cell(&table, "MEMBER");
    gms_ctl_cell(&table, "KEY");
    gms_ctl_cell(&table, "STATE");
    gms_ctl_cell(&table, "WHY NOT");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);

        gms_ctl_cell(&table, gms_ctl_text(row, "member"));
        gms_ctl_cell(&table, gms_ctl_text(row, "gmk_id"));
        gms_ctl_cell(&table, gms_ctl_text(row, "state"));
        gms_ctl_cell(&table, gms_ctl_text(row, "why"));
    }
    gms_ctl_table_write(&table, &cli->out);
}

static enum mu_err deliveries_run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_drop) struct gms_ctl *ctl = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *rows = json_array();
    MU_CLEANUP(gms_ctl_json_drop) json_t *all = NULL;

    TRY(gms_ctl_open(cli, &ctl));
    TRY(get_deliveries(
        ctl, cli->args[GROUP].text, cli->args[FIRST].given, rows));
    all = json_pack("{s:O}", "deliveries", rows);
    if (cli->json)
        gms_ctl_print_json(cli, all);
    else
        print_deliveries(cli, rows);
    return MU_OK;
}

const struct cli_command gms_ctl_deliveries = {
    .name = "deliveries",
    .help = "who holds which key of a group, who does not, and why",
    .options = delivery_options,
    .option_count = sizeof(delivery_options) / sizeof(delivery_options[0]),
    .common = GMS_CTL_OWN,
    .run = deliveries_run,
};

/* -------------------------------------------------------------- key-request */

static const struct cli_option request_options[] = {
    GMS_CTL_OPTIONS,
    OPERAND_GROUP,
    [FIRST] = {"--purpose", CLI_TEXT, CLI_OPTIONAL,
        "group-call, floor-control or multicast-signalling"},
    [SECOND] = {"--request-id", CLI_TEXT, CLI_OPTIONAL,
        "Idempotency-Key: the same gets the same answer for a day"},
    [THIRD] = {"--wait", CLI_NUMBER, CLI_OPTIONAL,
        "seconds to wait for a key that is being made, at most 20"},
};

static void print_request(struct cli *cli, const json_t *answer)
{
    if (cli->json) {
        gms_ctl_print_json(cli, answer);
        return;
    }
    gms_ctl_line(&cli->out, "group", gms_ctl_text(answer, "group"));
    if (gms_ctl_text(answer, "message") != NULL) {
        gms_ctl_line(&cli->out, "kind", gms_ctl_text(answer, "kind"));
        gms_ctl_line(&cli->out, "key", gms_ctl_text(answer, "key_id"));
        gms_ctl_line(&cli->out, "receiver", gms_ctl_text(answer, "receiver"));
        gms_ctl_line(&cli->out, "message", gms_ctl_text(answer, "message"));
        return;
    }
    gms_ctl_line(&cli->out, "state", gms_ctl_text(answer, "state"));
    gms_ctl_line(&cli->out, "key", gms_ctl_text(answer, "gmk_id"));
    gms_ctl_line(&cli->out, "since", gms_ctl_text(answer, "since"));
    gms_ctl_line(&cli->out, "until", gms_ctl_text(answer, "until"));
    gms_ctl_line_number(
        &cli->out, "members", gms_ctl_number(answer, "members"));
    gms_ctl_line_number(&cli->out, "held", gms_ctl_number(answer, "held"));
}

static enum mu_err request_run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_drop) struct gms_ctl *ctl = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *body = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *answer = NULL;
    const char *purpose = cli->args[FIRST].text;
    char path[GMS_CTL_PATH_MAX], prefer[64];
    struct gms_ctl_ask ask = {
        .method = "POST", .path = path, .once_key = cli->args[SECOND].text};

    body =
        json_pack("{s:s}", "purpose", purpose != NULL ? purpose : "group-call");
    if (body == NULL)
        return cli_fail(cli, MU_E_MALFORMED, "--purpose", "is no UTF-8");
    ask.body = body;
    (void)snprintf(prefer, sizeof(prefer), "Prefer: wait=%llu",
        (unsigned long long)cli->args[THIRD].number);
    if (cli->args[THIRD].given)
        ask.prefer = prefer;
    TRY(gms_ctl_open(cli, &ctl));
    gms_ctl_path(path, "/groups/", cli->args[GROUP].text, "/key-requests");
    TRY(gms_ctl_ask(ctl, &ask, NULL, &answer));
    print_request(cli, answer);
    return MU_OK;
}

const struct cli_command gms_ctl_key_request = {
    .name = "key-request",
    .help = "which key of a group is in force; makes one if there is none",
    .options = request_options,
    .option_count = sizeof(request_options) / sizeof(request_options[0]),
    .common = GMS_CTL_OWN,
    .run = request_run,
};
