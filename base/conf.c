/* SPDX-License-Identifier: Apache-2.0 */
#include "base/conf.h"

#include "base/alloc.h"
#include "base/conf_text.h"
#include "base/conf_value.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A struct to be filled from a group of the file, or from none. */
struct job {
    struct job *next;
    const struct mu_conf_table *table;
    const config_setting_t *group; /* NULL: all options have their defaults */
    struct mu_conf_place list;     /* of the list that it is an element of */
    struct mu_conf_place place;
    void *to;
};

/*
 * What is left to do: groups inside of groups wait their turn here, so that
 * no function calls itself however the tables nest.
 */
struct work {
    struct mu_conf_reader reader;
    struct job *first, **last;
};

/* NULL when the arena is full: the reading then ends with its error. */
static struct job *add_job(struct work *w, const struct mu_conf_table *table,
    const config_setting_t *group, void *to)
{
    struct job *job = mu_arena_alloc(w->reader.arena, 1, sizeof(*job));

    if (job == NULL)
        return NULL;
    job->table = table;
    job->group = group;
    job->to = to;
    *w->last = job;
    w->last = &job->next;
    return job;
}

static void read_group(struct work *w, const struct mu_conf_value *v)
{
    struct job *job;

    if (v->setting != NULL && !config_setting_is_group(v->setting)) {
        (void)mu_conf_fault(
            &w->reader, &v->place, v->setting, "must be a group");
        return;
    }
    job = add_job(w, v->option->table, v->setting, v->to);
    if (job != NULL)
        job->place = v->place;
}

static void read_element(struct work *w, const struct mu_conf_value *v, int i)
{
    const config_setting_t *s =
        config_setting_get_elem(v->setting, (unsigned)i);
    const struct mu_conf_list *list = v->to;
    size_t size = v->option->table->size;
    struct mu_conf_place here = {&v->place, NULL, i};
    struct job *job;

    if (!config_setting_is_group(s)) {
        (void)mu_conf_fault(&w->reader, &here, s, "must be a group");
        return;
    }
    job =
        add_job(w, v->option->table, s, (uint8_t *)list->at + (size_t)i * size);
    if (job == NULL)
        return;
    job->list = v->place;
    job->place = (struct mu_conf_place){&job->list, NULL, i};
}

static void read_list(struct work *w, const struct mu_conf_value *v)
{
    struct mu_conf_list *list = v->to;
    int len = mu_conf_elements(&w->reader, v);

    if (len <= 0)
        return;
    list->at =
        mu_arena_alloc(w->reader.arena, (size_t)len, v->option->table->size);
    list->len = list->at != NULL ? (size_t)len : 0;
    for (int i = 0; list->at != NULL && i < len; i++)
        read_element(w, v, i);
}

/* Reads the default of a value that the file does not have. */
static void read_default(struct work *w, const struct mu_conf_value *v)
{
    MU_CLEANUP(config_destroy) config_t config;
    struct mu_conf_value given = *v;
    char text[512];
    int n = snprintf(text, sizeof(text), "v = %s;", v->option->fallback);

    assert(n > 0 && (size_t)n < sizeof(text));
    config_init(&config);
    w->reader.defaults = true;
    if (config_read_string(&config, text) == CONFIG_TRUE) {
        given.setting = config_lookup(&config, "v");
        (void)mu_conf_value_read(&w->reader, &given);
    } else {
        (void)mu_conf_fault(&w->reader, &v->place, NULL, "broken default");
    }
    w->reader.defaults = false;
}

static bool is_missing(const struct mu_conf_value *v)
{
    return v->setting == NULL &&
           (v->option->type == MU_CONF_TYPE_LIST ? v->option->min > 0
                                                 : v->option->fallback == NULL);
}

static void read_option(
    struct work *w, const struct job *job, const struct mu_conf_value *v)
{
    enum mu_conf_type type = v->option->type;

    if (is_missing(v))
        (void)mu_conf_fault(
            &w->reader, &v->place, job->group, "is missing and has no default");
    else if (type == MU_CONF_TYPE_GROUP)
        read_group(w, v);
    else if (type == MU_CONF_TYPE_LIST && v->setting != NULL)
        read_list(w, v);
    else if (v->setting != NULL)
        (void)mu_conf_value_read(&w->reader, v);
    else if (type != MU_CONF_TYPE_LIST)
        read_default(w, v);
}

