/* def silu(u) = u * sigmoid(u) */
#include "lang/definitions.h"
#include "lang/functions.h"
#include "lang/record.h"

#include "base/utf8.h"

bool gt_lang_at_definition(const gt_lang_parser *p)
{
    gt_lang_lexer ahead = p->lexer;
    if (!gt_lang_at_word(p, "def") || gt_lang_lex(&ahead).kind != GT_TOKEN_NAME)
        return false;
    gt_lang_token behind = gt_lang_lex(&ahead);
    return behind.kind == GT_TOKEN_SYMBOL && *behind.symbol == '(';
}

/* ---- signatures ---------------------------------------------------------------------------- */

static bool parse_default(gt_lang_parser *p, gt_lang_expression **number)
{
    double value;
    *number = gt_lang_parse_sum(p);
    if (*number == NULL)
        return false;
    if (gt_lang_number(NULL, *number, &value))
        return true;
    return gt_lang_parse_fail(p, (*number)->place, "what an argument is where it is left out is a number");
}

static bool parse_parameter(gt_lang_parser *p, gt_lang_definition *d)
{
    gt_lang_place place = p->token.place;
    const char *name = gt_lang_parse_new_name(p, "the name of an argument");
    if (name == NULL)
        return false;
    if (gt_lang_is_primed(name))
        return gt_lang_parse_fail(p, place, "the name of an argument has no prime");
    if (d->parameter_count == GT_LANG_MOST_PARAMETERS)
        return gt_lang_parse_fail(p, place, "a function has at most %d arguments", GT_LANG_MOST_PARAMETERS);
    for (uint32_t i = 0; i < d->parameter_count; i++)
        if (strcmp(d->parameters[i], name) == 0)
            return gt_lang_parse_fail(p, place, "%s has two arguments %s", d->name, name);
    uint32_t place_in_list = d->parameter_count++;
    d->parameters[place_in_list] = name;
    if (gt_lang_accept(p, "="))
        return parse_default(p, &d->defaults[place_in_list]);
    if (place_in_list == 0 || d->defaults[place_in_list - 1] == NULL)
        return true;
    gt_lang_parse_fail(p, place, "%s needs a number, too: an argument before it may be left out", name);
    gt_lang_parse_hint(p, "write %s = 1, or move it to the front", name);
    return false;
}

bool gt_lang_parse_signature(gt_lang_parser *p, gt_lang_definition *d)
{
    d->place = p->token.place;
    d->name = gt_lang_parse_new_name(p, "the name of the function");
    if (d->name == NULL)
        return false;
    if (gt_lang_is_primed(d->name))
        return gt_lang_parse_fail(p, d->place, "the name of a function has no prime");
    gt_lang_place open = p->token.place;
    gt_lang_advance(p); /* of the bracket, by which it was known */
    do
        if (!parse_parameter(p, d))
            return false;
    while (gt_lang_accept(p, ","));
    if (!gt_lang_expect_close(p, ")", open, ", or ) behind the argument"))
        return false;
    if (gt_lang_at_symbol(p, ":")) {
        gt_lang_parse_fail(p, p->token.place, "a function is one formula, in one line");
        gt_lang_parse_hint(p, "write def %s(%s) = ...", d->name, d->parameters[0]);
        return false;
    }
    if (!gt_lang_expect(p, "=", "and the formula of the function"))
        return false;
    d->lexer = p->lexer;
    d->body = p->token;
    return true;
}

/* ---- statements ---------------------------------------------------------------------------- */

/* The parameters stand for themselves while the formula is looked at for the first time. */
static bool parse_formula(gt_lang_parser *p, gt_lang_definition *d)
{
    gt_lang_binding bindings[GT_LANG_MOST_PARAMETERS];
    gt_lang_expression names[GT_LANG_MOST_PARAMETERS];
    for (uint32_t i = 0; i < d->parameter_count; i++) {
        names[i] = (gt_lang_expression){
            .kind = GT_LANG_NAME, .axis = GT_LANG_ALL_AXES, .depth = 1, .name = d->parameters[i], .place = d->place};
        bindings[i] = (gt_lang_binding){d->parameters[i], &names[i]};
    }
    p->bindings = bindings;
    p->binding_count = d->parameter_count;
    p->defined = d;
    bool good = gt_lang_parse_expression(p) != NULL;
    p->bindings = NULL;
    p->defined = NULL;
    return good;
}

static bool is_new(gt_lang_parser *p, const gt_lang_definition *d)
{
    const gt_lang_definition *first = gt_lang_defined(p, d->name);
    if (first == NULL)
        return true;
    gt_lang_parse_fail(p, d->place, "%s is defined already, in line %u", d->name, first->place.line);
    gt_lang_parse_hint(p, "give one of them another name");
    return false;
}

bool gt_lang_parse_definition(gt_lang_parser *p)
{
    gt_lang_definition d = {.start = p->token.place.offset};
    gt_lang_advance(p);
    d.wrong = !gt_lang_parse_signature(p, &d);
    if (d.name == NULL || !is_new(p, &d))
        return false;
    d.wrong = d.wrong || !parse_formula(p, &d);
    d.end = p->last_end;
    char remark[GT_LANG_MAX_NAME + 40];
    gt_utf8_format(remark, sizeof remark, "in %s, of line %u", d.name, d.place.line);
    d.remark = gt_lang_keep_text(p, remark);
    gt_lang_definition *room = GT_LANG_GROW(p, p->definitions, p->definition_count);
    if (room == NULL || d.remark == NULL)
        return false;
    *room = d;
    p->definition_count++;
    return !d.wrong;
}
