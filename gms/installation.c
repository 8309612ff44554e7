/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/installation.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "gms/identity.h"
#include "gms/kek.h"
#include "gms/key_file.h"
#include "kms-client/enrol_file.h"

static enum mu_err fail(struct gms_install_why *why, enum mu_err err,
    const char *what, const char *text)
{
    why->what = what;
    (void)snprintf(why->text, sizeof(why->text), "%s", text);
    return err;
}

static enum mu_err load_keks(const struct gms_installation *at,
    struct mu_keyring *ring, struct gms_install_why *why)
{
    struct gms_kek_why kek;
    enum mu_err err = gms_kek_load(at->conf, at->programs, ring, &kek);

    return err == MU_OK ? MU_OK : fail(why, err, kek.what, "");
}

enum mu_err gms_install_keygen(
    const struct gms_installation *at, struct gms_install_why *why)
{
    struct gms_kek_why kek;
    enum mu_err err = gms_kek_make(at->conf, at->programs, at->rng, &kek);

    if (err == MU_OK || err == MU_E_STATE)
        return MU_OK;
    return fail(why, err, kek.what,
        err == MU_E_UNSUPPORTED ? "is made by systemd-creds(1)" : "");
}

/* --------------------------------------------------------------- identity */

static enum mu_err read_identity(const struct gms_installation *at,
    const struct mu_keyring *ring, struct gms_identity *out)
{
    MU_CLEANUP(buf_clear) struct buf sealed = {0};

    TRY(gms_key_file_read(at->conf->identity_file, GMS_IDENTITY_MAX, &sealed));
    return gms_identity_open(ring, buf_span(&sealed), out);
}

/* Which KEK the file says it is sealed under. */
static enum mu_err identity_kek(
    const struct gms_installation *at, struct mu_kek_id *out)
{
    MU_CLEANUP(buf_clear) struct buf sealed = {0};

    TRY(gms_key_file_read(at->conf->identity_file, GMS_IDENTITY_MAX, &sealed));
    return mu_seal_kek_id(buf_span(&sealed), out);
}

static enum mu_err fail_kek(const struct gms_installation *at,
    const struct mu_kek_id *id, struct gms_install_why *why)
{
    char hex[MU_HEX_LEN(MU_KEK_ID_LEN)];

    mu_hex_write(SPAN_OF(id->b), hex);
    why->what = at->conf->identity_file;
    (void)snprintf(why->text, sizeof(why->text),
        "is sealed under KEK %s, which is missing: put it back, first in order",
        hex);
    return MU_E_NOT_FOUND;
}

/* The serial of the enrolment before. */
static enum mu_err read_serial(
    const struct gms_installation *at, uint64_t *serial)
{
    MU_CLEANUP(kms_enrolment_clear) struct kms_enrolment before = {0};
    struct rd_fault fault;

    TRY(kms_enrol_file_read(at->conf->enrolment_file, &before, &fault));
    *serial = before.serial;
    return MU_OK;
}

/* Another TrK for the same installation. */
static enum mu_err renew(const struct gms_installation *at,
    const struct kms_enrolment *enrolment, struct gms_identity *identity,
    struct gms_install_why *why)
{
    uint64_t serial = 0;
    enum mu_err err;

    if (!mcptt_id_eq(&identity->user_uri, &enrolment->user_uri) ||
        !mcptt_id_eq(&identity->kms_uri, &enrolment->kms_uri))
        return fail(why, MU_E_DENIED, at->conf->identity_file,
            "is of another user or KMS");
    err = read_serial(at, &serial);
    if (err != MU_OK && err != MU_E_NOT_FOUND)
        return fail(why, err, at->conf->enrolment_file, "");
    if (err == MU_OK && enrolment->serial <= serial)
        return fail(why, MU_E_STATE, "serial",
            "the user has enrolled with this or a later one");
    identity->trk = enrolment->trk;
    memcpy(identity->cert_key, enrolment->cert_key, sizeof(identity->cert_key));
    memcpy(identity->cert_sha256, enrolment->cert_sha256,
        sizeof(identity->cert_sha256));
    return MU_OK;
}

static enum mu_err make_identity(const struct gms_installation *at,
    const struct mu_keyring *ring, const struct kms_enrolment *enrolment,
    struct gms_identity *out, struct gms_install_why *why)
{
    enum mu_err err = read_identity(at, ring, out);

    if (err == MU_OK)
        return renew(at, enrolment, out, why);
    if (err == MU_E_NOT_FOUND && access(at->conf->identity_file, F_OK) != 0)
        err = gms_identity_new(enrolment, at->rng, out);
    return err == MU_OK ? MU_OK : fail(why, err, at->conf->identity_file, "");
}

