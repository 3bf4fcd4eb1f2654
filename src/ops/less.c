#include "ops/comparison.h"

GT_COMPARISON(less, <, GT_LANE_LESS, "<", "[#1 < #2]", "Less", GT_ONNX_TRUTH,
              "1 where a < b, 0 elsewhere and where either is NaN.")
