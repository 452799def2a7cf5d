import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** `npm run test:deploy`: one deployment, used by one file. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../../', import.meta.url)),
    include: ['test/deploy/*.deployed.ts'],
    testTimeout: 90_000,
    hookTimeout: 600_000,
  },
});
