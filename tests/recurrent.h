/*
 * What the tests of cells share: a cell over random arrays, recorded rolled or
 * unrolled, differentiated, and evaluated.
 */
#ifndef GT_TESTS_RECURRENT_H
#define GT_TESTS_RECURRENT_H

#include "gradtape.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ARRAYS 32

/* One sequence on a tape of its own, with numbers for everything that it is given. */
typedef struct recurrent {
    const gt_cell *cell;
    gt_tape *tape;
    gt_interpreter *run;
    gt_var given[MAX_ARRAYS];   /* inputs, initial states, parameters */
    gt_var answers[MAX_ARRAYS]; /* stacks of states, finals, outputs */
    gt_var cotangents[MAX_ARRAYS];
    gt_var gradients[MAX_ARRAYS]; /* of `given` */
    uint32_t given_count, answer_count;
} recurrent;

typedef struct recurrent_sizes {
    int64_t n_x, n_a, n_y, m, T;
} recurrent_sizes;

typedef struct recurrent_form {
    bool unrolled;
    gt_direction direction;
    gt_dtype dtype;
} recurrent_form;

static inline size_t count_of(gt_var v)
{
    return (size_t)gt_shape_count(gt_var_shape(v));
}

/* Numbers that depend on the seed and the array's name alone, so that two tapes get the same. */
static inline void *random_numbers(const char *name, uint32_t seed, size_t count, gt_dtype dtype)
{
    for (const char *c = name; *c != '\0'; c++)
        seed = seed * 31 + (unsigned char)*c;
    gt_random random;
    gt_random_seed(&random, seed);
    void *data = calloc(count, sizeof(double));
    cr_assert_not_null(data);
    for (size_t i = 0; i < count; i++) {
        double value = 0.6 * gt_random_normal(&random);
        if (dtype == GT_F32)
            ((float *)data)[i] = (float)value;
        else
            ((double *)data)[i] = value;
    }
    return data;
}

/* Data of bound inputs; freed by recurrent_free. */
static inline void bind_random(gt_interpreter *run, gt_var v, uint32_t seed, void **kept)
{
    *kept = random_numbers(gt_var_name(v), seed, count_of(v), gt_var_dtype(v));
    cr_assert(gt_interpreter_bind(run, v, *kept) == GT_OK);
}

enum { RECURRENT_DIMENSIONS = 9 };

/* Of the zoo: those of heads are small, too. */
static inline void recurrent_dimensions(recurrent_sizes s, gt_dimension dimensions[RECURRENT_DIMENSIONS])
{
    const gt_dimension all[RECURRENT_DIMENSIONS] = {{"n_x", s.n_x},     {"n_a", s.n_a}, {"n_y", s.n_y},
                                                    {"n_c", s.n_a + 2}, {"n_h", 2},     {"n_k", s.n_a},
                                                    {"n_v", s.n_y + 1}, {"n_r", 2},     {"n_s", 3}};
    memcpy(dimensions, all, sizeof all);
}

/* An input for one row of a table. */
static inline gt_var row_input(recurrent *r, const gt_cell_array *row, recurrent_sizes s, gt_role role)
{
    gt_dimension dimensions[RECURRENT_DIMENSIONS];
    recurrent_dimensions(s, dimensions);
    gt_error error = {0};
    gt_shape shape;
    int64_t columns = role == GT_ROLE_PARAMETER ? 1 : s.m;
    cr_assert(gt_cell_array_shape(row, dimensions, RECURRENT_DIMENSIONS, columns, &shape, &error) == GT_OK, "%s",
              error.message);
    if (role == GT_ROLE_PARAMETER)
        return gt_parameter(r->tape, row->name, shape);
    if (role == GT_ROLE_STATE)
        return gt_state(r->tape, row->name, shape);
    return gt_input(r->tape, row->name, GT_SHAPE(shape.size[0], shape.size[1], s.T));
}

