/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/access.h"

#include <stdlib.h>
#include <string.h>

#include "tests/suites.h"

#define DEVICE  "3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=2341592abcdef"
#define NETWORK "3GPP-NR-FDD;utran-cell-id-3gpp=\"23415,1\";network-provided"

static void the_network_knows_better(void)
{
    static const struct {
        const char *header, *picked;
    } rows[] = {
        {DEVICE, DEVICE},
        {"  " DEVICE "\t", DEVICE},
        {NETWORK, NETWORK},
        {DEVICE ", " NETWORK, NETWORK},
        {NETWORK "," DEVICE, NETWORK},
        {DEVICE ",IEEE-802.11;i-wlan-node-id=00", DEVICE},
        {DEVICE ", 3GPP-GERAN; Network-Provided ; cgi-3gpp=1",
            "3GPP-GERAN; Network-Provided ; cgi-3gpp=1"},
        /* No comma and no semicolon that counts. */
        {"a;b=\"c,d;network-provided\"", "a;b=\"c,d;network-provided\""},
        {"a;b=\"c\\\",network-provided", "a;b=\"c\\\",network-provided"},
        {"a;not-network-provided, b", "a;not-network-provided"},
        {"", ""},
        {" , ,", ""},
        {", a", "a"},
        {"\"", "\""},
        {"\"\\", "\"\\"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t len = strlen(rows[i].header);
        uint8_t *exact = malloc(len > 0 ? len : 1); /* ends where it ends */
        struct span picked;

        CU_ASSERT_PTR_NOT_NULL_FATAL(exact);
        memcpy(exact, rows[i].header, len);
        picked = sip_access_pick((struct span){exact, len});
        CU_ASSERT(span_eq(picked, span_str(rows[i].picked)));
        free(exact);
    }
}

static void one_place_is_one_area(void)
{
    uint32_t here = sip_access_area(span_str(DEVICE));

    CU_ASSERT_EQUAL(here, sip_access_area(span_str("3gpp-e-utran-fdd;"
                                                   "utran-cell-id-3gpp=2341592"
                                                   "ABCDEF")));
    CU_ASSERT_NOT_EQUAL(here, sip_access_area(span_str(NETWORK)));
    CU_ASSERT_NOT_EQUAL(here,
        sip_access_area(
            span_str("3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=2341592abcdee")));
}

CU_TestInfo sip_access_tests[] = {
    {"the network knows better", the_network_knows_better},
    {"one place is one area", one_place_is_one_area},
    CU_TEST_INFO_NULL,
};
