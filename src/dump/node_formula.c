#include "dump/node_formula.h"

#include <stdio.h>
#include <string.h>

#define LONGEST_INSIDE 32 /* bytes of a formula inside of another */
#define DEEPEST 3

static bool write_op(const gt_fold *fold, uint32_t i, int depth, gt_formula *formula);

static void write_operand(const gt_fold *fold, uint32_t i, int depth, gt_formula *formula)
{
    const gt_graph_node *node = &fold->graph->nodes[i];
    char place[16];
    if (node->has_value)
        gt_formula_number(formula, node->value);
    else if (node->name[0] != '\0')
        gt_formula_set(formula, node->name, strlen(node->name));
    else if (depth == 0 || !write_op(fold, i, depth - 1, formula) || formula->length > LONGEST_INSIDE) {
        snprintf(place, sizeof place, "n%u", (unsigned)i);
        gt_formula_set(formula, place, strlen(place));
    }
}

static bool write_op(const gt_fold *fold, uint32_t i, int depth, gt_formula *formula)
{
    const gt_graph_node *node = &fold->graph->nodes[i];
    uint32_t first = fold->first[i], count = fold->first[i + 1] - first;
    gt_formula operands[GT_FORMULA_OPERANDS];
    if (node->kind != GT_GRAPH_OP || count == 0 || count > GT_FORMULA_OPERANDS)
        return false;
    for (uint32_t k = 0; k < count; k++)
        write_operand(fold, fold->graph->edges[fold->operand[first + k]].from, depth, &operands[k]);
    if (count == 1 && strcmp(node->label, "+") == 0) /* a sum over steps, which adds to itself */
        gt_formula_apply(formula, "Σₜ", "", operands, count);
    else
        gt_formula_apply(formula, node->label, node->detail, operands, count);
    return formula->length < GT_FORMULA_SIZE;
}

void gt_node_formula(const gt_fold *fold, uint32_t node, gt_formula *formula)
{
    for (int depth = DEEPEST; depth >= 0; depth--)
        if (write_op(fold, node, depth, formula))
            return;
    gt_formula_set(formula, "", 0);
}
