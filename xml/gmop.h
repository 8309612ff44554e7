/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gmop.h - operations on a group that are not writes of its document (TS
 * 24.481 clauses 6.3.14 to 6.3.16 and 7.3; notes gms-protocol 1.8): the body
 * of a POST to a group's address.
 *
 *     <document xmlns="urn:3gpp:ns:mcpttGMOP:1.0">
 *       <request><get-excluding-memberlist/></request>
 *     </document>
 *
 * Few names are attested, so a name is a row of a table, and what stands in an
 * operation that is not served is not looked at.
 */
#ifndef XML_GMOP_H
#define XML_GMOP_H

#include "base/bytes.h"
#include "xml/fault.h"

#define XML_GMOP_NS   "urn:3gpp:ns:mcpttGMOP:1.0"
#define XML_GMOP_TYPE "application/vnd.3gpp.GMOP+xml"

enum xml_gmop {
    XML_GMOP_GET_EXCLUDING_MEMBERLIST, /* answer: xml_group_without_list() */
    XML_GMOP_REGROUP_CREATION,         /* known by name alone: 501 */
    XML_GMOP_UNKNOWN                   /* 501 */
};

/*
 * Reads a body.
 *
 *   fault  set in every case
 *
 * Returns MU_OK with *out, of which the caller serves what he can;
 * MU_E_MALFORMED for anything but one request with one operation (400);
 * MU_E_UNSUPPORTED for a foreign encoding (400); MU_E_NO_SPACE beyond a limit;
 * MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_gmop_read(
    struct span text, struct xml_fault *fault, enum xml_gmop *out);

#endif
