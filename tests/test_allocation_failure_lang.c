/* Every allocation made to fail in turn: parsing cells, good ones and bad ones, and recording them. */
#include "support/allocation.h"

#include "base/initializer_formula.h"
#include "gradtape.h"
#include "lang/parse.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(allocation_failure_lang, .timeout = 300);

static const char good[] = "# A cell\n# with all of it.\ncell c\n input x[n_x]\n state a[n_a] = 1, c[2 * n_a]\n"
                           " param W[n_a, n_a + n_x] ~ uniform(-1, 1), b[n_a], V[n_y, n_a]\n k = 1 / 2\n"
                           " z = concat(a, x)\n f = sigmoid(W @ z + b) ** k\n"
                           " a' = where(f < 0.5, f, layernorm(a)) * sum(z, axis=0) + c[:n_a]\n c' = maximum(c, k)\n"
                           " output y = softmax(V @ a' + mean(f))\n"
                           "backward\n df = da' * f\n dW = df @ z.T\n db = sum(df, axis=1)\n"
                           "cell d\n input x[n]\n state s[n]\n s' = x.T.T + s[:]\n";

static const char bad[] =
    "cell c\n input x[n_x, 2]\n state a[n_a], a[n_a]\n param W[n_a / 2], q[m] ~ gloro\n z = bb @ x\n"
    " f = tnah(z)\n g = W[1 @ f\n a' = (x\n output y = a' + x\nbackward\n dx = dx\n";

static gt_status record(const gt_cell *cell, bool unrolled, double *result)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(3, 2, 2));
    gt_var initial[] = {gt_state(tape, "a", GT_SHAPE(5, 2)), gt_state(tape, "c", GT_SHAPE(10, 2))};
    gt_var parameters[] = {gt_parameter(tape, "W", GT_SHAPE(5, 8)), gt_parameter(tape, "b", GT_SHAPE(5, 1)),
                           gt_parameter(tape, "V", GT_SHAPE(2, 5))};
    gt_var states[2], y;
    gt_sequence sequence = {.cell = cell,
                            .unrolled = unrolled,
                            .with_outputs = true,
                            .inputs = &x,
                            .initial = initial,
                            .parameters = parameters,
                            .states = states,
                            .outputs = &y};
    gt_status status = gt_sequence_record(&sequence);
    *result = gt_tape_node_count(tape);
    gt_tape_free(tape);
    return status;
}

static gt_status parse_and_record(const void *context, double *result)
{
    gt_error error = {0};
    gt_parsed_cell *parsed = gt_cell_parse(good, sizeof good - 1, NULL);
    if (parsed == NULL)
        return GT_ERROR_MEMORY;
    if (gt_parsed_cell_status(parsed, &error) != GT_OK) {
        cr_log_error("%s", error.message);
        abort(); /* no memory is no mistake of the text */
    }
    gt_status status = record(gt_parsed_cell_get(parsed), *(const bool *)context, result);
    gt_parsed_cell_free(parsed);
    return status;
}

Test(allocation_failure_lang, a_good_cell)
{
    bool unrolled[] = {false, true};
    cr_expect_gt(fail_every_allocation("rolled", parse_and_record, &unrolled[0], NULL), 200);
    cr_expect_gt(fail_every_allocation("unrolled", parse_and_record, &unrolled[1], NULL), 200);
}

/* Several sizes, windows, the step; every form that an operation on them has. */
static const char several[] =
    "cell c\n input x[n]\n state S[h, k, v], q[h, k]\n param W[h, k, n], R[h, k, k], V[h, v, n], A[k, v], P[v, n]\n"
    " u = R @ (W @ prev(x, 2)) + W @ x\n S' = reshape(A, 1, k, v) * S + reshape(exp(A) * reshape(S[0:1], k, v), 1, k, "
    "v) + outer(u, "
    "V @ x) * sum(t)\n"
    " q' = sum(S, axis=2) + u * reshape(sum(A, axis=1), 1, k)\n"
    " hidden y = concat(reshape(S'.T @ q', h * v), reshape(S @ P, h * k * n), reshape(softmax(S[:, 0:1]), h * v))\n"
    "backward\n du = dq' + outer(q, dq') @ q\n";

