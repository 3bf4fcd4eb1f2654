#include "support/random_axes.h"

#include "support/append.h"

#include "gradtape/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a value's sizes are. */
typedef enum sizes { OF_HEAD, OF_KEY, OF_VALUE, OF_MEMORY, SIZES_COUNT } sizes;

static const char *const written[] = {
    [OF_HEAD] = "n_h", [OF_KEY] = "n_h, n_k", [OF_VALUE] = "n_h, n_v", [OF_MEMORY] = "n_h, n_k, n_v"};

enum { MOST_VALUES = 24 };

typedef struct writer {
    gt_random random;
    char names[SIZES_COUNT][MOST_VALUES][8];
    uint32_t counts[SIZES_COUNT], values, parameters;
    char params[4096], forward[8192];
} writer;

static uint32_t below(writer *w, uint32_t count)
{
    return gt_random_bits(&w->random) % count;
}

static void know(writer *w, sizes of, const char *name)
{
    if (w->counts[of] == MOST_VALUES || strlen(name) >= sizeof w->names[0][0])
        abort();
    strcpy(w->names[of][w->counts[of]++], name);
}

/*
 * A form with names for letters: k and K two values of a key's sizes, v and V of a value's, s and S of a
 * memory's, h and H of a head's, and W a new parameter of the sizes behind the bar.
 */
typedef struct form {
    sizes of;
    const char *text, *parameter;
} form;

static const form forms[] = {
    {OF_HEAD, "W @ x", "n_h, n_x"},
    {OF_HEAD, "tanh(sum(k * K, axis=1))", NULL},
    {OF_HEAD, "sigmoid(mean(mean(s, axis=2), axis=1) + W)", "n_h"},
    {OF_HEAD, "h * H - softplus(H)", NULL},
    {OF_KEY, "W @ x", "n_h, n_k, n_x"},
    {OF_KEY, "tanh(W @ k)", "n_h, n_k, n_k"},
    {OF_KEY, "W.T @ v", "n_h, n_v, n_k"},
    {OF_KEY, "s @ v", NULL},
    {OF_KEY, "(s * s) @ (v + V) / 4", NULL},
    {OF_KEY, "k * h + W", "n_h, n_k"},
    {OF_KEY, "exp(-k * W) * K", "n_h, n_k"},
    {OF_KEY, "k * reshape(W, 1, n_k)", "n_k"},
    {OF_KEY, "softmax(k)", NULL},
    {OF_KEY, "layernorm(k + K)", NULL},
    {OF_KEY, "cumsum(k) / 3", NULL},
    {OF_KEY, "k / sqrt(1 + sum(k**2, axis=1))", NULL},
    {OF_KEY, "where(k > K, k, h)", NULL},
    {OF_KEY, "maximum(k, 0.3 * K)", NULL},
    {OF_KEY, "sum(s, axis=2)", NULL},
    {OF_KEY, "concat(k, K)[n_h:]", NULL},
    {OF_KEY, "k - 0.5 * mean(k, axis=2)", NULL},
    {OF_KEY, "k * sigmoid(mean(K, axis=0))", NULL},
    {OF_KEY, "reshape(tanh(reshape(k, n_h * n_k)), n_h, n_k)", NULL},
    {OF_VALUE, "W @ x", "n_h, n_v, n_x"},
    {OF_VALUE, "s.T @ k", NULL},
    {OF_VALUE, "s.T @ (k - s @ v) / 2", NULL},
    {OF_VALUE, "reshape(sum(s, axis=1), n_h, n_v)", NULL},
    {OF_VALUE, "v * sigmoid(V) * h", NULL},
    {OF_VALUE, "W @ k", "n_h, n_v, n_k"},
    {OF_VALUE, "v @ W", "n_v, n_v"},
    {OF_VALUE, "silu(v)", NULL},
    {OF_MEMORY, "h * s + outer(k, v)", NULL},
    {OF_MEMORY, "k * s - outer(s @ v, V)", NULL},
    {OF_MEMORY, "s * reshape(v, n_h, 1, n_v)", NULL},
    {OF_MEMORY, "outer(k * h, v) + S", NULL},
    {OF_MEMORY, "tanh(s + W)", "n_h, n_k"},
    {OF_MEMORY, "s @ W", "n_v, n_v"},
    {OF_MEMORY, "s * reshape(exp(W), 1, n_k, n_v)", "n_k, n_v"},
    {OF_MEMORY, "s - 0.1 * mean(s, axis=3)", NULL},
    {OF_MEMORY, "softmax(s) * S", NULL},
    {OF_MEMORY, "s + sum(S, axis=0) / 2", NULL},
    {OF_MEMORY, "s / (1 + mean(s**2, axis=1))", NULL},
    {OF_MEMORY, "s * tanh(sum(S) / 9)", NULL},
};
enum { FORM_COUNT = sizeof forms / sizeof *forms };

