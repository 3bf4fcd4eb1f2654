#include "ops/comparison.h"

GT_COMPARISON(equal, ==, GT_LANE_EQUAL, "=", "[#1 = #2]", "Equal", GT_ONNX_TRUTH,
              "1 where a equals b, 0 elsewhere and where either is NaN.")