static gt_status parse_and_record_several(const void *context, double *result)
{
    enum { H = 2, K = 3, V = 2, N = 2 };
    gt_parsed_cell *parsed = gt_cell_parse(several, sizeof several - 1, NULL);
    const gt_cell *cell = gt_parsed_cell_get(parsed);
    const gt_dimension sizes[] = {{"n", N}, {"h", H}, {"k", K}, {"v", V}};
    if (parsed == NULL)
        return GT_ERROR_MEMORY;
    cr_assert_not_null(cell);
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(N, 2, 2)), initial[5], parameters[5], y;
    cr_assert(cell->state_count == 5 && cell->parameter_count == 5);
    for (int i = 0; i < 5; i++) {
        gt_shape shape = {0};
        gt_cell_array_shape(&cell->states[i], sizes, 4, 2, &shape, NULL);
        initial[i] = gt_state(tape, cell->states[i].name, shape);
        gt_cell_array_shape(&cell->parameters[i], sizes, 4, 1, &shape, NULL);
        parameters[i] = gt_parameter(tape, cell->parameters[i].name, shape);
    }
    gt_sequence sequence = {.cell = cell,
                            .unrolled = *(const bool *)context,
                            .with_outputs = true,
                            .inputs = &x,
                            .initial = initial,
                            .parameters = parameters,
                            .dimensions = sizes,
                            .dimension_count = 4,
                            .outputs = &y};
    gt_status status = gt_sequence_record(&sequence);
    *result = gt_tape_node_count(tape);
    gt_tape_free(tape);
    gt_parsed_cell_free(parsed);
    return status;
}

Test(allocation_failure_lang, a_cell_of_several_sizes)
{
    bool unrolled[] = {false, true};
    cr_expect_gt(fail_every_allocation("rolled", parse_and_record_several, &unrolled[0], NULL), 200);
    cr_expect_gt(fail_every_allocation("unrolled", parse_and_record_several, &unrolled[1], NULL), 200);
}

typedef struct cell_text {
    char bytes[(1 << 20) + 1];
    size_t size;
} cell_text;

/* All that is said of a text. */
static gt_status parse(const void *context, double *result)
{
    const cell_text *text = context;
    size_t count;
    gt_parsed_cell *parsed = gt_cell_parse(text->bytes, text->size, &(gt_cell_parse_options){.file = "a.cell"});
    if (parsed == NULL)
        return GT_ERROR_MEMORY;
    const gt_diagnostic *list = gt_parsed_cell_diagnostics(parsed, &count);
    cr_assert((gt_parsed_cell_get(parsed) == NULL) == (gt_parsed_cell_status(parsed, NULL) == GT_ERROR_FORMAT));
    *result = (double)count + (gt_parsed_cell_get(parsed) == NULL);
    for (size_t i = 0; i < count; i++)
        *result =
            *result / 3 + (double)strlen(list[i].message) + (list[i].hint != NULL ? (double)strlen(list[i].hint) : 0);
    gt_parsed_cell_free(parsed);
    return GT_OK;
}

Test(allocation_failure_lang, a_bad_cell)
{
    static cell_text text = {.size = sizeof bad - 1};
    memcpy(text.bytes, bad, sizeof bad);
    cr_expect_gt(fail_every_allocation("bad", parse, &text, NULL), 50);
}

/* More operands than fit on the stack, and a text that is too long. */
Test(allocation_failure_lang, large_texts)
{
    static const char many[] = "cell c\n input x[n]\n state h[5 * n]\n h' = h + concat(x, x, x, x, x)\n";
    static cell_text text;
    memcpy(text.bytes, many, sizeof many);
    text.size = sizeof many - 1;
    cr_expect_gt(fail_every_allocation("many", parse, &text, NULL), 10);
    memset(text.bytes, ' ', sizeof text.bytes);
    text.size = sizeof text.bytes;
    cr_expect_gt(fail_every_allocation("too long", parse, &text, NULL), 1);
}

/* What the fuzzer has found: texts that differ in what the language does with them, most of them wrong. */
Test(allocation_failure_lang, texts_of_the_fuzzer)
{
    DIR *folder = opendir(GT_CORPUS);
    uint32_t count = 0;
    cr_assert_not_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[512];
        static cell_text text;
        snprintf(path, sizeof path, "%s/%s", GT_CORPUS, entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "rb");
        if (file == NULL)
            continue;
        text.size = fread(text.bytes, 1, sizeof text.bytes, file);
        fclose(file);
        fail_every_allocation(entry->d_name, parse, &text, NULL);
        count++;
    }
    closedir(folder);
    cr_expect_gt(count, 100);
}

/* Functions, rounds, stacks and constants, one of which is given another value: all is there or nothing. */
static const char forms[] =
    "def f(u, v = 2) = u * tanh(v * u) + u\ndef g(u) = f(u, v=-1) * f(u)\ncell c\n input x[n]\n state h[n], s[2][n]\n"
    " const k = 2, dt = 0.1, F[n, n] = cos(2 * pi * i * j / n)\n param R[k][n, n] ~ orthogonal, b[n] = log(uniform(1, "
    "n))\n"
    " a = h\n for j in 0:k:\n  a = a + silu(R[j] @ a + elu(b, a=0.5)) * (j == 0)\n repeat k:\n  a = g(F @ a) % 2\n"
    " s'[0] = s[1] + layernorm(a, 1e-3)\n s'[1] = a\n h' = h + dt * a * x\nbackward\n da_2 = dh' * dt * x\n";

