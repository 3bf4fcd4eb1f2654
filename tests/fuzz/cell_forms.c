/*
 * What a cell may have beside plain equations: functions of its own, rounds, stacks, constants, initial
 * values that are formulas, steps before, and a memory of several sizes.
 */
#include "cell_writer_parts.h"

#include <stdio.h>

/* ---- declarations -------------------------------------------------------------------------- */

enum { STACK_OF_PARAMETERS = 1, STACK_OF_STATES = 2 };
typedef enum memory { NO_MEMORY, MATRIX_MEMORY, HEADS_MEMORY } memory;

/* Formulas of u and v, of u's shape. None jumps where a number of these cells is likely to be. */
static const char *const formulas[] = {
    "u * sigmoid(v * u)",          "tanh(u) + v", "where(u > 0.1234, u, v * u)", "u - mean(u, axis=0) * v",    "v",
    "0.5 * softmax(u) + v * u**2", "cos(v * u)",  "(u + 0.1234) % 0.7123 + v",   "straight(u > 0.1234, v * u)"};
enum { FORMULAS = sizeof formulas / sizeof *formulas };

void write_definitions(writer *w, text *all)
{
    put(all, "def d0(u, v = 0.5) = %s + 0 * u\n", formulas[fuzz_choose(w->bytes, FORMULAS)]);
    put(all, "def d1(u, v = -0.25) = d0(%s, v=v) * u\n", formulas[fuzz_choose(w->bytes, FORMULAS - 5)]);
}

void write_declarations(const writer *w, text *all)
{
    put(all, "  const k0 = 0.5, k1 = 1 / n_a\n  const F[n_a, n_a] = cos(2 * pi * i * j / n_a), s[n_a] = i / n_a\n");
    if ((w->stacks & STACK_OF_PARAMETERS) != 0)
        put(all, "  param R[3][n_a, n_a] ~ orthogonal, r[3][n_a] = 0.5\n");
    if ((w->stacks & STACK_OF_STATES) != 0)
        put(all, "  state g[2][n_a]\n");
    if (w->memory == MATRIX_MEMORY)
        put(all, "  state S[n_b, n_a]\n  param P[n_b, n_a] = exp(-i - j)\n");
    if (w->memory == HEADS_MEMORY)
        put(all, "  state S[2, n_b, n_a]\n  param P[2, n_b, n_a], Q[2, n_b, n_x], K[2, n_b, n_x], V[2, n_a, n_x]\n");
}

const char *initial_value(writer *w)
{
    static const char *const values[] = {"",
                                         " ~ normal(1 / sqrt(n_x))",
                                         " ~ uniform(-1 / sqrt(n_a), 1 / sqrt(n_a))",
                                         " = log(uniform(1, i + 2))",
                                         " = 0.9 * (i == j)",
                                         " ~ bernoulli(0.5)",
                                         " = k0 * cos(2 * pi * i / n_a) + normal(j)",
                                         " ~ orthogonal"};
    return values[fuzz_choose(w->bytes, sizeof values / sizeof *values)];
}

/* ---- expressions --------------------------------------------------------------------------- */

void write_composition(writer *w, size rows, size columns, int depth)
{
    static const struct {
        const char *before, *after;
    } compositions[] = {{"silu(", ")"},
                        {"gelu(", ")"},
                        {"elu(", ", 0.7)"},
                        {"leaky_relu(", ", slope=0.2)"},
                        {"hardsigmoid(", ")"},
                        {"logsigmoid(", ")"},
                        {"rmsnorm(", ")"},
                        {"layernorm(", ", 1e-3)"},
                        {"((0.1234 + ", ") % 0.7123)"},
                        {"floor(0.1234 + ", ")"},
                        {"sign(0.1234 + ", ")"},
                        {"round(0.1234 + ", ")"}};
    uint32_t k = fuzz_choose(w->bytes, sizeof compositions / sizeof *compositions);
    put(&w->body, "%s", compositions[k].before);
    write_expression(w, rows, columns, depth);
    put(&w->body, "%s", compositions[k].after);
}

void write_call(writer *w, size rows, size columns, int depth)
{
    static const char *const behind[] = {")", ", 2)", ", v=k0)", ", k1)", ", v=1 / n_x)"};
    put(&w->body, fuzz_choose(w->bytes, 2) == 0 ? "d0(" : "d1(");
    write_expression(w, rows, columns, depth);
    put(&w->body, "%s", behind[fuzz_choose(w->bytes, sizeof behind / sizeof *behind)]);
}

/* Of the steps before, or NULL where nothing of these sizes is. */
static const char *before(writer *w, size rows, size columns)
{
    uint32_t k = fuzz_choose(w->bytes, 3);
    static const char *const of_x[] = {"prev(x)", "prev(x, 2)", "(x - prev(x))"};
    static const char *const of_a[] = {"prev(a)", "prev(a, 2)", "(a - prev(a))"};
    static const char *const square[] = {"F", "(F @ F)", "F.T"}, *const column[] = {"s", "(F @ s)",
                                                                                    "(arange(n_a) * k1)"};
    if (columns == M)
        return rows == NX ? of_x[k] : rows == NA ? of_a[k] : NULL;
    if (rows == NA && columns == NA)
        return square[k];
    return rows == NA && columns == ONE ? column[k] : NULL;
}

