/**
 * Runs functions as Lambda does: by name or arn, with a time-out, and with the name of a thrown error as
 * `errorType`, on which `Retry` and `Catch` match. (AWS: Lambda function errors in Node.js.)
 */
import { randomUUID } from 'node:crypto';
import type { FunctionResult, InvokeFunction } from './step-functions/start.ts';

/** What Lambda tells a function of its call, as far as functions of ours ask for it. */
interface Invocation {
  readonly awsRequestId: string;
}

export interface HostedFunction {
  readonly timeoutSeconds: number;
  readonly handler: (event: unknown, invocation: Invocation) => Promise<unknown>;
}

export interface LambdaHost {
  readonly invoke: InvokeFunction;
  /** Functions are known from here on; calls that came before have waited. */
  register(functions: Readonly<Record<string, HostedFunction>>): void;
  /** Nothing begins any more, and what is under way is answered to nobody, as when the process is killed. */
  end(): void;
}

export function createLambdaHost(): LambdaHost {
  let register: (functions: Readonly<Record<string, HostedFunction>>) => void = () => {};
  const registered = new Promise<Readonly<Record<string, HostedFunction>>>((resolve) => {
    register = resolve;
  });
  let ended = false;
  return {
    register: (functions) => register(functions),
    end() {
      ended = true;
    },
    async invoke({ functionName, payload }) {
      if (ended) return unanswered;
      const name = functionName.split(':').at(-1) ?? functionName;
      const hosted = (await registered)[name];
      if (!hosted) throw new Error(`Function not found: ${functionName}`);
      const result = await run(hosted, payload);
      return ended ? unanswered : result;
    },
  };
}

const unanswered = new Promise<never>(() => {});

async function run({ handler, timeoutSeconds }: HostedFunction, payload: unknown): Promise<FunctionResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<FunctionResult>((resolve) => {
    timer = setTimeout(() => resolve(timedOut(timeoutSeconds)), timeoutSeconds * 1000).unref();
  });
  try {
    const answer = Promise.resolve(payload).then((event) => handler(event, { awsRequestId: randomUUID() }));
    return await Promise.race([answer.then(answered, failed), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a handler returns crosses as JSON; `undefined` is null. */
const answered = (value: unknown): FunctionResult => ({ payload: value ?? null });

const failed = (error: unknown): FunctionResult => ({
  functionError: 'Unhandled',
  payload:
    error instanceof Error
      ? { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
      : { errorType: 'Error', errorMessage: String(error), trace: [] },
});

const timedOut = (seconds: number): FunctionResult => ({
  functionError: 'Unhandled',
  payload: {
    errorType: 'Sandbox.Timedout',
    errorMessage: `Task timed out after ${seconds.toFixed(2)} seconds`,
  },
});
