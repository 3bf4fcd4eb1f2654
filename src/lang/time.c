/*
 * Earlier steps, prev(x) and prev(x, 2), and the number of the step, t.
 *
 * Both are states that a person would otherwise write: prev(x) is x_prev, with
 * x_prev' = x, and t begins at 0, with t' = t + 1. So they are carried from one
 * window of a training text to the next, and saved with a model, as all states are.
 * prev(x) is differentiated as well. The number of the step is not: nothing moves it,
 * and what asks for it, t == 0, has no derivative there; so it is read behind a
 * stop_gradient.
 */
#include "lang/names.h"
#include "lang/parser.h"

#include "base/utf8.h"

#include <math.h>
#include <string.h>

enum { MOST_STEPS = 64 };

/* ---- prev ---------------------------------------------------------------------------------- */

/*
 * x_prev, x_prev2, x_prev_10: the name of x some steps ago; NULL on no memory. x_prev20 would be the initial value of
 * x_prev2.
 */
static const char *past_name(gt_lang_parser *p, const char *name, uint32_t steps, const char *prime)
{
    char number[16] = "", *text = gt_pool_new(p->pool, strlen(name) + 20, 1);
    p->no_memory = p->no_memory || text == NULL;
    if (text == NULL)
        return NULL;
    if (steps > 1)
        gt_utf8_format(number, sizeof number, steps < 10 ? "%u" : "_%u", steps);
    gt_utf8_format(text, strlen(name) + 20, "%s_prev%s%s", name, number, prime);
    return text;
}

/* Keeps what has to be carried: x of one step ago, and of each more up to `steps`. */
static bool keep(gt_lang_parser *p, const char *name, uint32_t steps, gt_lang_place place)
{
    for (uint32_t k = 1; k <= steps; k++) {
        bool known = false;
        for (uint32_t i = 0; i < p->past_count; i++)
            known = known || (p->past[i].steps == k && strcmp(p->past[i].name, name) == 0);
        if (known)
            continue;
        gt_lang_past *past = GT_LANG_GROW(p, p->past, p->past_count);
        if (past == NULL)
            return false;
        *past = (gt_lang_past){name, k, place};
        p->past_count++;
    }
    return true;
}

static bool parse_steps(gt_lang_parser *p, uint32_t *steps)
{
    *steps = 1;
    if (!gt_lang_accept(p, ","))
        return true;
    gt_lang_expression *number = gt_lang_parse_sum(p);
    if (number == NULL)
        return false;
    if (number->kind != GT_LANG_NUMBER || number->number != floor(number->number) || number->number < 1 ||
        number->number > MOST_STEPS)
        return gt_lang_parse_fail(p, number->place, "prev takes a whole number of steps, from 1 to %d", MOST_STEPS);
    *steps = (uint32_t)number->number;
    return true;
}

gt_lang_expression *gt_lang_parse_prev(gt_lang_parser *p, const gt_lang_token *prev, gt_lang_place open)
{
    gt_lang_place place = p->token.place;
    uint32_t steps;
    if (p->bindings != NULL) {
        gt_lang_parse_fail(p, prev->place, "a function knows its arguments at this step alone, without prev");
        gt_lang_parse_hint(p, "give prev(x) to it as an argument");
        return NULL;
    }
    const char *name = p->token.kind == GT_TOKEN_NAME ? gt_lang_token_name(p, &p->token) : NULL;
    const gt_lang_declaration *of = name == NULL ? NULL : gt_lang_find_declaration(p->cell, name, strlen(name));
    if (of == NULL || of->role == GT_LANG_PARAMETER) {
        gt_lang_parse_fail(p, place, "prev is of an input or of a state, by its name: prev(x), prev(x, 2)");
        gt_lang_parse_hint(p, "another value is kept in a state of its own: state u_prev[n], and u_prev' = u");
        return NULL;
    }
    gt_lang_advance(p);
    if (!parse_steps(p, &steps) || !gt_lang_expect_close(p, ")", open, ", or ) behind the name"))
        return NULL;
    gt_lang_expression *node = gt_lang_parse_node(p, GT_LANG_NAME, prev->place);
    if (node == NULL || !keep(p, name, steps, node->place))
        return NULL;
    node->name = past_name(p, name, steps, "");
    if (node->name != NULL && gt_lang_find_declaration(p->cell, node->name, strlen(node->name)) != NULL) {
        gt_lang_parse_fail(p, node->place, "prev(%s) is kept as %s, and there is an array of that name", name,
                           node->name);
        gt_lang_parse_hint(p, "give that array another name");
        return NULL;
    }
    return node->name == NULL ? NULL : node;
}

