import { expect, it } from 'vitest';
import { createHealth } from '../../../src/surfaces/health.ts';

it('names the parts that are not ready, with 503, and asks again the next time', async () => {
  let up = false;
  const health = createHealth(
    {
      dynamodb: async () => {},
      'step-functions': async () => {
        if (!up) throw new Error('refused');
      },
    },
    { now: () => 0 },
  );
  expect(await health()).toMatchObject({
    status: 503,
    body: '{"status":"ok","ready":false,"notReady":["step-functions"]}\n',
  });
  up = true;
  expect(await health()).toMatchObject({ status: 200, body: '{"status":"ok","ready":true,"notReady":[]}\n' });
});

it('asks the parts once in five seconds, however often it is asked', async () => {
  let asked = 0;
  let now = 0;
  const health = createHealth({ part: async () => void asked++ }, { now: () => now });
  await health();
  await health();
  expect(asked).toBe(1);
  now = 5001;
  await health();
  expect(asked).toBe(2);
});
