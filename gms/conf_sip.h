/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf_sip.h - the groups sip and csk of gmsd's options, for gms/conf.c.
 */
#ifndef GMS_CONF_SIP_H
#define GMS_CONF_SIP_H

#include "gms/conf.h"

extern const struct mu_conf_table gms_conf_sip_table; /* struct gms_conf_sip */
extern const struct mu_conf_table gms_conf_csk_table; /* struct gms_conf_csk */

#endif
