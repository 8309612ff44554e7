/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - gmsd-vault: the process that holds the keys of a group server.
 *
 * Started by gmsd with the descriptors of gms/process.h; not for people. It
 * reads what it has to know, closes every door behind itself, and then serves
 * the front until that goes. What it must not believe the front comes as
 * arguments:
 *
 *     --prebuild-periods N  key periods ahead for which it signs (1)
 *     --activation-days N   how far ahead a key may activate (30)
 *     --csk-per-s N         CSKs looked at each second (200), and
 *     --csk-burst N         at once after a quiet time (4000)
 *     --csk-each-per-s N    the same of each sender, of good ones (1)
 *     --csk-each-burst N    (20)
 *     --threads N           0, the default: one for each processor
 *     --log-level LEVEL     error, warning, info, debug
 *     --log-json
 *
 * Exit status: 0 when the front has gone; 1 for everything else, with a line in
 * the log.
 */
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/text.h"
#include "gms/process.h"
#include "gms/vault/confine.h"
#include "gms/vault/serve.h"
#include "xml/library.h"

#define DAY_S               86400
#define PREBUILD_MAX        16
#define ACTIVATION_DAYS_MAX 3650
#define BUCKET_MAX          1000000

struct arguments {
    struct gms_vault_limits limits;
    uint64_t threads;
    enum mu_log_level level;
    enum mu_log_format format;
};

/* On pages of their own. */
struct secrets {
    struct mu_keyring ring;
    struct gms_identity identity;
};

struct program {
    struct arguments arguments;
    struct secrets *secrets;
    struct gms_desk desk;
    struct gms_serve *serve;
};

static void program_clear(struct program *p)
{
    gms_serve_free(p->serve);
    gms_vault_log_close(p->desk.log);
    gms_book_free(p->desk.book);
    gms_csk_gate_clear(&p->desk.gate);
    gms_state_free(p->desk.state);
    gms_confine_pages_free(p->secrets, sizeof(*p->secrets));
}

static bool number(const char *text, uint64_t max, uint64_t *out)
{
    return mu_text_u64(span_str(text), out) == MU_OK && *out <= max;
}

enum option_id {
    OPTION_PREBUILD = 256,
    OPTION_ACTIVATION,
    OPTION_CSK_PER_S,
    OPTION_CSK_BURST,
    OPTION_CSK_EACH_PER_S,
    OPTION_CSK_EACH_BURST,
    OPTION_THREADS,
    OPTION_LEVEL,
    OPTION_JSON
};

/* A bucket has room for one, or nobody would ever be let in. */
static bool burst(const char *text, uint64_t *out)
{
    return number(text, BUCKET_MAX, out) && *out > 0;
}

static bool set_option(struct arguments *a, int option, const char *value)
{
    uint64_t days = 0;

    switch (option) {
    case OPTION_PREBUILD:
        return number(value, PREBUILD_MAX, &a->limits.prebuild_periods);
    case OPTION_ACTIVATION:
        if (!number(value, ACTIVATION_DAYS_MAX, &days))
            return false;
        a->limits.activation_max_s = days * DAY_S;
        return true;
    case OPTION_CSK_PER_S:
        return number(value, BUCKET_MAX, &a->limits.csk_per_s);
    case OPTION_CSK_BURST:
        return burst(value, &a->limits.csk_burst);
    case OPTION_CSK_EACH_PER_S:
        return number(value, BUCKET_MAX, &a->limits.csk_each_per_s);
    case OPTION_CSK_EACH_BURST:
        return burst(value, &a->limits.csk_each_burst);
    case OPTION_THREADS:
        return number(value, MU_POOL_THREADS_MAX, &a->threads);
    case OPTION_LEVEL:
        return mu_log_level_read(span_str(value), &a->level) == MU_OK;
    case OPTION_JSON:
        a->format = MU_LOG_JSON;
        return true;
    default:
        return false;
    }
}

static bool parse(int argc, char **argv, struct arguments *a)
{
    static const struct option options[] = {
        {"prebuild-periods", required_argument, NULL, OPTION_PREBUILD},
        {"activation-days", required_argument, NULL, OPTION_ACTIVATION},
        {"csk-per-s", required_argument, NULL, OPTION_CSK_PER_S},
        {"csk-burst", required_argument, NULL, OPTION_CSK_BURST},
        {"csk-each-per-s", required_argument, NULL, OPTION_CSK_EACH_PER_S},
        {"csk-each-burst", required_argument, NULL, OPTION_CSK_EACH_BURST},
        {"threads", required_argument, NULL, OPTION_THREADS},
        {"log-level", required_argument, NULL, OPTION_LEVEL},
        {"log-json", no_argument, NULL, OPTION_JSON},
        {NULL, 0, NULL, 0},
    };
    int option;

    *a = (struct arguments){
        .limits = {1, (uint64_t)30 * DAY_S, 200, 4000, 1, 20},
        .level = MU_LOG_INFO};
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (!set_option(a, option, optarg))
            return false;
    return optind == argc;
}

