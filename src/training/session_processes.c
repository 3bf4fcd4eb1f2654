/* What several processes of one training must have in common. */
#include "training/session_parts.h"

#include "base/fnv.h"

/* Of all parameters: processes that begin with the same have the same cell, sizes and seed, or the same model. */
static uint64_t hash_parameters(const gt_parameters *set)
{
    uint64_t hash = GT_FNV_START;
    for (uint32_t i = 0; i < gt_parameters_count(set); i++) {
        gt_array a = gt_parameters_array(set, i);
        hash = gt_fnv_bytes(hash, a.data, (size_t)gt_shape_count(a.shape) * gt_dtype_size(a.dtype));
    }
    return hash;
}

bool gt_session_same_parameters(const gt_session *session, gt_error *error)
{
    if (!gt_processes_several(&session->processes))
        return true;
    uint64_t hash = hash_parameters(session->model.parameters);
    return gt_processes_same(&session->processes, &hash, sizeof hash, "the model", error);
}

bool gt_session_same_processes(const gt_session *session, gt_error *error)
{
    const gt_model *model = &session->model;
    const gt_settings *s = &model->settings;
    const gt_processes *p = &session->processes;
    if (!gt_processes_several(p))
        return true;
    const uint64_t data[] = {model->text_hash, (uint64_t)model->training_count, (uint64_t)model->validation_count};
    const double options[] = {(double)s->batch,
                              (double)s->steps,
                              (double)session->target,
                              s->minutes,
                              (double)model->iteration,
                              (double)s->seed,
                              (double)s->validate_every,
                              (double)s->patience,
                              (double)gt_settings_engine(s)};
    return gt_processes_same(p, data, sizeof data, "the text or data", error) &&
           gt_processes_same(p, options, sizeof options, "what the options ask for", error) &&
           gt_session_same_parameters(session, error);
}

const gt_train_group *gt_session_group(const gt_session *session)
{
    return gt_processes_several(&session->processes) ? &session->processes.group : NULL;
}
