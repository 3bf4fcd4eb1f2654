/*
 * The functions of the cell language, one row for each; included where a list is made of them.
 *
 * GT_LANG_FUNCTION(constant, name, fewest arguments, most, axis, op, derivative, documentation)
 *   most:          UINT32_MAX is any number
 *   axis:          whether it takes axis=
 *   op:            what it records and what it is of numbers, element by element; NULL: it is more
 *                  than one op, or needs an array, and src/lang/record.c says which
 *   derivative:    of v = f(u), in the cell language; NULL: it has no such short form
 *   documentation: NULL is that of the op
 */
/* clang-format off */
GT_LANG_FUNCTION(CONCAT, "concat", 1, UINT32_MAX, false, NULL, NULL, "Its arguments one above the other.")
GT_LANG_FUNCTION(TANH, "tanh", 1, 1, false, &gt_op_tanh, "1 - v**2", NULL)
GT_LANG_FUNCTION(SIGMOID, "sigmoid", 1, 1, false, &gt_op_sigmoid, "v * (1 - v)", NULL)
GT_LANG_FUNCTION(SOFTMAX, "softmax", 1, 1, false, NULL, NULL, "exp(u) divided by its sum over the features, for each example.")
GT_LANG_FUNCTION(RELU, "relu", 1, 1, false, &gt_op_relu, "u > 0", NULL)
GT_LANG_FUNCTION(SOFTPLUS, "softplus", 1, 1, false, &gt_op_softplus, "sigmoid(u)", NULL)
GT_LANG_FUNCTION(GELU, "gelu", 1, 1, false, &gt_op_gelu, "sigmoid(1.5957691216057308 * (u + 0.044715 * u**3)) * (1 + 1.5957691216057308 * u * sigmoid(-1.5957691216057308 * (u + 0.044715 * u**3)) * (1 + 0.134145 * u**2))", NULL)
GT_LANG_FUNCTION(EXP, "exp", 1, 1, false, &gt_op_exp, "v", NULL)
GT_LANG_FUNCTION(LOG, "log", 1, 1, false, &gt_op_log, "1 / u", NULL)
GT_LANG_FUNCTION(SQRT, "sqrt", 1, 1, false, &gt_op_sqrt, "0.5 / v", NULL)
GT_LANG_FUNCTION(ABS, "abs", 1, 1, false, &gt_op_abs, "u / v", NULL)
GT_LANG_FUNCTION(FLOOR, "floor", 1, 1, false, &gt_op_floor, NULL, NULL)
GT_LANG_FUNCTION(SIN, "sin", 1, 1, false, &gt_op_sin, "cos(u)", NULL)
GT_LANG_FUNCTION(COS, "cos", 1, 1, false, &gt_op_cos, "-sin(u)", NULL)
GT_LANG_FUNCTION(MAXIMUM, "maximum", 2, 2, false, &gt_op_maximum, NULL, NULL)
GT_LANG_FUNCTION(MINIMUM, "minimum", 2, 2, false, &gt_op_minimum, NULL, NULL)
GT_LANG_FUNCTION(SUM, "sum", 1, 1, true, NULL, NULL, "The sum over axis 0 (features), axis 1 (examples), or of all entries.")
GT_LANG_FUNCTION(MEAN, "mean", 1, 1, true, NULL, NULL, "The mean over axis 0 (features), axis 1 (examples), or of all entries.")
GT_LANG_FUNCTION(CUMSUM, "cumsum", 1, 1, false, NULL, NULL, "Each feature with the sum of those above it, for each example.")
GT_LANG_FUNCTION(ARANGE, "arange", 1, 1, false, NULL, NULL, "The whole numbers from 0 to n - 1, one below the other; n is a size.")
GT_LANG_FUNCTION(LAYERNORM, "layernorm", 1, 1, false, NULL, NULL, "(u - mean) / sqrt(variance + 1e-5) over the features, for each example.")
GT_LANG_FUNCTION(OUTER, "outer", 2, 2, false, NULL, NULL, "u times v transposed, a matrix for each example, and for each head where there are heads.")
GT_LANG_FUNCTION(RESHAPE, "reshape", 2, 4, false, NULL, NULL, "The entries of an array in the same order, the last size running fastest, under other sizes; the examples stay.")
GT_LANG_FUNCTION(STOP_GRADIENT, "stop_gradient", 1, 1, false, &gt_op_stop_gradient, NULL, NULL)
GT_LANG_FUNCTION(WHERE, "where", 3, 3, false, &gt_op_where, NULL, NULL)
/* clang-format on */
