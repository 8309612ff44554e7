/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include "base/ct.h"

#include <openssl/crypto.h>

void mu_wipe(void *p, size_t len)
{
    OPENSSL_cleanse(p, len);
}

bool mu_ct_eq(const void *a, const void *b, size_t len)
{
    int differ = CRYPTO_memcmp(a, b, len);

    /* The outcome of a comparison is what the caller may act on. */
    MU_CT_DECLASSIFY(&differ, sizeof(differ));
    return differ == 0;
}
