/* The cell language: what expressions are worth, what errors say, and what a gt_cell gets. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

TestSuite(lang, .timeout = 100);

static gt_parsed_cell *parse_with(const char *text, const gt_dimension *dimensions, uint32_t count)
{
    gt_cell_parse_options options = {.file = "t.cell", .dimensions = dimensions, .dimension_count = count};
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), &options);
    cr_assert_not_null(parsed);
    return parsed;
}

static gt_parsed_cell *parse(const char *text)
{
    return parse_with(text, NULL, 0);
}

/* ---- what expressions are worth -------------------------------------------------------------- */

enum { N = 3, K = 2, M = 2 };

/* x (2, 2) = [1 3; 2 4], a (3, 2) = [0.5 -1; -2 0.25; 3 1.5], W (3, 2) = [1 4; 2 5; 3 6], b = [10; 20; 30]. */
static const double x_data[] = {1, 2, 3, 4}, a_data[] = {0.5, -2, 3, -1, 0.25, 1.5}, W_data[] = {1, 2, 3, 4, 5, 6},
                    b_data[] = {10, 20, 30};

/* Records a cell with an expression as its output u; the arrays are given[]. */
static gt_status record(const char *expression, gt_tape *tape, gt_var given[4], gt_var *u)
{
    char text[600];
    snprintf(text, sizeof text,
             "cell t\n input x[k]\n state a[n]\n param W[n, k], b[n]\n"
             " half = 1 / 2\n q = %s\n a' = a + sum(q) + 0 * (sum(x) + sum(W) + sum(b) + half)\n output u = q + 0 * "
             "sum(a, axis=0)\n",
             expression);
    gt_parsed_cell *parsed = parse(text);
    gt_error error = {0};
    cr_assert(gt_parsed_cell_status(parsed, &error) == GT_OK, "%s: %s", expression, error.message);
    given[0] = gt_input(tape, "x", GT_SHAPE(K, M, 1));
    given[1] = gt_state(tape, "a", GT_SHAPE(N, M));
    given[2] = gt_parameter(tape, "W", GT_SHAPE(N, K));
    given[3] = gt_parameter(tape, "b", GT_SHAPE(N, 1));
    gt_sequence sequence = {.cell = gt_parsed_cell_get(parsed),
                            .with_outputs = true,
                            .inputs = &given[0],
                            .initial = &given[1],
                            .parameters = &given[2],
                            .outputs = u};
    gt_status status = gt_sequence_record(&sequence);
    gt_parsed_cell_free(parsed); /* the tape does not need it */
    return status;
}

/* The value of an expression. Its shape is checked by the caller's count. */
static void evaluate(const char *expression, double *values, size_t count)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var given[4], u;
    cr_assert(record(expression, tape, given, &u) == GT_OK, "%s: %s", expression, gt_tape_message(tape));
    gt_interpreter *run = gt_interpreter_new(tape);
    const double *const data[] = {x_data, a_data, W_data, b_data};
    for (int i = 0; i < 4; i++)
        gt_interpreter_bind(run, given[i], data[i]);
    cr_assert(gt_interpreter_evaluate(run, &u, 1) == GT_OK, "%s", gt_interpreter_message(run));
    cr_assert_eq((size_t)gt_shape_count(gt_var_shape(u)), count, "%s has %d entries", expression,
                 (int)gt_shape_count(gt_var_shape(u)));
    memcpy(values, gt_interpreter_value(run, u), count * sizeof *values);
    gt_interpreter_free(run);
    gt_tape_free(tape);
}

static void expect_values(const char *expression, size_t count, const double *expected)
{
    double values[64];
    evaluate(expression, values, count);
    for (size_t i = 0; i < count; i++)
        cr_expect(fabs(values[i] - expected[i]) <= 1e-14 * fmax(1, fabs(expected[i])),
                  "%s: entry %zu is %.17g, expected %.17g", expression, i, values[i], expected[i]);
}

