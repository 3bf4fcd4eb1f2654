#include "ops/comparison.h"

GT_COMPARISON(greater_equal, >=, GT_LANE_GREATER_EQUAL, "≥", "[#1 \\ge #2]", "GreaterOrEqual", GT_ONNX_TRUTH,
              "1 where a >= b, 0 elsewhere and where either is NaN.")
