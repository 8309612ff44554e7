/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decapsulates anything for one user of one KMS. What is accepted has to be
 * what encapsulation makes of the result, and a point that is read has to be
 * written as it was.
 */
#include "fuzz/fuzz.h"
#include "mikey/sakke.h"

#include <string.h>

static enum mu_err all_fives(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    memset(out, 5, len);
    return MU_OK;
}

static const struct mu_rng rng = {all_fives, NULL};

/* Made once, from a master secret of sixes. */
static const struct mikey_sakke_user *user_of(
    struct span id, const struct mikey_sakke_kms **kms_out)
{
    static struct mikey_sakke_user *user;
    static struct mikey_sakke_kms *kms;
    struct mikey_sakke_secret secret;
    uint8_t z[MIKEY_POINT_LEN];
    struct mikey_rsk rsk;

    if (user == NULL) {
        memset(secret.b, 6, sizeof(secret.b));
        fuzz_demand(mikey_sakke_public(&secret, z) == MU_OK);
        fuzz_demand(mikey_sakke_kms_new(SPAN_OF(z), &kms) == MU_OK);
        fuzz_demand(mikey_sakke_extract(&secret, id, &rng, &rsk) == MU_OK);
        fuzz_demand(mikey_sakke_user_new(kms, id, &rsk, &user) == MU_OK);
    }
    *kms_out = kms;
    return user;
}

static void check_point(struct span in)
{
    uint8_t out[MIKEY_POINT_LEN];
    struct mikey_point point;

    if (in.len > sizeof(out))
        in.len = sizeof(out);
    if (mikey_point_read(in, &point) != MU_OK)
        return;
    mikey_point_write(out, &point);
    fuzz_demand(span_eq(in, SPAN_OF(out)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span id = span_str("fuzz"), in = {data, size};
    const struct mikey_sakke_kms *kms;
    const struct mikey_sakke_user *user = user_of(id, &kms);
    uint8_t sed[1][MIKEY_SED_LEN];
    struct mikey_ssv ssv;
    enum mu_err err;

    check_point(in);
    err = mikey_sakke_decapsulate(user, in, &ssv);
    fuzz_demand(err == MU_OK || err == MU_E_CRYPTO);
    if (err == MU_OK) {
        fuzz_demand(mikey_sakke_encapsulate(kms, &ssv, &id, 1, sed) == MU_OK);
        fuzz_demand(span_eq(in, SPAN_OF(sed[0])));
    }
    return 0;
}
