/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay.c - runs a fuzz target over files, for builds without libFuzzer.
 *
 * NAME_fuzz [FILE...]: these files, or all of the target's corpus. Prints how
 * many; exit 1 when one cannot be read or the corpus is empty. A finding ends
 * the program by a signal, after the name of its file on standard error.
 */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define INPUT_MAX (1 << 20) /* octets of a file that are looked at */

/* In memory of exactly its size, so that a sanitizer sees the first octet read
 * past the end. */
static void run(const uint8_t *octets, size_t len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);

    if (copy == NULL)
        abort();
    if (len > 0)
        memcpy(copy, octets, len);
    (void)LLVMFuzzerTestOneInput(copy, len);
    free(copy);
}

static bool replay(const char *path)
{
    static uint8_t octets[INPUT_MAX];
    FILE *f = fopen(path, "rb");
    size_t len;

    if (f == NULL) {
        perror(path);
        return false;
    }
    len = fread(octets, 1, sizeof(octets), f);
    (void)fclose(f);
    (void)fprintf(stderr, "%s\n", path);
    run(octets, len);
    return true;
}

/* Replays all files of a folder; how many, or -1. */
static int replay_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    char path[1024];
    int count = 0;

    if (dir == NULL) {
        perror(folder);
        return -1;
    }
    while ((entry = readdir(dir)) != NULL && count >= 0) {
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        count = replay(path) ? count + 1 : -1;
    }
    (void)closedir(dir);
    return count;
}

/* The corpus of the program fuzz/NAME_fuzz is CORPUS_DIR/NAME. */
static int replay_corpus(const char *program)
{
    const char *slash = strrchr(program, '/');
    const char *name = slash != NULL ? slash + 1 : program;
    const char *end = strstr(name, "_fuzz");
    char folder[512];

    if (end == NULL)
        return -1;
    (void)snprintf(
        folder, sizeof(folder), "%s/%.*s", CORPUS_DIR, (int)(end - name), name);
    return replay_folder(folder);
}

int main(int argc, char **argv)
{
    int count = 0;

    if (argc < 2)
        count = replay_corpus(argv[0]);
    for (int i = 1; i < argc && count >= 0; i++)
        count = replay(argv[i]) ? count + 1 : -1;
    if (count > 0)
        printf("%d inputs\n", count);
    return count > 0 ? 0 : 1;
}
