/*
 * What is drawn anew: bernoulli(p, u), normal(deviation, u) and uniform(low, high, u) in an equation,
 * at each step and for each entry of u; and states with a distribution, once for each sequence.
 *
 * A draw is an input that nobody declared, of the shape of u, which training draws. So a tape stays
 * what it is: its values follow from its inputs. A drawn state is one that keeps its value.
 */
#include "lang/draws.h"
#include "lang/names.h"
#include "lang/parser.h"

#include "base/utf8.h"

/* ---- draws of a step ------------------------------------------------------------------------ */

/* bernoulli_1, bernoulli_2: no name of the cell so far; NULL on no memory. */
static const char *name_draw(gt_lang_parser *p, const char *draw)
{
    char name[GT_LANG_MAX_NAME];
    uint32_t number = 1;
    do
        gt_utf8_format(name, sizeof name, "%s_%u", draw, number++);
    while (gt_lang_has_name(p->cell, name));
    return gt_lang_keep_text(p, name);
}

/* Where there is no equation of the forward pass around. */
static bool fail_elsewhere(gt_lang_parser *p, const gt_lang_token *name, const char *draw)
{
    bool backward = p->assigns != NULL && p->assigns->has_backward;
    gt_lang_place place = gt_lang_here(p, name->place);
    if (p->defined != NULL || (p->assigns != NULL && !backward))
        return false;
    gt_lang_parse_fail(p, place, backward ? "what is drawn is drawn in the forward pass" : "nothing is drawn here");
    gt_lang_parse_hint(p,
                       backward ? "give it a name there, k = %s(...), and write k here"
                                : "%s(...) stands in equations, and behind the ~ of a declaration",
                       draw);
    return true;
}

static bool parse_arguments(gt_lang_parser *p, gt_lang_expression *draw, const gt_lang_draw_entry *entry,
                            gt_lang_place open, gt_lang_expression **like)
{
    const char *numbers = entry->count == 1 ? "p" : "low, high";
    for (uint32_t i = 0; i < entry->count; i++)
        if (!gt_lang_parse_operand(p, draw, gt_lang_parse_sum(p)) || (i + 1 < entry->count && !gt_lang_accept(p, ",")))
            break;
    if (p->failed || p->no_memory)
        return false;
    if (draw->argument_count < entry->count || !gt_lang_accept(p, ",")) {
        gt_lang_parse_fail(p, gt_lang_here(p, open), "%s draws an array, and has to know the shape of which",
                           entry->name);
        gt_lang_parse_hint(p, "write %s(%s, u): a number for each entry of u", entry->name, numbers);
        return false;
    }
    *like = gt_lang_parse_expression(p);
    return *like != NULL && gt_lang_expect_close(p, ")", open, ") behind the array whose shape it has");
}

/* The input that nobody declared. */
static gt_lang_expression *add_input(gt_lang_parser *p, gt_lang_expression *draw, const gt_lang_expression *like)
{
    gt_lang_declaration input = {.role = GT_LANG_INPUT,
                                 .name = name_draw(p, gt_lang_draw_at(draw->draw)->name),
                                 .initializer = {.kind = GT_INITIALIZE_FORMULA},
                                 .initial = draw,
                                 .initialized = true,
                                 .implied = true,
                                 .drawn = true,
                                 .like = like,
                                 .place = draw->place,
                                 .initializer_place = draw->place};
    gt_lang_expression *name = gt_lang_new_named(p, input.name, draw->place);
    return name != NULL && gt_lang_keep_declaration(p, p->cell, input) ? name : NULL;
}

gt_lang_expression *gt_lang_parse_random(gt_lang_parser *p, const gt_lang_token *name, gt_lang_draw draw,
                                         gt_lang_place open)
{
    const gt_lang_draw_entry *entry = gt_lang_draw_at(draw);
    gt_lang_expression *like, *node = gt_lang_parse_node(p, GT_LANG_DRAW, name->place);
    if (node == NULL || fail_elsewhere(p, name, entry->name))
        return NULL;
    node->draw = draw;
    if (!parse_arguments(p, node, entry, open, &like))
        return NULL;
    node->place = gt_lang_place_from(p, name->place);
    if (!gt_lang_check_drawn(p, node))
        return NULL;
    return p->defined != NULL ? like : add_input(p, node, like);
}

/* ---- drawn states --------------------------------------------------------------------------- */

static const gt_lang_equation *find_next(const gt_lang_cell *cell, const char *state)
{
    size_t length = strlen(state);
    for (uint32_t i = 0; i < cell->equation_count; i++) {
        const char *name = cell->equations[i].name;
        if (cell->equations[i].target == GT_LANG_NEXT && strncmp(name, state, length) == 0 &&
            strcmp(name + length, "'") == 0)
            return &cell->equations[i];
    }
    return NULL;
}

/* mask' = mask */
static void keep_value(gt_lang_parser *p, gt_lang_cell *cell, const gt_lang_declaration *state)
{
    char name[GT_LANG_MAX_NAME + 2];
    gt_utf8_format(name, sizeof name, "%s'", state->name);
    gt_lang_equation next = {.target = GT_LANG_NEXT,
                             .implied = true,
                             .name = gt_lang_keep_text(p, name),
                             .value = gt_lang_new_named(p, state->name, state->place),
                             .name_place = state->place,
                             .place = state->place};
    if (next.name != NULL && next.value != NULL)
        gt_lang_keep_equation(p, cell, next, false);
}

void gt_lang_add_kept(gt_lang_parser *p, gt_lang_cell *cell)
{
    for (uint32_t i = 0; i < cell->declaration_count; i++) {
        const gt_lang_declaration *d = &cell->declarations[i];
        const gt_lang_equation *next = d->drawn && d->role == GT_LANG_STATE ? find_next(cell, d->name) : NULL;
        if (next != NULL) {
            p->failed = false;
            gt_lang_parse_fail(p, next->name_place, "%s is drawn once for each sequence, and keeps its value", d->name);
            gt_lang_parse_hint(p, "leave the line out; what is drawn at each step is written in an equation: "
                                  "bernoulli(p, u)");
        } else if (d->drawn && d->role == GT_LANG_STATE) {
            keep_value(p, cell, d);
        }
    }
}
