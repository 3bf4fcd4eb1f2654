/*
 * One training step of oneDNN's LSTM or vanilla RNN primitive, as compare.py asks for it: see
 * peer_gradtape.c. Weights change from step to step, so bringing them into the order that the
 * primitives want is part of the step.
 *
 * Usage: peer_onednn lstm|rnn n_x n_a m T
 */
#include <dnnl.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

using namespace dnnl;
using arguments = std::unordered_map<int, memory>;

namespace {

long status_bytes(const std::string &name)
{
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);)
        if (line.compare(0, name.size(), name) == 0)
            return std::atol(line.c_str() + name.size()) * 1024;
    return 0;
}

engine the_engine(engine::kind::cpu, 0);
stream the_stream(the_engine);
std::mt19937 generator(1);

using tag = memory::format_tag;

memory::desc desc(const memory::dims &dims, tag t)
{
    return {dims, memory::data_type::f32, t};
}

memory zeros(const memory::desc &d)
{
    memory m(d, the_engine);
    std::memset(m.get_data_handle(), 0, d.get_size());
    return m;
}

memory filled(const memory::desc &d)
{
    memory m = zeros(d);
    std::normal_distribution<float> normal(0.0F, 0.1F);
    auto *data = static_cast<float *>(m.get_data_handle());
    for (size_t i = 0; i < d.get_size() / sizeof(float); i++)
        data[i] = normal(generator);
    return m;
}

/* What changes its order: executed at the beginning or the end of a step. */
struct reordering {
    memory from, to;
    reorder how;
    reordering(const memory &a, const memory &b) : from(a), to(b), how(a, b) {}
    void run() { how.execute(the_stream, from, to); }
};

struct training_step {
    primitive forward, backward;
    arguments forward_arguments, backward_arguments;
    std::vector<reordering> before, between, after;
    std::vector<memory> cleared; /* the primitives add to these */

    void run()
    {
        for (auto &r : before)
            r.run();
        forward.execute(the_stream, forward_arguments);
        for (auto &r : between)
            r.run();
        for (auto &m : cleared)
            std::memset(m.get_data_handle(), 0, m.get_desc().get_size());
        backward.execute(the_stream, backward_arguments);
        for (auto &r : after)
            r.run();
        the_stream.wait();
    }
};

struct sizes {
    memory::dim n_x, n_a, m, T, gates;
};

/* The weights as the user has them, and as a primitive wants them. */
memory wanted(const memory &own, const memory::desc &d, std::vector<reordering> &when)
{
    if (own.get_desc() == d)
        return own;
    memory other(d, the_engine);
    when.emplace_back(own, other);
    return other;
}

memory given_back(const memory::dims &dims, const memory::desc &d, training_step &step)
{
    memory theirs = zeros(d);
    step.cleared.push_back(theirs);
    memory own(desc(dims, tag::ldigo), the_engine);
    if (own.get_desc() != d)
        step.after.emplace_back(theirs, own);
    return theirs;
}