static gt_status set_constant(const void *context, double *result)
{
    (void)context;
    const gt_constant_value values[] = {{"k", 1}, {"dt", 0.25}};
    gt_parsed_cell *parsed =
        gt_cell_parse(forms, sizeof forms - 1, &(gt_cell_parse_options){.constants = values, .constant_count = 2});
    if (parsed == NULL)
        return GT_ERROR_MEMORY;
    gt_error error = {0};
    cr_assert_eq(gt_parsed_cell_status(parsed, &error), GT_OK, "%s", error.message);
    size_t size;
    const char *text = gt_parsed_cell_text(parsed, &size);
    cr_assert(strstr(text, "const k = 1, dt = 0.25,") != NULL, "%s", text);
    *result = (double)size + 1e4 * gt_parsed_cell_get(parsed)->parameter_count;
    gt_parsed_cell_free(parsed);
    return GT_OK;
}

Test(allocation_failure_lang, a_constant_that_is_set)
{
    cr_expect_gt(fail_every_allocation("a constant that is set", set_constant, NULL, NULL), 200);
}

static gt_status fill(const void *context, double *result)
{
    gt_error error = {0};
    gt_parsed_cell *parsed = gt_cell_parse(context, strlen(context), NULL);
    gt_parameters *set = gt_parameters_new(GT_F64);
    gt_status status = parsed == NULL || set == NULL ? GT_ERROR_MEMORY : gt_parsed_cell_status(parsed, &error);
    if (status == GT_OK)
        status = gt_cell_declare(gt_parsed_cell_get(parsed), &(gt_dimension){"n", 3}, 1, true, "", set, &error);
    gt_parsed_cell_free(parsed);
    if (status == GT_OK)
        status = gt_parameters_initialize(set, 1);
    for (uint32_t i = 0; i < gt_parameters_count(set) && status == GT_OK; i++)
        *result = *result * 3 + ((const double *)gt_parameters_array(set, i).data)[1];
    gt_parameters_free(set);
    return status;
}

Test(allocation_failure_lang, initial_values)
{
    cr_expect_gt(
        fail_every_allocation(
            "initial values", fill,
            "cell c\n input x[n]\n state h[n]\n param W[n, n] ~ hippo, b[n] ~ normal(1 / "
            "n), c[n] = log(uniform(1, n + 2)) * k, d[n] = b * c\n k = 1 / sqrt(n)\n h' = W @ h + b * x * c * d\n",
            NULL),
        50);
}

/* Texts of all that has a state of its own while it is read, few declarations and many. */
Test(allocation_failure_lang, texts_of_every_kind)
{
    static const char *const texts[] = {
        "cell c\n input x[n]\n state h[n]\n h' = h + x * t\n",
        "cell c\n input x[n]\n state h[n]\n param W[n, n]\n h' = W @ h + x * t\n",
        "cell c\n input x[n]\n state h[n]\n param W[n, n], V[n, n]\n h' = W @ V @ h + x * t\n",
        "cell c\n input x[n]\n state h[n] = h0\n param h0[n]\n h' = prev(h, 12) + x + prev(x)\n",
        "cell c\n input x[n]\n state S[k, v], h[n]\n u = bernoulli(0.5, S)\n S' = S * u + sum(x)\n"
        " h' = h + dropout(h, 0.1) * x\n output y = 2 * S\n",
        "cell c\n input x[n]\n state S[k, v], T[k, v], h[n]\n const F[n, q] = i + j\n S' = S * sum(F)\n"
        " T' = T + sum(concat(S, T, S)) + sum(x)\n h' = h\n",
        "cell c\n input x[n]\n state h[n], mask[n] ~ bernoulli(0.9)\n h' = layernorm(h * mask) + softmax(x, axis=1)\n",
        "def f(u) = u * u\ncell c\n input x[n]\n state h[n]\n h' = f(h + x) + f(x)\nbackward\n f_u = dh'\n"
        " dh = f_u * f(h + 0 * h)\n",
        "cell c\n input x[n]\n state S[k, v], q[k]\n u = S.T @ q\n S' = S + outer(q, u)\n q' = q + sum(x)\nbackward\n"
        " dq = dq' @ x.T\n dS = dS' + outer(dq', u) @ x.T\n",
        "cell c\n input x[n]\n state h[n], s[3][n]\n a = h\n for j in 0:3:\n  a = a + s[j] * (j == 0)\n h' = -a + x\n"
        " s'[0] = a\n s'[1] = a\n s'[2] = a\n",
        "cell c\n input x[n\n state h[n / 2]\n const k = z\n z = x.dot(h)\n h' = z @ W + silu(h,\nbackward\n dh = "
        "dh''\n",
        "cell c\n input x[n]\n state h[n]\n param a[n] = i, b[n] = zz, c[n] ~ normal(-1)\n h' = h.T + x\n loss l = h\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        static cell_text text;
        strcpy(text.bytes, texts[i]);
        text.size = strlen(texts[i]);
        cr_expect_gt(fail_every_allocation(texts[i], parse, &text, NULL), 10);
    }
}

