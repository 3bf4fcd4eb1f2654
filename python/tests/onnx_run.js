// Runs an ONNX model with onnxruntime: node onnx_run.js FOLDER, which has model.onnx and inputs.json,
// {name: {type, dims, data}}; prints the outputs in the same form.
const fs = require('fs')
const ort = require(process.env.ONNXRUNTIME || 'onnxruntime-node')
const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array }

async function main (folder) {
  const options = { graphOptimizationLevel: 'all', intraOpNumThreads: 1, logSeverityLevel: 3 }
  const session = await ort.InferenceSession.create(folder + '/model.onnx', options)
  const answers = []
  for (const given of JSON.parse(fs.readFileSync(folder + '/inputs.json'))) {
    const feeds = {}
    for (const [name, { type, dims, data }] of Object.entries(given)) {
      feeds[name] = new ort.Tensor(type, arrays[type].from(data), dims)
    }
    const results = await session.run(feeds)
    answers.push(Object.fromEntries(Object.entries(results).map(
      ([name, tensor]) => [name, { dims: tensor.dims, data: Array.from(tensor.data) }])))
  }
  fs.writeFileSync(folder + '/outputs.json', JSON.stringify(answers))
}
main(process.argv[2]).catch(problem => { console.error(String(problem)); process.exit(1) })
