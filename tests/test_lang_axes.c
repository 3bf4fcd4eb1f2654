/* Arrays of several sizes for each example: what expressions of them are worth, and what is said of mistakes. */
#include "lang_rows.h"

#include <math.h>
#include <stdlib.h>

/* ---- values -------------------------------------------------------------------------------- */

enum { H = 2, K = 3, V = 4, M = 2, MOST = H * K * V * K };

/* S[H, K, V], R[K, V], q[H, K], v[H, V], u[K], one size s: of the examples; P[V, K], W[H, K, V] and b[H, K] are theirs.
 */
static double S[H][K][V][M], R[K][V][M], q[H][K][M], v[H][V][M], u[K][M], P[V][K], W[H][K][V], b[H][K];

static double *fill(void *array, size_t count)
{
    double *numbers = array;
    for (size_t i = 0; i < count; i++)
        numbers[i] = (double)(rand() % 2000 - 1000) / 500;
    return numbers;
}

/* As the tape has it, column by column, from NumPy's order. */
static double *transposed(const void *array, size_t rows, size_t columns)
{
    const double *from = array;
    double *to = malloc(rows * columns * sizeof *to);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            to[i + j * rows] = from[i * columns + j];
    return to;
}

static const char begin[] = "cell c\n input x[1]\n state S[h, k, v_], R[k, v_], q[h, k], v[h, v_], u[k]\n"
                            " param P[v_, k], W[h, k, v_], b[h, k]\n"
                            " S' = S\n R' = R\n q' = q\n v' = v\n u' = u\n";

/* The value of an expression of these names, in NumPy's order. */
static void evaluate(const char *expression, size_t rows, double *values)
{
    char text[1024];
    gt_error error = {0};
    snprintf(text, sizeof text, "%s hidden y = %s + 0 * sum(x) * sum(P) * sum(W) * sum(b)\n", begin, expression);
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    cr_assert(gt_parsed_cell_status(parsed, &error) == GT_OK, "%s: %s", expression, error.message);
    gt_tape *tape = gt_tape_new(NULL);
    const double x_numbers[M] = {1, 1};
    const struct {
        const void *numbers;
        size_t rows, columns;
    } arrays[] = {{x_numbers, 1, M}, {S, H * K * V, M}, {R, K * V, M}, {q, H * K, M}, {v, H * V, M},
                  {u, K, M},         {P, V, K},         {W, H * K, V}, {b, H, K}};
    gt_var given[9], y;
    for (int i = 0; i < 9; i++)
        given[i] = gt_input(tape, "", GT_SHAPE((int64_t)arrays[i].rows, (int64_t)arrays[i].columns));
    const gt_dimension sizes[] = {{"h", H}, {"k", K}, {"v_", V}};
    gt_sequence sequence = {.cell = gt_parsed_cell_get(parsed),
                            .with_outputs = true,
                            .inputs = given,
                            .initial = given + 1,
                            .parameters = given + 6,
                            .dimensions = sizes,
                            .dimension_count = 3,
                            .outputs = &y};
    cr_assert(gt_sequence_record(&sequence) == GT_OK, "%s: %s", expression, gt_tape_message(tape));
    gt_interpreter *run = gt_interpreter_new(tape);
    double *data[9];
    for (int i = 0; i < 9; i++) {
        data[i] = transposed(arrays[i].numbers, arrays[i].rows, arrays[i].columns);
        gt_interpreter_bind(run, given[i], data[i]);
    }
    cr_assert(gt_interpreter_evaluate(run, &y, 1) == GT_OK, "%s", gt_interpreter_message(run));
    cr_assert_eq(gt_var_shape(y).size[0], (int64_t)rows, "%s has %d rows", expression, (int)gt_var_shape(y).size[0]);
    const double *result = gt_interpreter_value(run, y);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < M; j++)
            values[i * M + j] = result[i + j * rows];
    for (int i = 0; i < 9; i++)
        free(data[i]);
    gt_interpreter_free(run);
    gt_tape_free(tape);
    gt_parsed_cell_free(parsed);
}

