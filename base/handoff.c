/* SPDX-License-Identifier: Apache-2.0 */
#include "base/handoff.h"

#include <assert.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"

struct mu_handoff {
    pthread_mutex_t lock; /* of len, first, raised and the items */
    int fd;
    bool raised; /* the descriptor is readable */
    size_t limit, len, first;
    void *items[]; /* a ring of limit */
};

enum mu_err mu_handoff_new(size_t limit, struct mu_handoff **out)
{
    struct mu_handoff *h;

    assert(limit > 0 && limit < (SIZE_MAX - sizeof(*h)) / sizeof(h->items[0]));
    h = mu_alloc(sizeof(*h) + limit * sizeof(h->items[0]));
    if (h == NULL)
        return MU_E_NO_MEMORY;
    h->limit = limit;
    h->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (h->fd < 0) {
        mu_free(h);
        return MU_E_IO;
    }
    (void)pthread_mutex_init(&h->lock, NULL);
    *out = h;
    return MU_OK;
}

void mu_handoff_free(struct mu_handoff *handoff)
{
    if (handoff == NULL)
        return;
    (void)pthread_mutex_destroy(&handoff->lock);
    (void)close(handoff->fd);
    mu_free(handoff);
}

int mu_handoff_fd(const struct mu_handoff *handoff)
{
    return handoff->fd;
}

/* The counter never exceeds 1, so that neither call can fail or wait. They are
 * made under the lock: outside it, a late lowering would undo a raise. */
static void set_raised(struct mu_handoff *h, bool raised)
{
    uint64_t count = 1;
    ssize_t n;

    if (h->raised == raised)
        return;
    n = raised ? write(h->fd, &count, sizeof(count))
               : read(h->fd, &count, sizeof(count));
    assert(n == sizeof(count));
    (void)n;
    h->raised = raised;
}

enum mu_err mu_handoff_put(struct mu_handoff *handoff, void *item)
{
    struct mu_handoff *h = handoff;
    enum mu_err err = MU_E_NO_SPACE;

    assert(item != NULL);
    (void)pthread_mutex_lock(&h->lock);
    if (h->len < h->limit) {
        h->items[(h->first + h->len) % h->limit] = item;
        h->len++;
        set_raised(h, true);
        err = MU_OK;
    }
    (void)pthread_mutex_unlock(&h->lock);
    return err;
}

void *mu_handoff_take(struct mu_handoff *handoff)
{
    struct mu_handoff *h = handoff;
    void *item = NULL;

    (void)pthread_mutex_lock(&h->lock);
    if (h->len > 0) {
        item = h->items[h->first];
        h->first = (h->first + 1) % h->limit;
        h->len--;
        set_raised(h, h->len > 0);
    }
    (void)pthread_mutex_unlock(&h->lock);
    return item;
}
