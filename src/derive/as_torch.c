/* A derivation as a torch.autograd.Function of one step. */
#include "derive/as_python.h"
#include "derive/build.h"

#include <ctype.h>

#define FUNCTION(NAME, TORCH)                                                                                          \
    {                                                                                                                  \
        NAME, GT_FORMULA_NO_AXIS,                                                                                      \
        {                                                                                                              \
            TORCH "(", ", ", ")", true                                                                                 \
        }                                                                                                              \
    }

#define REDUCTION(NAME, AXIS, BEHIND)                                                                                  \
    {                                                                                                                  \
        NAME, AXIS,                                                                                                    \
        {                                                                                                              \
            "torch." NAME "(", NULL, BEHIND, true                                                                      \
        }                                                                                                              \
    }

static const gt_formula_function functions[] = {
    {"concat", GT_FORMULA_NO_AXIS, {"torch.cat([", ", ", "], dim=0)", true}},
    FUNCTION("tanh", "torch.tanh"),
    FUNCTION("sigmoid", "torch.sigmoid"),
    FUNCTION("relu", "torch.relu"),
    FUNCTION("exp", "torch.exp"),
    FUNCTION("log", "torch.log"),
    FUNCTION("sqrt", "torch.sqrt"),
    FUNCTION("floor", "torch.floor"),
    FUNCTION("abs", "torch.abs"),
    FUNCTION("sin", "torch.sin"),
    FUNCTION("cos", "torch.cos"),
    {"softmax", GT_FORMULA_NO_AXIS, {"torch.softmax(", NULL, ", dim=0)", true}},
    {"cumsum", GT_FORMULA_NO_AXIS, {"torch.cumsum(", NULL, ", dim=0)", true}},
    FUNCTION("stop_gradient", ""),
    REDUCTION("sum", 0, ", dim=0, keepdim=True)"),
    REDUCTION("sum", 1, ", dim=1, keepdim=True)"),
    REDUCTION("sum", GT_FORMULA_ALL_AXES, ", dim=(0, 1), keepdim=True)"),
    REDUCTION("mean", 0, ", dim=0, keepdim=True)"),
    REDUCTION("mean", 1, ", dim=1, keepdim=True)"),
    REDUCTION("mean", GT_FORMULA_ALL_AXES, ", dim=(0, 1), keepdim=True)"),
    {NULL, 0, {NULL, NULL, NULL, false}},
};

/* Functions of numbers, such as sqrt(n_a), are Python's. */
static const gt_formula_function number_functions[] = {
    FUNCTION("tanh", "math.tanh"), FUNCTION("exp", "math.exp"),          FUNCTION("log", "math.log"),
    FUNCTION("sqrt", "math.sqrt"), FUNCTION("floor", "math.floor"),      FUNCTION("abs", "abs"),
    FUNCTION("sin", "math.sin"),   FUNCTION("cos", "math.cos"),          FUNCTION("maximum", "max"),
    FUNCTION("minimum", "min"),    {NULL, 0, {NULL, NULL, NULL, false}},
};

/* Comparisons are 1 and 0, so that they can be added and subtracted. */
#define COMPARISON(SIGN)                                                                                               \
    {                                                                                                                  \
        "compared(torch." SIGN ", ", ", ", ")", true                                                                   \
    }

#define NOTATION(FUNCTIONS)                                                                                            \
    {                                                                                                                  \
        .open = "(", .close = ")",                                                                                     \
        .operators =                                                                                                   \
            {                                                                                                          \
                [GT_FORMULA_LESS] = COMPARISON("lt"),                                                                  \
                [GT_FORMULA_LESS_EQUAL] = COMPARISON("le"),                                                            \
                [GT_FORMULA_GREATER] = COMPARISON("gt"),                                                               \
                [GT_FORMULA_GREATER_EQUAL] = COMPARISON("ge"),                                                         \
                [GT_FORMULA_EQUAL] = COMPARISON("eq"),                                                                 \
                [GT_FORMULA_NOT_EQUAL] = COMPARISON("ne"),                                                             \
                GT_NOTATION_ARITHMETIC,                                                                                \
            },                                                                                                         \
        .bounds = {"[", ", ", "]", false}, .to = ":", .call = {"(", ", ", ")", false}, .functions = FUNCTIONS,         \
    }

static const gt_notation notation = NOTATION(functions), number_notation = NOTATION(number_functions);

static const char compared[] = "\ndef compared(how, u, v):\n"
                               "    u = torch.as_tensor(u)\n"
                               "    return how(u, torch.as_tensor(v, dtype=u.dtype)).to(u.dtype)\n\n";

static const gt_python_helper helpers[] = {
    {GT_LANG_SOFTPLUS, "\ndef softplus(u):\n    return torch.logaddexp(u, torch.zeros_like(u))"},
    {GT_LANG_GELU, "\ndef gelu(u):\n    return u * torch.sigmoid(1.5957691216057308 * (u + 0.044715 * u**3))"},
    {GT_LANG_LAYERNORM, "\ndef layernorm(u):\n    centred = u - torch.mean(u, dim=0, keepdim=True)\n"
                        "    return centred / torch.sqrt(torch.mean(centred**2, dim=0, keepdim=True) + 1e-5)"},
    {GT_LANG_MAXIMUM, "\ndef maximum(u, v):\n    u = torch.as_tensor(u, dtype=torch.result_type(u, v))\n"
                      "    return torch.maximum(u, torch.as_tensor(v, dtype=u.dtype))"},
    {GT_LANG_MINIMUM, "\ndef minimum(u, v):\n    u = torch.as_tensor(u, dtype=torch.result_type(u, v))\n"
                      "    return torch.minimum(u, torch.as_tensor(v, dtype=u.dtype))"},
    {GT_LANG_WHERE, "\ndef where(mask, u, v):\n    u = torch.as_tensor(u, dtype=torch.result_type(u, v))\n"
                    "    return torch.where(torch.as_tensor(mask) != 0, u, torch.as_tensor(v, dtype=u.dtype))"},
};

