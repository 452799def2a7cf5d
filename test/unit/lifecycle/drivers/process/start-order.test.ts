import { describe, expect, it } from 'vitest';
import { orderOf } from '../../../../../src/lifecycle/drivers/process/start-order.ts';

const where = { instances: '/data/instances', env: { PATH: '/bin', LANG: 'C' } };
const order = (transport: 'mcp' | 'rest', settings: Record<string, unknown>) =>
  orderOf({ service: 's', version: '1.0.0', id: 'i-1', token: 's.i-1.1', transport, settings }, where);

describe('how a process is spoken to', () => {
  it.each([
    ['mcp', { command: ['uvx', 'my-mcp'] }, 'stdio', '/mcp'],
    ['mcp', { command: ['my-mcp', '--port={port}'] }, 'http', '/mcp'],
    ['mcp', { command: ['my-mcp'], env: { URL: 'http://127.0.0.1:{port}' } }, 'http', '/mcp'],
    ['mcp', { command: ['my-mcp'], port: 9000 }, 'http', '/mcp'],
    ['mcp', { command: ['my-mcp', '{port}'], protocol: 'stdio', path: '/' }, 'stdio', '/'],
    ['mcp', { command: ['my-mcp'], protocol: 'http' }, 'http', '/mcp'],
    ['rest', { command: ['my-api'] }, 'http', '/'],
    ['rest', { command: ['my-api'], path: '/v2' }, 'http', '/v2'],
  ] as const)('%s with %j: over %s, at "%s"', (transport, settings, protocol, path) => {
    expect(order(transport, settings)).toMatchObject({ protocol, path });
  });
});

it('its own variables win over those that every program gets', () => {
  expect(order('rest', { command: ['a'], env: { LANG: 'en', KEY: '1' } }).env).toEqual({
    PATH: '/bin',
    LANG: 'en',
    KEY: '1',
  });
});

it('settings of something else are refused with each fault', () => {
  expect(() => order('rest', { image: 'nginx' })).toThrow(
    expect.objectContaining({
      code: 'driver.refused',
      errors: expect.arrayContaining([expect.objectContaining({ path: 'command' })]),
    }),
  );
});
