/* What follows a point, which only .T may: methods and modules of other languages. */
#include "lang/advice.h"
#include "lang/definitions.h"
#include "lang/functions.h"
#include "lang/parser.h"

#include <string.h>

static bool is_module(const gt_lang_expression *operand)
{
    static const char *const modules[] = {"np",   "numpy", "torch", "jnp",        "jax", "tf",      "F",
                                          "nn",   "math",  "mx",    "keras",      "K",   "scipy",   "self",
                                          "cupy", "cp",    "ag",    "functional", "anp", "autograd"};
    for (size_t i = 0; i < sizeof modules / sizeof *modules && operand->kind == GT_LANG_NAME; i++)
        if (strcmp(operand->name, modules[i]) == 0)
            return true;
    return false;
}

/* h.dot(U), np.dot(W, z): functions stand alone, with all of their arguments. */
static void fail_method(gt_lang_parser *p, const gt_lang_expression *operand, gt_lang_place place, const char *name)
{
    gt_lang_written written;
    bool module = is_module(operand);
    gt_lang_pass(p); /* the bracket */
    gt_lang_read_written(p->lexer, p->token, &written);
    if (!module)
        gt_lang_put_first(&written, (gt_lang_piece){p->lexer.text + operand->place.offset, operand->place.length});
    bool known = gt_lang_knows_function(p, name);
    if (known && module)
        gt_lang_parse_fail(p, place, "functions stand alone, without %s.", operand->name);
    else if (known)
        gt_lang_parse_fail(p, place, "functions stand alone, not behind a point");
    else
        gt_lang_parse_fail(p, place, "there is no function %s", name);
    if (!gt_lang_advise_call(p, name, &written))
        gt_lang_parse_hint(p, "docs/cells.md has a table of all functions");
}

static void fail_attribute(gt_lang_parser *p, const gt_lang_expression *operand, gt_lang_place place, const char *name)
{
    const char *constant = gt_lang_constant_hint(name);
    gt_lang_written written = {.count = 0};
    gt_lang_put_first(&written, (gt_lang_piece){p->lexer.text + operand->place.offset, operand->place.length});
    if (!is_module(operand)) {
        gt_lang_parse_fail(p, place, "only .T, the transpose, can follow a point");
        if (strcmp(name, "H") == 0 || strcmp(name, "mT") == 0)
            gt_lang_parse_hint(p, "write %.*s.T", (int)operand->place.length, written.arguments[0].text);
        else
            gt_lang_advise_call(p, name, &written);
        return;
    }
    gt_lang_parse_fail(p, place, "names stand alone, without %s.", operand->name);
    if (constant != NULL)
        gt_lang_parse_hint(p, "%s", constant);
    else
        gt_lang_parse_hint(p, "write %s", name);
}

void gt_lang_fail_point(gt_lang_parser *p, const gt_lang_expression *operand)
{
    gt_lang_token last = p->token;
    if (last.kind != GT_TOKEN_NAME) {
        gt_lang_parse_fail(p, gt_lang_place_from(p, operand->place), "only .T, the transpose, can follow a point");
        return;
    }
    for (gt_lang_pass(p); gt_lang_at_symbol(p, "."); gt_lang_pass(p)) {
        gt_lang_pass(p);
        if (p->token.kind != GT_TOKEN_NAME)
            break;
        last = p->token;
    }
    const char *name = gt_lang_token_name(p, &last);
    gt_lang_place place = gt_lang_place_from(p, operand->place);
    if (name == NULL)
        return;
    if (gt_lang_at_symbol(p, "("))
        fail_method(p, operand, place, name);
    else
        fail_attribute(p, operand, place, name);
}
