/*
 * NumPy's legacy RandomState, value for value: the Mersenne Twister MT19937 and
 * the ways in which numpy.random turns its words into numbers.
 */
#include "gradtape/random.h"

#include <math.h>

enum { WORDS = 624, OFFSET = 397 };

static const uint32_t default_seed = 5489; /* of the generator's reference implementation */

void gt_random_seed(gt_random *random, uint32_t seed)
{
    /* Knuth, TAOCP volume 2, third edition, page 106, with the multiplier of MT19937. */
    for (uint32_t i = 0; i < WORDS; i++) {
        random->state[i] = seed;
        seed = 1812433253u * (seed ^ (seed >> 30)) + i + 1;
    }
    random->position = WORDS;
    random->has_normal = false;
    random->normal = 0;
}

/* One word of the recurrence, from the top bit of `high`, the other bits of `low`, and `far`. */
static uint32_t twist(uint32_t high, uint32_t low, uint32_t far)
{
    uint32_t joined = (high & 0x80000000u) | (low & 0x7fffffffu);
    return far ^ (joined >> 1) ^ ((joined & 1) != 0 ? 0x9908b0dfu : 0);
}

/* The next 624 words in place; true if any of them is not zero. */
static bool advance(uint32_t *state)
{
    uint32_t any = 0;
    for (int i = 0; i < WORDS; i++) {
        state[i] = twist(state[i], state[(i + 1) % WORDS], state[(i + OFFSET) % WORDS]);
        any |= state[i];
    }
    return any != 0;
}

uint32_t gt_random_bits(gt_random *random)
{
    /* A position that no seeding gives can come from a damaged file: it must not be an index. */
    if (random->position < 0 || random->position >= WORDS) {
        /* All zeros is a fixed point, on which drawing a normal value would never end. */
        if (!advance(random->state)) {
            gt_random_seed(random, default_seed);
            advance(random->state);
        }
        random->position = 0;
    }
    uint32_t word = random->state[random->position++];
    word ^= word >> 11;
    word ^= (word << 7) & 0x9d2c5680u;
    word ^= (word << 15) & 0xefc60000u;
    return word ^ (word >> 18);
}

double gt_random_uniform(gt_random *random)
{
    /* 27 and 26 bits of two words, the first word the more significant. */
    uint32_t high = gt_random_bits(random) >> 5;
    uint32_t low = gt_random_bits(random) >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
}

double gt_random_normal(gt_random *random)
{
    if (random->has_normal) {
        random->has_normal = false;
        return random->normal;
    }
    double x, y, square;
    do {
        x = 2.0 * gt_random_uniform(random) - 1.0;
        y = 2.0 * gt_random_uniform(random) - 1.0;
        square = x * x + y * y;
    } while (square >= 1.0 || square == 0.0);
    double scale = sqrt(-2.0 * log(square) / square);
    random->normal = scale * x;
    random->has_normal = true;
    return scale * y;
}

/* The smallest number of the form 2^k - 1 that is not below `largest`. */
static uint64_t mask_over(uint64_t largest)
{
    for (int shift = 1; shift < 64; shift *= 2)
        largest |= largest >> shift;
    return largest;
}

int64_t gt_random_integer(gt_random *random, int64_t low, int64_t high)
{
    if (high <= low)
        return low;
    uint64_t largest = (uint64_t)high - (uint64_t)low - 1;
    if (largest == 0)
        return low; /* NumPy draws nothing for a single possibility */
    /* Masked rejection; ranges that fit in 32 bits take one word a try, larger ones two. */
    uint64_t mask = mask_over(largest), drawn;
    do {
        drawn = gt_random_bits(random);
        if (largest > UINT32_MAX)
            drawn = drawn << 32 | gt_random_bits(random);
        drawn &= mask;
    } while (drawn > largest);
    return (int64_t)((uint64_t)low + drawn);
}

/* Draws one value for every index in C order and puts it where column-major order has it. */
static void fill(gt_random *random, gt_shape shape, double *out, double (*draw)(gt_random *))
{
    if (gt_shape_count(shape) < 1)
        return;
    const int64_t *size = shape.size;
    for (int64_t i = 0; i < size[0]; i++)
        for (int64_t j = 0; j < size[1]; j++)
            for (int64_t k = 0; k < size[2]; k++)
                for (int64_t l = 0; l < size[3]; l++)
                    out[i + size[0] * (j + size[1] * (k + size[2] * l))] = draw(random);
}

void gt_random_fill_uniform(gt_random *random, gt_shape shape, double *out)
{
    fill(random, shape, out, gt_random_uniform);
}

void gt_random_fill_normal(gt_random *random, gt_shape shape, double *out)
{
    fill(random, shape, out, gt_random_normal);
}