static gt_status read_formula(const void *context, double *result)
{
    gt_pool pool = {0};
    bool no_memory;
    const gt_lang_expression *formula = gt_lang_try_formula(&pool, context, &no_memory);
    *result = formula != NULL;
    gt_pool_free(&pool);
    return no_memory ? GT_ERROR_MEMORY : GT_OK;
}

Test(allocation_failure_lang, formulas)
{
    static const char *const texts[] = {"a + b * tanh(c[1:])", "a + b *", "nosuch(a, b) + 1", "a.dot(b)"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_expect_gt(fail_every_allocation(texts[i], read_formula, texts[i], NULL), 2);
}

static gt_var leaf(void *tape, const char *name)
{
    return gt_input(tape, name, GT_SHAPE(3, 2));
}

/* A formula of a backward block that reads a constant as a number. */
static gt_status record_block(const void *context, double *result)
{
    (void)context;
    static const char text[] = "cell c\n input x[n]\n state h[n]\n const k = 2, e = k * n\n h' = h**e + x\nbackward\n"
                               " p = e - 1\n dh = dh' * e * h**p\n";
    gt_parsed_cell *parsed = gt_cell_parse(text, sizeof text - 1, NULL);
    const gt_cell *cell = gt_parsed_cell_get(parsed);
    if (cell == NULL) {
        gt_parsed_cell_free(parsed);
        return GT_ERROR_MEMORY;
    }
    gt_tape *tape = gt_tape_new(NULL);
    const gt_handwritten_scope scope = {
        .tape = tape, .lookup = leaf, .names = tape, .dimensions = &(gt_dimension){"n", 3}, .dimension_count = 1};
    gt_var v = cell->handwritten->record_backward(cell->handwritten, 1, &scope);
    gt_status status = gt_tape_status(tape);
    *result = gt_tape_node_count(tape) + (status == GT_OK ? gt_var_valid(v) : 0);
    gt_tape_free(tape);
    gt_parsed_cell_free(parsed);
    return status;
}

Test(allocation_failure_lang, formulas_with_constants)
{
    cr_expect_gt(fail_every_allocation("block", record_block, NULL, NULL), 50);
}

/* Initial values that are resolved, and copied before and after. */
static gt_status resolve(const void *context, double *result)
{
    gt_parsed_cell *parsed = gt_cell_parse(context, strlen(context), NULL);
    const gt_cell *cell = gt_parsed_cell_get(parsed);
    const gt_initializer_formula *formula = cell == NULL ? NULL : cell->parameters[1].initializer.formula;
    const gt_initializer_formula *written = formula == NULL ? NULL : formula->copy(formula), *copy = NULL;
    gt_initializer resolved = {0}, again = {0};
    gt_status status = written == NULL ? GT_ERROR_MEMORY : GT_OK;
    if (status == GT_OK)
        status = formula->resolve(formula, &(gt_dimension){"n", 3}, 1, &resolved, NULL);
    if (status == GT_OK)
        status = resolved.formula->resolve(resolved.formula, NULL, 0, &again, NULL);
    if (status == GT_OK)
        copy = again.formula->copy(again.formula);
    *result = copy != NULL;
    status = status == GT_OK && copy == NULL ? GT_ERROR_MEMORY : status;
    if (copy != NULL)
        copy->release(copy);
    if (written != NULL)
        written->release(written);
    gt_initializer_release(again);
    gt_initializer_release(resolved);
    gt_parsed_cell_free(parsed);
    return status;
}

Test(allocation_failure_lang, initial_values_that_are_copied)
{
    static const char text[] = "cell c\n input x[n]\n state h[n]\n param a[n] ~ normal(1), b[n] = a * i + n\n"
                               " h' = h + x + a + b\n";
    cr_expect_gt(fail_every_allocation("copies", resolve, text, NULL), 30);
}
