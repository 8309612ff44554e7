/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The body of a POST to a group: one of three operations or a fault that says
 * why, and the same in a second reading.
 */
#include "fuzz/fuzz.h"
#include "xml/gmop.h"
#include "xml/library.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum xml_gmop op = XML_GMOP_UNKNOWN, again = XML_GMOP_UNKNOWN;
    struct xml_fault fault;
    static bool started;
    enum mu_err err;

    if (!started)
        fuzz_demand(xml_init() == MU_OK);
    started = true;
    err = xml_gmop_read((struct span){data, size}, &fault, &op);
    fuzz_demand(fault.err == err && (err == MU_OK) == (fault.why == NULL));
    fuzz_demand(op <= XML_GMOP_UNKNOWN);
    fuzz_demand(
        xml_gmop_read((struct span){data, size}, &fault, &again) == err);
    fuzz_demand(again == op);
    return 0;
}
