/**
 * An operation is one value: what it is called, takes, gives, needs and does. REST routes, MCP tools, OpenAPI
 * and the role table are renderings of these values; nothing about an operation is written anywhere else.
 * One path executes them all: authorise, parse, run, check the output.
 */
import type * as z from 'zod';
import { type Caller, type Role, requireOperation } from '../access/model/access.ts';
import { classOf, type OperationClass } from '../access/model/rate-limits.ts';
import { withoutNulls } from '../base/drop-nulls.ts';
import { type ErrorCode, OrchestratorError } from '../base/errors.ts';
import { faultsOf, faultsText } from '../base/faults.ts';
import { parseInput } from '../base/parse-input.ts';
import type { TraceContext } from '../base/trace.ts';
import { unusableNames } from '../base/unusable-names.ts';

/** Hints of MCP's ToolAnnotations. */
export interface OperationHints {
  readonly readOnly: boolean;
  readonly destructive: boolean;
  readonly idempotent: boolean;
  /** Whether it reaches what others run: services, or other registries. */
  readonly openWorld?: boolean;
}

/** Who asks, and for how long. */
export interface Asking extends Caller {
  /** Aborts when nobody takes the answer any more, or it has to come now: what waits then waits no longer. */
  readonly signal?: AbortSignal | undefined;
  /** Throws `request.throttled` when the caller has used operations of this class too often. */
  readonly spend?: ((kind: OperationClass) => void) | undefined;
  /** Called when the request is allowed and has its shape, before anything is done; what it throws refuses the request. */
  readonly beforeEffect?: (() => Promise<void>) | undefined;
  /** What the request is a part of. */
  readonly trace?: TraceContext | undefined;
}

interface Description {
  /** A snake_case verb: the MCP tool's name. */
  readonly id: string;
  readonly summary: string;
  /** The codes it may answer besides those that every operation may. */
  readonly errors: readonly ErrorCode[];
  readonly access: Role;
  /** For reads by one key: `GET /resources/{id}/{key}`, and the MCP resource `<scheme>://{key}`. */
  readonly resource?: { readonly key: string; readonly scheme: string } | undefined;
  /** The shape to document where `input` is wider on purpose, because `run` reports the faults itself. */
  readonly documentedInput?: z.ZodType;
  readonly hints: OperationHints;
}

interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** Path below the host; `{name}` is the input field of that name, `{name+}` one that may hold slashes. */
  readonly path: string;
}

interface Definition<Context, Input, Output> extends Description {
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  readonly http: Route & { readonly status: number | Statuses<Output> };
  /** Says with the type of its context what it needs: the context of its capability, or less. */
  readonly run: (context: Context, input: Input, caller: Asking) => Promise<Output>;
}

/** A success that may answer with more than one status. */
interface Statuses<Output> {
  readonly all: readonly number[];
  /** What a status says, where it is not what the operation does. */
  readonly saying?: Readonly<Record<number, string>>;
  readonly of: (output: Output) => number;
}

export interface Executed {
  readonly status: number;
  readonly output: unknown;
}

/** An operation as surfaces see it. */
export interface Operation<Context = never> extends Description {
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  readonly http: Route & {
    readonly statuses: readonly number[];
    readonly saying?: Readonly<Record<number, string>> | undefined;
  };
  /** Throws `access.denied`, `request.invalid` with every fault, or what the operation throws. */
  readonly execute: (context: Context, caller: Asking, input: unknown) => Promise<Executed>;
}

/** What loads each operation, by its id, in the order in which they are listed. */
export type OperationTable<Context = never> = ReadonlyMap<string, () => Promise<Operation<Context>>>;

/** Where an operation is found: what is known of it before it is loaded. */
export interface OperationRoute extends Pick<Operation, 'id' | 'resource' | 'access'> {
  readonly method: string;
  /** As `http.path` of the operation. */
  readonly path: string;
}

export function defineOperation<Context, Input, Output>(
  definition: Definition<Context, Input, Output>,
): Operation<Context> {
  const { run, http, ...described } = definition;
  const { status, ...route } = http;
  return {
    ...described,
    http: {
      ...route,
      ...(typeof status === 'number'
        ? { statuses: [status] }
        : { statuses: status.all, saying: status.saying }),
    },
    async execute(context, caller, input) {
      requireOperation(caller, definition);
      caller.spend?.(classOf(definition.hints));
      const parsed = parse(definition.input, input);
      await caller.beforeEffect?.();
      const output = checked(definition, await run(context, parsed, caller));
      return { status: typeof status === 'number' ? status : status.of(output), output };
    },
  };
}

function parse<Input>(shape: z.ZodType<Input>, input: unknown): Input {
  const unusable = unusableNames(input);
  const parsed = parseInput(shape, withoutNulls(shape, input));
  if (parsed.success && unusable.length === 0) return parsed.data;
  const errors = [...unusable, ...(parsed.success ? [] : faultsOf(parsed.error))];
  throw new OrchestratorError('request.invalid', faultsText(errors), { errors });
}

/** An answer that breaks its own contract is our fault, not the caller's. */
function checked<Output>({ id, output }: { id: string; output: z.ZodType<Output> }, answer: Output): Output {
  const parsed = output.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new OrchestratorError('internal.error', `${id} made an answer that breaks its contract`, {
    cause: parsed.error,
  });
}
