/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gmsd.c - gmsd, the group management server: gmsd(8). This program is its
 * monitor (gms/monitor.h), and what prepares an installation.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/conf_print.h"
#include "base/file.h"
#include "base/log.h"
#include "gms/installation.h"
#include "gms/monitor.h"

#define CONFIG_DEFAULT "/etc/muster/gmsd.conf"
#define CONF_ARENA_MAX (16U << 20)
#define HELP_MAX       32768

/* Exit statuses (the contracts of the command line). */
enum status {
    STATUS_OK,
    STATUS_FAILED,
    STATUS_USAGE
};

struct gmsd {
    const char *config;
    bool check;
    const char *operand; /* behind the command; NULL: none */
    char programs[MU_PATH_MAX];
    struct mu_arena arena; /* of conf */
    struct gms_conf conf;
};

static enum status fail(const char *what, const char *why)
{
    (void)fprintf(stderr, "gmsd: %s: %s\n", what, why);
    return STATUS_FAILED;
}

static enum status fail_err(const char *what, enum mu_err err)
{
    return fail(what, mu_err_name(err));
}

static enum status usage(const char *why)
{
    (void)fprintf(stderr, "gmsd: usage: %s\n", why);
    return STATUS_USAGE;
}

static void on_fault(void *ctx, const char *text)
{
    (void)ctx;
    (void)fprintf(stderr, "gmsd: %s\n", text);
}

/* Faults have been told, one a line. */
static enum status configure(struct gmsd *p)
{
    static const struct mu_conf_faults faults = {on_fault, NULL};
    enum mu_err err = gms_conf_read(p->config, &p->arena, &faults, &p->conf);

    if (err == MU_OK)
        return STATUS_OK;
    if (err != MU_E_MALFORMED)
        return fail_err(p->config, err);
    return STATUS_FAILED;
}

/* The other programs lie beside this one, where they were built; installed,
 * they are in the folder for what people do not start. */
static enum status find_programs(struct gmsd *p)
{
    char vault[MU_PATH_MAX + sizeof("/gmsd-vault")];
    ssize_t len =
        readlink("/proc/self/exe", p->programs, sizeof(p->programs) - 1);
    char *slash;

    if (len <= 0)
        return fail("/proc/self/exe", "cannot be read");
    p->programs[len] = '\0';
    slash = strrchr(p->programs, '/');
    if (slash != NULL)
        *slash = '\0';
    (void)snprintf(vault, sizeof(vault), "%s/gmsd-vault", p->programs);
    if (access(vault, X_OK) != 0)
        (void)snprintf(
            p->programs, sizeof(p->programs), "%s", GMS_PROGRAMS_DIR);
    return STATUS_OK;
}

static struct gms_installation installation(const struct gmsd *p)
{
    return (struct gms_installation){.conf = &p->conf,
        .programs = p->programs,
        .rng = mu_rng_system(),
        .now_s = mu_clock_unix_ms(mu_clock_system()) / 1000};
}

static enum status installed(enum mu_err err, const struct gms_install_why *why)
{
    if (err == MU_OK)
        return STATUS_OK;
    return fail(why->what, why->text[0] != '\0' ? why->text : mu_err_name(err));
}

static enum status reseal(const struct gms_installation *at)
{
    struct gms_install_why why;
    enum mu_err err = gms_install_reseal(at, &why);

    if (err == MU_E_NOT_FOUND && why.text[0] != '\0')
        return installed(err, &why);
    if (err != MU_OK) /* the vault says it, if it cannot live with it */
        (void)fail(why.what, "was not sealed under the newest KEK");
    return STATUS_OK;
}

/* In a process of its own: KEKs are in no process that stays but the vault. */
static enum status reseal_apart(const struct gms_installation *at)
{
    pid_t child = fork(), got;
    int status = 0;

    if (child < 0)
        return fail("fork", "is not to be had");
    if (child == 0)
        _exit((int)reseal(at));
    do
        got = waitpid(child, &status, 0);
    while (got < 0 && errno == EINTR);
    return got == child && WIFEXITED(status) &&
                   WEXITSTATUS(status) == (int)STATUS_OK
               ? STATUS_OK
               : STATUS_FAILED;
}

