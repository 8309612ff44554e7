/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf_print.h - a configuration table (base/conf.h) for its readers.
 */
#ifndef BASE_CONF_PRINT_H
#define BASE_CONF_PRINT_H

#include "base/conf.h"

enum mu_conf_format {
    MU_CONF_HELP, /* plain text, for --help */
    MU_CONF_MAN   /* the body of a man(7) section */
};

/*
 * Writes one entry for each option, those of a group or list after it, in the
 * order of the tables: its name as a fault would show it ("kms[].uri"), its
 * type with unit and range, its default, and its sentence. Ends with LF.
 *
 * Returns MU_OK, or MU_E_NO_SPACE when w is too small.
 */
MU_MUST_CHECK enum mu_err mu_conf_print(const struct mu_conf_table *table,
    enum mu_conf_format format, struct wr *w);

#endif
