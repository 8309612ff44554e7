/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/protocols.h"

#include <openssl/bio.h>
#include <openssl/conf.h>

#include "base/secret.h"

/* Beside the versions, what Debian's own default says. */
#define SETTINGS(most)                                                         \
    "openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\n"                       \
    "system_default = contexts\n[contexts]\nMinProtocol = TLSv1.2\n"           \
    "CipherString = DEFAULT:@SECLEVEL=2\nMaxProtocol = " most "\n"

static void conf_drop(CONF **conf)
{
    NCONF_free(*conf);
}

static void bio_drop(BIO **bio)
{
    BIO_free(*bio);
}

static enum mu_err apply(const char *settings)
{
    MU_CLEANUP(conf_drop) CONF *conf = NCONF_new(NULL);
    MU_CLEANUP(bio_drop) BIO *text = BIO_new_mem_buf(settings, -1);
    long line;

    if (conf == NULL || text == NULL)
        return MU_E_NO_MEMORY;
    if (NCONF_load_bio(conf, text, &line) != 1 ||
        CONF_modules_load(conf, NULL, 0) <= 0)
        return MU_E_CRYPTO;
    return MU_OK;
}

enum mu_err sip_protocols_limit(void)
{
    return apply(SETTINGS("TLSv1.2"));
}

enum mu_err sip_protocols_release(void)
{
    return apply(SETTINGS("TLSv1.3"));
}