static void fill_all(void)
{
    srand(7);
    fill(S, sizeof S / sizeof(double)), fill(R, sizeof R / sizeof(double)), fill(q, sizeof q / sizeof(double));
    fill(v, sizeof v / sizeof(double)), fill(u, sizeof u / sizeof(double)), fill(P, sizeof P / sizeof(double));
    fill(W, sizeof W / sizeof(double)), fill(b, sizeof b / sizeof(double));
}

static double got[MOST], expected[MOST];
static size_t rows_so_far;

static void begin_expected(void)
{
    rows_so_far = 0;
    memset(expected, 0, sizeof expected);
}

static void compare(const char *expression)
{
    evaluate(expression, rows_so_far / M, got);
    for (size_t i = 0; i < rows_so_far; i++)
        cr_expect(fabs(got[i] - expected[i]) <= 1e-13 * fmax(1, fabs(expected[i])), "%s: entry %zu is %.17g, not %.17g",
                  expression, i, got[i], expected[i]);
}

#define EACH(i, n) for (int i = 0; i < n; i++)
#define NEXT expected[rows_so_far++]
#define SUM(into, i, n, what)                                                                                          \
    {                                                                                                                  \
        double sum_ = 0;                                                                                               \
        EACH(i, n) sum_ += what;                                                                                       \
        into = sum_;                                                                                                   \
    }

Test(lang_axes, what_lacks_sizes_stretches_over_them, .init = fill_all)
{
    begin_expected();
    EACH(h, H) EACH(k, K) EACH(j, V) EACH(m, M) NEXT = S[h][k][j][m] * q[h][k][m];
    compare("S * q");
    compare("q * S");
    begin_expected();
    EACH(k, K) EACH(j, V) EACH(m, M) NEXT = R[k][j][m] / (2 + u[k][m]);
    compare("R / (2 + u)");
    begin_expected();
    EACH(h, H) EACH(k, K) EACH(j, V) EACH(m, M) NEXT = S[h][k][j][m] * W[h][k][j] - b[h][k];
    compare("S * reshape(W, h, k, v_) - b");
    begin_expected();
    EACH(h, H) EACH(k, K) EACH(j, V) EACH(m, M) NEXT = q[h][k][m] > 0 ? S[h][k][j][m] : b[h][k];
    compare("where(q > 0, S, b)");
    begin_expected();
    EACH(k, K) EACH(j, V) EACH(m, M) NEXT = R[k][j][m] + P[j][0];
    compare("R + reshape(P[:, 0:1], 1, v_)");
    begin_expected();
    EACH(k, K) EACH(j, V) EACH(m, M) NEXT = P[j][k] - R[k][j][m];
    compare("P.T - R");
}

/* Whole and stretched in turn, over all sizes: one operand is made whole. */
Test(lang_axes, stretches_that_alternate, .init = fill_all)
{
    begin_expected();
    EACH(h, H) EACH(k, K) EACH(j, V) EACH(m, M) NEXT = S[h][k][j][m] * u[k][m];
    compare("S * reshape(u, 1, k, 1)");
    compare("reshape(u, 1, k, 1) * S");
    begin_expected();
    EACH(h, H) EACH(k, K) EACH(j, V) EACH(m, M) NEXT = v[h][j][m] - u[k][m];
    compare("reshape(v, h, 1, v_) - reshape(u, 1, k, 1)");
    begin_expected();
    EACH(h, H) EACH(k, K) EACH(j, V) EACH(m, M) NEXT = v[h][j][m] > 0 ? u[k][m] : S[h][k][j][m];
    compare("where(reshape(v, h, 1, v_) > 0, reshape(u, 1, k, 1), S)");
}

