/**
 * `npm run coldstart`: what the start of each bundle in dist/ costs until its first answer, in fresh processes. Prints
 * a table with the bounds beside, and fails on every bound that is broken. Arguments are given to Node in these
 * processes: `npm run coldstart -- --cpu-prof --cpu-prof-dir=profiles` says where the time goes.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { isKept, judge, type MeasuredBundle } from './judge.ts';
import { type MeasuredStart, measureStart, onReference } from './measure-start.ts';
import { type Row, rowOf } from './row.ts';
import { type Scenario, scenarios } from './rules.ts';
import { type Stage, setStage } from './stage.ts';

/** Enough for a median; more where it has not kept its bound yet. */
const startsEach = 7;
const startsAtMost = 21;

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const nodeFlags = process.argv.slice(2);

const Contents = z.record(
  z.string(),
  z.object({
    startBytes: z.number(),
    allBytes: z.number(),
    startFiles: z.number(),
    allFiles: z.number(),
    atStart: z.array(z.string()),
    all: z.array(z.string()),
  }),
);

async function builtBundles(): Promise<z.infer<typeof Contents>> {
  const file = join(dist, 'bundle-contents.json');
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Error(`${file} is missing; npm run build makes it`);
  });
  return Contents.parse(JSON.parse(text));
}

type BoundedAnswer = Scenario['firstAnswers'][number];

/** Starts until the bounds are kept, which on a busy machine may take more than seven. */
async function startsOf(stage: Stage, bundle: string, answer: BoundedAnswer): Promise<MeasuredStart[]> {
  const starts: MeasuredStart[] = [];
  const bounds = {
    importMs: scenarios[bundle]?.bounds.importMs ?? Number.POSITIVE_INFINITY,
    cpuMs: answer.maxCpuMs,
  };
  while (starts.length < startsEach || (starts.length < startsAtMost && !isKept(starts, bounds)))
    starts.push(await startOf(stage, bundle, answer));
  return starts;
}

async function startOf(stage: Stage, bundle: string, answer: BoundedAnswer): Promise<MeasuredStart> {
  const start = await measureStart({
    handlerFile: join(dist, 'lambdas', bundle, 'handler.mjs'),
    environment: stage.environment,
    event: await answer.eventOn(stage),
    nodeFlags,
  });
  if (answer.answer.safeParse(start.answer).success) return onReference(start);
  throw new Error(`${bundle} gave a wrong answer to ${answer.name}: ${JSON.stringify(start.answer)}`);
}

async function main(): Promise<void> {
  const built = await builtBundles();
  const measured: Record<string, MeasuredBundle> = {};
  const rows: Row[] = [];
  const stage = await setStage();
  try {
    for (const [name, contents] of Object.entries(built)) {
      const startsByAnswer: Record<string, MeasuredStart[]> = {};
      for (const answer of scenarios[name]?.firstAnswers ?? []) {
        const starts = await startsOf(stage, name, answer);
        startsByAnswer[answer.name] = starts;
        rows.push(rowOf({ bundle: name, contents, rule: scenarios[name], answer, starts }));
      }
      measured[name] = { contents, starts: startsByAnswer };
    }
  } finally {
    await stage.close();
  }
  console.log(
    `Node ${process.version}; ${startsEach} starts each, best / median / worst, as if Node booted in 22 ms; of the import the best counts, of CPU the median`,
  );
  console.table(rows);
  const broken = judge(measured, scenarios);
  for (const sentence of broken) console.error(sentence);
  if (broken.length > 0) process.exitCode = 1;
}

await main();
