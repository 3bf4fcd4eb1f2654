/*
 * Packing buffers into the arena.
 *
 * Needs: the lifetimes of all buffers of a level. Leaves: where in the arena each is.
 *
 * They come in the order in which they begin, each into the
 * smallest hole that is large enough; what has ended leaves a hole.
 *
 * Under a memory budget the largest come first, too, each where it meets none that is there at the same time, and
 * whichever takes less is taken: a few buffers, the bodies of loops over segments and the stacks of the last one,
 * are most of the memory then, one after the other in time, and a small one that is in a hole when the next of them
 * begins would double it.
 */
#include "plan/memory/memory.h"

#include <stdint.h>
#include <stdlib.h>

#define ALIGNMENT 64

typedef struct hole {
    size_t offset, bytes;
} hole;

typedef struct packing {
    hole *holes; /* by offset, never touching each other */
    size_t hole_count;
    size_t end;     /* of all that has been used */
    bool too_large; /* for the address space */
} packing;

static int by_begin(const void *a, const void *b)
{
    const gt_buffer *x = *(gt_buffer *const *)a, *y = *(gt_buffer *const *)b;
    return x->begin != y->begin ? (x->begin > y->begin) - (x->begin < y->begin) : (x > y) - (x < y);
}

static int by_end(const void *a, const void *b)
{
    const gt_buffer *x = *(gt_buffer *const *)a, *y = *(gt_buffer *const *)b;
    return x->end != y->end ? (x->end > y->end) - (x->end < y->end) : (x > y) - (x < y);
}

/*
 * Stacks of matrices whose sizes are powers of two would begin at the same places of the cache's sets, and a
 * loop that goes through a dozen of them side by side would drive its own lines out: so they are a few
 * lines apart.
 */
static size_t aligned(size_t bytes)
{
    enum { LARGE = 4096, APART = 5 * ALIGNMENT };
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + (bytes >= LARGE ? APART : 0);
}

static void take(packing *p, gt_buffer *buffer)
{
    size_t bytes = aligned(buffer->bytes), best = p->hole_count;
    for (size_t i = 0; i < p->hole_count; i++)
        if (p->holes[i].bytes >= bytes && (best == p->hole_count || p->holes[i].bytes < p->holes[best].bytes))
            best = i;
    if (best == p->hole_count) {
        buffer->offset = p->end;
        p->too_large |= __builtin_add_overflow(p->end, bytes, &p->end);
        return;
    }
    hole *h = &p->holes[best];
    buffer->offset = h->offset;
    h->offset += bytes;
    h->bytes -= bytes;
    if (h->bytes > 0)
        return;
    for (size_t k = best; k + 1 < p->hole_count; k++)
        p->holes[k] = p->holes[k + 1];
    p->hole_count--;
}

static void give_back(packing *p, const gt_buffer *buffer)
{
    size_t i = p->hole_count, bytes = aligned(buffer->bytes);
    if (bytes == 0)
        return;
    for (; i > 0 && p->holes[i - 1].offset > buffer->offset; i--)
        p->holes[i] = p->holes[i - 1];
    p->holes[i] = (hole){buffer->offset, bytes};
    p->hole_count++;
    /* Join with the neighbours, the one behind first. */
    for (int side = 1; side >= 0; side--) {
        size_t k = i + (size_t)side;
        if (k == 0 || k >= p->hole_count || p->holes[k - 1].offset + p->holes[k - 1].bytes != p->holes[k].offset)
            continue;
        p->holes[k - 1].bytes += p->holes[k].bytes;
        for (size_t j = k; j + 1 < p->hole_count; j++)
            p->holes[j] = p->holes[j + 1];
        p->hole_count--;
    }
}

static bool is_packed(const gt_level *level, const gt_buffer *buffer)
{
    return buffer->level == level->number && buffer->output == 0;
}

/* ---- the largest first ------------------------------------------------------------------------ */

