/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/tool.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tools/json.h"

void tool_clear(struct tool *tool)
{
    for (size_t i = 0; i < TOOL_OPTIONS_MAX; i++)
        buf_clear(&tool->args[i].octets);
    buf_clear(&tool->out);
}

enum mu_err tool_fail(
    struct tool *tool, enum mu_err err, const char *what, const char *why, ...)
{
    va_list args;

    if (tool->what[0] != '\0')
        return err;
    (void)snprintf(tool->what, sizeof(tool->what), "%s", what);
    va_start(args, why);
    (void)vsnprintf(tool->why, sizeof(tool->why), why, args);
    va_end(args);
    return err;
}

struct span tool_span(const struct tool *tool, unsigned option)
{
    return buf_span(&tool->args[option].octets);
}

enum mu_err tool_octets(
    struct tool *tool, unsigned option, uint8_t *out, size_t len)
{
    struct span octets = tool_span(tool, option);

    if (octets.len != len)
        return tool_fail(tool, MU_E_MALFORMED,
            tool->command->options[option].name, "has %zu octets, not %zu",
            octets.len, len);
    memcpy(out, octets.p, len);
    return MU_OK;
}

enum mu_err tool_u32(struct tool *tool, unsigned option, uint32_t *out)
{
    uint8_t octets[4];
    struct rd r;

    TRY(tool_octets(tool, option, octets, sizeof(octets)));
    rd_init(&r, SPAN_OF(octets));
    *out = rd_u32(&r, "option");
    return rd_close(&r);
}

void tool_print(struct tool *tool, const char *name, struct span octets)
{
    struct json j = {.out = &tool->out};

    if (tool->json) {
        json_open(&j, NULL, '{');
        json_hex(&j, name, octets);
        json_close(&j, '}');
    } else {
        buf_hex(&tool->out, octets);
    }
    buf_text(&tool->out, "\n");
}

void tool_print_two(struct tool *tool, const struct tool_result results[2])
{
    struct json j = {.out = &tool->out};

    if (tool->json)
        json_open(&j, NULL, '{');
    for (size_t i = 0; i < 2; i++) {
        if (tool->json) {
            json_hex(&j, results[i].name, results[i].octets);
            continue;
        }
        buf_text(&tool->out, results[i].name);
        buf_text(&tool->out, " ");
        buf_hex(&tool->out, results[i].octets);
        buf_text(&tool->out, "\n");
    }
    if (!tool->json)
        return;
    json_close(&j, '}');
    buf_text(&tool->out, "\n");
}

void tool_print_valid(struct tool *tool)
{
    struct json j = {.out = &tool->out};

    if (!tool->json)
        return;
    json_open(&j, NULL, '{');
    json_bool(&j, "valid", true);
    json_close(&j, '}');
    buf_text(&tool->out, "\n");
}
