/*
 * The levels of a program.
 *
 * Needs: a program that has been through the passes. Leaves: a level for the outer tape
 * and one for the body of every scan that is wanted; what is wanted of each; who reads
 * what. First, since all other phases ask for what is wanted.
 */
#include "plan/order/level.h"

#include "base/error.h"
#include "base/memory.h"
#include "ops/descriptors.h"
#include "ops/part.h"
#include "plan/rewrite/halves.h"

_Static_assert(GT_MOST_NESTED == GT_MAX_LOOPS, "what passes nest, code can run");

/* A level while it is made. */
typedef struct making {
    gt_lowering *lowering;
    gt_error *error;
} making;

/* What of a level is written while it is made. */
typedef struct draft {
    gt_level *level;
    uint8_t *wanted, *carried, *stacked;
    uint32_t *chain, *stack_of;
    const gt_level **bodies;
} draft;

static bool take_arrays(gt_pool *pool, draft *d)
{
    size_t count = (size_t)d->level->count + 1, states = d->level->scan == NULL ? 0 : d->level->scan->carry_count;
    d->wanted = gt_pool_new(pool, count, sizeof *d->wanted);
    d->carried = gt_pool_new(pool, states, sizeof *d->carried);
    d->stacked = gt_pool_new(pool, count, sizeof *d->stacked);
    d->chain = gt_pool_new(pool, count, sizeof *d->chain);
    d->stack_of = gt_pool_new(pool, count, sizeof *d->stack_of);
    d->bodies = gt_pool_new(pool, count, sizeof *d->bodies);
    return d->wanted != NULL && d->carried != NULL && d->stacked != NULL && d->chain != NULL && d->stack_of != NULL &&
           d->bodies != NULL;
}

static void link_parts(draft *d)
{
    for (uint32_t i = d->level->count; i >= 1; i--) {
        if (gt_level_node(d->level, i)->op->op_class != GT_CLASS_PART)
            continue;
        uint32_t tuple = gt_level_inputs(d->level, i)[0];
        d->chain[i] = d->chain[tuple];
        d->chain[tuple] = i;
    }
}

/* ---- what is wanted ------------------------------------------------------------------------ */

static void mark_inputs(draft *d)
{
    for (uint32_t i = d->level->count; i >= 1; i--)
        for (uint32_t k = 0; k < gt_level_node(d->level, i)->input_count && d->wanted[i]; k++)
            d->wanted[gt_level_inputs(d->level, i)[k]] = 1;
}

static void mark_program(const gt_program *program, draft *d)
{
    for (uint32_t i = 0; i < program->output_count; i++)
        d->wanted[program->outputs[i].index] = 1;
    mark_inputs(d);
}

/* What the wanted parts of the scan need of its body. A state whose old value is needed needs its new one: a fixpoint.
 */
static void mark_body(draft *d)
{
    const gt_level *around = d->level->around;
    const gt_scan *scan = d->level->scan;
    for (uint32_t part = around->chain[d->level->scan_node]; part != 0; part = around->chain[part]) {
        const gt_node *node = gt_level_node(around, part);
        if (!around->wanted[part])
            continue;
        uint32_t of = (uint32_t)gt_node_attributes(around->tape, node)[0];
        if (node->op == &gt_op_scan_final) {
            d->carried[of] = 1;
        } else {
            d->stack_of[of] = part;
            d->wanted[of] = d->stacked[of] = 1;
        }
    }
    for (bool changed = true; changed;) {
        for (uint32_t k = 0; k < scan->carry_count; k++)
            if (d->carried[k])
                d->wanted[scan->carries[k].after] = 1;
        mark_inputs(d);
        changed = false;
        for (uint32_t k = 0; k < scan->carry_count; k++)
            if (d->wanted[scan->carries[k].before] && !d->carried[k]) {
                d->carried[k] = 1;
                changed = true;
            }
    }
}