void write_of_time(writer *w, size rows, size columns, int depth)
{
    static const char *const numbers[] = {"k0", "k1", "0.1 * t", "k0 / (1 + t)"};
    const char *found = before(w, rows, columns);
    if (found != NULL) {
        put(&w->body, "%s", found);
        return;
    }
    put(&w->body, "(");
    write_expression(w, rows, columns, depth);
    put(&w->body, " * (%s))", numbers[fuzz_choose(w->bytes, columns == M ? 4 : 2)]);
}

/* ---- statements ---------------------------------------------------------------------------- */

static void write_rounds(writer *w, const char *name)
{
    size rows = (size)(NX + fuzz_choose(w->bytes, 3));
    put(&w->body, "  %s = ", name);
    write_expression(w, rows, M, 1 + (int)fuzz_choose(w->bytes, 3));
    add_value(w, name, rows, M);
    put(&w->body, "\n  repeat %u:\n    %s = tanh(%s + ", 1 + fuzz_choose(w->bytes, 3), name, name);
    write_expression(w, rows, M, 1 + (int)fuzz_choose(w->bytes, 3));
    put(&w->body, ")\n");
}

static void write_loop(writer *w, const char *name)
{
    w->stacks |= STACK_OF_PARAMETERS;
    put(&w->body, "  %s = a\n  for j in 0:%u:\n", name, 1 + fuzz_choose(w->bytes, 3));
    bool rounds = fuzz_choose(w->bytes, 4) == 3;
    put(&w->body, rounds ? "    repeat 2:\n      " : "    ");
    put(&w->body, "%s = tanh(R[j] @ %s + r[-1] * (j == 0) + 0.1 * ", name, name);
    write_expression(w, NA, M, 1 + (int)fuzz_choose(w->bytes, 3));
    put(&w->body, ")\n");
    add_value(w, name, NA, M);
}

static void write_stack_of_states(writer *w, const char *name)
{
    w->stacks |= STACK_OF_STATES;
    put(&w->body, "  %s = tanh(g[0] + ", name);
    write_expression(w, NA, M, 1 + (int)fuzz_choose(w->bytes, 3));
    put(&w->body, ")\n  for j in 0:2:\n    g'[j] = 0.5 * (g[j] + %s) + j\n", name);
    add_value(w, name, NA, M);
}

/* A memory that is read by a key. */
static void write_matrix(writer *w, const char *name)
{
    static const char *const kept[] = {"S", "0.9 * S", "sigmoid(key) * S", "exp(-P**2) * S",
                                       "sigmoid(sum(x, axis=0)) * S"};
    uint32_t k = fuzz_choose(w->bytes, sizeof kept / sizeof *kept);
    bool delta = fuzz_choose(w->bytes, 2) == 1;
    w->memory = MATRIX_MEMORY;
    put(&w->body, "  key = softmax(W_b @ a)\n  content = ");
    write_expression(w, NA, M, (int)fuzz_choose(w->bytes, 3));
    put(&w->body, "\n  S' = %s + outer(key, tanh(content%s))\n", kept[k], delta ? " - S.T @ key" : "");
    put(&w->body, "  %s = %s\n", name,
        fuzz_choose(w->bytes, 2) == 0 ? "S'.T @ key" : "reshape(mean(S' * key, axis=0), n_a)");
    add_value(w, name, NA, M);
}

static void write_heads(writer *w, const char *name)
{
    static const char *const kept[] = {"S", "k0 * S", "sigmoid(Q @ x) * S", "exp(-P**2) * S", "cos(t) * S"};
    static const char *const functions[] = {"", "softmax", "layernorm", "cumsum", "silu", "rmsnorm"};
    uint32_t k = fuzz_choose(w->bytes, sizeof kept / sizeof *kept);
    w->memory = HEADS_MEMORY;
    put(&w->body, "  q0 = Q @ ");
    write_expression(w, NX, M, (int)fuzz_choose(w->bytes, 3));
    put(&w->body, "\n  S' = %s + outer(K @ x, tanh(V @ x))\n", kept[k]);
    put(&w->body, "  o0 = %s(S'.T @ q0)\n", functions[fuzz_choose(w->bytes, sizeof functions / sizeof *functions)]);
    put(&w->body, "  %s = tanh(reshape(%s)[:n_a])\n", name,
        fuzz_choose(w->bytes, 2) == 0 ? "o0, 2 * n_a" : "mean(o0, axis=0), n_a");
    add_value(w, name, NA, M);
}

bool write_statement(writer *w, uint32_t number)
{
    char name[16];
    snprintf(name, sizeof name, "u%u", number);
    switch (fuzz_choose(w->bytes, 7)) {
    case 1:
        return write_rounds(w, name), true;
    case 2:
        return write_loop(w, name), true;
    case 3:
        return (w->stacks & STACK_OF_STATES) == 0 && (write_stack_of_states(w, name), true);
    case 4:
        return w->memory == NO_MEMORY && (write_matrix(w, name), true);
    case 5:
        return w->memory == NO_MEMORY && (write_heads(w, name), true);
    default:
        return false;
    }
}
