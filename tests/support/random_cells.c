#include "support/random_cells.h"

#include "support/append.h"

#include "gradtape/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_VALUES = 12, MOST_TERMS = 24, TERM_SIZE = 400 };

/* A value of the forward pass and what reaches it. */
typedef struct value {
    char name[16];
    char terms[MOST_TERMS][TERM_SIZE]; /* contributions to its gradient */
    uint32_t term_count;
} value;

typedef struct writer {
    random_cell_kind kind;
    gt_random random;
    value values[MOST_VALUES];
    uint32_t count, states, gates;
    char params[2048], forward[8192], backward[32768];
    char to_x[1024];               /* what contributes to the gradient of x */
    char steps[MOST_VALUES][2048]; /* the backward equations of each value, to be written in reverse */
} writer;

static uint32_t below(writer *w, uint32_t count)
{
    return gt_random_bits(&w->random) % count;
}

/* The value before, so that all are read, or any. */
static uint32_t pick(writer *w, bool last)
{
    return last && w->count > 0 ? w->count - 1 : below(w, w->count);
}

__attribute__((format(printf, 3, 4))) static void contribute(writer *w, uint32_t to, const char *format, ...)
{
    value *v = &w->values[to];
    if (v->term_count == MOST_TERMS)
        abort();
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(v->terms[v->term_count++], TERM_SIZE, format, arguments);
    va_end(arguments);
}

/* ---- functions ----------------------------------------------------------------------------- */

/*
 * v = f(u) or f(u, w), and what it contributes to du and dw, for any dv. At a kink, and where
 * operands of maximum are equal, the language says what the derivative is.
 */
typedef struct function {
    random_cell_kind kind;
    const char *value, *to_u, *to_w;
} function;

#define CLIPPED "0.25 * ((u < 0.7) + (u <= 0.7)) * ((u > -0.7) + (u >= -0.7))"
#define RUNNING "exp(u - maximum(u, w)) / (exp(u - maximum(u, w)) + exp(w - maximum(u, w)))"

