/*
 * Every cell of cells/: understood without a warning, the same bits rolled and
 * unrolled, planned as interpreted, and its gradients those of numbers. The texts
 * of the built-in cells give the built-in cells' bits.
 */
#include "recurrent.h"
#include "support/planned.h"

#include "files.h"

#include <dirent.h>
#include <math.h>

TestSuite(zoo, .timeout = 300);

static const recurrent_sizes small = {3, 4, 2, 3, 5};

/* ---- reading ------------------------------------------------------------------------------- */

static gt_parsed_cell *read_cell(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, GT_CELLS "/%s.cell", name);
    file_bytes file = read_file(path);
    gt_parsed_cell *parsed = gt_cell_parse((const char *)file.bytes, file.size, &(gt_cell_parse_options){.file = path});
    free(file.bytes);
    cr_assert_not_null(parsed);
    size_t count;
    const gt_diagnostic *list = gt_parsed_cell_diagnostics(parsed, &count);
    cr_assert_eq(count, 0, "%s:%u:%u: %s", path, count > 0 ? list[0].line : 0, count > 0 ? list[0].column : 0,
                 count > 0 ? list[0].message : "");
    cr_assert_not_null(gt_parsed_cell_get(parsed));
    return parsed;
}

typedef void zoo_test(const gt_cell *cell);

/* Runs the test on every file of the folder. */
static void for_each_cell(zoo_test *test)
{
    DIR *cells = opendir(GT_CELLS);
    int count = 0;
    cr_assert_not_null(cells);
    for (struct dirent *entry; (entry = readdir(cells)) != NULL;) {
        char name[300];
        snprintf(name, sizeof name, "%s", entry->d_name);
        char *dot = strstr(name, ".cell");
        if (dot == NULL || dot[5] != '\0')
            continue;
        *dot = '\0';
        gt_parsed_cell *parsed = read_cell(name);
        cr_expect_str_eq(gt_parsed_cell_get(parsed)->name, name);
        test(gt_parsed_cell_get(parsed));
        gt_parsed_cell_free(parsed);
        count++;
    }
    closedir(cells);
    cr_assert_geq(count, 24, "only %d cells in " GT_CELLS, count);
}

/* ---- texts ---------------------------------------------------------------------------------- */

static void check_text(const gt_cell *cell)
{
    cr_expect(strlen(cell->documentation) > 40, "%s does not say where it comes from", cell->name);
    cr_expect_str_eq(cell->inputs[0].name, "x", "%s", cell->name);
    int32_t output = gt_cell_handed_on(cell);
    cr_expect_str_eq(output < 0 ? cell->states[0].rows : cell->outputs[output].rows, "n_a", "%s cannot be layered",
                     cell->name);
}

/* The library has the text of every file, and finds it by its name. */
static void check_entry(const gt_cell *cell)
{
    char path[512];
    snprintf(path, sizeof path, GT_CELLS "/%s.cell", cell->name);
    file_bytes file = read_file(path);
    const gt_zoo_entry *entry = gt_zoo_find(cell->name);
    cr_assert_not_null(entry, "%s is not in the library", cell->name);
    cr_expect_eq(strlen(entry->text), file.size);
    cr_expect_arr_eq(entry->text, file.bytes, file.size, "%s", cell->name);
    free(file.bytes);
}

Test(zoo, the_library_has_the_texts)
{
    for_each_cell(check_entry);
    for (uint32_t i = 0; i < gt_zoo_count(); i++) {
        cr_expect_eq(gt_zoo_find(gt_zoo_at(i)->name), gt_zoo_at(i));
        cr_expect(i == 0 || strcmp(gt_zoo_at(i - 1)->name, gt_zoo_at(i)->name) < 0);
    }
    cr_expect_null(gt_zoo_at(gt_zoo_count()));
    cr_expect_null(gt_zoo_find("nothing"));
    cr_expect_null(gt_zoo_find(NULL));
}

Test(zoo, each_cell_says_what_it_is)
{
    for_each_cell(check_text);
}

/* ---- rolled and unrolled -------------------------------------------------------------------- */

static void compare_bits(const recurrent *a, const recurrent *b, const char *what)
{
    for (uint32_t i = 0; i < a->answer_count; i++)
        expect_same_bits(what, a, a->answers[i], b, b->answers[i]);
    for (uint32_t i = 0; i < a->given_count; i++)
        expect_same_bits(what, a, a->gradients[i], b, b->gradients[i]);
}

