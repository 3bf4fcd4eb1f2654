/*
 * A cell over a sequence. Rolled and unrolled record the same ops in the same
 * order, so that values and gradients agree bit for bit.
 */
#include "models/sequence.h"

#include "gradtape/ops.h"

#define ROWS GT_MAX_CELL_ARRAYS

/* ---- one step, the same for both ----------------------------------------------------------- */

/* One step being recorded, with room for what it answers. */
typedef struct step_record {
    const gt_sequence *sequence;
    const gt_sequence_sizes *sizes;
    gt_tape *tape; /* on which the step is recorded: the body of a scan, or the sequence's own */
    gt_var inputs[ROWS], states[ROWS], parameters[ROWS];
    gt_var next_states[ROWS], outputs[ROWS];
} step_record;

/* A cell may answer (n) for one example; stacks need to see the axis of the examples. */
static gt_var with_two_axes(gt_var v)
{
    gt_shape shape = gt_var_shape(v);
    return shape.rank == 2 ? v : gt_reshape(v, GT_SHAPE(shape.size[0], shape.size[1]));
}

/* (n, m) is a sequence of one step; the axis of time must be there to be cut along. */
static gt_var with_three_axes(gt_var v)
{
    gt_shape shape = gt_var_shape(v);
    return shape.rank == 3 ? v : gt_reshape(v, GT_SHAPE(shape.size[0], shape.size[1], shape.size[2]));
}

static bool is_among(gt_var v, const gt_var *vars, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (v.tape == vars[i].tape && v.index == vars[i].index)
            return true;
    return false;
}

/* A node of its own with the value of v. */
static gt_var copy_of(gt_var v)
{
    return gt_concat(&v, 1, 0);
}

/*
 * An answer that is no node of its own (a state passed on, a parameter, the
 * same var twice) gets one. Adjoints then come together in the same order
 * rolled and unrolled; otherwise contributions of two steps would mix.
 */
static gt_var with_own_node(const step_record *record, gt_var v, const gt_var *before, uint32_t before_count)
{
    const gt_cell *cell = record->sequence->cell;
    bool shared = is_among(v, record->inputs, cell->input_count) || is_among(v, record->states, cell->state_count) ||
                  is_among(v, record->parameters, cell->parameter_count) || is_among(v, before, before_count);
    return shared ? copy_of(v) : v;
}

static bool check_states(step_record *record)
{
    const gt_cell *cell = record->sequence->cell;
    gt_var *next = record->next_states;
    for (uint32_t i = 0; i < cell->state_count; i++) {
        if (!gt_sequence_check_array(cell, record->tape, record->sizes, GT_ROW_STATE, "the next value of state",
                                     &cell->states[i], next[i]))
            return false;
        next[i] = with_own_node(record, with_two_axes(next[i]), next, i);
    }
    return true;
}

static bool check_outputs(step_record *record)
{
    const gt_cell *cell = record->sequence->cell;
    gt_var *outputs = record->outputs;
    for (uint32_t i = 0; i < cell->output_count; i++) {
        if (!gt_sequence_check_array(cell, record->tape, record->sizes, GT_ROW_OUTPUT, "output", &cell->outputs[i],
                                     outputs[i]))
            return false;
        gt_var v = with_own_node(record, with_two_axes(outputs[i]), outputs, i);
        bool is_state = is_among(v, record->next_states, cell->state_count);
        outputs[i] = is_state ? copy_of(v) : v;
    }
    return true;
}

/* What a drawn array of a step is where nobody draws. */
static gt_var mean_of(const gt_sequence_sizes *sizes, gt_tape *tape, const gt_cell_array *row)
{
    gt_shape shape;
    gt_error error = {0};
    double mean = 0;
    gt_status status =
        gt_cell_array_shape(row, sizes->dimensions, sizes->dimension_count, sizes->examples, &shape, &error);
    if (status == GT_OK)
        status = gt_cell_array_mean(row, sizes->dimensions, sizes->dimension_count, &mean, &error);
    if (status == GT_OK)
        return gt_fill(tape, shape, mean);
    gt_tape_fail(tape, status, "%s", error.message);
    return GT_NONE;
}

/* The inputs of a step that are not among those of the sequence. */
static void fill_means(step_record *record)
{
    const gt_sequence *sequence = record->sequence;
    for (uint32_t i = 0; i < sequence->cell->input_count; i++)
        if (sequence->inputs[i].index == 0)
            record->inputs[i] = mean_of(record->sizes, record->tape, &sequence->cell->inputs[i]);
}

