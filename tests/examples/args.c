/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/examples/args.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

#define OCTETS_MAX  4096 /* of all arguments together */
#define PRINTED_MAX 64

void must(enum mu_err err, const char *what)
{
    if (err == MU_OK)
        return;
    (void)fprintf(stderr, "%s: %s\n", what, mu_err_name(err));
    exit(1);
}

void arg_octets(const char *hex, uint8_t *out, size_t len)
{
    size_t read = 0;

    must(mu_hex_read(span_str(hex), out, len, &read), hex);
    must(read == len ? MU_OK : MU_E_MALFORMED, hex);
}

struct span arg_hex(const char *hex)
{
    static uint8_t octets[OCTETS_MAX];
    static size_t used;
    struct span out = {octets + used, 0};

    must(mu_hex_read(span_str(hex), octets + used, OCTETS_MAX - used, &out.len),
        hex);
    used += out.len;
    return out;
}

struct mcptt_key_id arg_key_id(const char *hex)
{
    uint8_t octets[MCPTT_KEY_ID_LEN];
    struct rd r;

    arg_octets(hex, octets, sizeof(octets));
    rd_init(&r, SPAN_OF(octets));
    return mcptt_key_id_read(&r, "key identifier");
}

void print_hex(const char *name, struct span octets)
{
    char text[MU_HEX_LEN(PRINTED_MAX)];

    must(octets.len <= PRINTED_MAX ? MU_OK : MU_E_NO_SPACE, name);
    mu_hex_write(octets, text);
    (void)printf("%s %s\n", name, text);
}

void print_key_id(const char *name, struct mcptt_key_id id)
{
    (void)printf("%s %08x\n", name, id.v);
}
