/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/case.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/lines.h"
#include "base/text.h"

#define VERSION 1
#define LABEL   "muster case 1"
#define SIG_HEX 128
#define CASES   1000000

enum mu_err kms_case_reason_set(struct kms_case *c, struct span reason)
{
    if (reason.len == 0 || reason.len > KMS_CASE_REASON_MAX)
        return MU_E_MALFORMED;
    for (size_t i = 0; i < reason.len; i++)
        if (reason.p[i] < ' ' || reason.p[i] == 0x7f)
            return MU_E_MALFORMED;
    memcpy(c->reason, reason.p, reason.len);
    c->reason[reason.len] = '\0';
    return MU_OK;
}

/* What officers sign. */
static void write_matter(struct wr *w, const struct kms_case *c)
{
    mu_line_write_u64(w, "muster-case", VERSION);
    mu_line_write_u64(w, "number", c->number);
    mu_line_write(w, "kms_uri", mcptt_id_span(&c->kms_uri));
    mu_line_write(w, "user_uri", mcptt_id_span(&c->user_uri));
    mu_line_write_u64(w, "period", c->period);
    mu_line_write(w, "reason", span_str(c->reason));
    mu_line_write_hex(w, "investigator", SPAN_OF(c->investigator.b));
    mu_line_write_u64(w, "opened", c->opened_s);
}

enum mu_err kms_case_write(struct wr *w, const struct kms_case *c)
{
    char value[KMS_OFFICER_NAME_MAX + 1 + SIG_HEX + 1], hex[SIG_HEX + 1];

    write_matter(w, c);
    for (size_t i = 0; i < c->approval_count; i++) {
        mu_hex_write(SPAN_OF(c->approvals[i].sig.b), hex);
        (void)snprintf(
            value, sizeof(value), "%s %s", c->approvals[i].officer, hex);
        mu_line_write(w, "approval", span_str(value));
    }
    return w->err;
}

static void read_id(struct rd *r, const char *name, struct mcptt_id *out)
{
    struct span value = mu_line_read(r, name);

    mu_line_check(r, value, mcptt_id_set(out, value) == MU_OK, name);
}

static void read_matter(struct rd *r, struct kms_case *c)
{
    struct span reason;

    rd_check(r, mu_line_read_u64(r, "muster-case") == VERSION, MU_E_UNSUPPORTED,
        "muster-case");
    c->number = mu_line_read_u64(r, "number");
    read_id(r, "kms_uri", &c->kms_uri);
    read_id(r, "user_uri", &c->user_uri);
    c->period = mu_line_read_u64(r, "period");
    reason = mu_line_read(r, "reason");
    mu_line_check(r, reason, kms_case_reason_set(c, reason) == MU_OK, "reason");
    mu_line_read_hex(
        r, "investigator", c->investigator.b, sizeof(c->investigator.b));
    c->opened_s = mu_line_read_u64(r, "opened");
}

/* OFFICER SIGNATURE */
static enum mu_err read_approval(struct span value, struct kms_approval *out)
{
    struct kms_officer officer = {.name = ""};
    size_t len = 0;
    struct span sig;

    if (value.len < SIG_HEX + 2)
        return MU_E_MALFORMED;
    sig = (struct span){value.p + value.len - SIG_HEX, SIG_HEX};
    if (sig.p[-1] != ' ')
        return MU_E_MALFORMED;
    TRY(kms_officer_name_set(
        &officer, (struct span){value.p, value.len - SIG_HEX - 1}));
    memcpy(out->officer, officer.name, sizeof(out->officer));
    return mu_hex_read(sig, out->sig.b, sizeof(out->sig.b), &len);
}

enum mu_err kms_case_read(struct span text, struct kms_case *out)
{
    struct kms_case c = {.number = 0};
    struct rd r;

