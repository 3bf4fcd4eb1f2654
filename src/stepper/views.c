/*
 * Views of one tape. The steps of an unrolled tape are alike, and the body of the rolled one is like each
 * of them: the same forward nodes in the same order, and for each input of each of them what its reverse
 * rule recorded. So every node of a step has one in the body that stands for it.
 */
#include "base/memory.h"
#include "problem/problem.h"
#include "stepper/stepping.h"

#include <string.h>

typedef struct outputs {
    gt_graph_output list[GT_STEPPER_RESULTS + GT_STEPPER_GRADIENTS];
    uint32_t count, forward;
} outputs;

/* The outputs of the unrolled tape, on another one, by the same names. */
static void list_outputs(const gt_stepping *s, const gt_cell_tape *tape, const gt_var *gradients, outputs *o)
{
    for (uint32_t i = 0; i < s->output_count; i++) {
        gt_var var = gradients != NULL && i >= s->result_outputs ? gradients[i - s->result_outputs] : GT_NONE;
        for (uint32_t k = 0; i < s->result_outputs && k < s->record.result_count; k++)
            if (s->record.results[k].index == s->outputs[i].var.index)
                var = tape->results[k];
        if (gt_var_valid(var))
            o->list[o->count++] = (gt_graph_output){var, s->outputs[i].name};
        o->forward += i < s->result_outputs;
    }
}

static gt_status draw(const gt_stepping *s, const outputs *o, uint32_t count, gt_stepping_view *view, gt_error *error)
{
    gt_graph_options options = {.dimensions = s->problem->sizes, .dimension_count = s->problem->size_count};
    size_t size;
    view->graph = gt_graph_new(o->list, count, &options, error);
    return view->graph == NULL ? error->status : gt_graph_render(view->graph, "svg", &view->picture, &size, error);
}

static gt_status draw_both(gt_stepping *s, const gt_cell_tape *tape, const gt_var *gradients, gt_error *error)
{
    outputs o = {.count = 0};
    list_outputs(s, tape, gradients, &o);
    gt_status status = draw(s, &o, o.forward, &s->cell, error);
    return status == GT_OK && gradients != NULL ? draw(s, &o, o.count, &s->rolled, error) : status;
}

/* ---- what stands for what ------------------------------------------------------------------ */

/* Whether a node's own name says what it is, but for the time step. */
static bool is_leaf(const gt_graph_node *node)
{
    return node->kind != GT_GRAPH_OP && node->kind != GT_GRAPH_CONSTANT;
}

/* "x⟨t⟩" and "x⟨2⟩" are alike. */
static bool same_name(const char *body, const char *of_step)
{
    static const char now[] = "⟨t⟩", open[] = "⟨";
    const char *time = strstr(body, now);
    if (time == NULL)
        return body[0] != '\0' && strcmp(body, of_step) == 0;
    size_t letters = (size_t)(time - body) + strlen(open);
    return strncmp(body, of_step, letters) == 0 && of_step[letters] >= '0' && of_step[letters] <= '9';
}

static uint32_t find_leaf(const gt_graph *body, const char *name)
{
    for (uint32_t i = 0; i < gt_graph_node_count(body); i++)
        if (is_leaf(gt_graph_node_at(body, i)) && same_name(gt_graph_node_at(body, i)->name, name))
            return i;
    return GT_GRAPH_NONE;
}

static bool is_forward_op(const gt_graph_node *node)
{
    return node->kind == GT_GRAPH_OP && !node->backward && node->cluster != GT_GRAPH_NONE;
}

/*
 * The forward op of a body that has the node's name, or from node `from` on its op before the next name. Ops
 * are not merely counted, for steps need not have the same: what one computes of its number may be a constant.
 */
static uint32_t find_forward(const gt_graph *body, uint32_t from, const gt_graph_node *node)
{
    bool named = node->name[0] != '\0';
    for (uint32_t i = named ? 0 : from; i < gt_graph_node_count(body); i++) {
        const gt_graph_node *other = gt_graph_node_at(body, i);
        if (!is_forward_op(other))
            continue;
        if (named ? same_name(other->name, node->name) : other->name[0] == '\0' && strcmp(other->op, node->op) == 0)
            return i;
        if (!named && other->name[0] != '\0')
            break;
    }
    return GT_GRAPH_NONE;
}

