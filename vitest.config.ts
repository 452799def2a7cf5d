import { defineConfig } from 'vitest/config';

/** Takes the place of a module of Node's for all who import it, so nobody else may have imported it before. */
const apart = ['test/unit/local/step-functions/killed-in-compaction.test.ts'];

/** Files that are named run whole, also under `npm test`: who asks for a file means all of it. */
const namesFiles = process.argv.some((argument) => /\.test\.ts(:\d+)?$/.test(argument));

/**
 * `npm test` and `npm run test:watch` (`--mode quick`) leave out what is tagged `long`, and `npm run test:all` does not.
 * So is tagged what kills a process again and again or at every write, tries hundreds of random cases or interleavings,
 * or runs what is not Node: Python, Java, an image. A file is tagged with `@module-tag long` in its first comment, a test
 * with `{ tags: ['long'] }`.
 */
const tagsIn = (mode: string) => [
  {
    name: 'long',
    description: 'Runs in test:all and test:long, and in npm test when its file is named.',
    skip: mode === 'quick' && !namesFiles,
  },
];

const each = {
  testTimeout: 20_000,
  hookTimeout: 30_000,
  env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  setupFiles: 'test/setup/each-file.ts',
};

export default defineConfig(({ mode }) => ({
  test: {
    tags: tagsIn(mode),
    maxWorkers: 2,
    // What was transformed once is kept in node_modules/: a file that starts a system begins in half the time.
    experimental: { fsModuleCache: mode === 'quick' },
    globalSetup: 'test/setup/property-seed.ts',
    projects: [
      // Two processes that each run one file after the other: what they import is loaded once, which saves a third of
      // the time, and while a file of the one waits the other goes on.
      {
        test: {
          ...each,
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: apart,
          isolate: false,
        },
      },
      { test: { ...each, name: 'apart', include: apart } },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'text'],
      thresholds: { lines: 90 },
    },
  },
}));