#define VALUES(expression, ...)                                                                                        \
    expect_values(expression, sizeof((double[]){__VA_ARGS__}) / sizeof(double), (double[]){__VA_ARGS__})

Test(lang, arithmetic_is_that_of_numpy)
{
    VALUES("a", 0.5, -2, 3, -1, 0.25, 1.5);
    VALUES("a + b", 10.5, 18, 33, 9, 20.25, 31.5);
    VALUES("-a**2", -0.25, -4, -9, -1, -0.0625, -2.25);
    VALUES("2 - a * 3 / 2", 1.25, 5, -2.5, 3.5, 1.625, -0.25);
    VALUES("W @ x", 9, 12, 15, 19, 26, 33);
    VALUES("W.T @ a", 5.5, 10, 4, 6.25);
    VALUES("(x.T @ W.T).T", 9, 12, 15, 19, 26, 33);
    VALUES("x * 2**-1", 0.5, 1, 1.5, 2);
    VALUES("x * half", 0.5, 1, 1.5, 2);
    VALUES("x**half", 1, sqrt(2), sqrt(3), 2);
    VALUES("x / (n + k * m)", 1.0 / 7, 2.0 / 7, 3.0 / 7, 4.0 / 7);
    VALUES("x + sqrt(4) * exp(0) - 5", -2, -1, 0, 1);
}

Test(lang, slices_are_those_of_numpy)
{
    VALUES("a[1:]", -2, 3, 0.25, 1.5);
    VALUES("a[:-1]", 0.5, -2, -1, 0.25);
    VALUES("a[-1:, :]", 3, 1.5);
    VALUES("a[n-2:n-1]", -2, 0.25);
    VALUES("W[:, :1] * x[:1]", 1, 2, 3, 3, 6, 9);
    VALUES("W[:, 1:2] * x[-1:]", 8, 10, 12, 16, 20, 24);
    VALUES("W[:k, :].T @ a[0:k]", -3.5, -8, -0.5, -2.75);
    VALUES("a[:]", 0.5, -2, 3, -1, 0.25, 1.5);
    VALUES("concat(a[2:], x, a[:1])", 3, 1, 2, 0.5, 1.5, 3, 4, -1);
}

