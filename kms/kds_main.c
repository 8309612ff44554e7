/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kds_main.c - kdsd, the online key distribution server: kdsd(8).
 */
#include <event2/event.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf_print.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "http/client.h"
#include "kms/kds_import.h"
#include "kms/kds_keys.h"
#include "kms/kds_loop.h"
#include "xml/library.h"

#define CONFIG_DEFAULT "/etc/muster/kdsd.conf"
#define CONF_ARENA_MAX (4U << 20)
#define HELP_MAX       16384
#define BUNDLE_MAX     (1U << 30) /* octets of a bundle; ours */

/* Exit statuses (the contracts of the command line). */
enum status {
    STATUS_OK,
    STATUS_FAILED,
    STATUS_USAGE
};

struct program {
    const char *config;
    bool check;
    char **operands; /* behind the command */
    int operands_len;
    struct mu_arena arena; /* of conf */
    struct kds_conf conf;
    struct mu_verify_key bundle_key;
};

static enum status fail(const char *what, const char *why)
{
    (void)fprintf(stderr, "kdsd: %s: %s\n", what, why);
    return STATUS_FAILED;
}

static enum status fail_err(const char *what, enum mu_err err)
{
    return fail(what, mu_err_name(err));
}

static enum status usage(const char *why)
{
    (void)fprintf(stderr, "kdsd: usage: %s\n", why);
    return STATUS_USAGE;
}

static void on_fault(void *ctx, const char *text)
{
    (void)ctx;
    (void)fprintf(stderr, "kdsd: %s\n", text);
}

/* Faults have been told, one a line. */
static enum status configure(struct program *p)
{
    static const struct mu_conf_faults faults = {on_fault, NULL};
    enum mu_err err =
        mu_conf_read(&kds_conf_table, p->config, &p->arena, &faults, &p->conf);

    if (err == MU_OK)
        err = kds_conf_check(&p->conf, &faults, &p->bundle_key);
    if (err == MU_OK)
        return STATUS_OK;
    if (err != MU_E_MALFORMED)
        return fail_err(p->config, err);
    return STATUS_FAILED;
}

static enum status check(struct program *p)
{
    struct kds_failure failure = {.what = "configuration"};

    if (kds_loop_check(&p->conf, &failure) != MU_OK)
        return fail(failure.what, failure.why);
    return STATUS_OK;
}

static void free_base(struct event_base **base)
{
    if (*base != NULL)
        event_base_free(*base);
}

static enum status serve(struct program *p)
{
    MU_CLEANUP(free_base) struct event_base *base = NULL;
    const struct mu_log_config log = {
        .level = (enum mu_log_level)p->conf.log_level,
        .format = (enum mu_log_format)p->conf.log_format,
        .clock = mu_clock_system()};
    struct kds_failure failure = {.what = "start"};
    enum mu_err err;

    if (p->check)
        return check(p);
    base = event_base_new();
    if (base == NULL)
        return fail("event loop", "does not start");
    mu_log_start(&log);
    err = kds_loop_run(base, &p->conf, STDOUT_FILENO, &failure);
    mu_log_stop();
    return err == MU_OK ? STATUS_OK : fail(failure.what, failure.why);
}

/* The keys that import needs. Without an import key file: none. */
struct import_keys {
    struct mu_keyring kek;
    struct kms_import_key key;
    bool present;
};

static void import_keys_clear(struct import_keys *keys)
{
    mu_keyring_clear(&keys->kek);
    kms_import_key_clear(&keys->key);
}

static enum status load_keys(const struct kds_conf *conf, struct import_keys *k)
{
    enum mu_err err;

    k->present = conf->import_key_file[0] != '\0';
    if (!k->present)
        return STATUS_OK;
    err = kds_import_key_load(conf->import_key_file, &k->key);
    if (err != MU_OK)
        return fail_err(conf->import_key_file, err);
    err = kds_kek_load(conf->kek_file, &k->kek);
    if (err != MU_OK)
        return fail_err(conf->kek_file, err);
    return STATUS_OK;
}

static void print_import(const struct kds_import_result *r)
{
    char head[MU_CHAIN_HEAD_TEXT];

    mu_chain_head_write(&r->log_head, head);
    (void)printf("bundle %llu: %zu certificates, %zu users (%zu revoked), "
                 "%zu key sets\nlog head %s\n",
        (unsigned long long)r->sequence, r->certificates, r->users, r->revoked,
        r->key_sets, head);
}

static enum status import_one(struct kds_store *store,
    const struct kds_import_config *config, const char *path)
{
    MU_CLEANUP(buf_clear) struct buf bundle = {0};
    struct kds_import_result result;
    struct kds_import_why why;
    enum mu_err err = mu_file_read(path, BUNDLE_MAX, &bundle);

    if (err != MU_OK)
        return fail_err(path, err);
    if (kds_import(store, config, buf_span(&bundle), &result, &why) != MU_OK)
        return fail(path, why.text);
    print_import(&result);
    return STATUS_OK;
}

static enum status import(struct program *p)
{
    MU_CLEANUP(import_keys_clear) struct import_keys keys = {.present = false};
    MU_CLEANUP(kds_store_drop) struct kds_store *store = NULL;
    struct kds_import_config config = {.bundle_key = p->bundle_key,
        .kms_uri = span_str(p->conf.kms_uri),
        .kek = &keys.kek,
        .rng = mu_rng_system()};
    enum status status = load_keys(&p->conf, &keys);
    enum mu_err err;