    rd_init(&r, text);
    read_matter(&r, &c);
    while (rd_more(&r)) {
        struct span value = mu_line_read(&r, "approval");

        rd_check(
            &r, c.approval_count < KMS_OFFICERS_MAX, MU_E_NO_SPACE, "approval");
        mu_line_check(&r, value,
            c.approval_count < KMS_OFFICERS_MAX &&
                read_approval(value, &c.approvals[c.approval_count]) == MU_OK,
            "approval");
        c.approval_count++;
    }
    TRY(rd_close(&r));
    *out = c;
    return MU_OK;
}

static void name_of(uint64_t number, char out[64])
{
    (void)snprintf(out, 64, "%s/%" PRIu64, KMS_DIR_CASES, number);
}

enum mu_err kms_case_load(
    const struct kms_dir *dir, uint64_t number, struct kms_case *out)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    char name[64];

    name_of(number, name);
    TRY(kms_dir_read(dir, name, &text));
    TRY(kms_case_read(buf_span(&text), out));
    return out->number == number ? MU_OK : MU_E_MALFORMED;
}

static enum mu_err store(const struct kms_dir *dir, const struct kms_case *c,
    enum mu_err (*how)(const struct kms_dir *, const char *, struct span))
{
    uint8_t room[KMS_CASE_TEXT_MAX];
    struct span text;
    char name[64];
    struct wr w;

    wr_init(&w, room, sizeof(room));
    TRY(kms_case_write(&w, c));
    TRY(wr_close(&w, &text));
    name_of(c->number, name);
    return how(dir, name, text);
}

enum mu_err kms_case_add(const struct kms_dir *dir, struct kms_case *c)
{
    enum mu_err err = MU_E_STATE;

    for (c->number = 0; err == MU_E_STATE && c->number < CASES;) {
        c->number++;
        err = store(dir, c, kms_dir_create);
    }
    return err;
}

enum mu_err kms_case_save(const struct kms_dir *dir, const struct kms_case *c)
{
    return store(dir, c, kms_dir_replace);
}

static enum mu_err matter_of(
    const struct kms_case *c, uint8_t room[KMS_CASE_TEXT_MAX], struct span *out)
{
    struct wr w;

    wr_init(&w, room, KMS_CASE_TEXT_MAX);
    write_matter(&w, c);
    return wr_close(&w, out);
}

enum mu_err kms_case_approve(struct kms_case *c,
    const struct kms_officer *officer, const struct mu_sign_key *key)
{
    struct kms_approval *approval = &c->approvals[c->approval_count];
    uint8_t room[KMS_CASE_TEXT_MAX];
    struct span matter;

    for (size_t i = 0; i < c->approval_count; i++)
        if (strcmp(c->approvals[i].officer, officer->name) == 0)
            return MU_E_STATE;
    if (c->approval_count == KMS_OFFICERS_MAX)
        return MU_E_NO_SPACE;
    TRY(matter_of(c, room, &matter));
    TRY(mu_sign(key, LABEL, matter, &approval->sig));
    memcpy(approval->officer, officer->name, sizeof(approval->officer));
    c->approval_count++;
    return MU_OK;
}

/* An approval whose officer approved before counts for nothing. */
static bool is_first_of(const struct kms_case *c, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(c->approvals[i].officer, c->approvals[j].officer) == 0)
            return false;
    return true;
}

enum mu_err kms_case_check(
    const struct kms_case *c, const struct kms_officers *officers)
{
    uint8_t room[KMS_CASE_TEXT_MAX];
    struct span matter;
    size_t good = 0;

    TRY(matter_of(c, room, &matter));
    for (size_t i = 0; i < c->approval_count; i++) {
        const struct kms_approval *approval = &c->approvals[i];
        const struct kms_officer *officer =
            kms_officers_find(officers, approval->officer);

        if (officer == NULL)
            return MU_E_CRYPTO;
        TRY(mu_verify(&officer->key, LABEL, matter, &approval->sig));
        good += is_first_of(c, i) ? 1 : 0;
    }
    return good >= KMS_CASE_APPROVALS ? MU_OK : MU_E_DENIED;
}
