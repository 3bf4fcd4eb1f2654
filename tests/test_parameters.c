/* Parameter sets: adding and finding, recording and binding, storing and loading. */
#include "addresses.h"
#include "gradtape/ops.h"
#include "gradtape/parameters.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Under AddressSanitizer an allocation that is too large is to fail as it does without. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static const gt_initializer zeros = {.kind = GT_INITIALIZE_ZEROS, .a = 0, .b = 0};
static const gt_initializer normal = {.kind = GT_INITIALIZE_NORMAL, .a = 1, .b = 0};

static void add(gt_parameters *set, const char *name, gt_shape shape, gt_initializer initializer)
{
    cr_assert_eq(gt_parameters_add(set, name, shape, initializer), GT_OK, "%s", gt_parameters_message(set));
}

static gt_parameters *example(gt_dtype dtype)
{
    gt_parameters *set = gt_parameters_new(dtype);
    add(set, "Wf", GT_SHAPE(3, 5), normal);
    add(set, "bf", GT_SHAPE(3, 1), normal);
    add(set, "layer 1/W", GT_SHAPE(2, 2), normal);
    cr_assert_eq(gt_parameters_initialize(set, 7), GT_OK);
    return set;
}

static double entry(const gt_parameters *set, uint32_t i, int64_t k)
{
    gt_array array = gt_parameters_array(set, i);
    return array.dtype == GT_F64 ? ((double *)array.data)[k] : (double)((float *)array.data)[k];
}

Test(parameters, looking)
{
    gt_parameters *set = example(GT_F32);
    cr_assert_eq(gt_parameters_dtype(set), GT_F32);
    cr_assert_eq(gt_parameters_count(set), 3);
    cr_assert_eq(gt_parameters_total(set), 15 + 3 + 4);
    cr_assert_eq(gt_parameters_find(set, "bf"), 1);
    cr_assert_eq(gt_parameters_find(set, "bg"), -1);
    cr_assert_eq(gt_parameters_find(set, NULL), -1);
    cr_assert_str_eq(gt_parameters_name(set, 2), "layer 1/W");
    cr_assert_null(gt_parameters_name(set, 3));
    cr_assert_null(gt_parameters_array(set, 3).data);
    gt_array array = gt_parameters_array(set, 0);
    cr_assert(array.dtype == GT_F32 && gt_shape_equal(array.shape, GT_SHAPE(3, 5)));
    gt_parameters_free(set);
    gt_parameters_free(NULL);
    cr_assert_eq(gt_parameters_count(NULL), 0);
    cr_assert_eq(gt_parameters_status(NULL), GT_ERROR_MEMORY);
}

Test(parameters, new_arrays_are_zero_and_do_not_move)
{
    gt_parameters *set = gt_parameters_new(GT_F64);
    add(set, "first", GT_SHAPE(4), normal);
    double *first = gt_parameters_array(set, 0).data;
    for (int i = 0; i < 4; i++)
        cr_assert(first[i] == 0);
    first[2] = 5;
    char name[16];
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "p%d", i);
        add(set, name, GT_SHAPE(1), zeros);
    }
    cr_assert_eq(gt_parameters_array(set, 0).data, first);
    cr_assert(first[2] == 5);
    cr_assert_eq(gt_parameters_find(set, "p999"), 1000);
    gt_parameters_free(set);
}

static void expect_refused(const char *name, gt_shape shape, gt_initializer initializer, gt_status expected)
{
    gt_parameters *set = gt_parameters_new(GT_F32);
    add(set, "there", GT_SHAPE(2), zeros);
    cr_assert_eq(gt_parameters_add(set, name, shape, initializer), expected, "%s", gt_parameters_message(set));
    char message[GT_MESSAGE_SIZE];
    snprintf(message, sizeof message, "%s", gt_parameters_message(set));
    cr_assert(message[0] != '\0');
    /* The first error stays, and nothing more is done. */
    cr_assert_eq(gt_parameters_add(set, "fine", GT_SHAPE(2), zeros), expected);
    cr_assert_eq(gt_parameters_initialize(set, 1), expected);
    cr_assert_eq(gt_parameters_status(set), expected);
    cr_assert_str_eq(gt_parameters_message(set), message);
    cr_assert_eq(gt_parameters_count(set), 1);
    gt_parameters_free(set);
}

