/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl.h - what the commands of gmsctl share: how they reach gmsd, what they ask
 * it, and how answers look to people.
 *
 * gmsctl speaks the JSON API and nothing else. Where the server is, whom to
 * believe and who asks come from the command's options, else from environment
 * variables, else from a file (docs/gmsctl.1).
 */
#ifndef GMS_CTL_H
#define GMS_CTL_H

#include <jansson.h>

#include "base/arena.h"
#include "cli/command.h"

struct event_base;

/* The first options of every command that asks a server. */
enum gms_ctl_option {
    GMS_CTL_SERVER,
    GMS_CTL_CA,
    GMS_CTL_TOKEN,
    GMS_CTL_CERT,
    GMS_CTL_KEY,
    GMS_CTL_CONFIG,
    GMS_CTL_OWN /* the command's own begin here */
};

#define GMS_CTL_OPTIONS                                                        \
    [GMS_CTL_SERVER] = {"--server", CLI_URI, CLI_OPTIONAL,                     \
        "URL of gmsd; otherwise https://localhost:8443"},                      \
    [GMS_CTL_CA] = {"--ca", CLI_FILE, CLI_OPTIONAL,                            \
        "PEM of the authorities to believe; otherwise the system's"},          \
    [GMS_CTL_TOKEN] = {"--token", CLI_FILE, CLI_OPTIONAL,                      \
        "a file with the access token"},                                       \
    [GMS_CTL_CERT] = {"--cert", CLI_FILE, CLI_OPTIONAL,                        \
        "PEM of the client's certificate"},                                    \
    [GMS_CTL_KEY] = {"--key", CLI_FILE, CLI_OPTIONAL, "PEM of its key"},       \
    [GMS_CTL_CONFIG] = {"--config", CLI_FILE, CLI_OPTIONAL,                    \
        "a file with these five; otherwise ~/.config/muster/gmsctl.conf"}

/* ------------------------------------------------------------- the server */

struct gms_ctl;

/* For one command; closed by gms_ctl_drop(). Says itself what is wrong. */
MU_MUST_CHECK enum mu_err gms_ctl_open(struct cli *cli, struct gms_ctl **out);
void gms_ctl_drop(struct gms_ctl **ctl); /* for MU_CLEANUP */

struct cli *gms_ctl_cli(const struct gms_ctl *ctl);

#define GMS_CTL_PATH_MAX 2048

/* A path below /v1 of fixed parts and URIs between, which are encoded:
 * (out, "/groups/", group, "/members/", member). "" if it is too long, which
 * the server then refuses. */
#define gms_ctl_path(out, ...)                                                 \
    gms_ctl_path_of((out), __VA_ARGS__, (const char *)NULL)
__attribute__((sentinel)) void gms_ctl_path_of(
    char out[GMS_CTL_PATH_MAX], const char *part, ...);

struct gms_ctl_ask {
    const char *method;
    const char *path;
    const json_t *body;   /* NULL: none */
    const char *once_key; /* Idempotency-Key of a POST; NULL: a random one */
    const char *prefer;   /* a line for the head; NULL: none */
};

/*
 * Asks and waits for the answer. What was not reached is asked once more, under
 * the same Idempotency-Key.
 *
 *   out  the caller's; may be NULL
 *
 * Returns MU_OK for 2xx, with *status, which may be NULL; else says what is
 * wrong by cli_fail() and returns an error.
 */
MU_MUST_CHECK enum mu_err gms_ctl_ask(struct gms_ctl *ctl,
    const struct gms_ctl_ask *ask, unsigned *status, json_t **out);

/* The same for a GET. */
MU_MUST_CHECK enum mu_err gms_ctl_get(
    struct gms_ctl *ctl, const char *path, json_t **out);

/* A stream of server-sent events, each given as it comes; false ends it. MU_OK
 * when the server ended it or event() did. */
MU_MUST_CHECK enum mu_err gms_ctl_stream(struct gms_ctl *ctl, const char *path,
    bool (*event)(void *ctx, const json_t *event), void *ctx);

/* Lets time pass. */
void gms_ctl_wait_ms(struct gms_ctl *ctl, unsigned ms);

/* ------------------------------------------------------------- the output */

/* With --json: the object as one line. */
void gms_ctl_print_json(struct cli *cli, const json_t *object);

/* Writes out what the command has printed until now. */
MU_MUST_CHECK enum mu_err gms_ctl_flush(struct cli *cli);

#define GMS_CTL_COLUMNS_MAX 8
#define GMS_CTL_WIDTH       80

/* Cells, row by row, of which columns stay aligned; the first row is the
 * head. Starts with gms_ctl_table_init(). */
struct gms_ctl_table {
    struct mu_arena arena;
    struct mu_arena_list cells; /* of char * */
    size_t columns;
};
void gms_ctl_table_init(struct gms_ctl_table *table, size_t columns);
void gms_ctl_table_clear(struct gms_ctl_table *table);

/* A text, "-" for NULL and for an empty one; what a terminal would take for a
 * command is shown as '?'. */
void gms_ctl_cell(struct gms_ctl_table *table, const char *text);
void gms_ctl_cell_number(struct gms_ctl_table *table, json_int_t number);

/* Lines of at most GMS_CTL_WIDTH: the widest columns are cut, and end in "..".
 */
void gms_ctl_table_write(const struct gms_ctl_table *table, struct buf *out);

/* A line "name      value" of what is no table. */
void gms_ctl_line(struct buf *out, const char *name, const char *value);
void gms_ctl_line_number(struct buf *out, const char *name, json_int_t value);

/* Members of an object: NULL, 0 when they are not there. */
const char *gms_ctl_text(const json_t *object, const char *name);
json_int_t gms_ctl_number(const json_t *object, const char *name);
bool gms_ctl_bool(const json_t *object, const char *name);

/* For MU_CLEANUP. */
void gms_ctl_json_drop(json_t **json);

/* ------------------------------------------------------------- long work */

/*
 * Follows the delivery of a group's next key: the first one of an epoch above
 * `epoch` until a message is ready for each who should have it. On a terminal
 * one line of standard error shows how far it is. A group that is not keyed is
 * done at once.
 *
 *   out  members ready, held, all: an object, the caller's
 *
 * Returns MU_OK; MU_E_EXPIRED and says so when it takes longer than limit_s.
 */
MU_MUST_CHECK enum mu_err gms_ctl_follow(struct gms_ctl *ctl, const char *group,
    json_int_t epoch, uint64_t limit_s, json_t **out);

/* The highest epoch that members may hold now; 0: none. */
MU_MUST_CHECK enum mu_err gms_ctl_epoch(
    struct gms_ctl *ctl, const char *group, json_int_t *out);

#endif