static bool is_known(const struct mu_conf_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->options[i].name, name) == 0)
            return true;
    return false;
}

static void refuse_unknown(
    struct work *w, const struct job *job, const struct mu_conf_place *up)
{
    int len = job->group != NULL ? config_setting_length(job->group) : 0;

    for (int i = 0; i < len; i++) {
        const config_setting_t *s =
            config_setting_get_elem(job->group, (unsigned)i);
        struct mu_conf_place place = {up, config_setting_name(s), -1};

        if (!is_known(job->table, place.key))
            (void)mu_conf_fault(&w->reader, &place, s, "no such option");
    }
}

static void run_job(struct work *w, const struct job *job)
{
    bool top = job->place.key == NULL && job->place.up == NULL;
    const struct mu_conf_place *up = top ? NULL : &job->place;

    for (size_t i = 0; i < job->table->count; i++) {
        const struct mu_conf_option *o = &job->table->options[i];
        struct mu_conf_value v = {.option = o,
            .place = {up, o->name, -1},
            .to = (uint8_t *)job->to + o->at};

        if (job->group != NULL)
            v.setting = config_setting_get_member(job->group, o->name);
        read_option(w, job, &v);
    }
    refuse_unknown(w, job, up);
}

static enum mu_err read_all(struct work *w, const struct mu_conf_table *table,
    const config_t *config, void *out)
{
    void *to = mu_arena_alloc(w->reader.arena, 1, table->size);

    w->last = &w->first;
    if (to == NULL ||
        add_job(w, table, config_root_setting(config), to) == NULL)
        return mu_arena_err(w->reader.arena);
    for (const struct job *job = w->first; job != NULL; job = job->next)
        run_job(w, job);
    TRY(mu_arena_err(w->reader.arena));
    if (w->reader.told > 0)
        return MU_E_MALFORMED;
    memcpy(out, to, table->size);
    return MU_OK;
}

static void tell(const struct mu_conf_faults *faults, const char *name,
    unsigned line, const char *what)
{
    char text[512];

    (void)snprintf(text, sizeof(text), "%.256s:%u: %s", name, line, what);
    faults->on_fault(faults->ctx, text);
}

enum mu_err mu_conf_read_text(const struct mu_conf_table *table,
    const char *name, struct span text, struct mu_arena *arena,
    const struct mu_conf_faults *faults, void *out)
{
    MU_CLEANUP(config_destroy) config_t config;
    struct work w = {
        .reader = {.file = name, .arena = arena, .faults = faults}};
    struct mu_conf_text_fault wrong;
    const char *copy = mu_arena_text(arena, text);

    config_init(&config);
    if (copy == NULL)
        return mu_arena_err(arena);
    if (mu_conf_text_check(text, &wrong) != MU_OK) {
        tell(faults, name, wrong.line, wrong.what);
        return MU_E_MALFORMED;
    }
    if (config_read_string(&config, copy) != CONFIG_TRUE) {
        tell(faults, name, (unsigned)config_error_line(&config),
            config_error_text(&config));
        return MU_E_MALFORMED;
    }
    return read_all(&w, table, &config, out);
}

/* The whole file into buf; MU_E_NO_SPACE when it has cap octets or more. */
static enum mu_err load(const char *path, uint8_t *buf, size_t cap, size_t *len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? 1 : -1;

    *len = 0;
    while (n > 0 && *len < cap) {
        n = read(fd, buf + *len, cap - *len);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0)
            *len += (size_t)n;
    }
    if (fd >= 0)
        (void)close(fd);
    if (n < 0)
        return MU_E_IO;
    return *len < cap ? MU_OK : MU_E_NO_SPACE;
}

enum mu_err mu_conf_read(const struct mu_conf_table *table, const char *path,
    struct mu_arena *arena, const struct mu_conf_faults *faults, void *out)
{
    uint8_t *buf = mu_alloc(MU_CONF_FILE_MAX);
    enum mu_err err = MU_E_NO_MEMORY;
    size_t len;

    if (buf != NULL)
        err = load(path, buf, MU_CONF_FILE_MAX, &len);
    if (err == MU_OK)
        err = mu_conf_read_text(
            table, path, (struct span){buf, len}, arena, faults, out);
    mu_free(buf);
    return err;
}