/* What is right for other dimensions is refused when the cell is recorded, in the same words. */
Test(lang, slices_beyond_what_the_dimensions_are_worth)
{
    static const char *const refused[][2] = {
        {"a[:5]",
         "line 6, column 7: the slice 0:5 of the rows is beyond the end: with these dimensions there are 3 of them"},
        {"a[-5:]",
         "line 6, column 7: the slice -2:3 of the rows is beyond the end: with these dimensions there are 3 of them"},
        {"a[k + 1:]",
         "line 6, column 7: the slice 3:3 of the rows is empty: with these dimensions there are 3 of them"},
        {"sum(W[:, k - 1:n]) + 0 * a", "line 6, column 11: the slice 1:3 of the columns is beyond the end: with these "
                                       "dimensions there are 2 of them"},
        {"sum(a, axis=0)[:k]",
         "line 6, column 20: the slice 0:2 of the rows is beyond the end: with these dimensions there is 1 of them"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        gt_tape *tape = gt_tape_new(NULL);
        gt_var given[4], u;
        cr_expect_eq(record(refused[i][0], tape, given, &u), GT_ERROR_SHAPE, "%s", refused[i][0]);
        cr_expect_str_eq(gt_tape_message(tape), refused[i][1]);
        gt_tape_free(tape);
    }
}

Test(lang, reductions_keep_their_axis)
{
    VALUES("sum(a, axis=0)", 1.5, 0.75);
    VALUES("sum(a, axis=1) + 0 * a", -0.5, -1.75, 4.5, -0.5, -1.75, 4.5);
    VALUES("mean(a, axis=0)", 0.5, 0.25);
    VALUES("mean(a, axis=-1) + 0 * a", -0.25, -0.875, 2.25, -0.25, -0.875, 2.25);
    VALUES("sum(a) * sum(x, axis=0)", 6.75, 15.75);
    VALUES("sum(a, axis=1) / m + 0 * a", -0.25, -0.875, 2.25, -0.25, -0.875, 2.25);
}

Test(lang, comparisons_give_0_and_1)
{
    VALUES("a > 0.3", 1, 0, 1, 0, 0, 1);
    VALUES("where(a >= 0.25, a, -b)", 0.5, -20, 3, -10, 0.25, 1.5);
    VALUES("(x == 2) + 2 * (x != 3)", 2, 3, 0, 2);
    VALUES("x <= 2", 1, 1, 0, 0);
    VALUES("maximum(a, 0) + minimum(a, 0.25)", 0.75, -2, 3.25, -1, 0.5, 1.75);
    VALUES("stop_gradient(a)", 0.5, -2, 3, -1, 0.25, 1.5);
}

Test(lang, functions)
{
    double values[6];
    evaluate("sigmoid(a) + softplus(a) - tanh(a) + abs(a) * relu(a) + sin(a) * cos(a) + log(exp(a))", values, 6);
    for (int i = 0; i < 6; i++) {
        double x = a_data[i];
        double expected = 1 / (1 + exp(-x)) + log1p(exp(x)) - tanh(x) + fabs(x) * fmax(x, 0) + sin(x) * cos(x) + x;
        cr_expect(fabs(values[i] - expected) <= 1e-12, "%g", x);
    }
    evaluate("layernorm(a)", values, 6);
    for (int j = 0; j < M; j++) {
        double mean = 0, variance = 0;
        for (int i = 0; i < N; i++)
            mean += a_data[j * N + i] / N;
        for (int i = 0; i < N; i++)
            variance += (a_data[j * N + i] - mean) * (a_data[j * N + i] - mean) / N;
        for (int i = 0; i < N; i++)
            cr_expect(fabs(values[j * N + i] - (a_data[j * N + i] - mean) / sqrt(variance + 1e-5)) <= 1e-12);
    }
    evaluate("cumsum(a)", values, 6);
    for (int j = 0; j < M; j++)
        for (int i = 0; i < N; i++) {
            double above = i > 0 ? values[j * N + i - 1] : 0;
            cr_expect(fabs(values[j * N + i] - above - a_data[j * N + i]) <= 1e-14);
        }
    evaluate("softmax(x)", values, 4);
    cr_expect(fabs(values[0] - 1 / (1 + exp(1))) <= 1e-14 && fabs(values[0] + values[1] - 1) <= 1e-14);
}

/* A number means what an array of one entry means: NaN, infinities and signed zeros, too. */
static void expect_folded_as_computed(const char *function, const char *argument)
{
    char folded[100], computed[200];
    double number[4], entry[4];
    snprintf(folded, sizeof folded, "x * 0 + %s", function);
    snprintf(computed, sizeof computed, "x * 0 + %s", function);
    char *from = strstr(computed, argument);
    cr_assert_not_null(from);
    char rest[100];
    snprintf(rest, sizeof rest, "%s", from + strlen(argument));
    snprintf(from, sizeof computed - (size_t)(from - computed), "(%s + 0 * sum(a))%s", argument, rest);
    evaluate(folded, number, 4);
    evaluate(computed, entry, 4);
    cr_expect(memcmp(number, entry, sizeof number) == 0 || (isnan(number[0]) && isnan(entry[0])),
              "%s is %.17g, and %s is %.17g", folded, number[0], computed, entry[0]);
}

Test(lang, numbers_are_computed_as_arrays_are)
{
    static const char *const cases[][2] = {
        {"maximum(log(-1), 1)", "log(-1)"},
        {"maximum(1, log(-1))", "log(-1)"},
        {"minimum(log(-1), 1)", "log(-1)"},
        {"minimum(1, log(-1))", "log(-1)"},
        {"relu(log(-1))", "log(-1)"},
        {"where(log(-1), 2, 3)", "log(-1)"},
        {"relu(2)", "2"},
        {"sigmoid(0.3)", "0.3"},
        {"sigmoid(-40)", "-40"},
        {"softplus(0.3)", "0.3"},
        {"tanh(0.3)", "0.3"},
        {"exp(0.3)", "0.3"},
        {"log(0.3)", "0.3"},
        {"sqrt(0.3)", "0.3"},
        {"abs(-0.3)", "-0.3"},
        {"sin(0.3)", "0.3"},
        {"cos(0.3)", "0.3"},
        {"1 / (1 - 0.3) < 2", "0.3"},
        {"3 - 0.3 - 0.2", "0.3"},
        {"0.3**2", "0.3"},
        {"0.3**-0.7", "0.3"},
        {"-(0.3)", "0.3"},
        {"stop_gradient(0.3)", "0.3"},
        {"(log(-1) != 1)", "log(-1)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_folded_as_computed(cases[i][0], cases[i][1]);
}

/* A sum of many terms is as good as any other. */
Test(lang, a_flat_sum_is_recorded)
{
    static char text[20000];
    char *end = stpcpy(text, "cell c\n input x[n]\n state a[n]\n a' = x");
    for (int i = 0; i < 2000; i++)
        end = stpcpy(end, i % 2 ? " + a" : " - 1");
    gt_parsed_cell *parsed = parse(text);
    gt_error error = {0};
    cr_assert(gt_parsed_cell_status(parsed, &error) == GT_OK, "%s", error.message);
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(1, 1, 1)), a = gt_state(tape, "a", GT_SHAPE(1, 1)), last;
    gt_sequence sequence = {.cell = gt_parsed_cell_get(parsed), .inputs = &x, .initial = &a, .finals = &last};
    cr_assert(gt_sequence_record(&sequence) == GT_OK, "%s", gt_tape_message(tape));
    gt_interpreter *run = gt_interpreter_new(tape);
    gt_interpreter_bind(run, x, (double[]){5});
    gt_interpreter_bind(run, a, (double[]){3});
    cr_assert(gt_interpreter_evaluate(run, &last, 1) == GT_OK, "%s", gt_interpreter_message(run));
    cr_expect(*(const double *)gt_interpreter_value(run, last) == 5 - 1000 + 3000);
    gt_interpreter_free(run);
    gt_tape_free(tape);
    gt_parsed_cell_free(parsed);
}

/* Each is twice the one before: they are computed once, in the order of the text. */
Test(lang, constants_of_constants_take_no_time)
{
    static char text[30000];
    char *end = stpcpy(text, "cell c\n input x[n]\n state a[n]\n k0 = 2 / n\n");
    for (int i = 1; i <= 1000; i++)
        end += sprintf(end, " k%d = k%d + k%d\n", i, i - 1, i - 1);
    stpcpy(end, " a' = x * k1000\nbackward\n r = k1000 * 1\n dx = da' * r\n");
    gt_parsed_cell *parsed = parse(text);
    gt_error error = {0};
    cr_assert(gt_parsed_cell_status(parsed, &error) == GT_OK, "%s", error.message);
    gt_tape *tape = gt_tape_new(NULL);
    const gt_handwritten *handwritten = gt_parsed_cell_get(parsed)->handwritten;
    const gt_dimension sizes[] = {{"n", 2}, {"m", 1}};
    const gt_handwritten_scope scope = {.tape = tape, .dimensions = sizes, .dimension_count = 2};
    gt_var r = handwritten->record_backward(handwritten, 0, &scope);
    gt_interpreter *run = gt_interpreter_new(tape);
    cr_assert(gt_interpreter_evaluate(run, &r, 1) == GT_OK);
    cr_expect(*(const double *)gt_interpreter_value(run, r) == ldexp(1, 1000));
    gt_interpreter_free(run);
    gt_tape_free(tape);
    gt_parsed_cell_free(parsed);
}

/* ---- what a cell gets ------------------------------------------------------------------------ */

static const char table_text[] =
    "# The first.\ncell first\n input x[n_x], w[1]\n state a[n_a] = 0.5, c[2*n_a]\n"
    " param W[n_a, n_a - 1 + n_x] ~ orthogonal, b[n_a] = 1, V[n_y, n_a] ~ normal(0.1), k[n_y]\n"
    " param U[n_a, n_x] ~ uniform(-1, 2)\n"
    " s = tanh(b + U @ x)\n c' = concat(s, s) * w\n a' = a + c'[:n_a] + sum(W)\n"
    " q = V @ a' + k\n output y = softmax(q)\n output z = s * 2\n"
    "cell second\n input x[n]\n state a[n]\n a' = x\n";

Test(lang, tables_are_in_the_order_of_the_text)
{
    gt_parsed_cell *parsed = parse(table_text);
    const gt_cell *cell = gt_parsed_cell_get(parsed);
    cr_assert_not_null(cell);
    cr_expect_str_eq(cell->name, "first");
    cr_expect_str_eq(cell->documentation, "The first.");
    cr_assert(cell->input_count == 2 && cell->state_count == 2 && cell->parameter_count == 5 &&
              cell->output_count == 2);
    cr_expect(cell->states[0].initializer.kind == GT_INITIALIZE_CONSTANT && cell->states[0].initializer.a == 0.5);
    cr_expect(cell->states[1].initializer.kind == GT_INITIALIZE_ZEROS);
    cr_expect_str_eq(cell->states[1].rows, "2 * n_a");
    cr_expect_str_eq(cell->parameters[0].columns, "n_a + n_x - 1");
    cr_expect(cell->parameters[0].initializer.kind == GT_INITIALIZE_ORTHOGONAL);
    cr_expect(cell->parameters[2].initializer.kind == GT_INITIALIZE_NORMAL && cell->parameters[2].initializer.a == 0.1);
    cr_expect(cell->parameters[4].initializer.a == -1 && cell->parameters[4].initializer.b == 2);
    static const bool of_output[] = {false, false, true, true, false};
    for (int i = 0; i < 5; i++)
        cr_expect_eq(cell->parameters[i].output_only, of_output[i], "%s", cell->parameters[i].name);
    cr_expect(cell->parameters[1].columns == NULL);
    cr_expect_str_eq(cell->outputs[0].rows, "n_y");
    cr_expect_str_eq(cell->outputs[1].name, "z");
    cr_expect_str_eq(cell->outputs[1].rows, "n_a");
    cr_expect_str_eq(gt_parsed_cell_name(parsed, 1), "second");
    cr_expect_null(gt_parsed_cell_name(parsed, 2));
    gt_parsed_cell_free(parsed);
}

Test(lang, another_cell_of_the_file)
{
    gt_parsed_cell *parsed = gt_cell_parse(table_text, strlen(table_text), &(gt_cell_parse_options){.cell = "second"});
    cr_assert_not_null(gt_parsed_cell_get(parsed));
    cr_expect_str_eq(gt_parsed_cell_get(parsed)->name, "second");
    gt_parsed_cell_free(parsed);
    parsed = gt_cell_parse(table_text, strlen(table_text), &(gt_cell_parse_options){.cell = "secnd"});
    gt_error error = {0};
    cr_expect_null(gt_parsed_cell_get(parsed));
    cr_expect(gt_parsed_cell_status(parsed, &error) == GT_ERROR_FORMAT);
    cr_expect_str_eq(error.message, "cell:1:1: there is no cell secnd in this text; did you mean second?");
    gt_parsed_cell_free(parsed);
    cr_expect(gt_parsed_cell_status(NULL, &error) == GT_ERROR_MEMORY);
}

/* `output` alone, without `step` before it, records what it needs. */
Test(lang, outputs_can_be_recorded_without_the_step)
{
    gt_parsed_cell *parsed = parse("cell c\n input x[n]\n state a[n]\n param W[n, n]\n k = 2\n s = W @ x * k\n"
                                   " a' = tanh(s)\n output y = s + a'\n");
    const gt_cell *cell = gt_parsed_cell_get(parsed);
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(1, 1)), a = gt_state(tape, "a", GT_SHAPE(1, 1)),
           W = gt_parameter(tape, "W", GT_SHAPE(1, 1)), next = gt_input(tape, "next", GT_SHAPE(1, 1)), y = GT_NONE;
    gt_cell_step step = {.tape = tape,
                         .inputs = &x,
                         .states = &a,
                         .parameters = &W,
                         .next_states = &next,
                         .outputs = &y,
                         .context = cell->context};
    cell->output(&step);
    gt_interpreter *run = gt_interpreter_new(tape);
    gt_interpreter_bind(run, x, (double[]){3});
    gt_interpreter_bind(run, W, (double[]){5});
    gt_interpreter_bind(run, next, (double[]){0.25});
    cr_assert(gt_interpreter_evaluate(run, &y, 1) == GT_OK, "%s", gt_interpreter_message(run));
    cr_expect(*(const double *)gt_interpreter_value(run, y) == 30.25);
    gt_interpreter_free(run);
    gt_tape_free(tape);
    gt_parsed_cell_free(parsed);
}

/* n_y is known only where outputs, and so V, are there. */
Test(lang, a_constant_without_its_dimension_is_an_error_of_recording)
{
    gt_parsed_cell *parsed = parse("cell c\n input x[n]\n state a[n]\n param V[n_y, n]\n k = 1 / n_y\n a' = x * k + a\n"
                                   " output y = V @ a'\n");
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(2, 1, 3)), a = gt_state(tape, "a", GT_SHAPE(2, 1)), V = GT_NONE;
    gt_sequence sequence = {.cell = gt_parsed_cell_get(parsed), .inputs = &x, .initial = &a, .parameters = &V};
    cr_expect(gt_sequence_record(&sequence) == GT_ERROR_ARGUMENT);
    cr_expect_str_eq(gt_tape_message(tape), "line 6, column 11: k has no value");
    gt_tape_free(tape);
    gt_parsed_cell_free(parsed);
}

