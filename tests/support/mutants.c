#include "support/mutants.h"

#include "lang/copy.h"
#include "lang/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef gt_lang_expression expression;

/* An expression with those above it. */
typedef struct path {
    const struct path *up;
    expression *node;
} path;

typedef struct planter {
    const gt_lang_file *file;
    const gt_lang_cell *cell;
    gt_pool pool;
    uint32_t equation;
    mutant_visit *visit;
    void *context;
    uint32_t count;
    /* The equations that were planted in the place of the present one. */
    char planted[256][512];
    uint32_t planted_count;
} planter;

/* ---- planting ------------------------------------------------------------------------------ */

static const gt_lang_equation *current(const planter *p)
{
    return &p->cell->backward[p->equation];
}

static void emit(planter *p, gt_mistake_kind kind, const expression *value)
{
    const gt_lang_equation *e = current(p);
    mutant m = {.kind = kind, .equation = p->equation, .line = e->place.line, .name = e->name};
    char right[480];
    gt_lang_print(value, right, sizeof right);
    snprintf(m.after, sizeof m.after, "%.24s = %s", e->name, right);
    gt_lang_print(e->value, right, sizeof right);
    snprintf(m.before, sizeof m.before, "%.24s = %s", e->name, right);
    if (strcmp(m.before, m.after) == 0)
        return;
    for (uint32_t i = 0; i < p->planted_count; i++)
        if (strcmp(p->planted[i], m.after) == 0)
            return;
    if (p->planted_count < sizeof p->planted / sizeof p->planted[0])
        strcpy(p->planted[p->planted_count++], m.after);
    size_t length = strlen(m.after), end = e->place.offset + e->place.length;
    m.size = p->file->size - e->place.length + length;
    char *text = malloc(m.size + 1);
    if (text == NULL)
        abort();
    memcpy(text, p->file->text, e->place.offset);
    memcpy(text + e->place.offset, m.after, length);
    memcpy(text + e->place.offset + length, p->file->text + end, p->file->size - end);
    text[m.size] = '\0';
    m.text = text;
    p->count++;
    p->visit(p->context, &m);
    free(text);
}

static void plant(planter *p, gt_mistake_kind kind, const expression *old, expression *replacement)
{
    emit(p, kind, gt_lang_copy_with(&p->pool, current(p)->value, old, replacement));
}

static expression *number(planter *p, double value)
{
    return gt_lang_new_number(&p->pool, value, current(p)->place);
}

static expression *name(planter *p, const char *text)
{
    return gt_lang_new_name(&p->pool, text, current(p)->place);
}

static expression *binary(planter *p, gt_lang_operation operation, expression *a, expression *b)
{
    return gt_lang_new_binary(&p->pool, operation, a, b);
}

/* ---- looking ------------------------------------------------------------------------------- */

static bool is_binary(const expression *x, gt_lang_operation operation)
{
    return x != NULL && x->kind == GT_LANG_BINARY && x->operation == operation;
}

static bool is_sum(const expression *x)
{
    return is_binary(x, GT_LANG_ADD) || is_binary(x, GT_LANG_SUBTRACT);
}

static bool is_number(const expression *x, double value)
{
    return x->kind == GT_LANG_NUMBER && x->number == value;
}

static bool is_name(const expression *x, const char *text)
{
    return x->kind == GT_LANG_NAME && strcmp(x->name, text) == 0;
}

static const gt_lang_equation *forward(const planter *p, const char *text)
{
    for (uint32_t i = 0; i < p->cell->equation_count; i++)
        if (strcmp(p->cell->equations[i].name, text) == 0)
            return &p->cell->equations[i];
    return NULL;
}

static bool is_activation(const expression *x)
{
    return x->kind == GT_LANG_CALL && (x->function == GT_LANG_TANH || x->function == GT_LANG_SIGMOID);
}

/* The call that defines the name, if it is an activation alone. */
static const expression *gate(const planter *p, const char *text)
{
    const gt_lang_equation *e = forward(p, text);
    return e != NULL && e->target == GT_LANG_LOCAL && is_activation(e->value) ? e->value : NULL;
}

