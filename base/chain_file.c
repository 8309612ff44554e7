/* SPDX-License-Identifier: Apache-2.0 */
#include "base/chain_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"

#define LINES_MAX (16 << 20) /* octets of one append */

struct mu_chain_file {
    int fd;
    const struct mu_sign_key *key;
    struct mu_chain_head head;
    off_t len;   /* of the good records */
    bool broken; /* the file may hold more than the good records */
};

void mu_chain_file_close(struct mu_chain_file *file)
{
    if (file == NULL)
        return;
    if (file->fd >= 0)
        (void)close(file->fd);
    mu_free(file);
}

static void drop(struct mu_chain_file **file)
{
    mu_chain_file_close(*file);
}

const struct mu_chain_head *mu_chain_file_head(const struct mu_chain_file *file)
{
    return &file->head;
}

static enum mu_err new_file(
    const struct mu_sign_key *key, struct mu_chain_file **out)
{
    struct mu_chain_file *file = mu_alloc(sizeof(*file));

    if (file == NULL)
        return MU_E_NO_MEMORY;
    file->fd = -1;
    file->key = key;
    *out = file;
    return MU_OK;
}

static enum mu_err lock(int fd)
{
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? MU_E_STATE : MU_E_IO;
    return MU_OK;
}

/* Opens for writing and locks; appends go to the end whatever is there. */
static enum mu_err open_locked(struct mu_chain_file *file, const char *path)
{
    file->fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    if (file->fd < 0)
        return errno == ENOENT ? MU_E_NOT_FOUND : MU_E_IO;
    return lock(file->fd);
}

enum mu_err mu_chain_file_create(const char *path,
    const struct mu_sign_key *key, const char *name, const struct mu_rng *rng,
    uint64_t unix_ms, struct mu_chain_file **out)
{
    MU_CLEANUP(drop) struct mu_chain_file *file = NULL;
    uint8_t line[MU_CHAIN_FIRST_LEN];
    struct span text;
    enum mu_err err;
    struct wr w;

    TRY(new_file(key, &file));
    wr_init(&w, line, sizeof(line));
    TRY(mu_chain_begin(key, name, rng, unix_ms, &w, &file->head));
    TRY(wr_close(&w, &text));
    TRY(mu_file_create(path, 0600, text));
    file->len = (off_t)text.len;
    err = open_locked(file, path);
    if (err != MU_OK) {
        (void)unlink(path);
        return err;
    }
    *out = file;
    file = NULL;
    return MU_OK;
}