Test(lang_axes, sums, .init = fill_all)
{
    begin_expected();
    EACH(h, H) EACH(k, K) EACH(m, M) SUM(NEXT, j, V, S[h][k][j][m]);
    compare("sum(S, axis=2)");
    begin_expected();
    EACH(h, H) EACH(j, V) EACH(m, M) SUM(NEXT, k, K, S[h][k][j][m] / K);
    compare("reshape(mean(S, axis=1), h * v_)");
    begin_expected();
    EACH(k, K) EACH(j, V) EACH(m, M) SUM(NEXT, h, H, S[h][k][j][m]);
    compare("sum(S, axis=0)");
    begin_expected();
    EACH(j, V) EACH(m, M) SUM(NEXT, k, K, R[k][j][m]);
    compare("sum(R, axis=0).T");
    begin_expected();
    EACH(h, H) EACH(k, K) EACH(m, M) SUM(NEXT, e, M, q[h][k][e]);
    compare("sum(q, axis=2) + 0 * q");
    begin_expected();
    EACH(h, H) EACH(k, K) EACH(m, M) SUM(NEXT, e, M * V, S[h][k][e / M][e % M] * v[h][e / M][m]);
    compare("sum(S, axis=3) @ v");
    begin_expected();
    EACH(k, K) EACH(m, M) SUM(NEXT, e, M * V, R[k][e / M][e % M] * v[1][e / M][m]);
    compare("sum(R, axis=2) @ reshape(v, h * v_)[v_:v_ + v_]");
    begin_expected();
    EACH(k, K) EACH(j, V) EACH(m, M) SUM(NEXT, e, M, R[k][j][m] * R[k][j][e]);
    compare("R * sum(R, axis=2)");
}

Test(lang_axes, products, .init = fill_all)
{
    begin_expected();
    EACH(h, H) EACH(k, K) EACH(m, M) SUM(NEXT, j, V, S[h][k][j][m] * v[h][j][m]);
    compare("S @ v");
    begin_expected();
    EACH(h, H) EACH(j, V) EACH(m, M) SUM(NEXT, k, K, S[h][k][j][m] * q[h][k][m]);
    compare("S.T @ q");
    compare("(S * 1).T @ q");
    begin_expected();
    EACH(j, V) EACH(m, M) SUM(NEXT, k, K, R[k][j][m] * u[k][m]);
    compare("R.T @ u");
    begin_expected();
    EACH(h, H) EACH(k, K) EACH(j, V) EACH(m, M) NEXT = q[h][k][m] * v[h][j][m];
    compare("outer(q, v)");
    begin_expected();
    EACH(h, H) EACH(k, K) EACH(m, M) SUM(NEXT, j, V, W[h][k][j] * v[h][j][m]);
    compare("W @ v");
    begin_expected();
    EACH(h, H) EACH(j, V) EACH(m, M) SUM(NEXT, k, K, W[h][k][j] * q[h][k][m]);
    compare("W.T @ q");
    begin_expected();
    EACH(h, H) EACH(k, K) EACH(m, M) SUM(NEXT, j, V, W[h][k][j] * v[1][j][m]);
    compare("W @ reshape(v, h * v_)[v_:v_ + v_]");
    begin_expected();
    EACH(h, H) EACH(k, K) EACH(i, K) EACH(m, M) SUM(NEXT, j, V, S[h][k][j][m] * P[j][i]);
    compare("S @ P");
    begin_expected();
    EACH(h, H) EACH(k, K) EACH(i, V) EACH(m, M) SUM(NEXT, j, K, q[h][k][m] * q[h][j][m] * P[i][j]);
    compare("outer(q, q) @ P.T");
    begin_expected();
    EACH(h, H) EACH(k, K) EACH(m, M) SUM(NEXT, e, K * M, q[h][k][e / K] * u[e % K][e / K] * u[e % K][m]);
    compare("(q @ u.T) @ u");
}