/*
 * The nth that the rule of `origin` recorded for an input, or else the last: sums over steps are one node there.
 * Where no rules are drawn, the forward node stands for what belongs to it.
 */
static uint32_t find_backward(const gt_graph *body, uint32_t origin, int32_t slot, uint32_t nth)
{
    uint32_t found = origin;
    for (uint32_t i = 0; i < gt_graph_node_count(body); i++) {
        const gt_graph_node *node = gt_graph_node_at(body, i);
        if (!node->backward || node->kind != GT_GRAPH_OP || node->origin != origin || node->origin_slot != slot)
            continue;
        found = i;
        if (nth-- == 0)
            break;
    }
    return found;
}

typedef struct matcher {
    const gt_graph *body, *unrolled;
    uint32_t *of; /* by node of the unrolled graph: the one of the body, or none */
    uint32_t
        *counted; /* of each step where its next op is looked for; behind them, by node, ops of its rule, by slot */
    uint32_t steps;
} matcher;

enum { SLOTS = 4 };

static void match_node(matcher *m, uint32_t i)
{
    const gt_graph_node *node = gt_graph_node_at(m->unrolled, i);
    if (is_leaf(node)) {
        m->of[i] = find_leaf(m->body, node->name);
    } else if (is_forward_op(node) && node->step >= 0 && (uint32_t)node->step < m->steps) {
        m->of[i] = find_forward(m->body, m->counted[node->step], node);
        if (m->of[i] != GT_GRAPH_NONE)
            m->counted[node->step] = m->of[i] + 1;
    } else if (node->kind == GT_GRAPH_OP && node->origin != GT_GRAPH_NONE && node->origin_slot < SLOTS) {
        uint32_t slot = node->origin_slot < 0 ? 0 : (uint32_t)node->origin_slot;
        uint32_t *come = &m->counted[m->steps + (size_t)SLOTS * node->origin + slot];
        uint32_t origin = m->of[node->origin];
        m->of[i] = origin == GT_GRAPH_NONE ? origin : find_backward(m->body, origin, node->origin_slot, (*come)++);
    }
}

static bool match_all(gt_stepping *s, const gt_graph *body, uint32_t **of)
{
    uint32_t count = gt_graph_node_count(s->graph);
    matcher m = {.body = body, .unrolled = s->graph, .steps = (uint32_t)s->problem->steps};
    *of = m.of = gt_memory_new((uint64_t)count + 1, sizeof *m.of);
    m.counted = gt_memory_new((uint64_t)m.steps + (uint64_t)SLOTS * (count + 1), sizeof *m.counted);
    bool done = m.of != NULL && m.counted != NULL;
    for (uint32_t i = 0; done && i < count; i++) {
        m.of[i] = GT_GRAPH_NONE;
        match_node(&m, i);
    }
    gt_memory_free(m.counted);
    return done;
}

gt_status gt_stepping_view_body(gt_stepping *s, gt_error *error)
{
    gt_cell_tape tape;
    gt_var gradients[GT_STEPPER_GRADIENTS];
    gt_status status = gt_cell_tape_open(&tape, s->problem, false, error);
    if (status == GT_OK && !s->options.forward_only) {
        status = gt_cell_tape_differentiate(&tape, s->problem, gradients);
        if (status != GT_OK)
            gt_cell_tape_failed(&tape, NULL, status, error);
    }
    if (status == GT_OK)
        status = draw_both(s, &tape, s->options.forward_only ? NULL : gradients, error);
    gt_cell_tape_close(&tape);
    bool rolled = s->rolled.graph != NULL;
    if (status == GT_OK &&
        (!match_all(s, s->cell.graph, &s->cell.of) || (rolled && !match_all(s, s->rolled.graph, &s->rolled.of))))
        status = gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
    return status;
}
