import { describe, expect, it } from 'vitest';
import {
  mcpVersions,
  serviceToServer,
} from '../../../../src/registry/mcp-registry/model/service-to-server.ts';
import type { Service } from '../../../../src/registry/services/model/services.ts';

const gmail: Service = {
  name: 'gmail',
  version: '1.2.0',
  transport: 'mcp',
  url: 'https://gmail.example.org/mcp',
  description: 'Reads mail',
  dependencies: [],
  tags: ['mail'],
  owner: 'mail team',
  docsUrl: 'https://docs.example.org/gmail',
  labels: { tier: 'one' },
  managedBy: 'api',
  registeredAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-02-01T00:00:00.000Z',
};

const shown = (changes: Partial<Service> = {}, urls = ['https://gmail.example.org/mcp']) =>
  serviceToServer({
    namespace: 'org.example',
    service: { ...gmail, ...changes },
    urls,
    isLatest: true,
  });

describe('a service as a server', () => {
  it('is a server.json with what the registry says of it', () => {
    expect(shown()).toEqual({
      server: {
        $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
        name: 'org.example/gmail',
        description: 'Reads mail',
        version: '1.2.0',
        websiteUrl: 'https://docs.example.org/gmail',
        remotes: [{ type: 'streamable-http', url: 'https://gmail.example.org/mcp' }],
      },
      _meta: {
        'io.modelcontextprotocol.registry/official': {
          status: 'active',
          publishedAt: '2026-01-01T00:00:00.000Z',
          updatedAt: '2026-02-01T00:00:00.000Z',
          isLatest: true,
        },
        'orchestrator/service': {
          description: 'Reads mail',
          tags: ['mail'],
          labels: { tier: 'one' },
          owner: 'mail team',
        },
      },
    });
  });

  it.each([
    ['of 100 characters is kept', 'x'.repeat(100), 'x'.repeat(100)],
    ['that is longer ends in an ellipsis', 'x'.repeat(101), `${'x'.repeat(99)}…`],
    ['of pairs of code units is cut between them', '😀'.repeat(101), `${'😀'.repeat(99)}…`],
    ['that is blank gives way to a sentence', '  ', 'The MCP service gmail'],
    ['that is missing gives way to a sentence', undefined, 'The MCP service gmail'],
  ])('a description %s', (_what, description, expected) => {
    const { description: _mine, ...others } = gmail;
    const service: Service = { ...others, ...(description !== undefined && { description }) };
    const { server } = serviceToServer({ namespace: 'a.b', service, urls: [], isLatest: false });
    expect(server.description).toBe(expected);
  });

  it('that answers nowhere now has no remotes', () => {
    expect(shown({}, []).server).not.toHaveProperty('remotes');
  });
});

describe('the versions of a service that MCP clients can call', () => {
  const record = (...versions: [string, Service['transport']][]) => ({
    name: 'gmail',
    revision: 1,
    versions: versions.map(([version, transport]) => ({ ...gmail, version, transport })),
  });
  const namesIn = (...versions: [string, Service['transport']][]) => {
    const { services, latest } = mcpVersions(record(...versions));
    return { versions: services.map(({ version }) => version), latest };
  };

  it('come lowest first, without those of REST, and a release is the latest before what precedes one', () => {
    expect(namesIn(['10.0.0', 'mcp'], ['2.0.0', 'mcp'], ['11.0.0-rc.1', 'mcp'], ['12.0.0', 'rest'])).toEqual({
      versions: ['2.0.0', '10.0.0', '11.0.0-rc.1'],
      latest: '10.0.0',
    });
  });

  it('of a REST service are none', () => {
    expect(namesIn(['1.0.0', 'rest'])).toEqual({ versions: [], latest: undefined });
  });
});
