import { defineConfig } from 'vitest/config';

/** Takes the place of a module of Node's for all who import it, so nobody else may have imported it before. */
const apart = ['test/unit/local/step-functions/killed-in-compaction.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    projects: [
      // Two processes that each run one file after the other: what they import is loaded once, which saves a third of
      // the time, and while a file of the one waits the other goes on.
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: apart,
          isolate: false,
        },
      },
      { extends: true, test: { name: 'apart', include: apart } },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'text'],
      thresholds: { lines: 90 },
    },
  },
});
