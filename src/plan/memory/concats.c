/*
 * Concats along the last axis: their parts stand one behind the other in memory,
 * so that a part which is computed is written where it belongs. Of a concat
 * that only loops read, step by step, nothing is made: each step reads the part
 * that it is in.
 *
 * Needs: the order, and the states of the level. Leaves: which concats are not made, and
 * which values are written into which of the others.
 */
#include "plan/memory/memory.h"

#include "ops/descriptors.h"

/* So many pieces are looked through at every step. */
enum { MOST_PIECES = 4 };

typedef struct finding {
    gt_lowering *lowering;
    const gt_level *level;
    uint32_t *into;
    size_t *offset;
    uint32_t *parts;
    uint8_t *pieced;
    uint32_t *pointer;
} finding;

static bool is_joined(const gt_level *level, uint32_t index)
{
    const gt_node *node = gt_level_node(level, index);
    return level->wanted[index] && node->op == &gt_op_concat &&
           gt_is_last_axis(gt_node_shape(level->tape, node), gt_node_attributes(level->tape, node)[0]);
}

/* With one step of one column, an axis before that of the steps is the last with more than one entry, too. */
static bool is_along_steps(const gt_level *level, uint32_t index)
{
    const gt_node *node = gt_level_node(level, index);
    return gt_node_attributes(level->tape, node)[0] == gt_node_shape(level->tape, node).rank - 1;
}

/* Is it read by scans alone, as a sequence? */
static bool is_only_scanned(const gt_uses *uses, uint32_t index)
{
    return gt_uses_count(uses, index) == uses->scanned[index];
}

/* A stack of the new or old values of a state may share memory with the other: states.c. */
static bool is_stack_of_state(const gt_level *level, uint32_t part)
{
    const gt_node *node = gt_level_node(level, part);
    uint32_t of = (uint32_t)gt_node_attributes(level->tape, node)[0];
    const gt_scan *scan = gt_node_scan(level->tape, gt_level_node(level, gt_node_inputs(level->tape, node)[0]));
    bool state = false;
    for (size_t k = 0; k < scan->carry_count; k++)
        state |= scan->carries[k].before == of || scan->carries[k].after == of;
    return state;
}

/* A value that this level writes, and that has no other place already. */
static bool can_move_in(const finding *f, uint32_t part)
{
    const gt_level *level = f->level;
    bool free = f->into[part] == 0 && !f->pieced[part];
    if (gt_level_node(level, part)->op == &gt_op_scan_stack)
        free = free && !is_stack_of_state(level, part);
    if (level->scan != NULL)
        free = free && level->stack_of[part] == 0 && level->states->of[part] == 0;
    return free && gt_level_is_computed(level, part) && gt_order_is_stored(level, part);
}

static void move_in(const finding *f, uint32_t concat)
{
    size_t offset = 0;
    for (uint32_t k = 0; k < gt_level_node(f->level, concat)->input_count; k++) {
        uint32_t part = gt_level_inputs(f->level, concat)[k], holder = gt_level_array_of(f->level, part);
        if (can_move_in(f, holder)) {
            f->into[holder] = concat;
            f->offset[holder] = offset;
            f->parts[concat]++;
        }
        offset += gt_level_bytes(f->level, part);
    }
}

static void find_joined(const finding *f)
{
    const gt_level *level = f->level;
    for (uint32_t i = 1; i <= level->count; i++)
        f->pieced[i] = is_joined(level, i) && is_along_steps(level, i) && is_only_scanned(level->uses, i) &&
                       gt_level_node(level, i)->input_count <= MOST_PIECES;
    for (uint32_t i = 1; i <= level->count; i++)
        if (is_joined(level, i) && !f->pieced[i])
            move_in(f, i);
}

/* A slice of a concat that the level around does not make is where a pointer says. */
static void take_pointers(const finding *f)
{
    const gt_level *body = f->level;
    for (uint32_t k = 0; k < body->scan->input_count; k++)
        if (body->around->joins->pieced[body->scan->inputs[k].outside])
            f->pointer[body->scan->inputs[k].inside] = gt_lower_take_pointers(f->lowering, 1) + 1;
}

const gt_joins *gt_joins_find(gt_lowering *lowering, const gt_level *level)
{
    gt_pool *pool = &lowering->scratch;
    size_t count = (size_t)level->count + 1;
    gt_joins *joins = gt_pool_new(pool, 1, sizeof *joins);
    finding f = {lowering,
                 level,
                 gt_pool_new(pool, count, sizeof *f.into),
                 gt_pool_new(pool, count, sizeof *f.offset),
                 gt_pool_new(pool, count, sizeof *f.parts),
                 gt_pool_new(pool, count, sizeof *f.pieced),
                 gt_pool_new(pool, count, sizeof *f.pointer)};
    if (joins == NULL || f.into == NULL || f.offset == NULL || f.parts == NULL || f.pieced == NULL || f.pointer == NULL)
        return NULL;
    if (gt_lower_chooses(lowering, GT_CHOICE_JOIN_CONCATS))
        find_joined(&f);
    if (level->scan != NULL)
        take_pointers(&f);
    *joins = (gt_joins){f.into, f.offset, f.parts, f.pieced, f.pointer};
    return joins;
}
