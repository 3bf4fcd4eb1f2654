#include "check/step.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "check/arrays.h"
#include "gradtape/grad.h"

#include <string.h>

enum { MOST_NAMED = 256 }; /* nodes of a cell that is written in C */

/* ---- names --------------------------------------------------------------------------------- */

int64_t gt_step_find(const gt_step *s, const char *name)
{
    for (uint32_t i = 0; i < s->name_count; i++)
        if (strcmp(s->names[i].name, name) == 0)
            return i;
    return -1;
}

int64_t gt_step_subject(const gt_step *s, const char *formula)
{
    int64_t found = formula[0] == 'd' ? gt_step_find(s, formula + 1) : -1;
    return found >= 0 && s->names[found].kind <= GT_NAME_EQUATION ? found : -1;
}

size_t gt_step_count(const gt_step_name *name)
{
    return (size_t)gt_shape_count(name->shape);
}

static gt_step_name *add(gt_step *s, gt_name_kind kind, uint32_t place, const char *before, const char *name,
                         const char *behind)
{
    gt_step_name *n = &s->names[s->name_count++];
    *n = (gt_step_name){.kind = kind, .place = place};
    gt_utf8_format(n->name, sizeof n->name, "%s%s%s", before, name, behind);
    return n;
}

static void add_leaf(gt_step *s, gt_name_kind kind, uint32_t place, const gt_cell_array *row, gt_problem_kind data_kind)
{
    const gt_problem_array *array = gt_problem_array_at(s->data, data_kind, place);
    if (array == NULL) /* the state begins with a parameter; its upstream gradient has its rows */
        array = gt_problem_array_at(s->data, GT_PROBLEM_STATE_UPSTREAM, place);
    bool given = kind == GT_NAME_GIVEN_STATE || kind == GT_NAME_GIVEN_OUTPUT;
    gt_step_name *n = add(s, kind, place, given ? "d" : "", row->name, kind == GT_NAME_GIVEN_STATE ? "'" : "");
    n->shape = GT_SHAPE(array->shape.size[0], array->shape.size[1]);
    if (kind == GT_NAME_PARAMETER)
        n->v = gt_parameter(s->tape, n->name, n->shape);
    else if (kind == GT_NAME_STATE)
        n->v = gt_state(s->tape, n->name, n->shape);
    else
        n->v = gt_input(s->tape, n->name, n->shape);
}

static void add_leaves(gt_step *s)
{
    const gt_cell *cell = s->data->cell;
    for (uint32_t i = 0; i < cell->input_count; i++)
        add_leaf(s, GT_NAME_INPUT, i, &cell->inputs[i], GT_PROBLEM_INPUT);
    s->state_first = s->name_count;
    for (uint32_t i = 0; i < cell->state_count; i++)
        add_leaf(s, GT_NAME_STATE, i, &cell->states[i], GT_PROBLEM_INITIAL);
    s->parameter_first = s->name_count;
    for (uint32_t i = 0; i < cell->parameter_count; i++)
        if (s->data->with_outputs || !cell->parameters[i].output_only)
            add_leaf(s, GT_NAME_PARAMETER, i, &cell->parameters[i], GT_PROBLEM_PARAMETER);
}

static void add_given(gt_step *s)
{
    const gt_cell *cell = s->data->cell;
    s->given_first = s->name_count;
    for (uint32_t i = 0; i < cell->state_count; i++)
        add_leaf(s, GT_NAME_GIVEN_STATE, i, &cell->states[i], GT_PROBLEM_STATE_UPSTREAM);
    for (uint32_t i = 0; i < cell->output_count && s->data->with_outputs; i++)
        add_leaf(s, GT_NAME_GIVEN_OUTPUT, i, &cell->outputs[i], GT_PROBLEM_OUTPUT_UPSTREAM);
    s->formula_first = s->name_count;
    for (uint32_t i = 0; s->handwritten != NULL && i < s->handwritten->backward_count; i++)
        add(s, GT_NAME_FORMULA, i, "", s->handwritten->backward[i].name, "");
}

/* ---- recording ----------------------------------------------------------------------------- */

static bool is_leaf(const gt_step *s, gt_var v)
{
    for (uint32_t i = 0; i < s->equation_first; i++)
        if (s->names[i].v.index == v.index)
            return true;
    return false;
}

