#include "cli/bench/clock.h"

#include "base/clock.h"

double gt_now_us(void)
{
    return 1e6 * gt_clock_seconds();
}
