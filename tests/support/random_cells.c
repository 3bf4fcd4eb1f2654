#include "support/random_cells.h"

#include "gradtape/random.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_VALUES = 12, MOST_TERMS = 24, TERM_SIZE = 120 };

/* A value of the forward pass and what reaches it. */
typedef struct value {
    char name[16];
    char terms[MOST_TERMS][TERM_SIZE]; /* contributions to its gradient */
    uint32_t term_count;
} value;

typedef struct writer {
    gt_random random;
    value values[MOST_VALUES];
    uint32_t count, states, gates;
    char params[2048], forward[4096], backward[8192];
    char steps[MOST_VALUES]
              [2048]; /* the backward equations of each value, to be written in reverse */
} writer;

__attribute__((format(printf, 3, 4))) static void add(char *text, size_t size, const char *format,
                                                      ...)
{
    size_t length = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(text + length, size - length, format, arguments);
    va_end(arguments);
    if (written < 0 || length + (size_t)written >= size)
        abort();
}
#define ADD(text, ...) add(text, sizeof text, __VA_ARGS__)

static uint32_t below(writer *w, uint32_t count)
{
    return gt_random_bits(&w->random) % count;
}

/* The value before, so that all are read, or any. */
static uint32_t pick(writer *w, bool last)
{
    return last && w->count > 0 ? w->count - 1 : below(w, w->count);
}

__attribute__((format(printf, 3, 4))) static void contribute(writer *w, uint32_t to,
                                                             const char *format, ...)
{
    value *v = &w->values[to];
    if (v->term_count == MOST_TERMS)
        abort();
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(v->terms[v->term_count++], TERM_SIZE, format, arguments);
    va_end(arguments);
}

/* The derivative of an activation, in its value v or its argument u. */
static const char *const functions[] = {"tanh", "sigmoid", "sin", "softplus"};

static void write_slope(char text[64], uint32_t function, const char *v, const char *u)
{
    if (function == 0)
        snprintf(text, 64, "(1 - %s**2)", v);
    else if (function == 1)
        snprintf(text, 64, "%s * (1 - %s)", v, v);
    else
        snprintf(text, 64, "%s(%s)", function == 2 ? "cos" : "sigmoid", u);
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
    ADD(w->forward, "  %s = %s(W%u @ %s + V%u @ x + b%u)\n", name, functions[sigmoid], k, u, k, k);
    char slope[64];
    write_slope(slope, sigmoid, name, "");
    char *own = w->steps[w->count];
    size_t size = sizeof w->steps[0];
    add(own, size, "  d%s_z = d%s * %s\n", name, name, slope);
    add(own, size, "  dW%u = d%s_z @ %s.T\n  dV%u = d%s_z @ x.T\n  db%u = sum(d%s_z, axis=1)\n", k,
        name, u, k, name, k, name);
    contribute(w, from, "W%u.T @ d%s_z", k, name);
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
    uint32_t from = pick(w, true), function = below(w, 4);
    char slope[64];
    ADD(w->forward, "  %s = %s(%s)\n", name, functions[function], w->values[from].name);
    write_slope(slope, function, name, w->values[from].name);
    contribute(w, from, "d%s * %s", name, slope);
}

static void write_value(writer *w)
{
    value *v = &w->values[w->count];
    *v = (value){.name = ""};
    snprintf(v->name, sizeof v->name, "h%u", w->count);
    switch (below(w, 4)) {
    case 0:
    case 1:
        write_gate(w, v->name);
        break;
    case 2:
        write_pair(w, v->name);
        break;
    default:
        write_function(w, v->name);
    }
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

void random_cell(uint32_t seed, char *text, size_t size)
{
    writer *w = calloc(1, sizeof *w);
    if (w == NULL)
        abort();
    gt_random_seed(&w->random, seed);
    write_states(w);
    uint32_t least = w->states + 3, most = w->states + 8;
    for (uint32_t wanted = least + below(w, most - least); w->count < wanted;)
        write_value(w);
    write_next_states(w);
    for (uint32_t i = w->count; i-- > 0;)
        write_gradient(w, i);
    text[0] = '\0';
    add(text, size, "cell random\n  input x[n_x]\n  state a[n_a]%s\n%s%sbackward\n%s",
        w->states > 1 ? ", c[n_a]" : "", w->params, w->forward, w->backward);
    free(w);
}
