#include "dump/fold.h"

#include "base/memory.h"
#include "dump/formula.h"

#include <string.h>

#define LONGEST_OPERAND 40 /* bytes of a text that still fits into a label */

/* ---- operands of each node ----------------------------------------------------------------- */

/* By counting, so that operands stay in the order of the edges, which is that of the slots. */
static void list_operands(gt_fold *fold)
{
    const gt_graph *graph = fold->graph;
    uint32_t count = (uint32_t)graph->node_count;
    for (size_t i = 0; i < graph->edge_count; i++)
        if (graph->edges[i].kind == GT_GRAPH_VALUE)
            fold->first[graph->edges[i].to + 1]++;
    for (uint32_t i = 0; i < count; i++)
        fold->first[i + 1] += fold->first[i];
    for (uint32_t i = 0; i < graph->edge_count; i++)
        if (graph->edges[i].kind == GT_GRAPH_VALUE)
            fold->operand[fold->first[graph->edges[i].to]++] = i;
    for (uint32_t i = count; i > 0; i--)
        fold->first[i] = fold->first[i - 1];
    fold->first[0] = 0;
}

static uint32_t operand_count(const gt_fold *fold, uint32_t node)
{
    return fold->first[node + 1] - fold->first[node];
}

static uint32_t operand_edge(const gt_fold *fold, uint32_t node, uint32_t k)
{
    return fold->operand[fold->first[node] + k];
}

