import { describe, expect, it } from 'vitest';
import { deployedManifest } from '../../lib/deployed-manifest.ts';

const services = { mail: { version: '1.0.0', transport: 'mcp', url: '$' + '{MAIL_URL}' } };
const workflow = (name: string, service: string) => ({
  name,
  steps: [{ id: 'fetch', call: { service, tool: 'get', arguments: {} } }],
});
const read = (workflows: unknown[], faults: string[] = []) =>
  deployedManifest({
    document: { services, workflows },
    env: { MAIL_URL: 'https://mail.example.org/mcp' },
    checkSchema: () => ({ errors: faults.map((message) => ({ path: '', message })) }),
  });

describe('a manifest that is deployed', () => {
  it('has its variables resolved, and the defaults of its workflows filled in', () => {
    const { manifest, workflows } = read([workflow('one', 'mail')]);
    expect(manifest.services).toMatchObject([{ name: 'mail', url: 'https://mail.example.org/mcp' }]);
    expect(workflows[0]).toMatchObject({ name: 'one', timeoutSeconds: 3600 });
  });

  it('brings the workflow of the smoke check along, to be compiled and to be registered', () => {
    const { manifest, workflows } = read([workflow('one', 'mail')]);
    expect(manifest.workflows.map(({ name }) => name)).toEqual(['one', 'smoke-check']);
    expect(workflows.map(({ name }) => name)).toEqual(['one', 'smoke-check']);
    expect(workflows[1]).toMatchObject({
      timeoutSeconds: 60,
      steps: [{ id: 'pause', wait: { seconds: 1 } }],
    });
  });

  it('may have workflows that run each other, the one that is run behind the one that runs it', () => {
    const outer = { name: 'outer', steps: [{ id: 'inner', workflow: { name: 'one', input: {} } }] };
    expect(read([outer, workflow('one', 'mail')]).workflows.map(({ name }) => name)).toEqual([
      'outer',
      'one',
      'smoke-check',
    ]);
  });
});

describe('a manifest is refused', () => {
  it('when a workflow calls a service that it does not have', () => {
    expect(() => read([workflow('one', 'post')])).toThrow(/workflow one: .*there is no service "post"/);
  });

  it('when an input schema is not valid', () => {
    const wrong = { ...workflow('one', 'mail'), inputSchema: { type: 'objekt' } };
    expect(() => read([wrong], ['type is unknown'])).toThrow('workflow one: inputSchema: type is unknown');
  });

  it('when two workflows have one name', () => {
    expect(() => read([workflow('one', 'mail'), workflow('one', 'mail')])).toThrow(
      'workflow one: is defined twice',
    );
  });

  it('when a workflow has the name of the one of the smoke check', () => {
    expect(() => read([workflow('smoke-check', 'mail')])).toThrow(
      'workflow smoke-check: has the name of a workflow that every deployment brings',
    );
  });

  it('when a variable is not set', () => {
    expect(() =>
      deployedManifest({
        document: { services, workflows: [] },
        env: {},
        checkSchema: () => ({ errors: [] }),
      }),
    ).toThrow('services.mail.url: needs the environment variable MAIL_URL, which is not set');
  });
});
