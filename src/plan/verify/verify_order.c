/* Items: each wanted node is in one of them, behind all that it reads. */
#include "plan/verify/verify.h"

#include "base/error.h"
#include "base/memory.h"

typedef struct check {
    const gt_level *level;
    const gt_order *order;
    uint8_t *seen; /* of each node: it is in an item; one that is in two of them is not where the order says */
    gt_error *error;
    gt_status status;
} check;

static bool fault(check *c, uint32_t node, const char *how)
{
    if (c->status == GT_OK)
        c->status = gt_error_set(c->error, GT_ERROR_TAPE, "fault of the planner: node %u, %s, %s", (unsigned)node,
                                 gt_level_node(c->level, node)->op->name, how);
    return false;
}

/* What is read by a node of an item is an input, or in an item before it, or before it in the same one. */
static bool is_there(const check *c, uint32_t input, uint32_t item, uint32_t position)
{
    if (gt_level_enters(c->level, input) || c->order->item_of[input] < item)
        return true;
    bool inside = c->order->item_of[input] == item && c->order->items[item].kind != GT_ITEM_NODE;
    return inside && c->order->position_of[input] < position;
}

static bool check_item(check *c, uint32_t number)
{
    const gt_item *item = &c->order->items[number];
    for (uint32_t position = 0; position < item->count; position++) {
        uint32_t node = item->nodes[position];
        c->seen[node] = true;
        if (c->order->item_of[node] != number || c->order->position_of[node] != position)
            return fault(c, node, "is not where the order says");
        for (uint32_t k = 0; k < gt_level_node(c->level, node)->input_count; k++)
            if (!is_there(c, gt_level_inputs(c->level, node)[k], number, position))
                return fault(c, node, "comes before what it reads");
        if (item->kind == GT_ITEM_GROUP && !item->strips &&
            !gt_shape_equal(gt_level_shape(c->level, node), gt_level_shape(c->level, item->nodes[0])))
            return fault(c, node, "has another shape than its group");
    }
    if (item->addend != 0 && !is_there(c, item->addend, number, 0))
        return fault(c, item->addend, "is no addend yet");
    return true;
}

/* Values that something outside of their group reads have memory. */
static bool check_kept(check *c, uint32_t node)
{
    const gt_uses *uses = c->level->uses;
    for (uint32_t r = uses->first[node]; r < uses->first[node + 1]; r++) {
        uint32_t item = c->order->item_of[uses->readers[r]];
        bool outside = item != c->order->item_of[node] || c->order->items[item].kind != GT_ITEM_GROUP;
        if (outside && !c->order->kept[node])
            return fault(c, node, "is not kept for who reads it");
    }
    if (uses->leaves[node] != 0 && !c->order->kept[node])
        return fault(c, node, "is not kept, but leaves");
    return true;
}

static bool check_node(check *c, uint32_t node)
{
    bool computes = c->level->wanted[node] && !gt_level_enters(c->level, node) &&
                    gt_level_node(c->level, node)->op->op_class != GT_CLASS_PART;
    if (c->seen[node] != computes)
        return fault(c, node, computes ? "is not in one item" : "is in an item, and not wanted");
    return !computes || check_kept(c, node);
}

/* An input or an address within one is there from the beginning. */
static bool is_forward(const gt_level *top, uint32_t index)
{
    for (uint32_t of = index; of != 0; of = gt_level_view_of(top, of))
        if (gt_level_enters(top, of) || top->order->item_of[of] < top->order->turn)
            return true;
    return false;
}

gt_status gt_halves_verify(const gt_program *program, const gt_level *top, gt_error *error)
{
    check c = {top, top->order, NULL, error, GT_OK};
    for (uint32_t k = 0; k < program->output_count && program->late_outputs != NULL; k++)
        if (!program->late_outputs[k] && !is_forward(top, program->outputs[k].index))
            fault(&c, program->outputs[k].index, "is an output that comes too late");
    return c.status;
}

gt_status gt_order_verify(const gt_level *level, const gt_order *order, gt_error *error)
{
    check c = {level, order, gt_memory_new((size_t)level->count + 1, 1), error, GT_OK};
    if (c.seen == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory to verify a plan");
    bool good = true;
    for (uint32_t number = 0; number < order->item_count && good; number++)
        good = check_item(&c, number);
    for (uint32_t node = 1; node <= level->count && good; node++)
        good = check_node(&c, node);
    gt_memory_free(c.seen);
    return c.status;
}