static void compare_forms(const gt_cell *cell)
{
    for (int dtype = GT_F64; dtype <= GT_F32; dtype++) {
        recurrent rolled = recurrent_record(cell, small, (recurrent_form){false, GT_FORWARD, (gt_dtype)dtype});
        recurrent unrolled = recurrent_record(cell, small, (recurrent_form){true, GT_FORWARD, (gt_dtype)dtype});
        recurrent_evaluate(&rolled, 3);
        recurrent_evaluate(&unrolled, 3);
        compare_bits(&rolled, &unrolled, cell->name);
        recurrent_free(&rolled);
        recurrent_free(&unrolled);
    }
}

Test(zoo, rolled_equals_unrolled_bit_for_bit)
{
    for_each_cell(compare_forms);
}

/* ---- the built-in cells --------------------------------------------------------------------- */

/* Byte for byte: not even the sign of a zero differs. */
static void expect_same_bytes(const char *name, const recurrent *a, gt_var of_a, const recurrent *b, gt_var of_b)
{
    const void *x = gt_interpreter_value(a->run, of_a), *y = gt_interpreter_value(b->run, of_b);
    size_t size = count_of(of_a) * gt_dtype_size(gt_var_dtype(of_a));
    cr_assert(x != NULL && y != NULL && count_of(of_a) == count_of(of_b));
    cr_expect(memcmp(x, y, size) == 0, "%s", name);
}

static void compare_with_built_in(const char *name, recurrent_form form)
{
    gt_parsed_cell *parsed = read_cell(name);
    const gt_cell *text = gt_parsed_cell_get(parsed), *built_in = gt_cell_find(name);
    cr_assert_eq(text->parameter_count, built_in->parameter_count);
    for (uint32_t i = 0; i < text->parameter_count; i++) {
        const gt_cell_array *a = &text->parameters[i], *b = &built_in->parameters[i];
        cr_expect_str_eq(a->name, b->name);
        cr_expect(a->output_only == b->output_only && a->initializer.kind == b->initializer.kind &&
                      a->initializer.a == b->initializer.a,
                  "%s of %s", a->name, name);
    }
    recurrent a = recurrent_record(text, small, form), b = recurrent_record(built_in, small, form);
    recurrent_evaluate(&a, 8);
    recurrent_evaluate(&b, 8);
    cr_assert(a.answer_count == b.answer_count && a.given_count == b.given_count);
    for (uint32_t i = 0; i < a.answer_count; i++)
        expect_same_bytes(name, &a, a.answers[i], &b, b.answers[i]);
    for (uint32_t i = 0; i < a.given_count; i++)
        expect_same_bytes(name, &a, a.gradients[i], &b, b.gradients[i]);
    recurrent_free(&a);
    recurrent_free(&b);
    gt_parsed_cell_free(parsed);
}

Test(zoo, the_texts_of_built_in_cells_give_their_bits)
{
    static const char *const names[] = {"rnn", "lstm", "gru"};
    for (size_t i = 0; i < 3; i++)
        for (int form = 0; form < 8; form++)
            compare_with_built_in(
                names[i], (recurrent_form){form & 1, form & 2 ? GT_BACKWARD : GT_FORWARD, form & 4 ? GT_F32 : GT_F64});
}

/* ---- the planner ---------------------------------------------------------------------------- */

static void compare_planned(const gt_cell *cell)
{
    recurrent r = recurrent_record(cell, small, (recurrent_form){false, GT_FORWARD, GT_F64});
    gt_var inputs[2 * MAX_ARRAYS], outputs[2 * MAX_ARRAYS];
    void *data[2 * MAX_ARRAYS];
    planned_tape t = {.tape = r.tape,
                      .inputs = inputs,
                      .outputs = outputs,
                      .input_count = r.given_count + r.answer_count,
                      .output_count = r.answer_count + r.given_count,
                      .data = data,
                      .by_largest = true,
                      .what = cell->name};
    for (uint32_t i = 0; i < t.output_count; i++)
        outputs[i] = i < r.answer_count ? r.answers[i] : r.gradients[i - r.answer_count];
    for (uint32_t i = 0; i < t.input_count; i++) {
        inputs[i] = i < r.given_count ? r.given[i] : r.cotangents[i - r.given_count];
        data[i] = random_numbers(gt_var_name(inputs[i]), 4, count_of(inputs[i]), GT_F64);
    }
    planned_compare(&t, NULL);
    for (uint32_t i = 0; i < t.input_count; i++)
        free(data[i]);
    recurrent_free(&r);
}

Test(zoo, planned_as_interpreted)
{
    for_each_cell(compare_planned);
}

/* ---- numbers -------------------------------------------------------------------------------- */

/* The sum of all answers, each times its cotangent, as a function of one of the given arrays. */
typedef struct objective {
    recurrent *r;
    uint32_t given;
    void *data[2 * MAX_ARRAYS]; /* given arrays, then cotangents */
} objective;

