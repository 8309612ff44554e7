/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what strangers send to a KMS or its client: requests, responses, key
 * sets and redirects. A request that can be read is written, and has to be
 * read again as it was.
 */
#include "fuzz/fuzz.h"
#include "xml/kms_krr.h"
#include "xml/kms_message.h"
#include "xml/kms_wrapped_set.h"
#include "xml/library.h"

#define ARENA_MAX (1 << 16)
#define TEXT_MAX  (1 << 16)

static void check_request(struct span in)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    static uint8_t text[TEXT_MAX];
    struct xml_kms_request request, again;
    struct span out = {NULL, 0};
    struct xml_fault fault;
    struct wr w;

    mu_arena_init(&arena, ARENA_MAX);
    if (xml_kms_request_read(in, &arena, &fault, &request) != MU_OK)
        return;
    wr_init(&w, text, sizeof(text));
    fuzz_demand(xml_kms_request_write(&w, &request, span_str("x")) == MU_OK);
    fuzz_demand(wr_close(&w, &out) == MU_OK);
    fuzz_demand(xml_kms_request_read(out, &arena, &fault, &again) == MU_OK);
    fuzz_demand(span_eq(request.user_uri, again.user_uri));
    fuzz_demand(span_eq(request.client_req_url, again.client_req_url));
    fuzz_demand(request.time_s == again.time_s);
    fuzz_demand(request.error_code == again.error_code);
}

static void check_response(struct span in)
{
    struct xml_kms_response *response = NULL;
    struct xml_fault fault;

    fuzz_demand((xml_kms_response_read(in, &fault, &response) == MU_OK) ==
                (response != NULL));
    xml_kms_response_free(response);
}

static void check_key_set(struct span in)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_kms_wrapped_set set;
    struct xml_fault fault;

    mu_arena_init(&arena, ARENA_MAX);
    if (xml_kms_wrapped_set_read(in, &arena, &fault, &set) == MU_OK)
        fuzz_demand(set.rsk.wrapped.len > 0 && set.ssk.wrapped.len > 0 &&
                    set.pvt.wrapped.len > 0);
}

static void check_krr(struct span in)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_fault fault;
    struct xml_krr krr;

    mu_arena_init(&arena, ARENA_MAX);
    if (xml_krr_read(in, &arena, &fault, &krr) == MU_OK)
        fuzz_demand(krr.count > 0 && krr.count <= XML_KRR_URIS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span in = {data, size};
    static bool ready;

    if (!ready)
        fuzz_demand(xml_init() == MU_OK);
    ready = true;
    check_request(in);
    check_response(in);
    check_key_set(in);
    check_krr(in);
    return 0;
}