static enum mu_err write_identity(const struct gms_installation *at,
    const struct mu_keyring *ring, const struct gms_identity *identity)
{
    uint8_t sealed[GMS_IDENTITY_MAX];
    struct span octets = {NULL, 0};
    struct wr w;

    wr_init(&w, sealed, sizeof(sealed));
    TRY(gms_identity_seal(&w, ring, identity, at->rng));
    TRY(wr_close(&w, &octets));
    return mu_file_replace(at->conf->identity_file, S_IRUSR | S_IWUSR, octets);
}

enum mu_err gms_install_reseal(
    const struct gms_installation *at, struct gms_install_why *why)
{
    MU_CLEANUP(mu_keyring_clear) struct mu_keyring ring = {0};
    MU_CLEANUP(gms_identity_clear)
    struct gms_identity identity = {.trk = {{0}}};
    struct mu_kek_id id;
    enum mu_err err;

    TRY(load_keks(at, &ring, why));
    err = identity_kek(at, &id);
    if (err == MU_OK && memcmp(&id, mu_keyring_current(&ring), sizeof(id)) == 0)
        return MU_OK;
    if (err == MU_OK && mu_keyring_find(&ring, &id) == NULL)
        return fail_kek(at, &id, why);
    if (err == MU_OK)
        err = read_identity(at, &ring, &identity);
    if (err == MU_OK)
        err = write_identity(at, &ring, &identity);
    return err == MU_OK ? MU_OK : fail(why, err, at->conf->identity_file, "");
}

static enum mu_err kek_done(
    enum mu_err err, const struct gms_kek_why *kek, struct gms_install_why *why)
{
    static const char *const texts[] = {
        [MU_E_UNSUPPORTED] = "is made by systemd-creds(1)",
        [MU_E_NO_SPACE] = "has as many KEKs as it can: kek-retire comes first",
        [MU_E_STATE] = "others that were retired before are still beside it",
        [MU_E_CRYPTO] = NULL,
    };

    if (err == MU_OK)
        return MU_OK;
    return fail(why, err, kek->what, texts[err] != NULL ? texts[err] : "");
}

enum mu_err gms_install_kek_add(
    const struct gms_installation *at, struct gms_install_why *why)
{
    struct gms_kek_why kek;

    return kek_done(
        gms_kek_add(at->conf, at->programs, at->rng, &kek), &kek, why);
}

enum mu_err gms_install_kek_retire(
    const struct gms_installation *at, struct gms_install_why *why)
{
    MU_CLEANUP(mu_keyring_clear) struct mu_keyring ring = {0};
    struct gms_kek_why kek;
    struct mu_kek_id id;
    enum mu_err err;

    TRY(load_keks(at, &ring, why));
    err = identity_kek(at, &id);
    if (err != MU_OK)
        return fail(why, err, at->conf->identity_file, "");
    if (memcmp(&id, mu_keyring_current(&ring), sizeof(id)) != 0)
        return fail(why, MU_E_STATE, at->conf->identity_file,
            "is not sealed under the newest KEK: start gmsd first");
    return kek_done(gms_kek_retire(at->conf, &kek), &kek, why);
}

/* ----------------------------------------------------------- for the front */

/* What the front reads is to be the account's under which it runs. */
static enum mu_err give_to_front(
    const struct gms_installation *at, const char *path)
{
    const char *user = at->conf->front_user;
    const struct passwd *entry;

    if (user[0] == '\0' || geteuid() != 0)
        return MU_OK;
    entry = getpwnam(user);
    if (entry == NULL)
        return MU_E_NOT_FOUND;
    return chown(path, entry->pw_uid, entry->pw_gid) == 0 ? MU_OK : MU_E_IO;
}

/* All but the TrK. The InK says who asks the KMS; it opens nothing. */
static enum mu_err write_enrolment(
    const struct gms_installation *at, const struct kms_enrolment *enrolment)
{
    MU_CLEANUP(kms_enrolment_clear) struct kms_enrolment rest = *enrolment;
    uint8_t text[KMS_ENROL_TEXT_MAX];
    struct span octets = {NULL, 0};
    struct wr w;
    enum mu_err err;

    mcptt_trk_clear(&rest.trk);
    wr_init(&w, text, sizeof(text));
    err = kms_enrolment_write(&w, &rest);
    if (err == MU_OK)
        err = wr_close(&w, &octets);
    if (err == MU_OK)
        err = mu_file_replace(
            at->conf->enrolment_file, S_IRUSR | S_IWUSR, octets);
    mu_wipe(text, sizeof(text));
    TRY(err);
    return give_to_front(at, at->conf->enrolment_file);
}

