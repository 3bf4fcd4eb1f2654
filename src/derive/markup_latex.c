/* LaTeX, by itself and within Markdown. */
#include "derive/symbols.h"

#include "base/utf8.h"
#include "lang/copy.h"

#include <string.h>

#define CALL(NAME, LATEX)                                                                                              \
    {                                                                                                                  \
        NAME, GT_FORMULA_NO_AXIS,                                                                                      \
        {                                                                                                              \
            LATEX "\\left(", ",\\, ", "\\right)", true                                                                 \
        }                                                                                                              \
    }

#define ALONG(NAME, LATEX, AXIS)                                                                                       \
    {                                                                                                                  \
        NAME, GT_DOCUMENT_SEVERAL + AXIS,                                                                              \
        {                                                                                                              \
            LATEX "_{\\mathrm{axis}\\ " #AXIS "} \\left(", NULL, "\\right)", true                                      \
        }                                                                                                              \
    }

/* Sums say over what. */
#define REDUCTION(NAME, LATEX)                                                                                         \
    {NAME, 0, {LATEX "_{\\mathrm{rows}} \\left(", NULL, "\\right)", true}},                                            \
        {NAME, 1, {LATEX "_{\\mathrm{examples}} \\left(", NULL, "\\right)", true}}, ALONG(NAME, LATEX, 0),             \
        ALONG(NAME, LATEX, 1), ALONG(NAME, LATEX, 2), ALONG(NAME, LATEX, 3),                                           \
    {                                                                                                                  \
        NAME, GT_FORMULA_ALL_AXES,                                                                                     \
        {                                                                                                              \
            LATEX "_{\\mathrm{all}} \\left(", NULL, "\\right)", true                                                   \
        }                                                                                                              \
    }

static const gt_formula_function functions[] = {
    {"concat", GT_FORMULA_NO_AXIS, {"\\begin{bmatrix} ", " \\\\ ", " \\end{bmatrix}", true}},
    CALL("tanh", "\\tanh"),
    CALL("sigmoid", "\\sigma"),
    CALL("exp", "\\exp"),
    CALL("log", "\\log"),
    {"sqrt", GT_FORMULA_NO_AXIS, {"\\sqrt{", NULL, "}", true}},
    {"abs", GT_FORMULA_NO_AXIS, {"\\left|", NULL, "\\right|", true}},
    CALL("sin", "\\sin"),
    CALL("cos", "\\cos"),
    CALL("maximum", "\\max"),
    CALL("minimum", "\\min"),
    CALL("stop_gradient", "\\operatorname{stop}"),
    REDUCTION("sum", "\\sum\\nolimits"),
    REDUCTION("mean", "\\operatorname{mean}"),
    {NULL, 0, {NULL, NULL, NULL, false}},
};

#define COMPARISON(SIGN)                                                                                               \
    {                                                                                                                  \
        "\\left[", SIGN, "\\right]", true                                                                              \
    }

static const gt_notation notation = {
    .open = "\\left(",
    .close = "\\right)",
    .operators =
        {
            [GT_FORMULA_LESS] = COMPARISON(" < "),
            [GT_FORMULA_LESS_EQUAL] = COMPARISON(" \\le "),
            [GT_FORMULA_GREATER] = COMPARISON(" > "),
            [GT_FORMULA_GREATER_EQUAL] = COMPARISON(" \\ge "),
            [GT_FORMULA_EQUAL] = COMPARISON(" = "),
            [GT_FORMULA_NOT_EQUAL] = COMPARISON(" \\ne "),
            [GT_FORMULA_ADD] = {.between = " + "},
            [GT_FORMULA_SUBTRACT] = {.between = " - "},
            [GT_FORMULA_MULTIPLY] = {.between = " \\odot "},
            [GT_FORMULA_DIVIDE] = {"\\frac{", "}{", "}", true},
            [GT_FORMULA_MATMUL] = {.between = "\\, "},
            [GT_FORMULA_POWER] = {"{", "}^{", "}", false},
            [GT_FORMULA_NEGATE] = {.before = "-"},
            [GT_FORMULA_TRANSPOSE] = {"{", NULL, "}^{\\top}", false},
        },
    .scaled = {NULL, " \\cdot ", NULL, false},
    .bounds = {"[", ",\\, ", "]", false},
    .to = "{:}",
    .call = {"\\left(", ",\\, ", "\\right)", false},
    .function = {"\\operatorname{", "}"},
    .functions = functions,
    .exponent = {" \\cdot 10^{", "}"},
};

/* A _ in what is left of a name. */
static void put_letters(char *text, size_t size, const char *letters)
{
    for (; *letters != '\0'; letters++)
        gt_utf8_append(text, size, *letters == '_' ? "\\_" : "%c", *letters);
}

