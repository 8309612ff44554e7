/* SPDX-License-Identifier: Apache-2.0 */
/*
 * way.h - by which of our ports a message goes, and under which address the
 * other side finds us there. Inside the folder only, in the agent's thread.
 *
 * An agent has several ports: of UDP, TCP and TLS, of IPv4 and IPv6. Whoever
 * came by one of them has to find us again by that one: a Contact of another
 * family would be out of his reach, and one of another transport out of his
 * firewall's.
 */
#ifndef SIP_WAY_H
#define SIP_WAY_H

#include <sofia-sip/nta.h>
#include <sofia-sip/sip.h>

#include "sip/agent.h"

/* RFC 3261 clause 18.1.1: within 200 octets of a path MTU that is not known, a
 * request goes over a transport with congestion control. */
#define SIP_DATAGRAM_MAX 1300

struct sip_way {
    enum sip_transport transport;
    bool v6;
};

/* Of a port of ours: what sofia-sip calls a transport, and the family's name,
 * by which a request is told to use it. */
const char *sip_way_transport(enum sip_transport transport);
const char *sip_way_family(bool v6);

/* How a request came to us. */
struct sip_way sip_way_of_request(msg_t *msg, sip_t const *sip);

/*
 * How a request of ours goes.
 *
 *   hop  set to where it is to go instead of to its target or route; NULL: as
 *        those say. What a datagram cannot take goes to the same address over
 *        TCP, whatever transport the URI names, or if it names none; what it
 *        can goes by UDP where that is named or none is, and we have it (RFC
 *        3263 clause 4.1). Not left to sofia-sip, which goes back to UDP with
 *        any number of fragments when it finds nobody at TCP.
 *
 * Returns MU_OK; MU_E_MALFORMED when the target is no URL; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err sip_way_of_ask(su_home_t *home, nta_agent_t *nta,
    const struct sip_ask *ask, struct sip_way *out, url_t **hop);

/* Our Contact there; that of our first port when there is none of that way.
 * NULL without memory. */
sip_contact_t *sip_way_contact(su_home_t *home, nta_agent_t *nta,
    const char *user, const struct sip_way *way);

/* Whether we have any port of that family. */
bool sip_way_has_family(nta_agent_t *nta, bool v6);

#endif
