/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/ctl_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define SERVER_DEFAULT "https://localhost:8443"

static const struct mu_conf_option options[] = {
    MU_CONF_STR(struct gms_ctl_conf, server, "\"\"", 0, 512,
        "URL of gmsd: https://HOST[:PORT]."),
    MU_CONF_PATH(struct gms_ctl_conf, ca, "\"\"",
        "PEM of the authorities to believe; empty: the system's."),
    MU_CONF_PATH(
        struct gms_ctl_conf, token, "\"\"", "File with the access token."),
    MU_CONF_PATH(
        struct gms_ctl_conf, cert, "\"\"", "PEM of the client's certificate."),
    MU_CONF_PATH(
        struct gms_ctl_conf, key, "\"\"", "PEM of the certificate's key."),
};

const struct mu_conf_table gms_ctl_conf_table =
    MU_CONF_TABLE(struct gms_ctl_conf, options);

/* Option, environment and member of one setting. */
static const struct setting {
    enum gms_ctl_option option;
    const char *variable;
    size_t at;
} settings[] = {
    {GMS_CTL_SERVER, "GMSCTL_SERVER", offsetof(struct gms_ctl_conf, server)},
    {GMS_CTL_CA, "GMSCTL_CA", offsetof(struct gms_ctl_conf, ca)},
    {GMS_CTL_TOKEN, "GMSCTL_TOKEN", offsetof(struct gms_ctl_conf, token)},
    {GMS_CTL_CERT, "GMSCTL_CERT", offsetof(struct gms_ctl_conf, cert)},
    {GMS_CTL_KEY, "GMSCTL_KEY", offsetof(struct gms_ctl_conf, key)},
};

static void on_fault(void *ctx, const char *text)
{
    (void)cli_fail(ctx, MU_E_MALFORMED, "--config", "%s", text);
}

/* Where the file is; named says whether somebody named it. False: nowhere. */
static bool find_file(
    const struct cli *cli, char path[MU_PATH_MAX], bool *named)
{
    const char *given = cli->args[GMS_CTL_CONFIG].text;
    const char *base = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    int len;

    *named = given != NULL;
    if (given != NULL)
        len = snprintf(path, MU_PATH_MAX, "%s", given);
    else if (base != NULL && base[0] == '/')
        len = snprintf(path, MU_PATH_MAX, "%s/muster/gmsctl.conf", base);
    else if (home != NULL)
        len =
            snprintf(path, MU_PATH_MAX, "%s/.config/muster/gmsctl.conf", home);
    else
        return false;
    return len > 0 && len < MU_PATH_MAX &&
           (given != NULL || access(path, F_OK) == 0);
}

static enum mu_err read_file(
    struct cli *cli, struct mu_arena *arena, struct gms_ctl_conf *out)
{
    const struct mu_conf_faults faults = {on_fault, cli};
    char path[MU_PATH_MAX];
    bool named = false;
    enum mu_err err;

    if (!find_file(cli, path, &named)) {
        *out = (struct gms_ctl_conf){"", "", "", "", ""};
        return MU_OK;
    }
    err = mu_conf_read(&gms_ctl_conf_table, path, arena, &faults, out);
    if (err == MU_OK)
        return MU_OK;
    return cli_fail(cli, err, "--config", "%s: %s", path, mu_err_name(err));
}

/* Pairs that mean nothing apart. */
static enum mu_err check(struct cli *cli, const struct gms_ctl_conf *conf)
{
    if ((conf->cert[0] == '\0') != (conf->key[0] == '\0'))
        return cli_fail(cli, MU_E_MALFORMED, "--cert",
            "certificate and key need each other");
    if (strncmp(conf->server, "https://", 8) != 0)
        return cli_fail(
            cli, MU_E_MALFORMED, "--server", "is not https://HOST[:PORT]");
    return MU_OK;
}

enum mu_err gms_ctl_conf_read(
    struct cli *cli, struct mu_arena *arena, struct gms_ctl_conf *out)
{
    struct gms_ctl_conf conf;

    TRY(read_file(cli, arena, &conf));
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        const char *said = cli->args[settings[i].option].text;

        if (said == NULL)
            said = getenv(settings[i].variable);
        if (said != NULL)
            memcpy((char *)&conf + settings[i].at, &said, sizeof(said));
    }
    if (conf.server[0] == '\0')
        conf.server = SERVER_DEFAULT;
    TRY(check(cli, &conf));
    *out = conf;
    return MU_OK;
}
