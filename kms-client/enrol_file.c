/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/enrol_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum mu_err kms_enrol_file_read(
    const char *path, struct kms_enrolment *out, struct rd_fault *fault)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};

    *fault = (struct rd_fault){.field = NULL};
    TRY(mu_file_read(path, KMS_ENROL_TEXT_MAX, &text));
    return kms_enrolment_read(buf_span(&text), out, fault);
}

enum mu_err kms_enrol_file_destroy(const char *path)
{
    static const uint8_t zeros[KMS_ENROL_TEXT_MAX];
    int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat is;
    bool ok;

    if (fd < 0)
        return MU_E_IO;
    ok = fstat(fd, &is) == 0 && is.st_size >= 0 &&
         (size_t)is.st_size <= sizeof(zeros) &&
         mu_fd_write(fd, (struct span){zeros, (size_t)is.st_size}) == MU_OK &&
         fsync(fd) == 0;
    if (close(fd) != 0)
        ok = false;
    return unlink(path) == 0 && ok ? MU_OK : MU_E_IO;
}
