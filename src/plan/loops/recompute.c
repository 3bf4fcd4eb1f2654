/*
 * What is stored and what is computed again.
 *
 * A loop that reads the values of another loop at every step, as the gradient
 * reads those of the forward pass, needs a stack of them. Where such a value is
 * a few additions, products and the like of what has a stack anyway (or is given
 * from outside), it is computed again instead: that is done in the nearest cache
 * while a stack is written to memory and read from it. So is an activation, if its
 * stack would be large. Of values that are joined or reshaped the parts are stacked,
 * so that they need not be moved. A product with its bias that leaves the loop
 * (fission.c) is there for all steps as it is: it is read, for else its product would be stored, too.
 *
 * Needs: loops with all of their arithmetic, and stacks of them that other loops read.
 * Leaves: no stack of what is cheap to compute again from other stacks; whoever read it computes it.
 */
#include "base/types.h"
#include "plan/rewrite/passes.h"

#include "base/memory.h"
#include "ops/descriptors.h"
#include "ops/rule.h"
#include "plan/rewrite/uses.h"

/* More ops than these cost more than a stack. */
enum { MOST_OPS = 4, MOST_PARTS = 8 };

/*
 * An activation takes some 0.4 ns an entry. To write it and to read it back takes less while its
 * stack is in a cache and as long where it is not; then the memory is what is saved.
 */
static const size_t LARGE_STACK = (size_t)16 << 20;

typedef struct recompute {
    gt_pool pool;
    const gt_uses *uses;
    uint8_t *cost;    /* of each body node: ops that compute it again; 0: it is not */
    uint8_t *stacked; /* of each body node: it has a wanted stack */
    uint8_t *chosen;  /* of each body node: it gets a stack, for what is computed from it */
    uint8_t *waits;   /* of each body node: it depends on a state */
    uint8_t *leaves;  /* of each body node: it is a product, or a sum of such, that is done outside of the loop */
    uint8_t *needed;  /* of each body node: something else than such a sum reads it */
} recompute;

/* ---- which values are computed again ------------------------------------------------------- */

static size_t bytes_of(const gt_copy *body, uint32_t index)
{
    const gt_node *node = gt_tape_node(body->from, index);
    return (size_t)gt_shape_count(gt_node_shape(body->from, node)) * gt_dtype_size((gt_dtype)node->dtype);
}

static bool has_large_stack(const gt_copy *body, uint32_t index)
{
    return bytes_of(body, index) * (size_t)body->from_scan->steps > LARGE_STACK;
}

static bool is_joining(const gt_op *op)
{
    return op == &gt_op_concat || op == &gt_op_reshape;
}

/* The stacks of a body, and those that something else than a loop reads step by step: they stay. */
static void mark_stacks(const gt_copy *body, recompute *r, uint8_t *stays)
{
    const gt_scan *scan = body->from_scan;
    const recompute *outer = body->around->state;
    for (size_t p = 0; p < scan->part_count; p++) {
        const gt_node *part = gt_tape_node(body->around->from, scan->parts[p]);
        if (!body->around->wanted[scan->parts[p]] || part->op != &gt_op_scan_stack)
            continue;
        int64_t value = gt_node_attributes(body->around->from, part)[0];
        r->stacked[value] = 1;
        uint32_t uses = gt_uses_count(outer->uses, scan->parts[p]);
        stays[value] = uses != outer->uses->scanned[scan->parts[p]] || uses == 0;
    }
}

static bool is_input(const gt_node *node)
{
    return node->input_count == 0;
}

/* The old and the new values of a state are one stack, shifted by a step: who stores one has the other. */
static void mark_shifted_stacks(const gt_copy *body, recompute *r, uint8_t *stays)
{
    const gt_scan *scan = body->from_scan;
    for (size_t k = 0; k < scan->carry_count; k++) {
        const gt_scan_carry_link *carry = &scan->carries[k];
        stays[carry->after] |= r->stacked[carry->before];
        r->stacked[carry->before] = r->stacked[carry->after] = r->stacked[carry->before] | r->stacked[carry->after];
    }
}

static void mark_waiting(const gt_copy *body, recompute *r)
{
    for (size_t k = 0; k < body->from_scan->carry_count; k++)
        r->waits[body->from_scan->carries[k].before] = 1;
    for (uint32_t i = 1; i <= body->count; i++) {
        const gt_node *node = gt_tape_node(body->from, i);
        for (uint32_t k = 0; k < node->input_count; k++)
            r->waits[i] |= r->waits[gt_node_inputs(body->from, node)[k]];
    }
}

