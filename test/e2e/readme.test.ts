/** The README's commands do what it says: run in a copy of the tree, on free ports. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const copied = ['bin', 'docs', 'examples', 'local', 'src', 'package.json', 'tsconfig.json'];

let copy: string;

async function commands(): Promise<string[]> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  return blocks.flatMap((block) => block.trim().split(/\n(?=curl|npm)/));
}

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'orchestrator-readme-'));
  for (const name of copied) await cp(join(root, name), join(copy, name), { recursive: true });
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
}, 60_000);

afterAll(async () => {
  await rm(copy, { recursive: true, force: true });
});

describe('the README', () => {
  it('starts with the install, the demo and the test command', async () => {
    expect((await commands()).slice(0, 2).map((command) => command.replace(/ +#.*/, ''))).toEqual([
      'npm ci && npm run demo',
      'npm ci && npm test',
    ]);
  });

  it('has a demo that shows each step, a timeline and results, and ends by itself', async () => {
    const { stdout } = await run('npm', ['run', '--silent', 'demo'], { cwd: copy, timeout: 60_000 });
    expect(stdout).toContain('process-email  fetch  SUCCEEDED  gmail get_email');
    expect(stdout).toContain('process-and-notify  store  undo SUCCEEDED');
    expect(stdout).toContain('Timeline');
    expect(stdout).toContain('{"node_id":"email:abc123","category":"invoice"}');
  }, 90_000);

  it('has curl lines that work against npm start', async () => {
    const child = spawn('npm', ['start', '--silent'], {
      cwd: copy,
      env: { ...process.env, PORT: '0', LOG_OUTPUT: 'file:log' },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    try {
      const [said] = z
        .tuple([z.instanceof(Buffer)])
        .parse(await once(child.stdout, 'data', { signal: AbortSignal.timeout(60_000) }));
      expect(said.toString()).toContain('Orchestrator is running.');
      const endpoints = z
        .object({ api: z.string() })
        .parse(JSON.parse(await readFile(join(copy, '.orchestrator/endpoints.json'), 'utf8')));
      let workflowId = '';
      for (const line of (await commands())
        .flatMap((block) => block.split(/\n(?=curl)/))
        .filter((text) => text.startsWith('curl'))) {
        const command = line
          .replaceAll('http://127.0.0.1:8000', endpoints.api)
          .replaceAll('<workflowId>', workflowId);
        const { stdout } = await run(
          'bash',
          ['-c', command.replace('curl -s', "curl -s -w '\\n%{http_code}'")],
          { timeout: 20_000 },
        );
        const [body = '', status = ''] = stdout.split(/\n(?=\d+$)/);
        const answered = z.looseObject({ workflowId: z.string().optional() }).parse(JSON.parse(body));
        workflowId ||= answered.workflowId ?? '';
        const ended = command.includes('/cancel');
        expect([200, 201, 202, ...(ended ? [409] : [])], `${command} answered ${stdout}`).toContain(
          Number(status),
        );
      }
    } finally {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
      await once(child, 'exit', { signal: AbortSignal.timeout(20_000) });
    }
  }, 120_000);

  it('has a demo that fails with the step, the service and the reason, and exit code 1', async () => {
    await rm(join(copy, 'examples/email/mailbox/abc123.eml'));
    const demo = run('npm', ['run', '--silent', 'demo'], { cwd: copy, timeout: 60_000 });
    await expect(demo).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /ended FAILED instead of SUCCEEDED in step fetch of service gmail: service.tool-failed .*abc123/,
      ),
    });
  }, 90_000);
});