static const gt_lang_declaration *declared(const planter *p, const char *text, gt_lang_role role)
{
    for (uint32_t i = 0; i < p->cell->declaration_count; i++)
        if (p->cell->declarations[i].role == role && strcmp(p->cell->declarations[i].name, text) == 0)
            return &p->cell->declarations[i];
    return NULL;
}

static bool mentions(const expression *x, const char *text)
{
    if (x == NULL)
        return false;
    if (is_name(x, text))
        return true;
    for (uint32_t i = 0; i < x->argument_count; i++)
        if (mentions(x->arguments[i], text))
            return true;
    return false;
}

static bool has_product(const expression *x)
{
    if (is_binary(x, GT_LANG_MATMUL))
        return true;
    for (uint32_t i = 0; i < x->argument_count; i++)
        if (has_product(x->arguments[i]))
            return true;
    return false;
}

/* E of 1 - E**2 */
static expression *of_tanh(const expression *x)
{
    if (!is_binary(x, GT_LANG_SUBTRACT) || !is_number(x->arguments[0], 1) || !is_binary(x->arguments[1], GT_LANG_POWER))
        return NULL;
    return x->arguments[1]->arguments[0];
}

/* E of 1 - E, where that is the half of a sigmoid's derivative */
static expression *of_sigmoid(const planter *p, const expression *x)
{
    if (!is_binary(x, GT_LANG_SUBTRACT) || !is_number(x->arguments[0], 1))
        return NULL;
    expression *e = x->arguments[1];
    return e->kind == GT_LANG_NAME && gate(p, e->name) != NULL ? e : NULL;
}

/* ---- products as lists --------------------------------------------------------------------- */

typedef struct chain {
    expression *factors[16];
    uint32_t count;
} chain;

static void flatten(expression *x, chain *c)
{
    if (is_binary(x, GT_LANG_MULTIPLY)) {
        flatten(x->arguments[0], c);
        flatten(x->arguments[1], c);
    } else if (c->count < 16) {
        c->factors[c->count++] = x;
    }
}

static expression *product(planter *p, const chain *c)
{
    expression *x = c->factors[0];
    for (uint32_t i = 1; i < c->count; i++)
        x = binary(p, GT_LANG_MULTIPLY, x, c->factors[i]);
    return x;
}

static chain without(const chain *c, uint32_t i, uint32_t j)
{
    chain rest = {.count = 0};
    for (uint32_t k = 0; k < c->count; k++)
        if (k != i && k != j)
            rest.factors[rest.count++] = c->factors[k];
    return rest;
}

static chain with(const chain *c, expression *a, expression *b)
{
    chain more = *c;
    more.factors[more.count++] = a;
    if (b != NULL)
        more.factors[more.count++] = b;
    return more;
}

/* ---- sums: signs, factors, terms ----------------------------------------------------------- */

/* Such a local holds all that reaches the new value of a state: s = dc' + ... */
static bool gathers_state(const planter *p, const char *text)
{
    for (uint32_t i = 0; i < p->cell->backward_count; i++) {
        if (strcmp(p->cell->backward[i].name, text) != 0)
            continue;
        const expression *x = p->cell->backward[i].value;
        while (is_sum(x)) {
            const expression *right = x->arguments[1];
            if (right->kind == GT_LANG_NAME && right->name[strlen(right->name) - 1] == '\'')
                return true;
            x = x->arguments[0];
        }
        return x->kind == GT_LANG_NAME && x->name[0] == 'd' && x->name[strlen(x->name) - 1] == '\'';
    }
    return false;
}

