/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz.h - what fuzz targets share.
 *
 * A target is fuzz/NAME_fuzz.c with one function, which decodes an input,
 * encodes what it got and compares. Its corpus is fuzz/corpus/NAME/, made from
 * our own vectors. `make fuzz` links it with libFuzzer; in any other build
 * fuzz/replay.c is its main, and `make check` runs it over the corpus.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* The name is libFuzzer's. data has size octets; always returns 0. */
int LLVMFuzzerTestOneInput(/* NOLINT(readability-identifier-naming) */
    const uint8_t *data, size_t size);

/* Ends the run as a finding. Not assert(): it holds with NDEBUG, too. */
static inline void fuzz_demand(bool ok)
{
    if (!ok)
        abort();
}

#endif