static bool record_step(step_record *record)
{
    const gt_cell *cell = record->sequence->cell;
    gt_cell_step step = {
        .tape = record->tape,
        .inputs = record->inputs,
        .states = record->states,
        .parameters = record->parameters,
        .next_states = record->next_states,
        .outputs = record->outputs,
        .context = cell->context,
        .dimensions = record->sizes->dimensions,
        .dimension_count = record->sizes->dimension_count,
    };
    for (uint32_t i = 0; i < cell->state_count; i++)
        record->next_states[i] = GT_NONE;
    for (uint32_t i = 0; i < cell->output_count; i++)
        record->outputs[i] = GT_NONE;
    fill_means(record);
    cell->step(&step);
    if (!check_states(record))
        return false;
    if (!record->sequence->with_outputs)
        return true;
    cell->output(&step);
    return check_outputs(record);
}

/* ---- rolled -------------------------------------------------------------------------------- */

static void enter_scan(gt_scan *scan, step_record *record, const gt_var *inputs, const gt_var *initial)
{
    const gt_sequence *sequence = record->sequence;
    const gt_cell *cell = sequence->cell;
    for (uint32_t i = 0; i < cell->state_count; i++)
        record->states[i] = gt_scan_carry(scan, cell->states[i].name, initial[i]);
    for (uint32_t i = 0; i < cell->input_count; i++)
        if (sequence->inputs[i].index != 0)
            record->inputs[i] = gt_scan_input(scan, cell->inputs[i].name, inputs[i]);
    /* Made invariants here, so that no op on parameters alone is recorded outside of the step. */
    for (uint32_t i = 0; i < cell->parameter_count; i++)
        record->parameters[i] =
            gt_var_valid(sequence->parameters[i]) ? gt_scan_invariant(scan, sequence->parameters[i]) : GT_NONE;
}

static void leave_scan(gt_scan *scan, const step_record *record, gt_sequence *sequence)
{
    const gt_cell *cell = sequence->cell;
    for (uint32_t i = 0; i < cell->state_count; i++) {
        if (sequence->states != NULL)
            sequence->states[i] = gt_scan_stack(scan, record->next_states[i]);
        if (sequence->finals != NULL)
            sequence->finals[i] = gt_scan_final(scan, record->states[i]);
    }
    for (uint32_t i = 0; i < cell->output_count; i++)
        if (sequence->outputs != NULL && sequence->with_outputs)
            sequence->outputs[i] = gt_scan_stack(scan, record->outputs[i]);
}

static void record_rolled(gt_sequence *sequence, step_record *record, const gt_var *inputs, const gt_var *initial)
{
    gt_scan *scan = gt_scan_begin(record->tape, record->sizes->steps, sequence->direction);
    record->tape = gt_scan_body(scan);
    enter_scan(scan, record, inputs, initial);
    bool recorded = record_step(record);
    for (uint32_t i = 0; recorded && i < sequence->cell->state_count; i++)
        gt_scan_next(scan, record->states[i], record->next_states[i]);
    gt_scan_end(scan);
    leave_scan(scan, record, sequence);
}

/* ---- unrolled ------------------------------------------------------------------------------ */

/* One list of vars over time for each row of a table: list[row * steps + t]. */
typedef struct step_lists {
    gt_var *inputs, *states, *outputs;
} step_lists;

static bool make_lists(gt_tape *tape, const gt_cell *cell, int64_t steps, step_lists *lists)
{
    if (steps > INT32_MAX) {
        gt_tape_fail(tape, GT_ERROR_SIZE, "cell %s: %lld steps are too many to unroll; roll them", cell->name,
                     (long long)steps);
        return false;
    }
    lists->inputs = gt_tape_vars(tape, steps * cell->input_count);
    lists->states = gt_tape_vars(tape, steps * cell->state_count);
    lists->outputs = gt_tape_vars(tape, steps * cell->output_count);
    return lists->inputs != NULL && lists->states != NULL && lists->outputs != NULL;
}

static bool record_steps(step_record *record, const step_lists *lists)
{
    const gt_cell *cell = record->sequence->cell;
    int64_t steps = record->sizes->steps;
    for (int64_t done = 0; done < steps; done++) {
        int64_t t = record->sequence->direction == GT_BACKWARD ? steps - 1 - done : done;
        gt_tape_set_step(record->tape, (int32_t)t);
        for (uint32_t i = 0; i < cell->input_count; i++)
            record->inputs[i] = lists->inputs[i * steps + t];
        if (!record_step(record))
            return false;
        for (uint32_t i = 0; i < cell->state_count; i++)
            record->states[i] = lists->states[i * steps + t] = record->next_states[i];
        for (uint32_t i = 0; i < cell->output_count; i++)
            lists->outputs[i * steps + t] = record->outputs[i];
    }
    return true;
}

