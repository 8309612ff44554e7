/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gen_tables.c - makes the fixed-base tables of P and g at build time.
 *
 * gen_tables FILE: writes both tables, one after the other, as they lie in
 * memory. So this is a program for the machine that the library is for.
 */
#include "mikey/edwards.h"
#include "mikey/params.h"
#include "mikey/torus.h"

#include <stdio.h>

static struct mikey_edwards_table table_p;
static struct mikey_torus_table table_g;

int main(int argc, char **argv)
{
    struct mikey_edwards p;
    FILE *file;
    bool good;

    if (argc != 2 || (file = fopen(argv[1], "wb")) == NULL) {
        (void)fprintf(stderr, "gen_tables: usage: gen_tables FILE\n");
        return 2;
    }
    mikey_edwards_from_point(&p, &mikey_p);
    mikey_edwards_table_init(&table_p, &p);
    mikey_torus_table_init(&table_g, &mikey_g);
    good = fwrite(&table_p, sizeof(table_p), 1, file) == 1;
    good = good && fwrite(&table_g, sizeof(table_g), 1, file) == 1;
    if (fclose(file) != 0 || !good) {
        (void)fprintf(stderr, "gen_tables: %s: cannot be written\n", argv[1]);
        return 1;
    }
    return 0;
}
