/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/json.h"

void cli_clear(struct cli *cli)
{
    for (size_t i = 0; i < CLI_OPTIONS_MAX; i++)
        buf_clear(&cli->args[i].octets);
    buf_clear(&cli->out);
}

enum mu_err cli_fail(
    struct cli *cli, enum mu_err err, const char *what, const char *why, ...)
{
    va_list args;

    if (cli->what[0] != '\0')
        return err;
    (void)snprintf(cli->what, sizeof(cli->what), "%s", what);
    va_start(args, why);
    (void)vsnprintf(cli->why, sizeof(cli->why), why, args);
    va_end(args);
    return err;
}

bool cli_is_operand(const struct cli_option *option)
{
    return option->name[0] != '-';
}

struct span cli_span(const struct cli *cli, unsigned option)
{
    return buf_span(&cli->args[option].octets);
}

enum mu_err cli_octets(
    struct cli *cli, unsigned option, uint8_t *out, size_t len)
{
    struct span octets = cli_span(cli, option);

    if (octets.len != len)
        return cli_fail(cli, MU_E_MALFORMED, cli->command->options[option].name,
            "has %zu octets, not %zu", octets.len, len);
    memcpy(out, octets.p, len);
    return MU_OK;
}

enum mu_err cli_u32(struct cli *cli, unsigned option, uint32_t *out)
{
    uint8_t octets[4];
    struct rd r;

    TRY(cli_octets(cli, option, octets, sizeof(octets)));
    rd_init(&r, SPAN_OF(octets));
    *out = rd_u32(&r, "option");
    return rd_close(&r);
}

void cli_print(struct cli *cli, const char *name, struct span octets)
{
    struct json j = {.out = &cli->out};

    if (cli->json) {
        json_open(&j, NULL, '{');
        json_hex(&j, name, octets);
        json_close(&j, '}');
    } else {
        buf_hex(&cli->out, octets);
    }
    buf_text(&cli->out, "\n");
}

void cli_print_two(struct cli *cli, const struct cli_result results[2])
{
    struct json j = {.out = &cli->out};

    if (cli->json)
        json_open(&j, NULL, '{');
    for (size_t i = 0; i < 2; i++) {
        if (cli->json) {
            json_hex(&j, results[i].name, results[i].octets);
            continue;
        }
        buf_text(&cli->out, results[i].name);
        buf_text(&cli->out, " ");
        buf_hex(&cli->out, results[i].octets);
        buf_text(&cli->out, "\n");
    }
    if (!cli->json)
        return;
    json_close(&j, '}');
    buf_text(&cli->out, "\n");
}

void cli_print_valid(struct cli *cli)
{
    struct json j = {.out = &cli->out};

    if (!cli->json)
        return;
    json_open(&j, NULL, '{');
    json_bool(&j, "valid", true);
    json_close(&j, '}');
    buf_text(&cli->out, "\n");
}