/* All that a descriptor has; it is closed. */
static enum mu_err read_fd(int fd, size_t max, struct buf *out)
{
    enum mu_err err = mu_fd_read(fd, max, out);

    (void)close(fd);
    return err;
}

/* KEKs, the oldest first. */
static enum mu_err read_keks(struct mu_keyring *ring)
{
    MU_CLEANUP(buf_clear) struct buf octets = {.p = NULL};
    MU_CLEANUP(mu_kek_clear) struct mu_kek kek;

    TRY(read_fd(GMS_FD_KEK, MU_KEYRING_MAX * sizeof(kek.b), &octets));
    if (octets.len == 0 || octets.len % sizeof(kek.b) != 0)
        return MU_E_MALFORMED;
    for (size_t at = 0; at < octets.len; at += sizeof(kek.b)) {
        memcpy(kek.b, octets.p + at, sizeof(kek.b));
        TRY(mu_keyring_add(ring, &kek));
    }
    return MU_OK;
}

static enum mu_err read_identity(
    struct secrets *secrets, struct mu_kek_id *sealed_under)
{
    MU_CLEANUP(buf_clear) struct buf octets = {.p = NULL};

    TRY(read_fd(GMS_FD_IDENTITY, GMS_IDENTITY_MAX, &octets));
    TRY(mu_seal_kek_id(buf_span(&octets), sealed_under));
    return gms_identity_open(
        &secrets->ring, buf_span(&octets), &secrets->identity);
}

/* Says which step it was that failed. */
static enum mu_err said(const char *step, enum mu_err err)
{
    if (err != MU_OK)
        mu_log(MU_LOG_ERROR, "vault.failed", mu_log_str("step", step),
            mu_log_err("error", err));
    return err;
}

static enum mu_err read_secrets(struct program *p)
{
    p->secrets = gms_confine_pages(sizeof(*p->secrets));
    if (p->secrets == NULL)
        return said("locked memory", MU_E_NO_MEMORY);
    TRY(said("KEK", read_keks(&p->secrets->ring)));
    return said("identity", read_identity(p->secrets, &p->desk.identity_kek));
}

static enum mu_err open_desk(struct program *p)
{
    struct gms_desk *desk = &p->desk;
    const struct gms_identity *identity = &p->secrets->identity;

    desk->limits = p->arguments.limits;
    desk->clock = mu_clock_system();
    desk->rng = mu_rng_system();
    TRY(gms_state_new(&p->secrets->ring, identity, &desk->state));
    TRY(gms_book_new(&desk->book));
    TRY(gms_csk_gate_init(
        &desk->gate, &desk->limits, desk->rng, mu_clock_mono_ms(desk->clock)));
    return said("log",
        gms_vault_log_open(GMS_FD_LOG, &identity->log_key,
            mu_clock_unix_ms(desk->clock), desk->rng, desk->book, &desk->log));
}

/* Threads first: none is made afterwards. */
static enum mu_err close_doors(struct program *p)
{
    struct gms_confine_fds fds = {.link = GMS_FD_LINK, .log = GMS_FD_LOG};

    TRY(said("threads", gms_serve_new(GMS_FD_LINK, &p->desk,
                            (unsigned)p->arguments.threads, &p->serve)));
    fds.done = gms_serve_fd(p->serve);
    return said("filter", gms_confine_calls(&fds));
}

static enum mu_err run(struct program *p)
{
    TRY(said("confinement", gms_confine_process()));
    TRY(said("libxml2", xml_init()));
    TRY(read_secrets(p));
    TRY(open_desk(p));
    TRY(close_doors(p));
    mu_log(MU_LOG_INFO, "vault.ready",
        mu_log_octets(
            "identity", mcptt_id_span(&p->secrets->identity.user_uri)),
        mu_log_u64("records", gms_vault_log_head(p->desk.log)->seq + 1));
    TRY(said("line", gms_serve_run(p->serve)));
    mu_log_event(MU_LOG_INFO, "vault.ended");
    return MU_OK;
}

int main(int argc, char **argv)
{
    MU_CLEANUP(program_clear) struct program p = {.serve = NULL};

    if (!parse(argc, argv, &p.arguments))
        return 2;
    mu_log_start(&(struct mu_log_config){.level = p.arguments.level,
        .format = p.arguments.format,
        .clock = mu_clock_system()});
    return run(&p) == MU_OK ? 0 : 1;
}
