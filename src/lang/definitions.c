/* Calls of functions that are formulas: the formula is read once more where the call stands. */
#include "lang/definitions.h"

#include "base/utf8.h"
#include "gradtape/nearest.h"
#include "lang/copy.h"
#include "lang/functions.h"
#include "lang/names.h"
#include "lang/record.h"

#include <stdio.h>

/* ---- those that are always there ------------------------------------------------------------ */

static const struct {
    const char *name, *signature;
} compositions[] = {
#define GT_LANG_COMPOSITION(NAME, SIGNATURE) {NAME, SIGNATURE},
#include "lang/composition_list.h"
#undef GT_LANG_COMPOSITION
};

const char *gt_lang_composition_at(uint32_t i, const char **signature)
{
    if (i >= sizeof compositions / sizeof *compositions)
        return NULL;
    if (signature != NULL)
        *signature = compositions[i].signature;
    return compositions[i].name;
}

/* NULL if there is none. */
static const char *signature_of(const char *name)
{
    for (size_t i = 0; i < sizeof compositions / sizeof *compositions; i++)
        if (strcmp(compositions[i].name, name) == 0)
            return compositions[i].signature;
    return NULL;
}

const gt_lang_definition *gt_lang_defined(const gt_lang_parser *p, const char *name)
{
    for (uint32_t i = 0; i < p->definition_count; i++)
        if (strcmp(p->definitions[i].name, name) == 0)
            return &p->definitions[i];
    return NULL;
}

bool gt_lang_knows_function(const gt_lang_parser *p, const char *name)
{
    gt_lang_function function;
    return gt_lang_defined(p, name) != NULL || signature_of(name) != NULL || gt_lang_function_find(name, &function);
}

/* What the parser reads, and where it is. */
typedef struct position {
    gt_lang_lexer lexer;
    gt_lang_token token, before;
    uint32_t last_end;
} position;

static position leave_for(gt_lang_parser *p, gt_lang_lexer lexer, gt_lang_token token)
{
    position here = {p->lexer, p->token, p->before, p->last_end};
    p->lexer = lexer;
    p->token = token;
    return here;
}

static void come_back(gt_lang_parser *p, const position *here)
{
    p->lexer = here->lexer;
    p->token = here->token;
    p->before = here->before;
    p->last_end = here->last_end;
}

static bool read_composition(gt_lang_parser *p, const char *signature, gt_lang_definition *d)
{
    gt_lang_lexer lexer = gt_lang_lexer_start(signature, (uint32_t)strlen(signature));
    gt_lang_token first = gt_lang_lex(&lexer);
    char remark[200];
    /* Its names are read as any others, but not those of a function that is around it. */
    const gt_lang_binding *bindings = p->bindings;
    position here = leave_for(p, lexer, first);
    p->bindings = NULL;
    p->composing = true;
    bool good = gt_lang_parse_signature(p, d);
    p->composing = false;
    p->bindings = bindings;
    come_back(p, &here);
    gt_utf8_format(remark, sizeof remark, "in %s", signature);
    d->remark = gt_lang_keep_text(p, remark);
    return good && d->remark != NULL;
}

const gt_lang_definition *gt_lang_composition(gt_lang_parser *p, const char *name, gt_lang_definition *built_in)
{
    const char *signature = signature_of(name);
    *built_in = (gt_lang_definition){.name = name};
    return signature != NULL && read_composition(p, signature, built_in) ? built_in : NULL;
}

const gt_lang_definition *gt_lang_definition_find(gt_lang_parser *p, const char *name, gt_lang_definition *built_in)
{
    const gt_lang_definition *own = gt_lang_defined(p, name);
    return own != NULL ? own : gt_lang_composition(p, name, built_in);
}

/* ---- names in a formula --------------------------------------------------------------------- */

static const gt_lang_binding *find_binding(const gt_lang_parser *p, const char *name)
{
    for (uint32_t i = 0; i < p->binding_count; i++)
        if (strcmp(p->bindings[i].name, name) == 0)
            return &p->bindings[i];
    return NULL;
}

bool gt_lang_is_bound(const gt_lang_parser *p, const char *name)
{
    return find_binding(p, name) != NULL;
}

