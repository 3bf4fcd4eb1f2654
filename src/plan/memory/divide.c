/*
 * What threads may divide among themselves: a backward pass over the items of a body.
 *
 * Needs: the places of the body of a loop on a shared level, which is the outer one or the body of a loop over
 * segments. Leaves: into how many pieces that are
 * independent of each other it may be divided, and which items are done for each by itself.
 *
 * A value is divided if it consists of equal pieces, one after the other, so that a thread
 * can do with its own pieces alone; a value may also be
 * needed as a whole, and then every thread computes all of it for itself. What is
 * divided and what is whole follows from the op's class and the shapes, never from
 * the name of a cell.
 *
 * Nobody says what the pieces are. They may be the columns of a batch; where each of these is
 * several columns of a matrix, as in a matrix memory, a piece is so many; of a single example they
 * may be heads, or single rows where all is done entry by entry. How many there may be
 * follows from the sizes of the states; most are tried first.
 */
#include "plan/memory/memory.h"

#include "base/divisor.h"
#include "ops/descriptors.h"
#include "plan/order/batch.h"

#include <string.h>

/* While it is found. */
typedef struct dividing {
    const gt_lowering *lowering;
    const gt_level *body;
    int64_t batch;
    uint8_t *divided; /* of each item */
    uint8_t *whole;   /* of each node: something needs all of it */
} dividing;

/* ---- how many there are -------------------------------------------------------------------- */

static int64_t last_size(gt_shape shape)
{
    int axis = GT_MAX_RANK - 1;
    while (axis > 0 && shape.size[axis] == 1)
        axis--;
    return shape.size[axis];
}

/* All states and all that is stacked must have them: what their last axes have in common. */
static int64_t most_pieces(const gt_level *body)
{
    int64_t most = 0;
    for (uint32_t k = 0; k < body->scan->carry_count; k++)
        if (body->carried[k])
            most = gt_common_divisor(last_size(gt_level_shape(body, body->scan->carries[k].before)), most);
    for (uint32_t i = 1; i <= body->count; i++)
        if (body->stack_of[i] != 0)
            most = gt_common_divisor(last_size(gt_level_shape(body, i)), most);
    return most;
}

/* The next fewer that some value of the body has, too: so many columns, or blocks of them; 1: none. */
static int64_t fewer_pieces(const gt_level *body, int64_t pieces)
{
    int64_t fewer = 1;
    for (uint32_t i = 1; i <= body->count; i++) {
        int64_t common = body->wanted[i] ? gt_common_divisor(last_size(gt_level_shape(body, i)), pieces) : 1;
        if (common < pieces && common > fewer)
            fewer = common;
    }
    return fewer;
}

/* Bytes of the largest piece of a state or of what is stacked; 0: pieces are columns, or several. */
static size_t row_bytes(const gt_level *body, int64_t pieces)
{
    size_t most = 0;
    for (uint32_t i = 1; i <= body->count; i++) {
        uint32_t state = body->states->of[i];
        bool lasts = body->stack_of[i] != 0 || (state != 0 && body->scan->carries[state - 1].before == i);
        size_t bytes = lasts ? gt_level_bytes(body, i) / (size_t)pieces : 0;
        if (lasts && gt_batch_axis(gt_level_shape(body, i), pieces) > 0)
            return 0;
        most = bytes > most ? bytes : most;
    }
    return most;
}

/*
 * Rows are divided into parts of some cache lines: what two threads write side by side shares a line at the border,
 * and a part of a vector takes as long as a whole one.
 */
static int64_t unit_of(const gt_level *body, int64_t pieces)
{
    enum { LEAST_BYTES = 256 };
    size_t bytes = row_bytes(body, pieces);
    return bytes == 0 ? 1 : (int64_t)((LEAST_BYTES + bytes - 1) / bytes);
}

/* ---- what is whole ------------------------------------------------------------------------- */

