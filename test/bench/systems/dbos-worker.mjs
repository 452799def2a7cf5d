/**
 * The three steps as a workflow of DBOS, in a process of its own with a small HTTP front: each step is a
 * `DBOS.runStep`, whose result is kept in Postgres. The SDK is not among the dependencies; the first argument is the
 * folder where it is installed.
 */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { createPlainClient } from '../plain-client.ts';
import { callService } from './called-service.ts';

const [folder, databaseUrl, peerPort] = process.argv.slice(2);
const { DBOS } = createRequire(join(folder, 'package.json'))('@dbos-inc/dbos-sdk');
const client = createPlainClient();

async function steps({ delayMs, item }) {
  const service = { peerPort, delayMs };
  const first = await DBOS.runStep(() => callService(client, service, item), { name: 'first' });
  const second = await DBOS.runStep(() => callService(client, service, first), { name: 'second' });
  return await DBOS.runStep(() => callService(client, service, second), { name: 'third' });
}

const threeSteps = DBOS.registerWorkflow(steps, { name: 'threeSteps' });
DBOS.setConfig({ name: 'bench', systemDatabaseUrl: databaseUrl, logLevel: 'error' });
await DBOS.launch();

const start = async (request) => await DBOS.startWorkflow(threeSteps)(await json(request));

async function answerTo(request) {
  const id = /^\/executions\/(.+)$/.exec(request.url)?.[1];
  if (id) return { status: (await DBOS.getWorkflowStatus(id))?.status };
  const handle = await start(request);
  return request.url === '/calls' ? { result: await handle.getResult() } : { id: handle.workflowID };
}

const server = createServer((request, response) => {
  const send = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  answerTo(request).then(
    (body) => send(200, body),
    (error) => send(500, { error: String(error) }),
  );
});
server.keepAliveTimeout = 65_000;

process.once('SIGTERM', () => process.exit(0));
process.once('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => process.send?.({ listening: server.address().port }));
