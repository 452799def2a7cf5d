/**
 * Valid workflow definitions for property tests: every step kind, nested up to three deep, with references
 * that the rules of visibility allow. Waits last 0 s, conditions are always true or false and no expression
 * comes to nothing, so that every one of them also ends when it is run with functions that succeed.
 */
import fc from 'fast-check';

/** A definition as a client sends it: without defaults. */
export interface SentDefinition {
  name: string;
  steps: SentStep[];
  [field: string]: unknown;
}
export interface SentStep {
  id: string;
  [field: string]: unknown;
}

/** What is drawn: the structure, and numbers that pick names once it is known which ones are visible. */
type Plan =
  | { kind: 'call'; picks: number[]; options: CallOptions }
  | { kind: 'wait'; pick: number }
  | { kind: 'callback'; approval: boolean; picks: number[]; onFailure: 'continue' | null }
  | { kind: 'choose'; picks: number[]; branches: Plan[][]; otherwise: Plan[] | null }
  | { kind: 'parallel'; branches: Plan[][] }
  | { kind: 'forEach'; pick: number; maxConcurrency: number | null; steps: Plan[] };

interface CallOptions {
  request: boolean;
  onFailure: 'fail' | 'continue' | null;
  retry: { maxAttempts: number; intervalSeconds?: number; maxDelaySeconds?: number } | null;
  timeoutSeconds: number | null;
  select: boolean;
  compensate: boolean;
  literal: unknown;
}

const literals = fc.oneof(
  fc.constantFrom<unknown>('', 'text', 'two\nlines', 'sep\u2028arated', '$input', '100 %', 'it\'s "quoted"'),
  fc.constantFrom<unknown>(0, -1.5, 1e21, true, null, [], {}, [[1, [2]], []], [{ a: [[]] }], {
    'k-1': [['x']],
  }),
);

const callOptions: fc.Arbitrary<CallOptions> = fc.record({
  request: fc.boolean(),
  onFailure: fc.constantFrom('fail' as const, 'continue' as const, null),
  retry: fc.option(
    fc.record(
      {
        maxAttempts: fc.integer({ min: 1, max: 5 }),
        intervalSeconds: fc.constant(2),
        maxDelaySeconds: fc.constant(9),
      },
      { requiredKeys: ['maxAttempts'] },
    ),
  ),
  timeoutSeconds: fc.option(fc.integer({ min: 1, max: 840 })),
  select: fc.boolean(),
  compensate: fc.boolean(),
  literal: literals,
});

const picks = fc.array(fc.nat(1_000), { minLength: 3, maxLength: 3 });
const call: fc.Arbitrary<Plan> = fc.record({
  kind: fc.constant('call' as const),
  picks,
  options: callOptions,
});
const wait: fc.Arbitrary<Plan> = fc.record({ kind: fc.constant('wait' as const), pick: fc.nat(1_000) });

const callback: fc.Arbitrary<Plan> = fc.record({
  kind: fc.constant('callback' as const),
  approval: fc.boolean(),
  picks,
  onFailure: fc.constantFrom('continue' as const, null),
});

function plans(depth: number): fc.Arbitrary<Plan[]> {
  const inner = fc.array(planAt(depth), { minLength: 1, maxLength: depth === 3 ? 4 : 2 });
  return inner;
}

function planAt(depth: number): fc.Arbitrary<Plan> {
  const leaf = { weight: 4, arbitrary: call };
  const asks = { weight: 1, arbitrary: callback };
  if (depth === 0) return fc.oneof(leaf, asks, { weight: 1, arbitrary: wait });
  const branches = fc.array(plans(depth - 1), { minLength: 1, maxLength: 2 });
  const choose = fc.record({
    kind: fc.constant('choose' as const),
    picks,
    branches,
    otherwise: fc.option(plans(depth - 1)),
  });
  const parallel = fc.record({ kind: fc.constant('parallel' as const), branches });
  const forEach = fc.record({
    kind: fc.constant('forEach' as const),
    pick: fc.nat(1_000),
    maxConcurrency: fc.option(fc.integer({ min: 1, max: 40 })),
    steps: plans(depth - 1),
  });
  return fc.oneof(leaf, wait, choose, parallel, forEach);
}

/** What expressions see, as the design says it. */
interface Sight {
  certain: string[];
  uncertain: string[];
  items: string[];
}

const choiceOf = <T>(from: readonly T[], pick: number): T => {
  const chosen = from[pick % from.length];
  if (chosen === undefined) throw new Error('nothing to choose from');
  return chosen;
};

/** Expressions which have a value wherever this is seen. */
const sourcesFor = ({ certain, uncertain, items }: Sight): string[] => [
  ...[...certain, ...items].flatMap((name) => [
    `$${name}`,
    `{ 'of': $${name}, 'n': $count($${name}) }`,
    `$length($string($${name}))`,
    `[$${name}, {'is': $${name}}]`,
  ]),
  ...uncertain.flatMap((name) => [
    `$exists($${name}) ? $${name} : 'none'`,
    `$not($exists($${name})) ? 0 : [$${name}]`,
    `$exists($${name}) and $count($${name}) > 0`,
  ]),
  '$input',
  '$input.list',
  '$execution.id',
  "$execution.startedAt & ' ' & $execution.id",
  '($seen := [$input.list]; $map($seen, function($one) { $one }))',
  '/* a comment */ $input . n\n  + 1',
  "'$input is not read here'",
];

const conditionsFor = ({ uncertain }: Sight): string[] => [
  ...uncertain.map((name) => `$exists($${name})`),
  'true',
  'false',
  '$input.n > 1',
  '$exists($input.missing)',
];

