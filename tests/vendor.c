/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/vendor.h"

#include "base/text.h"
#include "tests/vec.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>

static void stop(const char *what, const char *name)
{
    (void)fprintf(stderr, "vendor vectors: %s: %s\n", what, name);
    CU_FAIL_FATAL("vendor vectors");
}

json_t *vendor_open(const char *name)
{
    char *text = vec_vendor(name);
    json_t *document;

    if (text == NULL)
        return NULL;
    document = json_loads(text, 0, NULL);
    free(text);
    if (document == NULL)
        stop("not JSON", name);
    return document;
}

void vendor_close(json_t **document)
{
    json_decref(*document);
}

const json_t *vendor_item(const json_t *document, const char *list, size_t i)
{
    const json_t *items = json_object_get(document, list);

    if (json_array_size(items) == 0)
        stop("no such list", list);
    return json_array_get(items, i);
}

const char *vendor_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    if (text == NULL)
        stop("no such text", name);
    return text;
}

uint64_t vendor_num(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    uint64_t n = 0;

    if (json_is_integer(value))
        return (uint64_t)json_integer_value(value);
    if (mu_text_u64(span_str(vendor_text(object, name)), &n) != MU_OK)
        stop("not a number", name);
    return n;
}

struct span vendor_hex(
    const json_t *object, const char *name, uint8_t *buf, size_t cap)
{
    size_t len = 0;

    if (mu_hex_read(span_str(vendor_text(object, name)), buf, cap, &len) !=
        MU_OK)
        stop("not hex", name);
    return (struct span){buf, len};
}

void vendor_octets(
    const json_t *object, const char *name, uint8_t *out, size_t len)
{
    if (vendor_hex(object, name, out, len).len != len)
        stop("of another length", name);
}

uint32_t vendor_u32(const json_t *object, const char *name)
{
    uint8_t octets[4];
    struct rd r;

    vendor_octets(object, name, octets, sizeof(octets));
    rd_init(&r, SPAN_OF(octets));
    return rd_u32(&r, name);
}
