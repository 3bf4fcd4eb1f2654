#include "plan/order/level.h"

#include "base/memory.h"
#include "ops/descriptors.h"
#include "ops/part.h"

/* ---- levels -------------------------------------------------------------------------------- */

static bool take_arrays(gt_lowering *lowering, gt_level *level)
{
    gt_pool *pool = &lowering->scratch;
    size_t count = (size_t)level->count + 1;
    level->wanted = gt_pool_new(pool, count, sizeof *level->wanted);
    level->kept = gt_pool_new(pool, count, sizeof *level->kept);
    level->chain = gt_pool_new(pool, count, sizeof *level->chain);
    level->storage = gt_pool_new(pool, count, sizeof *level->storage);
    level->bodies = gt_pool_new(pool, count, sizeof *level->bodies);
    bool taken = level->wanted != NULL && level->kept != NULL && level->chain != NULL && level->storage != NULL &&
                 level->bodies != NULL;
    if (level->scan != NULL) {
        level->slots = gt_pool_new(pool, count, sizeof *level->slots);
        level->carried = gt_pool_new(pool, level->scan->carry_count, sizeof *level->carried);
        taken = taken && level->slots != NULL && level->carried != NULL;
    }
    return taken;
}

static void link_parts(gt_level *level)
{
    for (uint32_t i = level->count; i >= 1; i--) {
        const gt_node *node = gt_tape_node(level->tape, i);
        if (node->op->op_class != GT_CLASS_PART)
            continue;
        uint32_t tuple = gt_node_inputs(level->tape, node)[0];
        level->chain[i] = level->chain[tuple];
        level->chain[tuple] = i;
    }
}

gt_level *gt_lower_level(gt_lowering *lowering, gt_level *around, gt_tape *tape, gt_scan *scan)
{
    gt_level *level = gt_pool_new(&lowering->scratch, 1, sizeof *level);
    if (level == NULL || !GT_RESERVE(lowering->levels, lowering->level_capacity, lowering->level_count + 1))
        return NULL;
    level->tape = tape;
    level->around = around;
    level->scan = scan;
    level->depth = around == NULL ? 0 : around->depth + 1;
    level->count = (uint32_t)tape->node_count;
    level->number = (uint32_t)lowering->level_count;
    lowering->levels[lowering->level_count++] = level;
    if (!take_arrays(lowering, level))
        return NULL;
    link_parts(level);
    return level;
}

/* ---- what is wanted ------------------------------------------------------------------------ */

static void mark_inputs(gt_level *level)
{
    for (uint32_t i = level->count; i >= 1; i--) {
        const gt_node *node = gt_tape_node(level->tape, i);
        for (uint32_t k = 0; k < node->input_count && level->wanted[i]; k++)
            level->wanted[gt_node_inputs(level->tape, node)[k]] = 1;
    }
}

void gt_lower_mark_program(const gt_lowering *lowering, gt_level *level)
{
    for (uint32_t i = 0; i < lowering->program->output_count; i++)
        level->wanted[lowering->program->outputs[i].index] = 1;
    mark_inputs(level);
}

void gt_lower_mark_body(gt_level *body, uint32_t scan_node)
{
    const gt_level *around = body->around;
    const gt_scan *scan = body->scan;
    for (uint32_t part = around->chain[scan_node]; part != 0; part = around->chain[part]) {
        const gt_node *node = gt_tape_node(around->tape, part);
        if (!around->wanted[part])
            continue;
        uint32_t place = (uint32_t)gt_node_attributes(around->tape, node)[0];
        if (node->op == &gt_op_scan_final) {
            body->carried[place] = 1;
        } else {
            body->slots[place] = part;
            body->wanted[place] = 1;
        }
    }
    for (bool changed = true; changed;) {
        for (uint32_t k = 0; k < scan->carry_count; k++)
            if (body->carried[k])
                body->wanted[scan->carries[k].after] = 1;
        mark_inputs(body);
        changed = false;
        for (uint32_t k = 0; k < scan->carry_count; k++)
            if (body->wanted[scan->carries[k].before] && !body->carried[k]) {
                body->carried[k] = 1;
                changed = true;
            }
    }
}

/* ---- nodes --------------------------------------------------------------------------------- */

size_t gt_lower_bytes(const gt_level *level, uint32_t index)
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

bool gt_lower_is_address(const gt_level *level, uint32_t index, uint32_t *of, size_t *offset)
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

uint32_t gt_lower_view_of(const gt_level *level, uint32_t index)
{
    uint32_t of;
    size_t offset;
    return gt_lower_is_address(level, index, &of, &offset) ? of : 0;
}

bool gt_lower_is_computed(const gt_level *level, uint32_t index)
{
    const gt_node *node = gt_level_node(level, index);
    uint32_t of;
    size_t offset;
    return node->role == GT_ROLE_NONE && !gt_class_is_tuple(node->op->op_class) &&
           !gt_lower_is_address(level, index, &of, &offset);
}

bool gt_lower_same_columns(gt_shape a, gt_shape b)
{
    for (int axis = 1; axis < GT_MAX_RANK; axis++)
        if (a.size[axis] != b.size[axis])
            return false;
    return true;
}

bool gt_lower_walk(gt_shape operand, gt_shape result, gt_walk *walk)
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
