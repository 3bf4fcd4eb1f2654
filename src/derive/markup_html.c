/* HTML with MathML: one page that asks for nothing from elsewhere. */
#include "derive/symbols.h"

#include "base/utf8.h"
#include "lang/copy.h"

#include <string.h>

#define OPEN "<mrow><mo>(</mo>"
#define CLOSE "<mo>)</mo></mrow>"
#define COMMA "<mo>,</mo>"
#define APPLY "<mo>&#x2061;</mo>"

#define CALL(NAME, SIGN)                                                                                               \
    {                                                                                                                  \
        NAME, GT_FORMULA_NO_AXIS,                                                                                      \
        {                                                                                                              \
            "<mi>" SIGN "</mi>" APPLY OPEN, COMMA, CLOSE, true                                                         \
        }                                                                                                              \
    }

#define ALONG(NAME, SIGN, AXIS)                                                                                        \
    {                                                                                                                  \
        NAME, GT_DOCUMENT_SEVERAL + AXIS,                                                                              \
        {                                                                                                              \
            "<msub>" SIGN "<mrow><mi>axis</mi><mn>" #AXIS "</mn></mrow></msub>" OPEN, NULL, CLOSE, true                \
        }                                                                                                              \
    }

#define REDUCTION(NAME, SIGN)                                                                                          \
    {NAME, 0, {"<msub>" SIGN "<mi>rows</mi></msub>" OPEN, NULL, CLOSE, true}},                                         \
        {NAME, 1, {"<msub>" SIGN "<mi>examples</mi></msub>" OPEN, NULL, CLOSE, true}}, ALONG(NAME, SIGN, 0),           \
        ALONG(NAME, SIGN, 1), ALONG(NAME, SIGN, 2), ALONG(NAME, SIGN, 3),                                              \
    {                                                                                                                  \
        NAME, GT_FORMULA_ALL_AXES,                                                                                     \
        {                                                                                                              \
            "<msub>" SIGN "<mi>all</mi></msub>" OPEN, NULL, CLOSE, true                                                \
        }                                                                                                              \
    }

static const gt_formula_function functions[] = {
    {"concat",
     GT_FORMULA_NO_AXIS,
     {"<mrow><mo>[</mo><mtable><mtr><mtd>", "</mtd></mtr><mtr><mtd>", "</mtd></mtr></mtable><mo>]</mo></mrow>", true}},
    CALL("sigmoid", "σ"),
    {"sqrt", GT_FORMULA_NO_AXIS, {"<msqrt><mrow>", NULL, "</mrow></msqrt>", true}},
    {"abs", GT_FORMULA_NO_AXIS, {"<mrow><mo>|</mo>", NULL, "<mo>|</mo></mrow>", true}},
    CALL("maximum", "max"),
    CALL("minimum", "min"),
    CALL("stop_gradient", "stop"),
    REDUCTION("sum", "<mo>∑</mo>"),
    REDUCTION("mean", "<mi>mean</mi>"),
    {NULL, 0, {NULL, NULL, NULL, false}},
};

#define COMPARISON(SIGN)                                                                                               \
    {                                                                                                                  \
        "<mrow><mo>[</mo>", "<mo>" SIGN "</mo>", "<mo>]</mo></mrow>", true                                             \
    }

static const gt_notation notation = {
    .open = OPEN,
    .close = CLOSE,
    .operators =
        {
            [GT_FORMULA_LESS] = COMPARISON("&lt;"),
            [GT_FORMULA_LESS_EQUAL] = COMPARISON("≤"),
            [GT_FORMULA_GREATER] = COMPARISON("&gt;"),
            [GT_FORMULA_GREATER_EQUAL] = COMPARISON("≥"),
            [GT_FORMULA_EQUAL] = COMPARISON("="),
            [GT_FORMULA_NOT_EQUAL] = COMPARISON("≠"),
            [GT_FORMULA_ADD] = {.between = "<mo>+</mo>"},
            [GT_FORMULA_SUBTRACT] = {.between = "<mo>−</mo>"},
            [GT_FORMULA_MULTIPLY] = {.between = "<mo>⊙</mo>"},
            [GT_FORMULA_DIVIDE] = {"<mfrac><mrow>", "</mrow><mrow>", "</mrow></mfrac>", true},
            [GT_FORMULA_MATMUL] = {.between = "<mo>&#x2062;</mo>"},
            [GT_FORMULA_POWER] = {"<msup><mrow>", "</mrow><mrow>", "</mrow></msup>", false},
            [GT_FORMULA_NEGATE] = {.before = "<mo>−</mo>"},
            [GT_FORMULA_TRANSPOSE] = {"<msup><mrow>", NULL, "</mrow><mo>⊤</mo></msup>", false},
        },
    .scaled = {NULL, "<mo>·</mo>", NULL, false},
    .bounds = {"<mo>[</mo>", COMMA, "<mo>]</mo>", false},
    .to = "<mo>:</mo>",
    .call = {APPLY OPEN, COMMA, CLOSE, false},
    .function = {"<mi>", "</mi>"},
    .functions = functions,
    .number = {"<mn>", "</mn>"},
};