static enum status serve(struct gmsd *p)
{
    const struct gms_monitor_config monitor = {
        .conf = &p->conf, .conf_path = p->config, .programs = p->programs};
    const struct mu_log_config log = {
        .level = (enum mu_log_level)p->conf.log_level,
        .format = (enum mu_log_format)p->conf.log_format,
        .clock = mu_clock_system()};
    const struct gms_installation at = installation(p);
    struct gms_install_why why;
    const char *what = "start";
    enum mu_err err;

    if (p->check)
        return installed(gms_install_check(&at, &why), &why);
    if (reseal_apart(&at) != STATUS_OK)
        return STATUS_FAILED;
    mu_log_start(&log);
    err = gms_monitor_run(&monitor, &what);
    mu_log_stop();
    return err == MU_OK ? STATUS_OK : fail_err(what, err);
}

static enum status keygen(struct gmsd *p)
{
    const struct gms_installation at = installation(p);
    struct gms_install_why why;

    return installed(gms_install_keygen(&at, &why), &why);
}

static enum status kek_add(struct gmsd *p)
{
    const struct gms_installation at = installation(p);
    struct gms_install_why why;

    return installed(gms_install_kek_add(&at, &why), &why);
}

static enum status kek_retire(struct gmsd *p)
{
    const struct gms_installation at = installation(p);
    struct gms_install_why why;

    return installed(gms_install_kek_retire(&at, &why), &why);
}

static enum status enrol(struct gmsd *p)
{
    const struct gms_installation at = installation(p);
    struct gms_install_why why;

    return installed(gms_install_enrol(&at, p->operand, &why), &why);
}

struct command {
    const char *name;
    bool operand; /* one; else none */
    enum status (*run)(struct gmsd *p);
};

static const struct command commands[] = {
    {"enrol", true, enrol},
    {"kek-add", false, kek_add},
    {"kek-retire", false, kek_retire},
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

/* The options of the file, for people or as part of gmsd.conf(5). */
static enum status print_options(enum mu_conf_format format)
{
    static uint8_t text[HELP_MAX];
    struct span done = {NULL, 0};
    struct wr w;

    wr_init(&w, text, sizeof(text));
    if (mu_conf_print(&gms_conf_table, format, &w) != MU_OK ||
        wr_close(&w, &done) != MU_OK)
        return fail("options", "too long");
    (void)fwrite(done.p, 1, done.len, stdout);
    return STATUS_OK;
}

static enum status help(void)
{
    (void)printf(
        "usage: gmsd [--config FILE] [--check]\n"
        "       gmsd [--config FILE] keygen | kek-add | kek-retire\n"
        "       gmsd [--config FILE] enrol ENROLMENT\n\n"
        "Serves the groups of a mission-critical system and their\n"
        "keys. Makes the key under which keys are sealed; adds a new\n"
        "one, and takes the older ones away; takes the enrolment that\n"
        "the KMS gave, and destroys that file. FILE is\n"
        "%s unless it is given. --check looks at all\n"
        "that is configured and serves nothing. --man prints the\n"
        "options for gmsd.conf(5).\n\n"
        "Options in FILE:\n\n",
        CONFIG_DEFAULT);
    return print_options(MU_CONF_HELP);
}

/* No core dump and no debugger of the same user: keys pass through when an
 * installation is prepared. */
static void guard(void)
{
    const struct rlimit none = {0, 0};

    (void)umask(S_IRWXG | S_IRWXO);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
    (void)signal(SIGPIPE, SIG_IGN);
}

static enum status run(struct gmsd *p, const struct command *command)
{
    enum status status;

    guard();
    mu_arena_init(&p->arena, CONF_ARENA_MAX);
    status = configure(p);
    if (status == STATUS_OK)
        status = find_programs(p);
    if (status == STATUS_OK)
        status = command->run(p);
    mu_arena_clear(&p->arena);
    return status;
}

static enum status choose(struct gmsd *p, int argc, char **argv)
{
    const struct command *command = &serving;

    if (optind < argc) {
        command = find(argv[optind++]);
        if (command == NULL)
            return usage("keygen, kek-add, kek-retire or enrol ENROLMENT, or "
                         "no command");
    }
    p->operand = argv[optind];
    if (argc - optind != (command->operand ? 1 : 0))
        return usage(command->operand ? "enrol ENROLMENT"
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
    static struct gmsd p = {.config = CONFIG_DEFAULT};
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