/* It hands on what reaches a state: dS', or such a local, is in it, and no weight. */
static bool comes_through_state(const planter *p, const expression *x)
{
    if (has_product(x))
        return false;
    for (uint32_t i = 0; i < p->cell->declaration_count; i++) {
        char upstream[GT_LANG_MAX_NAME + 4];
        snprintf(upstream, sizeof upstream, "d%s'", p->cell->declarations[i].name);
        if (p->cell->declarations[i].role == GT_LANG_STATE && mentions(x, upstream))
            return true;
    }
    for (uint32_t i = 0; i < p->equation; i++)
        if (gathers_state(p, p->cell->backward[i].name) && mentions(x, p->cell->backward[i].name))
            return true;
    return false;
}

static void plant_in_sum(planter *p, expression *x)
{
    expression *a = x->arguments[0], *b = x->arguments[1];
    bool add = x->operation == GT_LANG_ADD;
    plant(p, GT_MISTAKE_SIGN, x, binary(p, add ? GT_LANG_SUBTRACT : GT_LANG_ADD, a, b));
    if (a->kind == GT_LANG_NUMBER)
        return; /* 1 - v: its pieces are dealt with as a derivative */
    gt_mistake_kind missing = comes_through_state(p, b) ? GT_MISTAKE_MISSING_STATE : GT_MISTAKE_MISSING_TERM;
    plant(p, missing, x, a);
    plant(p, GT_MISTAKE_FACTOR, b, binary(p, GT_LANG_MULTIPLY, number(p, 2), b));
    if (is_sum(a)) /* its own terms are dealt with there */
        return;
    missing = comes_through_state(p, a) ? GT_MISTAKE_MISSING_STATE : GT_MISTAKE_MISSING_TERM;
    plant(p, missing, x, add ? b : gt_lang_new_negation(&p->pool, b));
    plant(p, GT_MISTAKE_FACTOR, a, binary(p, GT_LANG_MULTIPLY, number(p, 0.5), a));
    plant(p, GT_MISTAKE_SIGN, a, gt_lang_new_negation(&p->pool, a));
}

static void plant_in_whole(planter *p)
{
    expression *x = current(p)->value;
    plant(p, GT_MISTAKE_SIGN, x, gt_lang_new_negation(&p->pool, x));
    plant(p, GT_MISTAKE_FACTOR, x, binary(p, GT_LANG_MULTIPLY, number(p, 2), x));
    plant(p, GT_MISTAKE_FACTOR, x, binary(p, GT_LANG_DIVIDE, x, number(p, 3)));
    plant(p, GT_MISTAKE_TRANSPOSED, x, gt_lang_new_transpose(&p->pool, x));
}

/* ---- products: derivatives ----------------------------------------------------------------- */

/* The other half of E * (1 - E). */
static uint32_t partner(const chain *c, const expression *e, uint32_t self)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (i != self && gt_lang_equal(c->factors[i], e))
            return i;
    return self;
}

static void plant_with_other_gates(planter *p, expression *x, const chain *rest, const char *own)
{
    for (uint32_t i = 0; i < p->cell->equation_count; i++) {
        const char *other = p->cell->equations[i].name;
        const expression *call = gate(p, other);
        if (call == NULL || strcmp(other, own) == 0 || call->function != gate(p, own)->function)
            continue;
        chain more = with(rest, name(p, other), binary(p, GT_LANG_SUBTRACT, number(p, 1), name(p, other)));
        plant(p, GT_MISTAKE_WRONG_ACTIVATION, x, product(p, &more));
    }
}

static void plant_in_sigmoid(planter *p, expression *x, const chain *c, uint32_t half)
{
    expression *e = c->factors[half]->arguments[1];
    uint32_t other = partner(c, e, half);
    if (other == half)
        return; /* such as da' * (1 - u): no derivative */
    chain rest = without(c, half, other), one = without(c, half, half);
    chain twice = with(c, e, c->factors[half]);
    if (rest.count > 0)
        plant(p, GT_MISTAKE_MISSING_DERIVATIVE, x, product(p, &rest));
    plant(p, GT_MISTAKE_MISSING_DERIVATIVE, x, product(p, &one));
    plant(p, GT_MISTAKE_DERIVATIVE_TWICE, x, product(p, &twice));
    /* the derivative of tanh for that of sigmoid */
    chain as_tanh =
        with(&rest, binary(p, GT_LANG_SUBTRACT, number(p, 1), binary(p, GT_LANG_POWER, e, number(p, 2))), NULL);
    plant(p, GT_MISTAKE_WRONG_ACTIVATION, x, product(p, &as_tanh));
    /* v * (1 - v) at what goes into the activation */
    expression *argument = gate(p, e->name)->arguments[0];
    chain wrong = with(&rest, argument, binary(p, GT_LANG_SUBTRACT, number(p, 1), argument));
    plant(p, GT_MISTAKE_WRONG_ARGUMENT, x, product(p, &wrong));
    plant_with_other_gates(p, x, &rest, e->name);
}

