// The road of the first lesson with OpenAI's SDK for Node; prints what it met as JSON.
import fs from "node:fs";
import OpenAI from "openai";

const client = new OpenAI({ maxRetries: 0 });
const file = await client.files.create({
  file: fs.createReadStream(process.argv[2]),
  purpose: "fine-tune",
});
let job = await client.fineTuning.jobs.create({
  model: "bankft-nano",
  training_file: file.id,
  suffix: "node",
  method: { type: "supervised", supervised: { hyperparameters: { n_epochs: 1, batch_size: 5 } } },
});
while (!["succeeded", "failed", "cancelled"].includes(job.status)) {
  await new Promise((resolve) => setTimeout(resolve, 200));
  job = await client.fineTuning.jobs.retrieve(job.id);
}
const events = [];
for await (const event of client.fineTuning.jobs.listEvents(job.id)) events.unshift(event.message);

let text = "";
let chunks = 0;
const stream = await client.chat.completions.create({
  model: job.fine_tuned_model,
  messages: [{ role: "user", content: "管理费是多少？" }],
  max_tokens: 20,
  seed: 1,
  stream: true,
});
for await (const chunk of stream) {
  text += chunk.choices[0]?.delta?.content ?? "";
  chunks += 1;
}
let refusal = null;
try {
  await client.models.retrieve("no-such-model");
} catch (error) {
  refusal = { status: error.status, code: error.code };
}
console.log(JSON.stringify({ model: job.fine_tuned_model, events, text, chunks, refusal }));