/* Equations of a cell that is written in C: what it gave a name. */
static void add_named_nodes(gt_step *s)
{
    s->equation_first = s->name_count;
    for (uint32_t i = 0; i < gt_tape_node_count(s->tape); i++) {
        gt_var v = gt_tape_var(s->tape, i);
        const char *name = gt_var_name(v);
        bool taken = *name == '\0' || is_leaf(s, v) || gt_var_dtype(v) != GT_F64;
        for (uint32_t k = 0; k < s->name_count && !taken; k++)
            taken = strcmp(s->names[k].name, name) == 0;
        if (taken || s->name_count - s->equation_first == MOST_NAMED)
            continue;
        gt_step_name *n = add(s, GT_NAME_EQUATION, s->name_count - s->equation_first, "", name, "");
        n->v = v;
        n->shape = gt_var_shape(v);
    }
}

static void add_equations(gt_step *s, const gt_var *values)
{
    s->equation_first = s->name_count;
    for (uint32_t i = 0; i < s->handwritten->forward_count; i++) {
        gt_step_name *n = add(s, GT_NAME_EQUATION, i, "", s->handwritten->forward[i].name, "");
        n->v = values[i];
        n->shape = gt_var_shape(values[i]);
    }
}

static gt_status record_forward(gt_step *s, gt_error *error)
{
    const gt_handwritten *h = s->handwritten;
    const gt_cell *cell = s->data->cell;
    gt_var vars[3 * GT_MAX_CELL_ARRAYS];
    gt_var *values = h != NULL ? gt_tape_vars(s->tape, h->forward_count) : NULL;
    for (uint32_t i = 0; i < 3 * GT_MAX_CELL_ARRAYS; i++)
        vars[i] = GT_NONE;
    for (uint32_t i = 0; i < s->name_count; i++)
        vars[i < s->parameter_first ? i : s->parameter_first + s->names[i].place] = s->names[i].v;
    gt_cell_step step = {.tape = s->tape,
                         .inputs = vars,
                         .states = vars + s->state_first,
                         .parameters = vars + s->parameter_first,
                         .next_states = s->next_states,
                         .outputs = s->outputs,
                         .context = s->data->cell->context,
                         .dimensions = s->data->sizes,
                         .dimension_count = s->data->size_count};
    if (h != NULL && values != NULL)
        h->record_forward(h, &step, values);
    if (h == NULL)
        cell->step(&step);
    if (h == NULL && s->data->with_outputs)
        cell->output(&step);
    if (gt_tape_status(s->tape) != GT_OK)
        return gt_error_set(error, gt_tape_status(s->tape), "%s: %s", s->data->cell->name, gt_tape_message(s->tape));
    if (h != NULL)
        add_equations(s, values);
    else
        add_named_nodes(s);
    s->forward_nodes = gt_tape_node_count(s->tape);
    return GT_OK;
}

/* What goes into the activation that an equation is, "sigmoid(u)"; GT_NONE if it is none. */
static gt_var before_activation(const gt_step_name *n)
{
    if (n->kind != GT_NAME_EQUATION || !gt_var_valid(n->gradient) || gt_var_input_count(n->v) != 1)
        return GT_NONE;
    const gt_op *op = gt_var_op(n->v);
    gt_var u = gt_var_input(n->v, 0);
    bool activation = (op->op_class == GT_CLASS_ELEMENTWISE || op->op_class == GT_CLASS_COLUMN_PARALLEL) &&
                      op->reverse != NULL && gt_var_dtype(u) == GT_F64 && gt_shape_equal(gt_var_shape(u), n->shape);
    return activation ? u : GT_NONE;
}

/* Through that activation alone: others may read the same. */
static gt_status record_before(gt_step *s, gt_error *error)
{
    for (uint32_t i = s->equation_first; i < s->given_first; i++) {
        gt_step_name *n = &s->names[i];
        gt_var u = before_activation(n);
        if (gt_var_valid(u) && gt_grad(&n->v, &n->gradient, 1, &u, 1, &n->before) != GT_OK)
            return gt_error_set(error, gt_tape_status(s->tape), "%s: %s", s->data->cell->name,
                                gt_tape_message(s->tape));
    }
    return GT_OK;
}

