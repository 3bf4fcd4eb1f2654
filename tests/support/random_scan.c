/* Random scans: states that are computed, swapped, kept, summed, or taken from elsewhere. */
#include "support/random_tape.h"

#include <stdlib.h>

enum { MOST_STATES = 5 };

typedef struct states {
    random_value before[MOST_STATES];
    bool unread[MOST_STATES];
    uint32_t count;
} states;

static gt_shape with_steps(gt_shape shape, int64_t steps)
{
    shape.size[shape.rank++] = steps;
    return shape;
}

/* A part of the sequence for this step. */
static gt_var slice_of_shape(random_level *body, gt_shape shape)
{
    gt_shape sequence = with_steps(shape, gt_scan_steps(body->scan));
    gt_var whole = random_value_of_shape(body->around, sequence).v;
    return gt_scan_input(body->scan, "slice",
                         gt_var_shape(whole).rank == sequence.rank ? whole : gt_reshape(whole, sequence));
}

/* Initial values have at most 2, and so have all others but sums. */
static void add_states(random_level *body, states *s)
{
    random_tape *r = body->r;
    uint32_t wanted = random_pick(r, MOST_STATES + 1);
    for (uint32_t k = 0; k < wanted; k++) {
        gt_shape shape = k > 0 && random_chance(r, 0.5) ? gt_var_shape(s->before[k - 1].v) : random_shape(body);
        random_value initial = random_tame(body->around, random_value_of_shape(body->around, shape));
        if (gt_var_shape(initial.v).rank > random_most_rank(body))
            initial.v = gt_reshape(initial.v, random_least_rank(shape));
        s->before[s->count] = (random_value){gt_scan_carry(body->scan, "state", initial.v), 2};
        s->unread[s->count] = random_chance(r, 0.3);
        if (!s->unread[s->count])
            random_push(body, s->before[s->count]);
        s->count++;
    }
}

static void add_slices(random_level *body)
{
    random_tape *r = body->r;
    uint32_t wanted = random_pick(r, 4);
    for (uint32_t k = 0; k < wanted; k++) {
        gt_shape shape = random_shape(body);
        gt_shape sequence = shape;
        if (shape.rank == GT_MAX_RANK ||
            !random_fits(body->around, sequence = with_steps(shape, gt_scan_steps(body->scan))))
            continue;
        random_value given = random_value_of_shape(body->around, sequence);
        if (gt_var_shape(given.v).rank != sequence.rank)
            given.v = gt_reshape(given.v, sequence);
        given.v = gt_scan_input(body->scan, "slice", given.v);
        random_push(body, given);
    }
}

/*
 * A weight that is made at each step of what no step changes, by any ops, and a product with it.
 * The formula has a level of its own, without a scan, so that nothing in it is a slice or a state.
 */
static void add_weight(random_level *body)
{
    random_tape *r = body->r;
    random_level *formula = calloc(1, sizeof *formula);
    if (formula == NULL)
        abort();
    *formula = (random_level){.r = r, .around = body->around, .depth = body->depth};
    gt_shape shape = GT_SHAPE(random_size(r), random_size(r));
    uint32_t parameters = 1 + random_pick(r, 2), ops = 1 + random_pick(r, 7);
    for (uint32_t k = 0; k < parameters; k++) {
        random_value outside = random_tame(body->around, random_value_of_shape(body->around, shape));
        random_push(formula, (random_value){gt_scan_invariant(body->scan, outside.v), outside.bound});
        if (random_chance(r, 0.5)) /* else of the same shape */
            shape = GT_SHAPE(shape.size[1], random_size(r));
    }
    for (uint32_t k = 0; k < ops; k++)
        random_op(formula);
    for (uint32_t k = parameters; k < formula->count; k++)
        random_push(body, formula->values[k]);
    random_value weight = random_tame(formula, random_draw(formula));
    shape = gt_var_shape(weight.v);
    if (gt_shape_count(shape) == shape.size[0] * shape.size[1] && random_most_rank(body) >= 2) {
        if (shape.rank != 2)
            weight.v = gt_reshape(weight.v, GT_SHAPE(shape.size[0], shape.size[1]));
        random_value x = random_tame(body, random_value_of_shape(body, GT_SHAPE(shape.size[1], random_size(r))));
        double bound = weight.bound * x.bound * (double)shape.size[1];
        if (random_fits(body, GT_SHAPE(shape.size[0], gt_var_shape(x.v).size[1])))
            random_push(body, random_tame(body, (random_value){gt_matmul(weight.v, x.v), bound}));
    }
    free(formula);
}

/* Something linear in the term and in what no step changes, of the term's shape. */
static gt_var linear_in(random_level *body, gt_var term)
{
    random_tape *r = body->r;
    gt_shape shape = gt_var_shape(term);
    random_value outside = random_tame(body->around, random_value_of_shape(body->around, shape));
    gt_var fixed = gt_var_shape(outside.v).rank == shape.rank ? outside.v : gt_reshape(outside.v, shape);
    switch (random_pick(r, 6)) {
    case 0:
        return gt_sub(fixed, term);
    case 1:
        return gt_mul(term, fixed);
    case 2:
        return gt_slice(gt_concat((gt_var[]){fixed, term}, 2, 0), 0, 1, shape.size[0] + 1);
    case 3:
        return gt_mul(gt_mean(gt_add(term, fixed), 0), fixed);
    case 4:
        if (shape.rank == 2) {
            gt_shape square = GT_SHAPE(shape.size[0], shape.size[0]);
            random_value weight = random_tame(body->around, random_value_of_shape(body->around, square));
            return gt_mul(gt_matmul(weight.v, term), random_constant(body, 0.1));
        }
        break;
    default:
        break;
    }
    return gt_add(term, fixed);
}

