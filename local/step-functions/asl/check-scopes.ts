/**
 * How the states of a machine hang together: transition targets exist in their own scope, every state can be
 * reached, names are unique in the machine, and no inner scope assigns a variable of an outer one.
 */
import { type DefinitionFault, schemaFault } from './fault.ts';
import type { AslScope, AslState } from './schema.ts';

interface Edge {
  readonly target: string;
  readonly at: string;
}

function edgesOf(state: AslState): Edge[] {
  const edges: Edge[] = [];
  if ('Next' in state && state.Next !== undefined) edges.push({ target: state.Next, at: '/Next' });
  if ('Catch' in state) {
    state.Catch?.forEach(({ Next }, index) => {
      edges.push({ target: Next, at: `/Catch[${index}]/Next` });
    });
  }
  if (state.Type === 'Choice') {
    state.Choices.forEach(({ Next }, index) => {
      edges.push({ target: Next, at: `/Choices[${index}]/Next` });
    });
    if (state.Default !== undefined) edges.push({ target: state.Default, at: '/Default' });
  }
  return edges;
}

function innerScopes(state: AslState, path: string): [AslScope, string][] {
  if (state.Type === 'Map') return [[state.ItemProcessor, `${path}/ItemProcessor`]];
  if (state.Type !== 'Parallel') return [];
  return state.Branches.map((branch, index) => [branch, `${path}/Branches[${index}]`]);
}

const missingTarget = (path: string, message: string): DefinitionFault => ({
  code: 'MISSING_TRANSITION_TARGET',
  path,
  message,
});

function reachableStates(scope: AslScope): Set<string> {
  const reached = new Set<string>();
  const pending = [scope.StartAt];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const state = Object.hasOwn(scope.States, name) ? scope.States[name] : undefined;
    if (state === undefined || reached.has(name)) continue;
    reached.add(name);
    pending.push(...edgesOf(state).map((edge) => edge.target));
  }
  return reached;
}

function transitionFaults(scope: AslScope, path: string): DefinitionFault[] {
  const faults: DefinitionFault[] = [];
  if (!Object.hasOwn(scope.States, scope.StartAt)) {
    faults.push(missingTarget(`${path}/StartAt`, `Missing 'StartAt' target: ${scope.StartAt}`));
  }
  const reached = reachableStates(scope);
  for (const [name, state] of Object.entries(scope.States)) {
    const at = `${path}/States/${name}`;
    if (!reached.has(name)) faults.push(missingTarget(at, `State "${name}" is not reachable.`));
    for (const edge of edgesOf(state)) {
      if (Object.hasOwn(scope.States, edge.target)) continue;
      faults.push(missingTarget(at + edge.at, `Missing 'Next' target: ${edge.target}`));
    }
  }
  return faults;
}

type Assign = Readonly<Record<string, unknown>> | undefined;

const namesIn = (assigns: readonly Assign[]): string[] =>
  assigns.flatMap((assign) => Object.keys(assign ?? {}));

const assignedOnExit = (state: AslState): string[] =>
  namesIn([
    'Assign' in state ? state.Assign : undefined,
    ...('Choices' in state ? state.Choices.map((rule) => rule.Assign) : []),
  ]);

const assignedOnCatch = (state: AslState): string[] =>
  namesIn('Catch' in state ? (state.Catch ?? []).map((catcher) => catcher.Assign) : []);

const assignedIn = (state: AslState): string[] => [...assignedOnExit(state), ...assignedOnCatch(state)];

function assignFaults(scope: AslScope, path: string, outer: ReadonlySet<string>): DefinitionFault[] {
  return Object.entries(scope.States).flatMap(([name, state]) =>
    assignedIn(state)
      .filter((variable) => outer.has(variable))
      .map((variable) =>
        schemaFault(
          `${path}/States/${name}/Assign`,
          `The variable '${variable}' belongs to an outer scope and cannot be assigned here`,
        ),
      ),
  );
}

interface Walk {
  readonly path: string;
  /** Variables that outer scopes assign anywhere. */
  readonly outer: ReadonlySet<string>;
  /** State names seen so far in the whole machine. */
  readonly names: Set<string>;
}

function nameFaults(scope: AslScope, { path, names }: Walk): DefinitionFault[] {
  return Object.keys(scope.States).flatMap((name) => {
    if (names.has(name)) return [schemaFault(`${path}/States/${name}`, `Duplicate state name: ${name}`)];
    names.add(name);
    return [];
  });
}

/**
 * What the scopes inside each state must not assign. What only the Catch of that state assigns they may: AWS was seen
 * to accept it.
 */
function outerNames(scope: AslScope, outer: ReadonlySet<string>): (state: AslState) => ReadonlySet<string> {
  const states = Object.values(scope.States);
  const all = new Set([...outer, ...states.flatMap(assignedIn)]);
  const assigners = new Map<string, number>();
  for (const name of states.flatMap((state) => [...new Set(assignedIn(state))]))
    assigners.set(name, (assigners.get(name) ?? 0) + 1);
  return (state) => {
    const onExit = new Set(assignedOnExit(state));
    const own = new Set(
      assignedOnCatch(state).filter(
        (name) => assigners.get(name) === 1 && !onExit.has(name) && !outer.has(name),
      ),
    );
    return own.size === 0 ? all : new Set([...all].filter((name) => !own.has(name)));
  };
}

function scopeFaults(scope: AslScope, walk: Walk): DefinitionFault[] {
  const outerOf = outerNames(scope, walk.outer);
  const inner = Object.entries(scope.States).flatMap(([name, state]) =>
    innerScopes(state, `${walk.path}/States/${name}`).map(([child, path]) => ({
      child,
      walk: { path, outer: outerOf(state), names: walk.names },
    })),
  );
  return [
    ...nameFaults(scope, walk),
    ...transitionFaults(scope, walk.path),
    ...assignFaults(scope, walk.path, walk.outer),
    ...inner.flatMap((one) => scopeFaults(one.child, one.walk)),
  ];
}

export const checkScopes = (machine: AslScope): DefinitionFault[] =>
  scopeFaults(machine, { path: '', outer: new Set(), names: new Set() });
