/** What `npm run coldstart` makes of its measurements; that it measures is seen in CI. */
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { contentsOf, unreachableIn } from '../../tools/bundle-contents.ts';
import { isKept, judge, type Starts } from '../../tools/cold-start/judge.ts';
import { scenarios } from '../../tools/cold-start/rules.ts';

const rule = {
  bounds: { startKb: 100, allKb: 200, importMs: 40 },
  firstAnswers: [{ name: 'a question', maxCpuMs: 50 }],
  notAtStart: ['jsonata', 'docs/'],
  never: ['@modelcontextprotocol/sdk', 'ajv'],
};

const contents = {
  startBytes: 102_400,
  allBytes: 204_800,
  startFiles: 1,
  allFiles: 2,
  atStart: ['src/a.ts', 'zod'],
  all: ['ajv-formats', 'docs/openapi.json', 'jsonata', 'src/a.ts', 'zod'],
};

const starts = {
  'a question': [
    { importMs: 40, cpuMs: 120 },
    { importMs: 65, cpuMs: 50 },
    { importMs: 90, cpuMs: 30 },
  ],
};

const judged = (changes: object, measured: Starts = starts): string[] =>
  judge({ one: { contents: { ...contents, ...changes }, starts: measured } }, { one: rule });

describe('the judge of cold starts', () => {
  it('has nothing to say of bundles that keep their bounds: the import once, CPU in the median', () => {
    expect(judged({})).toEqual([]);
  });

  it('names each bound that is broken', () => {
    const slow = [
      { importMs: 44.7, cpuMs: 50.6 },
      { importMs: 70, cpuMs: 80 },
      { importMs: 60, cpuMs: 20 },
    ];
    const large = { startBytes: 102_401, allBytes: 300_000, startFiles: 6 };
    expect(judged(large, { 'a question': slow })).toEqual([
      'one loads 101 KB at start; the bound is 100 KB',
      'one has 293 KB in all; the bound is 200 KB',
      'one loads 6 files at start; the bound is 5',
      'one needs 45 ms for its import; the bound is 40 ms',
      'one needs 51 ms of CPU for a question; the bound is 50 ms',
    ]);
  });

  it('takes the import from whichever first answer had the best', () => {
    const other = { 'another question': [{ importMs: 39, cpuMs: 200 }] };
    const slow = { 'a question': [{ importMs: 90, cpuMs: 30 }] };
    expect(judged({}, slow)).toEqual(['one needs 90 ms for its import; the bound is 40 ms']);
    expect(judged({}, { ...slow, ...other })).toEqual([]);
  });

  it.each([
    ['no start yet', [], false],
    ['an import above the bound', [{ importMs: 41, cpuMs: 50 }], false],
    ['CPU above the bound', [{ importMs: 40, cpuMs: 51 }], false],
    ['one start that keeps both', [{ importMs: 40, cpuMs: 50 }], true],
    [
      'CPU that was kept by fewer than half',
      [
        { importMs: 40, cpuMs: 50 },
        { importMs: 40, cpuMs: 51 },
        { importMs: 40, cpuMs: 52 },
      ],
      false,
    ],
    [
      'an import that was kept once, CPU in the median',
      [
        { importMs: 90, cpuMs: 50 },
        { importMs: 40, cpuMs: 90 },
        { importMs: 90, cpuMs: 10 },
      ],
      true,
    ],
  ])('needs no more starts only when both bounds are kept: %s', (_what, measured, kept) => {
    expect(isKept(measured, { importMs: 40, cpuMs: 50 })).toBe(kept);
  });

  it('names what is loaded at start and should be later, and what should not be there at all', () => {
    expect(
      judged({
        atStart: ['docs/openapi.json', 'jsonata'],
        all: ['@modelcontextprotocol/sdk', 'docs/openapi.json', 'jsonata'],
      }),
    ).toEqual([
      'one holds jsonata at start',
      'one holds docs/openapi.json at start',
      'one holds @modelcontextprotocol/sdk and must not hold it',
    ]);
  });

  it('refuses a bundle without bounds, bounds without a bundle, and a first answer that was not measured', () => {
    const bundle = { contents, starts };
    expect(judge({ one: bundle, two: bundle }, { one: rule, three: rule })).toEqual([
      'two has no bounds and no first answer to measure; add them',
      'three has bounds and is not built; remove them, or build it',
    ]);
    expect(judged({}, {})).toEqual(['one was not measured: a question']);
  });

  it('has bounds and a first answer for every function', async () => {
    const functions = await readdir('lambdas');
    expect(Object.keys(scenarios).sort()).toEqual(functions.sort());
    for (const { firstAnswers } of Object.values(scenarios)) expect(firstAnswers).not.toEqual([]);
  });
});

const output = (bytes: number, imports: object[], inputs: Record<string, number>) => ({
  bytes,
  exports: [],
  imports: imports.map((one) => ({ path: '', kind: 'import-statement' as const, ...one })),
  inputs: Object.fromEntries(
    Object.entries(inputs).map(([path, bytesInOutput]) => [path, { bytesInOutput }]),
  ),
});

const outputs = {
  'out/handler.mjs': output(
    10,
    [{ path: 'out/shared.mjs' }, { path: 'out/late.mjs', kind: 'dynamic-import' }],
    { 'lambdas/one/handler.ts': 10, 'node_modules/only-types/index.js': 0 },
  ),
  'out/shared.mjs': output(20, [], { 'node_modules/@aws-sdk/core/dist-es/index.js': 20 }),
  'out/late.mjs': output(40, [], { 'node_modules/a/node_modules/b/index.js': 40 }),
  'out/late.mjs.map': output(1000, [], {}),
  'out/removed.mjs': output(80, [], { 'node_modules/bowser/bowser.js': 80 }),
  'out/removed.mjs.map': output(1000, [], {}),
};

describe('the contents of a bundle', () => {
  it('are told apart by when they are loaded, and source maps do not count', () => {
    const { 'out/removed.mjs': _removed, 'out/removed.mjs.map': _map, ...kept } = outputs;
    expect(contentsOf(kept)).toEqual({
      startBytes: 30,
      allBytes: 70,
      startFiles: 2,
      allFiles: 3,
      atStart: ['@aws-sdk/core', 'lambdas/one/handler.ts'],
      all: ['@aws-sdk/core', 'b', 'lambdas/one/handler.ts'],
    });
  });

  it('are without what nothing imports', () => {
    expect(unreachableIn(outputs)).toEqual(['out/removed.mjs', 'out/removed.mjs.map']);
  });
});
