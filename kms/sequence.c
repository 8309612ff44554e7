/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/sequence.h"

#include "base/lines.h"

#define TEXT_MAX 256

enum mu_err kms_sequence_load(
    const struct kms_dir *dir, struct kms_sequence *out)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    struct kms_sequence read = {0};
    enum mu_err err = kms_dir_read(dir, KMS_DIR_SEQUENCE, &text);
    struct rd r;

    if (err == MU_E_NOT_FOUND) {
        *out = read;
        return MU_OK;
    }
    TRY(err);
    rd_init(&r, buf_span(&text));
    read.last = mu_line_read_u64(&r, "bundle");
    mu_line_read_hex(&r, "sha256", read.hash, sizeof(read.hash));
    TRY(rd_close(&r));
    *out = read;
    return MU_OK;
}

enum mu_err kms_sequence_save(
    const struct kms_dir *dir, const struct kms_sequence *sequence)
{
    uint8_t room[TEXT_MAX];
    struct span text;
    struct wr w;

    wr_init(&w, room, sizeof(room));
    mu_line_write_u64(&w, "bundle", sequence->last);
    mu_line_write_hex(&w, "sha256", SPAN_OF(sequence->hash));
    TRY(wr_close(&w, &text));
    return kms_dir_replace(dir, KMS_DIR_SEQUENCE, text);
}
