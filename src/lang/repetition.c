#include "lang/repetition.h"

#include "base/utf8.h"
#include "lang/functions.h"
#include "lang/names.h"

#include <math.h>
#include <stdio.h>

/* ---- numbers that are known ------------------------------------------------------------------ */

static bool number_of(void *context, const char *name, double *value)
{
    gt_lang_equation *constant = gt_lang_find_constant(((gt_lang_parser *)context)->cell, name);
    if (constant == NULL || !constant->known)
        return false;
    *value = constant->number;
    constant->read = true;
    return true;
}

gt_lang_environment gt_lang_known_numbers(const gt_lang_parser *p)
{
    return (gt_lang_environment){.context = (void *)p, .number = number_of};
}

bool gt_lang_known_number(const gt_lang_parser *p, const gt_lang_expression *e, double *value)
{
    const gt_lang_environment environment = gt_lang_known_numbers(p);
    return gt_lang_number(&environment, e, value);
}

bool gt_lang_parse_whole(gt_lang_parser *p, const char *what, double least, double most, double *value)
{
    gt_lang_expression *e = gt_lang_parse_sum(p);
    if (e == NULL)
        return false;
    if (!gt_lang_known_number(p, e, value) || *value != floor(*value)) {
        gt_lang_parse_fail(p, e->place, "%s is a whole number", what);
        gt_lang_parse_hint(p, "it is made of numbers, constants that are numbers, and the variables of loops");
        return false;
    }
    if (*value >= least && *value <= most)
        return true;
    return gt_lang_parse_fail(p, e->place, "%s is from %.0f to %.0f, not %.0f", what, least, most, *value);
}

/* ---- stacks ---------------------------------------------------------------------------------- */

const gt_lang_stack *gt_lang_find_stack(const gt_lang_parser *p, const char *name)
{
    size_t length = strlen(name) - (size_t)gt_lang_is_primed(name);
    for (uint32_t i = 0; i < p->stack_count; i++) {
        const gt_lang_stack *stack = &p->stacks[i];
        size_t own = strlen(stack->name);
        bool same = own == length && memcmp(stack->name, name, length) == 0;
        bool gradient =
            p->cell->has_backward && *name == 'd' && own + 1 == length && memcmp(stack->name, name + 1, own) == 0;
        if (same || gradient)
            return stack;
    }
    return NULL;
}

const char *gt_lang_stacked_name(gt_lang_parser *p, const char *name, uint32_t i)
{
    char text[GT_LANG_MAX_NAME + 20];
    bool primed = gt_lang_is_primed(name);
    gt_utf8_format(text, sizeof text, "%.*s_%u%s", (int)(strlen(name) - primed), name, i, primed ? "'" : "");
    return gt_lang_keep_text(p, text);
}

const char *gt_lang_parse_stacked(gt_lang_parser *p, const gt_lang_stack *stack, const char *name)
{
    gt_lang_place open = p->token.place;
    double index;
    if (!gt_lang_at_symbol(p, "[")) {
        gt_lang_parse_fail(p, p->before.place, "%s is a stack of %u arrays, and one of them is meant", name,
                           stack->count);
        gt_lang_parse_hint(p, "write %s[0], or %s[i] in a loop: for i in 0:%u:", name, name, stack->count);
        return NULL;
    }
    gt_lang_advance(p);
    if (!gt_lang_parse_whole(p, "the index of a stack", -(double)stack->count, (double)stack->count - 1, &index) ||
        !gt_lang_expect_close(p, "]", open, "] behind the index"))
        return NULL;
    return gt_lang_stacked_name(p, name, (uint32_t)(index < 0 ? index + stack->count : index));
}

bool gt_lang_add_stack(gt_lang_parser *p, const char *name, uint32_t count)
{
    gt_lang_stack *stack = GT_LANG_GROW(p, p->stacks, p->stack_count);
    if (stack == NULL)
        return false;
    *stack = (gt_lang_stack){name, count};
    p->stack_count++;
    return true;
}

/* ---- names in rounds ------------------------------------------------------------------------- */

const gt_lang_variable *gt_lang_find_variable(const gt_lang_parser *p, const char *name)
{
    for (uint32_t i = p->variable_count; i-- > 0;)
        if (strcmp(p->variables[i].name, name) == 0)
            return &p->variables[i];
    return NULL;
}