static void plant_in_tanh(planter *p, expression *x, const chain *c, uint32_t place)
{
    expression *slope = c->factors[place], *e = of_tanh(slope);
    chain rest = without(c, place, place), twice = with(c, slope, NULL), squared = *c;
    if (rest.count > 0)
        plant(p, GT_MISTAKE_MISSING_DERIVATIVE, x, product(p, &rest));
    plant(p, GT_MISTAKE_DERIVATIVE_TWICE, x, product(p, &twice));
    squared.factors[place] = binary(p, GT_LANG_POWER, slope, number(p, 2));
    plant(p, GT_MISTAKE_DERIVATIVE_TWICE, x, product(p, &squared));
    const expression *call = e->kind == GT_LANG_NAME ? gate(p, e->name) : e;
    if (call != NULL && call->kind == GT_LANG_CALL && call->function == GT_LANG_TANH) {
        chain wrong = *c;
        wrong.factors[place] =
            binary(p, GT_LANG_SUBTRACT, number(p, 1), binary(p, GT_LANG_POWER, call->arguments[0], number(p, 2)));
        plant(p, GT_MISTAKE_WRONG_ARGUMENT, x, product(p, &wrong));
    }
    chain as_sigmoid = with(&rest, e, binary(p, GT_LANG_SUBTRACT, number(p, 1), e));
    plant(p, GT_MISTAKE_WRONG_ACTIVATION, x, product(p, &as_sigmoid));
}

static void plant_in_product(planter *p, expression *x)
{
    chain c = {.count = 0};
    flatten(x, &c);
    for (uint32_t i = 0; i < c.count; i++) {
        if (of_sigmoid(p, c.factors[i]) != NULL)
            plant_in_sigmoid(p, x, &c, i);
        if (of_tanh(c.factors[i]) != NULL)
            plant_in_tanh(p, x, &c, i);
    }
}

/* ---- names: gates, states ------------------------------------------------------------------ */

/* Names that differ in one letter, the gate: df_z and di_z, Wf and Wi. */
static bool alike(const char *a, const char *b)
{
    size_t n = strlen(a);
    if (n != strlen(b) || strcmp(a, b) == 0)
        return false;
    uint32_t different = 0;
    for (size_t i = 0; i < n; i++)
        different += a[i] != b[i];
    return different == 1;
}

static void plant_other_gradients(planter *p, expression *x)
{
    bool local = false;
    if (x->name[0] == 'd' && declared(p, x->name + 1, GT_LANG_PARAMETER) != NULL)
        return;
    for (uint32_t i = 0; i < p->equation; i++)
        local = local || (x->name[0] == 'd' && strcmp(p->cell->backward[i].name, x->name) == 0);
    for (uint32_t i = 0; i < p->equation && local; i++)
        if (alike(p->cell->backward[i].name, x->name) &&
            declared(p, p->cell->backward[i].name + 1, GT_LANG_PARAMETER) == NULL)
            plant(p, GT_MISTAKE_SWAPPED_GATES, x, name(p, p->cell->backward[i].name));
    for (uint32_t i = 0; i < p->cell->declaration_count; i++) {
        const gt_lang_declaration *d = &p->cell->declarations[i], *own = declared(p, x->name, GT_LANG_PARAMETER);
        if (own == NULL || d->role != GT_LANG_PARAMETER || !alike(d->name, x->name))
            continue;
        if (own->columns == NULL ? d->columns == NULL : d->columns != NULL && gt_lang_equal(own->columns, d->columns))
            plant(p, GT_MISTAKE_SWAPPED_GATES, x, name(p, d->name));
    }
}

