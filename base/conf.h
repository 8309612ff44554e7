/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf.h - a program's configuration: one table, one file, one struct.
 *
 * The table has a row for each option: its name, which is also the member of
 * the program's struct, type, default, range and one sentence. From it come
 * the parser, --help and the man page's section (base/conf_print.h); a key
 * that is not in it is a fault.
 *
 *     struct kds_conf {
 *         struct mu_conf_addr listen;
 *         uint64_t body_max;
 *     };
 *     static const struct mu_conf_option options[] = {
 *         MU_CONF_ADDR(struct kds_conf, listen, "\"127.0.0.1:8444\"",
 *             "Address and port of the HTTPS server."),
 *         MU_CONF_INT(struct kds_conf, body_max, MU_CONF_OCTETS, "65536",
 *             1024, 4194304, "Largest request body."),
 *     };
 *     static const struct mu_conf_table table =
 *         MU_CONF_TABLE(struct kds_conf, options);
 *
 * The file is in the language of libconfig(3), without @include: one file,
 * which every message can name. Secrets are never in it, but paths to them;
 * so a fault names the option and never shows a text.
 *
 * Only programs that have a file link libconf.a, and libconfig.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include "base/arena.h"

#define MU_CONF_FILE_MAX (1 << 20) /* octets */

enum mu_conf_type {
    MU_CONF_TYPE_BOOL,   /* bool */
    MU_CONF_TYPE_INT,    /* uint64_t; min and max bound it */
    MU_CONF_TYPE_CHOICE, /* unsigned: the index of one of the words */
    MU_CONF_TYPE_STR,    /* const char *; min and max bound its length */
    MU_CONF_TYPE_PATH,   /* const char *: relative ones from the file's folder;
                            an empty one stays empty */
    MU_CONF_TYPE_ADDR,   /* struct mu_conf_addr */
    MU_CONF_TYPE_STRS,   /* struct mu_conf_strs; min and max bound its length */
    MU_CONF_TYPE_GROUP,  /* a struct of its own table, in place */
    MU_CONF_TYPE_LIST    /* struct mu_conf_list; min and max bound its length */
};

enum mu_conf_unit {
    MU_CONF_NUMBER,
    MU_CONF_SECONDS,
    MU_CONF_MS,
    MU_CONF_OCTETS
};

/* "127.0.0.1:8443", "[::1]:8443" or "kms.example.org:8444", not resolved. */
struct mu_conf_addr {
    const char *host; /* without the brackets */
    uint16_t port;    /* 0 where the system shall choose */
};

struct mu_conf_strs {
    const char **at;
    size_t len;
};

/* len structs of the row's table, side by side. */
struct mu_conf_list {
    void *at;
    size_t len;
};

struct mu_conf_table;

struct mu_conf_option {
    const char *name;
    enum mu_conf_type type;
    enum mu_conf_unit unit;
    size_t at;            /* of the member in the struct */
    const char *fallback; /* as it would stand in the file; NULL: no default */
    uint64_t min, max;
    const char *const *words;          /* of a choice; ends with NULL */
    const struct mu_conf_table *table; /* of a group or list */
    const char *help;                  /* one sentence */
};

struct mu_conf_table {
    const struct mu_conf_option *options;
    size_t count;
    size_t size; /* of the struct */
};

#define MU_CONF_TABLE(type, rows)                                              \
    {                                                                          \
        (rows), sizeof(rows) / sizeof((rows)[0]), sizeof(type)                 \
    }

/* Where the member m of s is; does not compile when it is no want. */
#define MU_CONF_AT(s, m, want)                                                 \
    (offsetof(s, m) + 0 * sizeof(char[__builtin_types_compatible_p(            \
                                          __typeof__(((s *)0)->m), want)       \
                                          ? 1                                  \
                                          : -1]))

/* The rows: in struct s the member m, and so the option m. */
#define MU_CONF_BOOL(s, m, otherwise, sentence)                                \
    {                                                                          \
        .name = #m, .type = MU_CONF_TYPE_BOOL, .at = MU_CONF_AT(s, m, bool),   \
        .fallback = (otherwise), .help = (sentence)                            \
    }