/* A subscript, in which t-1 is a difference. */
static void put_below(char *text, size_t size, const char *below)
{
    size_t before = strcspn(below, ",");
    const char *time = below[before] == ',' ? below + before + 1 : below;
    if (strcmp(time, "t-1") != 0) {
        gt_utf8_append(text, size, "<mi>%s</mi>", below);
        return;
    }
    gt_utf8_append(text, size, "<mrow>");
    if (time != below)
        gt_utf8_append(text, size, "<mi>%.*s</mi><mo>,</mo>", (int)before, below);
    gt_utf8_append(text, size, "<mi>t</mi><mo>−</mo><mn>1</mn></mrow>");
}

static const char *symbol(gt_derivation *d, const gt_symbol *s)
{
    char text[800] = "";
    bool below = *s->below != '\0', above = *s->above != '\0';
    const char *element = below && above ? "msubsup" : below ? "msub" : "msup";
    if (below || above)
        gt_utf8_append(text, sizeof text, "<%s>", element);
    gt_utf8_append(text, sizeof text, "<mi>%s</mi>", s->base);
    if (below)
        put_below(text, sizeof text, s->below);
    if (above)
        gt_utf8_append(text, sizeof text, "<mi>%s</mi>", s->above);
    if (below || above)
        gt_utf8_append(text, sizeof text, "</%s>", element);
    return gt_lang_text(&d->pool, text, strlen(text));
}

#define STYLE                                                                                                          \
    "<style>\n.derivation { max-width: 70em; margin: auto; padding: 1em; font: 100%/1.5 system-ui, sans-serif; }\n"    \
    ".derivation .line { display: grid; grid-template-columns: 4em minmax(0, 3fr) minmax(0, 2fr); gap: 0 1em;\n"       \
    "  align-items: center; margin: 0.8em 0; }\n.derivation .formula { overflow-x: auto; overflow-y: hidden; "         \
    "padding: 0.2em 0; } "                                                                                             \
    ".derivation .formula math { math-style: normal; }\n.derivation .reason { font-size: 85%; opacity: 0.85; }\n"      \
    ".derivation mtd { text-align: left; padding: 0.2em; }\n"                                                          \
    "@media (max-width: 45em) { .derivation .line { grid-template-columns: 4em minmax(0, 1fr); }\n"                    \
    "  .derivation .reason { grid-column: 2; } }\n</style>\n"

const gt_markup gt_markup_html = {
    .notation = &notation,
    .symbol = symbol,
    .gradients = {{"<mrow><mi mathvariant=\"normal\">d</mi>", "</mrow>"},
                  {"<mfrac><mrow><mo>∂</mo><mi>L</mi></mrow><mrow><mo>∂</mo>", "</mrow></mfrac>"},
                  {"<mover><mrow>", "</mrow><mo>¯</mo></mover>"}},
    .document = {"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                 "<meta name=\"viewport\" content=\"width=device-width\"/>\n"
                 "<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>Backward pass</title>\n" STYLE
                 "</head>\n<body>\n<main class=\"derivation\">\n<h1>",
                 "</h1>\n", "</main>\n</body>\n</html>\n"},
    .fragment = {"<section class=\"derivation\">\n" STYLE, "</section>\n"},
    .heading = {"<h2>", "</h2>\n"},
    .paragraph = {"<p>", "</p>\n"},
    .math = {"<math>", "</math>"},
    .lines = {"", ""},
    .line = {"<div class=\"line\"><span class=\"label\">", "</span><div class=\"formula\"><math>",
             "</math></div><span class=\"reason\">", "</span></div>\n"},
    .rows = {"<mtable><mtr><mtd>", "</mtd></mtr></mtable>"},
    .row = {"", "</mtd><mtd>", "</mtd><mtd><mtext>", "</mtext>"},
    .row_break = "</mtd></mtr><mtr><mtd>",
    .equals = "<mo>=</mo>",
    .plus = "<mo form=\"infix\">+</mo>",
    .minus = "<mo form=\"infix\">−</mo>",
    .by = "<mo>×</mo>",
    .ratio = {"<mfrac><mrow><mo>∂</mo>", "</mrow><mrow><mo>∂</mo>", "</mrow></mfrac>"},
    .diagonal = {"<mi>diag</mi>" APPLY OPEN, CLOSE},
    .juxtaposed = "<mo>&#x2062;</mo>",
    .identity = "<mi>I</mi>",
    .total = {"<munderover><mo>∑</mo><mrow><mi>t</mi><mo>=</mo><mn>1</mn></mrow><mi>T</mi></munderover>", ""},
    .blank = "<mspace width=\"12em\"/><mo>?</mo>",
    .code = {"<code>", "</code>"},
};
