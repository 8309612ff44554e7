/* SPDX-License-Identifier: Apache-2.0 */
/* batch: one SSV encapsulated to many UIDs of one KMS. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/json.h"
#include "mcptt/uid.h"
#include "mikey/sakke.h"
#include "tools/commands.h"

#define CHUNK 64 /* UIDs at a time: the batch shares its inversions */

enum batch_option {
    BATCH_Z,
    BATCH_SSV
};

static const struct cli_option batch_options[] = {
    [BATCH_Z] = {"--z", CLI_HEX, CLI_REQUIRED,
        "Z of the receivers' KMS, 257 octets"},
    [BATCH_SSV] = {"--ssv", CLI_HEX, CLI_REQUIRED,
        "shared secret value, 16 octets"},
};

struct batch {
    struct cli *cli;
    struct mikey_sakke_kms *kms;
    struct mikey_ssv ssv;
    struct json json;
    size_t done; /* lines of the chunks before this one */
    struct mcptt_uid uids[CHUNK];
    struct span ids[CHUNK]; /* the same */
    uint8_t seds[CHUNK][MIKEY_SED_LEN];
};

static void batch_clear(struct batch *b)
{
    mikey_sakke_kms_free(b->kms);
    mikey_ssv_clear(&b->ssv);
}

static void batch_free(struct batch **b)
{
    if (*b != NULL)
        batch_clear(*b);
    mu_free(*b);
}

static enum mu_err fail_line(struct batch *b, size_t line, const char *why)
{
    char what[32];

    (void)snprintf(what, sizeof(what), "line %zu", line);
    return cli_fail(b->cli, MU_E_MALFORMED, what, "%s", why);
}

/* The next line without its LF or CRLF; false at the end. */
static bool next_line(struct span *text, struct span *line)
{
    const uint8_t *end;

    if (text->len == 0)
        return false;
    end = memchr(text->p, '\n', text->len);
    *line = *text;
    if (end != NULL)
        line->len = (size_t)(end - text->p);
    text->p += line->len + (end != NULL ? 1 : 0);
    text->len -= line->len + (end != NULL ? 1 : 0);
    if (line->len > 0 && line->p[line->len - 1] == '\r')
        line->len--;
    return true;
}

static enum mu_err read_uid(struct batch *b, struct span line, size_t i)
{
    struct mcptt_uid *uid = &b->uids[i];
    size_t len = 0;

    if (mu_hex_read(line, uid->b, sizeof(uid->b), &len) != MU_OK ||
        len != sizeof(uid->b))
        return fail_line(b, b->done + i + 1, "is not 64 hex digits");
    b->ids[i] = SPAN_OF(uid->b);
    return MU_OK;
}

/* Which UID of a refused chunk is the one out of range. */
static enum mu_err blame(struct batch *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (mikey_sakke_encapsulate(b->kms, &b->ssv, &b->ids[i], 1, b->seds) !=
            MU_OK)
            return fail_line(b, b->done + i + 1, "is out of range");
    return MU_E_MALFORMED;
}

static enum mu_err run_chunk(struct batch *b, size_t n)
{
    if (mikey_sakke_encapsulate(b->kms, &b->ssv, b->ids, n, b->seds) != MU_OK)
        return blame(b, n);
    for (size_t i = 0; i < n; i++) {
        if (b->cli->json) {
            json_hex(&b->json, NULL, SPAN_OF(b->seds[i]));
            continue;
        }
        buf_hex(&b->cli->out, SPAN_OF(b->seds[i]));
        buf_text(&b->cli->out, "\n");
    }
    b->done += n;
    return MU_OK;
}

static enum mu_err run_lines(struct batch *b, struct span text)
{
    struct span line = {NULL, 0};
    size_t n = 0;

    while (next_line(&text, &line)) {
        TRY(read_uid(b, line, n));
        if (++n < CHUNK)
            continue;
        TRY(run_chunk(b, n));
        n = 0;
    }
    return n > 0 ? run_chunk(b, n) : MU_OK;
}

static enum mu_err start(struct batch *b)
{
    struct cli *cli = b->cli;
    enum mu_err err;

    TRY(cli_octets(cli, BATCH_SSV, b->ssv.b, sizeof(b->ssv.b)));
    err = mikey_sakke_kms_new(cli_span(cli, BATCH_Z), &b->kms);
    if (err == MU_E_CRYPTO)
        return cli_fail(
            cli, err, "--z", "is not 257 octets of a point of order q");
    return err;
}

static enum mu_err run_batch(struct cli *cli)
{
    MU_CLEANUP(batch_free) struct batch *b = mu_alloc(sizeof(*b));
    MU_CLEANUP(buf_clear) struct buf in = {.p = NULL};
    enum mu_err err;

    if (b == NULL)
        return MU_E_NO_MEMORY;
    b->cli = cli;
    b->json.out = &cli->out;
    TRY(start(b));
    err = mu_fd_read(STDIN_FILENO, CLI_INPUT_MAX, &in);
    if (err != MU_OK)
        return cli_fail(
            cli, err, "standard input", "cannot be read: %s", mu_err_name(err));
    if (!cli->json)
        return run_lines(b, buf_span(&in));
    json_open(&b->json, NULL, '{');
    json_open(&b->json, "seds", '[');
    TRY(run_lines(b, buf_span(&in)));
    json_close(&b->json, ']');
    json_close(&b->json, '}');
    buf_text(&cli->out, "\n");
    return MU_OK;
}

const struct cli_command tool_batch = {
    .name = "batch",
    .help = "one SED a line for the UIDs on standard input, 64 hex digits a "
            "line",
    .options = batch_options,
    .option_count = sizeof(batch_options) / sizeof(batch_options[0]),
    .reads_stdin = true,
    .run = run_batch,
};
