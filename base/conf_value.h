/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf_value.h - one setting of the file into one member of the struct.
 *
 * Inside of the configuration only: base/conf.h is for programs.
 */
#ifndef BASE_CONF_VALUE_H
#define BASE_CONF_VALUE_H

#include "base/conf.h"

#include <libconfig.h>

/* One reading: what every step needs. */
struct mu_conf_reader {
    const char *file;
    struct mu_arena *arena;
    const struct mu_conf_faults *faults;
    size_t told;   /* faults so far */
    bool defaults; /* now reading a default, which has no line in the file */
};

/* Where we are, for messages: a key, or an element, in the place above. */
struct mu_conf_place {
    const struct mu_conf_place *up; /* NULL at the top */
    const char *key;
    int index; /* of an element; -1 for a key */
};

/* One value being read: by which row, from where, to where. */
struct mu_conf_value {
    const struct mu_conf_option *option;
    const config_setting_t *setting;
    struct mu_conf_place place;
    void *to;
};

/*
 * Tells a fault at p, the line taken from s; either may be NULL. Always false,
 * so that a reader can return it.
 */
__attribute__((format(printf, 4, 5))) bool mu_conf_fault(
    struct mu_conf_reader *r, const struct mu_conf_place *p,
    const config_setting_t *s, const char *format, ...);

/*
 * Reads a value of any type but group and list. False when there was a fault;
 * that the arena is full is left to its mu_arena_err().
 */
bool mu_conf_value_read(
    struct mu_conf_reader *r, const struct mu_conf_value *v);

/* The length of an array or list; -1 after telling that it has none. */
int mu_conf_elements(struct mu_conf_reader *r, const struct mu_conf_value *v);

#endif
