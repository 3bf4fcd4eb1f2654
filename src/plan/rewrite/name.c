#include "plan/rewrite/name.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "ops/descriptors.h"

/*
 * Several nodes lead to one adjoint: those of a rule to its contribution, and
 * the contributions to their sum. The last of them is the one with the name.
 */
typedef struct naming {
    uint32_t *last;   /* for each node of the forward tape: the last node of its adjoint */
    uint32_t *target; /* for each node: the forward node to whose adjoint it leads, 0: none */
} naming;

static bool open_naming(gt_copy *copy)
{
    gt_tape *forward = copy->from->origin_tape;
    if (forward == NULL)
        return true;
    naming *n = gt_memory_new(1, sizeof *n);
    copy->state = n;
    if (n == NULL)
        return false;
    n->last = gt_memory_new(forward->node_count + 1, sizeof *n->last);
    n->target = gt_memory_new((size_t)copy->count + 1, sizeof *n->target);
    if (n->last == NULL || n->target == NULL)
        return false;
    for (uint32_t i = 1; i <= copy->count; i++) {
        const gt_node *node = gt_tape_node(copy->from, i);
        if (node->origin == 0 || node->origin_slot < 0)
            continue;
        gt_var target = gt_var_input(gt_tape_at(forward, node->origin), (uint32_t)node->origin_slot);
        n->target[i] = target.index;
        n->last[target.index] = i;
    }
    return true;
}

static void close_naming(gt_copy *copy)
{
    naming *n = copy->state;
    gt_memory_free(n->last);
    gt_memory_free(n->target);
    gt_memory_free(n);
}

static gt_var name_node(gt_copy *copy, uint32_t index)
{
    const naming *n = copy->state;
    const gt_node *node = gt_tape_node(copy->from, index);
    gt_var v = gt_copy_plain(copy, index);
    if (n == NULL || node->name != 0 || n->target[index] == 0 || n->last[n->target[index]] != index)
        return v;
    gt_tape *forward = copy->from->origin_tape;
    gt_var f = gt_tape_at(forward, node->origin), target = gt_tape_at(forward, n->target[index]);
    char text[80] = "";
    if (gt_var_name(target)[0] != '\0')
        gt_utf8_format(text, sizeof text, "d%.*s", gt_utf8_fit(gt_var_name(target), 60), gt_var_name(target));
    else if (gt_var_name(f)[0] != '\0' && gt_var_input_count(f) == 1)
        gt_utf8_format(text, sizeof text, "d(%.*s.in)", gt_utf8_fit(gt_var_name(f), 60), gt_var_name(f));
    return text[0] == '\0' ? v : gt_name(v, text);
}

const gt_rewrite gt_naming = {.open = open_naming, .close = close_naming, .node = name_node};
