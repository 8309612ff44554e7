/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A SIP request from the wire to the event that the loop sees. The parser is
 * sofia-sip's; what we make of its result is ours: every span must lie in the
 * event, every limit hold, and twice the same come out.
 */
#include <sofia-sip/msg.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>

#include "fuzz/fuzz.h"
#include "sip/incoming.h"

static const char *const trusted[] = {"127.0.0.1"};
static const struct sip_agent_config config = {
    .user = "gms", .trusted = trusted, .trusted_count = 1};

static struct sip_event *take(const uint8_t *data, size_t size)
{
    msg_t *msg = msg_make(sip_default_mclass(), 0, data, (isize_t)size);
    struct sip_event *event = NULL;
    unsigned status;
    sip_t *sip;

    if (msg == NULL)
        return NULL;
    sip = sip_object(msg);
    if (sip != NULL && sip->sip_request != NULL &&
        sip_incoming_request(msg, sip, &config, &event, &status) != MU_OK)
        fuzz_demand(status >= 400 && status <= 500);
    msg_destroy(msg);
    return event;
}

static void check(const struct sip_request *r)
{
    fuzz_demand(r->part_count <= SIP_PARTS_MAX);
    fuzz_demand(r->route_count <= SIP_ROUTES_MAX);
    fuzz_demand(r->accept_count <= SIP_ACCEPTS_MAX);
    fuzz_demand(r->call_id.len <= SIP_TEXT_MAX);
    for (size_t i = 0; i < r->part_count; i++)
        fuzz_demand(r->parts[i].type.len > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    struct sip_event *first, *second;

    if (size > 1U << 16)
        return 0;
    if (!started)
        fuzz_demand(sip_library_init() == MU_OK);
    started = true;
    first = take(data, size);
    second = take(data, size);
    fuzz_demand((first == NULL) == (second == NULL));
    if (first != NULL) {
        check(&first->request);
        fuzz_demand(span_eq(first->request.from_uri, second->request.from_uri));
        fuzz_demand(first->request.part_count == second->request.part_count);
    }
    sip_event_free(first);
    sip_event_free(second);
    return 0;
}