static bool is_tuple(const gt_node *node)
{
    return gt_class_is_tuple(node->op->op_class);
}

/* Every value of a node: its own, or those of its parts. */
static uint32_t first_value(const gt_level *body, uint32_t index)
{
    return is_tuple(gt_level_node(body, index)) ? body->chain[index] : index;
}

static uint32_t next_value(const gt_level *body, uint32_t index, uint32_t value)
{
    return is_tuple(gt_level_node(body, index)) ? body->chain[value] : 0;
}

/* Can all that the item computes be computed by pieces, and does nobody need it whole? */
static bool is_divided(const dividing *d, const gt_item *item)
{
    const gt_level *body = d->body;
    for (uint32_t n = 0; n < item->count; n++)
        for (uint32_t v = first_value(body, item->nodes[n]); v != 0; v = next_value(body, item->nodes[n], v))
            if (body->wanted[v] && (d->whole[v] || !gt_batch_possible(body->tape, v, d->batch)))
                return false;
    return true;
}

static void ask_operands(const dividing *d, uint32_t number)
{
    const gt_level *body = d->body;
    const gt_item *item = &body->order->items[number];
    for (uint32_t n = 0; n < item->count; n++) {
        const gt_node *node = gt_level_node(body, item->nodes[n]);
        for (uint32_t k = 0; k < node->input_count; k++) {
            uint32_t input = gt_node_inputs(body->tape, node)[k];
            bool inside = !gt_level_enters(body, input) && body->order->item_of[input] == number;
            bool pieces = d->divided[number] && (is_tuple(node) || gt_batch_taking(body->tape, item->nodes[n], k,
                                                                                   d->batch) == GT_TAKES_PIECES);
            d->whole[input] |= !inside && !pieces;
        }
    }
}

/* ---- whether it is safe -------------------------------------------------------------------- */

/* In memory that all threads share: on a level around the body, where a state is, too. */
static bool is_shared(const dividing *d, uint32_t index)
{
    const gt_storage *storage = &d->body->places->storage[index];
    if (!storage->known || !storage->in_buffer)
        return storage->known && storage->address.base == GT_BASE_POINTER;
    return d->lowering->levels[d->lowering->buffers[storage->buffer].level]->depth < d->body->depth;
}

/* An address within another value. */
static bool is_view(const gt_level *body, uint32_t index)
{
    const gt_node *node = gt_level_node(body, index);
    if (node->op != &gt_op_reshape && node->op != &gt_op_slice && node->op != &gt_op_part)
        return false;
    uint32_t of = gt_node_inputs(body->tape, node)[0];
    if (node->op == &gt_op_part)
        of = gt_level_inputs(body, of)[0];
    const gt_storage *a = &body->places->storage[index], *b = &body->places->storage[of];
    return a->in_buffer == b->in_buffer && (a->in_buffer ? a->buffer == b->buffer : a->address.base == b->address.base);
}

static bool is_written(const gt_level *body, uint32_t index)
{
    return body->wanted[index] && !gt_level_enters(body, index) && body->places->storage[index].known &&
           !is_tuple(gt_level_node(body, index)) && !is_view(body, index);
}

static bool are_alike(const gt_level *body, uint32_t i, uint32_t k)
{
    return gt_shape_count(gt_level_shape(body, k)) == gt_shape_count(gt_level_shape(body, i)) &&
           gt_level_node(body, k)->dtype == gt_level_node(body, i)->dtype;
}

/* The value that holds the memory of another one: the first that is written there. */
static uint32_t *holder_of(const dividing *d, uint32_t index)
{
    return gt_holder(d->lowering, &d->body->places->storage[index]);
}

/* False if a value is not written by pieces. */
static bool find_written(const dividing *d)
{
    for (uint32_t i = d->body->count; i >= 1; i--) {
        if (!is_written(d->body, i) || !is_shared(d, i))
            continue;
        if (!d->divided[d->body->order->item_of[i]])
            return false;
        *holder_of(d, i) = i;
    }
    return true;
}

