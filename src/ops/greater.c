#include "ops/comparison.h"

GT_COMPARISON(greater, >, ">", "[#1 > #2]", "Greater",
              "1 where a > b, 0 elsewhere and where either is NaN.")