#define MU_CONF_INT(s, m, of, otherwise, least, most, sentence)                \
    {                                                                          \
        .name = #m, .type = MU_CONF_TYPE_INT, .unit = (of),                    \
        .at = MU_CONF_AT(s, m, uint64_t), .fallback = (otherwise),             \
        .min = (least), .max = (most), .help = (sentence)                      \
    }
#define MU_CONF_CHOICE(s, m, of, otherwise, sentence)                          \
    {                                                                          \
        .name = #m, .type = MU_CONF_TYPE_CHOICE,                               \
        .at = MU_CONF_AT(s, m, unsigned), .fallback = (otherwise),             \
        .words = (of), .help = (sentence)                                      \
    }
#define MU_CONF_STR(s, m, otherwise, least, most, sentence)                    \
    {                                                                          \
        .name = #m, .type = MU_CONF_TYPE_STR,                                  \
        .at = MU_CONF_AT(s, m, const char *), .fallback = (otherwise),         \
        .min = (least), .max = (most), .help = (sentence)                      \
    }
#define MU_CONF_PATH(s, m, otherwise, sentence)                                \
    {                                                                          \
        .name = #m, .type = MU_CONF_TYPE_PATH,                                 \
        .at = MU_CONF_AT(s, m, const char *), .fallback = (otherwise),         \
        .help = (sentence)                                                     \
    }
#define MU_CONF_ADDR(s, m, otherwise, sentence)                                \
    {                                                                          \
        .name = #m, .type = MU_CONF_TYPE_ADDR,                                 \
        .at = MU_CONF_AT(s, m, struct mu_conf_addr), .fallback = (otherwise),  \
        .help = (sentence)                                                     \
    }
#define MU_CONF_STRS(s, m, otherwise, least, most, sentence)                   \
    {                                                                          \
        .name = #m, .type = MU_CONF_TYPE_STRS,                                 \
        .at = MU_CONF_AT(s, m, struct mu_conf_strs), .fallback = (otherwise),  \
        .min = (least), .max = (most), .help = (sentence)                      \
    }
/* A group that is not in the file has the defaults of its options. */
#define MU_CONF_GROUP(s, m, member, of, sentence)                              \
    {                                                                          \
        .name = #m, .type = MU_CONF_TYPE_GROUP,                                \
        .at = MU_CONF_AT(s, m, member), .fallback = "{ }", .table = (of),      \
        .help = (sentence)                                                     \
    }
/* A list that is not in the file is empty. */
#define MU_CONF_LIST(s, m, of, least, most, sentence)                          \
    {                                                                          \
        .name = #m, .type = MU_CONF_TYPE_LIST,                                 \
        .at = MU_CONF_AT(s, m, struct mu_conf_list), .fallback = "( )",        \
        .min = (least), .max = (most), .table = (of), .help = (sentence)       \
    }

/*
 * Takes each fault as one line for people, without LF and valid during the
 * call: "gmsd.conf:12: kms[1].uri: no such option".
 */
struct mu_conf_faults {
    void (*on_fault)(void *ctx, const char *text);
    void *ctx;
};

/*
 * Reads the file at path into out, a struct of table. All faults are told,
 * not only the first. A program's --check is this and no more.
 *
 *   arena  holds the texts and lists, which live as long as it does
 *   out    set on success, untouched on failure
 *
 * Returns MU_OK; MU_E_IO when the file cannot be read; MU_E_MALFORMED when
 * there was a fault, which has been told; MU_E_NO_SPACE or MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err mu_conf_read(const struct mu_conf_table *table,
    const char *path, struct mu_arena *arena,
    const struct mu_conf_faults *faults, void *out);

/* The same from a text; name stands for it in faults. */
MU_MUST_CHECK enum mu_err mu_conf_read_text(const struct mu_conf_table *table,
    const char *name, struct span text, struct mu_arena *arena,
    const struct mu_conf_faults *faults, void *out);

#endif
