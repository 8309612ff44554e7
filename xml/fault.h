/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault.h - where an XML document fails, and why.
 */
#ifndef XML_FAULT_H
#define XML_FAULT_H

#include "base/err.h"

#define XML_PATH_MAX 256

struct _xmlNode; /* libxml2's */

struct xml_fault {
    enum mu_err err;         /* MU_OK while nothing has failed */
    unsigned line;           /* from 1; 0 when the document as a whole fails */
    const char *why;         /* "is missing": static; NULL without a fault */
    char path[XML_PATH_MAX]; /* "/KmsResponse/KmsUri", cut off when longer;
                                "" where there is none. Printable ASCII, other
                                characters of a name become '?' */
};

/* Both fill *fault and return err; why is of static storage. */
enum mu_err xml_fault_at(struct xml_fault *fault, enum mu_err err,
    const char *why, const struct _xmlNode *element);
enum mu_err xml_fault_whole(
    struct xml_fault *fault, enum mu_err err, const char *why, unsigned line);

/* Moves the fault to a child that is not there. */
void xml_fault_below(struct xml_fault *fault, const char *child);

#endif
