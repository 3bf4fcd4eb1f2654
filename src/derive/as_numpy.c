/* A derivation as plain NumPy: a step and a sequence, forward and backward. */
#include "derive/as_python.h"

static const gt_formula_function functions[] = {
    {"concat", GT_FORMULA_NO_AXIS, {"np.concatenate([", ", ", "], axis=0)", true}},
    {"tanh", GT_FORMULA_NO_AXIS, {"np.tanh(", NULL, ")", true}},
    {"relu", GT_FORMULA_NO_AXIS, {"np.maximum(", NULL, ", 0)", true}},
    {"softplus", GT_FORMULA_NO_AXIS, {"np.logaddexp(0, ", NULL, ")", true}},
    {"exp", GT_FORMULA_NO_AXIS, {"np.exp(", NULL, ")", true}},
    {"log", GT_FORMULA_NO_AXIS, {"np.log(", NULL, ")", true}},
    {"sqrt", GT_FORMULA_NO_AXIS, {"np.sqrt(", NULL, ")", true}},
    {"floor", GT_FORMULA_NO_AXIS, {"np.floor(", NULL, ")", true}},
    {"abs", GT_FORMULA_NO_AXIS, {"np.abs(", NULL, ")", true}},
    {"sin", GT_FORMULA_NO_AXIS, {"np.sin(", NULL, ")", true}},
    {"cos", GT_FORMULA_NO_AXIS, {"np.cos(", NULL, ")", true}},
    {"maximum", GT_FORMULA_NO_AXIS, {"np.maximum(", ", ", ")", true}},
    {"minimum", GT_FORMULA_NO_AXIS, {"np.minimum(", ", ", ")", true}},
    {"where", GT_FORMULA_NO_AXIS, {"np.where(", ", ", ")", true}},
    {"arange", GT_FORMULA_NO_AXIS, {"np.arange(", NULL, ", dtype=float)[:, None]", true}},
    {"cumsum", GT_FORMULA_NO_AXIS, {"np.cumsum(", NULL, ", axis=0)", true}},
    {"stop_gradient", GT_FORMULA_NO_AXIS, {"(", NULL, ")", true}},
    {"sum", 0, {"np.sum(", NULL, ", axis=0, keepdims=True)", true}},
    {"sum", 1, {"np.sum(", NULL, ", axis=1, keepdims=True)", true}},
    {"sum", GT_FORMULA_ALL_AXES, {"np.sum(", NULL, ", keepdims=True)", true}},
    {"mean", 0, {"np.mean(", NULL, ", axis=0, keepdims=True)", true}},
    {"mean", 1, {"np.mean(", NULL, ", axis=1, keepdims=True)", true}},
    {"mean", GT_FORMULA_ALL_AXES, {"np.mean(", NULL, ", keepdims=True)", true}},
    {NULL, 0, {NULL, NULL, NULL, false}},
};

/* Comparisons are 1 and 0, so that they can be added and subtracted. */
#define COMPARISON(SIGN)                                                                                               \
    {                                                                                                                  \
        "np." SIGN "(", ", ", ").astype(float)", true                                                                  \
    }

static const gt_notation notation = {
    .open = "(",
    .close = ")",
    .operators =
        {
            [GT_FORMULA_LESS] = COMPARISON("less"),
            [GT_FORMULA_LESS_EQUAL] = COMPARISON("less_equal"),
            [GT_FORMULA_GREATER] = COMPARISON("greater"),
            [GT_FORMULA_GREATER_EQUAL] = COMPARISON("greater_equal"),
            [GT_FORMULA_EQUAL] = COMPARISON("equal"),
            [GT_FORMULA_NOT_EQUAL] = COMPARISON("not_equal"),
            GT_NOTATION_ARITHMETIC,
        },
    .bounds = {"[", ", ", "]", false},
    .to = ":",
    .call = {"(", ", ", ")", false},
    .functions = functions,
};

static const gt_python_helper helpers[] = {
    {GT_LANG_SIGMOID, "\ndef sigmoid(u):\n    return 1 / (1 + np.exp(-u))"},
    {GT_LANG_SOFTMAX, "\ndef softmax(u):\n    e = np.exp(u - np.max(u, axis=0, keepdims=True))\n"
                      "    return e / np.sum(e, axis=0, keepdims=True)"},
    {GT_LANG_GELU, "\ndef gelu(u):\n"
                   "    return u / (1 + np.exp(-1.5957691216057308 * (u + 0.044715 * u**3)))"},
    {GT_LANG_LAYERNORM, "\ndef layernorm(u):\n    centred = u - np.mean(u, axis=0, keepdims=True)\n"
                        "    return centred / np.sqrt(np.mean(centred**2, axis=0, keepdims=True) + 1e-5)"},
};

