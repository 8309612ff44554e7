/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault.h - points at which a test kills the process, as a power cut would.
 *
 *     TRY(gms_store_commit(store));
 *     GMS_FAULT("keeper.made");
 *
 * In what is installed a point is nothing. The test builds of this folder
 * (libgms-fault.a, gmsd-front-fault) have GMS_FAULTS defined; there
 *
 *     MUSTER_FAULT=keeper.made:3    in the environment, or
 *     MUSTER_FAULT=any:17
 *
 * sends the process SIGKILL when it comes to that point for the third time, or
 * to any point for the seventeenth. A point stands before and after whatever
 * lasts: commits, requests to the vault, answers of it. Points are named
 * FILE.WHAT and may be added anywhere; a test that goes through all of them by
 * number, as tests/it/gms_crash_test.c does, has a new one at once.
 */
#ifndef GMS_FAULT_H
#define GMS_FAULT_H

#ifdef GMS_FAULTS
#define GMS_FAULT(name) gms_fault_point(name)
#else
#define GMS_FAULT(name) ((void)0)
#endif

/* The point itself. */
void gms_fault_point(const char *name);

/* For a test that is in the process: in the place of the environment's. name
 * "any" counts all points; n 0: none kills. */
void gms_fault_arm(const char *name, unsigned n);

/* How many points were passed since the process began, or was armed. */
unsigned gms_fault_passed(void);

#endif
