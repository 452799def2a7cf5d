/** What `npm start` tells a person: who holds the folder, what nobody reads, what cannot be written, and how to begin. */
import { execFile, execFileSync } from 'node:child_process';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { restDoor } from '../system/clients.ts';
import { ended, StartCommand } from '../system/start-command.ts';

let command: StartCommand;

beforeEach(async () => {
  command = await StartCommand.prepare();
});

afterEach(() => command.close());

const bound = 90_000;

/** The first command that it says, and the status that it is answered with. */
async function tried(said: string): Promise<string> {
  const [, line = ''] = /Try:\n {2}(curl .*)\n/.exec(said) ?? [];
  const { stdout } = await promisify(execFile)('bash', ['-c', `${line} -w '\\n%{http_code}'`]);
  return `${line.replace(/http:\S+?:\d+/, 'http://here')} ${stdout.split('\n').at(-1)}`;
}

it(
  'says to a second start on the folder who has it and how to start another; the folder is its owner’s alone',
  async () => {
    const { child, said } = await command.started();
    const { code, complaints } = await command.run({ EXAMPLE_SERVICES: 'on' });
    expect(code).toBe(1);
    expect(complaints).toMatch(
      /^Cannot start: it is already running since \d{4}-\d\d-\d\dT[\d:.]+Z, as process \d+, on the data folder [^\n]+\n$/,
    );
    expect(complaints).toContain(`as process ${child.pid}, on the data folder ${command.data()}.`);
    expect(complaints).toContain('ORCHESTRATOR_DATA_DIR');
    expect(complaints).toContain('another port with PORT');
    expect(await tried(said)).toBe('curl -s http://here/v1/services 200');
    const names = await readdir(command.data(), { recursive: true });
    const modes = await Promise.all(
      ['.', ...names].map(async (name) => ((await stat(command.data(name))).mode & 0o777).toString(8)),
    );
    expect(modes.filter((mode) => mode !== '700' && mode !== '600')).toEqual([]);
    expect(names).toEqual(
      expect.arrayContaining(['endpoints.json', 'step-functions.journal', 'orchestrator.lock']),
    );
    child.kill('SIGTERM');
    await ended(child);
    expect(await readdir(command.data())).not.toContain('orchestrator.lock');
  },
  bound,
);

it(
  'names what is in .env and sets nothing, without quoting it, and a first command for what is loaded',
  async () => {
    const env =
      'ORCHESTATOR_DATA_DIR=elsewhere\nADMIN_KEI c0ffee-c0ffee\nexport LOG_LEVEL=warn\nGMAIL_SERVICE_URL=\nMY_OWN=x\n';
    await writeFile(join(command.folder, '.env'), env);
    const inputSchema = {
      type: 'object',
      properties: { who: { type: 'string' }, often: { type: 'integer' }, how: { enum: ["it's", 'b'] } },
      required: ['who', 'often', 'how'],
    };
    const steps = [{ id: 'pause', wait: { seconds: 0 } }];
    const description = `\${${'MY_OWN'}}`;
    await writeFile(
      join(command.folder, 'own.yaml'),
      JSON.stringify({ workflows: [{ name: 'greet', description, inputSchema, steps }] }),
    );
    const { child, said, complaints } = await command.started({
      ORCHESTRATOR_MANIFEST: join(command.folder, 'own.yaml'),
    });
    expect(complaints().split('\n')).toEqual([
      '.env: line 2 is not of the form NAME=value, and sets nothing',
      '.env: nothing reads the variable ORCHESTATOR_DATA_DIR; ORCHESTRATOR_DATA_DIR is meant?',
      '',
    ]);
    expect(await tried(said)).toBe(
      `curl -s -X POST http://here/v1/executions -d '{"workflow":"greet","input":{"who":"abc123","often":1,"how":"it'\\''s"}}' 202`,
    );
    child.kill('SIGTERM');
    await ended(child);
  },
  bound,
);