/* Of the outer level, which nodes are of the backward half. NULL on no memory. */
static const uint8_t *find_backward(gt_lowering *lowering, const draft *d)
{
    uint8_t *backward = gt_pool_new(&lowering->scratch, (size_t)d->level->count + 1, 1);
    if (backward != NULL)
        gt_halves_mark_backward(lowering->program, d->wanted, backward);
    return backward;
}

/* ---- one level after the other ------------------------------------------------------------- */

static bool find_uses(making *m, draft *d)
{
    const gt_program *program = m->lowering->program;
    gt_level *level = d->level;
    gt_uses_source source = {
        .tape = level->tape, .wanted = d->wanted, .scan = level->scan, .carried = d->carried, .stacked = d->stacked};
    if (level->scan == NULL) {
        source.outputs = program->outputs;
        source.output_count = program->output_count;
    }
    level->uses = gt_uses_find(&m->lowering->scratch, &source);
    return level->uses != NULL;
}

/* The body of a scan, or the outer tape. The levels of what is wanted in it come later. */
static bool make_level(making *m, gt_tape *tape, const gt_level *around, uint32_t scan_node, draft *d)
{
    gt_lowering *lowering = m->lowering;
    *d = (draft){.level = gt_pool_new(&lowering->scratch, 1, sizeof *d->level)};
    gt_level *level = d->level;
    if (level == NULL || !GT_RESERVE(lowering->levels, lowering->level_capacity, lowering->level_count + 1))
        return false;
    level->tape = tape;
    level->scan = around == NULL ? NULL : gt_node_scan(around->tape, gt_level_node(around, scan_node));
    level->around = around;
    level->scan_node = scan_node;
    level->depth = around == NULL ? 0 : around->depth + 1;
    level->count = (uint32_t)tape->node_count;
    level->number = (uint32_t)lowering->level_count;
    lowering->levels[lowering->level_count++] = level;
    if (!take_arrays(&lowering->scratch, d))
        return false;
    link_parts(d);
    level->chain = d->chain;
    level->bodies = d->bodies;
    level->wanted = d->wanted;
    level->carried = d->carried;
    level->stack_of = d->stack_of;
    if (around == NULL)
        mark_program(lowering->program, d);
    else
        mark_body(d);
    bool halves = around == NULL && lowering->program->late_inputs != NULL;
    if (halves)
        level->backward = find_backward(lowering, d);
    return (!halves || level->backward != NULL) && find_uses(m, d);
}

/*
 * Under a memory budget the loops of the outer level that have loops in them are those over segments, mostly; any
 * others are gone through like them.
 */
static bool is_shared(const gt_lowering *lowering, const gt_level *level, uint32_t loops)
{
    bool cut = lowering->program->segments.count > 0 && loops > 0;
    return level->scan == NULL || (cut && level->around->shared);
}

static bool is_wanted_scan(const gt_level *level, uint32_t index)
{
    return level->wanted[index] && gt_level_node(level, index)->op->op_class == GT_CLASS_SCAN;
}

/* All bodies of a level stand one behind the other, before those within them. */
static bool make_bodies(making *m, const draft *around)
{
    const gt_level *level = around->level;
    uint32_t scans = 0, at = 0;
    for (uint32_t i = 1; i <= level->count; i++)
        scans += is_wanted_scan(level, i);
    around->level->shared = is_shared(m->lowering, level, scans);
    if (scans > 0 && level->depth == GT_MAX_LOOPS) {
        gt_error_set(m->error, GT_ERROR_SIZE, "scans are nested more than %d deep", GT_MAX_LOOPS);
        return false;
    }
    draft *bodies = gt_pool_new(&m->lowering->scratch, scans, sizeof *bodies);
    bool made = bodies != NULL;
    for (uint32_t i = 1; i <= level->count && made; i++) {
        if (!is_wanted_scan(level, i))
            continue;
        made = make_level(m, gt_node_scan(level->tape, gt_level_node(level, i))->body, level, i, &bodies[at]);
        around->bodies[i] = bodies[at++].level;
    }
    for (uint32_t k = 0; k < scans && made; k++)
        made = make_bodies(m, &bodies[k]);
    return made;
}

