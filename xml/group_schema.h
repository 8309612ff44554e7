/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group_schema.h - the schema of group documents, and which names of 3GPP's
 * name space it knows. For xml/ itself; made by xml_group_init().
 */
#ifndef XML_GROUP_SCHEMA_H
#define XML_GROUP_SCHEMA_H

#include "xml/schema.h"

#define XML_GROUP_NS_RL      "urn:ietf:params:xml:ns:resource-lists"
#define XML_GROUP_NS_CP      "urn:ietf:params:xml:ns:common-policy"
#define XML_GROUP_NS_OXE     "urn:oma:xml:xdm:extensions"
#define XML_GROUP_NS_XDM     "urn:oma:xml:xdm:group"
#define XML_GROUP_NS_MCPTTGI "urn:3gpp:ns:mcpttGroupInfo:1.0"

/* xml_schema_check() with it. */
MU_MUST_CHECK enum mu_err xml_group_schema_check(struct _xmlDoc *doc,
    struct xml_fault *fault, char message[XML_SCHEMA_MESSAGE]);

/*
 * Whether an mcpttgi element of that name is known: declared in
 * xml/schema/mcpttgi.xsd, or of the families mcvideo-* and mcdata-*, which are
 * kept and not looked at (notes 1.3).
 */
bool xml_group_knows(const char *name);

#endif