static gt_status evaluate(void *context, const double *x, double *y, gt_error *error)
{
    objective *o = context;
    recurrent *r = o->r;
    (void)error;
    *y = 0;
    for (uint32_t i = 0; i < r->given_count; i++)
        cr_assert(gt_interpreter_bind(r->run, r->given[i], i == o->given ? x : o->data[i]) == GT_OK);
    cr_assert(gt_interpreter_evaluate(r->run, r->answers, r->answer_count) == GT_OK);
    for (uint32_t k = 0; k < r->answer_count; k++) {
        const double *answer = gt_interpreter_value(r->run, r->answers[k]), *factor = o->data[r->given_count + k];
        for (size_t i = 0; i < count_of(r->answers[k]); i++)
            *y += answer[i] * factor[i];
    }
    return GT_OK;
}

static void compare_direction(objective *o, const double *gradient, gt_random *random)
{
    size_t count = count_of(o->r->given[o->given]);
    double *direction = calloc(count, sizeof *direction), exact = 0, value, error;
    for (size_t i = 0; i < count; i++) {
        direction[i] = gt_random_normal(random);
        exact += gradient[i] * direction[i];
    }
    gt_numeric numeric = {
        .function = evaluate, .context = o, .x = o->data[o->given], .input_count = count, .output_count = 1};
    cr_assert(gt_numeric_directional(&numeric, direction, &value, &error, NULL) == GT_OK);
    gt_comparison c = gt_compare(&exact, &value, &error, 1, 1, 1e-7);
    cr_assert(c.agreement == GT_AGREES, "%s, gradient of %s: %.15g by the tape, %.15g +- %.2g by numbers (%s)",
              o->r->cell->name, gt_var_name(o->r->given[o->given]), exact, value, error,
              gt_agreement_name(c.agreement));
    free(direction);
}

static bool has_surrogate(const gt_cell *cell)
{
    const char *text = gt_zoo_find(cell->name)->text;
    return strstr(text, "straight(") != NULL || strstr(text, "stop_gradient(") != NULL;
}

/* Whose gradient is meant to be another than that of numbers: the verifier holds what it stops at. */
static void expect_right(const gt_cell *cell)
{
    gt_dimension dimensions[RECURRENT_DIMENSIONS];
    recurrent_dimensions(small, dimensions);
    gt_check_problem problem = {
        .dimensions = dimensions, .dimension_count = RECURRENT_DIMENSIONS, .examples = small.m, .steps = small.T};
    gt_report report = {0};
    gt_error error = {0};
    cr_assert_eq(gt_check_cell(cell, &problem, NULL, &report, &error), GT_OK, "%s", error.message);
    cr_expect_eq(report.verdict, GT_RIGHT, "%s: %s", cell->name,
                 report.finding_count > 0 ? report.findings[0].text : "");
    gt_report_free(&report);
}

static void compare_with_numbers(const gt_cell *cell)
{
    if (has_surrogate(cell)) {
        expect_right(cell);
        return;
    }
    recurrent r = recurrent_record(cell, small, (recurrent_form){false, GT_FORWARD, GT_F64});
    objective o = {.r = &r};
    gt_random random;
    gt_random_seed(&random, 6);
    recurrent_evaluate(&r, 5);
    for (uint32_t i = 0; i < r.given_count; i++)
        o.data[i] = random_numbers(gt_var_name(r.given[i]), 5, count_of(r.given[i]), GT_F64);
    double *gradients[MAX_ARRAYS];
    for (uint32_t i = 0; i < r.given_count; i++) {
        size_t size = count_of(r.given[i]) * sizeof(double);
        gradients[i] = malloc(size);
        memcpy(gradients[i], gt_interpreter_value(r.run, r.gradients[i]), size);
    }
    for (uint32_t i = 0; i < r.answer_count; i++)
        o.data[r.given_count + i] = random_numbers(gt_var_name(r.cotangents[i]), 5, count_of(r.answers[i]), GT_F64);
    for (o.given = 0; o.given < r.given_count; o.given++)
        if (strcmp(gt_var_name(r.given[o.given]), "t") != 0) /* a clock has no gradient */
            compare_direction(&o, gradients[o.given], &random);
    for (uint32_t i = 0; i < r.given_count + r.answer_count; i++)
        free(o.data[i]);
    for (uint32_t i = 0; i < r.given_count; i++)
        free(gradients[i]);
    recurrent_free(&r);
}

Test(zoo, gradients_are_those_of_numbers)
{
    for_each_cell(compare_with_numbers);
}