Test(lang_axes, parts, .init = fill_all)
{
    begin_expected();
    EACH(k, K) EACH(j, V) EACH(m, M) NEXT = S[1][k][j][m];
    compare("S[1:2]");
    begin_expected();
    EACH(h, H) for (int k = 1; k < K; k++) EACH(j, V) EACH(m, M) NEXT = S[h][k][j][m];
    compare("S[:, 1:]");
    begin_expected();
    EACH(j, V) EACH(m, M) NEXT = R[2][j][m];
    EACH(k, K) EACH(j, V) EACH(m, M) NEXT = R[k][j][m];
    compare("concat(R[-1:], R)");
    begin_expected();
    EACH(h, H) EACH(k, K) EACH(m, M)
    {
        double sum = 0;
        EACH(i, K) sum += exp(q[h][i][m]);
        NEXT = exp(q[h][k][m]) / sum;
    }
    compare("softmax(q)");
}

/* ---- mistakes ------------------------------------------------------------------------------ */

#define CELL(line)                                                                                                     \
    "cell c\n input x[n]\n state S[n_k, n_v]\n param W[n_h, n_k, n], P[n_v, n]\n " line "\n S' = S + sum(x)\n"

Test(lang_axes, mistakes)
{
    static const row rows[] = {
        {CELL("q = S @ x"), "5:6: matmul: S is (n_k, n_v, m) but x is (n, m); of each example S[n_k, n_v] @ q[n_v] and "
                            "S.T @ k[n_k] are products, and W[n_h, n_k, n_x] @ x[n_x] of a parameter"},
        {CELL("q = S * x"), "5:6: multiply: S is (n_k, n_v, m) but x is (n, m)"},
        {CELL("q = outer(x, S)"),
         "5:6: outer: the operands are (n, m) and (n_k, n_v, m); outer(u, v) of u[n_k] and v[n_v] is u times v "
         "transposed, [n_k, n_v], for each example; of u[n_h, n_k] and v[n_h, n_v] the same for each head"},
        {CELL("q = reshape(x, n_k)"),
         "5:6: reshape: (n, m) cannot take sizes whose product is n_k; the examples are no "
         "size: reshape(u, n_h, n_k) of u[n_h * n_k]"},
        {CELL("q = reshape(x, x)"), "5:17: a size is made of whole numbers and dimension names with + - *"},
        {CELL("q = sum(S, axis=3)"), "5:6: axis is one of the 2 sizes, from 0, or 2, the examples"},
        {CELL("q = sum(S, axis=-1)"), "5:6: axis is one of the 2 sizes, from 0, or 2, the examples"},
        {CELL("q = S.T + 1"), "5:6: an array of several sizes is transposed only on the left of a product; S.T @ k is "
                              "one; the transpose of outer(u, v) is outer(v, u)"},
        {CELL("q = S.T @ x.T"), "5:6: matmul: S.T is (n_v, n_k, m) but x.T is (m, n); of each example S[n_k, n_v] @ "
                                "q[n_v] and S.T @ k[n_k] are products, and W[n_h, n_k, n_x] @ x[n_x] of a parameter"},
        {CELL("q = outer(outer(S, S), outer(S, S))"), "5:6: an array has at most 3 sizes, and its examples"},
        {"cell c\n input x[n]\n state S[n_k, n_v]\n S' = x\n",
         "4:7: the next value of state S is (n, m), and must be (n_k, n_v, m)"},
        {"cell c\n input x[n]\n state S[m, n]\n S' = x\n",
         "3:11: the examples are no size of a state: they are its columns anyway; write S[n], with the number of "
         "features alone"},
        {"cell c\n input x[n]\n state S[a, n, b, c]\n S' = x\n", "3:17: a state has at most 3 sizes"},
        {"cell c\n input x[n]\n state S[a*b, c*d, e]\n S' = S + sum(x)\n",
         "3:10: the size is too large or too complicated"},
        /* Where no array has several sizes W * h is a mistake as ever. */
        {"cell c\n input x[n]\n state h[k]\n param W[k, n]\n q = W * h\n h' = h + q @ x\n",
         "5:6: multiply: W is (k, n) but h is (k, m); a product of matrices that fits is W.T @ h"},
        {CELL("q = P * x"),
         "5:6: multiply: P is (n_v, n) but x is (n, m); the product of matrices is written @: P @ x"},
        {CELL("q = P * S"), "5:6: multiply: P is (n_v, n) but S is (n_k, n_v, m); the product of matrices is written "
                            "@; for these it does not fit either"},
        {CELL("q = W + W"), ""},
        {CELL("q = S * x.T"),
         "5:6: multiply: S is (n_k, n_v, m) but x.T is (m, n); the product of matrices is written @: S @ x.T"},
        {CELL("q = W @ S"), "5:6: matmul: W is (n_h, n_k, n) but S is (n_k, n_v, m); of each example S[n_k, n_v] @ "
                            "q[n_v] and S.T @ k[n_k] are products, and W[n_h, n_k, n_x] @ x[n_x] of a parameter"},
        {CELL("q = S @ W"), "5:6: matmul: S is (n_k, n_v, m) but W is (n_h, n_k, n); of each example S[n_k, n_v] @ "
                            "q[n_v] and S.T @ k[n_k] are products, and W[n_h, n_k, n_x] @ x[n_x] of a parameter"},
        {CELL("q = S @ S"), "5:6: matmul: S is (n_k, n_v, m) but S is (n_k, n_v, m); of each example S[n_k, n_v] @ "
                            "q[n_v] and S.T @ k[n_k] are products, and W[n_h, n_k, n_x] @ x[n_x] of a parameter"},
        {CELL("q = outer(P, x)"),
         "5:6: outer: the operands are (n_v, n) and (n, m); outer(u, v) of u[n_k] and v[n_v] is u times v transposed, "
         "[n_k, n_v], for each example; of u[n_h, n_k] and v[n_h, n_v] the same for each head"},
        {CELL("q = outer(2, x)"),
         "5:6: outer: the operands are a number and (n, m); outer(u, v) of u[n_k] and v[n_v] is u times v transposed, "
         "[n_k, n_v], for each example; of u[n_h, n_k] and v[n_h, n_v] the same for each head"},
        {CELL("q = outer(x, 2)"),
         "5:6: outer: the operands are (n, m) and a number; outer(u, v) of u[n_k] and v[n_v] is u times v transposed, "
         "[n_k, n_v], for each example; of u[n_h, n_k] and v[n_h, n_v] the same for each head"},
        {CELL("q = reshape(x, n / 2)"), "5:17: a size is made of whole numbers and dimension names with + - *"},
        {CELL("q = reshape(x, n_k * n_v * n_h, n_h * n_k)"), "5:6: the size of this array is too complicated"},
        {CELL("q = reshape(P, n_v)"), ""},
        {CELL("q = reshape(2, n)"), "5:6: reshape: a number cannot take sizes whose product is n; the examples are no "
                                    "size: reshape(u, n_h, n_k) of u[n_h * n_k]"},
        {"cell c\n input x[n]\n state q[h, k], v[g, j], z[g, n], T[h, k, j]\n param W[h, k, n], X[h, n, j]\n s = "
         "outer(q, v)\n q' = q\n v' = v\n z' = z\n T' = T\n",
         "5:6: outer: the operands are (h, k, m) and (g, j, m); outer(u, v) of u[n_k] and v[n_v] is u times v "
         "transposed, [n_k, n_v], for each example; of u[n_h, n_k] and v[n_h, n_v] the same for each head"},
        {"cell c\n input x[n]\n state q[h, k], v[g, j], z[g, n], T[h, k, j]\n param W[h, k, n], X[h, n, j]\n s = W @ "
         "z\n q' = q\n v' = v\n z' = z\n T' = T\n",
         "5:6: matmul: W is (h, k, n) but z is (g, n, m); of each example S[n_k, n_v] @ q[n_v] and S.T @ k[n_k] are "
         "products, and W[n_h, n_k, n_x] @ x[n_x] of a parameter"},
        {"cell c\n input x[n]\n state q[h, k], v[g, j], z[g, n], T[h, k, j]\n param W[h, k, n], X[h, n, j]\n s = W @ "
         "X\n q' = q\n v' = v\n z' = z\n T' = T\n",
         "5:6: matmul: W is (h, k, n) but X is (h, n, j); of each example S[n_k, n_v] @ q[n_v] and S.T @ k[n_k] are "
         "products, and W[n_h, n_k, n_x] @ x[n_x] of a parameter"},
        {"cell c\n input x[n]\n state q[h, k], v[g, j], z[g, n], T[h, k, j]\n param W[h, k, n], X[h, n, j]\n s = T @ "
         "v\n q' = q\n v' = v\n z' = z\n T' = T\n",
         "5:6: matmul: T is (h, k, j, m) but v is (g, j, m); of each example S[n_k, n_v] @ q[n_v] and S.T @ k[n_k] are "
         "products, and W[n_h, n_k, n_x] @ x[n_x] of a parameter"},
        {"cell c\n input x[n]\n state q[h, k], v[g, j], z[g, n], T[h, k, j]\n param W[h, k, n], X[h, n, j]\n s = T @ "
         "x\n q' = q\n v' = v\n z' = z\n T' = T\n",
         "5:6: matmul: T is (h, k, j, m) but x is (n, m); of each example S[n_k, n_v] @ q[n_v] and S.T @ k[n_k] are "
         "products, and W[n_h, n_k, n_x] @ x[n_x] of a parameter"},
        {"cell c\n input x[a * b * c], y[d * e]\n state h[n], z[n, k]\n s = outer(x, y)\n h' = h\n z' = z\n",
         "4:6: the size of this array is too complicated"},
        {"cell c\n input x[a * b * c], y[d * e]\n state h[n], z[n, k]\n s = reshape(x, a * b * c, d * e)\n h' = h\n z' "
         "= z\n",
         "4:6: the size of this array is too complicated"},
    };
    expect_cells(rows, COUNT(rows));
}

