/*
 * The terms of a sum in the order in which they are known.
 *
 * W @ x + U @ a + b, where only U @ a waits for the state, becomes U @ a + (W @ x + b):
 * what is in brackets leaves the loop as products that start at the bias, and the product
 * in the loop starts at what they give. Of other terms, those that are computed before the
 * products of the loop are summed before them, and those that are not are added behind.
 *
 * Needs: products that are split, and states that hold no sums.
 * Leaves: terms that no state reaches summed by themselves, next to the product that starts at them.
 */
#include "plan/rewrite/passes.h"

#include "base/memory.h"
#include "ops/descriptors.h"
#include "ops/rule.h"
#include "plan/loops/lift.h"
#include "plan/rewrite/uses.h"

typedef enum kind {
    FREE_PRODUCT, /* it leaves the loop */
    PRODUCT,
    COLUMN, /* the same at every step, and one for all columns */
    GIVEN,  /* in memory: a slice, a state, a constant, of the shape of the sum */
    OTHER,
} kind;

/* A term of a sum, and the next one. */
typedef struct term {
    uint32_t node, next;
} term;

typedef struct reordering {
    uint8_t *varies, *free; /* of a body: as gt_copy_mark_varying and gt_lift_mark_free say */
    gt_pool pool;
    const gt_uses *uses;
    uint32_t *top;          /* of an addition: the largest sum around it */
    uint32_t *first, *last; /* of a largest sum: its terms, in `terms`; 0: none */
    uint8_t *worth;         /* of a largest sum: it is made anew */
    uint32_t *products;     /* how many products the computation of a node goes through, one after the other */
    term *terms;            /* from 1 on */
    uint32_t term_count;
} reordering;

static const gt_node *node_at(const gt_copy *copy, uint32_t index)
{
    return gt_tape_node(copy->from, index);
}

static const uint32_t *inputs_of(const gt_copy *copy, uint32_t index)
{
    return gt_node_inputs(copy->from, node_at(copy, index));
}

static gt_shape shape_at(const gt_copy *copy, uint32_t index)
{
    return gt_node_shape(copy->from, node_at(copy, index));
}

static bool is_product(const gt_copy *copy, uint32_t index)
{
    return node_at(copy, index)->op == &gt_op_matmul;
}

/* ---- sums and their terms -------------------------------------------------------------------- */

/* What is read only once is read by one sum; what leaves the tape is not. */
static bool is_read_once(const reordering *r, uint32_t index)
{
    return r->uses->reads[index] == 1 && r->uses->leaves[index] == 0;
}

static bool is_inner(const gt_copy *copy, const reordering *r, uint32_t input, uint32_t sum)
{
    return node_at(copy, input)->op == &gt_op_add && is_read_once(r, input) &&
           gt_shape_same(shape_at(copy, input), shape_at(copy, sum));
}

static void add_term(reordering *r, uint32_t sum, uint32_t node)
{
    uint32_t position = ++r->term_count;
    r->terms[position].node = node;
    if (r->first[sum] == 0)
        r->first[sum] = position;
    else
        r->terms[r->last[sum]].next = position;
    r->last[sum] = position;
}

static void find_sums(const gt_copy *copy, reordering *r)
{
    for (uint32_t i = copy->count; i >= 1; i--) {
        if (!copy->wanted[i] || node_at(copy, i)->op != &gt_op_add)
            continue;
        r->top[i] = r->top[i] == 0 ? i : r->top[i];
        for (int k = 0; k < 2; k++)
            if (is_inner(copy, r, inputs_of(copy, i)[k], i))
                r->top[inputs_of(copy, i)[k]] = r->top[i];
    }
    for (uint32_t i = 1; i <= copy->count; i++)
        for (int k = 0; k < 2 && r->top[i] != 0; k++)
            if (!is_inner(copy, r, inputs_of(copy, i)[k], i))
                add_term(r, r->top[i], inputs_of(copy, i)[k]);
}

static void count_products(const gt_copy *copy, reordering *r)
{
    for (uint32_t i = 1; i <= copy->count; i++) {
        for (uint32_t k = 0; k < node_at(copy, i)->input_count; k++) {
            uint32_t before = r->products[inputs_of(copy, i)[k]];
            r->products[i] = before > r->products[i] ? before : r->products[i];
        }
        r->products[i] += is_product(copy, i);
    }
}

/* ---- what a term is -------------------------------------------------------------------------- */

static bool is_column(gt_shape shape, gt_shape result)
{
    return shape.size[0] == result.size[0] && gt_shape_count(shape) == shape.size[0] &&
           gt_shape_count(result) > result.size[0];
}

static kind kind_of(const gt_copy *copy, uint32_t sum, uint32_t node)
{
    const reordering *r = copy->state;
    bool whole = gt_shape_same(shape_at(copy, node), shape_at(copy, sum));
    bool fixed = copy->around != NULL && !r->varies[node];
    if (whole && is_product(copy, node) && is_read_once(r, node))
        return copy->around != NULL && r->free[node] ? FREE_PRODUCT : PRODUCT;
    if ((fixed || node_at(copy, node)->role != GT_ROLE_NONE) && is_column(shape_at(copy, node), shape_at(copy, sum)))
        return COLUMN;
    return whole && (fixed || node_at(copy, node)->role != GT_ROLE_NONE) ? GIVEN : OTHER;
}

/* A run computes the right operand: the product waits for it, and so may its addend. */
static bool waits_for_run(const gt_copy *copy, uint32_t product)
{
    uint32_t operand = inputs_of(copy, product)[1];
    while (node_at(copy, operand)->op->op_class == GT_CLASS_VIEW)
        operand = inputs_of(copy, operand)[0];
    return node_at(copy, operand)->op->op_class == GT_CLASS_ELEMENTWISE;
}

