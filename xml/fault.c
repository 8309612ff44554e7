/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/fault.h"

#include <libxml/tree.h>
#include <string.h>

/* Appends "/name"; a name that strangers chose must not break a log line. */
static size_t put_name(char *path, size_t at, const char *name)
{
    if (at < XML_PATH_MAX - 1)
        path[at++] = '/';
    for (; *name != '\0' && at < XML_PATH_MAX - 1; name++)
        path[at++] = (char)(*name > ' ' && *name < 0x7f ? *name : '?');
    path[at] = '\0';
    return at;
}

static size_t put_path(char *path, const xmlNode *node)
{
    unsigned depth = 0;
    size_t at = 0;

    for (const xmlNode *n = node; n->type == XML_ELEMENT_NODE; n = n->parent)
        depth++;
    while (depth-- > 0) {
        const xmlNode *n = node;

        for (unsigned up = 0; up < depth; up++)
            n = n->parent;
        at = put_name(path, at, (const char *)n->name);
    }
    return at;
}

enum mu_err xml_fault_at(struct xml_fault *fault, enum mu_err err,
    const char *why, const xmlNode *node)
{
    *fault = (struct xml_fault){.err = err, .why = why};
    fault->line = (unsigned)xmlGetLineNo(node);
    (void)put_path(fault->path, node);
    return err;
}

enum mu_err xml_fault_whole(
    struct xml_fault *fault, enum mu_err err, const char *why, unsigned line)
{
    *fault = (struct xml_fault){.err = err, .why = why, .line = line};
    return err;
}

void xml_fault_below(struct xml_fault *fault, const char *child)
{
    (void)put_name(fault->path, strlen(fault->path), child);
}