/* The last value of these sizes for a small letter, so that what is computed is read, and any for a capital one. */
static const char *value_of(writer *w, sizes of, bool any)
{
    return w->names[of][any ? below(w, w->counts[of]) : w->counts[of] - 1];
}

static void put_letter(writer *w, const char *letter)
{
    static const char letters[] = "hkvs";
    const char *small = strchr(letters, *letter | 32);
    if (*letter == 'W')
        ADD(w->forward, "W%u", w->parameters);
    else if (small != NULL)
        ADD(w->forward, "%s", value_of(w, (sizes)(small - letters), *letter < 'a'));
    else
        ADD(w->forward, "%c", *letter);
}

static void put_form(writer *w, const form *f)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz_WSKVH";
    if (f->parameter != NULL)
        ADD(w->params, "  param W%u[%s]\n", ++w->parameters, f->parameter);
    for (const char *at = f->text; *at != '\0';) {
        size_t length = strspn(at, letters);
        if (length == 1)
            put_letter(w, at);
        else
            ADD(w->forward, "%.*s", length > 0 ? (int)length : 1, at);
        at += length > 0 ? length : 1;
    }
}

static void write_value(writer *w, sizes of)
{
    const form *f;
    char name[8];
    do
        f = &forms[below(w, FORM_COUNT)];
    while (f->of != of);
    snprintf(name, sizeof name, "u%u", w->values++);
    ADD(w->forward, "  %s = ", name);
    put_form(w, f);
    ADD(w->forward, "\n");
    know(w, of, name);
}

void random_axes_cell(uint32_t seed, char *text, size_t size)
{
    writer *w = calloc(1, sizeof *w);
    if (w == NULL)
        abort();
    gt_random_seed(&w->random, seed);
    know(w, OF_MEMORY, "C");
    know(w, OF_KEY, "n");
    ADD(w->forward, "  q = Wq @ x\n  r = Wr @ x\n  f = sigmoid(Wf @ x)\n");
    know(w, OF_KEY, "q");
    know(w, OF_VALUE, "r");
    know(w, OF_HEAD, "f");
    for (uint32_t wanted = 5 + below(w, 5), i = 0; i < wanted; i++)
        write_value(w, (sizes)below(w, SIZES_COUNT));
    ADD(w->forward, "  C' = tanh(%s + f * outer(%s, %s))\n", value_of(w, OF_MEMORY, false), value_of(w, OF_KEY, true),
        value_of(w, OF_VALUE, false));
    ADD(w->forward, "  n' = tanh(%s)\n", value_of(w, OF_KEY, false));
    ADD(w->forward, "  hidden y = Wy @ reshape((C'.T @ n') * %s, n_h * n_v)\n", value_of(w, OF_HEAD, false));
    text[0] = '\0';
    append(text, size,
           "cell random\n  input x[n_x]\n  state C[%s], n[%s]\n  param Wq[n_h, n_k, n_x], Wr[n_h, n_v, n_x]\n"
           "  param Wf[n_h, n_x], Wy[n_a, n_h * n_v]\n%s%s",
           written[OF_MEMORY], written[OF_KEY], w->params, w->forward);
    free(w);
}