static gt_lang_carried *find_carried(const gt_lang_parser *p, const char *name)
{
    for (uint32_t i = 0; i < p->carried_count; i++)
        if (strcmp(p->carried[i].name, name) == 0)
            return &p->carried[i];
    return NULL;
}

const char *gt_lang_carried_name(const gt_lang_parser *p, const char *name)
{
    /* A backward block is about each round: there s is that before all of them. */
    const gt_lang_carried *carried = p->cell != NULL && p->cell->has_backward ? NULL : find_carried(p, name);
    return carried == NULL ? name : carried->now;
}

/* What cannot be carried is told of where the cell is understood: a state that is assigned. */
static bool is_declared(const gt_lang_cell *cell, const char *name)
{
    return gt_lang_find_declaration(cell, name, strlen(name)) != NULL || gt_lang_has_number(cell, name);
}

/* s_1, s_2: the next that is no name of the cell. */
static const char *next_name(gt_lang_parser *p, const char *name, uint32_t *count)
{
    char text[GT_LANG_MAX_NAME + 20];
    do
        gt_utf8_format(text, sizeof text, "%s_%u", name, ++*count);
    while (gt_lang_has_name(p->cell, text));
    return gt_lang_keep_text(p, text);
}

const char *gt_lang_carry(gt_lang_parser *p, const char *name, gt_lang_place place)
{
    gt_lang_carried *carried = find_carried(p, name);
    if (p->repetitions == 0) {
        if (carried == NULL)
            return name;
        gt_lang_parse_fail(p, place, "%s is assigned in the rounds of line %u already", name, carried->line);
        gt_lang_parse_hint(p, "give one of them another name");
        return NULL;
    }
    if (gt_lang_find_variable(p, name) != NULL) {
        gt_lang_parse_fail(p, place, "%s is the variable of the loop", name);
        gt_lang_parse_hint(p, "give the value another name");
        return NULL;
    }
    if (is_declared(p->cell, name))
        return name;
    if (carried == NULL) {
        carried = GT_LANG_GROW(p, p->carried, p->carried_count);
        if (carried == NULL)
            return NULL;
        *carried = (gt_lang_carried){.name = name, .line = place.line};
        p->carried_count++;
    }
    const char *now = next_name(p, name, &carried->count);
    carried->now = now;
    return now;
}

/* ---- statements ------------------------------------------------------------------------------ */

bool gt_lang_at_repetition(const gt_lang_parser *p)
{
    gt_lang_lexer ahead = p->lexer;
    gt_lang_token next = gt_lang_lex(&ahead);
    if (gt_lang_at_word(p, "repeat"))
        return next.kind == GT_TOKEN_NUMBER || next.kind == GT_TOKEN_NAME ||
               (next.kind == GT_TOKEN_SYMBOL && *next.symbol == '(');
    if (!gt_lang_at_word(p, "for") || next.kind != GT_TOKEN_NAME)
        return false;
    gt_lang_token in = gt_lang_lex(&ahead);
    return in.kind == GT_TOKEN_NAME && in.letters == 2 && memcmp(ahead.text + in.place.offset, "in", 2) == 0;
}

typedef struct repetition {
    const char *variable; /* NULL of repeat */
    double from, to;
    gt_lang_place place; /* of its word: what stands further to the right belongs to it */
} repetition;

static bool parse_range(gt_lang_parser *p, repetition *r)
{
    double most = GT_LANG_MOST_EQUATIONS;
    if (gt_lang_at_word(p, "range")) {
        gt_lang_parse_fail(p, p->token.place, "the numbers of a loop are written with a colon");
        gt_lang_parse_hint(p, "write for %s in 0:4:", r->variable);
        return false;
    }
    return gt_lang_parse_whole(p, "the first number of a loop", -most, most, &r->from) &&
           gt_lang_expect(p, ":", "and the number at which the loop ends: 0:4") &&
           gt_lang_parse_whole(p, "the number at which a loop ends", r->from + 1, r->from + most, &r->to);
}

