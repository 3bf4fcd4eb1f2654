#include "ops/comparison.h"

GT_COMPARISON(greater, >, GT_LANE_GREATER_THAN, ">", "[#1 > #2]", "Greater", GT_ONNX_TRUTH,
              "1 where a > b, 0 elsewhere and where either is NaN.")
