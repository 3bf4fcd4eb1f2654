#include "ops/comparison.h"

GT_COMPARISON(not_equal, !=, GT_LANE_NOT_EQUAL, "≠", "[#1 \\ne #2]", "Equal", GT_ONNX_UNTRUTH,
              "1 where a differs from b or either is NaN, 0 elsewhere.")
