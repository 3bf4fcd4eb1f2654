#include "lang/functions.h"

#include "ops/descriptors.h"

#include <ctype.h>
#include <string.h>

static const gt_lang_function_entry functions[GT_LANG_FUNCTION_COUNT] = {
#define GT_LANG_FUNCTION(CONSTANT, ...) [GT_LANG_##CONSTANT] = {__VA_ARGS__},
#include "lang/function_list.h"
#undef GT_LANG_FUNCTION
};

/* One line for each: */
/* clang-format off */
/* What NumPy, PyTorch and the like have, and how it is written here. */
static const gt_lang_elsewhere elsewhere[] = {
    {"dot matmul mm bmm mv", 2, "&1 @ &2", NULL},
    {"multiply mul", 2, "&1 * &2", NULL},
    {"add", 2, "&1 + &2", NULL},
    {"sub subtract", 2, "&1 - &2", NULL},
    {"div divide true_divide", 2, "&1 / &2", NULL},
    {"neg negative", 1, "-&1", NULL},
    {"concatenate cat vstack row_stack stack", 0, "concat($*)", NULL},
    {"hstack column_stack dstack", 0, "concat($*)", "one above the other: features can be joined, examples cannot"},
    {"transpose t permute swapaxes", 1, "&1.T", NULL},
    {"square", 1, "&1**2", NULL},
    {"power pow", 2, "&1**&2", NULL},
    {"reciprocal", 1, "1 / &1", NULL},
    {"rsqrt", 1, "&1**-0.5", NULL},
    {"max fmax", 2, "maximum($1, $2)", "there is no maximum along an axis"},
    {"min fmin", 2, "minimum($1, $2)", "there is no minimum along an axis"},
    {"amax amin argmax argmin", 0, NULL, "there is no maximum along an axis; maximum(u, v) is of two arrays, element by element"},
    {"clip clamp", 3, "minimum(maximum($1, $2), $3)", NULL},
    {"hardtanh", 1, "minimum(maximum($1, -1), 1)", NULL},
    {"sigma sigm logistic expit", 1, "sigmoid($1)", NULL},
    {"log1p", 1, "log(1 + &1)", NULL},
    {"expm1", 1, "exp($1) - 1", NULL},
    {"log2", 1, "log($1) / log(2)", NULL},
    {"log10", 1, "log($1) / log(10)", NULL},
    {"ln", 1, "log($1)", NULL},
    {"exp2", 1, "exp(log(2) * &1)", NULL},
    {"th", 1, "tanh($1)", NULL},
    {"tan", 1, "sin($1) / cos($1)", NULL},
    {"sinh", 1, "(exp($1) - exp(-&1)) / 2", NULL},
    {"cosh", 1, "(exp($1) + exp(-&1)) / 2", NULL},
    {"arcsin arccos arctan arctan2 asin acos atan atan2 erf erfc", 0, NULL, "the functions are those of docs/cells.md; none is close to this one"},
    {"fabs absolute", 1, "abs($1)", NULL},
    {"sgn signum", 1, "sign($1)", NULL},
    {"heaviside", 1, "&1 > 0", "without a gradient"},
    {"ceil", 1, "-floor(-&1)", NULL},
    {"rint", 1, "round($1)", NULL},
    {"trunc fix", 1, "sign($1) * floor(abs($1))", NULL},
    {"fmod remainder", 2, "&1 % &2", NULL},
    {"swish", 1, "silu($1)", NULL},
    {"mish", 1, "&1 * tanh(softplus($1))", NULL},
    {"leakyrelu lrelu", 1, "leaky_relu($1)", NULL},
    {"prelu", 2, "where(&1 > 0, $1, &2 * &1)", NULL},
    {"celu", 1, "elu($1)", NULL},
    {"selu", 1, "1.0507009874 * where(&1 > 0, $1, 1.6732632423 * (exp(minimum($1, 0)) - 1))", NULL},
    {"relu6", 1, "minimum(relu($1), 6)", NULL},
    {"hard_sigmoid", 1, "hardsigmoid($1)", NULL},
    {"hardswish hard_swish", 1, "&1 * hardsigmoid($1)", NULL},
    {"softsign", 1, "&1 / (1 + abs($1))", NULL},
    {"log_sigmoid", 1, "logsigmoid($1)", NULL},
    {"log_softmax", 1, "log(softmax($1))", NULL},
    {"logsumexp", 1, "log(sum(exp($1), axis=0))", NULL},
    {"lerp", 3, "&1 + &3 * (&2 - &1)", NULL},
    {"l2_norm", 1, "norm($1)", "the norm of each example"},
    {"normalize", 1, "&1 / sqrt(sum(&1**2, axis=0) + 1e-12)", NULL},
    {"rms_norm", 1, "rmsnorm($1)", NULL},
    {"layer_norm", 1, "layernorm($1)", "its gain and its shift are written behind it: g * layernorm(u) + b"},
    {"batch_norm instance_norm", 0, NULL, "layernorm(u) is of each example; nothing is of the batch"},
    {"group_norm", 0, NULL, "write layernorm(reshape(u, n_h, n_k)): of each group; its gain and its shift are written behind it"},
    {"var", 1, "mean((&1 - mean($1, axis=0))**2, axis=0)", NULL},
    {"std", 1, "sqrt(mean((&1 - mean($1, axis=0))**2, axis=0) + 1e-5)", NULL},
    {"average reduce_mean nanmean", 1, "mean($1)", NULL},
    {"reduce_sum nansum", 1, "sum($1)", NULL},
    {"prod cumprod sort argsort topk median", 0, NULL, "sums and means over an axis are sum(u, axis=0) and mean(u, axis=0); there is no other reduction"},
    {"ger", 2, "outer($1, $2)", "a matrix for each example; the sum over the examples is u @ v.T"},
    {"inner vdot", 2, "sum(&1 * &2, axis=0)", "of each example"},
    {"einsum tensordot kron", 0, NULL, "products are written W @ u, S @ u, outer(u, v) and u * v, sums sum(u, axis=0)"},
    {"eye identity", 0, NULL, "the identity times u is u; a parameter may begin as ~ identity"},
    {"zeros zeros_like empty empty_like", 0, "0", "a number stretches to any shape"},
    {"ones ones_like", 0, "1", "a number stretches to any shape"},
    {"full full_like", 2, "$2", "a number stretches to any shape"},
    {"constant Variable Parameter", 1, "$1", "a number stands for itself; what is learnt is declared by param"},
    {"range", 1, "arange($1)", NULL},
    {"linspace meshgrid", 0, NULL, "arange(n) is 0, 1, ... n - 1; other arrays of given numbers are constants: const F[n, k] = ..."},
    {"view", 0, NULL, "write reshape(u, n_h, n_k) of u[n_h * n_k]; the examples stay"},
    {"flatten ravel squeeze unsqueeze expand_dims", 0, NULL, "other sizes with the same product are written reshape(u, n_h, n_k); the examples stay"},
    {"expand repeat tile broadcast_to", 1, "$1", "an axis of size 1 stretches by itself"},
    {"split chunk array_split hsplit vsplit", 0, NULL, "parts are slices: u[:n_a] and u[n_a:]"},
    {"narrow", 0, NULL, "parts are slices: u[:n_a] and u[n_a:]"},
    {"roll", 1, "concat(&1[-1:], &1[:-1])", "by one feature"},
    {"flip", 0, NULL, "nothing reverses the features"},
    {"diag", 0, NULL, "a diagonal matrix times u is d * u"},
    {"trace inv pinv det solve cholesky svd qr eig tril triu", 0, NULL, "there is no linear algebra but the product, W @ u"},
    {"gather take index_select embedding one_hot scatter", 0, NULL, "parts are slices with fixed bounds; an embedding is made before the cell"},
    {"array asarray tensor Tensor as_tensor copy clone contiguous", 1, "$1", NULL},
    {"float double int bool astype", 1, "$1", "there are no types: all is real"},
    {"rand_like", 1, "uniform(0, 1, $1)", NULL},
    {"randn_like", 1, "normal(1, $1)", NULL},
    {"rand randn random", 0, NULL, "draws are normal(deviation, u), uniform(low, high, u) and bernoulli(p, u), of the shape of u"},
    {"detach", 1, "stop_gradient($1)", NULL},
    {"len size shape numel", 0, NULL, "sizes are the dimensions of the declarations, such as n_a; m is the number of examples"},
    {"print", 0, NULL, "nothing is printed; output y = u shows a value"},
    {"linear", 3, "&2 @ &1 + &3", NULL},
    {"logical_and", 2, "&1 * &2", NULL},
    {"logical_or", 2, "maximum($1, $2)", NULL},
    {"logical_not", 1, "1 - &1", NULL},
    {"less lt", 2, "&1 < &2", NULL},
    {"greater gt", 2, "&1 > &2", NULL},
    {"less_equal le", 2, "&1 <= &2", NULL},
    {"greater_equal ge", 2, "&1 >= &2", NULL},
    {"equal eq", 2, "&1 == &2", NULL},
    {"not_equal ne", 2, "&1 != &2", NULL},
    {"item numpy cpu cuda to", 1, "$1", NULL},
    {"LSTMCell GRUCell RNNCell LSTM GRU RNN", 0, NULL, "a cell is written by its equations; 'gradtape cells --show lstm' shows some"},
};
/* clang-format on */

