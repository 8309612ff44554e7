/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/input.h"

#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "mikey/payload.h"

static enum mu_err from_text(struct cli *cli, struct buf *in, struct buf *out)
{
    size_t len = mu_text_squeeze((char *)in->p, in->len), got = 0;
    struct span text = {in->p, len};
    bool hex = mu_text_is_hex(text);
    enum mu_err err;

    buf_add(out, text); /* room for the octets, which are fewer */
    TRY(out->err);
    out->len = 0;
    err = hex ? mu_hex_read(text, out->p, out->cap, &got)
              : mu_base64_read(text, out->p, out->cap, &got);
    if (err != MU_OK)
        return cli_fail(cli, MU_E_MALFORMED, "message", "%s",
            hex ? "has an odd number of hex digits"
                : "is neither raw nor hex nor base64");
    out->len = got;
    return MU_OK;
}

enum mu_err tool_message(struct cli *cli, struct buf *out)
{
    MU_CLEANUP(buf_clear) struct buf in = {.p = NULL};
    enum mu_err err = mu_fd_read(STDIN_FILENO, TOOL_MESSAGE_MAX, &in);

    if (err != MU_OK)
        return cli_fail(
            cli, err, "standard input", "cannot be read: %s", mu_err_name(err));
    if (in.len == 0)
        return cli_fail(cli, MU_E_MALFORMED, "message", "is empty");
    if (in.p[0] != MIKEY_VERSION)
        return from_text(cli, &in, out);
    buf_add(out, buf_span(&in));
    return out->err;
}

enum mu_err tool_fail_at(struct cli *cli, const struct mikey_fault *fault)
{
    return cli_fail(cli, fault->rd.err, cli->command->name,
        "%s at %zu in %s, %s%s%s", mu_err_name(fault->rd.err), fault->rd.at,
        fault->payload, fault->rd.field, fault->rd.why != NULL ? ": " : "",
        fault->rd.why != NULL ? fault->rd.why : "");
}
