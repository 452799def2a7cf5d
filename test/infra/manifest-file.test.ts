/** The synthesis says where in the manifest file a fault is. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDeployedManifest } from '../../bin/read-deployed-manifest.ts';

let file: string;

beforeAll(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'orchestrator-manifest-')), 'fleet.yaml');
});
afterAll(() => rm(join(file, '..'), { recursive: true, force: true }));

const services = `services:
  mail:
    transport: mcp
    url: https://mail.example.org/mcp
`;
const workflow = (service: string, more = '') => `  - name: triage
    steps:
      - id: fetch
        call:
          service: ${service}
          tool: get_email
${more}`;

async function faultOf(text: string): Promise<unknown> {
  await writeFile(file, text);
  const read = readDeployedManifest(file, { env: {}, checkSchema: () => ({ errors: [] }) });
  return read.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message.replace(file, 'FILE') : error),
  );
}

describe('a fault of a manifest that is deployed', () => {
  it.each([
    [
      'an unknown service',
      `${services}workflows:\n${workflow('post')}`,
      'FILE: workflow triage: steps[0].call.service: there is no service "post" (line 10)',
    ],
    [
      'an expression that cannot be read',
      `${services}workflows:\n${workflow('mail', "          arguments:\n            id: '{% $nothing.id %}'\n")}`,
      'FILE: workflow triage: steps[0].call.arguments.id: there is no step "nothing" (position 0) (line 13)',
    ],
    [
      'a second workflow of that name',
      `${services}workflows:\n${workflow('mail')}${workflow('mail')}`,
      'FILE: workflow triage: is defined twice (line 12)',
    ],
    [
      'a variable that is not set',
      'services:\n  mail:\n    transport: mcp\n    url: $' + '{MAIL_URL}\n',
      'FILE: The manifest is not valid: services.mail.url: needs the environment variable MAIL_URL, which is not set (line 4); services.mail.url: must be an http or https URL without user, password or fragment (line 4)',
    ],
    [
      'what is no YAML',
      'services:\n  mail: [\n',
      'FILE: The manifest is not valid: yaml: is not YAML at line 3, column 1: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
  ])('names the file and the line: %s', async (_what, text, message) => {
    expect(await faultOf(text)).toBe(message);
  });

  it('is none in a right one', async () => {
    expect(await faultOf(`${services}workflows:\n${workflow('mail')}`)).toBeUndefined();
  });
});
