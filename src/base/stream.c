#include "base/stream.h"

#include "base/fnv.h"
#include "gradtape/random.h"

#include <math.h>
#include <string.h>

gt_stream gt_stream_of(uint64_t seed, const char *name)
{
    gt_stream stream = {{(uint32_t)seed, (uint32_t)(seed >> 32)}, gt_fnv_bytes(GT_FNV_START, name, strlen(name))};
    return stream;
}

gt_stream gt_stream_at(gt_stream stream, uint32_t site)
{
    stream.name_hash += site * 0x9E3779B97F4A7C15u;
    return stream;
}

void gt_stream_draw(const gt_stream *stream, uint64_t i, double uniform[2])
{
    const uint32_t counter[4] = {(uint32_t)i, (uint32_t)(i >> 32), (uint32_t)stream->name_hash,
                                 (uint32_t)(stream->name_hash >> 32)};
    uint32_t word[4];
    gt_random_philox(stream->key, counter, word);
    for (int k = 0; k < 2; k++)
        uniform[k] = ((word[2 * k] >> 5) * 67108864.0 + (word[2 * k + 1] >> 6)) / 9007199254740992.0;
}

double gt_stream_normal(const gt_stream *stream, uint64_t i)
{
    static const double two_pi = 6.283185307179586476925;
    double uniform[2];
    gt_stream_draw(stream, i, uniform);
    return sqrt(-2 * log(1 - uniform[0])) * cos(two_pi * uniform[1]);
}