gt_lang_expression *gt_lang_parse_bound(gt_lang_parser *p, const gt_lang_token *token)
{
    const char *name = gt_lang_token_name(p, token);
    if (name == NULL)
        return NULL;
    const gt_lang_binding *binding = find_binding(p, name);
    if (binding != NULL) {
        gt_lang_expression *copy = gt_lang_copy(p->pool, binding->value);
        p->no_memory = p->no_memory || copy == NULL;
        return copy;
    }
    gt_nearest nearest = {.wanted = name};
    for (uint32_t i = 0; i < p->binding_count; i++)
        gt_nearest_offer(&nearest, p->bindings[i].name);
    gt_lang_parse_fail(p, token->place, "a function knows its arguments alone, and %s is none of them", name);
    if (nearest.best != NULL)
        gt_lang_parse_hint(p, "did you mean %s?", nearest.best);
    else if (p->expansion == NULL)
        gt_lang_parse_hint(p, "write def %s(%s, %s) = ...", p->defined->name, p->defined->parameters[0], name);
    return NULL;
}

/* How often the formula reads the name. */
static uint32_t count_uses(const gt_lang_definition *d, const char *name)
{
    gt_lang_lexer lexer = d->lexer;
    uint32_t count = 0;
    for (gt_lang_token t = d->body; t.kind != GT_TOKEN_END && t.kind != GT_TOKEN_NEWLINE; t = gt_lang_lex(&lexer))
        count += t.kind == GT_TOKEN_NAME && t.letters == strlen(name) &&
                 memcmp(lexer.text + t.place.offset, name, t.letters) == 0;
    return count;
}

/* ---- arguments as names --------------------------------------------------------------------- */

/* silu_u, silu_u_2: no name of the cell so far; NULL on no memory. */
static const char *name_argument(gt_lang_parser *p, const gt_lang_definition *d, uint32_t i)
{
    char name[2 * GT_LANG_MAX_NAME + 20];
    for (uint32_t number = 1;; number++) {
        size_t used = (size_t)snprintf(name, sizeof name, "%.24s_%.16s", d->name, d->parameters[i]);
        if (number > 1)
            snprintf(name + used, sizeof name - used, "_%u", number);
        if (!gt_lang_has_name(p->cell, name))
            return gt_lang_keep_text(p, name);
    }
}

/* An argument that is read more than once becomes an equation of its own, which is computed once. */
static const gt_lang_expression *assign(gt_lang_parser *p, const gt_lang_definition *d, uint32_t i,
                                        gt_lang_expression *argument)
{
    double value;
    bool short_one =
        argument->kind == GT_LANG_NAME || argument->kind == GT_LANG_NUMBER || gt_lang_number(NULL, argument, &value);
    if (short_one || p->assigns == NULL || count_uses(d, d->parameters[i]) < 2)
        return argument;
    gt_lang_equation equation = {.target = GT_LANG_LOCAL,
                                 .name = name_argument(p, d, i),
                                 .value = argument,
                                 .name_place = argument->place,
                                 .place = argument->place};
    if (equation.name == NULL || !gt_lang_keep_equation(p, p->assigns, equation, p->assigns->has_backward))
        return NULL;
    gt_lang_expression *name = gt_lang_new_name(p->pool, equation.name, argument->place);
    p->no_memory = name == NULL;
    return name;
}

/* ---- the formula ----------------------------------------------------------------------------- */

/* In the place of the call, and with what it is in. */
static gt_lang_place place_of_call(const gt_lang_parser *p, const gt_lang_definition *d, gt_lang_place place)
{
    if (p->expansion != NULL)
        return *p->expansion;
    place.within = d->remark;
    return place;
}