/* ---- mistakes -------------------------------------------------------------------------------- */

#define HEAD "cell c\n input x[n_x]\n state a[n_a], c[n_a]\n param W[n_a, n_a + n_x], b[n_a], V[n_a, n_x]\n"
#define NEXT " a' = a + sum(W) + sum(b)\n c' = c + V @ x\n"

typedef struct mistake {
    const char *text;
    const char *first; /* as gt_parsed_cell_status gives it */
} mistake;

Test(lang, mistakes_of_meaning)
{
    static const mistake mistakes[] = {
        {HEAD " z = W @ x\n" NEXT, "t.cell:5:6: matmul: W is (n_a, n_a+n_x) = (5, 8) but x is (n_x, m) = (3, m)"},
        {HEAD " z = concat(a, x, x)\n a' = W @ z + b\n c' = c + V @ x\n",
         "t.cell:6:7: matmul: W is (n_a, n_a+n_x) = (5, 8) but z is (n_a+2*n_x, m) = (11, m)"},
        {HEAD " z = V @ b\n" NEXT,
         "t.cell:5:6: matmul: V is (n_a, n_x) = (5, 3) but b is (n_a, 1) = (5, 1); V.T @ b would fit"},
        {HEAD " z = a @ c\n" NEXT,
         "t.cell:5:6: matmul: a is (n_a, m) = (5, m) but c is (n_a, m) = (5, m); element by element it is a * c"},
        {HEAD " z = a + x\n" NEXT, "t.cell:5:6: add: a is (n_a, m) = (5, m) but x is (n_x, m) = (3, m)"},
        {HEAD " z = tanh(a) * (x + 1)\n" NEXT,
         "t.cell:5:6: multiply: tanh(a) is (n_a, m) = (5, m) but x + 1 is (n_x, m) = (3, m)"},
        {HEAD " z = concat(a, b)\n" NEXT, "t.cell:5:6: concat: a is (n_a, m) = (5, m) but b is (n_a, 1) = (5, 1)"},
        {HEAD " z = 2 @ a\n" NEXT, "t.cell:5:6: matmul: an operand is a number, not a matrix"},
        {HEAD " z = bb + a\n" NEXT, "t.cell:5:6: there is no name bb; did you mean b?"},
        {HEAD " z = tanh + a\n" NEXT, "t.cell:5:6: tanh is a function and needs an argument; write tanh(u)"},
        {HEAD " z = y + a\n y = a\n" NEXT, "t.cell:5:6: y is used before it is assigned, in line 6"},
        {HEAD " z = a' + a\n" NEXT, "t.cell:5:6: a' is used before it is assigned, in line 6; the old state is a"},
        {HEAD " z = z + a\n" NEXT, "t.cell:5:6: z is used in its own equation"},
        {HEAD " z = a\n z = c\n" NEXT,
         "t.cell:6:2: z is assigned twice, first in line 5; give one of them another name"},
        {HEAD " a = c\n" NEXT, "t.cell:5:2: a is a state and cannot be assigned; its next value is a'"},
        {HEAD " n_a = 3\n" NEXT, "t.cell:5:2: n_a is a dimension and cannot be assigned"},
        {HEAD " a' = V @ x + W[:, :n_a] @ a + b\n",
         "t.cell:3:16: state c gets no next value; add an equation c' = ..."},
        {HEAD NEXT " x' = x\n", "t.cell:7:2: x is no state, so it has no next value"},
        {HEAD " a' = x + sum(W) + sum(V)\n c' = c + b\n",
         "t.cell:5:7: the next value of state a is (n_x, m) = (3, m), and must be (n_a, m) = (5, m)"},
        {HEAD " a' = b + sum(W) + sum(V) + sum(x, axis=0)[:, :1]\n c' = c\n",
         "t.cell:5:7: the next value of state a is (n_a, 1) = (5, 1), and must be (n_a, m) = (5, m)"},
        {HEAD " a' = 0\n c' = c + V @ x + b\n", "t.cell:5:7: the next value of state a is a number"},
        {HEAD NEXT " output y = b\n",
         "t.cell:7:13: the output y is (n_a, 1) = (5, 1), and must have a column for each of the m examples"},
        {HEAD " z = a**b\n" NEXT, "t.cell:5:9: the exponent of ** is not a constant"},
        {HEAD " z = a[:n_a + 1]\n" NEXT, "t.cell:5:6: the slice of the rows is beyond the end: there are n_a of them"},
        {HEAD " z = W[:, n_x:n_x]\n" NEXT, "t.cell:5:6: the slice of the columns is empty: there are n_a+n_x of them"},
        {HEAD " k = 2\n z = a[:k]\n" NEXT, "t.cell:6:9: a bound of a slice is made of whole numbers and dimensions"},
        {HEAD " z = a[:1.5]\n" NEXT, "t.cell:5:9: a bound of a slice is made of whole numbers and dimensions"},
        {HEAD " z = a[:n_a / 2]\n" NEXT, "t.cell:5:9: a bound of a slice"},
        {"cell c\n input x[n]\n state a[n], a[n]\n a' = x\n", "t.cell:3:14: a is declared twice, first in line 3"},
        {"cell c\n input x[n]\n state a[m]\n a' = x\n", "t.cell:3:10: m is the number of examples"},
        {"cell c\n input x[n]\n state a[x]\n a' = x\n", "t.cell:3:10: x is an input, and no size"},
        {"cell c\n input x[n]\n state a[n / 2]\n a' = x\n",
         "t.cell:3:10: a size is made of whole numbers and dimension names"},
        {"cell c\n input x[n]\n state a[2.5]\n a' = x\n", "t.cell:3:10: a size is made of whole numbers"},
        {"cell c\n input x[n]\n state a[0]\n a' = x\n", "t.cell:3:10: a size is at least 1"},
        {"cell c\n input x[n]\n state a[1 - n]\n a' = x\n", "t.cell:3:10: a size is at least 1"},
        {"cell c\n input x[n]\n state a[1e15 * 1e15]\n a' = x\n", "t.cell:3:10: the size is too large"},
        {"cell c\n input x[n]\n state a[1e300]\n a' = x\n", "t.cell:3:10: the size is too large"},
        {"cell c\n state a[n]\n a' = a\n", "t.cell:1:6: the cell c has no input"},
        {"cell c\n input x[n]\n output y = x\n", "t.cell:1:6: the cell c has no state"},
        {"cell c\n input x[n]\n state a[n]\n a' = x\ncell c\n input x[n]\n state a[n]\n a' = x\n",
         "t.cell:5:6: the cell c is there already, in line 1"},
        {HEAD NEXT "backward\n dq = dz\n", "t.cell:8:7: there is no name dz"},
        {HEAD NEXT "backward\n da' = a\n", "t.cell:8:2: da' is given to the backward block and cannot be assigned"},
        {HEAD NEXT "backward\n da = da'\n da = dc'\n", "t.cell:9:2: da is assigned twice, first in line 8"},
        {HEAD NEXT "backward\n dW = da' @ x\n",
         "t.cell:8:7: matmul: da' is (n_a, m) = (5, m) but x is (n_x, m) = (3, m); da' @ x.T would fit"},
    };
    static const gt_dimension sizes[] = {{"n_x", 3}, {"n_a", 5}};
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        gt_parsed_cell *parsed = parse_with(mistakes[i].text, sizes, 2);
        gt_error error = {0};
        cr_expect(gt_parsed_cell_status(parsed, &error) == GT_ERROR_FORMAT, "%s: accepted", mistakes[i].text);
        cr_expect(strncmp(error.message, mistakes[i].first, strlen(mistakes[i].first)) == 0, "%s:\n%s\nnot\n%s",
                  mistakes[i].text, error.message, mistakes[i].first);
        cr_expect_null(gt_parsed_cell_get(parsed));
        gt_parsed_cell_free(parsed);
    }
}

