import { describe, expect, it } from 'vitest';
import { parseDeployment } from '../../lib/deployment.ts';
import { manifestWorkflows } from '../../lib/manifest-workflows.ts';
import { manifestMachineNameOf } from '../../lib/names.ts';

describe('the CDK context', () => {
  it('needs a stage and a manifest, and says what else holds without being told', () => {
    expect(parseDeployment({ stage: 'prod', manifest: 'a.yaml' })).toEqual({
      stage: 'prod',
      manifest: 'a.yaml',
      retentionDays: 90,
      logLevel: 'INFO',
      egressAllowedNetworks: '',
    });
  });

  it('takes numbers as the command line gives them', () => {
    expect(parseDeployment({ stage: 'prod', manifest: 'a.yaml', retentionDays: '7' }).retentionDays).toBe(7);
  });

  it('names every value that is wrong, at once', () => {
    expect(() => parseDeployment({ stage: 'my-stage', retentionDays: '0' })).toThrow(
      /stage.*manifest.*retentionDays/s,
    );
  });
});

describe('the workflows of a manifest', () => {
  const services = { mail: { version: '1.0.0', transport: 'mcp', url: '$' + '{MAIL_URL}' } };
  const workflow = (name: string, service: string) => ({
    name,
    steps: [{ id: 'fetch', call: { service, tool: 'get', arguments: {} } }],
  });
  const read = (workflows: unknown[], faults: string[] = []) =>
    manifestWorkflows({
      document: { services, workflows },
      env: { MAIL_URL: 'https://mail.example.org/mcp' },
      checkSchema: () => faults,
    });

  it('come with the defaults filled in', () => {
    expect(read([workflow('one', 'mail')])).toMatchObject([{ name: 'one', timeoutSeconds: 3600 }]);
  });

  it('may call only the services of the manifest', () => {
    expect(() => read([workflow('one', 'post')])).toThrow(/workflow one: .*there is no service "post"/);
  });

  it('have valid input schemas', () => {
    const wrong = { ...workflow('one', 'mail'), inputSchema: { type: 'objekt' } };
    expect(() => read([wrong], ['type is unknown'])).toThrow('workflow one: inputSchema: type is unknown');
  });

  it('have names of their own', () => {
    expect(() => read([workflow('one', 'mail'), workflow('one', 'mail')])).toThrow(
      'workflow one: is defined twice',
    );
  });
});

describe('the name of a manifest machine', () => {
  const long = (end: string) => 'w'.repeat(62) + end;

  it('fits into 80 characters with the longest stage and workflow', () => {
    expect(manifestMachineNameOf('s'.repeat(20), long('a'))).toHaveLength(77);
  });

  it('tells workflows apart whose names differ at the end only', () => {
    expect(manifestMachineNameOf('dev', long('a'))).not.toBe(manifestMachineNameOf('dev', long('b')));
  });
});