/* What the module uses itself, and the words of Python. */
static const char *const reserved[] = {
    "torch", "math",  "ctx",    "compared", "softplus", "gelu",  "layernorm", "maximum", "minimum",  "where",
    "abs",   "max",   "min",    "False",    "None",     "True",  "and",       "as",      "assert",   "async",
    "await", "break", "class",  "continue", "def",      "del",   "elif",      "else",    "except",   "finally",
    "for",   "from",  "global", "if",       "import",   "in",    "is",        "lambda",  "nonlocal", "not",
    "or",    "pass",  "raise",  "return",   "try",      "while", "with",      "yield",   NULL};

/* ---- what is remembered -------------------------------------------------------------------- */

static bool is_number(const gt_python *p, const char *name)
{
    const gt_lang_symbol *symbol = gt_lang_symbols_find(&p->d->meaning.symbols, name);
    return symbol != NULL && symbol->shape.number;
}

static void put_tensor(const gt_python *p, const char *name, uint32_t place)
{
    (void)place;
    if (!is_number(p, name))
        gt_text_print(p->text, "%s, ", gt_python_name(p, name));
}

static void keep_number(const gt_python *p, const char *name, uint32_t place)
{
    (void)place;
    if (is_number(p, name))
        gt_text_print(p->text, "        ctx.%s = %s\n", gt_python_name(p, name), gt_python_name(p, name));
}

static void take_number(const gt_python *p, const char *name, uint32_t place)
{
    (void)place;
    if (is_number(p, name))
        gt_text_print(p->text, "        %s = ctx.%s\n", gt_python_name(p, name), gt_python_name(p, name));
}

/* ---- the class ----------------------------------------------------------------------------- */

/* gru_after: GruAfter */
static void put_class_name(const gt_python *p)
{
    bool capital = true;
    for (const char *c = p->d->cell->name; *c != '\0'; c++) {
        char letter = (char)(capital ? toupper((unsigned char)*c) : *c);
        capital = *c == '_';
        if (!capital)
            gt_text_put(p->text, &letter, 1);
    }
}

static void put_list(const gt_python *p, const char *before)
{
    gt_python_put_names(p, GT_LANG_INPUT, before, "");
    gt_text_print(p->text, ", ");
    gt_python_put_names(p, GT_LANG_STATE, before, "");
    gt_text_print(p->text, ", ");
    gt_python_put_names(p, GT_LANG_PARAMETER, before, "");
}

static void put_forward(const gt_python *p)
{
    gt_text_print(p->text, "    @staticmethod\n    def forward(ctx, ");
    put_list(p, "");
    gt_text_print(p->text, "):\n");
    gt_python_put_dimensions(p, true, "        ");
    gt_python_put_forward(p, "        ");
    gt_text_print(p->text, "        ctx.save_for_backward(");
    gt_python_each_remembered(p, put_tensor);
    gt_text_print(p->text, ")\n");
    gt_python_each_remembered(p, keep_number);
    gt_text_print(p->text, "        return ");
    gt_python_put_results(p, "");
    gt_text_print(p->text, "\n\n");
}

static void put_backward(const gt_python *p)
{
    gt_text_print(p->text,
                  "    @staticmethod\n    @torch.autograd.function.once_differentiable\n    def backward(ctx, ");
    gt_python_put_results(p, "d");
    gt_text_print(p->text, "):\n        (");
    gt_python_each_remembered(p, put_tensor);
    gt_text_print(p->text, ") = ctx.saved_tensors\n");
    gt_python_each_remembered(p, take_number);
    gt_python_put_dimensions(p, false, "        ");
    gt_python_put_backward(p, "        ");
    gt_python_put_unreached(p, "        ", "torch.zeros_like");
    gt_text_print(p->text, "        return ");
    put_list(p, "d");
    gt_text_print(p->text, "\n");
}

void gt_derive_write_torch(gt_derivation *d, const gt_derive_options *options, gt_text *text)
{
    const gt_python p = {d, text, {d, reserved}, &notation, &number_notation};
    if (!options->fragment) {
        gt_text_print(text,
                      "\"\"\"The cell %s and its backward pass, derived by gradtape.\"\"\"\nimport math\n\n"
                      "import torch\n\n",
                      d->cell->name);
        if (gt_derive_compares(d))
            gt_text_put(text, compared, sizeof compared - 1);
        gt_python_put_helpers(&p, helpers, sizeof helpers / sizeof *helpers);
        gt_text_print(text, "\n");
    }
    gt_text_print(text, "class ");
    put_class_name(&p);
    gt_text_print(text, "(torch.autograd.Function):\n    \"\"\"One time step; apply takes\n\n");
    gt_python_put_shapes(&p, "    ", "");
    gt_text_print(text, "\n    and gives the next states and the outputs.\n    \"\"\"\n\n");
    put_forward(&p);
    put_backward(&p);
}