bool gt_level_find_all(gt_lowering *lowering, gt_error *error)
{
    making m = {lowering, error};
    draft top;
    return make_level(&m, lowering->program->tape, NULL, 0, &top) && make_bodies(&m, &top);
}

/* ---- nodes --------------------------------------------------------------------------------- */

bool gt_level_has_loops(const gt_level *level)
{
    bool has = level->scan == NULL;
    for (uint32_t i = 1; i <= level->count && !has; i++)
        has = level->bodies[i] != NULL;
    return has;
}

size_t gt_level_bytes(const gt_level *level, uint32_t index)
{
    const gt_node *node = gt_level_node(level, index);
    return (size_t)gt_shape_count(gt_node_shape(level->tape, node)) * gt_dtype_size((gt_dtype)node->dtype);
}

static size_t inner_bytes(gt_shape shape, int64_t axis, gt_dtype dtype)
{
    size_t bytes = gt_dtype_size(dtype);
    for (int64_t other = 0; other < axis; other++)
        bytes *= (size_t)shape.size[other];
    return bytes;
}

bool gt_level_is_address(const gt_level *level, uint32_t index, uint32_t *of, size_t *offset)
{
    const gt_node *node = gt_level_node(level, index);
    const int64_t *attributes = gt_node_attributes(level->tape, node);
    if (node->input_count != 1)
        return false;
    *of = gt_node_inputs(level->tape, node)[0];
    *offset = 0;
    if (node->op == &gt_op_reshape)
        return true;
    if (node->op == &gt_op_part)
        *of = gt_node_inputs(level->tape, gt_level_node(level, *of))[0];
    else if (node->op != &gt_op_slice)
        return false;
    /* slice: axis, start, stop */
    bool slice = node->op == &gt_op_slice;
    int64_t axis = slice ? attributes[0] : attributes[GT_PART_AXIS];
    int64_t start = slice ? attributes[1] : attributes[GT_PART_START];
    gt_shape shape = gt_level_shape(level, *of);
    if (!gt_is_last_axis(shape, axis))
        return false;
    *offset = (size_t)start * inner_bytes(shape, axis, (gt_dtype)node->dtype);
    return true;
}

uint32_t gt_level_view_of(const gt_level *level, uint32_t index)
{
    uint32_t of;
    size_t offset;
    return gt_level_is_address(level, index, &of, &offset) ? of : 0;
}

uint32_t gt_level_array_of(const gt_level *level, uint32_t index)
{
    while (gt_level_node(level, index)->op == &gt_op_reshape)
        index = gt_level_inputs(level, index)[0];
    return index;
}

bool gt_level_is_computed(const gt_level *level, uint32_t index)
{
    const gt_node *node = gt_level_node(level, index);
    uint32_t of;
    size_t offset;
    return node->role == GT_ROLE_NONE && !gt_class_is_tuple(node->op->op_class) &&
           !gt_level_is_address(level, index, &of, &offset);
}

bool gt_level_same_columns(gt_shape a, gt_shape b)
{
    for (int axis = 1; axis < GT_MAX_RANK; axis++)
        if (a.size[axis] != b.size[axis])
            return false;
    return true;
}

bool gt_level_walk(gt_shape operand, gt_shape result, gt_walk *walk)
{
    bool flat = true, column = operand.size[0] == result.size[0], row = operand.size[0] == 1, scalar = true;
    for (int axis = 0; axis < GT_MAX_RANK; axis++) {
        flat &= operand.size[axis] == result.size[axis];
        scalar &= operand.size[axis] == 1;
        column &= axis == 0 || operand.size[axis] == 1;
        row &= axis == 0 || operand.size[axis] == result.size[axis];
    }
    *walk = flat ? GT_WALK_FLAT : scalar ? GT_WALK_SCALAR : column ? GT_WALK_COLUMN : GT_WALK_ROW;
    return flat || scalar || column || row;
}