/* The whole file, mapped, to be verified. */
static enum mu_err verify_fd(
    int fd, const struct mu_chain_check *check, struct mu_chain_report *out)
{
    struct span text = {NULL, 0};
    struct stat st;
    enum mu_err err;
    void *map;

    if (fstat(fd, &st) != 0)
        return MU_E_IO;
    if (st.st_size == 0)
        return mu_chain_verify(check, text, out);
    text.len = (size_t)st.st_size;
    map = mmap(NULL, text.len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        return MU_E_IO;
    text.p = map;
    err = mu_chain_verify(check, text, out);
    (void)munmap(map, text.len);
    return err;
}

enum mu_err mu_chain_file_verify(const char *path,
    const struct mu_chain_check *check, struct mu_chain_report *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    enum mu_err err;

    if (fd < 0)
        return errno == ENOENT ? MU_E_NOT_FOUND : MU_E_IO;
    err = verify_fd(fd, check, out);
    (void)close(fd);
    return err;
}

/* Back to the good records alone, on disk. */
static enum mu_err cut_back(struct mu_chain_file *file)
{
    if (ftruncate(file->fd, file->len) != 0 || fdatasync(file->fd) != 0)
        return MU_E_IO;
    return MU_OK;
}

/* Goes on behind what verification found to be good. */
static enum mu_err take_over(struct mu_chain_file *file,
    const struct mu_chain_take *take, struct mu_chain_report *report)
{
    struct mu_chain_check check = {
        .name = take->name, .on_record = take->on_record, .ctx = take->ctx};
    enum mu_err err;

    TRY(mu_sign_public(file->key, &check.key));
    err = verify_fd(file->fd, &check, report);
    if (err == MU_E_STATE && report->records == 0)
        return MU_E_CRYPTO; /* not even record 0 */
    if (err != MU_OK && err != MU_E_STATE)
        return err;
    file->head = report->head;
    file->len = (off_t)report->good_len;
    return err == MU_OK ? MU_OK : cut_back(file);
}

enum mu_err mu_chain_file_open(const char *path, const struct mu_sign_key *key,
    const char *name, struct mu_chain_report *report,
    struct mu_chain_file **out)
{
    MU_CLEANUP(drop) struct mu_chain_file *file = NULL;
    struct mu_chain_report found = {.fault = MU_CHAIN_GOOD};
    const struct mu_chain_take take = {.key = key, .name = name};
    enum mu_err err;

    TRY(new_file(key, &file));
    TRY(open_locked(file, path));
    err = take_over(file, &take, &found);
    if (report != NULL)
        *report = found;
    TRY(err);
    *out = file;
    file = NULL;
    return MU_OK;
}

static enum mu_err write_lines(struct mu_chain_file *file, struct span lines)
{
    TRY(mu_fd_write(file->fd, lines));
    return fdatasync(file->fd) == 0 ? MU_OK : MU_E_IO;
}

/* Whole lines, and the head after them; or none. */
static enum mu_err append_text(
    struct mu_chain_file *file, struct span lines, struct mu_chain_head head)
{
    enum mu_err err = write_lines(file, lines);

    if (err != MU_OK) {
        file->broken = cut_back(file) != MU_OK;
        return err;
    }
    file->head = head;
    file->len += (off_t)lines.len;
    return MU_OK;
}

/* The lines of all entries behind each other, and the head after them. */
static enum mu_err make_lines(const struct mu_chain_file *file,
    const struct mu_chain_entry *entries, size_t count, struct wr *w,
    struct mu_chain_head *head)
{
    *head = file->head;
    for (size_t i = 0; i < count; i++)
        TRY(mu_chain_add(
            file->key, head, entries[i].unix_ms, entries[i].payload, w, head));
    return MU_OK;
}

static enum mu_err append_lines(struct mu_chain_file *file,
    const struct mu_chain_entry *entries, size_t count, struct wr *w)
{
    struct mu_chain_head head;
    struct span lines;

    TRY(make_lines(file, entries, count, w, &head));
    TRY(wr_close(w, &lines));
    return append_text(file, lines, head);
}

static enum mu_err lines_len(
    const struct mu_chain_entry *entries, size_t count, size_t *out)
{
    size_t len = 0;

    for (size_t i = 0; i < count; i++) {
        if (entries[i].payload.len > MU_CHAIN_PAYLOAD_MAX)
            return MU_E_MALFORMED;
        len += MU_CHAIN_LINE_LEN(entries[i].payload.len);
        if (len > LINES_MAX)
            return MU_E_NO_SPACE;
    }
    *out = len;
    return MU_OK;
}

enum mu_err mu_chain_file_append_all(struct mu_chain_file *file,
    const struct mu_chain_entry *entries, size_t count)
{
    enum mu_err err;
    uint8_t *room;
    size_t cap;
    struct wr w;

    if (file->broken)
        return MU_E_STATE;
    TRY(lines_len(entries, count, &cap));
    if (count == 0)
        return MU_OK;
    room = mu_alloc(cap);
    if (room == NULL)
        return MU_E_NO_MEMORY;
    wr_init(&w, room, cap);
    err = append_lines(file, entries, count, &w);
    mu_free(room);
    return err;
}

enum mu_err mu_chain_file_append(
    struct mu_chain_file *file, uint64_t unix_ms, struct span payload)
{
    const struct mu_chain_entry entry = {unix_ms, payload};

    return mu_chain_file_append_all(file, &entry, 1);
}

/* Record 0, into a file that holds nothing. */
static enum mu_err begin(
    struct mu_chain_file *file, const struct mu_chain_take *take)
{
    uint8_t line[MU_CHAIN_FIRST_LEN];
    struct mu_chain_head head;
    struct span text;
    struct wr w;

    wr_init(&w, line, sizeof(line));
    TRY(mu_chain_begin(
        take->key, take->name, take->rng, take->unix_ms, &w, &head));
    TRY(wr_close(&w, &text));
    return append_text(file, text, head);
}

/* Whether the file is empty, or has a torn record 0 and nothing else: whoever
 * began the log did not come to its end. */
static bool never_begun(
    const struct mu_chain_report *report, const struct stat *st)
{
    return report->records == 0 && st->st_size < MU_CHAIN_FIRST_LEN &&
           (report->fault == MU_CHAIN_EMPTY || report->fault == MU_CHAIN_TORN);
}

static enum mu_err take_or_begin(struct mu_chain_file *file,
    const struct mu_chain_take *take, struct mu_chain_report *report)
{
    struct stat st;
    enum mu_err err;

    if (fstat(file->fd, &st) != 0)
        return MU_E_IO;
    err = take_over(file, take, report);
    if (err != MU_E_CRYPTO || !never_begun(report, &st))
        return err;
    TRY(cut_back(file)); /* to nothing */
    return begin(file, take);
}

enum mu_err mu_chain_file_take(int fd, const struct mu_chain_take *take,
    struct mu_chain_report *report, struct mu_chain_file **out)
{
    struct mu_chain_report found = {.fault = MU_CHAIN_GOOD};
    struct mu_chain_file *file = NULL;
    enum mu_err err;

    TRY(lock(fd));
    TRY(new_file(take->key, &file));
    file->fd = fd;
    err = take_or_begin(file, take, &found);
    if (report != NULL)
        *report = found;
    if (err != MU_OK) {
        file->fd = -1; /* still the caller's */
        mu_chain_file_close(file);
        return err;
    }
    *out = file;
    return MU_OK;
}
