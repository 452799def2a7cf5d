import { describe, expect, it } from 'vitest';
import type { CallContext, ServiceCaller } from '../../../src/transport/service-caller.ts';
import { startSdkPeer } from './mcp-servers.ts';
import { contextOf, failureOf, startCaller, valueAnswered } from './peer.ts';

interface Wanted {
  readonly tool?: string;
  readonly arguments?: Record<string, unknown>;
}

function callTool(
  caller: ServiceCaller,
  url: string,
  wanted: Wanted = {},
  context: Partial<CallContext> = {},
) {
  const call = { service: 'gmail', tool: 'get_email', arguments: { id: 'abc123' }, ...wanted };
  return valueAnswered(caller.call({ service: 'gmail', transport: 'mcp', url }, call, contextOf(context)));
}

describe.each([
  { stateful: false, json: true },
  { stateful: false, json: false },
  { stateful: true, json: true },
  { stateful: true, json: false },
])('an MCP server of the SDK, %j', (options) => {
  it('is called, with the idempotency key in _meta', async () => {
    const peer = await startSdkPeer(options);
    expect(await callTool(startCaller(), peer.url)).toEqual({ subject: 'Subject of abc123' });
    expect(peer.metas).toEqual([
      { 'orchestrator/idempotencyKey': 'key-1', 'orchestrator/executionId': 'execution-1' },
    ]);
  });

  it('that lacks the tool is told apart from one whose tool fails', async () => {
    const peer = await startSdkPeer(options);
    const caller = startCaller();
    const missing = await failureOf(callTool(caller, peer.url, { tool: 'get_mail' }));
    expect(missing.code).toBe('service.tool-not-found');
    expect(missing.message).toBe(
      'Service gmail has no tool get_mail among its 2 tools; did you mean "get_email"?',
    );
    const unlike = await failureOf(callTool(caller, peer.url, { tool: 'archive' }));
    expect(unlike.message).toBe(
      'Service gmail has no tool archive among its 2 tools; list_service_tools shows those that it has',
    );
    const failing = await failureOf(callTool(caller, peer.url, { tool: 'fail' }));
    expect(failing.code).toBe('service.tool-failed');
    expect(failing.message).toBe('Tool fail of service gmail answered with an error: the mailbox is locked');
    expect(failing.retry).toBe('permanent');
    expect(peer.asked.filter((method) => method === 'tools/list')).toHaveLength(1);
  });

  it('that refuses arguments is diagnosed with the path of each fault', async () => {
    const peer = await startSdkPeer(options);
    const failure = await failureOf(callTool(startCaller(), peer.url, { arguments: { limit: 'many' } }));
    expect(failure.code).toBe('service.arguments-invalid');
    expect(failure.errors).toEqual([
      { path: 'arguments.id', message: 'is required' },
      { path: 'arguments.limit', message: 'must be integer' },
    ]);
  });
});

describe('a handshake', () => {
  it('is never made with a server that does without', async () => {
    const peer = await startSdkPeer({ stateful: false, json: true });
    const caller = startCaller();
    await callTool(caller, peer.url);
    await callTool(caller, peer.url);
    expect(peer.asked).toEqual(['tools/call', 'tools/call']);
  });

  it('is made once with a server that demands a session, and remembered', async () => {
    const peer = await startSdkPeer({ stateful: true, json: true });
    const caller = startCaller();
    await callTool(caller, peer.url);
    await callTool(caller, peer.url);
    expect(peer.asked).toEqual([
      'tools/call',
      'initialize',
      'notifications/initialized',
      'tools/call',
      'tools/call',
    ]);
  });

  it('is shared by calls of the same moment', async () => {
    const peer = await startSdkPeer({ stateful: true, json: false });
    const caller = startCaller();
    const results = await Promise.all(Array.from({ length: 8 }, () => callTool(caller, peer.url)));
    expect(results).toHaveLength(8);
    expect(peer.asked.filter((method) => method === 'initialize')).toHaveLength(1);
  });

  it('is made again when the session is gone', async () => {
    const peer = await startSdkPeer({ stateful: true, json: true });
    const caller = startCaller();
    await callTool(caller, peer.url);
    peer.forgetSessions();
    expect(await callTool(caller, peer.url)).toEqual({ subject: 'Subject of abc123' });
    expect(peer.asked.filter((method) => method === 'initialize')).toHaveLength(2);
    expect(peer.metas).toHaveLength(2);
  });
});