static void plant_other_states(planter *p, expression *x)
{
    size_t n = strlen(x->name);
    char other[GT_LANG_MAX_NAME + 4];
    if (declared(p, x->name, GT_LANG_STATE) != NULL) {
        snprintf(other, sizeof other, "%s'", x->name);
        plant(p, GT_MISTAKE_OFF_BY_ONE_STEP, x, name(p, other));
    } else if (forward(p, x->name) != NULL && x->name[n - 1] == '\'') {
        snprintf(other, sizeof other, "%.*s", (int)(n - 1), x->name);
        plant(p, GT_MISTAKE_OLD_STATE, x, name(p, other));
    }
}

/* The input of a weight with the new state in it. */
static void plant_shifted(planter *p, expression *x)
{
    const gt_lang_equation *e = forward(p, x->name);
    if (e == NULL || e->target != GT_LANG_LOCAL || e->value->kind != GT_LANG_CALL ||
        e->value->function != GT_LANG_CONCAT)
        return;
    for (uint32_t i = 0; i < e->value->argument_count; i++) {
        const expression *part = e->value->arguments[i];
        char next[GT_LANG_MAX_NAME + 4];
        if (part->kind != GT_LANG_NAME || declared(p, part->name, GT_LANG_STATE) == NULL)
            continue;
        snprintf(next, sizeof next, "%s'", part->name);
        plant(p, GT_MISTAKE_OFF_BY_ONE_STEP, x, gt_lang_copy_with(&p->pool, e->value, part, name(p, next)));
    }
}

static void plant_in_name(planter *p, const path *at)
{
    expression *x = at->node;
    plant_other_states(p, x);
    plant_shifted(p, x);
    plant_other_gradients(p, x);
    if (gate(p, x->name) == NULL)
        return;
    for (uint32_t i = 0; i < p->cell->equation_count; i++) {
        const char *other = p->cell->equations[i].name;
        if (gate(p, other) != NULL && strcmp(other, x->name) != 0)
            plant(p, GT_MISTAKE_WRONG_ACTIVATION, x, name(p, other));
    }
}

/* ---- matrices ------------------------------------------------------------------------------ */

static void plant_in_matmul(planter *p, expression *x)
{
    expression *a = x->arguments[0], *b = x->arguments[1];
    plant(p, GT_MISTAKE_TRANSPOSED, x, binary(p, GT_LANG_MATMUL, b, a));
    for (unsigned i = 0; i < 2; i++) {
        expression *side = x->arguments[i];
        expression *turned =
            side->kind == GT_LANG_TRANSPOSE ? side->arguments[0] : gt_lang_new_transpose(&p->pool, side);
        plant(p, GT_MISTAKE_TRANSPOSED, side, turned);
    }
    /* a.T @ b for a @ b.T, and the other way */
    if ((a->kind == GT_LANG_TRANSPOSE) != (b->kind == GT_LANG_TRANSPOSE)) {
        expression *left = a->kind == GT_LANG_TRANSPOSE ? a->arguments[0] : gt_lang_new_transpose(&p->pool, a);
        expression *right = b->kind == GT_LANG_TRANSPOSE ? b->arguments[0] : gt_lang_new_transpose(&p->pool, b);
        plant(p, GT_MISTAKE_TRANSPOSED, x, binary(p, GT_LANG_MATMUL, left, right));
    }
    if (b->kind == GT_LANG_TRANSPOSE) /* a product over the batch, divided by its size */
        plant(p, GT_MISTAKE_MEAN, x, binary(p, GT_LANG_DIVIDE, x, name(p, "m")));
}