static const function functions[] = {
    {RANDOM_CELL_PLAIN, "tanh(u)", "dv * (1 - v**2)", NULL},
    {RANDOM_CELL_PLAIN, "sigmoid(u)", "dv * v * (1 - v)", NULL},
    {RANDOM_CELL_PLAIN, "sin(u)", "dv * cos(u)", NULL},
    {RANDOM_CELL_PLAIN, "softplus(u)", "dv * sigmoid(u)", NULL},
    {RANDOM_CELL_SMOOTH, "sqrt(1 + u**2)", "dv * u / v", NULL},
    {RANDOM_CELL_SMOOTH, "log(1 + u**2)", "dv * 2 * u / (1 + u**2)", NULL},
    {RANDOM_CELL_SMOOTH, "log(0.5 + softplus(u))", "dv * sigmoid(u) / (0.5 + softplus(u))", NULL},
    {RANDOM_CELL_SMOOTH, "exp(-0.5 * u**2)", "-dv * u * v", NULL},
    {RANDOM_CELL_SMOOTH, "1 / (1 + u**2)", "-2 * dv * u * v**2", NULL},
    {RANDOM_CELL_SMOOTH, "exp(0.1 * tanh(u))", "0.1 * dv * v * (1 - tanh(u)**2)", NULL},
    {RANDOM_CELL_SMOOTH, "u / sqrt(1 + w**2)", "dv / sqrt(1 + w**2)", "-dv * v * w / (1 + w**2)"},
    {RANDOM_CELL_SMOOTH, "u / sqrt(1 + sum(u**2, axis=0))",
     "(dv - v * sum(dv * v, axis=0)) / sqrt(1 + sum(u**2, axis=0))", NULL},
    {RANDOM_CELL_SMOOTH, "layernorm(u)",
     "(dv - mean(dv, axis=0) - v * mean(dv * v, axis=0)) / "
     "sqrt(mean((u - mean(u, axis=0))**2, axis=0) + 1e-5)",
     NULL},
    {RANDOM_CELL_SMOOTH, "softmax(u)", "v * (dv - sum(dv * v, axis=0))", NULL},
    {RANDOM_CELL_SMOOTH, "u - 0.5 * mean(u, axis=1)", "dv - 0.5 * mean(dv, axis=1)", NULL},
    {RANDOM_CELL_SMOOTH_ONCE, "u / (1 + abs(u))", "dv / (1 + abs(u))**2", NULL},
    {RANDOM_CELL_SMOOTH_ONCE, "where(u > 0, u, exp(minimum(u, 0)) - 1)",
     "dv * where(u > 0, 1, 0.5 * ((u < 0) + (u <= 0)) * exp(minimum(u, 0)))", NULL},
    {RANDOM_CELL_SMOOTH_ONCE, "relu(u)**2", "dv * 2 * relu(u)", NULL},
    {RANDOM_CELL_SMOOTH_ONCE, "relu(u) + 0.5 * (exp(-2 * relu(-u)) - 1)",
     "dv * where(u > 0, 1, exp(-2 * relu(-u)) * (u < 0))", NULL},
    {RANDOM_CELL_SMOOTH_ONCE, "abs(u)**3", "dv * 3 * u * abs(u)", NULL},
    {RANDOM_CELL_SMOOTH_ONCE, "where(abs(u) <= 0.5, 0.5 * u**2, 0.5 * (abs(u) - 0.25))",
     "dv * where(abs(u) <= 0.5, u, 0.5 * ((u > 0) - (u < 0)))", NULL},
    {RANDOM_CELL_SMOOTH_ONCE, RUNNING, "dv * v * (1 - v)", "-dv * v * (1 - v)"},
    {RANDOM_CELL_KINKED, "relu(u)", "dv * (u > 0)", NULL},
    {RANDOM_CELL_KINKED, "abs(u)", "dv * ((u > 0) - (u < 0))", NULL},
    {RANDOM_CELL_KINKED, "maximum(minimum(u, 0.7), -0.7)", "dv * " CLIPPED, NULL},
    {RANDOM_CELL_KINKED, "where(u > 0, u, 0.1 * u)", "dv * where(u > 0, 1, 0.1)", NULL},
    {RANDOM_CELL_KINKED, "maximum(u, w)", "dv * 0.5 * ((u > w) + (u >= w))", "dv * 0.5 * ((w > u) + (w >= u))"},
    {RANDOM_CELL_KINKED, "minimum(u, w)", "dv * 0.5 * ((u < w) + (u <= w))", "dv * 0.5 * ((w < u) + (w <= u))"},
    {RANDOM_CELL_WILD, "sin(3 * u)", "3 * dv * cos(3 * u)", NULL},
    {RANDOM_CELL_WILD, "sin(10 * u)", "10 * dv * cos(10 * u)", NULL},
    {RANDOM_CELL_WILD, "sin(30 * u)", "30 * dv * cos(30 * u)", NULL},
    {RANDOM_CELL_WILD, "u + 0.01 * sin(100 * u)", "dv * (1 + cos(100 * u))", NULL},
    {RANDOM_CELL_WILD, "exp(-50 * u**2)", "-100 * dv * u * v", NULL},
    {RANDOM_CELL_WILD, "tanh(20 * u)", "20 * dv * (1 - v**2)", NULL},
    {RANDOM_CELL_WILD, "where(u > 0.2, u, w)", "where(u > 0.2, dv, 0)", "where(u > 0.2, 0, dv)"},
};
enum { FUNCTION_COUNT = sizeof functions / sizeof *functions };