static const struct {
    const char *text;
    gt_formula_kind kind;
    const gt_op *op;
} operations[] = {
    [GT_LANG_LESS] = {"<", GT_FORMULA_LESS, &gt_op_less},
    [GT_LANG_LESS_EQUAL] = {"<=", GT_FORMULA_LESS_EQUAL, &gt_op_less_equal},
    [GT_LANG_GREATER] = {">", GT_FORMULA_GREATER, &gt_op_greater},
    [GT_LANG_GREATER_EQUAL] = {">=", GT_FORMULA_GREATER_EQUAL, &gt_op_greater_equal},
    [GT_LANG_EQUAL] = {"==", GT_FORMULA_EQUAL, &gt_op_equal},
    [GT_LANG_NOT_EQUAL] = {"!=", GT_FORMULA_NOT_EQUAL, &gt_op_not_equal},
    [GT_LANG_ADD] = {"+", GT_FORMULA_ADD, &gt_op_add},
    [GT_LANG_SUBTRACT] = {"-", GT_FORMULA_SUBTRACT, &gt_op_sub},
    [GT_LANG_MULTIPLY] = {"*", GT_FORMULA_MULTIPLY, &gt_op_mul},
    [GT_LANG_DIVIDE] = {"/", GT_FORMULA_DIVIDE, &gt_op_div},
    [GT_LANG_MATMUL] = {"@", GT_FORMULA_MATMUL, NULL},
    [GT_LANG_POWER] = {"**", GT_FORMULA_POWER, NULL},
};