Test(lang_axes, the_table_has_the_product)
{
    static const char text[] = "cell c\n input x[n]\n state S[n_h, n_k, n_v]\n param W[n_h, n_k, n]\n"
                               " S' = S + W @ x\n";
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    const gt_cell *cell = gt_parsed_cell_get(parsed);
    cr_assert_not_null(cell);
    cr_expect_str_eq(cell->states[0].rows, "n_h * n_k * n_v");
    cr_expect_str_eq(cell->parameters[0].rows, "n_h * n_k");
    cr_expect_str_eq(cell->parameters[0].columns, "n");
    gt_parsed_cell_free(parsed);
}

/* Where no array has n_h for a size by itself, an archive says it. */
Test(lang_axes, a_size_may_be_told)
{
    static const char text[] = "cell c\n input x[n]\n state h[n_h, n_k]\n param W[n_h, n_k, n]\n h' = softmax(W @ x)\n";
    static const double ones[24] = {0};
    const double sizes[] = {0, 2, 2.5, 4, -2, 1e16, NAN}; /* 0: it does not */
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    for (int i = 0; i < 7; i++) {
        gt_archive *given = gt_archive_new();
        gt_cell_problem problem = {0};
        gt_error error = {0};
        gt_archive_add(given, "x", (gt_array){(void *)(uintptr_t)ones, GT_F64, GT_SHAPE(4, 1, 1)}, NULL);
        gt_archive_add(given, "W", (gt_array){(void *)(uintptr_t)ones, GT_F64, GT_SHAPE(6, 4)}, NULL);
        if (i > 0)
            gt_archive_add(given, "n_h", (gt_array){(void *)(uintptr_t)&sizes[i], GT_F64, GT_SHAPE(1)}, NULL);
        gt_status status = gt_cell_problem_read(&problem, gt_parsed_cell_get(parsed), given, GT_F64, &error);
        cr_expect_eq(status == GT_OK, i == 1, "%g: %s", sizes[i], error.message);
        cr_expect(i != 0 || strstr(error.message, "give an array n_h") != NULL, "%s", error.message);
        cr_expect((i != 2 && i < 4) || strstr(error.message, "one whole number") != NULL, "%s", error.message);
        cr_expect(i != 3 || strstr(error.message, "n_k") != NULL, "%s", error.message); /* 6 rows are no 4 heads */
        if (status == GT_OK) {
            gt_archive *results = gt_archive_new();
            cr_assert_eq(gt_cell_problem_run(&problem, NULL, results, &error), GT_OK, "%s", error.message);
            const double *h = gt_archive_find(results, "h").data;
            cr_expect(fabs(h[0] - 1.0 / 3) <= 1e-15, "%g", h[0]); /* of two heads, three each */
            gt_archive_free(results);
        }
        gt_cell_problem_free(&problem);
        gt_archive_free(given);
    }
    gt_parsed_cell_free(parsed);
}

