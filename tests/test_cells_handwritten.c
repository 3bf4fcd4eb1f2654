/*
 * Cells against gradients that were derived by hand and written as plain loops
 * (src/handwritten/): random sizes, batch sizes and lengths, both forms, every
 * entry of every array to 1e-12 of the array's largest.
 */
#include "handwritten/handwritten.h"
#include "recurrent.h"

#include <math.h>

static gt_handwritten *make_witness(const char *cell, recurrent_sizes s, gt_random *random)
{
    const gt_handwritten_cell *witness = gt_handwritten_find(cell);
    cr_assert_not_null(witness, "%s", cell);
    gt_handwritten_sizes sizes = {(size_t)s.n_x, (size_t)s.n_a, (size_t)s.n_y, (size_t)s.m, (size_t)s.T};
    gt_handwritten *h = gt_handwritten_new(witness, sizes);
    cr_assert_not_null(h);
    for (size_t i = 0; i < witness->row_count; i++) {
        const gt_handwritten_row *row = &witness->rows[i];
        double *entries = gt_handwritten_array(h, row->name);
        bool drawn = row->kind == GT_HANDWRITTEN_GIVEN || row->kind == GT_HANDWRITTEN_UPSTREAM;
        for (size_t k = 0; drawn && k < gt_handwritten_count(h, row); k++)
            entries[k] = 0.7 * gt_random_normal(random);
    }
    gt_handwritten_forward(h);
    gt_handwritten_backward(h);
    return h;
}

static void bind_by_name(recurrent *r, gt_var v, gt_handwritten *h, const char *before, const char *name,
                         const char *behind)
{
    char full[32];
    snprintf(full, sizeof full, "%s%s%s", before, name, behind);
    const double *data = gt_handwritten_array(h, full);
    cr_assert_not_null(data, "%s", full);
    cr_assert(gt_interpreter_bind(r->run, v, data) == GT_OK);
}

/* Inputs, parameters and upstream gradients of the witness; no gradient for the final states. */
static void bind_all(recurrent *r, gt_handwritten *h, const double *zeros)
{
    const gt_cell *cell = r->cell;
    uint32_t n = 0;
    for (uint32_t i = 0; i < cell->input_count; i++)
        bind_by_name(r, r->given[n++], h, "", cell->inputs[i].name, "");
    for (uint32_t i = 0; i < cell->state_count; i++) {
        bind_by_name(r, r->given[n++], h, "", cell->states[i].name, "0");
        bind_by_name(r, r->cotangents[i], h, "d", cell->states[i].name, "");
        gt_interpreter_bind(r->run, r->cotangents[cell->state_count + i], zeros);
    }
    for (uint32_t i = 0; i < cell->parameter_count; i++)
        bind_by_name(r, r->given[n++], h, "", cell->parameters[i].name, "");
    for (uint32_t i = 0; i < cell->output_count; i++)
        bind_by_name(r, r->cotangents[2 * cell->state_count + i], h, "d", cell->outputs[i].name, "");
}

static void compare(const recurrent *r, gt_var v, gt_handwritten *h, const char *before, const char *name,
                    const char *behind)
{
    char full[32];
    snprintf(full, sizeof full, "%s%s%s", before, name, behind);
    const double *expected = gt_handwritten_array(h, full);
    const double *value = gt_interpreter_value(r->run, v);
    cr_assert(expected != NULL && value != NULL, "%s", full);
    double largest = 0;
    for (size_t i = 0; i < count_of(v); i++)
        largest = fmax(largest, fabs(expected[i]));
    cr_assert(largest > 0, "%s: the witness has nothing but zeros", full);
    for (size_t i = 0; i < count_of(v); i++)
        cr_assert(fabs(value[i] - expected[i]) <= 1e-12 * largest, "%s, %s: entry %zu is %.17g, by hand %.17g",
                  r->cell->name, full, i, value[i], expected[i]);
}

static void compare_all(const recurrent *r, gt_handwritten *h)
{
    const gt_cell *cell = r->cell;
    uint32_t n = 0;
    for (uint32_t i = 0; i < cell->state_count; i++)
        compare(r, r->answers[i], h, "", cell->states[i].name, "");
    for (uint32_t i = 0; i < cell->output_count; i++)
        compare(r, r->answers[2 * cell->state_count + i], h, "", cell->outputs[i].name, "");
    for (uint32_t i = 0; i < cell->input_count; i++)
        compare(r, r->gradients[n++], h, "d", cell->inputs[i].name, "");
    for (uint32_t i = 0; i < cell->state_count; i++)
        compare(r, r->gradients[n++], h, "d", cell->states[i].name, "0");
    for (uint32_t i = 0; i < cell->parameter_count; i++)
        compare(r, r->gradients[n++], h, "d", cell->parameters[i].name, "");
}

static void check(const gt_cell *cell, recurrent_sizes s, bool unrolled, gt_random *random)
{
    gt_handwritten *h = make_witness(cell->name, s, random);
    recurrent r = recurrent_record(cell, s, (recurrent_form){unrolled, GT_FORWARD, GT_F64});
    double *zeros = calloc((size_t)(s.n_a * s.m), sizeof *zeros);
    gt_var outputs[2 * MAX_ARRAYS];
    uint32_t count = 0;
    r.run = gt_interpreter_new(r.tape);
    bind_all(&r, h, zeros);
    for (uint32_t i = 0; i < r.answer_count; i++)
        outputs[count++] = r.answers[i];
    for (uint32_t i = 0; i < r.given_count; i++)
        outputs[count++] = r.gradients[i];
    cr_assert(gt_interpreter_evaluate(r.run, outputs, count) == GT_OK, "%s", gt_interpreter_message(r.run));
    compare_all(&r, h);
    free(zeros);
    recurrent_free(&r);
    gt_handwritten_free(h);
}

static int64_t draw(gt_random *random, int64_t most)
{
    return gt_random_integer(random, 1, most + 1);
}

static void check_random_sizes(const char *name, uint32_t seed)
{
    gt_random random;
    gt_random_seed(&random, seed);
    for (int i = 0; i < 24; i++) {
        /* n_y of at least 2: with one class y is 1 and its gradient 0, whatever the code does. */
        recurrent_sizes s = {draw(&random, 9), draw(&random, 11), 1 + draw(&random, 6), draw(&random, 12),
                             draw(&random, 15)};
        check(gt_cell_find(name), s, i % 2 == 1, &random);
    }
}

Test(cells_handwritten, rnn)
{
    check_random_sizes("rnn", 101);
}

Test(cells_handwritten, lstm)
{
    check_random_sizes("lstm", 102);
}

Test(cells_handwritten, gru)
{
    check_random_sizes("gru", 103);
}

/* Long enough for errors to grow, if they did. */
Test(cells_handwritten, a_long_sequence)
{
    gt_random random;
    gt_random_seed(&random, 104);
    for (uint32_t i = 0; i < gt_cell_count(); i++)
        check(gt_cell_at(i), (recurrent_sizes){3, 6, 4, 2, 200}, false, &random);
}
