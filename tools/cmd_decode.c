/* SPDX-License-Identifier: Apache-2.0 */
/* decode: every payload and field of a message, also of one that fails. */
#include "mikey/msg.h"
#include "tools/commands.h"
#include "tools/explain.h"
#include "tools/input.h"

/* Whatever a peer of any release may send: to explain is not to trust. */
#define TOLERANCE (MIKEY_RFC6509 | MIKEY_LEGACY)

static void explain_clear(struct explain *e)
{
    buf_clear(&e->offsets);
}

/* An I_MESSAGE has to be whole, too (TS 33.180 clause E.1.2). */
static enum mu_err check_rules(struct span message, struct mikey_fault *fault)
{
    struct mikey_msg msg;

    return mikey_msg_read(message, TOLERANCE, &msg, fault);
}

static enum mu_err run_decode(struct cli *cli)
{
    MU_CLEANUP(buf_clear) struct buf message = {.p = NULL};
    MU_CLEANUP(explain_clear)
    struct explain e = {.out = &cli->out, .as_json = cli->json};
    struct mikey_fault fault;
    enum mu_err err;

    TRY(tool_message(cli, &message));
    cli->print_on_failure = true;
    err = explain_message(&e, buf_span(&message), &fault);
    if (err == MU_OK && e.data_type == MIKEY_DT_SAKKE)
        err = check_rules(buf_span(&message), &fault);
    explain_end(&e, err != MU_OK ? &fault : NULL);
    return err != MU_OK ? tool_fail_at(cli, &fault) : MU_OK;
}

const struct cli_command tool_decode = {
    .name = "decode",
    .help = "every payload and field of the message on standard input, with "
            "offsets",
    .reads_stdin = true,
    .run = run_decode,
};
