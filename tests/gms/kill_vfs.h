/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill_vfs.h - SQLite's files, in a process that dies while it writes them.
 */
#ifndef TESTS_GMS_KILL_VFS_H
#define TESTS_GMS_KILL_VFS_H

/*
 * From now on SQLite opens files through it. The n-th call that changes a file
 * (write, truncate, sync) ends the process by SIGKILL; a write has then put
 * half its octets there. For a child process: there is no way back.
 */
void kill_vfs_arm(unsigned n);

#endif
