/**
 * The local Step Functions: the JSON API of AWS, an interpreter for JSONata state machines, and a journal from which a
 * killed process goes on. It listens on a port only where one is asked for. It knows nothing of the rest of the system:
 * functions are called, and changes of status told, through what is passed in.
 */
import type { AnswerRequest } from '../aws-endpoint/answer.ts';
import { type InProcessHandler, inProcessHandler } from '../aws-endpoint/in-process.ts';
import { type RunningServer, serve } from '../aws-endpoint/server.ts';
import type { AccessKey } from '../aws-endpoint/signature.ts';
import { answerTo, errorAnswer } from './api/dispatch.ts';
import { openEngine } from './engine.ts';
import type { CompactionBound } from './journal/file-journal.ts';
import { useEvaluators } from './jsonata/evaluator-processes.ts';
import type { InvokeFunction } from './running/run.ts';
import type { StatusChange } from './status-change.ts';

export type { FunctionResult, InvokeFunction } from './running/run.ts';
export type { StatusChange } from './status-change.ts';

export interface StepFunctionsOptions {
  /** Default 127.0.0.1. */
  host?: string;
  /** 0: a free one; absent: it does not listen. */
  port?: number | undefined;
  /** Absent: nothing outlives the process. */
  journalFile?: string;
  /** Default: the journal is compacted at 64 MiB and four times its size after the last compaction. */
  compactionBound?: CompactionBound;
  /** With which requests to the port have to be signed; absent: they need no signature. */
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
  /** Undefined where it does not listen. */
  readonly url: string | undefined;
  /** For the clients of this process. */
  readonly handler: InProcessHandler;
  /** False when the journal began anew or was damaged: machines that were created may be missing. */
  readonly whole: boolean;
  /** Stops listening and lets go of open executions; with a journal they go on at the next start. */
  close(): Promise<void>;
}

/** Bytes of a request: a definition of 1 MB, escaped. */
const largestRequest = 4_194_304;

export async function startStepFunctions(options: StepFunctionsOptions): Promise<RunningStepFunctions> {
  const { region = 'us-east-1', accountId = '000000000000' } = options;
  const { invokeFunction, onStatusChange, journalFile, compactionBound } = options;
  const engine = await openEngine({ invokeFunction, onStatusChange, journalFile, compactionBound });
  const { machines, executions, written, whole } = engine;
  const context = { account: { region, accountId }, machines, executions, written };
  const answer: AnswerRequest = (request) => answerTo(context, request);
  const server = await listen(answer, options).catch(async (error: unknown) => {
    await engine.close();
    throw error;
  });
  const evaluatorsUsed = useEvaluators();
  engine.resume();
  const close = async (): Promise<void> => {
    await server?.close();
    await evaluatorsUsed();
    await engine.close();
  };
  return { url: server?.url, handler: inProcessHandler(answer), whole, close };
}

async function listen(
  answer: AnswerRequest,
  { host = '127.0.0.1', port, accessKey }: StepFunctionsOptions,
): Promise<RunningServer | undefined> {
  if (port === undefined) return undefined;
  return serve({ name: 'states', largestRequest, answer, refuse: errorAnswer }, { host, port, accessKey });
}
