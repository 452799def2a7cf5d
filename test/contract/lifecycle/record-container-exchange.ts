/**
 * Writes test/fixtures/container-exchange.json: what the engine of this machine answers to the container driver, as far as
 * the driver reads it. Run by hand: `node --import tsx test/contract/lifecycle/record-container-exchange.ts`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import * as z from 'zod';
import { createContainerDriver } from '../../../src/lifecycle/drivers/container/container-driver.ts';
import { testEngine } from '../../system/container-engine.ts';
import { runContainerScenario } from './container-scenario.ts';
import { type Exchange, serveOnSocket } from './recorded-engine.ts';

const folder = new URL('../../fixtures/', import.meta.url);

/** What the driver reads; the rest is many times as long, and tells of the machine. */
const Kept = z.union([
  z.object({
    State: z.object({ Status: z.string(), ExitCode: z.number(), OOMKilled: z.boolean(), Error: z.string() }),
    NetworkSettings: z.object({ Ports: z.unknown() }),
  }),
  z.array(z.object({ Names: z.unknown(), Labels: z.unknown(), State: z.string(), Status: z.string() })),
  z.object({ message: z.string(), cause: z.string().optional() }),
  z.object({ Id: z.string() }),
]);

function contentOf(bytes: Buffer): Pick<Exchange, 'answer' | 'bytes'> {
  if (bytes.length === 0) return {};
  if (bytes[0] !== 0x7b && bytes[0] !== 0x5b) return { bytes: bytes.toString('base64') };
  return { answer: Kept.parse(JSON.parse(bytes.toString())) };
}

const wholeOf = async (message: IncomingMessage): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
};

const engine = await testEngine();
if ('skipped' in engine) throw new Error(engine.skipped);
const exchanges: Exchange[] = [];

async function passOn(asked: IncomingMessage, response: ServerResponse, socketPath: string): Promise<void> {
  const { method = '', url = '', headers } = asked;
  const body = await wholeOf(asked);
  const outgoing = request({ socketPath, method, path: url, headers }, async (answered) => {
    const bytes = await wholeOf(answered);
    const status = answered.statusCode ?? 0;
    exchanges.push({ asked: `${method} ${url}`, status, ...contentOf(bytes) });
    response.writeHead(status, { 'content-type': 'application/json' }).end(bytes);
  });
  outgoing.end(body);
}

const { socketPath } = engine;
const recorder = await serveOnSocket((asked, response) => void passOn(asked, response, socketPath));
const driver = createContainerDriver({ socketPath: recorder.socketPath, owner: 'recorded' });
console.log(await runContainerScenario(driver, { image: engine.image, program: process.execPath }));
driver.close?.();
await mkdir(folder, { recursive: true });
await writeFile(new URL('container-exchange.json', folder), `${JSON.stringify(exchanges, null, 1)}\n`);
await recorder.close();
await engine.close();
