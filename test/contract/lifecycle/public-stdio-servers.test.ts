/**
 * MCP servers that others have published and that speak stdio, behind the bridge, called by us and by the client of the
 * SDK. @module-tag long
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Driver } from '../../../src/instances/driver.ts';
import type { Skipped } from '../../system/on-demand.ts';
import { present } from '../../system/on-demand.ts';
import { packagesOnDemand } from '../../system/packages-on-demand.ts';
import { pythonEnvironment } from '../../system/python-environment.ts';
import { contextOf, startCaller, valueAnswered } from '../transport/peer.ts';
import { type ProcessSubject, processSubject } from './process-subject.ts';

const packages = ['everything', 'filesystem', 'memory'].map(
  (name) => `@modelcontextprotocol/server-${name}@2026.8.31`,
);
const requirements = fileURLToPath(new URL('./public-stdio-servers.txt', import.meta.url));

let fromNpm: { readonly folder: string } | Skipped;
let fromPyPi: { readonly interpreter: string } | Skipped;
beforeAll(async () => {
  fromNpm = await packagesOnDemand('stdio-servers', packages);
  fromPyPi = await pythonEnvironment({ name: 'stdio-servers', requirements });
}, 260_000);

let subject: ProcessSubject;
let driver: Driver;
beforeEach(async () => {
  subject = await processSubject();
  driver = subject.open();
});
afterEach(async () => {
  driver.close?.();
  await subject.close();
});

interface Server {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Its last argument, or a variable, names the folder of the test, by which its processes are found and ended. */
async function started({ name, command, env = {} }: Server): Promise<string> {
  const settings = { command, env };
  const { url } = await driver.start({ ...subject.program(name, 'nothing'), transport: 'mcp', settings });
  return url ?? '';
}

const npmProgram = (name: string, skip: Parameters<typeof present>[1]): string =>
  join(present(fromNpm, skip).folder, 'node_modules', '.bin', `mcp-server-${name}`);

const call = (url: string, tool: string, args: Record<string, unknown>): Promise<unknown> =>
  valueAnswered(
    startCaller().call(
      { service: 'public', transport: 'mcp', url },
      { service: 'public', tool, arguments: args },
      contextOf({ timeoutMs: 15_000 }),
    ),
  );

async function client(url: string): Promise<Client> {
  const connected = new Client({ name: 'a client', version: '1' });
  const transport = new StreamableHTTPClientTransport(new URL(url));
  await connected.connect(transport as Parameters<Client['connect']>[0]);
  return connected;
}

const toolsOf = async (url: string): Promise<string[]> => {
  const connected = await client(url);
  const { tools } = await connected.listTools();
  await connected.close();
  return tools.map(({ name }) => name);
};

describe('behind the bridge', () => {
  it('server-everything answers tools, resources, prompts and completions, fifty calls at the same time', async (test) => {
    const url = await started({
      name: 'everything',
      command: [npmProgram('everything', test), 'stdio', subject.dataDir],
    });
    expect(await call(url, 'echo', { message: 'hello' })).toBe('Echo: hello');
    const sums = Array.from({ length: 50 }, (_, n) => call(url, 'get-sum', { a: n, b: 1 }));
    expect(await Promise.all(sums)).toEqual(
      Array.from({ length: 50 }, (_, n) => `The sum of ${n} and 1 is ${n + 1}.`),
    );
    const connected = await client(url);
    expect(connected.getServerVersion()?.name).toMatch(/everything/);
    expect((await connected.listTools()).tools.map(({ name }) => name)).toContain('get-sum');
    const { resources } = await connected.listResources();
    const [first] = (await connected.readResource({ uri: resources[0]?.uri ?? '' })).contents;
    expect(first?.uri).toBe(resources[0]?.uri);
    const prompt = await connected.getPrompt({ name: 'simple-prompt' });
    expect(prompt.messages[0]?.role).toBe('user');
    const completed = await connected.complete({
      ref: { type: 'ref/prompt', name: 'completable-prompt' },
      argument: { name: 'department', value: 'E' },
    });
    expect(completed.completion.values).toEqual(['Engineering']);
    expect(await connected.ping()).toEqual({});
    await connected.close();
  });

  it('server-filesystem reads a file of the folder that it may see', async (test) => {
    writeFileSync(join(subject.dataDir, 'note.txt'), 'bread and milk');
    const url = await started({
      name: 'filesystem',
      command: [npmProgram('filesystem', test), subject.dataDir],
    });
    expect(await toolsOf(url)).toContain('read_text_file');
    expect(await call(url, 'read_text_file', { path: join(subject.dataDir, 'note.txt') })).toEqual({
      content: 'bread and milk',
    });
  });

  it('server-memory keeps what it was told', async (test) => {
    const url = await started({
      name: 'memory',
      command: [npmProgram('memory', test), subject.dataDir],
      env: { MEMORY_FILE_PATH: join(subject.dataDir, 'memory.jsonl') },
    });
    const entities = [{ name: 'Ada', entityType: 'person', observations: ['writes programs'] }];
    await call(url, 'create_entities', { entities });
    expect(await call(url, 'read_graph', {})).toEqual({ entities, relations: [] });
  });

  it('mcp-server-time converts a time', async (test) => {
    const { interpreter } = present(fromPyPi, test);
    const url = await started({
      name: 'time',
      command: [interpreter, '-m', 'mcp_server_time', '--local-timezone', 'UTC'],
      env: { FOLDER: subject.dataDir },
    });
    expect(await toolsOf(url)).toEqual(['get_current_time', 'convert_time']);
    const zones = { source_timezone: 'Asia/Kolkata', time: '12:00', target_timezone: 'Asia/Tokyo' };
    expect(await call(url, 'convert_time', zones)).toMatchObject({ time_difference: '+3.5h' });
  });

  it('mcp-server-git tells the state of a repository', async (test) => {
    const { interpreter } = present(fromPyPi, test);
    execFileSync('git', ['init', '--quiet', '--initial-branch=main', subject.dataDir]);
    const url = await started({
      name: 'git',
      command: [interpreter, '-m', 'mcp_server_git', '--repository', subject.dataDir],
    });
    expect(await toolsOf(url)).toContain('git_status');
    expect(await call(url, 'git_status', { repo_path: subject.dataDir })).toContain('On branch main');
  });
});