Test(lang, what_is_only_doubtful_is_a_warning)
{
    gt_parsed_cell *parsed = parse(HEAD " z = 2 * a\n" NEXT "backward\n db = da'\n");
    size_t count;
    const gt_diagnostic *list = gt_parsed_cell_diagnostics(parsed, &count);
    cr_assert_eq(count, 2);
    cr_expect(list[0].severity == GT_SEVERITY_WARNING && list[0].line == 5 && list[0].column == 2);
    cr_expect_str_eq(list[0].message, "z is never used");
    cr_expect_str_eq(list[1].message, "db is (n_a, m) but b is (n_a, 1)");
    cr_expect(gt_parsed_cell_get(parsed) != NULL && gt_parsed_cell_has_backward(parsed));
    gt_parsed_cell_free(parsed);
}

/* An equation that is wrong does not make those that use it wrong. */
Test(lang, independent_mistakes_come_together)
{
    gt_parsed_cell *parsed = parse(HEAD " z = W @ x\n y = tanh(z) + q\n v = y @ y\n a' = a + x\n c' = (c\n");
    size_t count;
    const gt_diagnostic *list = gt_parsed_cell_diagnostics(parsed, &count);
    cr_assert_eq(count, 4);
    static const uint32_t lines[] = {5, 6, 8, 9};
    for (size_t i = 0; i < 4; i++)
        cr_expect_eq(list[i].line, lines[i], "%u: %s", list[i].line, list[i].message);
    gt_parsed_cell_free(parsed);
}

/* m is a name like any other once the cell gives it a meaning. */
Test(lang, m_may_be_a_state)
{
    gt_parsed_cell *parsed = parse("cell c\n input x[n]\n state m[n]\n m' = maximum(m, x)\n");
    cr_expect_not_null(gt_parsed_cell_get(parsed));
    gt_parsed_cell_free(parsed);
}