static const char *keep(gt_fold *fold, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = gt_pool_new(&fold->texts, size, 1);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

/* ---- values of the forward pass as texts --------------------------------------------------- */

/* "f" in the step that computes it, "f⟨2⟩" in others: without the time that all of the step share.
 */
static void write_name(const gt_fold *fold, const gt_graph_node *node, const gt_graph_node *reader, gt_formula *formula)
{
    size_t length = strlen(node->name);
    const char *time = strstr(node->name, "⟨");
    bool here = node->cluster == reader->cluster && node->cluster != GT_GRAPH_NONE;
    bool loop = here && fold->graph->clusters[node->cluster].kind == GT_GRAPH_SCAN;
    if (time != NULL && time != node->name && here && (!loop || strcmp(time, "⟨t⟩") == 0))
        length = (size_t)(time - node->name);
    gt_formula_set(formula, node->name, length);
}

/* A forward value: its number, its name, or its op on such values. False if that gets too long. */
static bool write_value(const gt_fold *fold, uint32_t i, const gt_graph_node *reader, int depth, gt_formula *formula)
{
    const gt_graph_node *node = &fold->graph->nodes[i];
    gt_formula operands[GT_FORMULA_OPERANDS];
    uint32_t count = operand_count(fold, i);
    if (node->has_value)
        gt_formula_number(formula, node->value);
    else if (node->name[0] != '\0')
        write_name(fold, node, reader, formula);
    else if (node->kind != GT_GRAPH_OP || depth == 0 || count == 0 || count > GT_FORMULA_OPERANDS)
        return false;
    else {
        for (uint32_t k = 0; k < count; k++)
            if (!write_value(fold, fold->graph->edges[operand_edge(fold, i, k)].from, reader, depth - 1, &operands[k]))
                return false;
        gt_formula_apply(formula, node->label, node->detail, operands, count);
    }
    return formula->length <= LONGEST_OPERAND;
}

/* ---- folding ------------------------------------------------------------------------------- */

/* What edge `i` brings to a backward node, if it can be written. */
static bool write_operand(const gt_fold *fold, uint32_t i, const gt_formula *folded, gt_formula *formula)
{
    const gt_graph_edge *edge = &fold->graph->edges[i];
    const gt_graph_node *from = &fold->graph->nodes[edge->from];
    if (fold->folded[edge->from]) {
        *formula = folded[edge->from];
        return true;
    }
    if (from->backward && !from->has_value)
        return false;
    return write_value(fold, edge->from, &fold->graph->nodes[edge->to], 1, formula);
}

/* For each node, whether all that reads it are labels of backward ops in its own step. */
static bool *find_foldable(const gt_graph *graph)
{
    bool *foldable = gt_memory_new(graph->node_count, sizeof *foldable);
    for (size_t i = 0; foldable != NULL && i < graph->node_count; i++) {
        const gt_graph_node *node = &graph->nodes[i];
        foldable[i] = node->backward && !node->output && node->kind == GT_GRAPH_OP;
    }
    for (size_t i = 0; foldable != NULL && i < graph->edge_count; i++) {
        const gt_graph_edge *edge = &graph->edges[i];
        const gt_graph_node *to = &graph->nodes[edge->to];
        if (edge->kind != GT_GRAPH_VALUE)
            foldable[edge->from] = foldable[edge->to] = false;
        else if (!to->backward || to->kind != GT_GRAPH_OP || to->cluster != graph->nodes[edge->from].cluster)
            foldable[edge->from] = false;
    }
    return foldable;
}

/* Nodes come in the order of the tape: what a node reads stands before it. */
static bool fold_node(gt_fold *fold, uint32_t i, bool foldable, gt_formula *folded)
{
    const gt_graph_node *node = &fold->graph->nodes[i];
    uint32_t count = operand_count(fold, i), written = 0;
    gt_formula operands[GT_FORMULA_OPERANDS];
    if (!node->backward || node->kind != GT_GRAPH_OP || count == 0 || count > GT_FORMULA_OPERANDS)
        return true;
    for (uint32_t k = 0; k < count; k++) {
        uint32_t edge = operand_edge(fold, i, k);
        gt_formula_set(&operands[k], "", 0);
        if (!write_operand(fold, edge, folded, &operands[k]))
            continue;
        written++;
        fold->operands[edge] = keep(fold, operands[k].text);
        if (fold->operands[edge] == NULL)
            return false;
    }
    gt_formula_apply(&folded[i], node->label, node->detail, operands, count);
    if (folded[i].length >= GT_FORMULA_SIZE)
        written = 0;
    for (uint32_t k = 0; k < count && written == 0; k++)
        fold->operands[operand_edge(fold, i, k)] = NULL;
    if (written == 0)
        return true;
    fold->folded[i] = foldable && written == count && folded[i].length <= LONGEST_OPERAND;
    fold->label[i] = keep(fold, folded[i].text);
    return fold->label[i] != NULL;
}

static bool fold_nodes(gt_fold *fold)
{
    uint32_t count = (uint32_t)fold->graph->node_count;
    bool *foldable = find_foldable(fold->graph);
    gt_formula *folded = gt_memory_new(count, sizeof *folded);
    bool done = foldable != NULL && folded != NULL;
    for (uint32_t i = 0; done && i < count; i++)
        done = fold_node(fold, i, foldable[i], folded);
    gt_memory_free(foldable);
    gt_memory_free(folded);
    return done;
}

bool gt_fold_open(gt_fold *fold, const gt_graph *graph)
{
    *fold = (gt_fold){.graph = graph};
    fold->first = gt_memory_new(graph->node_count + 2, sizeof *fold->first);
    fold->operand = gt_memory_new(graph->edge_count, sizeof *fold->operand);
    fold->operands = gt_memory_new(graph->edge_count, sizeof *fold->operands);
    fold->label = gt_memory_new(graph->node_count, sizeof *fold->label);
    fold->folded = gt_memory_new(graph->node_count, sizeof *fold->folded);
    if (fold->first == NULL || fold->operand == NULL || fold->operands == NULL || fold->label == NULL ||
        fold->folded == NULL)
        return false;
    list_operands(fold);
    return fold_nodes(fold);
}

void gt_fold_close(gt_fold *fold)
{
    gt_memory_free(fold->first);
    gt_memory_free(fold->operand);
    gt_memory_free(fold->operands);
    gt_memory_free(fold->label);
    gt_memory_free(fold->folded);
    gt_pool_free(&fold->texts);
}