/* Copies a formula with the names v, u and w replaced, and dv by the gradient of v. */
static void expand(char *text, size_t size, const char *formula, const char *const names[3])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    text[0] = '\0';
    while (*formula != '\0') {
        size_t length = strspn(formula, letters);
        const char *name = length == 2 && formula[0] == 'd' ? formula + 1 : formula;
        const char *found = strchr("vuw", *name);
        if (length > 0 && found != NULL && length == (size_t)(name - formula) + 1)
            append(text, size, "%s%s", name > formula ? "d" : "", names[found - "vuw"]);
        else
            append(text, size, "%.*s", length > 0 ? (int)length : 1, formula);
        formula += length > 0 ? length : 1;
    }
}

/* One of the kind of the cell half of the time, else a plain or smooth one. */
static const function *pick_function(writer *w)
{
    if (w->kind == RANDOM_CELL_PLAIN)
        return &functions[below(w, 4)];
    bool own = below(w, 2) == 0;
    for (;;) {
        const function *f = &functions[below(w, FUNCTION_COUNT)];
        if (own ? f->kind == w->kind : f->kind <= RANDOM_CELL_SMOOTH)
            return f;
    }
}

/* ---- equations ----------------------------------------------------------------------------- */

/*
 * Contributions are added while writing forward: they stand for the equation's own gradient dV, so
 * the order in which they are used, in reverse, is free.
 */
static void write_gate(writer *w, const char *name)
{
    uint32_t k = w->gates++, from = pick(w, true), sigmoid = below(w, 2);
    const char *u = w->values[from].name;
    ADD(w->params, "  param W%u[n_a, n_a], V%u[n_a, n_x], b%u[n_a]\n", k, k, k);
    ADD(w->forward, "  %s = %s(W%u @ %s + V%u @ x + b%u)\n", name, sigmoid ? "sigmoid" : "tanh", k, u, k, k);
    char change[TERM_SIZE];
    expand(change, sizeof change, functions[sigmoid].to_u, (const char *[]){name, u, u});
    char *own = w->steps[w->count];
    size_t size = sizeof w->steps[0];
    append(own, size, "  d%s_z = %s\n", name, change);
    append(own, size, "  dW%u = d%s_z @ %s.T\n  dV%u = d%s_z @ x.T\n  db%u = sum(d%s_z, axis=1)\n", k, name, u, k, name,
           k, name);
    contribute(w, from, "W%u.T @ d%s_z", k, name);
    ADD(w->to_x, " + V%u.T @ d%s_z", k, name);
}

/* What goes into an activation that comes next. */
static void write_sum(writer *w, const char *name)
{
    uint32_t k = w->gates++, from = pick(w, true);
    const char *u = w->values[from].name;
    ADD(w->params, "  param W%u[n_a, n_a], V%u[n_a, n_x], b%u[n_a]\n", k, k, k);
    ADD(w->forward, "  %s = W%u @ %s + V%u @ x + b%u\n", name, k, u, k, k);
    append(w->steps[w->count], sizeof w->steps[0],
           "  dW%u = d%s @ %s.T\n  dV%u = d%s @ x.T\n  db%u = sum(d%s, axis=1)\n", k, name, u, k, name, k, name);
    contribute(w, from, "W%u.T @ d%s", k, name);
    ADD(w->to_x, " + V%u.T @ d%s", k, name);
}

static void write_pair(writer *w, const char *name)
{
    uint32_t i = pick(w, true), j = pick(w, false);
    const char *a = w->values[i].name, *b = w->values[j].name;
    switch (below(w, 3)) {
    case 0:
        ADD(w->forward, "  %s = %s * %s\n", name, a, b);
        contribute(w, i, "d%s * %s", name, b);
        contribute(w, j, "d%s * %s", name, a);
        break;
    case 1:
        ADD(w->forward, "  %s = %s - 0.5 * %s\n", name, a, b);
        contribute(w, i, "d%s", name);
        contribute(w, j, "-0.5 * d%s", name);
        break;
    default: {
        uint32_t k = below(w, w->count);
        const char *g = w->values[k].name;
        ADD(w->forward, "  %s = %s * %s + (1 - %s) * %s\n", name, g, a, g, b);
        contribute(w, k, "d%s * (%s - %s)", name, a, b);
        contribute(w, i, "d%s * %s", name, g);
        contribute(w, j, "d%s * (1 - %s)", name, g);
    }
    }
}