Test(parameters, refused)
{
    gt_shape vector = GT_SHAPE(2), cube = GT_SHAPE(2, 2, 2);
    expect_refused("there", vector, zeros, GT_ERROR_ARGUMENT);
    expect_refused("", vector, zeros, GT_ERROR_ARGUMENT);
    expect_refused(NULL, vector, zeros, GT_ERROR_ARGUMENT);
    expect_refused("a", GT_SHAPE(0), zeros, GT_ERROR_SHAPE);
    expect_refused("a", GT_SHAPE(INT64_MAX, 2), zeros, GT_ERROR_SHAPE);
    /* 2^60 numbers are more than any machine has. */
    expect_refused("a", GT_SHAPE((int64_t)1 << 58), zeros, FEW_ADDRESSES ? GT_ERROR_SHAPE : GT_ERROR_MEMORY);
    const gt_initializer wrong[] = {
        {.kind = GT_INITIALIZE_CONSTANT, .a = NAN, .b = 0},     {.kind = GT_INITIALIZE_CONSTANT, .a = 1e39, .b = 0},
        {.kind = GT_INITIALIZE_UNIFORM, .a = 1, .b = 0},        {.kind = GT_INITIALIZE_UNIFORM, .a = NAN, .b = 1},
        {.kind = GT_INITIALIZE_UNIFORM, .a = 0, .b = INFINITY}, {.kind = GT_INITIALIZE_UNIFORM, .a = -3e38, .b = 3e38},
        {.kind = GT_INITIALIZE_NORMAL, .a = -1, .b = 0},        {.kind = GT_INITIALIZE_NORMAL, .a = NAN, .b = 0},
        {.kind = GT_INITIALIZE_NORMAL, .a = 1e38, .b = 0},      {.kind = (gt_initializer_kind)17},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_refused("a", vector, wrong[i], GT_ERROR_ARGUMENT);
    expect_refused("a", cube, (gt_initializer){.kind = GT_INITIALIZE_GLOROT, .a = 0, .b = 0}, GT_ERROR_ARGUMENT);
    expect_refused("a", cube, (gt_initializer){.kind = GT_INITIALIZE_ORTHOGONAL, .a = 0, .b = 0}, GT_ERROR_ARGUMENT);
}

Test(parameters, integers_are_no_parameters)
{
    gt_parameters *set = gt_parameters_new(GT_I32);
    cr_assert_eq(gt_parameters_add(set, "a", GT_SHAPE(2), zeros), GT_ERROR_TYPE);
    gt_parameters_free(set);
}

/* ---- recording ----------------------------------------------------------------------------- */

Test(parameters, recorded_and_bound)
{
    gt_parameters *set = example(GT_F64);
    gt_tape *tape = gt_tape_new(NULL);
    gt_var vars[3];
    cr_assert_eq(gt_parameters_record(set, tape, vars), GT_OK, "%s", gt_tape_message(tape));
    for (uint32_t i = 0; i < 3; i++) {
        cr_assert_str_eq(gt_var_name(vars[i]), gt_parameters_name(set, i));
        cr_assert_eq(gt_var_role(vars[i]), GT_ROLE_PARAMETER);
        cr_assert(gt_shape_equal(gt_var_shape(vars[i]), gt_parameters_array(set, i).shape));
    }
    gt_var sum = gt_sum(vars[2], GT_ALL_AXES);
    gt_interpreter *run = gt_interpreter_new(tape);
    cr_assert_eq(gt_parameters_bind(set, run, vars), GT_OK, "%s", gt_interpreter_message(run));
    cr_assert_eq(gt_interpreter_evaluate(run, &sum, 1), GT_OK, "%s", gt_interpreter_message(run));
    double expected = entry(set, 2, 0) + entry(set, 2, 1) + entry(set, 2, 2) + entry(set, 2, 3);
    cr_assert(fabs(*(const double *)gt_interpreter_value(run, sum) - expected) < 1e-14);
    /* Bound once, a change in the set is seen by the next evaluation. */
    ((double *)gt_parameters_array(set, 2).data)[3] += 1;
    cr_assert_eq(gt_interpreter_evaluate(run, &sum, 1), GT_OK);
    cr_assert(fabs(*(const double *)gt_interpreter_value(run, sum) - (expected + 1)) < 1e-14);
    gt_interpreter_free(run);
    gt_tape_free(tape);
    gt_parameters_free(set);
}

Test(parameters, recorded_on_a_tape_of_another_type)
{
    gt_parameters *set = example(GT_F32);
    gt_tape *tape = gt_tape_new(NULL);
    gt_var vars[3];
    cr_assert_eq(gt_parameters_record(set, tape, vars), GT_ERROR_TYPE);
    for (int i = 0; i < 3; i++)
        cr_assert_not(gt_var_valid(vars[i]));
    gt_tape_free(tape);
    gt_parameters_free(set);
}

Test(parameters, recorded_after_an_error_of_the_set)
{
    gt_parameters *set = example(GT_F64);
    gt_parameters_add(set, "Wf", GT_SHAPE(1), zeros);
    gt_tape *tape = gt_tape_new(NULL);
    gt_var vars[3];
    cr_assert_eq(gt_parameters_record(set, tape, vars), GT_ERROR_ARGUMENT);
    cr_assert_not_null(strstr(gt_tape_message(tape), "'Wf'"), "%s", gt_tape_message(tape));
    gt_tape_free(tape);
    tape = gt_tape_new(NULL);
    cr_assert_eq(gt_parameters_record(NULL, tape, vars), GT_ERROR_MEMORY);
    gt_tape_free(tape);
    gt_parameters_free(set);
}

/* Vars that the set did not record must not be read with its memory. */
Test(parameters, bound_to_foreign_vars)
{
    gt_parameters *set = example(GT_F64);
    gt_tape *tape = gt_tape_new(NULL);
    gt_var vars[3] = {gt_input(tape, "big", GT_SHAPE(300)), GT_NONE, GT_NONE};
    gt_interpreter *run = gt_interpreter_new(tape);
    cr_assert_eq(gt_parameters_bind(set, run, vars), GT_ERROR_SHAPE);
    vars[0] = gt_input_i32(tape, "index", GT_SHAPE(3, 5));
    cr_assert_eq(gt_parameters_bind(set, run, vars), GT_ERROR_TYPE);
    vars[0] = GT_NONE;
    cr_assert_neq(gt_parameters_bind(set, run, vars), GT_OK);
    gt_interpreter_free(run);
    gt_tape_free(tape);
    gt_parameters_free(set);
}

/* ---- archives ------------------------------------------------------------------------------ */

static bool equal(const gt_parameters *a, const gt_parameters *b)
{
    bool same = gt_parameters_count(a) == gt_parameters_count(b);
    for (uint32_t i = 0; i < gt_parameters_count(a) && same; i++)
        for (int64_t k = 0; k < gt_shape_count(gt_parameters_array(a, i).shape); k++)
            same = same && entry(a, i, k) == entry(b, i, k);
    return same;
}

static void store_and_load(gt_dtype stored, gt_dtype loaded, const char *prefix)
{
    gt_parameters *from = example(stored), *to = example(loaded);
    gt_archive *archive = gt_archive_new();
    gt_error error = {GT_OK, ""};
    cr_assert_eq(gt_parameters_initialize(to, 8), GT_OK);
    cr_assert_not(equal(from, to));
    cr_assert_eq(gt_parameters_store(from, archive, prefix, &error), GT_OK, "%s", error.message);
    cr_assert_eq(gt_parameters_load(to, archive, prefix, &error), GT_OK, "%s", error.message);
    if (stored == GT_F64 && loaded == GT_F32)
        for (int64_t k = 0; k < 15; k++)
            cr_assert(entry(to, 0, k) == (double)(float)entry(from, 0, k));
    else
        cr_assert(equal(from, to));
    gt_archive_free(archive);
    gt_parameters_free(from);
    gt_parameters_free(to);
}

Test(parameters, stored_and_loaded)
{
    store_and_load(GT_F64, GT_F64, "");
    store_and_load(GT_F64, GT_F64, NULL);
    store_and_load(GT_F32, GT_F32, "model/");
    store_and_load(GT_F32, GT_F64, "model/");
    store_and_load(GT_F64, GT_F32, "");
}

Test(parameters, loaded_from_integers)
{
    gt_parameters *set = gt_parameters_new(GT_F64);
    add(set, "b", GT_SHAPE(2, 1), normal);
    gt_archive *archive = gt_archive_new();
    int32_t whole[2] = {-3, 7};
    gt_archive_add(archive, "b", (gt_array){whole, GT_I32, GT_SHAPE(2)}, NULL);
    cr_assert_eq(gt_parameters_load(set, archive, "", NULL), GT_OK);
    cr_assert(entry(set, 0, 0) == -3 && entry(set, 0, 1) == 7);
    gt_archive_free(archive);
    gt_parameters_free(set);
}

/* `array` takes the place of "bf", the second of three: NULL data removes it. */
static void expect_not_loaded(gt_dtype dtype, gt_array array, gt_status expected, const char *words)
{
    gt_parameters *set = example(dtype), *before = example(dtype);
    gt_archive *archive = gt_archive_new();
    double other[15] = {1, 2, 3};
    gt_archive_add(archive, "m/Wf", (gt_array){other, GT_F64, GT_SHAPE(3, 5)}, NULL);
    if (array.data != NULL)
        gt_archive_add(archive, "m/bf", array, NULL);
    gt_archive_add(archive, "m/layer 1/W", (gt_array){other, GT_F64, GT_SHAPE(2, 2)}, NULL);
    gt_error error = {GT_OK, ""};
    cr_assert_eq(gt_parameters_load(set, archive, "m/", &error), expected, "%s", error.message);
    cr_assert_not_null(strstr(error.message, "'m/bf'"), "%s", error.message);
    cr_assert_not_null(strstr(error.message, words), "%s", error.message);
    cr_assert(equal(set, before), "something was changed");
    cr_assert_eq(gt_parameters_status(set), GT_OK);
    gt_archive_free(archive);
    gt_parameters_free(set);
    gt_parameters_free(before);
}

Test(parameters, not_loaded)
{
    double not_a_number[3] = {1, 2, NAN}, infinite[3] = {1, -INFINITY, 2}, large[3] = {0, 0, 1e39};
    expect_not_loaded(GT_F64, (gt_array){.data = NULL}, GT_ERROR_FORMAT, "missing");
    expect_not_loaded(GT_F64, (gt_array){large, GT_F64, GT_SHAPE(1, 3)}, GT_ERROR_SHAPE, "(1, 3)");
    expect_not_loaded(GT_F64, (gt_array){large, GT_F64, GT_SHAPE(2)}, GT_ERROR_SHAPE, "(3, 1)");
    expect_not_loaded(GT_F64, (gt_array){not_a_number, GT_F64, GT_SHAPE(3)}, GT_ERROR_NOT_FINITE, "nan");
    expect_not_loaded(GT_F32, (gt_array){infinite, GT_F64, GT_SHAPE(3)}, GT_ERROR_NOT_FINITE, "-inf");
    expect_not_loaded(GT_F32, (gt_array){large, GT_F64, GT_SHAPE(3)}, GT_ERROR_NOT_FINITE, "not finite in f32");
}