static void record_unrolled(gt_sequence *sequence, step_record *record, const gt_var *inputs, const gt_var *initial)
{
    const gt_cell *cell = sequence->cell;
    int64_t steps = record->sizes->steps;
    step_lists lists;
    if (!make_lists(record->tape, cell, steps, &lists))
        return;
    for (uint32_t i = 0; i < cell->input_count; i++)
        if (sequence->inputs[i].index != 0)
            gt_unstack(inputs[i], lists.inputs + i * steps, (uint32_t)steps);
    for (uint32_t i = 0; i < cell->state_count; i++)
        record->states[i] = initial[i];
    for (uint32_t i = 0; i < cell->parameter_count; i++)
        record->parameters[i] = sequence->parameters[i];
    bool recorded = record_steps(record, &lists);
    gt_tape_set_step(record->tape, -1);
    for (uint32_t i = 0; recorded && i < cell->state_count; i++) {
        if (sequence->states != NULL)
            sequence->states[i] = gt_stack(lists.states + i * steps, (uint32_t)steps);
        if (sequence->finals != NULL)
            sequence->finals[i] = record->states[i];
    }
    for (uint32_t i = 0; recorded && i < cell->output_count; i++)
        if (sequence->outputs != NULL && sequence->with_outputs)
            sequence->outputs[i] = gt_stack(lists.outputs + i * steps, (uint32_t)steps);
}

/* ---- both ---------------------------------------------------------------------------------- */

/* All answers invalid, as they stay after an error. */
static void clear_answers(gt_sequence *sequence)
{
    const gt_cell *cell = sequence->cell;
    for (uint32_t i = 0; i < cell->state_count; i++) {
        if (sequence->states != NULL)
            sequence->states[i] = GT_NONE;
        if (sequence->finals != NULL)
            sequence->finals[i] = GT_NONE;
    }
    for (uint32_t i = 0; sequence->outputs != NULL && i < cell->output_count; i++)
        sequence->outputs[i] = GT_NONE;
}

/* The tape on which to record, and on which errors are left: that of any var of the sequence. */
static gt_tape *find_tape(const gt_sequence *sequence)
{
    const gt_cell *cell = sequence->cell;
    for (uint32_t i = 0; i < cell->input_count; i++)
        if (sequence->inputs[i].tape != NULL)
            return sequence->inputs[i].tape;
    for (uint32_t i = 0; i < cell->state_count; i++)
        if (sequence->initial[i].tape != NULL)
            return sequence->initial[i].tape;
    return NULL;
}

static bool check_cell(const gt_sequence *sequence, gt_tape *tape)
{
    const gt_cell *cell = sequence->cell;
    const char *lacks = cell->input_count == 0   ? "inputs, from which a sequence takes its length"
                        : cell->state_count == 0 ? "states"
                        : cell->step == NULL     ? "function for its step"
                        : sequence->with_outputs && cell->output == NULL ? "function for its outputs"
                                                                         : NULL;
    if (cell->input_count > ROWS || cell->state_count > ROWS || cell->parameter_count > ROWS ||
        cell->output_count > ROWS)
        gt_tape_fail(tape, GT_ERROR_SIZE, "cell %s: a table has more than %d rows", cell->name, ROWS);
    else if (lacks != NULL)
        gt_tape_fail(tape, GT_ERROR_ARGUMENT, "cell %s has no %s", cell->name, lacks);
    else
        return true;
    return false;
}

/* What a state begins with that is not given: its mean, or for all examples what is computed of parameters. */
static gt_var initial_state(const gt_sequence *sequence, const gt_sequence_sizes *sizes, gt_tape *tape, uint32_t i)
{
    const gt_cell_array *row = &sequence->cell->states[i];
    gt_var given = sequence->initial[i];
    if (given.index != 0 || !(row->drawn || row->begins_with != NULL))
        return with_two_axes(given);
    if (row->drawn)
        return mean_of(sizes, tape, row);
    gt_var column = gt_cell_record_beginning(sequence->cell, i, tape, sequence->parameters, sizes->dimensions,
                                             sizes->dimension_count);
    return gt_broadcast(column, GT_SHAPE(gt_var_shape(column).size[0], sizes->examples));
}

gt_status gt_sequence_record(gt_sequence *sequence)
{
    const gt_cell *cell = sequence->cell;
    gt_tape *tape = find_tape(sequence);
    gt_sequence_sizes sizes;
    clear_answers(sequence);
    if (gt_tape_status(tape) != GT_OK || !check_cell(sequence, tape) || !gt_sequence_sizes_find(sequence, tape, &sizes))
        return gt_tape_status(tape);
    step_record record = {.sequence = sequence, .sizes = &sizes, .tape = tape};
    gt_var inputs[ROWS], initial[ROWS];
    for (uint32_t i = 0; i < cell->input_count; i++)
        inputs[i] = sequence->inputs[i].index == 0 ? GT_NONE : with_three_axes(sequence->inputs[i]);
    for (uint32_t i = 0; i < cell->state_count; i++)
        initial[i] = initial_state(sequence, &sizes, tape, i);
    if (sequence->unrolled)
        record_unrolled(sequence, &record, inputs, initial);
    else
        record_rolled(sequence, &record, inputs, initial);
    if (gt_tape_status(tape) != GT_OK)
        clear_answers(sequence);
    return gt_tape_status(tape);
}