const itemsFor = (sight: Sight): unknown[] => [
  [],
  [1, '{% $input.n %}'],
  '{% $input.list %}',
  '{% $input.n %}',
  '{% $input.missing[] %}',
  ...sight.items.map((name) => `{% $${name} = null ? [] : $${name} %}`),
];

class Numbering {
  private last = 0;
  next(prefix: string): string {
    this.last += 1;
    return `${prefix}${this.last}`;
  }
}

const expression = (sight: Sight, pick: number): string => `{% ${choiceOf(sourcesFor(sight), pick)} %}`;
const given = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));

function buildCall(plan: Extract<Plan, { kind: 'call' }>, id: string, sight: Sight): SentStep {
  const { options } = plan;
  const [first = 0, second = 0, third = 0] = plan.picks;
  const values = {
    value: expression(sight, first),
    list: [expression(sight, second)],
    literal: options.literal,
  };
  const undo = { value: `{% { 'of': $${id}, 'with': ${choiceOf(sourcesFor(sight), third)} } %}` };
  const { timeoutSeconds, retry, onFailure } = options;
  return {
    id,
    call: options.request
      ? { service: 'notify', request: { method: 'POST', path: `{% '/' & $execution.id %}`, body: values } }
      : { service: 'tools', tool: 'do_it', arguments: values },
    ...given({ timeoutSeconds, retry, onFailure }),
    ...(options.select ? { select: '{% $result.value %}' } : {}),
    ...(options.compensate ? { compensate: { service: 'tools', tool: 'undo_it', arguments: undo } } : {}),
  };
}

/** An approval, or the run of another workflow. */
function buildCallback(plan: Extract<Plan, { kind: 'callback' }>, id: string, sight: Sight): SentStep {
  const [first = 0, second = 0] = plan.picks;
  const values = { value: expression(sight, first), list: [expression(sight, second), 'text'] };
  const asked = plan.approval
    ? { approval: { message: "{% 'for ' & $execution.id %}", details: values } }
    : { workflow: { name: 'other', input: values } };
  return { id, ...asked, ...given({ onFailure: plan.onFailure }) };
}

/** Builds the steps of a list and adds to `sight` what they leave behind. */
function buildSteps(list: Plan[], sight: Sight, ids: Numbering): SentStep[] {
  return list.map((plan) => buildStep(plan, sight, ids));
}

const copyOf = ({ certain, uncertain, items }: Sight): Sight => ({
  certain: [...certain],
  uncertain: [...uncertain],
  items: [...items],
});

function buildChoose(plan: Extract<Plan, { kind: 'choose' }>, sight: Sight, ids: Numbering): SentStep {
  const id = ids.next('choose');
  const before = copyOf(sight);
  const build = (steps: Plan[]): SentStep[] => {
    const inside = copyOf(before);
    const built = buildSteps(steps, inside, ids);
    const left = [...inside.certain, ...inside.uncertain];
    sight.uncertain.push(...left.filter((name) => ![...before.certain, ...before.uncertain].includes(name)));
    return built;
  };
  const choose = plan.branches.map((steps, at) => ({
    when: `{% ${choiceOf(conditionsFor(before), plan.picks[at] ?? 0)} %}`,
    steps: build(steps),
  }));
  return { id, choose, ...(plan.otherwise ? { otherwise: build(plan.otherwise) } : {}) };
}

function buildForEach(plan: Extract<Plan, { kind: 'forEach' }>, sight: Sight, ids: Numbering): SentStep {
  const id = ids.next('loop');
  const as = ids.next('item');
  const items = choiceOf(itemsFor(sight), plan.pick);
  const inside = { ...copyOf(sight), items: [...sight.items, as] };
  const steps = buildSteps(plan.steps, inside, ids);
  sight.certain.push(id);
  return { id, forEach: { items, as, steps, ...given({ maxConcurrency: plan.maxConcurrency }) } };
}

function buildStep(plan: Plan, sight: Sight, ids: Numbering): SentStep {
  if (plan.kind === 'choose') return buildChoose(plan, sight, ids);
  if (plan.kind === 'forEach') return buildForEach(plan, sight, ids);
  if (plan.kind === 'wait') {
    const waits = [{ seconds: 0 }, { seconds: '{% 0 %}' }, { until: '2020-01-01T00:00:00Z' }];
    return { id: ids.next('wait'), wait: choiceOf(waits, plan.pick) };
  }
  if (plan.kind === 'parallel') {
    const id = ids.next('both');
    const parallel = plan.branches.map((branch) => buildSteps(branch, copyOf(sight), ids));
    sight.certain.push(id);
    return { id, parallel };
  }
  const id = ids.next(plan.kind);
  const built = plan.kind === 'call' ? buildCall(plan, id, sight) : buildCallback(plan, id, sight);
  (built['onFailure'] === 'continue' ? sight.uncertain : sight.certain).push(id);
  return built;
}

function outputFor(sight: Sight, pick: number): Record<string, unknown> {
  const source = choiceOf(sourcesFor(sight), pick);
  const outputs: Record<string, unknown>[] = [
    {},
    { output: `{% ${source} %}` },
    { output: { value: `{% ${source} %}`, constant: [1] } },
    { output: ['only', ['literals']] },
    { output: 'text' },
    { output: null },
  ];
  return choiceOf(outputs, pick);
}

/** Input for which every generated definition runs to its end. */
export const inputOfArbitrary = { n: 2, list: ['a', { b: 1 }, null] };

/** A valid definition, as a client sends it. */
export const arbitraryDefinition: fc.Arbitrary<SentDefinition> = fc
  .tuple(plans(3), fc.nat(1_000))
  .map(([list, pick]) => {
    const sight: Sight = { certain: [], uncertain: [], items: [] };
    const steps = buildSteps(list, sight, new Numbering());
    return { name: 'generated', steps, ...outputFor(sight, pick) };
  });
