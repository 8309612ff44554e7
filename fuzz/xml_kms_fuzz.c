/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The XML of a KMS. There is no writer to compare with: what was read has to
 * be what kms_xml.h promises, a fault has to say where and why in one line,
 * and a second reading has to agree with the first.
 */
#include "fuzz/fuzz.h"
#include "xml/kms_xml.h"
#include "xml/library.h"
#include "xml/value.h"

static void check_origin(const struct xml_kms_origin *origin)
{
    fuzz_demand(origin->kms_uri.len > 0);
    fuzz_demand(origin->kms_uri.len <= XML_STRING_MAX);
    fuzz_demand(origin->cert_uri.len <= XML_STRING_MAX);
    fuzz_demand(origin->issuer.len <= XML_STRING_MAX);
    fuzz_demand(origin->valid_from_s < origin->valid_to_s);
}

static void check_document(const struct xml_kms *kms)
{
    for (const struct xml_kms_cert *c = kms->certs; c != NULL; c = c->next) {
        check_origin(&c->origin);
        fuzz_demand(mcptt_period_check(&c->rule) == MU_OK);
    }
    for (const struct xml_kms_key_set *s = kms->key_sets; s != NULL;
         s = s->next) {
        check_origin(&s->origin);
        fuzz_demand(s->user_uri.len > 0 && s->user_uri.len <= XML_STRING_MAX);
    }
}

static void check_fault(const struct xml_fault *fault)
{
    fuzz_demand(fault->why != NULL);
    for (size_t i = 0; fault->path[i] != '\0'; i++)
        fuzz_demand(fault->path[i] > ' ' && fault->path[i] < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    struct xml_fault fault, again;
    struct xml_kms *kms = NULL, *second = NULL;
    enum mu_err err;

    if (!started)
        fuzz_demand(xml_init() == MU_OK);
    started = true;
    err = xml_kms_read((struct span){data, size}, &fault, &kms);
    fuzz_demand(err == fault.err && (err == MU_OK) == (kms != NULL));
    if (kms != NULL)
        check_document(kms);
    else
        check_fault(&fault);
    fuzz_demand(
        xml_kms_read((struct span){data, size}, &again, &second) == err);
    fuzz_demand(again.why == fault.why && again.line == fault.line);
    xml_kms_free(kms);
    xml_kms_free(second);
    return 0;
}