/* The gradient with respect to every name of the forward pass. */
static gt_status record_backward(gt_step *s, gt_error *error)
{
    const gt_cell *cell = s->data->cell;
    gt_var results[2 * GT_MAX_CELL_ARRAYS], given[2 * GT_MAX_CELL_ARRAYS];
    uint32_t count = 0;
    for (uint32_t i = 0; i < cell->state_count; i++)
        results[count++] = s->next_states[i];
    for (uint32_t i = 0; i < cell->output_count && s->data->with_outputs; i++)
        results[count++] = s->outputs[i];
    for (uint32_t i = 0; i < count; i++)
        given[i] = s->names[s->given_first + i].v;
    gt_var *wrt = gt_memory_new(s->given_first, sizeof *wrt);
    gt_var *gradients = gt_memory_new(s->given_first, sizeof *gradients);
    gt_status status = GT_OK;
    if (wrt == NULL || gradients == NULL)
        status = gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for gradients");
    uint32_t wrt_count = 0;
    for (uint32_t i = 0; i < s->given_first && status == GT_OK; i++)
        if (gt_var_valid(s->names[i].v))
            wrt[wrt_count++] = s->names[i].v;
    if (status == GT_OK && gt_grad(results, given, count, wrt, wrt_count, gradients) != GT_OK)
        status = gt_error_set(error, gt_tape_status(s->tape), "%s: %s", cell->name, gt_tape_message(s->tape));
    wrt_count = 0;
    for (uint32_t i = 0; i < s->given_first && status == GT_OK; i++) {
        gt_step_name *n = &s->names[i];
        if (!gt_var_valid(n->v))
            continue;
        n->gradient = gradients[wrt_count++];
        /* A second name of an input or state: its share cannot be told from the first's. */
        if (n->kind == GT_NAME_EQUATION && is_leaf(s, n->v))
            n->gradient = GT_NONE;
    }
    gt_memory_free(wrt);
    gt_memory_free(gradients);
    return status;
}

/* ---- room for values ----------------------------------------------------------------------- */

static double **new_rows(int64_t steps, size_t count)
{
    double **rows = gt_memory_new((uint64_t)steps, sizeof *rows);
    for (int64_t t = 0; rows != NULL && t < steps; t++) {
        rows[t] = gt_memory_new(count, sizeof **rows);
        if (rows[t] != NULL)
            continue;
        for (int64_t k = 0; k < t; k++)
            gt_memory_free(rows[k]);
        gt_memory_free(rows);
        return NULL;
    }
    return rows;
}

static void free_rows(double **rows, int64_t steps)
{
    for (int64_t t = 0; rows != NULL && t < steps; t++)
        gt_memory_free(rows[t]);
    gt_memory_free(rows);
}

gt_status gt_step_make_room(gt_step *s, uint32_t name, gt_shape shape, gt_error *error)
{
    gt_step_name *n = &s->names[name];
    n->shape = shape;
    n->values = new_rows(s->steps, gt_step_count(n));
    bool gradient = gt_var_valid(n->gradient);
    if (gradient)
        n->gradients = new_rows(s->steps, gt_step_count(n));
    bool before = gt_var_valid(n->before);
    if (before)
        n->before_gradients = new_rows(s->steps, gt_step_count(n));
    if (n->values == NULL || (gradient && n->gradients == NULL) || (before && n->before_gradients == NULL))
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for the values of %s", n->name);
    return GT_OK;
}

