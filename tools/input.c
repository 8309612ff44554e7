/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/input.h"

#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "mikey/payload.h"

static enum mu_err from_text(struct tool *tool, struct buf *in, struct buf *out)
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
        return tool_fail(tool, MU_E_MALFORMED, "message", "%s",
            hex ? "has an odd number of hex digits"
                : "is neither raw nor hex nor base64");
    out->len = got;
    return MU_OK;
}

enum mu_err tool_message(struct tool *tool, struct buf *out)
{
    MU_CLEANUP(buf_clear) struct buf in = {.p = NULL};
    enum mu_err err = mu_fd_read(STDIN_FILENO, TOOL_MESSAGE_MAX, &in);

    if (err != MU_OK)
        return tool_fail(tool, err, "standard input", "cannot be read: %s",
            mu_err_name(err));
    if (in.len == 0)
        return tool_fail(tool, MU_E_MALFORMED, "message", "is empty");
    if (in.p[0] != MIKEY_VERSION)
        return from_text(tool, &in, out);
    buf_add(out, buf_span(&in));
    return out->err;
}

enum mu_err tool_fail_at(struct tool *tool, const struct mikey_fault *fault)
{
    return tool_fail(tool, fault->rd.err, tool->command->name,
        "%s at %zu in %s, %s%s%s", mu_err_name(fault->rd.err), fault->rd.at,
        fault->payload, fault->rd.field, fault->rd.why != NULL ? ": " : "",
        fault->rd.why != NULL ? fault->rd.why : "");
}