/* Products that a term may go through to be computed no later than what the products of the sum wait for; -1: none. */
static int64_t most_products(const gt_copy *copy, uint32_t sum)
{
    const reordering *r = copy->state;
    int64_t most = -1;
    for (uint32_t t = r->first[sum]; t != 0; t = r->terms[t].next) {
        uint32_t node = r->terms[t].node;
        if (kind_of(copy, sum, node) == PRODUCT && waits_for_run(copy, node) && r->products[node] - 1 > most)
            most = r->products[node] - 1;
    }
    return most;
}

/* ---- which sums are worth it ----------------------------------------------------------------- */

/* Three terms or more, with a product and something else, or products that leave the loop and products that do not. */
static bool is_worth_it(const gt_copy *copy, uint32_t sum)
{
    const reordering *r = copy->state;
    uint32_t count = 0, of[OTHER + 1] = {0};
    for (uint32_t t = r->first[sum]; t != 0; t = r->terms[t].next, count++)
        of[kind_of(copy, sum, r->terms[t].node)]++;
    uint32_t products = of[PRODUCT] + of[FREE_PRODUCT];
    return count > 2 && products > 0 && (products < count || (of[PRODUCT] > 0 && of[FREE_PRODUCT] > 0));
}

static void reorder_close(gt_copy *copy)
{
    reordering *r = copy->state;
    gt_memory_free(r->varies);
    gt_memory_free(r->free);
    gt_pool_free(&r->pool);
    gt_memory_free(r->top);
    gt_memory_free(r->first);
    gt_memory_free(r->last);
    gt_memory_free(r->worth);
    gt_memory_free(r->products);
    gt_memory_free(r->terms);
    gt_memory_free(r);
}

static bool reorder_open(gt_copy *copy)
{
    size_t count = (size_t)copy->count + 1;
    reordering *r = gt_memory_new(1, sizeof *r);
    copy->state = r;
    if (r == NULL)
        return false;
    r->varies = gt_memory_new(count, 1);
    r->free = gt_memory_new(count, 1);
    r->uses = gt_uses_of_copy(&r->pool, copy);
    r->top = gt_memory_new(count, sizeof *r->top);
    r->first = gt_memory_new(count, sizeof *r->first);
    r->last = gt_memory_new(count, sizeof *r->last);
    r->worth = gt_memory_new(count, 1);
    r->products = gt_memory_new(count, sizeof *r->products);
    r->terms = gt_memory_new(2 * count, sizeof *r->terms);
    if (r->varies == NULL || r->free == NULL || r->uses == NULL || r->top == NULL || r->first == NULL ||
        r->last == NULL || r->worth == NULL || r->products == NULL || r->terms == NULL)
        return false;
    if (copy->around != NULL) {
        gt_copy_mark_varying(copy, r->varies);
        if (!gt_lift_mark_free(copy, r->varies, r->free))
            return false;
    }
    find_sums(copy, r);
    count_products(copy, r);
    /* Once for each sum, however many sums are within it: those are not needed any more where it is made anew. */
    for (uint32_t i = 1; i <= copy->count; i++)
        r->worth[i] = r->top[i] == i && is_worth_it(copy, i);
    for (uint32_t i = copy->count; i >= 1; i--)
        if (r->top[i] != 0 && r->top[i] != i && r->worth[r->top[i]])
            copy->wanted[i] = 0;
    return true;
}

/* ---- the sum anew ---------------------------------------------------------------------------- */

static gt_var plus(gt_var a, gt_var b)
{
    return a.tape == NULL ? b : b.tape == NULL ? a : gt_add(a, b);
}

/* The sum of all terms of one kind, or of all others that are computed by then or are not. */
typedef struct parts {
    gt_var of[OTHER + 1];
    gt_var late; /* OTHER is what is early */
} parts;

static parts add_up(const gt_copy *copy, uint32_t sum)
{
    const reordering *r = copy->state;
    int64_t most = most_products(copy, sum);
    parts p = {0};
    for (uint32_t t = r->first[sum]; t != 0; t = r->terms[t].next) {
        uint32_t node = r->terms[t].node;
        kind k = kind_of(copy, sum, node);
        gt_var *to = k == OTHER && (int64_t)r->products[node] > most ? &p.late : &p.of[k];
        *to = plus(*to, copy->map[node]);
    }
    return p;
}

/* In memory when the products begin there is one addend; the rest is added behind them. */
static gt_var add_around_products(parts *p)
{
    gt_var start = p->of[FREE_PRODUCT];
    gt_var *given = start.tape != NULL || p->of[GIVEN].tape == NULL ? &p->of[COLUMN] : &p->of[GIVEN];
    start = plus(start, *given);
    *given = GT_NONE;
    if (p->of[OTHER].tape != NULL) {
        start = plus(plus(plus(p->of[OTHER], p->of[GIVEN]), p->of[COLUMN]), start);
        p->of[GIVEN] = p->of[COLUMN] = GT_NONE;
    }
    gt_var sum = plus(p->of[PRODUCT], start);
    return plus(plus(plus(sum, p->of[GIVEN]), p->of[COLUMN]), p->late);
}

static gt_var reorder_node(gt_copy *copy, uint32_t index)
{
    const reordering *r = copy->state;
    if (!r->worth[index])
        return GT_NONE;
    parts p = add_up(copy, index);
    gt_var sum = add_around_products(&p);
    return gt_name(sum, gt_intern_text_at(&copy->from->names, node_at(copy, index)->name));
}

const gt_rewrite gt_pass_reorder_sums = {.open = reorder_open, .close = reorder_close, .node = reorder_node};