static int by_size(const void *a, const void *b)
{
    const gt_buffer *x = *(gt_buffer *const *)a, *y = *(gt_buffer *const *)b;
    return x->bytes != y->bytes ? (x->bytes < y->bytes) - (x->bytes > y->bytes) : by_begin(a, b);
}

static bool meet(const gt_buffer *a, const gt_buffer *b)
{
    return a->begin <= b->end && b->begin <= a->end;
}

/* The lowest place for a buffer; `placed`, by offset, are there. SIZE_MAX: there is none in the address space. */
static size_t lowest_place(gt_buffer *const *placed, const size_t *offsets, size_t count, const gt_buffer *buffer)
{
    size_t at = 0, bytes = aligned(buffer->bytes), end = 0;
    for (size_t i = 0; i < count; i++) {
        if (!meet(placed[i], buffer))
            continue;
        if (offsets[i] >= at && offsets[i] - at >= bytes)
            return at;
        end = offsets[i] + aligned(placed[i]->bytes);
        at = end > at ? end : at;
    }
    return __builtin_add_overflow(at, bytes, &end) ? SIZE_MAX : at;
}

/* Places, parallel to `list`, which is put in their order. False if that is no less than `least`, which is made less.
 */
static bool pack_by_size(gt_buffer **list, gt_buffer **placed, size_t *offsets, size_t count, size_t *least)
{
    size_t most = 0;
    qsort(list, count, sizeof *list, by_size);
    for (size_t n = 0; n < count; n++) {
        size_t at = lowest_place(placed, offsets, n, list[n]), k = n;
        if (at == SIZE_MAX)
            return false;
        for (; k > 0 && offsets[k - 1] > at; k--) {
            offsets[k] = offsets[k - 1];
            placed[k] = placed[k - 1];
        }
        offsets[k] = at;
        placed[k] = list[n];
        size_t end = at + aligned(list[n]->bytes);
        most = end > most ? end : most;
    }
    if (most >= *least)
        return false;
    *least = most;
    return true;
}

/* False on no memory. */
static bool try_by_size(gt_lowering *lowering, gt_buffer **list, size_t count, size_t *least)
{
    gt_buffer **placed = gt_pool_new(&lowering->scratch, count, sizeof *placed);
    size_t *offsets = gt_pool_new(&lowering->scratch, count, sizeof *offsets);
    if (placed == NULL || offsets == NULL)
        return false;
    bool better = pack_by_size(list, placed, offsets, count, least);
    for (size_t i = 0; i < count && better; i++)
        placed[i]->offset = offsets[i];
    return true;
}

/* ---- the phase -------------------------------------------------------------------------------- */

bool gt_arena_pack(gt_lowering *lowering, const gt_level *level, size_t *bytes)
{
    enum { MOST_BY_SIZE = 2048 }; /* planning stays proportional to the tape */
    size_t count = 0;
    for (size_t i = 0; i < lowering->buffer_count; i++)
        count += is_packed(level, &lowering->buffers[i]);
    gt_buffer **begins = gt_pool_new(&lowering->scratch, count, sizeof *begins);
    gt_buffer **ends = gt_pool_new(&lowering->scratch, count, sizeof *ends);
    packing p = {.holes = gt_pool_new(&lowering->scratch, count + 1, sizeof *p.holes)};
    count = 0;
    if (begins == NULL || ends == NULL || p.holes == NULL)
        return false;
    for (size_t i = 0; i < lowering->buffer_count; i++)
        if (is_packed(level, &lowering->buffers[i])) {
            begins[count] = ends[count] = &lowering->buffers[i];
            count++;
        }
    qsort(begins, count, sizeof *begins, by_begin);
    qsort(ends, count, sizeof *ends, by_end);
    for (size_t i = 0, ended = 0; i < count; i++) {
        for (; ended < count && ends[ended]->end < begins[i]->begin; ended++)
            give_back(&p, ends[ended]);
        take(&p, begins[i]);
    }
    *bytes = p.end;
    bool tight = lowering->program->segments.count > 0 && count <= MOST_BY_SIZE && !p.too_large;
    return !p.too_large && (!tight || try_by_size(lowering, begins, count, bytes));
}