it(
  'offers no workflow whose services do not answer, and says which those are',
  async () => {
    const nobody = 'http://127.0.0.1:1';
    const { child, said } = await command.started({
      ORCHESTRATOR_MANIFEST: fileURLToPath(
        new URL('../../examples/email/orchestrator.yaml', import.meta.url),
      ),
      GMAIL_SERVICE_URL: nobody,
      CLASSIFIER_SERVICE_URL: nobody,
      GRAPH_SERVICE_URL: nobody,
      NOTIFY_SERVICE_URL: nobody,
    });
    expect(said).toContain(
      '\nNothing answers at the urls of classifier, gmail, graph, notify: workflows that call them fail. EXAMPLE_SERVICES=on starts those of the example.\n',
    );
    expect(await tried(said)).toBe('curl -s http://here/v1/services 200');
    child.kill('SIGTERM');
    await ended(child);
  },
  bound,
);

it.each([
  [
    { ORCHESTRATOR_DATA_DIR: '/proc/x' },
    /^Cannot start: the data folder \/proc\/x cannot be written \(ENOENT: .*\); name another one with ORCHESTRATOR_DATA_DIR\n$/,
  ],
  [
    { LOG_OUTPUT: 'file:/proc/x/log' },
    /^Cannot start: LOG_OUTPUT: the file \/proc\/x\/log cannot be written \(ENOENT: .*\)\n$/,
  ],
  [{ LOG_LEVEL: 'loud' }, /^Cannot start: .*LOG_LEVEL: must be debug, info, warn or error\n$/],
])(
  'does not start with %j, and says why in one line',
  async (env, said) => {
    const { code, complaints } = await command.run(env);
    expect(code).toBe(1);
    expect(complaints).toMatch(said);
  },
  bound,
);

describe('the command line', () => {
  it(
    'says how it is used and its version, and starts nothing then',
    async () => {
      const { code, said } = await command.run({}, ['--help']);
      expect(code).toBe(0);
      expect(said).toContain('ORCHESTRATOR_DATA_DIR');
      expect(said).toContain('npm start -- --version');
      expect(await command.run({}, ['--version'])).toEqual({ code: 0, said: '0.1.0\n', complaints: '' });
      await expect(stat(command.data())).rejects.toThrow('ENOENT');
    },
    bound,
  );

  it(
    'takes nothing else',
    async () => {
      const { code, complaints } = await command.run({}, ['--port', '1']);
      expect(code).toBe(1);
      expect(complaints).toMatch(/^Cannot start: Unknown option '--port'/);
    },
    bound,
  );
});

it.runIf(process.platform === 'linux')(
  'hands nothing of its environment to the processes that it starts but what they need',
  async () => {
    const { child, endpoints } = await command.started({
      EXAMPLE_SERVICES: 'off',
      MY_SECRET: 'hunter2-is-secret',
      AWS_PROFILE: 'p',
    });
    // Such an expression is evaluated in a process of its own.
    const tested = await restDoor(endpoints)('test_expression', {
      expression: '{% $map($list, function($n) { $n * 2 }) %}',
      data: { list: [1, 2] },
    });
    expect(tested.body).toMatchObject({ value: [2, 4] });
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)], { encoding: 'utf8' });
    const environments = children
      .trim()
      .split(/\s+/)
      .map((pid) => execFileSync('ps', ['eww', '-o', 'command=', '-p', pid], { encoding: 'utf8' }))
      // The compiler starts before any code of ours, where TypeScript was not compiled before.
      .filter((text) => !text.includes('/@esbuild/'));
    expect(environments).not.toEqual([]);
    for (const text of environments) expect(text).not.toMatch(/hunter2|AWS_PROFILE|ORCHESTRATOR_DATA_DIR/);
    child.kill('SIGTERM');
    await ended(child);
  },
  bound,
);

it.each(['SERVICE_MONITORING_URL', 'SERVICE_SCALING_URL', 'SERVICE_INSTANCE_MANAGEMENT_URL'])(
  'says what %s needs before anybody can be asked or told, and does not start without it',
  async (name) => {
    const { code, complaints } = await command.run({ [name]: 'https://ops.example.org/events' });
    expect(code).toBe(1);
    expect(complaints.trim()).toMatch(
      new RegExp(
        `^Cannot start: ${name} needs SERVICE_WEBHOOK_SECRET, which its requests are signed with: whsec_[^\n]+$`,
      ),
    );
  },
  bound,
);
