/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err.h - the one error enumeration, and the two macros around it.
 *
 * Errors are sorted by what the caller does next, not by where they happened.
 * Where a message fails is kept by the cursor that reads it (base/bytes.h).
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum mu_err {
    MU_OK = 0,
    MU_E_MALFORMED,   /* the peer's octets break a rule; do not retry */
    MU_E_UNSUPPORTED, /* well formed, but a variant that we do not do */
    MU_E_DENIED,      /* policy or authority says no */
    MU_E_NOT_FOUND,   /* no such thing */
    MU_E_EXPIRED,     /* too old, or not yet valid */
    MU_E_STATE,       /* not allowed in the present state */
    MU_E_NO_SPACE,    /* the caller's buffer or a limit is too small */
    MU_E_NO_MEMORY,   /* allocation failed */
    MU_E_IO,          /* the operating system refused */
    MU_E_CRYPTO       /* a check of a signature, tag or key failed */
};

/* A fallible function: its result cannot be dropped by accident. */
#define MU_MUST_CHECK __attribute__((warn_unused_result))

/* An owned local: fn runs with its address when it leaves the scope. */
#define MU_CLEANUP(fn) __attribute__((cleanup(fn)))

/*
 * Returns from the calling function when expr is not MU_OK. The only macro
 * of the project that returns: safe because every owned local carries
 * MU_CLEANUP.
 */
#define TRY(expr)                                                              \
    do {                                                                       \
        enum mu_err try_err_ = (expr);                                         \
                                                                               \
        if (try_err_ != MU_OK)                                                 \
            return try_err_;                                                   \
    } while (0)

/*
 * The error's name in lower case with spaces ("malformed", "not found"), for
 * logs, tools and test vectors. Static storage; "unknown" for anything else.
 */
const char *mu_err_name(enum mu_err err);

#endif