/* What the module uses itself, and the words of Python. */
static const char *const reserved[] = {
    "np",       "t",    "cache",  "caches", "steps",  "step",   "shares",    "total",    "sigmoid",
    "softmax",  "gelu", "range",  "len",    "zip",    "list",   "reversed",  "float",    "False",
    "None",     "True", "and",    "as",     "assert", "async",  "await",     "break",    "class",
    "continue", "def",  "del",    "elif",   "else",   "except", "finally",   "for",      "from",
    "global",   "if",   "import", "in",     "is",     "lambda", "layernorm", "nonlocal", "not",
    "or",       "pass", "raise",  "return", "try",    "while",  "with",      "yield",    NULL};

static void put_first(const gt_python *p, const char *name, uint32_t place)
{
    gt_text_print(p->text, "%s%s", place > 0 ? ", " : "", gt_python_name(p, name));
}

/* "(x, z, f)", also of one alone. */
static void put_cache(const gt_python *p)
{
    gt_text_print(p->text, "(");
    uint32_t count = gt_python_each_remembered(p, put_first);
    gt_text_print(p->text, "%s)", count == 1 ? "," : "");
}

static void put_arguments(const gt_python *p, const char *state_behind)
{
    gt_python_put_names(p, GT_LANG_INPUT, "", "");
    gt_text_print(p->text, ", ");
    gt_python_put_names(p, GT_LANG_STATE, "", state_behind);
    gt_text_print(p->text, ", ");
    gt_python_put_names(p, GT_LANG_PARAMETER, "", "");
}

static void put_step_forward(const gt_python *p, const char *cell)
{
    gt_text_print(p->text, "\ndef %s_cell_forward(", cell);
    put_arguments(p, "");
    gt_text_print(p->text, "):\n    \"\"\"One time step: next states, outputs, and what the way back needs.\n\n");
    gt_python_put_shapes(p, "    ", "");
    gt_text_print(p->text, "    \"\"\"\n");
    gt_python_put_dimensions(p, true, "    ");
    gt_python_put_forward(p, "    ");
    gt_text_print(p->text, "    return ");
    gt_python_put_results(p, "");
    gt_text_print(p->text, ", ");
    put_cache(p);
    gt_text_print(p->text, "\n\n");
}

static void put_step_backward(const gt_python *p, const char *cell)
{
    gt_text_print(p->text, "\ndef %s_cell_backward(", cell);
    gt_python_put_results(p, "d");
    gt_text_print(p->text,
                  ", cache):\n    \"\"\"One time step back: gradients of what %s_cell_forward is given, in that "
                  "order.\"\"\"\n    ",
                  cell);
    put_cache(p);
    gt_text_print(p->text, " = cache\n");
    gt_python_put_dimensions(p, false, "    ");
    gt_python_put_backward(p, "    ");
    gt_python_put_unreached(p, "    ", "np.zeros_like");
    gt_text_print(p->text, "    return ");
    gt_python_put_names(p, GT_LANG_INPUT, "d", "");
    gt_text_print(p->text, ", ");
    gt_python_put_names(p, GT_LANG_STATE, "d", "");
    gt_text_print(p->text, ", ");
    gt_python_put_names(p, GT_LANG_PARAMETER, "d", "");
    gt_text_print(p->text, "\n\n");
}

/* The names of a step's results are those of the states, which the next step reads. */
static void put_outputs(const gt_python *p, const char *before, const char *behind)
{
    for (uint32_t i = 0; i < p->d->cell->equation_count; i++)
        if (p->d->cell->equations[i].target == GT_LANG_OUTPUT)
            gt_text_print(p->text, ", %s%s", gt_python_joined(p, before, p->d->cell->equations[i].name), behind);
}

static void put_forward(const gt_python *p, const char *cell)
{
    gt_text_print(p->text, "\ndef %s_forward(", cell);
    put_arguments(p, "0");
    gt_text_print(p->text, "):\n    \"\"\"All time steps: states and outputs (rows, m, T), and what the way back "
                           "needs.\n\n");
    gt_python_put_shapes(p, "    ", ", T");
    gt_text_print(p->text, "    \"\"\"\n    steps, caches = [], []\n    ");
    gt_python_put_names(p, GT_LANG_STATE, "", "");
    gt_text_print(p->text, " = ");
    gt_python_put_names(p, GT_LANG_STATE, "", "0");
    gt_text_print(p->text, "\n    for t in range(");
    gt_text_print(p->text, "%s.shape[2]):\n        ", gt_python_name(p, gt_python_first(p, GT_LANG_INPUT)));
    gt_python_put_names(p, GT_LANG_STATE, "", "");
    put_outputs(p, "", "");
    gt_text_print(p->text, ", cache = %s_cell_forward(", cell);
    gt_python_put_names(p, GT_LANG_INPUT, "", "[:, :, t]");
    gt_text_print(p->text, ", ");
    gt_python_put_names(p, GT_LANG_STATE, "", "");
    gt_text_print(p->text, ", ");
    gt_python_put_names(p, GT_LANG_PARAMETER, "", "");
    gt_text_print(p->text, ")\n        steps.append((");
    gt_python_put_names(p, GT_LANG_STATE, "", "");
    put_outputs(p, "", "");
    gt_text_print(p->text, ",))\n        caches.append(cache)\n"
                           "    return *(np.stack(step, axis=2) for step in zip(*steps)), caches\n\n");
}

