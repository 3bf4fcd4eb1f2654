#include "support/random_tape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

/* ---- chance -------------------------------------------------------------------------------- */

uint32_t random_pick(random_tape *r, uint32_t count)
{
    return (uint32_t)gt_random_integer(&r->random, 0, count);
}

bool random_chance(random_tape *r, double probability)
{
    return gt_random_uniform(&r->random) < probability;
}

int64_t random_size(random_tape *r)
{
    return r->dimensions[random_pick(r, RANDOM_DIMENSIONS)];
}

/* The reverse scan stacks what it needs of every step, for which there must be an axis. */
int random_most_rank(const random_level *level)
{
    return level->r->options.order > 0 ? GT_MAX_RANK - level->depth : GT_MAX_RANK;
}

bool random_fits(const random_level *level, gt_shape shape)
{
    int64_t entries = 1;
    for (int axis = 0; axis < GT_MAX_RANK; axis++)
        entries *= shape.size[axis];
    return shape.rank >= 0 && shape.rank <= random_most_rank(level) && entries <= level->r->most_entries;
}

gt_shape random_least_rank(gt_shape shape)
{
    while (shape.rank > 0 && shape.size[shape.rank - 1] == 1)
        shape.rank--;
    return shape;
}

gt_shape random_shape(random_level *level)
{
    static const int ranks[] = {0, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 4};
    gt_shape shape = {ranks[random_pick(level->r, 12)], {1, 1, 1, 1}};
    if (shape.rank > random_most_rank(level))
        shape.rank = random_most_rank(level);
    for (int axis = 0; axis < shape.rank; axis++) {
        shape.size[axis] = random_size(level->r);
        if (!random_fits(level, shape))
            shape.size[axis] = 1;
    }
    return shape;
}

gt_shape random_partner(random_level *level, gt_shape shape)
{
    random_tape *r = level->r;
    gt_shape partner = shape, both = shape;
    for (int axis = 0; axis < random_most_rank(level); axis++) {
        if (shape.size[axis] > 1) {
            if (random_chance(r, 0.25))
                partner.size[axis] = 1;
        } else if (random_chance(r, 0.1)) {
            both.size[axis] = random_size(r);
            if (random_fits(level, both)) {
                partner.size[axis] = both.size[axis];
                partner.rank = axis + 1 > partner.rank ? axis + 1 : partner.rank;
            } else {
                both.size[axis] = 1;
            }
        }
    }
    return random_chance(r, 0.5) ? random_least_rank(partner) : partner;
}

/* ---- values -------------------------------------------------------------------------------- */

void random_push(random_level *level, random_value value)
{
    gt_shape shape = gt_var_shape(value.v), least = random_least_rank(shape);
    if (!gt_var_valid(value.v) || level->count == RANDOM_VALUES || least.rank > random_most_rank(level))
        return;
    if (shape.rank > random_most_rank(level))
        value.v = gt_reshape(value.v, least);
    level->values[level->count++] = value;
}

gt_var random_constant(random_level *level, double value)
{
    return gt_constant(level->r->tape, value);
}

random_value random_tame(random_level *level, random_value value)
{
    if (value.bound <= 2)
        return value;
    if (random_chance(level->r, 0.5))
        return (random_value){gt_tanh(value.v), 1};
    return (random_value){gt_mul(value.v, random_constant(level, 2 / value.bound)), 2};
}

random_value random_draw(random_level *level)
{
    random_tape *r = level->r;
    if (level->count == 0 || (level->around != NULL && random_chance(r, 0.15))) {
        gt_shape shape = random_shape(level);
        if (level->around != NULL)
            shape = gt_var_shape(random_draw(level->around).v);
        return random_value_of_shape(level, random_fits(level, shape) ? shape : random_shape(level));
    }
    double u = gt_random_uniform(&r->random);
    return level->values[level->count - 1 - (uint32_t)(u * u * level->count)];
}

static void *take_numbers(random_tape *r, int64_t count, gt_dtype dtype, int64_t below)
{
    void *data = calloc((size_t)count, sizeof(double));
    if (data == NULL)
        abort();
    for (int64_t i = 0; i < count; i++) {
        double x = 2 * gt_random_uniform(&r->random) - 1;
        if (dtype == GT_I32)
            ((int32_t *)data)[i] = (int32_t)random_pick(r, (uint32_t)below);
        else if (dtype == GT_F32)
            ((float *)data)[i] = (float)x;
        else
            ((double *)data)[i] = (float)x; /* the same numbers in both types */
    }
    return data;
}