/* One term leaves the loop, and the other one as well or is the same at every step. */
static bool is_leaving_sum(const gt_copy *body, const recompute *r, uint32_t index)
{
    const gt_node *node = gt_tape_node(body->from, index);
    const uint32_t *inputs = gt_node_inputs(body->from, node);
    for (int k = 0; k < 2 && node->op == &gt_op_add; k++) {
        bool alike = gt_shape_same(gt_node_shape(body->from, gt_tape_node(body->from, inputs[k])),
                                   gt_node_shape(body->from, node));
        bool fits = r->leaves[inputs[1 - k]] || gt_scan_find_invariant(body->from_scan, inputs[1 - k]) != NULL;
        if (alike && fits && r->leaves[inputs[k]])
            return true;
    }
    return false;
}

static void mark_leaving(const gt_copy *body, recompute *r)
{
    for (uint32_t i = 1; i <= body->count; i++) {
        const gt_node *node = gt_tape_node(body->from, i);
        bool sum = is_leaving_sum(body, r, i);
        r->leaves[i] = (node->op == &gt_op_matmul && !r->waits[i]) || sum;
        for (uint32_t k = 0; k < node->input_count && !sum; k++)
            r->needed[gt_node_inputs(body->from, node)[k]] = 1;
    }
}

/* It has a stack, or gets one: for a mean of a column that costs next to nothing. */
static bool is_at_hand(const gt_copy *body, const recompute *r, const gt_node *reader, uint32_t index)
{
    enum { NARROW = 8 };
    const gt_node *node = gt_tape_node(body->from, index);
    bool narrow =
        NARROW * gt_shape_count(gt_node_shape(body->from, node)) <= gt_shape_count(gt_node_shape(body->from, reader));
    return r->stacked[index] || r->chosen[index] || (narrow && !gt_class_is_tuple(node->op->op_class));
}

/* Of an operand that is not computed again there must be a stack, unless it is the same at every step. */
static bool can_be_stacked(const gt_copy *body, uint32_t index)
{
    return gt_node_shape(body->from, gt_tape_node(body->from, index)).rank < GT_MAX_RANK ||
           gt_scan_find_invariant(body->from_scan, index) != NULL;
}

/* In the order of the tape, so that it is known of the inputs whether they are computed again. */
static void find_costs(const gt_copy *body, recompute *r, const uint8_t *stays)
{
    for (uint32_t i = 1; i <= body->count; i++) {
        const gt_node *node = gt_tape_node(body->from, i);
        bool joining = is_joining(node->op) && node->input_count <= MOST_PARTS;
        bool activation = node->op->cost == GT_COST_FUNCTION && has_large_stack(body, i);
        bool possible =
            (((node->op->cost == GT_COST_ARITHMETIC || activation) && !stays[i]) || joining) && !r->leaves[i];
        uint32_t cost = activation ? MOST_OPS : 1; /* of what is stored itself */
        for (uint32_t k = 0; k < node->input_count && possible; k++) {
            uint32_t input = gt_node_inputs(body->from, node)[k];
            cost += r->cost[input];
            bool at_hand = is_input(gt_tape_node(body->from, input)) || is_at_hand(body, r, node, input) || joining;
            possible = r->cost[input] > 0 || (at_hand && can_be_stacked(body, input));
        }
        uint32_t most = joining ? 2 * MOST_OPS : MOST_OPS;
        r->cost[i] = (uint8_t)(possible && !is_input(node) && cost <= most ? cost : 0);
    }
}

/* ---- which values get a stack instead ------------------------------------------------------- */

/* Bytes of a step's slots that the costs save. */
static size_t saved_bytes(const gt_copy *body, const recompute *r)
{
    size_t saved = 0;
    for (uint32_t i = 1; i <= body->count; i++)
        saved += r->stacked[i] && r->cost[i] > 0 ? bytes_of(body, i) : 0;
    return saved;
}

static bool is_candidate(const gt_copy *body, const recompute *r, uint32_t index)
{
    const gt_node *node = gt_tape_node(body->from, index);
    return !is_input(node) && !gt_class_is_tuple(node->op->op_class) && gt_type_is_real((gt_dtype)node->dtype) &&
           r->cost[index] == 0 && !r->stacked[index] && !r->chosen[index];
}

/* What leaves the loop is there for all steps anyway, unless it is a term of a sum that leaves and no more. */
static size_t bytes_of_stack(const gt_copy *body, const recompute *r, uint32_t index)
{
    return r->leaves[index] && r->needed[index] ? 0 : bytes_of(body, index);
}

/* Tries a stack of the value. True if it saves more than it takes, and more than `best`, which it then is. */
static bool is_better(const gt_copy *body, recompute *r, const uint8_t *stays, uint32_t index, size_t *best)
{
    size_t before = saved_bytes(body, r), bytes = bytes_of_stack(body, r, index);
    r->chosen[index] = 1;
    find_costs(body, r, stays);
    size_t after = saved_bytes(body, r);
    r->chosen[index] = 0;
    find_costs(body, r, stays);
    if (after <= before + bytes + *best)
        return false;
    *best = after - before - bytes;
    return true;
}