/* Arrays of three sizes and a column for each, of examples as rows, of sizes that are 1. */
Test(lang_axes, sizes_that_are_rare)
{
    static const row rows[] = {
        {"cell c\n input x[n], y[k]\n state S[k, v], h[n]\n param P[v, n]\n q = P * reshape(P, v, n)\n S' = S + "
         "sum(q)\n h' = h + x + sum(y)\n",
         ""},
        {"cell c\n input x[n]\n state S[h, k, v]\n q = S * (S @ x.T)\n S' = S + sum(q)\n",
         "4:6: multiply: S is (h, k, v, m) but S @ x.T is (h, k, v, n)"},
        {"cell c\n input x[n], y[k]\n state S[k, v], h[n]\n q = sum(S, axis=0) * x.T\n S' = S + sum(q)\n h' = h + x + "
         "sum(y)\n",
         "4:6: multiply: sum(S, axis=0) is (1, v, m) but x.T is (m, n); the product of matrices is written @: sum(S, "
         "axis=0) @ x.T"},
        {"cell c\n input x[n], y[k]\n state S[k, v], h[n]\n param P[v, n]\n q = reshape(P, v, n) @ x\n S' = S + "
         "sum(q)\n h' = h + x + sum(y)\n",
         ""},
        {"cell c\n input x[n], y[k]\n state S[k, v], h[n]\n q = x @ S\n S' = S + sum(q)\n h' = h + x + sum(y)\n",
         "4:6: matmul: x is (n, m) but S is (k, v, m); of each example S[n_k, n_v] @ q[n_v] and S.T @ k[n_k] are "
         "products, and W[n_h, n_k, n_x] @ x[n_x] of a parameter"},
        {"cell c\n input x[n], y[k]\n state S[k, v], h[n]\n param P[n, v]\n q = S @ P.T\n S' = S + sum(q)\n h' = h + x "
         "+ sum(y)\n",
         ""},
        {"cell c\n input x[n], y[k]\n state S[k, v], h[n]\n param P[n, v]\n q = S @ P\n S' = S + sum(q)\n h' = h + x + "
         "sum(y)\n",
         "5:6: matmul: S is (k, v, m) but P is (n, v); of each example S[n_k, n_v] @ q[n_v] and S.T @ k[n_k] are "
         "products, and W[n_h, n_k, n_x] @ x[n_x] of a parameter"},
        {"cell c\n input x[n], y[k]\n state S[k, v], h[n]\n q = reshape(x.T, 1, m) @ y.T\n S' = S + sum(q)\n h' = h + "
         "x + sum(y)\n",
         "4:6: matmul: reshape(x.T, 1, m) is (1, m, n) but y.T is (m, k); of each example S[n_k, n_v] @ q[n_v] and S.T "
         "@ k[n_k] are products, and W[n_h, n_k, n_x] @ x[n_x] of a parameter"},
        {"cell c\n input x[n], y[k]\n state S[k, v], h[n]\n q = reshape(x.T, 1, m) @ x.T\n S' = S + sum(q)\n h' = h + "
         "x + sum(y)\n",
         ""},
        {"cell c\n input x[n], y[k]\n state S[k, v], h[n]\n param P[n, v]\n q = outer(x, P)\n S' = S + sum(q)\n h' = h "
         "+ x + sum(y)\n",
         "5:6: outer: the operands are (n, m) and (n, v); outer(u, v) of u[n_k] and v[n_v] is u times v transposed, "
         "[n_k, n_v], for each example; of u[n_h, n_k] and v[n_h, n_v] the same for each head"},
        {"cell c\n input x[n], y[k]\n state S[k, v], h[n]\n q = outer(x.T, y.T)\n S' = S + sum(q)\n h' = h + x + "
         "sum(y)\n",
         "4:6: outer: the operands are (m, n) and (m, k); outer(u, v) of u[n_k] and v[n_v] is u times v transposed, "
         "[n_k, n_v], for each example; of u[n_h, n_k] and v[n_h, n_v] the same for each head"},
        {"cell c\n input x[n], y[k]\n state S[k, v], h[n]\n param P[n * n * n, k * k * k]\n q = reshape(P, n)\n S' = S "
         "+ sum(q)\n h' = h + x + sum(y)\n",
         "5:6: reshape: (n*n*n, k*k*k) cannot take sizes whose product is n; the examples are no size: reshape(u, n_h, "
         "n_k) of u[n_h * n_k]"},
        {"cell c\n input x[n]\n state S[k, v], T[k, w]\n q = concat(S, T)\n S' = S + sum(q)\n T' = T + sum(x)\n",
         "4:6: concat: S is (k, v, m) but T is (k, w, m)"},
        {"cell c\n input x[n], y[k]\n state S[k, v], h[n]\n param W[k, 1, n]\n q = W.T\n S' = S + sum(q)\n h' = h + x "
         "+ sum(y)\n",
         "5:6: an array of several sizes is transposed only on the left of a product; S.T @ k is one; the transpose of "
         "outer(u, v) is outer(v, u)"},
        {"cell c\n input x[n]\n state S[k, 1]\n q = S.T\n S' = S + sum(q) + sum(x)\n", ""},
        {"cell c\n input x[n]\n state S[a * b, k * l]\n q = concat(S, S, S)\n S' = S + sum(q) + sum(x)\n", ""},
        {"cell c\n input x[n]\n state S[a * b, k * l], T[c, k * l]\n q = concat(S, T)\n S' = S + sum(q) + sum(x)\n T' "
         "= T\n",
         ""},
        {"cell c\n input x[n], y[k]\n state S[k, v], h[n]\n q = reshape(h, n - n, 2)\n S' = S + sum(q)\n h' = h + x + "
         "sum(y)\n",
         "4:6: reshape: (n, m) cannot take sizes whose product is 0; the examples are no size: reshape(u, n_h, n_k) of "
         "u[n_h * n_k]"},
        {"cell c\n input x[n], y[k]\n state S[k, v], h[n]\n q = reshape(h, -n)\n S' = S + sum(q)\n h' = h + x + "
         "sum(y)\n",
         "4:6: reshape: (n, m) cannot take sizes whose product is -n; the examples are no size: reshape(u, n_h, n_k) "
         "of u[n_h * n_k]"},
        {"cell c\n input x[n], y[k]\n state S[k, v], h[n]\n q = reshape(h, -n, 2)\n S' = S + sum(q)\n h' = h + x + "
         "sum(y)\n",
         "4:6: reshape: (n, m) cannot take sizes whose product is -2*n; the examples are no size: reshape(u, n_h, n_k) "
         "of u[n_h * n_k]"},
        {"cell c\n input x[n], y[k]\n state S[k, v], h[n]\n q = bernoulli(0.5, S)\n S' = S + sum(q)\n h' = h + x + "
         "sum(y)\n",
         ""},
    };
    expect_cells(rows, COUNT(rows));
}