/* s + h1 + h2 in one of its orders, products and sums among the terms. */
static gt_var gathered(random_level *body, random_value before)
{
    random_tape *r = body->r;
    gt_var sum = before.v;
    gt_shape shape = gt_var_shape(before.v);
    uint32_t terms = 1 + random_pick(r, 3);
    for (uint32_t k = 0; k < terms; k++) {
        gt_var term;
        gt_shape wide = shape;
        wide.size[1] = random_size(r);
        wide.rank = wide.rank < 2 ? 2 : wide.rank;
        if (shape.rank == 2 && random_chance(r, 0.5)) {
            int64_t m = random_size(r);
            gt_var left = random_value_of_shape(body, GT_SHAPE(shape.size[0], m)).v;
            left = gt_mul(left, random_constant(body, 0.05));
            term = gt_matmul_transposed(left, false, random_value_of_shape(body, GT_SHAPE(shape.size[1], m)).v, true);
        } else if (shape.size[1] == 1 && random_fits(body, wide) && random_chance(r, 0.5)) {
            term = gt_sum(gt_mul(random_value_of_shape(body, wide).v, random_constant(body, 0.02)), 1);
        } else {
            term = gt_mul(random_value_of_shape(body, shape).v, random_constant(body, 0.05));
        }
        if (gt_var_shape(term).rank != shape.rank)
            term = gt_reshape(term, shape);
        if (random_chance(r, 0.3))
            term = gt_neg(term);
        for (; random_chance(r, 0.4) && shape.rank > 0;)
            term = linear_in(body, term);
        sum = random_chance(r, 0.5) ? gt_add(sum, term) : gt_add(term, sum);
    }
    return sum;
}

static gt_var next_of(random_level *body, const states *s, uint32_t k)
{
    random_tape *r = body->r;
    gt_shape shape = gt_var_shape(s->before[k].v);
    switch (s->unread[k] ? random_pick(r, 2) * 4 : random_pick(r, 8)) {
    case 0:
        return gathered(body, s->before[k]);
    case 1: /* from another state, which may take this one */
        for (uint32_t j = 0; j < s->count; j++)
            if (j != k && gt_shape_equal(gt_var_shape(s->before[j].v), shape))
                return s->before[j].v;
        return s->before[k].v;
    case 2:
        return random_tame(body->around, random_value_of_shape(body->around, shape)).v;
    case 3: /* a part of a sequence, or what is computed of one alone */
        if (shape.rank < GT_MAX_RANK && random_fits(body->around, with_steps(shape, gt_scan_steps(body->scan)))) {
            gt_var slice = slice_of_shape(body, shape);
            slice = random_chance(r, 0.5) ? gt_tanh(slice) : slice;
            return random_chance(r, 0.5)
                       ? slice
                       : gt_mul(slice, random_tame(body->around, random_value_of_shape(body->around, shape)).v);
        }
        return s->before[k].v;
    default:
        return random_tame(body, random_value_of_shape(body, shape)).v;
    }
}

static void set_next(random_level *body, const states *s)
{
    for (uint32_t k = 0; k < s->count; k++) {
        gt_var next = next_of(body, s, k);
        gt_scan_next(body->scan, s->before[k].v, next);
    }
}

static void read_parts(random_level *level, random_level *body, const states *s)
{
    random_tape *r = level->r;
    uint32_t stacks = 1 + random_pick(r, 4);
    for (uint32_t k = 0; k < s->count; k++)
        if (random_chance(r, 0.5))
            random_push(level, (random_value){gt_scan_final(body->scan, s->before[k].v), 4});
    for (uint32_t k = 0; k < stacks && body->count > 0; k++) {
        random_value value = body->values[random_pick(r, body->count)];
        gt_shape shape = gt_var_shape(value.v);
        if (value.v.tape != gt_scan_body(body->scan) || shape.rank == GT_MAX_RANK ||
            !random_fits(level, with_steps(shape, gt_scan_steps(body->scan))))
            continue;
        random_push(level, (random_value){gt_scan_stack(body->scan, value.v), value.bound + 2});
    }
}

void random_scan(random_level *level)
{
    static const int64_t steps[] = {1, 2, 3, 7}, of_loops[] = {3, 6, 9, 12};
    random_tape *r = level->r;
    random_level *body = calloc(1, sizeof *body);
    if (body == NULL)
        abort();
    body->r = r;
    body->around = level;
    body->depth = level->depth + 1;
    body->scan = gt_scan_begin(r->tape == NULL       ? NULL
                               : level->scan == NULL ? r->tape
                                                     : gt_scan_body(level->scan),
                               (r->options.loops ? of_loops : steps)[random_pick(r, 4)],
                               random_chance(r, 0.5) ? GT_FORWARD : GT_BACKWARD);
    states s = {.count = 0};
    add_states(body, &s);
    add_slices(body);
    if (random_chance(r, 0.4))
        add_weight(body);
    uint32_t ops = 1 + random_pick(r, 12);
    for (uint32_t i = 0; i < ops; i++) {
        random_op(body);
        if (body->depth < 3 && random_chance(r, 0.04))
            random_scan(body);
    }
    set_next(body, &s);
    gt_scan_end(body->scan);
    if (!r->options.loops || !random_loop(level, body))
        read_parts(level, body, &s);
    free(body);
}