/*
 * A matrix from which several stored ones are made by cheap ops, such as what is centred and
 * divided by its deviation, is stored in their place.
 */
static void choose_stacks(const gt_copy *body, recompute *r, const uint8_t *stays)
{
    enum { MOST_ROUNDS = 4, MOST_TRIALS = 32, MOST_NODES = 2000 };
    uint32_t chosen = body->count <= MOST_NODES, trials = 0;
    for (int round = 0; round < MOST_ROUNDS && chosen != 0; round++) {
        size_t best = 0;
        chosen = 0;
        for (uint32_t i = 1; i <= body->count; i++) {
            const gt_node *node = gt_tape_node(body->from, i);
            bool stored = r->stacked[i] && r->cost[i] == 0 && !stays[i] && node->op->cost == GT_COST_ARITHMETIC;
            for (uint32_t k = 0; k < node->input_count && stored && trials < MOST_TRIALS; k++) {
                uint32_t input = gt_node_inputs(body->from, node)[k];
                if (!is_candidate(body, r, input))
                    continue;
                trials++;
                chosen = is_better(body, r, stays, input, &best) ? input : chosen;
            }
        }
        r->chosen[chosen] = chosen != 0;
        find_costs(body, r, stays);
    }
}

static bool recompute_open(gt_copy *copy)
{
    size_t count = (size_t)copy->count + 1;
    recompute *r = gt_memory_new(1, sizeof *r);
    uint8_t *stays = gt_memory_new(count, 1);
    copy->state = r;
    if (r != NULL) {
        r->uses = gt_uses_of_copy(&r->pool, copy);
        r->cost = gt_memory_new(count, 1);
        r->stacked = gt_memory_new(count, 1);
        r->chosen = gt_memory_new(count, 1);
        r->waits = gt_memory_new(count, 1);
        r->leaves = gt_memory_new(count, 1);
        r->needed = gt_memory_new(count, 1);
    }
    bool open = r != NULL && stays != NULL && r->uses != NULL && r->cost != NULL && r->stacked != NULL &&
                r->chosen != NULL && r->waits != NULL && r->leaves != NULL && r->needed != NULL;
    if (open) {
        if (copy->around != NULL) {
            mark_stacks(copy, r, stays);
            mark_shifted_stacks(copy, r, stays);
            mark_waiting(copy, r);
            mark_leaving(copy, r);
            find_costs(copy, r, stays);
            choose_stacks(copy, r, stays);
        }
    }
    gt_memory_free(stays);
    return open;
}

static void recompute_close(gt_copy *copy)
{
    recompute *r = copy->state;
    gt_pool_free(&r->pool);
    gt_memory_free(r->cost);
    gt_memory_free(r->stacked);
    gt_memory_free(r->chosen);
    gt_memory_free(r->waits);
    gt_memory_free(r->leaves);
    gt_memory_free(r->needed);
    gt_memory_free(r);
}

/* ---- computing ----------------------------------------------------------------------------- */

/* Node `index` of the body of `source`, in the body of `reader`. */
static gt_var again(gt_copy *reader, const gt_copy *source, uint32_t index)
{
    const recompute *r = source->state;
    const gt_node *node = gt_tape_node(source->from, index);
    const char *name = gt_intern_text_at(&source->from->names, node->name);
    if (r->cost[index] == 0) {
        if (source->map[index].tape != source->to)
            return source->map[index]; /* the same at every step */
        return gt_copy_sequence(reader, name, gt_copy_all_steps(source, index));
    }
    gt_var operands[MOST_PARTS];
    for (uint32_t k = 0; k < node->input_count; k++)
        operands[k] = again(reader, source, gt_node_inputs(source->from, node)[k]);
    const int64_t *attributes = gt_node_attributes(source->from, node);
    return gt_name(gt_apply(node->op, operands, node->input_count, attributes, node->attribute_count), name);
}

static gt_var recompute_input(gt_copy *reader, uint32_t k)
{
    const gt_copy *around = reader->around;
    const gt_node *part = gt_tape_node(around->from, reader->from_scan->inputs[k].outside);
    if (part->op != &gt_op_scan_stack)
        return GT_NONE;
    const gt_copy *source = around->bodies[gt_node_inputs(around->from, part)[0]];
    uint32_t index = (uint32_t)gt_node_attributes(around->from, part)[0];
    if (source == NULL || source->state == NULL || source->map[index].tape != source->to)
        return GT_NONE;
    const recompute *r = source->state;
    return r->cost[index] > 0 ? again(reader, source, index) : GT_NONE;
}

const gt_rewrite gt_pass_recompute = {.open = recompute_open, .close = recompute_close, .input = recompute_input};
