/**
 * The local Step Functions endpoint: the JSON API of AWS over HTTP, an interpreter for JSONata state machines,
 * and a journal from which a killed process goes on. It knows nothing of the rest of the system: functions
 * are called, and changes of status told, through what is passed in.
 */
import { createServer, type Server } from 'node:http';
import * as z from 'zod';
import { createDoor } from '../aws-endpoint/door.ts';
import type { AccessKey } from '../aws-endpoint/signature.ts';
import { handleRequest, type RequestHandlerOptions } from './api/protocol.ts';
import { openEngine } from './engine.ts';
import type { CompactionBound } from './journal/file-journal.ts';
import { useEvaluators } from './jsonata/apart.ts';
import type { InvokeFunction } from './running/run.ts';
import type { StatusChange } from './status-change.ts';

export type { FunctionResult, InvokeFunction } from './running/run.ts';
export type { StatusChange } from './status-change.ts';

export interface StepFunctionsOptions {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: a free one. */
  port?: number;
  /** Absent: nothing outlives the process. */
  journalFile?: string;
  /** Default: the journal is compacted at 64 MiB and four times its size after the last compaction. */
  compactionBound?: CompactionBound;
  /** With which requests have to be signed; absent: they need no signature. */
  accessKey?: AccessKey | undefined;
  invokeFunction: InvokeFunction;
  /** Called after the change is written; best effort, as on AWS. */
  onStatusChange?: (change: StatusChange) => void;
  /** Default us-east-1. */
  region?: string;
  /** Default 000000000000. */
  accountId?: string;
}

export interface RunningStepFunctions {
  url: string;
  /** False when the journal began anew or was damaged: machines that were created may be missing. */
  whole: boolean;
  /** Stops listening and lets go of open executions; with a journal they go on at the next start. */
  close(): Promise<void>;
}

/** Milliseconds; longer than clients keep an idle connection, so that none is closed under a request. */
const keepAlive = 65_000;

const Address = z.object({ address: z.string(), family: z.string(), port: z.number() });

async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = Address.parse(server.address());
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}

function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

export async function startStepFunctions(options: StepFunctionsOptions): Promise<RunningStepFunctions> {
  const { host = '127.0.0.1', port = 0, region = 'us-east-1', accountId = '000000000000' } = options;
  const { invokeFunction, onStatusChange, journalFile, compactionBound } = options;
  const engine = await openEngine({
    invokeFunction,
    onStatusChange,
    journalFile,
    compactionBound,
  });
  const { machines, executions, written } = engine;
  const door = createDoor({ service: 'states', accessKey: options.accessKey, hosts: [host] });
  const context: RequestHandlerOptions = {
    account: { region, accountId },
    machines,
    executions,
    written,
    door,
  };
  const server = createServer((request, response) => {
    void handleRequest(request, response, context).catch(() => response.destroy());
  });
  server.keepAliveTimeout = keepAlive;
  const url = await listen(server, host, port).catch(async (error: unknown) => {
    await engine.close();
    throw error;
  });
  const evaluatorsUsed = useEvaluators();
  engine.resume();
  const close = async (): Promise<void> => {
    await stopListening(server);
    await evaluatorsUsed();
    await engine.close();
  };
  return { url, whole: engine.whole, close };
}
