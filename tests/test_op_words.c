/* What every op says of itself, for manuals, formulas and exports: nothing is missing, and each is well formed. */
#include "base/utf8.h"

#include <criterion/criterion.h>
#include <gradtape.h>
#include <stdlib.h>
#include <string.h>

static void for_all(void (*check)(const gt_op *op))
{
    cr_assert(gt_op_count() > 30);
    for (uint32_t i = 0; i < gt_op_count(); i++)
        check(gt_op_at(i));
}

/* One to four sentences of plain text. */
static void check_documentation(const gt_op *op)
{
    const char *text = op->documentation;
    cr_assert_not_null(text, "%s", op->name);
    size_t length = strlen(text);
    cr_assert(length > 2 && length < 600, "%s: %zu bytes", op->name, length);
    cr_expect(text[length - 1] == '.', "%s: '%s' does not end in a full stop", op->name, text);
    cr_expect(gt_utf8_valid(text, length) && text[0] != ' ', "%s", op->name);
    for (const char *c = text; *c != '\0'; c++)
        cr_expect((unsigned char)*c >= ' ' && !(c[0] == ' ' && c[1] == ' '), "%s: '%s'", op->name, text);
}

Test(op_words, documentation)
{
    for_all(check_documentation);
}

/* Braces are paired, \left has its \right, and #1 ... #n are the operands, each there. */
static void check_latex(const gt_op *op)
{
    bool seen[10] = {false};
    int depth = 0, left = 0, highest = 0;
    const char *text = op->latex;
    if (text == NULL) {
        /* Where there is no formula: what has any number of operands, or attributes that it would have to show. */
        cr_expect(op->arity != 2 || op->op_class != GT_CLASS_ELEMENTWISE, "%s has no formula", op->name);
        return;
    }
    for (const char *c = text; *c != '\0'; c++) {
        depth += (*c == '{') - (*c == '}');
        cr_assert(depth >= 0, "%s: %s", op->name, text);
        left += (strncmp(c, "\\left", 5) == 0) - (strncmp(c, "\\right", 6) == 0);
        if (*c != '#')
            continue;
        int place = c[1] - '0';
        cr_assert(place >= 1 && place <= 9, "%s: %s", op->name, text);
        seen[place] = true;
        highest = place > highest ? place : highest;
    }
    cr_expect(depth == 0 && left == 0, "%s: %s", op->name, text);
    cr_expect(op->arity < 0 || highest == op->arity, "%s: %s has %d operands, not %d", op->name, text, highest,
              op->arity);
    for (int place = 1; place <= highest; place++)
        cr_expect(seen[place], "%s: %s lacks #%d", op->name, text, place);
}

Test(op_words, latex)
{
    for_all(check_latex);
}

/* Operators of ONNX (https://onnx.ai/onnx/operators), in alphabetical order: those with which a tape can be written. */
static const char *const operators[] = {
    "Abs",
    "Acos",
    "Acosh",
    "Add",
    "And",
    "ArgMax",
    "ArgMin",
    "Asin",
    "Asinh",
    "Atan",
    "Atanh",
    "Bernoulli",
    "Cast",
    "Ceil",
    "Celu",
    "Clip",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "Cos",
    "Cosh",
    "CumSum",
    "Div",
    "Dropout",
    "Einsum",
    "Elu",
    "Equal",
    "Erf",
    "Exp",
    "Expand",
    "Flatten",
    "Floor",
    "Gather",
    "GatherElements",
    "GatherND",
    "Gelu",
    "Gemm",
    "Greater",
    "GreaterOrEqual",
    "HardSigmoid",
    "HardSwish",
    "Hardmax",
    "Identity",
    "If",
    "IsInf",
    "IsNaN",
    "LayerNormalization",
    "LeakyRelu",
    "Less",
    "LessOrEqual",
    "Log",
    "LogSoftmax",
    "Loop",
    "MatMul",
    "Max",
    "Mean",
    "Min",
    "Mish",
    "Mod",
    "Mul",
    "Neg",
    "NegativeLogLikelihoodLoss",
    "Not",
    "OneHot",
    "Or",
    "PRelu",
    "Pad",
    "Pow",
    "RandomNormal",
    "RandomUniform",
    "Range",
    "Reciprocal",
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSumExp",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceProd",
    "ReduceSum",
    "ReduceSumSquare",
    "Relu",
    "Reshape",
    "Round",
    "Scan",
    "ScatterElements",
    "ScatterND",
    "Selu",
    "Shape",
    "Sigmoid",
    "Sign",
    "Sin",
    "Sinh",
    "Slice",
    "Softmax",
    "SoftmaxCrossEntropyLoss",
    "Softplus",
    "Softsign",
    "Split",
    "Sqrt",
    "Squeeze",
    "Sub",
    "Sum",
    "Tan",
    "Tanh",
    "Tile",
    "Transpose",
    "Trilu",
    "Unsqueeze",
    "Where",
    "Xor",
};

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void check_onnx(const gt_op *op)
{
    if (op->onnx != NULL)
        cr_expect_not_null(
            bsearch(&op->onnx, operators, sizeof operators / sizeof *operators, sizeof *operators, compare),
            "%s: ONNX has no operator %s", op->name, op->onnx);
    else
        /* Of its own: what only a tape has. Arithmetic is in ONNX. */
        cr_expect(op->op_class != GT_CLASS_MATRIX_PRODUCT && (op->op_class != GT_CLASS_REDUCTION || op->arity != 1),
                  "%s", op->name);
}

Test(op_words, onnx)
{
    for_all(check_onnx);
}

static void check_label(const gt_op *op)
{
    cr_assert(op->name != NULL && op->name[0] != '\0');
    cr_expect(op->label == NULL || (op->label[0] != '\0' && gt_utf8_valid(op->label, strlen(op->label))), "%s",
              op->name);
    for (uint32_t i = 0; gt_op_at(i) != op; i++)
        cr_expect_str_neq(gt_op_at(i)->name, op->name);
}

Test(op_words, names_and_labels)
{
    for_all(check_label);
}
