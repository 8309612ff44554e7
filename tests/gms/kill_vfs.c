/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gms/kill_vfs.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

/* A file and, behind it in the same memory, the system's own. */
struct file {
    sqlite3_file base;
    sqlite3_file *real;
};

static sqlite3_vfs shim;
static unsigned left;

static sqlite3_file *real(sqlite3_file *file)
{
    return ((struct file *)file)->real;
}

static _Bool is_last(void)
{
    return left > 0 && --left == 0;
}

static void die(void)
{
    (void)kill(getpid(), SIGKILL);
}

static int x_close(sqlite3_file *file)
{
    return real(file)->pMethods->xClose(real(file));
}

static int x_read(sqlite3_file *file, void *to, int len, sqlite3_int64 at)
{
    return real(file)->pMethods->xRead(real(file), to, len, at);
}

static int x_write(
    sqlite3_file *file, const void *from, int len, sqlite3_int64 at)
{
    if (is_last()) {
        (void)real(file)->pMethods->xWrite(real(file), from, len / 2, at);
        die();
    }
    return real(file)->pMethods->xWrite(real(file), from, len, at);
}

static int x_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    if (is_last())
        die();
    return real(file)->pMethods->xTruncate(real(file), size);
}

static int x_sync(sqlite3_file *file, int flags)
{
    if (is_last())
        die();
    return real(file)->pMethods->xSync(real(file), flags);
}

static int x_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real(file)->pMethods->xFileSize(real(file), size);
}

static int x_lock(sqlite3_file *file, int lock)
{
    return real(file)->pMethods->xLock(real(file), lock);
}

static int x_unlock(sqlite3_file *file, int lock)
{
    return real(file)->pMethods->xUnlock(real(file), lock);
}

static int x_check_lock(sqlite3_file *file, int *out)
{
    return real(file)->pMethods->xCheckReservedLock(real(file), out);
}

static int x_control(sqlite3_file *file, int op, void *arg)
{
    return real(file)->pMethods->xFileControl(real(file), op, arg);
}

static int x_sector_size(sqlite3_file *file)
{
    return real(file)->pMethods->xSectorSize(real(file));
}

static int x_device(sqlite3_file *file)
{
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

/* No shared memory: a store is one process's. */
static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = x_close,
    .xRead = x_read,
    .xWrite = x_write,
    .xTruncate = x_truncate,
    .xSync = x_sync,
    .xFileSize = x_file_size,
    .xLock = x_lock,
    .xUnlock = x_unlock,
    .xCheckReservedLock = x_check_lock,
    .xFileControl = x_control,
    .xSectorSize = x_sector_size,
    .xDeviceCharacteristics = x_device,
};

static int x_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
    int flags, int *out_flags)
{
    sqlite3_vfs *system = vfs->pAppData;
    struct file *f = (struct file *)file;
    int rc;

    f->real = (sqlite3_file *)(f + 1);
    rc = system->xOpen(system, name, f->real, flags, out_flags);
    f->base.pMethods = f->real->pMethods != NULL ? &methods : NULL;
    return rc;
}

void kill_vfs_arm(unsigned n)
{
    sqlite3_vfs *system = sqlite3_vfs_find(NULL);

    if (system == NULL)
        abort();
    left = n;
    shim = *system;
    shim.zName = "kill";
    shim.pAppData = system;
    shim.szOsFile = (int)sizeof(struct file) + system->szOsFile;
    shim.xOpen = x_open;
    if (sqlite3_vfs_register(&shim, 1) != SQLITE_OK)
        abort();
}