/* ---- states that nobody declared ------------------------------------------------------------ */

static bool add_state(gt_lang_parser *p, gt_lang_cell *cell, gt_lang_declaration state, gt_lang_equation next)
{
    state.implied = next.implied = true;
    return gt_lang_keep_declaration(p, cell, state) && gt_lang_keep_equation(p, cell, next, false);
}

static bool add_past(gt_lang_parser *p, gt_lang_cell *cell, const gt_lang_past *past)
{
    gt_lang_declaration state = *gt_lang_find_declaration(cell, past->name, strlen(past->name));
    const char *before = past->steps == 1 ? past->name : past_name(p, past->name, past->steps - 1, "");
    gt_lang_equation next = {.target = GT_LANG_NEXT, .name_place = past->place, .place = past->place};
    state.role = GT_LANG_STATE;
    state.name = past_name(p, past->name, past->steps, "");
    state.place = past->place;
    next.name = past_name(p, past->name, past->steps, "'");
    next.value = gt_lang_new_named(p, before, past->place);
    return state.name != NULL && next.name != NULL && next.value != NULL && add_state(p, cell, state, next);
}

/* ---- t ------------------------------------------------------------------------------------- */

static const char step_name[] = "t";

/* The first place where t is read; NULL where it is not, or has another meaning. */
static const gt_lang_expression *find_step(const gt_lang_cell *cell)
{
    const gt_lang_expression *first = NULL;
    if (gt_lang_find_declaration(cell, step_name, strlen(step_name)) != NULL || gt_lang_has_dimension(cell, step_name))
        return NULL;
    for (uint32_t i = 0; i < cell->equation_count; i++) {
        if (strcmp(cell->equations[i].name, step_name) == 0)
            return NULL;
        if (first == NULL)
            first = gt_lang_find_name(cell->equations[i].value, step_name);
    }
    return first;
}

/* Makes a name stop_gradient of it. */
static bool stop(gt_lang_parser *p, gt_lang_expression *name)
{
    gt_lang_expression *inner = gt_lang_parse_node(p, GT_LANG_NAME, name->place);
    gt_lang_expression **arguments = gt_pool_new(p->pool, 1, sizeof *arguments);
    p->no_memory = p->no_memory || arguments == NULL;
    if (inner == NULL || arguments == NULL)
        return false;
    *inner = *name;
    arguments[0] = inner;
    name->kind = GT_LANG_CALL;
    name->function = GT_LANG_STOP_GRADIENT;
    name->implied = true;
    name->arguments = arguments;
    name->argument_count = 1;
    name->depth = inner->depth + 1;
    name->operator_place = name->place;
    return true;
}

static bool stop_all(gt_lang_parser *p, gt_lang_expression *e, const char *name)
{
    bool good = true;
    if (e != NULL && e->kind == GT_LANG_NAME)
        return strcmp(e->name, name) != 0 || stop(p, e);
    if (e == NULL || (e->kind == GT_LANG_CALL && e->function == GT_LANG_STOP_GRADIENT))
        return true;
    for (uint32_t i = 0; i < gt_lang_operand_count(e) && good; i++)
        good = stop_all(p, (gt_lang_expression *)gt_lang_operand(e, i), name);
    return good;
}

static bool add_step(gt_lang_parser *p, gt_lang_cell *cell)
{
    const gt_lang_expression *read = find_step(cell);
    if (read == NULL)
        return true;
    gt_lang_expression *one = gt_lang_parse_node(p, GT_LANG_NUMBER, read->place);
    if (one == NULL)
        return false;
    one->number = 1;
    gt_lang_declaration state = {
        .role = GT_LANG_STATE, .name = step_name, .rows = one, .axes = {one}, .axis_count = 1, .place = read->place};
    gt_lang_equation next = {.target = GT_LANG_NEXT, .name = "t'", .name_place = read->place, .place = read->place};
    next.value =
        gt_lang_parse_join(p, GT_LANG_ADD, read->place, read->place, gt_lang_new_named(p, step_name, read->place), one);
    bool good = next.value != NULL && add_state(p, cell, state, next);
    for (uint32_t i = 0; i < cell->equation_count && good; i++)
        good = stop_all(p, cell->equations[i].value, step_name);
    return good;
}

void gt_lang_add_time(gt_lang_parser *p, gt_lang_cell *cell)
{
    bool good = true;
    for (uint32_t i = 0; i < p->past_count && good; i++)
        good = add_past(p, cell, &p->past[i]);
    p->past = NULL;
    p->past_count = 0;
    if (good)
        add_step(p, cell);
}
