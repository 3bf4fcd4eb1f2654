#include "ops/comparison.h"

GT_COMPARISON(less_equal, <=, GT_LANE_LESS_EQUAL, "≤", "[#1 \\le #2]", "LessOrEqual", GT_ONNX_TRUTH,
              "1 where a <= b, 0 elsewhere and where either is NaN.")