    if (status != STATUS_OK)
        return status;
    if (keys.present)
        config.import_key = &keys.key;
    err = kds_store_open(p->conf.database, &store);
    if (err != MU_OK)
        return fail_err(p->conf.database, err);
    for (int i = 0; i < p->operands_len && status == STATUS_OK; i++)
        status = import_one(store, &config, p->operands[i]);
    return status;
}

/* Makes the file unless it is there. */
static enum mu_err make_key_file(const char *path)
{
    enum mu_err err = kds_key_file_make(path, mu_rng_system());

    return err == MU_E_STATE ? MU_OK : err;
}

static enum status keygen(struct program *p)
{
    MU_CLEANUP(kms_import_key_clear) struct kms_import_key key = {0};
    const struct kds_conf *conf = &p->conf;
    struct kms_import_public public;
    char hex[MU_HEX_LEN(sizeof(public.b))];
    enum mu_err err;

    if (conf->kek_file[0] == '\0' || conf->import_key_file[0] == '\0')
        return fail("keygen", "kek_file and import_key_file must be set");
    err = make_key_file(conf->kek_file);
    if (err != MU_OK)
        return fail_err(conf->kek_file, err);
    err = make_key_file(conf->import_key_file);
    if (err == MU_OK)
        err = kds_import_key_load(conf->import_key_file, &key);
    if (err == MU_OK)
        err = kms_import_key_public(&key, &public);
    if (err != MU_OK)
        return fail_err(conf->import_key_file, err);
    mu_hex_write(SPAN_OF(public.b), hex);
    (void)puts(hex);
    return STATUS_OK;
}

struct command {
    const char *name;
    bool operands; /* one or more; else none */
    enum status (*run)(struct program *p);
};

static const struct command commands[] = {
    {"import", true, import},
    {"keygen", false, keygen},
};

static const struct command serving = {"", false, serve};

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

/* The options of the file, for people or as part of kdsd(8). */
static enum status print_options(enum mu_conf_format format)
{
    static uint8_t text[HELP_MAX];
    struct span done = {NULL, 0};
    struct wr w;

    wr_init(&w, text, sizeof(text));
    if (mu_conf_print(&kds_conf_table, format, &w) != MU_OK ||
        wr_close(&w, &done) != MU_OK)
        return fail("options", "too long");
    (void)fwrite(done.p, 1, done.len, stdout);
    return STATUS_OK;
}

static enum status help(void)
{
    (void)printf("usage: kdsd [--config FILE] [--check]\n"
                 "       kdsd [--config FILE] import BUNDLE...\n"
                 "       kdsd [--config FILE] keygen\n\n"
                 "Serves the keys of a KMS (TS 33.180 annex D); imports its\n"
                 "bundles; makes the key files that are missing and prints\n"
                 "the import key for \"kms issue --kdsd-key\". FILE is %s\n"
                 "unless it is given. --man prints the options for kdsd(8).\n\n"
                 "Options in FILE:\n\n",
        CONFIG_DEFAULT);
    return print_options(MU_CONF_HELP);
}

/* No core dump and no debugger of the same user: the KEK is in here. */
static void guard(void)
{
    const struct rlimit none = {0, 0};

    (void)umask(S_IRWXG | S_IRWXO);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
    (void)signal(SIGPIPE, SIG_IGN);
}

static enum status run(struct program *p, const struct command *command)
{
    enum status status;

    guard();
    if (xml_init() != MU_OK || http_client_init() != MU_OK)
        return fail("libraries", "do not start");
    mu_arena_init(&p->arena, CONF_ARENA_MAX);
    status = configure(p);
    if (status == STATUS_OK)
        status = command->run(p);
    mu_arena_clear(&p->arena);
    http_client_cleanup();
    xml_cleanup();
    return status;
}

static enum status choose(struct program *p, int argc, char **argv)
{
    const struct command *command = &serving;

    if (optind < argc) {
        command = find(argv[optind++]);
        if (command == NULL)
            return usage("import BUNDLE... or keygen, or no command");
    }
    p->operands = argv + optind;
    p->operands_len = argc - optind;
    if (command->operands != (p->operands_len > 0))
        return usage(command->operands ? "import BUNDLE..."
                                       : "nothing behind this command");
    if (p->check && command != &serving)
        return usage("--check goes without a command");
    return run(p, command);
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"config", required_argument, NULL, 'c'},
        {"check", no_argument, NULL, 'k'},
        {"help", no_argument, NULL, 'h'},
        {"man", no_argument, NULL, 'm'},
        {NULL, 0, NULL, 0},
    };
    struct program p = {.config = CONFIG_DEFAULT};
    int option;

    opterr = 0; /* one line of ours instead */
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
        switch (option) {
        case 'c':
            p.config = optarg;
            break;
        case 'k':
            p.check = true;
            break;
        case 'h':
            return (int)help();
        case 'm':
            return (int)print_options(MU_CONF_MAN);
        default:
            return (int)usage("unknown option, or one without its value");
        }
    return (int)choose(&p, argc, argv);
}
