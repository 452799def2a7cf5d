/**
 * From a definition of the right shape to a program. Faults of single states (bad JSONata, resources that
 * are not supported, retriers in the wrong order) are collected here; how states hang together is checked elsewhere.
 */
import { errorOffered, nothingOffered, type Offered, resultOffered } from '../jsonata/restrictions.ts';
import { compileTemplate, type Template, type TemplateFault } from '../jsonata/template.ts';
import { type DefinitionFault, schemaFault } from './fault.ts';
import type { Catcher, Exit, Program, Scope, State } from './program.ts';
import type { AslCatcher, AslMachine, AslRetrier, AslScope, AslState } from './schema.ts';
import { taskTarget } from './task-target.ts';

export interface CompileOptions {
  /** Accepted before: what is refused only since then stays as it was. */
  readonly stored: boolean;
  /** A Task may call what the engine does not: it is not called. */
  readonly anyTask?: boolean;
}

interface Leaving {
  readonly Assign?: unknown;
  readonly Output?: unknown;
  readonly Next?: string | undefined;
}

/** Compiles the templates of one state and keeps their faults with the state's path. */
class StateCompiler {
  readonly path: string;
  readonly faults: DefinitionFault[];
  readonly #options: CompileOptions;

  constructor(path: string, faults: DefinitionFault[], options: CompileOptions) {
    this.path = path;
    this.faults = faults;
    this.#options = options;
  }

  get anyTask(): boolean {
    return this.#options.anyTask === true;
  }

  template(value: unknown, field: string, offered = nothingOffered): Template {
    const found: TemplateFault[] = [];
    const { stored } = this.#options;
    const template = compileTemplate(value, field, { faults: found, offered: stored ? undefined : offered });
    for (const fault of found) this.fault(`/${fault.field}`, fault.message);
    return template;
  }

  optional(value: unknown, field: string, offered?: Offered): Template | undefined {
    return value === undefined ? undefined : this.template(value, field, offered);
  }

  exit(from: Leaving, offered: Offered = nothingOffered, prefix = ''): Exit {
    return {
      next: from.Next,
      assign: this.optional(from.Assign, `${prefix}Assign`, offered),
      output: this.optional(from.Output, `${prefix}Output`, offered),
    };
  }