static void plant_in_slice(planter *p, expression *x)
{
    for (unsigned axis = 0; axis < x->axis_count; axis++) {
        expression *from = x->bounds[2 * axis], *to = x->bounds[2 * axis + 1];
        if ((from == NULL) == (to == NULL))
            continue;
        expression *other = gt_lang_copy(&p->pool, x);
        other->bounds[2 * axis] = to;
        other->bounds[2 * axis + 1] = from;
        plant(p, GT_MISTAKE_WRONG_SLICE, x, other);
    }
    plant(p, GT_MISTAKE_WRONG_SLICE, x, x->arguments[0]);
}

/* The parameter whose gradient the equation gives enters the forward pass by addition alone. */
static bool is_bias(const planter *p)
{
    const char *parameter = current(p)->name + 1;
    return parameter[0] == 'b' && declared(p, parameter, GT_LANG_PARAMETER) != NULL;
}

static void plant_in_reduction(planter *p, expression *x)
{
    expression *mean = gt_lang_copy(&p->pool, x), *other = gt_lang_copy(&p->pool, x);
    plant(p, is_bias(p) ? GT_MISTAKE_BIAS_SUM : GT_MISTAKE_BATCH_SUM, x, x->arguments[0]);
    mean->function = GT_LANG_MEAN;
    if (x->axis >= 1)
        plant(p, GT_MISTAKE_MEAN, x, mean);
    other->axis = x->axis == 0 ? 1 : x->axis - 1;
    plant(p, is_bias(p) ? GT_MISTAKE_BIAS_SUM : GT_MISTAKE_BATCH_SUM, x, other);
}

/* ---- several sizes ------------------------------------------------------------------------- */

/* The outer product the wrong way round, and entries without the sizes that they are to have. */
static void plant_in_call(planter *p, expression *x)
{
    if (x->function == GT_LANG_RESHAPE)
        plant(p, GT_MISTAKE_RESHAPE, x, x->arguments[0]);
    if (x->function != GT_LANG_OUTER)
        return;
    expression *exchanged[] = {x->arguments[1], x->arguments[0]};
    plant(p, GT_MISTAKE_TRANSPOSED, x, gt_lang_new_call(&p->pool, GT_LANG_OUTER, exchanged, 2));
}

/* ---- parentheses --------------------------------------------------------------------------- */

/*
 * Parentheses around a sum inside a product forgotten: the sum comes apart, what
 * stands before goes with its first term and what stands behind with its last.
 */
static void plant_in_parentheses(planter *p, const path *at)
{
    expression *x = at->node, *parent = at->up == NULL ? NULL : at->up->node;
    bool left = parent != NULL && parent->argument_count == 2 && parent->arguments[0] == x;
    if (!is_sum(x) || parent == NULL || parent->kind != GT_LANG_BINARY || is_sum(parent))
        return;
    expression *first = x->arguments[0], *last = x->arguments[1];
    if (left)
        last = binary(p, parent->operation, last, parent->arguments[1]);
    else
        first = binary(p, parent->operation, parent->arguments[0], first);
    const path *top = at->up;
    /* Products that go on to the right take the last term with them. */
    while (top->up != NULL && top->up->node->kind == GT_LANG_BINARY && !is_sum(top->up->node) &&
           top->up->node->arguments[0] == top->node) {
        last = binary(p, top->up->node->operation, last, top->up->node->arguments[1]);
        top = top->up;
    }
    expression *opened = binary(p, x->operation, first, last);
    plant(p, GT_MISTAKE_PARENTHESES, top->node, opened);
}

/* a + b * c with the sum covered: (a + b) * c. */
static void plant_covered(planter *p, expression *x)
{
    expression *a = x->arguments[0], *b = x->arguments[1];
    if (is_binary(b, GT_LANG_MULTIPLY) && a->kind != GT_LANG_NUMBER)
        plant(p, GT_MISTAKE_PARENTHESES, x,
              binary(p, GT_LANG_MULTIPLY, binary(p, x->operation, a, b->arguments[0]), b->arguments[1]));
    if (is_binary(b, GT_LANG_POWER))
        plant(p, GT_MISTAKE_PARENTHESES, x,
              binary(p, GT_LANG_POWER, binary(p, x->operation, a, b->arguments[0]), b->arguments[1]));
    if (is_binary(a, GT_LANG_MULTIPLY))
        plant(p, GT_MISTAKE_PARENTHESES, x,
              binary(p, GT_LANG_MULTIPLY, a->arguments[0], binary(p, x->operation, a->arguments[1], b)));
}

