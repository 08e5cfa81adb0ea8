// Greedy tokens of a checkpoint in llama.cpp, by a prebuilt package, against ours.
//
// npm install node-llama-cpp   (in any folder; run this file from there)
// node PATH/perf/peers/gguf_check.mjs --checkpoint=DIR --prompt=TEXT [--tokens=64]
import {execFileSync} from "node:child_process";
import {mkdtempSync, rmSync} from "node:fs";
import {createRequire} from "node:module";
import {tmpdir} from "node:os";
import path from "node:path";
import {fileURLToPath, pathToFileURL} from "node:url";
import {parseArgs} from "node:util";

const options = parseArgs({
  options: {
    checkpoint: {type: "string"},
    prompt: {type: "string"},
    tokens: {type: "string", default: "64"},
  },
}).values;
// The package is where the user stands, not beside this file.
const installed = createRequire(path.join(process.cwd(), "package.json"));
const {getLlama, LlamaLogLevel} = await import(pathToFileURL(installed.resolve("node-llama-cpp")));

const birkhoff = fileURLToPath(new URL("../../birkhoff", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "gguf-check-"));
try {
  const file = path.join(folder, "model.gguf");
  const source = `--checkpoint=${options.checkpoint}`;
  execFileSync(birkhoff, ["export", source, "--format=gguf", `--out=${file}`]);

  const llama = await getLlama({gpu: false, build: "never", logLevel: LlamaLogLevel.warn});
  const model = await llama.loadModel({modelPath: file});
  const context = await model.createContext({contextSize: model.trainContextSize});
  const ids = model.tokenize(options.prompt);
  // Beyond the positions that were trained the two do different things.
  const count = Math.min(Number(options.tokens), model.trainContextSize - ids.length);
  const ours = JSON.parse(
    execFileSync(birkhoff, [
      "sample", source, `--prompt=${options.prompt}`, "--temperature=0",
      `--max_new_tokens=${count}`, "--json",
    ]),
  ).tokens;
  const theirs = [];
  const more = context.getSequence().evaluate(ids, {temperature: 0, yieldEogToken: true});
  for await (const token of more) {
    theirs.push(token);
    if (theirs.length === count) {
      break;
    }
  }
  const same = ours.length === theirs.length && ours.every((id, i) => id === theirs[i]);
  console.log(`ours   ${ours.join(" ")}`);
  console.log(`theirs ${theirs.join(" ")}`);
  console.log(`text   ${JSON.stringify(options.prompt + model.detokenize(theirs))}`);
  console.log(`equal  ${same}`);
  process.exitCode = same ? 0 : 1;
} finally {
  rmSync(folder, {recursive: true});
}