static void write_function(writer *w, const char *name)
{
    uint32_t from = pick(w, true);
    const function *f = pick_function(w);
    uint32_t other = f->to_w != NULL ? below(w, w->count) : from;
    const char *const names[] = {name, w->values[from].name, w->values[other].name};
    char text[TERM_SIZE];
    expand(text, sizeof text, f->value, names);
    ADD(w->forward, "  %s = %s\n", name, text);
    expand(text, sizeof text, f->to_u, names);
    contribute(w, from, "%s", text);
    if (f->to_w == NULL)
        return;
    expand(text, sizeof text, f->to_w, names);
    contribute(w, other, "%s", text);
}

static void write_value(writer *w)
{
    value *v = &w->values[w->count];
    *v = (value){.name = ""};
    snprintf(v->name, sizeof v->name, "h%u", w->count);
    uint32_t what = below(w, 4);
    if (what <= 1 && w->kind != RANDOM_CELL_PLAIN && below(w, 2) == 0)
        write_sum(w, v->name);
    else if (what <= 1)
        write_gate(w, v->name);
    else if (what == 2 && (w->kind == RANDOM_CELL_PLAIN || below(w, 2) == 0))
        write_pair(w, v->name);
    else
        write_function(w, v->name);
    w->count++;
}

/* ---- the cell ------------------------------------------------------------------------------ */

static void write_states(writer *w)
{
    w->states = 1 + below(w, 2);
    for (; w->count < w->states; w->count++) {
        w->values[w->count] = (value){.name = ""};
        snprintf(w->values[w->count].name, sizeof w->values[0].name, w->count == 0 ? "a" : "c");
    }
}

/* Each next state is the last value or another one, squashed so that sequences stay finite. */
static void write_next_states(writer *w)
{
    for (uint32_t s = 0; s < w->states; s++) {
        uint32_t from = w->count - 1 - s;
        const char *state = w->values[s].name, *v = w->values[from].name;
        ADD(w->forward, "  %s' = tanh(%s)\n", state, v);
        contribute(w, from, "d%s' * (1 - %s'**2)", state, state);
    }
}

static void write_gradient(writer *w, uint32_t i)
{
    const value *v = &w->values[i];
    ADD(w->backward, "  d%s = ", v->name);
    for (uint32_t k = 0; k < v->term_count; k++) {
        const char *term = v->terms[k];
        bool negative = term[0] == '-' && k > 0;
        ADD(w->backward, "%s%s", k == 0 ? "" : negative ? " - " : " + ", term + negative);
    }
    ADD(w->backward, "%s\n%s", v->term_count == 0 ? "0 * a" : "", w->steps[i]);
}

const char *random_cell_kind_name(random_cell_kind kind)
{
    static const char *const names[] = {"plain", "smooth", "smooth once", "kinked", "wild"};
    return names[kind];
}

void random_cell(random_cell_kind kind, uint32_t seed, char *text, size_t size)
{
    writer *w = calloc(1, sizeof *w);
    if (w == NULL)
        abort();
    w->kind = kind;
    gt_random_seed(&w->random, seed + 0x9e3779b9u * (uint32_t)kind);
    write_states(w);
    uint32_t least = w->states + 3, most = w->states + 8;
    for (uint32_t wanted = least + below(w, most - least); w->count < wanted;)
        write_value(w);
    write_next_states(w);
    for (uint32_t i = w->count; i-- > 0;)
        write_gradient(w, i);
    if (kind != RANDOM_CELL_PLAIN)
        ADD(w->backward, "  dx = 0 * x%s\n", w->to_x);
    text[0] = '\0';
    append(text, size, "cell random\n  input x[n_x]\n  state a[n_a]%s\n%s%sbackward\n%s",
           w->states > 1 ? ", c[n_a]" : "", w->params, w->forward, w->backward);
    free(w);
}
