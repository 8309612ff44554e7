/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/ext.h"
#include "tests/suites.h"

#include <string.h>

static void finds_the_sakke_payload_inside_sakke_to_self(void)
{
    static const uint8_t data[278] = {0x00, 0x01, 0x02, 0x01, 0x11, 0x04};
    const struct mikey_ext ext = {
        .type = MIKEY_EXT_SAKKE_TO_SELF, .data = {data, sizeof(data)}};
    struct mikey_sakke_pl self;

    CU_ASSERT_FATAL(mikey_ext_self(&ext, &self));
    CU_ASSERT_EQUAL(self.scheme, MIKEY_SCHEME_UID);
    CU_ASSERT_PTR_EQUAL(self.sed.p, data + 5);
    CU_ASSERT_EQUAL(self.sed.len, MIKEY_SAKKE_PL_SED_LEN);
}

static void finds_none_in_another_extension(void)
{
    const struct mikey_ext ext = {.type = MIKEY_EXT_KEY_PARAMS};
    struct mikey_sakke_pl self = {.scheme = 0x5a};

    CU_ASSERT_FALSE(mikey_ext_self(&ext, &self));
    CU_ASSERT_EQUAL(self.scheme, 0x5a);
}

static void writes_key_ids_as_they_are_read(void)
{
    static const uint8_t ids[] = {0x00, 0x02, 0xaa, 0xbb, 0x01, 0x00};
    uint8_t buf[sizeof(ids)];
    struct mikey_key_id id;
    struct span out = {0};
    struct wr w;
    struct rd r;

    rd_init(&r, SPAN_OF(ids));
    wr_init(&w, buf, sizeof(buf));
    while (rd_more(&r)) {
        mikey_key_id_read(&r, &id);
        mikey_key_id_write(&w, &id);
    }
    CU_ASSERT_EQUAL(rd_close(&r), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &out), MU_OK);
    CU_ASSERT(span_eq(out, SPAN_OF(ids)));
}

CU_TestInfo mikey_ext_tests[] = {
    {"finds the SAKKE payload inside SAKKE-to-self",
        finds_the_sakke_payload_inside_sakke_to_self},
    {"finds none in another extension", finds_none_in_another_extension},
    {"writes key IDs as they are read", writes_key_ids_as_they_are_read},
    CU_TEST_INFO_NULL,
};
