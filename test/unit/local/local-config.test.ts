import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { environmentWith, LocalConfig } from '../../../local/local-config.ts';
import { readConfig } from '../../../src/runtime/read-config.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orchestrator-env-'));
  writeFileSync(
    join(folder, '.env'),
    'PORT=9000\nDEFAULT_WORKFLOW=from-file\nGMAIL_SERVICE_URL=\n# a comment\n',
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

it('reads .env, lets the environment win, and takes an empty value as not set', () => {
  const env = environmentWith(join(folder, '.env'), { PORT: '9001', HOST: '' });
  expect(env).toEqual({ PORT: '9001', DEFAULT_WORKFLOW: 'from-file' });
  expect(readConfig(LocalConfig, env)).toMatchObject({
    PORT: 9001,
    HOST: '127.0.0.1',
    DEFAULT_WORKFLOW: 'from-file',
  });
});

it('does without a file', () => {
  expect(environmentWith(join(folder, 'none'), {})).toEqual({});
});