static gt_var new_input(random_tape *r, gt_shape shape, gt_dtype dtype, int64_t below)
{
    if (r->input_count == RANDOM_INPUTS || gt_shape_count(shape) < 1)
        return GT_NONE;
    gt_var v = dtype != GT_I32 && random_chance(r, 0.3)
                   ? gt_parameter(r->tape, "p", shape)
                   : gt_input_of(r->tape, dtype == GT_I32 ? "i" : "x", dtype, shape);
    r->data[r->input_count] = take_numbers(r, gt_shape_count(shape), dtype, below);
    r->inputs[r->input_count++] = v;
    return v;
}

static random_level *outermost(random_level *level)
{
    while (level->around != NULL)
        level = level->around;
    return level;
}

static bool may_be_scanned(const random_level *level, gt_shape shape)
{
    if (level->scan == NULL || shape.rank >= GT_MAX_RANK)
        return false;
    shape.size[shape.rank++] = gt_scan_steps(level->scan);
    return random_fits(level->around, shape);
}

gt_var random_whole(random_level *level, gt_shape shape, int64_t below)
{
    random_tape *r = level->r;
    if (may_be_scanned(level, shape) && random_chance(r, 0.6)) {
        gt_shape sequence = shape;
        sequence.size[sequence.rank++] = gt_scan_steps(level->scan);
        return gt_scan_input(level->scan, "i", random_whole(level->around, sequence, below));
    }
    return new_input(r, shape, GT_I32, below);
}

/* Something new of the shape: an input, a slice of a sequence, numbers. */
static random_value make(random_level *level, gt_shape shape)
{
    random_tape *r = level->r;
    random_value made = {GT_NONE, 1};
    if (may_be_scanned(level, shape) && random_chance(r, 0.5)) {
        gt_shape sequence = shape;
        sequence.size[sequence.rank++] = gt_scan_steps(level->scan);
        made = random_value_of_shape(level->around, sequence);
        if (gt_var_shape(made.v).rank != sequence.rank)
            made.v = gt_reshape(made.v, sequence);
        made.v = gt_scan_input(level->scan, "slice", made.v);
    } else if (random_chance(r, 0.1) || r->input_count + 12 > RANDOM_INPUTS) {
        made.v = gt_fill(outermost(level)->r->tape, shape,
                         random_chance(r, 0.3)   ? 0
                         : random_chance(r, 0.5) ? 1
                                                 : -0.75);
    } else {
        made.v = new_input(r, shape, r->options.dtype, 0);
        random_push(outermost(level), made);
    }
    random_push(level, made);
    return made;
}

/* x with the entries that it takes to have the shape, or an invalid var. */
static gt_var adapt(gt_var x, gt_shape shape)
{
    gt_shape own = gt_var_shape(x);
    if (gt_shape_equal(own, shape))
        return own.rank <= shape.rank ? x : gt_reshape(x, shape);
    if (gt_shape_count(own) == gt_shape_count(shape))
        return gt_reshape(x, shape);
    bool stretches = true, shrinks = true;
    for (int axis = 0; axis < GT_MAX_RANK; axis++) {
        stretches &= own.size[axis] == shape.size[axis] || own.size[axis] == 1;
        shrinks &= own.size[axis] >= shape.size[axis];
    }
    if (stretches && own.rank <= shape.rank)
        return gt_broadcast(x, shape);
    for (int axis = 0; axis < GT_MAX_RANK && shrinks; axis++)
        if (own.size[axis] != shape.size[axis])
            x = gt_slice(x, axis, own.size[axis] - shape.size[axis], own.size[axis]);
    if (!shrinks)
        return GT_NONE;
    return own.rank <= shape.rank ? x : gt_reshape(x, shape);
}

random_value random_value_of_shape(random_level *level, gt_shape shape)
{
    random_tape *r = level->r;
    for (int attempt = 0; attempt < 6 && level->count > 0; attempt++) {
        random_value value = level->values[random_pick(r, level->count)];
        bool exact = gt_shape_equal(gt_var_shape(value.v), shape);
        if (!exact && !random_chance(r, 0.3))
            continue;
        value.v = adapt(value.v, shape);
        if (gt_var_valid(value.v))
            return value;
    }
    if (level->around != NULL && random_chance(r, 0.3)) {
        random_value value = random_value_of_shape(level->around, shape);
        if (gt_var_valid(value.v))
            return value;
    }
    return make(level, shape);
}

/* ---- derivatives --------------------------------------------------------------------------- */

static void add_output(random_tape *r, gt_var v)
{
    if (r->output_count < RANDOM_OUTPUTS && gt_var_valid(v))
        r->outputs[r->output_count++] = v;
}

static gt_var cotangent(random_tape *r, gt_var v)
{
    return random_chance(r, 0.2) ? GT_NONE : new_input(r, gt_var_shape(v), r->options.dtype, 0);
}

