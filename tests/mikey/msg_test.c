/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/msg.h"
#include "tests/suites.h"
#include "tests/vec.h"

#include <string.h>

static void reads_every_message(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "mikey-messages.vec");
    while (vec_next(&v)) {
        struct span message = vec_hex(&v, "message");
        struct mikey_fault fault;
        struct mikey_msg m;

        CU_ASSERT_EQUAL_FATAL(
            mikey_msg_read(message, MIKEY_RFC6509, &m, &fault), MU_OK);
        CU_ASSERT_EQUAL(m.sakke.scheme, vec_num(&v, "id_scheme"));
        CU_ASSERT_EQUAL(m.hdr.map_type, vec_num(&v, "cs_id_map_type"));
        CU_ASSERT(span_eq(m.rand.rand, vec_hex(&v, "rand")));
        CU_ASSERT_PTR_EQUAL(m.covered.p, message.p);
        CU_ASSERT_EQUAL(m.covered.len, message.len - MIKEY_SIGN_ECCSI_LEN);
    }
}

CU_TestInfo mikey_msg_tests[] = {
    {"reads every message", reads_every_message},
    CU_TEST_INFO_NULL,
};