/* What the LSTM and the RNN have in common; the descriptors tell them apart. */
template <typename Forward, typename Backward>
training_step build(const sizes &s, const typename Forward::primitive_desc &f, const typename Backward::primitive_desc &b,
                    bool with_cell_state)
{
    training_step step;
    memory::dims wx = {1, 1, s.n_x, s.gates, s.n_a}, wa = {1, 1, s.n_a, s.gates, s.n_a};
    auto layer = [&](memory::dim n) { return desc({s.T, s.m, n}, tag::tnc); };
    auto state = desc({1, 1, s.m, s.n_a}, tag::ldnc);
    memory own_wx = filled(desc(wx, tag::ldigo)), own_wa = filled(desc(wa, tag::ldigo));
    memory bias = filled(desc({1, 1, s.gates, s.n_a}, tag::ldgo));
    memory workspace(f.workspace_desc(), the_engine);
    arguments &a = step.forward_arguments, &z = step.backward_arguments;
    a = {{DNNL_ARG_SRC_LAYER, filled(layer(s.n_x))},
         {DNNL_ARG_SRC_ITER, filled(state)},
         {DNNL_ARG_WEIGHTS_LAYER, wanted(own_wx, f.weights_layer_desc(), step.before)},
         {DNNL_ARG_WEIGHTS_ITER, wanted(own_wa, f.weights_iter_desc(), step.before)},
         {DNNL_ARG_BIAS, bias},
         {DNNL_ARG_DST_LAYER, zeros(layer(s.n_a))},
         {DNNL_ARG_DST_ITER, zeros(state)},
         {DNNL_ARG_WORKSPACE, workspace}};
    if (with_cell_state) {
        a.insert({DNNL_ARG_SRC_ITER_C, filled(state)});
        a.insert({DNNL_ARG_DST_ITER_C, zeros(state)});
    }
    z = a;
    z[DNNL_ARG_WEIGHTS_LAYER] = wanted(own_wx, b.weights_layer_desc(), step.between);
    z[DNNL_ARG_WEIGHTS_ITER] = wanted(own_wa, b.weights_iter_desc(), step.between);
    memory diff_bias = zeros(desc({1, 1, s.gates, s.n_a}, tag::ldgo));
    step.cleared.push_back(diff_bias);
    z.insert({{DNNL_ARG_DIFF_SRC_LAYER, zeros(layer(s.n_x))},
              {DNNL_ARG_DIFF_SRC_ITER, zeros(state)},
              {DNNL_ARG_DIFF_WEIGHTS_LAYER, given_back(wx, b.diff_weights_layer_desc(), step)},
              {DNNL_ARG_DIFF_WEIGHTS_ITER, given_back(wa, b.diff_weights_iter_desc(), step)},
              {DNNL_ARG_DIFF_BIAS, diff_bias},
              {DNNL_ARG_DIFF_DST_LAYER, filled(layer(s.n_a))},
              {DNNL_ARG_DIFF_DST_ITER, zeros(state)}});
    if (with_cell_state) {
        z.insert({DNNL_ARG_DIFF_SRC_ITER_C, zeros(state)});
        z.insert({DNNL_ARG_DIFF_DST_ITER_C, zeros(state)});
    }
    step.forward = Forward(f);
    step.backward = Backward(b);
    return step;
}

training_step make(bool lstm, const sizes &s)
{
    memory::dims wx = {1, 1, s.n_x, s.gates, s.n_a}, wa = {1, 1, s.n_a, s.gates, s.n_a};
    auto x = desc({s.T, s.m, s.n_x}, tag::tnc), y = desc({s.T, s.m, s.n_a}, tag::tnc);
    auto state = desc({1, 1, s.m, s.n_a}, tag::ldnc), bias = desc({1, 1, s.gates, s.n_a}, tag::ldgo);
    auto Wx = desc(wx, tag::any), Wa = desc(wa, tag::any);
    const auto direction = rnn_direction::unidirectional_left2right;
    if (lstm) {
        lstm_forward::primitive_desc f({prop_kind::forward_training, direction, x, state, state, Wx, Wa, bias, y, state, state},
                                       the_engine);
        lstm_backward::primitive_desc b({prop_kind::backward, direction, x, state, state, Wx, Wa, bias, y, state, state, x,
                                         state, state, Wx, Wa, bias, y, state, state},
                                        the_engine, f);
        return build<lstm_forward, lstm_backward>(s, f, b, true);
    }
    const auto tanh = algorithm::eltwise_tanh;
    vanilla_rnn_forward::primitive_desc f({prop_kind::forward_training, tanh, direction, x, state, Wx, Wa, bias, y, state},
                                          the_engine);
    vanilla_rnn_backward::primitive_desc b({prop_kind::backward, tanh, direction, x, state, Wx, Wa, bias, y, state, x, state,
                                            Wx, Wa, bias, y, state},
                                           the_engine, f);
    return build<vanilla_rnn_forward, vanilla_rnn_backward>(s, f, b, false);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 6) {
        std::fprintf(stderr, "usage: peer_onednn lstm|rnn n_x n_a m T\n");
        return 2;
    }
    bool lstm = std::strcmp(argv[1], "lstm") == 0;
    long begin = status_bytes("VmRSS:");
    sizes s = {std::atol(argv[2]), std::atol(argv[3]), std::atol(argv[4]), std::atol(argv[5]), lstm ? 4 : 1};
    training_step step = make(lstm, s);
    char line[64];
    long times;
    while (std::fgets(line, sizeof line, stdin) != nullptr) {
        if (std::sscanf(line, "run %ld", &times) == 1) {
            auto start = std::chrono::steady_clock::now();
            for (long k = 0; k < times; k++)
                step.run();
            std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
            std::printf("%.4f\n", took.count() / static_cast<double>(times));
        } else {
            std::printf("%ld\n", status_bytes("VmHWM:") - begin);
        }
        std::fflush(stdout);
    }
    return 0;
}