static uint32_t choose_wrt(random_level *top, gt_var *wrt, uint32_t most)
{
    random_tape *r = top->r;
    uint32_t count = 0, inputs = r->input_count;
    for (uint32_t i = 0; i < inputs && count < most; i++)
        if (gt_var_dtype(r->inputs[i]) != GT_I32 && random_chance(r, 0.6))
            wrt[count++] = r->inputs[i];
    for (uint32_t i = 0; i < 3 && count < most; i++)
        wrt[count++] = random_draw(top).v;
    return count;
}

static void record_gradients(random_level *top)
{
    enum { MOST = 24 };
    random_tape *r = top->r;
    gt_var sources[3], cotangents[3], wrt[MOST], gradients[MOST], seconds[MOST], sum = GT_NONE;
    uint32_t source_count = 1 + random_pick(r, 3), wrt_count = choose_wrt(top, wrt, MOST);
    for (uint32_t i = 0; i < source_count; i++) {
        sources[i] = random_draw(top).v;
        cotangents[i] = cotangent(r, sources[i]);
    }
    gt_grad(sources, random_chance(r, 0.1) ? NULL : cotangents, source_count, wrt, wrt_count, gradients);
    for (uint32_t i = 0; i < wrt_count; i++)
        add_output(r, gradients[i]);
    if (r->options.order < 2)
        return;
    for (uint32_t i = 0; i < 3; i++) {
        gt_var g = gradients[random_pick(r, wrt_count)], c = cotangent(r, g);
        gt_var term = gt_sum(gt_var_valid(c) ? gt_mul(g, c) : gt_mul(g, g), GT_ALL_AXES);
        sum = sum.tape == NULL ? term : gt_add(gt_reshape(sum, GT_SCALAR), gt_reshape(term, GT_SCALAR));
    }
    gt_grad(&sum, NULL, 1, wrt, wrt_count, seconds);
    for (uint32_t i = 0; i < wrt_count; i++)
        add_output(r, seconds[i]);
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void choose_dimensions(random_tape *r)
{
    static const int64_t large[] = {520, 1030, 1500, 2100};
    bool tiles = random_chance(r, 0.06);
    r->most_entries = tiles ? 9000 : 400;
    r->dimensions[0] = 1;
    for (int i = 1; i < RANDOM_DIMENSIONS; i++)
        r->dimensions[i] = 1 + random_pick(r, 5);
    if (tiles)
        r->dimensions[1] = large[random_pick(r, 4)];
}

static void choose_values(random_level *top)
{
    random_tape *r = top->r;
    uint32_t count = 1 + random_pick(r, 8);
    for (uint32_t i = 0; i < count; i++)
        add_output(r, random_draw(top).v);
    if (r->input_count > 0 && random_chance(r, 0.2)) {
        gt_var x = r->inputs[random_pick(r, r->input_count)];
        gt_shape shape = gt_var_shape(x);
        add_output(r, x);
        if (gt_var_dtype(x) != GT_I32 && shape.rank > 0)
            add_output(r, gt_slice(x, shape.rank - 1, shape.size[shape.rank - 1] / 2, shape.size[shape.rank - 1]));
    }
    if (random_chance(r, 0.1))
        add_output(r, r->outputs[0]);
}

random_tape *random_tape_new(const random_options *options)
{
    random_tape *r = calloc(1, sizeof *r);
    random_level *top = calloc(1, sizeof *top);
    if (r == NULL || top == NULL)
        abort();
    r->options = *options;
    gt_random_seed(&r->random, options->seed);
    r->tape = gt_tape_new(&(gt_tape_options){.dtype = options->dtype});
    top->r = r;
    choose_dimensions(r);
    uint32_t ops = 3 + random_pick(r, 28);
    for (uint32_t i = 0; i < ops; i++) {
        random_op(top);
        if (i * (options->scans + 1) / ops != (i + 1) * (options->scans + 1) / ops && i + 1 < ops)
            random_scan(top);
        if (options->scans == 0 && random_chance(r, 0.01))
            random_scan(top);
    }
    choose_values(top);
    if (options->order > 0)
        record_gradients(top);
    free(top);
    return r;
}

void random_tape_free(random_tape *r)
{
    for (uint32_t i = 0; i < r->input_count; i++)
        free(r->data[i]);
    gt_tape_free(r->tape);
    free(r);
}

gt_interpreter *random_tape_evaluate(const random_tape *r, const gt_var *outputs, uint32_t count)
{
    gt_interpreter *run = gt_interpreter_new(r->tape);
    for (uint32_t i = 0; i < r->input_count; i++)
        cr_assert_eq(gt_interpreter_bind(run, r->inputs[i], r->data[i]), GT_OK, "%s", gt_interpreter_message(run));
    cr_assert_eq(gt_interpreter_evaluate(run, outputs, count), GT_OK, "seed %u: %s", r->options.seed,
                 gt_interpreter_message(run));
    return run;
}
