/** The log says what happened and to whom, and never what was in it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { restDoor, runToEnd } from '../system/clients.ts';
import { startTestSystem } from '../system/local-system.ts';
import { json, startScriptedService } from '../system/scripted-service.ts';

it('leaks no input, argument, answer or error text of a service into the log', async () => {
  const secret = 'hunter2-is-secret';
  const service = await startScriptedService(({ path }, response) =>
    json(response, { detail: secret }, path === '/fails' ? 500 : 200),
  );
  const system = await startTestSystem();
  const door = restDoor(system.endpoints);
  try {
    await door('register_service', { name: 'vault', transport: 'rest', url: service.url });
    for (const path of ['/works', '/fails']) {
      const name = `calls${path.replace('/', '-')}`;
      const call = { service: 'vault', request: { method: 'POST', path, body: '{% $input %}' } };
      await door('define_workflow', { name, steps: [{ id: 'call', call }] });
      await runToEnd(door, name, { password: secret });
    }
    await expect
      .poll(() => readFile(join(system.dataDir, 'log'), 'utf8'), { timeout: 5000 })
      .toMatch(/"message":"step attempt".*"code":"service.failed"/);
    expect(await readFile(join(system.dataDir, 'log'), 'utf8')).not.toContain(secret);
  } finally {
    await system.close();
    await service.close();
  }
});