static bool parse_variable(gt_lang_parser *p, repetition *r)
{
    gt_lang_place place = p->token.place;
    r->variable = gt_lang_parse_new_name(p, "the variable of the loop");
    if (r->variable == NULL)
        return false;
    if (gt_lang_is_primed(r->variable) || gt_lang_has_name(p->cell, r->variable) ||
        gt_lang_find_variable(p, r->variable) != NULL) {
        gt_lang_parse_fail(p, place, "%s cannot be the variable of a loop: it is something else", r->variable);
        gt_lang_parse_hint(p, "choose another name");
        r->variable = NULL;
        return false;
    }
    gt_lang_advance(p); /* in */
    return true;
}

static bool parse_heading(gt_lang_parser *p, repetition *r)
{
    bool loop = gt_lang_at_word(p, "for");
    *r = (repetition){.place = p->token.place};
    gt_lang_advance(p);
    if (loop ? !parse_variable(p, r) || !parse_range(p, r)
             : !gt_lang_parse_whole(p, "the number of rounds", 1, GT_LANG_MOST_EQUATIONS, &r->to))
        return false;
    return gt_lang_expect(p, ":", "and the lines that are repeated, further to the right");
}

static bool in_block(const gt_lang_parser *p, const repetition *r)
{
    return p->token.kind != GT_TOKEN_END && p->token.place.column > r->place.column && !p->no_memory &&
           !gt_lang_enough(p->diagnostics);
}

static void skip_line_ends(gt_lang_parser *p)
{
    while (p->token.kind == GT_TOKEN_NEWLINE)
        gt_lang_pass(p);
}

static void parse_round(gt_lang_parser *p, gt_lang_cell *cell, const repetition *r,
                        void (*parse_line)(gt_lang_parser *p, gt_lang_cell *cell))
{
    for (skip_line_ends(p); in_block(p, r); skip_line_ends(p))
        parse_line(p, cell);
}

/* Every round reads the lines again; after mistakes one is enough. */
static void parse_rounds(gt_lang_parser *p, gt_lang_cell *cell, const repetition *r,
                         void (*parse_line)(gt_lang_parser *p, gt_lang_cell *cell))
{
    const gt_lang_lexer lexer = p->lexer;
    const gt_lang_token token = p->token;
    uint32_t errors = p->diagnostics->error_count;
    bool again = p->again;
    gt_lang_variable *variable = NULL;
    if (r->variable != NULL) {
        variable = GT_LANG_GROW(p, p->variables, p->variable_count);
        if (variable == NULL)
            return;
        p->variable_count++;
    }
    p->repetitions++;
    for (double k = r->from; k < r->to && !p->no_memory && p->diagnostics->error_count == errors; k++) {
        p->lexer = lexer;
        p->token = token;
        p->again = p->token.place.again = again || k > r->from;
        if (variable != NULL)
            p->variables[p->variable_count - 1] = (gt_lang_variable){r->variable, k};
        parse_round(p, cell, r, parse_line);
        if (cell->equation_count > GT_LANG_MOST_EQUATIONS && p->diagnostics->error_count == errors)
            gt_lang_error(p->diagnostics, r->place, "the rounds make more than %d equations", GT_LANG_MOST_EQUATIONS);
    }
    p->again = p->token.place.again = again;
    p->repetitions--;
    p->variable_count -= variable != NULL;
}

void gt_lang_parse_repetition(gt_lang_parser *p, gt_lang_cell *cell,
                              void (*parse_line)(gt_lang_parser *p, gt_lang_cell *cell))
{
    repetition r;
    gt_lang_place place = p->token.place;
    p->statement_line = place.line;
    if (cell->equations_start == 0)
        cell->equations_start = place.offset;
    if (cell->has_backward) {
        gt_lang_parse_fail(p, place, "a backward block is written out, without rounds");
        gt_lang_parse_hint(p, "the names of the rounds are s_1, s_2, ...; 'gradtape derive' writes the block");
    }
    bool understood = parse_heading(p, &r) && !p->failed;
    if (!understood) { /* one round, so that the names in it are known */
        gt_lang_recover(p);
        r.from = 0;
        r.to = 1;
    }
    p->failed = false;
    skip_line_ends(p);
    if (in_block(p, &r)) {
        parse_rounds(p, cell, &r, parse_line);
    } else if (understood) {
        gt_lang_parse_fail(p, place, "there is nothing that is repeated");
        gt_lang_parse_hint(p, "what is repeated stands in the lines below, further to the right");
        p->failed = false;
    }
}
