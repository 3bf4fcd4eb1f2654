/*
 * Concats along the last axis: their parts stand one behind the other in memory,
 * so that a part which is computed is written where it belongs. Of a concat
 * that only loops read, step by step, nothing is made: each step reads the part
 * that it is in.
 */
#include "plan/memory/memory.h"

#include "ops/descriptors.h"

/* So many pieces are looked through at every step. */
enum { MOST_PIECES = 4 };

static bool is_joined(const gt_level *level, uint32_t index)
{
    const gt_node *node = gt_level_node(level, index);
    return level->wanted[index] && node->op == &gt_op_concat &&
           gt_is_last_axis(gt_node_shape(level->tape, node), gt_node_attributes(level->tape, node)[0]);
}

/* With one step of one example, an axis before that of the steps is the last with more than one entry, too. */
static bool is_along_steps(const gt_level *level, uint32_t index)
{
    const gt_node *node = gt_level_node(level, index);
    return gt_node_attributes(level->tape, node)[0] == gt_node_shape(level->tape, node).rank - 1;
}

/* ---- concats that are not made ------------------------------------------------------------- */

/* For each node: how many uses it has, and how many of them are sequences of scans. */
static void count_uses(const gt_lowering *lowering, const gt_level *level, uint32_t *uses, uint32_t *scanned)
{
    for (uint32_t i = 1; i <= level->count; i++) {
        const gt_node *node = gt_level_node(level, i);
        const uint32_t *inputs = gt_node_inputs(level->tape, node);
        for (uint32_t k = 0; k < node->input_count && level->wanted[i]; k++)
            uses[inputs[k]]++;
        if (!level->wanted[i] || node->op->op_class != GT_CLASS_SCAN)
            continue;
        const gt_scan *scan = gt_node_scan(level->tape, node);
        for (uint32_t k = 0; k < scan->input_count; k++)
            scanned[inputs[gt_scan_input_slot(scan, k)]]++;
    }
    for (uint32_t i = 1; level->slots != NULL && i <= level->count; i++)
        uses[i] += level->slots[i] != 0;
    for (uint32_t k = 0; level->scan != NULL && k < level->scan->carry_count; k++)
        uses[level->scan->carries[k].after] += level->carried[k];
    for (uint32_t k = 0; level->scan == NULL && k < lowering->program->output_count; k++)
        uses[lowering->program->outputs[k].index]++;
}

void gt_lower_enter_pieced(gt_lowering *lowering, gt_level *body)
{
    for (uint32_t k = 0; k < body->scan->input_count; k++) {
        uint32_t inside = body->scan->inputs[k].inside;
        if (!body->around->pieced[body->scan->inputs[k].outside])
            continue;
        uint32_t place = lowering->code->state_count++;
        body->piece_place[inside] = place + 1;
        body->storage[inside] = (gt_storage){.known = true, .address = {.base = GT_BASE_CARRY, .index = place}};
    }
}

/* ---- parts in their places ----------------------------------------------------------------- */

/* A value that this level writes, and that has no other place already. */
static bool can_move_in(const gt_level *level, uint32_t part)
{
    bool free = level->home[part] == 0 && !level->pieced[part] && gt_level_node(level, part)->op != &gt_op_scan_stack;
    if (level->scan != NULL)
        free = free && level->slots[part] == 0 && level->state_of[part] == 0;
    return free && gt_lower_is_computed(level, part) && gt_lower_has_value(level, part);
}

static void move_in(gt_level *level, uint32_t concat)
{
    const gt_node *node = gt_level_node(level, concat);
    size_t offset = 0;
    for (uint32_t k = 0; k < node->input_count; k++) {
        uint32_t part = gt_node_inputs(level->tape, node)[k];
        if (can_move_in(level, part)) {
            level->home[part] = concat;
            level->home_offset[part] = offset;
            level->piece_count[concat]++;
        }
        offset += gt_lower_bytes(level, part);
    }
}

bool gt_lower_find_joined(gt_lowering *lowering, gt_level *level)
{
    size_t count = (size_t)level->count + 1;
    level->home = gt_pool_new(&lowering->scratch, count, sizeof *level->home);
    level->home_offset = gt_pool_new(&lowering->scratch, count, sizeof *level->home_offset);
    level->piece_count = gt_pool_new(&lowering->scratch, count, sizeof *level->piece_count);
    level->pieced = gt_pool_new(&lowering->scratch, count, sizeof *level->pieced);
    level->piece_place = gt_pool_new(&lowering->scratch, count, sizeof *level->piece_place);
    uint32_t *uses = gt_pool_new(&lowering->scratch, count, sizeof *uses);
    uint32_t *scanned = gt_pool_new(&lowering->scratch, count, sizeof *scanned);
    if (level->home == NULL || level->home_offset == NULL || level->piece_count == NULL || level->pieced == NULL ||
        level->piece_place == NULL || uses == NULL || scanned == NULL)
        return false;
    if (!gt_lower_chooses(lowering, GT_CHOICE_JOIN_CONCATS))
        return true;
    count_uses(lowering, level, uses, scanned);
    for (uint32_t i = 1; i <= level->count; i++)
        level->pieced[i] = is_joined(level, i) && is_along_steps(level, i) && uses[i] == scanned[i] &&
                           gt_level_node(level, i)->input_count <= MOST_PIECES;
    for (uint32_t i = 1; i <= level->count; i++)
        if (is_joined(level, i) && !level->pieced[i])
            move_in(level, i);
    return true;
}

bool gt_lower_place_joined(gt_lowering *lowering, gt_level *level, bool (*place)(gt_lowering *, gt_level *, uint32_t))
{
    /* From the last to the first: a concat that is a part of another one has its place by then. */
    for (uint32_t i = level->count; i >= 1; i--)
        if (level->piece_count[i] > 0 && !place(lowering, level, i))
            return false;
    return true;
}

void gt_lower_place_in_home(gt_lowering *lowering, gt_level *level, uint32_t index)
{
    gt_storage *storage = &level->storage[index];
    *storage = level->storage[level->home[index]];
    storage->address.offset += level->home_offset[index];
    /* It is written before the concat stands in the order. */
    gt_root *root = storage->in_root ? &lowering->roots[storage->root] : NULL;
    if (root != NULL && root->level == level->number && level->item_of[index] < root->begin)
        root->begin = level->item_of[index];
}

