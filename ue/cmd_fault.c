/* SPDX-License-Identifier: Apache-2.0 */
/* mcue fault: something goes wrong with the members of a running mcue. */
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "mcptt/ident.h"
#include "ue/commands.h"
#include "ue/control.h"
#include "ue/order.h"

enum option {
    CONTROL,
    MEMBER,
    LOSE,
    DRIFT,
    RESTART,
    CAPTURE,
    OPTIONS
};

static const struct cli_option options[OPTIONS] = {
    [CONTROL] = {"--control", CLI_FILE, CLI_REQUIRED, "the socket of mcue run"},
    [MEMBER] = {"--member", CLI_TEXT, CLI_OPTIONAL,
        "URI of the one member; otherwise all"},
    [LOSE] = {"--lose", CLI_TEXT, CLI_OPTIONAL,
        "per cent of what comes to it that it does not get"},
    [DRIFT] = {"--drift", CLI_TEXT, CLI_OPTIONAL,
        "seconds that its clock is ahead; -SECONDS: behind"},
    [RESTART] = {"--restart", CLI_FLAG, CLI_OPTIONAL,
        "it forgets all but its keys and begins again"},
    [CAPTURE] = {"--capture", CLI_FILE, CLI_OPTIONAL,
        "file to make with ALL ITS KEYS IN CLEAR, as a thief has them"},
};

/* The one fault that was asked for; OPTIONS: none, or several. */
static unsigned which(const struct cli *cli)
{
    unsigned found = OPTIONS, count = 0;

    for (unsigned i = LOSE; i < OPTIONS; i++)
        if (cli->args[i].given) {
            found = i;
            count++;
        }
    return count == 1 ? found : OPTIONS;
}

static const char *check_options(const struct cli *cli)
{
    struct ue_order order;
    unsigned fault = which(cli);

    if (fault == OPTIONS)
        return "one of --lose, --drift, --restart and --capture is needed";
    if (cli->args[MEMBER].given &&
        mcptt_id_check(span_str(cli->args[MEMBER].text)) != MU_OK)
        return "--member: that is no URI";
    if (fault == CAPTURE && !cli->args[MEMBER].given)
        return "--capture needs --member";
    if (fault == LOSE && ue_order_value(UE_ORDER_LOSE,
                             span_str(cli->args[LOSE].text), &order) != MU_OK)
        return "--lose: 0 to 100";
    if (fault == DRIFT && ue_order_value(UE_ORDER_DRIFT,
                              span_str(cli->args[DRIFT].text), &order) != MU_OK)
        return "--drift: seconds, up to a hundred years";
    return NULL;
}

/* The other program is in another folder. */
static enum mu_err make_absolute(const char *path, struct buf *out)
{
    char here[MU_PATH_MAX];

    if (path[0] != '/') {
        if (getcwd(here, sizeof(here)) == NULL)
            return MU_E_IO;
        buf_text(out, here);
        buf_text(out, "/");
    }
    buf_text(out, path);
    return out->err;
}

static enum mu_err make_order(
    const struct cli *cli, struct buf *path, struct ue_order *out)
{
    static const enum ue_order_kind kinds[OPTIONS] = {
        [LOSE] = UE_ORDER_LOSE,
        [DRIFT] = UE_ORDER_DRIFT,
        [RESTART] = UE_ORDER_RESTART,
        [CAPTURE] = UE_ORDER_CAPTURE,
    };
    unsigned fault = which(cli);
    struct span value = span_str("");

    if (fault == CAPTURE) {
        TRY(make_absolute(cli->args[CAPTURE].text, path));
        value = buf_span(path);
    } else if (fault != RESTART) {
        value = span_str(cli->args[fault].text);
    }
    TRY(ue_order_value(kinds[fault], value, out));
    if (cli->args[MEMBER].given)
        out->member = span_str(cli->args[MEMBER].text);
    return MU_OK;
}

static enum mu_err run(struct cli *cli)
{
    MU_CLEANUP(buf_clear) struct buf why = {.p = NULL};
    MU_CLEANUP(buf_clear) struct buf path = {.p = NULL};
    const char *control = cli->args[CONTROL].text;
    struct ue_order order = {.kind = UE_ORDER_RESTART};
    enum mu_err err = make_order(cli, &path, &order);

    if (err == MU_OK)
        err = ue_control_order(control, &order, &why);
    if (err == MU_E_STATE)
        return cli_fail(
            cli, err, "fault", "%.*s", (int)why.len, (const char *)why.p);
    if (err != MU_OK)
        return cli_fail(cli, err, "--control", "%s: %s", control,
            err == MU_E_NOT_FOUND ? "nobody listens there" : mu_err_name(err));
    if (order.kind == UE_ORDER_CAPTURE)
        (void)fprintf(stderr,
            "mcue: WARNING: %.*s has keys of that member IN CLEAR\n",
            (int)path.len, (const char *)path.p);
    return MU_OK;
}

const struct cli_command mcue_fault = {
    .name = "fault",
    .help = "nothing; a member loses messages, restarts, is off, is captured",
    .options = options,
    .option_count = OPTIONS,
    .check = check_options,
    .run = run,
};