/* "da[:, :, t] + da_next", for each state. */
static void put_upstream(const gt_python *p)
{
    bool first = true;
    for (uint32_t i = 0; i < p->d->cell->declaration_count; i++)
        if (p->d->cell->declarations[i].role == GT_LANG_STATE) {
            const char *name = gt_python_name(p, p->d->cell->declarations[i].name);
            gt_text_print(p->text, "%sd%s[:, :, t] + d%s0", first ? "" : ", ", name, name);
            first = false;
        }
    put_outputs(p, "d", "[:, :, t]");
}

static void put_backward(const gt_python *p, const char *cell)
{
    gt_text_print(p->text, "\ndef %s_backward(", cell);
    gt_python_put_names(p, GT_LANG_STATE, "d", "");
    put_outputs(p, "d", "");
    gt_text_print(p->text,
                  ", caches):\n    \"\"\"All time steps back: gradients of what %s_forward is given, in that order.\n\n"
                  "    The arguments, (rows, m, T), are the gradients that reach the states and outputs of each step\n"
                  "    from the cost; what later steps send back is added to them here, and parameters are summed.\n"
                  "    \"\"\"\n    steps, total = [], None\n    ",
                  cell);
    gt_python_put_names(p, GT_LANG_STATE, "d", "0");
    gt_text_print(p->text, " = ");
    gt_python_put_names(p, GT_LANG_STATE, "0 * d", "[:, :, 0]");
    gt_text_print(p->text, "\n    for t in reversed(range(len(caches))):\n        ");
    gt_python_put_names(p, GT_LANG_INPUT, "d", "");
    gt_text_print(p->text, ", ");
    gt_python_put_names(p, GT_LANG_STATE, "d", "0");
    gt_text_print(p->text, ", *shares = %s_cell_backward(", cell);
    put_upstream(p);
    gt_text_print(p->text, ", caches[t])\n        steps.append((");
    gt_python_put_names(p, GT_LANG_INPUT, "d", "");
    gt_text_print(p->text, ",))\n        total = shares if total is None else [a + b for a, b in zip(total, shares)]\n"
                           "    return *(np.stack(step[::-1], axis=2) for step in zip(*steps)), ");
    gt_python_put_names(p, GT_LANG_STATE, "d", "0");
    gt_text_print(p->text, ", *total\n");
}

void gt_numpy_put_line(gt_derivation *d, const char *name, const gt_lang_expression *value, gt_text *text)
{
    const gt_python p = {d, text, {d, reserved}, &notation, NULL};
    gt_text_print(text, "%s = ", gt_python_name(&p, name));
    gt_python_put(&p, value);
}

/* Their loops are not written: the parameters that states begin with have no gradient in a step. */
static bool begins_with_parameters(const gt_lang_cell *cell)
{
    for (uint32_t i = 0; i < cell->declaration_count; i++)
        if (cell->declarations[i].begins_with != NULL)
            return true;
    return false;
}

static void put_no_loop(const gt_python *p)
{
    for (uint32_t i = 0; i < p->d->cell->declaration_count; i++) {
        const gt_lang_declaration *d = &p->d->cell->declarations[i];
        if (d->begins_with != NULL)
            gt_text_print(p->text,
                          "\n# The loop over time is yours: %s begins with %s in each example, and the gradient of %s\n"
                          "# is that of %s at the first step, summed over the examples.\n",
                          d->name, d->begins_with, d->initial->kind == GT_LANG_NAME ? d->begins_with : "that", d->name);
    }
}

void gt_derive_write_numpy(gt_derivation *d, const gt_derive_options *options, gt_text *text)
{
    const gt_python p = {d, text, {d, reserved}, &notation, NULL};
    const char *cell = d->cell->name;
    if (!options->fragment)
        gt_text_print(
            text, "\"\"\"The cell %s and its backward pass, derived by gradtape.\"\"\"\nimport numpy as np\n\n", cell);
    gt_python_put_helpers(&p, helpers, sizeof helpers / sizeof *helpers);
    put_step_forward(&p, cell);
    put_step_backward(&p, cell);
    if (options->fragment)
        return;
    if (begins_with_parameters(d->cell)) {
        put_no_loop(&p);
        return;
    }
    put_forward(&p, cell);
    put_backward(&p, cell);
}
