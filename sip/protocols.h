/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protocols.h - versions of TLS that sofia-sip is able to speak. Inside the
 * folder only.
 *
 * Debian's sofia-sip 1.12 hears nothing of what comes after a handshake of TLS
 * 1.3, and has no way to say that it wants 1.2 and nothing older: its own
 * choice is between all versions and TLS 1.0 alone. What it does follow is
 * OpenSSL's system default for new contexts, which is therefore set while it
 * makes its own, and for nobody else.
 */
#ifndef SIP_PROTOCOLS_H
#define SIP_PROTOCOLS_H

#include "base/err.h"

/*
 * From here on new contexts of the process speak TLS 1.2 alone; and all that
 * the library has, as it was. Not for use while another thread makes one.
 *
 * Returns MU_OK; MU_E_NO_MEMORY; MU_E_CRYPTO when OpenSSL does not take it.
 */
MU_MUST_CHECK enum mu_err sip_protocols_limit(void);
MU_MUST_CHECK enum mu_err sip_protocols_release(void);

#endif
