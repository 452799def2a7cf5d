/** An MCP server over stdio with the tools that the tests of the bridge need; the first argument is its version. */
import { createInterface } from 'node:readline';

const [version = '2025-06-18'] = process.argv.slice(2);
const write = (text) => process.stdout.write(`${text}\n`);
const send = (message) => write(JSON.stringify({ jsonrpc: '2.0', ...message }));
const say = (id, text) => send({ id, result: { content: [{ type: 'text', text }] } });

const held = [];
const cancelled = [];
let greetings = 0;
let asking;

const tools = {
  /** What the server was sent. */
  line: (id, _args, line) => say(id, line),
  /** A number that JavaScript cannot hold, under an id that comes last. */
  number: (id) =>
    write(
      `{"jsonrpc": "2.0", "result": {"id": 9, "structuredContent": {"big": 12345678901234567890}}, "id": ${id}}`,
    ),
  /** Answers when `release` is called. */
  hold: (id, { name }) => held.push({ id, name }),
  /** In the opposite order. */
  release: (id) => {
    for (const one of held.splice(0).reverse()) say(one.id, `released ${one.name}`);
    say(id, 'all');
  },
  holding: (id) => say(id, JSON.stringify({ held: held.length, cancelled, greetings })),
  garbage: (id) => {
    write('this is no message');
    write('{"jsonrpc":"2.0","id":77777,"result":{}}');
    write('{"half": ');
    write('[1, 2]');
    say(id, 'said all the same');
  },
  /** Asks the client for something and says what it was answered. */
  ask: (id, { method }) => {
    asking = id;
    send({ id: 'mine', method, params: {} });
  },
  die: () => process.exit(7),
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params, result, error } = JSON.parse(line);
  if (id === 'mine') say(asking, JSON.stringify(result ?? error));
  else if (method === 'initialize') {
    greetings += 1;
    const capabilities = { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} };
    send({
      id,
      result: { protocolVersion: version, capabilities, serverInfo: { name: 'scripted', version: '1' } },
    });
  } else if (method === 'notifications/cancelled') {
    cancelled.push(params.reason);
    const index = held.findIndex((one) => one.id === params.requestId);
    if (index >= 0) held.splice(index, 1);
  } else if (method === 'ping') send({ id, result: {} });
  else if (method === 'tools/call') tools[params.name](id, params.arguments, line);
  else if (id !== undefined) send({ id, error: { code: -32601, message: `no ${method}` } });
});
console.error('it reads');