static inline void record_given(recurrent *r, recurrent_sizes s)
{
    const gt_cell *cell = r->cell;
    for (uint32_t i = 0; i < cell->input_count; i++)
        r->given[r->given_count++] = row_input(r, &cell->inputs[i], s, GT_ROLE_INPUT);
    for (uint32_t i = 0; i < cell->state_count; i++)
        r->given[r->given_count++] = row_input(r, &cell->states[i], s, GT_ROLE_STATE);
    for (uint32_t i = 0; i < cell->parameter_count; i++)
        r->given[r->given_count++] = row_input(r, &cell->parameters[i], s, GT_ROLE_PARAMETER);
}

/* Everything but numbers. */
static inline recurrent recurrent_record(const gt_cell *cell, recurrent_sizes s, recurrent_form form)
{
    recurrent r = {.cell = cell};
    r.tape = gt_tape_new(&(gt_tape_options){.dtype = form.dtype});
    record_given(&r, s);
    gt_dimension dimensions[RECURRENT_DIMENSIONS];
    recurrent_dimensions(s, dimensions);
    gt_sequence sequence = {
        .cell = cell,
        .dimensions = dimensions,
        .dimension_count = RECURRENT_DIMENSIONS,
        .direction = form.direction,
        .unrolled = form.unrolled,
        .with_outputs = cell->output_count > 0,
        .inputs = r.given,
        .initial = r.given + cell->input_count,
        .parameters = r.given + cell->input_count + cell->state_count,
        .states = r.answers,
        .finals = r.answers + cell->state_count,
        .outputs = r.answers + 2 * cell->state_count,
    };
    cr_assert(gt_sequence_record(&sequence) == GT_OK, "%s", gt_tape_message(r.tape));
    r.answer_count = 2 * cell->state_count + cell->output_count;
    for (uint32_t i = 0; i < r.answer_count; i++) {
        char name[16];
        snprintf(name, sizeof name, "seed %u", i);
        r.cotangents[i] = gt_input(r.tape, name, gt_var_shape(r.answers[i]));
    }
    gt_grad(r.answers, r.cotangents, r.answer_count, r.given, r.given_count, r.gradients);
    cr_assert(gt_tape_status(r.tape) == GT_OK, "%s", gt_tape_message(r.tape));
    return r;
}

/* Evaluates answers and gradients; values are read with gt_interpreter_value(r->run, ...). */
static inline void recurrent_evaluate(recurrent *r, uint32_t seed)
{
    void *kept[2 * MAX_ARRAYS];
    gt_var outputs[2 * MAX_ARRAYS];
    uint32_t kept_count = 0, output_count = 0;
    r->run = gt_interpreter_new(r->tape);
    for (uint32_t i = 0; i < r->given_count; i++) {
        bind_random(r->run, r->given[i], seed, &kept[kept_count++]);
        outputs[output_count++] = r->gradients[i];
    }
    for (uint32_t i = 0; i < r->answer_count; i++) {
        bind_random(r->run, r->cotangents[i], seed, &kept[kept_count++]);
        outputs[output_count++] = r->answers[i];
    }
    cr_assert(gt_interpreter_evaluate(r->run, outputs, output_count) == GT_OK, "%s", gt_interpreter_message(r->run));
    while (kept_count > 0)
        free(kept[--kept_count]);
}

static inline void recurrent_free(recurrent *r)
{
    gt_interpreter_free(r->run);
    gt_tape_free(r->tape);
}

/* The same numbers, bit for bit, none of them a NaN. */
static inline void expect_same_bits(const char *what, const recurrent *a, gt_var of_a, const recurrent *b, gt_var of_b)
{
    const void *x = gt_interpreter_value(a->run, of_a), *y = gt_interpreter_value(b->run, of_b);
    size_t count = count_of(of_a), size = gt_dtype_size(gt_var_dtype(of_a));
    cr_assert(x != NULL && y != NULL && count == count_of(of_b), "%s", what);
    for (size_t i = 0; i < count; i++) {
        const char *p = (const char *)x + i * size, *q = (const char *)y + i * size;
        double u = size == 4 ? (double)*(const float *)(const void *)p : *(const double *)(const void *)p;
        double v = size == 4 ? (double)*(const float *)(const void *)q : *(const double *)(const void *)q;
        /* == lets 0 and -0 pass for the same; a NaN fails. */
        cr_assert(u == v, "%s: entry %zu is %.17g and %.17g", what, i, u, v);
    }
}

#endif