static enum mu_err make_audit_key(const struct gms_installation *at)
{
    enum mu_err err = gms_audit_key_make(at->conf->audit_key_file, at->rng);

    if (err == MU_E_STATE)
        return MU_OK;
    TRY(err);
    return give_to_front(at, at->conf->audit_key_file);
}

/* ------------------------------------------------------------------- enrol */

static enum mu_err read_new(const struct gms_installation *at, const char *path,
    struct kms_enrolment *out, struct gms_install_why *why)
{
    struct rd_fault fault;
    enum mu_err err = kms_enrol_file_read(path, out, &fault);

    if (err != MU_OK && fault.field == NULL)
        return fail(why, err, path, "");
    if (err != MU_OK) {
        why->what = path;
        (void)snprintf(why->text, sizeof(why->text), "line %s at octet %zu: %s",
            fault.field, fault.at, mu_err_name(err));
        return err;
    }
    if (at->now_s > out->not_after_s)
        return fail(why, MU_E_EXPIRED, path,
            "not_after: has passed; a new one is needed");
    return MU_OK;
}

/* The front's part last: it has the serial, so that enrolling again with the
 * same file goes on where it was broken off. */
static enum mu_err install(const struct gms_installation *at,
    const struct mu_keyring *ring, const struct kms_enrolment *enrolment,
    struct gms_install_why *why)
{
    MU_CLEANUP(gms_identity_clear)
    struct gms_identity identity = {.trk = {{0}}};
    enum mu_err err;

    TRY(make_identity(at, ring, enrolment, &identity, why));
    err = make_audit_key(at);
    if (err != MU_OK)
        return fail(why, err, at->conf->audit_key_file, "");
    err = write_identity(at, ring, &identity);
    if (err != MU_OK)
        return fail(why, err, at->conf->identity_file, "");
    err = write_enrolment(at, enrolment);
    if (err != MU_OK)
        return fail(why, err, at->conf->enrolment_file, "");
    return MU_OK;
}

enum mu_err gms_install_enrol(const struct gms_installation *at,
    const char *path, struct gms_install_why *why)
{
    MU_CLEANUP(kms_enrolment_clear) struct kms_enrolment enrolment = {0};
    MU_CLEANUP(mu_keyring_clear) struct mu_keyring ring = {0};

    TRY(read_new(at, path, &enrolment, why));
    TRY(load_keks(at, &ring, why));
    TRY(install(at, &ring, &enrolment, why));
    if (kms_enrol_file_destroy(path) != MU_OK)
        return fail(why, MU_E_IO, path,
            "the user is enrolled, but the file could not be destroyed");
    return MU_OK;
}

/* ------------------------------------------------------------------- check */

static enum mu_err check_front_files(
    const struct gms_installation *at, struct gms_install_why *why)
{
    MU_CLEANUP(kms_enrolment_clear) struct kms_enrolment enrolment = {0};
    static const struct mcptt_trk zeros;
    struct rd_fault fault;
    enum mu_err err =
        kms_enrol_file_read(at->conf->enrolment_file, &enrolment, &fault);

    if (err != MU_OK)
        return fail(why, err, at->conf->enrolment_file, "");
    if (!mcptt_trk_eq(&enrolment.trk, &zeros))
        return fail(why, MU_E_DENIED, at->conf->enrolment_file,
            "has a transport key in it: not one of enrol's");
    if (access(at->conf->audit_key_file, R_OK) != 0)
        return fail(why, MU_E_NOT_FOUND, at->conf->audit_key_file, "");
    if (access(at->conf->tls_cert, R_OK) != 0)
        return fail(why, MU_E_NOT_FOUND, at->conf->tls_cert, "");
    if (access(at->conf->tls_key, R_OK) != 0)
        return fail(why, MU_E_NOT_FOUND, at->conf->tls_key, "");
    return MU_OK;
}

enum mu_err gms_install_check(
    const struct gms_installation *at, struct gms_install_why *why)
{
    MU_CLEANUP(mu_keyring_clear) struct mu_keyring ring = {0};
    MU_CLEANUP(gms_identity_clear)
    struct gms_identity identity = {.trk = {{0}}};
    struct mu_kek_id id;
    enum mu_err err;

    TRY(load_keks(at, &ring, why));
    err = read_identity(at, &ring, &identity);
    if (err == MU_E_NOT_FOUND && identity_kek(at, &id) == MU_OK)
        return fail_kek(at, &id, why);
    if (err != MU_OK)
        return fail(why, err, at->conf->identity_file, "");
    return check_front_files(at, why);
}