const gt_lang_function_entry *gt_lang_function_at(gt_lang_function function)
{
    return function < GT_LANG_FUNCTION_COUNT ? &functions[function] : NULL;
}

bool gt_lang_takes_one(gt_lang_function function)
{
    return functions[function].most == 1 && !functions[function].has_axis && function != GT_LANG_ARANGE;
}

bool gt_lang_goes_down(gt_lang_function function)
{
    return gt_lang_takes_one(function) && functions[function].op == NULL;
}

const char *gt_lang_function_documentation(gt_lang_function function)
{
    const gt_lang_function_entry *entry = &functions[function];
    return entry->documentation != NULL ? entry->documentation : entry->op->documentation;
}

bool gt_lang_function_find(const char *name, gt_lang_function *function)
{
    for (int i = 0; i < GT_LANG_FUNCTION_COUNT; i++) {
        if (strcmp(functions[i].name, name) != 0)
            continue;
        *function = (gt_lang_function)i;
        return true;
    }
    return false;
}

static const struct {
    const char *name, *hint;
} constants[] = {
    {"pi", "write pi"},
    {"e", "write exp(1)"},
    {"inf", "numbers are finite: write a large one, such as 1e30"},
    {"nan", "numbers are finite"},
    {"True", "write 1"},
    {"true", "write 1"},
    {"False", "write 0"},
    {"false", "write 0"},
    {"None", "leave it out, or write 0"},
    {"newaxis", "everything is a matrix; no axis is added"},
    {"t", "a cell is one time step: there is no index of time"},
    {"T", "the transpose is written u.T; there is no number of time steps"},
};

const char *gt_lang_constant_hint(const char *name)
{
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        if (strcmp(constants[i].name, name) == 0)
            return constants[i].hint;
    return NULL;
}

/* Case and _ aside: LeakyReLU is leaky_relu. */
static bool is_named(const char *word, size_t length, const char *name)
{
    size_t i = 0;
    for (; *name != '\0'; name++) {
        if (*name == '_')
            continue;
        while (i < length && word[i] == '_')
            i++;
        if (i == length || tolower((unsigned char)word[i]) != tolower((unsigned char)*name))
            return false;
        i++;
    }
    return i == length;
}

const gt_lang_elsewhere *gt_lang_elsewhere_find(const char *name)
{
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        for (const char *word = elsewhere[i].names; *word != '\0'; word += strspn(word, " ")) {
            size_t length = strcspn(word, " ");
            if (is_named(word, length, name))
                return &elsewhere[i];
            word += length;
        }
    return NULL;
}

const char *gt_lang_operation_text(gt_lang_operation operation)
{
    return operations[operation].text;
}

const gt_op *gt_lang_operation_op(gt_lang_operation operation)
{
    return operations[operation].op;
}

gt_formula_kind gt_lang_operation_kind(gt_lang_operation operation)
{
    return operations[operation].kind;
}

int gt_lang_operation_strength(gt_lang_operation operation)
{
    return gt_formula_strength(operations[operation].kind);
}

const char *gt_lang_keyword_at(uint32_t i)
{
    static const char *const keywords[] = {"cell", "input", "state", "param", "output", "backward"};
    return i < sizeof keywords / sizeof *keywords ? keywords[i] : NULL;
}

bool gt_lang_is_keyword(const char *name)
{
    for (uint32_t i = 0; gt_lang_keyword_at(i) != NULL; i++)
        if (strcmp(name, gt_lang_keyword_at(i)) == 0)
            return true;
    return false;
}
