/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watched.h - what an XCAP URI of a subscription means (RFC 5875 clause 4.1;
 * notes gms-protocol 1.1 and 2.3). Pure.
 */
#ifndef GMS_WATCHED_H
#define GMS_WATCHED_H

#include "gms/conf.h"
#include "sip/watch.h"
#include "xml/xcap_uri.h"

enum gms_watched_what {
    GMS_WATCHED_NOTHING, /* none that we serve: stays pending */
    GMS_WATCHED_GROUP,   /* a group's document, or a node in it */
    GMS_WATCHED_GROUPS,  /* every group that he may read */
    GMS_WATCHED_KEYS,    /* a member's key document, or a node in it */
    GMS_WATCHED_ALL_KEYS /* of all his groups */
};

struct gms_watched {
    struct gms_watched *next;
    enum gms_watched_what what;
    enum sip_watch_kind kind;
    struct span sel;       /* to be echoed: without our own root */
    struct span group;     /* decoded; empty when xui says where it lies */
    struct span xui, name; /* of a group in the users tree */
    struct span member;    /* of keys; decoded */
    struct xml_xcap_uri uri;
    /* Of a node: what a NOTIFY is to bring along, whether those are all
     * messages of a key document, and whether the one under way brings it. */
    struct buf content;
    bool whole, in_flight;
};

/* Frees the contents of a list; the rest is the arena's. */
void gms_watched_clear(struct gms_watched *list);

/*
 * Reads one entry of a list.
 *
 *   root  our XCAP root as clients know it, with its slash: stripped from an
 *         absolute URI (notes 2.2)
 *   out   lies in the arena
 *
 * Returns MU_OK, also for what we do not serve; MU_E_MALFORMED for an absolute
 * URI of another server; MU_E_NO_SPACE; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err gms_watched_read(struct span uri, const char *root,
    const struct gms_conf_gktp *gktp, struct mu_arena *arena,
    struct gms_watched **out);

#endif
