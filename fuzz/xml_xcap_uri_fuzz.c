/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An address that was read keeps its limits, says the same when it is read
 * again, and that of its ancestor is the beginning of it.
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "xml/xcap_uri.h"

static const struct xml_xcap_usage usages[] = {
    {XML_XCAP_AUID_GROUPS, "urn:oma:xml:poc:list-service"},
    {XML_XCAP_AUID_CAPS, "urn:ietf:params:xml:ns:xcap-caps"},
    {"u", "urn:d"},
};

static void check_name(const struct xml_xcap_name *name)
{
    fuzz_demand(name->local.len > 0);
    fuzz_demand(memchr(name->local.p, '/', name->local.len) == NULL);
    fuzz_demand(memchr(name->local.p, '"', name->local.len) == NULL);
}

static void check_steps(const struct xml_xcap_uri *uri)
{
    size_t last = uri->document_end;

    fuzz_demand(uri->steps <= XML_XCAP_STEPS_MAX);
    fuzz_demand((uri->steps > 0) == (uri->kind != XML_XCAP_AT_DOCUMENT));
    for (size_t i = 0; i < uri->steps; i++) {
        const struct xml_xcap_step *step = &uri->step[i];

        fuzz_demand(step->end > last && step->end <= uri->target.len);
        last = step->end;
        fuzz_demand(step->position <= XML_XCAP_POSITION_MAX);
        if (!step->any)
            check_name(&step->name);
        if (step->has_attribute)
            check_name(&step->attribute);
    }
    if (uri->kind == XML_XCAP_AT_ATTRIBUTE)
        check_name(&uri->attribute);
}

/* The element's address is one, and selects by the same steps. */
static void check_ancestor(const struct xml_xcap_uri *uri, size_t steps)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    static uint8_t room[XML_XCAP_URI_MAX + 1];
    struct xml_xcap_uri again;
    struct span text;
    struct wr w;

    wr_init(&w, room, sizeof(room));
    xml_xcap_uri_write_ancestor(&w, uri, steps);
    fuzz_demand(wr_close(&w, &text) == MU_OK);
    mu_arena_init(&arena, 1 << 20);
    fuzz_demand(xml_xcap_uri_read(&arena, usages, 3, text, &again) == MU_OK);
    fuzz_demand(again.steps == steps && again.usage == uri->usage);
    fuzz_demand(span_eq(again.xui, uri->xui));
    for (size_t i = 0; i < steps; i++) {
        fuzz_demand(again.step[i].position == uri->step[i].position);
        fuzz_demand(span_eq(again.step[i].value, uri->step[i].value));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_xcap_uri uri;

    mu_arena_init(&arena, 1 << 20);
    if (xml_xcap_uri_read(&arena, usages, 3, (struct span){data, size}, &uri) !=
        MU_OK)
        return 0;
    fuzz_demand(uri.segments > 0 && uri.segments <= XML_XCAP_SEGMENTS_MAX);
    fuzz_demand(uri.document_end <= uri.target.len);
    check_steps(&uri);
    for (size_t steps = 0; steps <= uri.steps; steps++)
        check_ancestor(&uri, steps);
    return 0;
}