gt_lang_expression *gt_lang_expand(gt_lang_parser *p, const gt_lang_definition *d, gt_lang_expression *const *arguments,
                                   gt_lang_place place)
{
    gt_lang_binding bindings[GT_LANG_MOST_PARAMETERS];
    if (p->defined != NULL)
        return arguments[0]; /* a formula that is looked at, not yet used */
    for (uint32_t i = 0; i < d->parameter_count; i++) {
        bindings[i] = (gt_lang_binding){d->parameters[i], assign(p, d, i, arguments[i])};
        if (bindings[i].value == NULL)
            return NULL;
    }
    const gt_lang_binding *outer = p->bindings;
    const gt_lang_place *expansion = p->expansion;
    uint32_t outer_count = p->binding_count;
    gt_lang_place call = place_of_call(p, d, place);
    position here = leave_for(p, d->lexer, d->body);
    p->bindings = bindings;
    p->binding_count = d->parameter_count;
    p->expansion = &call;
    gt_lang_expression *formula = gt_lang_parse_expression(p);
    p->bindings = outer;
    p->binding_count = outer_count;
    p->expansion = expansion;
    come_back(p, &here);
    return formula;
}

/* ---- calls ----------------------------------------------------------------------------------- */

static bool fail_count(gt_lang_parser *p, const gt_lang_definition *d, gt_lang_place place, uint32_t count)
{
    uint32_t least = 0;
    while (least < d->parameter_count && d->defaults[least] == NULL)
        least++;
    const char *others = least == d->parameter_count ? "" : count < least ? " or more" : " or fewer";
    gt_lang_parse_fail(p, place, "%s takes %u%s argument%s, not %u", d->name,
                       count < least ? least : d->parameter_count, others, d->parameter_count == 1 ? "" : "s", count);
    return false;
}

/* "slope=0.2": the place of the parameter in the list. */
static bool parse_keyword(gt_lang_parser *p, const gt_lang_definition *d, uint32_t *place)
{
    bool known = false;
    for (uint32_t i = 0; i < d->parameter_count && !known; i++) {
        known = gt_lang_at_word(p, d->parameters[i]);
        *place = known ? i : *place;
    }
    if (!known)
        return gt_lang_parse_fail(p, p->token.place, "%s takes no '%.*s='", d->name, (int)p->token.letters,
                                  p->lexer.text + p->token.place.offset);
    gt_lang_advance(p);
    gt_lang_advance(p);
    return true;
}

static bool parse_argument(gt_lang_parser *p, const gt_lang_definition *d, uint32_t *next, gt_lang_place open,
                           gt_lang_expression **arguments)
{
    uint32_t place = *next;
    bool keyword = p->token.kind == GT_TOKEN_NAME && !p->token.first_on_line && gt_lang_followed_by(p, "=");
    if (!keyword && gt_lang_at_statement(p))
        return gt_lang_parse_fail(p, open, "this bracket is never closed");
    if (keyword && !parse_keyword(p, d, &place))
        return false;
    gt_lang_expression *argument = gt_lang_parse_expression(p);
    if (argument == NULL)
        return false;
    if (place < d->parameter_count && arguments[place] != NULL)
        return gt_lang_parse_fail(p, argument->place, "%s is given twice", d->parameters[place]);
    if (place < d->parameter_count)
        arguments[place] = argument;
    *next += !keyword;
    return true;
}

gt_lang_expression *gt_lang_parse_defined_call(gt_lang_parser *p, const gt_lang_definition *d, gt_lang_place place,
                                               gt_lang_place open)
{
    gt_lang_expression *arguments[GT_LANG_MOST_PARAMETERS] = {NULL};
    uint32_t count = 0;
    bool more = !gt_lang_at_symbol(p, ")");
    for (; more; more = gt_lang_accept(p, ",") && !gt_lang_at_symbol(p, ")"))
        if (!parse_argument(p, d, &count, open, arguments))
            return NULL;
    if (!gt_lang_expect_close(p, ")", open, ", or ) behind the argument"))
        return NULL;
    gt_lang_place call = gt_lang_place_from(p, place);
    bool complete = count <= d->parameter_count;
    for (uint32_t i = 0; i < d->parameter_count; i++) {
        if (arguments[i] == NULL && d->defaults[i] != NULL) {
            arguments[i] = gt_lang_copy(p->pool, d->defaults[i]);
            if (arguments[i] == NULL) {
                p->no_memory = true;
                return NULL;
            }
        }
        complete = complete && arguments[i] != NULL;
    }
    if (!complete)
        fail_count(p, d, call, count);
    return complete ? gt_lang_expand(p, d, arguments, call) : NULL;
}