/*
 * What the body writes to shared memory it writes by pieces; what it reads there
 * and also writes has the same pieces at every step. Where several values are written to
 * one memory none of them, nor any other that is there, may be needed whole; where one is, no other.
 */
static bool are_apart(const dividing *d)
{
    for (uint32_t i = 1; i <= d->body->count; i++) {
        uint32_t first = d->body->wanted[i] && is_shared(d, i) ? *holder_of(d, i) : 0;
        if (first == 0 || first == i)
            continue;
        bool first_is_read = is_written(d->body, i) && d->whole[first];
        if (d->whole[i] || first_is_read || !are_alike(d->body, first, i))
            return false;
    }
    return true;
}

static bool pieces_are_apart(const dividing *d)
{
    bool apart = find_written(d) && are_apart(d);
    for (uint32_t i = 1; i <= d->body->count; i++)
        if (is_written(d->body, i) && is_shared(d, i))
            *holder_of(d, i) = 0;
    return apart;
}

static bool has_pieces(const dividing *d, uint32_t index)
{
    return gt_batch_axis(gt_level_shape(d->body, index), d->batch) >= 0;
}

static bool links_are_divided(const dividing *d)
{
    const gt_level *body = d->body;
    for (uint32_t k = 0; k < body->scan->carry_count; k++) {
        const gt_scan_carry_link *carry = &body->scan->carries[k];
        if (body->carried[k] &&
            (d->whole[carry->before] || !has_pieces(d, carry->before) || !has_pieces(d, carry->after)))
            return false;
    }
    for (uint32_t i = 1; i <= body->count; i++)
        if (body->stack_of[i] != 0 && !has_pieces(d, i))
            return false;
    return true;
}

/* How many of the values that a step leaves for others lie within so many lines of a cache. */
static void count_narrow(const dividing *d, uint32_t narrow[GT_NARROW_LEVELS])
{
    enum { LINE = 64 };
    for (uint32_t i = 1; i <= d->body->count; i++) {
        if (!is_written(d->body, i) || !is_shared(d, i))
            continue;
        int64_t lines = (gt_level_bytes(d->body, i) + LINE - 1) / LINE;
        uint32_t level = 0;
        while (level < GT_NARROW_LEVELS && (int64_t)1 << level < lines)
            level++;
        if (level < GT_NARROW_LEVELS)
            narrow[level]++;
    }
}

/* ---- the phase ----------------------------------------------------------------------------- */

/* Is the body divided into so many pieces? Which of its items are is in d->divided, then. */
static bool divides(dividing *d, int64_t pieces)
{
    const gt_level *body = d->body;
    d->batch = pieces;
    memset(d->whole, 0, (size_t)body->count + 1);
    for (uint32_t number = body->order->item_count; number-- > 0;) {
        d->divided[number] = is_divided(d, &body->order->items[number]);
        ask_operands(d, number);
    }
    return links_are_divided(d) && pieces_are_apart(d);
}

bool gt_division_find(gt_lowering *lowering, const gt_level *body, const gt_division **division)
{
    gt_pool *pool = &lowering->scratch;
    gt_division *found = gt_pool_new(pool, 1, sizeof *found);
    dividing d = {lowering, body, 0, gt_pool_new(pool, body->order->item_count, 1),
                  gt_pool_new(pool, (size_t)body->count + 1, 1)};
    *division = NULL;
    if (found == NULL || d.divided == NULL || d.whole == NULL || !gt_holders_make(lowering, body->around))
        return false;
    int64_t pieces = most_pieces(body);
    while (pieces > 1 && !divides(&d, pieces))
        pieces = fewer_pieces(body, pieces);
    if (pieces <= 1)
        return true;
    *found = (gt_division){.batch = pieces, .unit = unit_of(body, pieces), .divided = d.divided};
    count_narrow(&d, found->narrow);
    *division = found;
    return true;
}