/* What a run evaluates in one go. */
static gt_status list_wanted(gt_step *s, gt_error *error)
{
    uint32_t states = s->data->cell->state_count;
    s->wanted = gt_tape_vars(s->tape, s->given_first + states);
    s->wanted_gradients = gt_tape_vars(s->tape, 2 * s->given_first);
    if (s->wanted == NULL || s->wanted_gradients == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for a time step");
    for (uint32_t i = 0; i < s->given_first; i++) {
        if (s->names[i].kind == GT_NAME_EQUATION && gt_var_valid(s->names[i].v))
            s->wanted[s->wanted_count++] = s->names[i].v;
        if (gt_var_valid(s->names[i].gradient))
            s->wanted_gradients[s->wanted_gradient_count++] = s->names[i].gradient;
        if (gt_var_valid(s->names[i].before))
            s->wanted_gradients[s->wanted_gradient_count++] = s->names[i].before;
    }
    for (uint32_t i = 0; i < states; i++)
        s->wanted[s->wanted_count++] = s->next_states[i];
    return GT_OK;
}

/* ---- opening ------------------------------------------------------------------------------- */

gt_status gt_step_open(gt_step *s, const gt_cell_problem *data, gt_error *error)
{
    const gt_cell *cell = data->cell;
    /* A block without the arrays of the output layer that it reads cannot be recorded: it is not asked about. */
    bool whole = data->with_outputs || cell->output_count == 0;
    const gt_handwritten *h = whole ? cell->handwritten : NULL;
    *s = (gt_step){.data = data, .handwritten = h, .steps = data->steps, .tape = gt_tape_new(NULL)};
    size_t most = (size_t)cell->input_count + 2 * (size_t)cell->state_count + cell->parameter_count +
                  cell->output_count + (h != NULL ? (size_t)h->forward_count + h->backward_count : MOST_NAMED);
    s->names = gt_memory_new(most, sizeof *s->names);
    s->next_states = gt_memory_new(cell->state_count, sizeof *s->next_states);
    s->outputs = gt_memory_new(cell->output_count, sizeof *s->outputs);
    s->uses_output = gt_memory_new(cell->output_count, sizeof *s->uses_output);
    s->run = gt_interpreter_new(s->tape);
    if (s->tape == NULL || s->names == NULL || s->next_states == NULL || s->outputs == NULL || s->uses_output == NULL ||
        s->run == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for a time step");
    add_leaves(s);
    gt_status status = record_forward(s, error);
    if (status == GT_OK) {
        add_given(s);
        status = record_backward(s, error);
    }
    if (status == GT_OK)
        status = record_before(s, error);
    if (status == GT_OK)
        status = list_wanted(s, error);
    for (uint32_t i = 0; i < s->formula_first && status == GT_OK; i++)
        if (gt_var_valid(s->names[i].v))
            status = gt_step_make_room(s, i, gt_var_shape(s->names[i].v), error);
    return status;
}

void gt_step_close(gt_step *s)
{
    for (uint32_t i = 0; i < s->name_count; i++) {
        free_rows(s->names[i].values, s->steps);
        free_rows(s->names[i].gradients, s->steps);
        free_rows(s->names[i].before_gradients, s->steps);
    }
    gt_interpreter_free(s->run);
    gt_tape_free(s->tape);
    gt_memory_free(s->names);
    gt_memory_free(s->next_states);
    gt_memory_free(s->outputs);
    gt_memory_free(s->uses_output);
    *s = (gt_step){0};
}

void gt_step_exchange_before(gt_step_name *n)
{
    gt_var gradient = n->gradient;
    double **gradients = n->gradients;
    n->gradient = n->before;
    n->gradients = n->before_gradients;
    n->before = gradient;
    n->before_gradients = gradients;
}

/* ---- gates --------------------------------------------------------------------------------- */

static const gt_step_name *equation_of(const gt_step *s, gt_var v)
{
    for (uint32_t i = s->equation_first; i < s->given_first; i++)
        if (s->names[i].v.index == v.index)
            return &s->names[i];
    return NULL;
}

const char *gt_step_gate(const gt_step *s, gt_var v)
{
    const gt_step_name *gate = NULL;
    bool *reached = gt_memory_new(s->forward_nodes, sizeof *reached);
    if (reached == NULL || !gt_var_valid(v) || v.index > s->forward_nodes) {
        gt_memory_free(reached);
        return ""; /* a gate is worth no error */
    }
    reached[v.index - 1] = true;
    gate = equation_of(s, v);
    for (uint32_t i = v.index; i < s->forward_nodes && (gate == NULL || gate->v.index != v.index); i++) {
        gt_var node = gt_tape_var(s->tape, i);
        for (uint32_t k = 0; k < gt_var_input_count(node); k++)
            reached[i] = reached[i] || reached[gt_var_input(node, k).index - 1];
        const gt_step_name *equation = reached[i] ? equation_of(s, node) : NULL;
        if (equation == NULL)
            continue;
        if (gate != NULL) {
            gate = NULL; /* read by several */
            break;
        }
        gate = equation;
        reached[i] = false; /* what lies behind is read through it */
    }
    gt_memory_free(reached);
    return gate != NULL ? gate->name : "";
}
