/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/vec.h"

#include "base/text.h"

#include <CUnit/CUnit.h>
#include <CUnit/TestRun.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned skipped;
static const CU_Test *last_skipped;

/* Ends the running test; outside a test there is nothing but the program. */
_Noreturn static void stop(
    const struct vec *v, const char *what, const char *name)
{
    (void)fprintf(
        stderr, "%s:%u: %s: %s\n", v->file, v->record_line, what, name);
    CU_FAIL_FATAL("vector file");
    abort();
}

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    size_t len = 0, cap = 1 << 16, n;
    char *text = NULL, *more;

    if (f == NULL)
        return NULL;
    while ((more = realloc(text, cap)) != NULL) {
        text = more;
        n = fread(text + len, 1, cap - len - 1, f);
        len += n;
        text[len] = '\0';
        if (n == 0)
            break;
        cap *= 2;
    }
    (void)fclose(f);
    return text;
}

void vec_open(struct vec *v, const char *name)
{
    char path[512];

    *v = (struct vec){.file = name};
    (void)snprintf(path, sizeof(path), "%s/%s", VECTOR_DIR, name);
    v->text = v->next = read_file(path);
    if (v->text == NULL)
        stop(v, "cannot read", path);
}

static void drop_octets(struct vec *v)
{
    while (v->octets_used > 0)
        free(v->octets[--v->octets_used]);
}

void vec_close(struct vec *v)
{
    drop_octets(v);
    free(v->text);
    v->text = v->next = NULL;
}

static char *trim(char *s)
{
    char *end = s + strlen(s);

    while (end > s && isspace((unsigned char)end[-1]))
        *--end = '\0';
    while (isspace((unsigned char)*s))
        s++;
    return s;
}

/* The next line, cut off and trimmed, or NULL at the end of the file. */
static char *next_line(struct vec *v)
{
    char *line = v->next, *end;

    if (line == NULL || *line == '\0')
        return NULL;
    end = strchr(line, '\n');
    v->next = end != NULL ? end + 1 : NULL;
    if (end != NULL)
        *end = '\0';
    v->line++;
    return trim(line);
}

static void add_field(struct vec *v, char *line)
{
    char *eq = strchr(line, '=');

    if (eq == NULL || v->count == sizeof(v->field) / sizeof(v->field[0]))
        stop(v, "broken line", line);
    *eq = '\0';
    v->field[v->count].name = trim(line);
    v->field[v->count++].value = trim(eq + 1);
}

bool vec_next(struct vec *v)
{
    char *line;

    drop_octets(v);
    v->count = 0;
    while ((line = next_line(v)) != NULL) {
        if (*line == '#')
            continue;
        if (*line == '\0' && v->count > 0)
            break;
        if (*line == '\0')
            continue;
        if (v->count == 0)
            v->record_line = v->line;
        add_field(v, line);
    }
    return v->count > 0;
}

const char *vec_text(const struct vec *v, const char *name)
{
    for (unsigned i = 0; i < v->count; i++)
        if (strcmp(v->field[i].name, name) == 0)
            return v->field[i].value;
    return NULL;
}

struct span vec_hex(struct vec *v, const char *name)
{
    const char *value = vec_text(v, name);
    size_t len = 0, cap;
    uint8_t *out;
    char *copy;

    if (value == NULL || v->octets_used == 64)
        stop(v, "no such field", name);
    copy = strdup(value);
    cap = strlen(copy) / 2 + 1;
    out = malloc(cap);
    v->octets[v->octets_used++] = out;
    cap = mu_text_squeeze(copy, strlen(copy));
    if (mu_hex_read((struct span){(uint8_t *)copy, cap}, out, cap, &len) !=
        MU_OK)
        stop(v, "not hex", name);
    free(copy);
    return (struct span){out, len};
}

unsigned long long vec_num(const struct vec *v, const char *name)
{
    const char *value = vec_text(v, name);
    uint64_t n = 0;

    if (value == NULL || mu_text_u64(span_str(value), &n) != MU_OK)
        stop(v, "no such number", name);
    return n;
}

char *vec_vendor(const char *name)
{
    char path[512];
    char *text;

    (void)snprintf(path, sizeof(path), "%s/%s", VENDOR_DIR, name);
    text = read_file(path);
    if (text != NULL)
        return text;
    if (getenv("MUSTER_REQUIRE_VENDOR") != NULL)
        CU_FAIL_FATAL("vendor vectors are required and absent");
    if (CU_get_current_test() != last_skipped)
        skipped++;
    last_skipped = CU_get_current_test();
    return NULL;
}

unsigned vec_skipped(void)
{
    return skipped;
}
