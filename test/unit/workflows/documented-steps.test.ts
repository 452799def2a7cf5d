import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { validateWorkflow } from '../../../src/workflows/compiler/validate.ts';

const text = readFileSync(new URL('../../../docs/workflows.md', import.meta.url), 'utf8');
const [fetch = '', ...others] = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, block]) => block ?? '');

it('every step of docs/workflows.md is valid', () => {
  expect(others).toHaveLength(3);
  for (const block of others) {
    const steps: unknown = [JSON.parse(fetch), JSON.parse(block)];
    expect(validateWorkflow({ name: 'documented', steps }, {})).toMatchObject({ ok: true });
  }
});