  scope(scope: AslScope, at: string): Scope {
    return compileScope(scope, `${this.path}${at}`, this.faults, this.#options);
  }

  fault(at: string, message: string): void {
    this.faults.push(schemaFault(`${this.path}${at}`, message));
  }
}

type Raw<Type extends AslState['Type']> = Extract<AslState, { Type: Type }>;

function checkFlow(
  raw: { Next?: string | undefined; End?: boolean | undefined },
  compiler: StateCompiler,
): void {
  const ends = raw.End === true;
  if (ends === (raw.Next !== undefined))
    compiler.fault('', "Exactly one of 'Next' and 'End: true' is required");
}

function checkErrorNames(
  list: readonly { ErrorEquals: readonly string[] }[],
  field: string,
  compiler: StateCompiler,
) {
  list.forEach(({ ErrorEquals }, index) => {
    const wildcard = ErrorEquals.includes('States.ALL');
    const at = `/${field}[${index}]/ErrorEquals`;
    if (wildcard && ErrorEquals.length > 1) compiler.fault(at, "'States.ALL' must appear alone");
    if (wildcard && index < list.length - 1) compiler.fault(at, "'States.ALL' must be in the last entry");
  });
}

function recovery(
  raw: { Retry?: AslRetrier[] | undefined; Catch?: AslCatcher[] | undefined },
  compiler: StateCompiler,
) {
  const retriers = raw.Retry ?? [];
  const catchers = raw.Catch ?? [];
  checkErrorNames(retriers, 'Retry', compiler);
  checkErrorNames(catchers, 'Catch', compiler);
  const compiled = catchers.map(
    (catcher, index): Catcher => ({
      errors: catcher.ErrorEquals,
      ...compiler.exit(catcher, errorOffered, `Catch[${index}]/`),
    }),
  );
  return { retriers, catchers: compiled };
}

/** ASL: the heartbeat must be smaller than the time-out. */
function checkHeartbeat({ HeartbeatSeconds, TimeoutSeconds }: Raw<'Task'>, compiler: StateCompiler): void {
  const both = typeof HeartbeatSeconds === 'number' && typeof TimeoutSeconds === 'number';
  if (both && HeartbeatSeconds >= TimeoutSeconds)
    compiler.fault('/HeartbeatSeconds', "'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'");
}

function compileTask(name: string, raw: Raw<'Task'>, compiler: StateCompiler): State {
  const { target, faults } = taskTarget(raw);
  checkHeartbeat(raw, compiler);
  if (!compiler.anyTask) for (const fault of faults) compiler.fault(fault.at, fault.message);
  return {
    type: 'Task',
    name,
    target,
    arguments: compiler.optional(raw.Arguments, 'Arguments'),
    timeoutSeconds: compiler.optional(raw.TimeoutSeconds, 'TimeoutSeconds'),
    heartbeatSeconds: compiler.optional(raw.HeartbeatSeconds, 'HeartbeatSeconds'),
    ...compiler.exit(raw, resultOffered),
    ...recovery(raw, compiler),
  };
}

function compileChoice(name: string, raw: Raw<'Choice'>, compiler: StateCompiler): State {
  const rules = raw.Choices.map((rule, index) => ({
    condition: compiler.template(rule.Condition, `Choices[${index}]/Condition`),
    ...compiler.exit(rule, nothingOffered, `Choices[${index}]/`),
  }));
  const otherwise = compiler.exit({ ...raw, Next: raw.Default });
  return { type: 'Choice', name, rules, otherwise: raw.Default === undefined ? undefined : otherwise };
}

function compileWait(name: string, raw: Raw<'Wait'>, compiler: StateCompiler): State {
  if ((raw.Seconds === undefined) === (raw.Timestamp === undefined)) {
    compiler.fault('', "Exactly one of 'Seconds' and 'Timestamp' is required");
  }
  const until =
    raw.Timestamp === undefined
      ? ({ kind: 'seconds', template: compiler.template(raw.Seconds, 'Seconds') } as const)
      : ({ kind: 'timestamp', template: compiler.template(raw.Timestamp, 'Timestamp') } as const);
  return { type: 'Wait', name, until, ...compiler.exit(raw) };
}

function compileMap(name: string, raw: Raw<'Map'>, compiler: StateCompiler): State {
  return {
    type: 'Map',
    name,
    items: compiler.optional(raw.Items, 'Items'),
    itemSelector: compiler.optional(raw.ItemSelector, 'ItemSelector'),
    maxConcurrency: compiler.optional(raw.MaxConcurrency, 'MaxConcurrency'),
    toleratedFailureCount: compiler.optional(raw.ToleratedFailureCount, 'ToleratedFailureCount'),
    toleratedFailurePercentage: compiler.optional(
      raw.ToleratedFailurePercentage,
      'ToleratedFailurePercentage',
    ),
    processor: compiler.scope(raw.ItemProcessor, '/ItemProcessor'),
    ...compiler.exit(raw, resultOffered),
    ...recovery(raw, compiler),
  };
}

function compileParallel(name: string, raw: Raw<'Parallel'>, compiler: StateCompiler): State {
  return {
    type: 'Parallel',
    name,
    arguments: compiler.optional(raw.Arguments, 'Arguments'),
    branches: raw.Branches.map((branch, index) => compiler.scope(branch, `/Branches[${index}]`)),
    ...compiler.exit(raw, resultOffered),
    ...recovery(raw, compiler),
  };
}

function compileFail(name: string, raw: Raw<'Fail'>, compiler: StateCompiler): State {
  return {
    type: 'Fail',
    name,
    error: compiler.optional(raw.Error, 'Error'),
    cause: compiler.optional(raw.Cause, 'Cause'),
  };
}

function compileState(name: string, raw: AslState, compiler: StateCompiler): State {
  if ('End' in raw || 'Next' in raw) checkFlow(raw, compiler);
  else if (!['Choice', 'Succeed', 'Fail'].includes(raw.Type)) checkFlow({}, compiler);
  switch (raw.Type) {
    case 'Pass':
      return { type: 'Pass', name, ...compiler.exit(raw) };
    case 'Succeed':
      return { type: 'Succeed', name, ...compiler.exit(raw) };
    case 'Task':
      return compileTask(name, raw, compiler);
    case 'Choice':
      return compileChoice(name, raw, compiler);
    case 'Wait':
      return compileWait(name, raw, compiler);
    case 'Fail':
      return compileFail(name, raw, compiler);
    case 'Parallel':
      return compileParallel(name, raw, compiler);
    case 'Map':
      return compileMap(name, raw, compiler);
  }
}

function compileScope(
  scope: AslScope,
  path: string,
  faults: DefinitionFault[],
  options: CompileOptions,
): Scope {
  const states = Object.entries(scope.States).map(([name, raw]): [string, State] => [
    name,
    compileState(name, raw, new StateCompiler(`${path}/States/${name}`, faults, options)),
  ]);
  return { startAt: scope.StartAt, states: new Map(states) };
}

/** A state by itself, whatever a Task calls; of use only when `faults` is empty. */
export function compileSingleState(name: string, raw: AslState): { state: State; faults: DefinitionFault[] } {
  const faults: DefinitionFault[] = [];
  const compiler = new StateCompiler('', faults, { stored: false, anyTask: true });
  return { state: compileState(name, raw, compiler), faults };
}

/** The program, of use only when `faults` is empty. */
export function compileProgram(
  machine: AslMachine,
  options: CompileOptions,
): { program: Program; faults: DefinitionFault[] } {
  const faults: DefinitionFault[] = [];
  const scope = compileScope(machine, '', faults, options);
  return { program: { scope, timeoutSeconds: machine.TimeoutSeconds }, faults };
}