static const char *symbol(gt_derivation *d, const gt_symbol *s)
{
    char text[600] = "";
    gt_utf8_append(text, sizeof text, "%s", s->word ? "\\mathit{" : "");
    put_letters(text, sizeof text, s->base);
    gt_utf8_append(text, sizeof text, "%s", s->word ? "}" : "");
    if (*s->below != '\0') {
        gt_utf8_append(text, sizeof text, "_{");
        put_letters(text, sizeof text, s->below);
        gt_utf8_append(text, sizeof text, "}");
    }
    if (*s->above != '\0')
        gt_utf8_append(text, sizeof text, "^{\\mathrm{%s}}", s->above);
    return gt_lang_text(&d->pool, text, strlen(text));
}

#define GRADIENTS                                                                                                      \
    {                                                                                                                  \
        {"\\mathrm{d}", ""}, {"\\frac{\\partial L}{\\partial ", "}"},                                                  \
        {                                                                                                              \
            "\\overline{", "}"                                                                                         \
        }                                                                                                              \
    }

#define MATHS                                                                                                          \
    .notation = &notation, .symbol = symbol, .gradients = GRADIENTS, .rows = {"\\begin{aligned} ", " \\end{aligned}"}, \
    .row_break = " \\\\ ", .equals = " = ", .plus = " + ", .minus = " - ", .by = " \\times ",                          \
    .ratio = {"\\frac{\\partial ", "}{\\partial ", "}"}, .diagonal = {"\\operatorname{diag}\\left(", "\\right)"},      \
    .juxtaposed = "\\, ", .identity = "I", .total = {"\\sum_{t=1}^{T} ", ""}

/* A formula that is too wide for the page is made smaller. */
#define FIT                                                                                                            \
    "\\providecommand{\\fit}[1]{\\sbox0{$\\displaystyle #1$}\\ifdim\\wd0>\\linewidth"                                  \
    "\\resizebox{\\linewidth}{!}{\\usebox0}\\else\\usebox0\\fi}\n"                                                     \
    "\\providecommand{\\derived}[3]{\\par\\medskip\\noindent\\makebox[3em][l]{#1}"                                     \
    "\\begin{minipage}[t]{\\dimexpr\\linewidth-3em\\relax}\\raggedright\\noindent\\fit{#2}\\\\\\relax{\\small #3}"     \
    "\\end{minipage}\\par}\n"

const gt_markup gt_markup_latex = {
    MATHS,
    .document = {"\\documentclass{article}\n\\usepackage{amsmath}\n\\usepackage{graphicx}\n\\usepackage[T1]{fontenc}\n"
                 "\\begin{document}\n" FIT "\\section*{",
                 "}\n", "\\end{document}\n"},
    .fragment = {"% needs amsmath and graphicx\n" FIT, ""},
    .heading = {"\\subsection*{", "}\n"},
    .paragraph = {"\\par\\medskip\\noindent\\begin{minipage}{\\linewidth}\\raggedright ", "\\end{minipage}\\par\n"},
    .math = {"$", "$"},
    .lines = {"", ""},
    .line = {"\\derived{", "}{", "}{", "}\n"},
    .row = {"", " &", " && \\text{", "}"},
    .blank = "\\underline{\\hspace{6cm}}",
    .code = {"\\texttt{", "}"},
    .escapes = true,
};

/* Each line is an overlay; the frames of a section are as many as its lines need. */
const gt_markup gt_markup_beamer = {
    MATHS,
    .document = {"\\documentclass{beamer}\n\\usepackage{amsmath}\n\\usepackage{graphicx}\n"
                 "\\setbeamertemplate{navigation symbols}{}\n\\begin{document}\n" FIT "\\title{",
                 "}\n\\frame{\\titlepage}\n", "\\end{document}\n"},
    .fragment = {"% needs the class beamer, amsmath and graphicx\n" FIT, ""},
    .heading = {"\\section{", "}\n"},
    .paragraph = {"\\begin{frame}{\\insertsection}\n", "\n\\end{frame}\n"},
    .math = {"$", "$"},
    .lines = {"\\begin{frame}{\\insertsection}\n", "\\end{frame}\n"},
    .line = {"\\uncover<+->{\\derived{", "}{", "}{", "}}\n"},
    .row = {"", " &", " && \\text{", "}"},
    .blank = "\\underline{\\hspace{4cm}}",
    .code = {"\\texttt{", "}"},
    .escapes = true,
    .most_lines = 3,
};

const gt_markup gt_markup_markdown = {
    MATHS,
    .document = {"# ", "\n\n", ""},
    .fragment = {"", ""},
    .heading = {"## ", "\n\n"},
    .paragraph = {"", "\n\n"},
    .math = {"$", "$"},
    .lines = {"", ""},
    .line = {"**", "**\n\n```math\n", "\n```\n\n", "\n\n"},
    .row = {"", " &", " && \\text{", "}"},
    .blank = "\\underline{\\qquad\\qquad\\qquad}",
    .code = {"`", "`"},
};