/* ---- two names exchanged ------------------------------------------------------------------- */

static void collect_names(expression *x, chain *names)
{
    if (x->kind == GT_LANG_NAME) {
        bool known = false;
        for (uint32_t i = 0; i < names->count; i++)
            known = known || strcmp(names->factors[i]->name, x->name) == 0;
        if (!known && names->count < 16)
            names->factors[names->count++] = x;
    }
    for (uint32_t i = 0; i < x->argument_count; i++)
        collect_names(x->arguments[i], names);
}

static void rename_all(expression *x, const char *a, const char *b)
{
    if (x->kind == GT_LANG_NAME && (strcmp(x->name, a) == 0 || strcmp(x->name, b) == 0))
        x->name = strcmp(x->name, a) == 0 ? b : a;
    for (uint32_t i = 0; i < x->argument_count; i++)
        rename_all(x->arguments[i], a, b);
}

/* The gradients or the weights of two gates in one equation. */
static void plant_exchanges(planter *p)
{
    chain names = {.count = 0};
    collect_names(current(p)->value, &names);
    for (uint32_t i = 0; i < names.count; i++)
        for (uint32_t j = i + 1; j < names.count; j++) {
            const char *a = names.factors[i]->name, *b = names.factors[j]->name;
            bool weights = declared(p, a, GT_LANG_PARAMETER) && declared(p, b, GT_LANG_PARAMETER);
            bool gradients = a[0] == 'd' && b[0] == 'd' && strlen(a) > 2;
            bool gates = gate(p, a) != NULL && gate(p, b) != NULL;
            if (!(gates || ((weights || gradients) && alike(a, b))))
                continue;
            expression *changed = gt_lang_copy(&p->pool, current(p)->value);
            rename_all(changed, a, b);
            emit(p, GT_MISTAKE_SWAPPED_GATES, changed);
        }
}

/* ---- everywhere ---------------------------------------------------------------------------- */

static void walk(planter *p, const path *at)
{
    expression *x = at->node;
    const expression *parent = at->up == NULL ? NULL : at->up->node;
    if (is_sum(x)) {
        plant_in_sum(p, x);
        plant_covered(p, x);
    }
    if (is_binary(x, GT_LANG_MULTIPLY) && !is_binary(parent, GT_LANG_MULTIPLY))
        plant_in_product(p, x);
    if (is_binary(x, GT_LANG_MATMUL))
        plant_in_matmul(p, x);
    if (x->kind == GT_LANG_NAME)
        plant_in_name(p, at);
    if (x->kind == GT_LANG_SLICE)
        plant_in_slice(p, x);
    if (x->kind == GT_LANG_CALL && x->function == GT_LANG_SUM)
        plant_in_reduction(p, x);
    if (x->kind == GT_LANG_CALL)
        plant_in_call(p, x);
    plant_in_parentheses(p, at);
    for (uint32_t i = 0; i < x->argument_count; i++)
        walk(p, &(path){at, x->arguments[i]});
}

uint32_t each_mutant(const gt_lang_file *file, mutant_visit *visit, void *context)
{
    planter *p = calloc(1, sizeof *p);
    if (p == NULL)
        abort();
    *p = (planter){.file = file, .cell = &file->cells[0], .visit = visit, .context = context};
    for (; p->equation < p->cell->backward_count; p->equation++) {
        p->planted_count = 0;
        plant_in_whole(p);
        plant_exchanges(p);
        walk(p, &(path){NULL, current(p)->value});
        gt_pool_free(&p->pool);
    }
    uint32_t count = p->count;
    free(p);
    return count;
}
