/* SPDX-License-Identifier: Apache-2.0 */
/*
 * access.h - who may do what (DESIGN section 6; notes gms-protocol 1.6): roles
 * from the configuration, rights of a role from one table.
 */
#ifndef GMS_ACCESS_H
#define GMS_ACCESS_H

#include "base/conf.h"
#include "http/auth.h"

enum gms_role {
    GMS_ROLE_NONE, /* a user of the system: what documents grant him */
    GMS_ROLE_VIEWER,
    GMS_ROLE_DISPATCHER,
    GMS_ROLE_SUPERVISOR,
    GMS_ROLE_SECURITY,
    GMS_ROLE_SERVER, /* MCPTT server */
    GMS_ROLES
};

enum gms_right {
    GMS_MAY_VIEW, /* groups, members, deliveries, events */
    GMS_MAY_CREATE,
    GMS_MAY_EDIT, /* plan: document, add and remove members */
    GMS_MAY_SOFT_STOP,
    GMS_MAY_HARD_STOP,
    GMS_MAY_UNDO,
    GMS_MAY_DELETE,
    GMS_MAY_AUDIT,        /* read the audit log */
    GMS_MAY_MEDIA_ENTITY, /* give a GMK to a server */
    GMS_MAY_OPERATE,      /* backup, restore, KEK rotation, settings */
    GMS_MAY_READ_FULL,    /* group documents with their list */
    GMS_MAY_ASK_KEYS,     /* key requests */
    GMS_MAY_TELL_URGENCY, /* what a group's call is like */
    GMS_RIGHTS
};

/* Who asks: an MC service ID by token, a server by asserted identity, an
 * operator by client certificate (its URI). gms/caller.h finds out. */
struct gms_caller {
    struct span uri;
    bool asserted;
    uint64_t expires_s; /* of the token, Unix; 0: there is no token */
};

struct gms_access; /* roles as configured */

/* One row of the configuration's list. */
struct gms_access_row {
    const char *who;            /* URI, octet for octet */
    unsigned role;              /* enum gms_role */
    struct mu_conf_strs groups; /* URIs, or "prefix*"; empty: none */
};

/*
 * rows are borrowed until gms_access_free().
 *
 * Returns MU_OK; MU_E_MALFORMED for a row without who, an unknown role, or a
 * star that is not the last character; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err gms_access_new(
    const struct gms_access_row *rows, size_t count, struct gms_access **out);
void gms_access_free(struct gms_access *access); /* NULL is fine */

/* Whether a role of that caller for that group carries the right. group may be
 * empty: for any group. */
bool gms_access_may(const struct gms_access *access,
    const struct gms_caller *caller, enum gms_right right, struct span group);

/* The table itself, for tests, documents and `gmsctl`. */
bool gms_role_has(enum gms_role role, enum gms_right right);
const char *gms_role_name(enum gms_role role);
const char *gms_right_name(enum gms_right right);

#endif
