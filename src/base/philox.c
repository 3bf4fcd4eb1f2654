/* Philox4x32-10: Salmon, Moraes, Dror and Shaw, SC 2011, section 3.3 and table 2. */
#include "gradtape/random.h"

#include <string.h>

enum { ROUNDS = 10 };

static const uint32_t multiplier[2] = {0xD2511F53u, 0xCD9E8D57u};
static const uint32_t key_step[2] = {0x9E3779B9u, 0xBB67AE85u}; /* golden ratio, sqrt(3) - 1 */

void gt_random_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4])
{
    uint32_t round_key[2] = {key[0], key[1]}, word[4];
    memcpy(word, counter, sizeof word);
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t even = (uint64_t)multiplier[0] * word[0];
        uint64_t odd = (uint64_t)multiplier[1] * word[2];
        const uint32_t next[4] = {(uint32_t)(odd >> 32) ^ word[1] ^ round_key[0], (uint32_t)odd,
                                  (uint32_t)(even >> 32) ^ word[3] ^ round_key[1], (uint32_t)even};
        memcpy(word, next, sizeof word);
        round_key[0] += key_step[0];
        round_key[1] += key_step[1];
    }
    memcpy(out, word, sizeof word);
}
