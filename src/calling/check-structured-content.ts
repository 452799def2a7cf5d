/**
 * Whether what a tool answered as structured content is what its own output schema says, as it was read with its
 * tools. The answer is taken all the same: it is its service that is wrong. The schemas are kept a minute, so that a call
 * seldom reads them.
 */

import type { Clock } from '../base/clock.ts';
import type { Fault } from '../base/errors.ts';
import { RecentMap } from '../base/recent-map.ts';
import type { SchemaChecker } from '../json-schema/schema-checker.ts';
import { uncheckedPatternText } from '../json-schema/unchecked-pattern-text.ts';
import type { CatalogueStore } from '../registry/tools/store/catalogue-store.ts';
import type { Answered } from '../transport/service-caller.ts';
import type { Target } from './target.ts';

export interface OutputSchemaContext {
  readonly catalogues: Pick<CatalogueStore, 'get'>;
  readonly schemas: (about?: unknown) => Promise<SchemaChecker>;
  readonly clock: Clock;
}

type Schemas = ReadonlyMap<string, Record<string, unknown>>;

interface Kept {
  readonly schemas: Promise<Schemas>;
  readonly untilMs: number;
}

const keptMs = 60_000;
const mostKept = 100;
const kept = new WeakMap<object, RecentMap<string, Kept>>();

/** The answer with a warning for each fault, with paths in its value. */
export async function withOutputChecked(
  context: OutputSchemaContext,
  answered: Answered,
  { target, tool }: { readonly target: Target; readonly tool: string | undefined },
): Promise<Answered> {
  if (answered.structured === undefined || tool === undefined) return answered;
  try {
    const schema = (await schemasOf(context, target)).get(tool);
    if (schema === undefined) return answered;
    const { foreignFaults } = await context.schemas(schema);
    const { faults, skipped, unchecked } = foreignFaults(schema, answered.structured);
    const broken = faults.map((fault) => inValue(fault, answered));
    const notHeld = skipped.map((pattern) => ({
      path: '',
      message: uncheckedPatternText(pattern, 'the output schema of the tool'),
    }));
    const notRead = unchecked === undefined ? [] : [{ path: '', message: notChecked(unchecked) }];
    return { ...answered, warnings: [...answered.warnings, ...broken, ...notHeld, ...notRead] };
  } catch {
    // The call has had its effect: that nobody can check its answer does not fail it.
    return answered;
  }
}

const notChecked = (why: string): string => `is not held against the output schema of the tool: ${why}`;

/** What FastMCP wraps is the value without its `result`. */
const inValue = ({ path, message }: Fault, { value, structured }: Answered): Fault => ({
  path: value === structured ? path : path.replace(/^result\.?/, ''),
  message: `breaks the output schema of the tool: ${message}`,
});

function schemasOf(context: OutputSchemaContext, { service, version }: Target): Promise<Schemas> {
  const { catalogues, clock } = context;
  const known = kept.get(catalogues) ?? new RecentMap<string, Kept>(mostKept);
  kept.set(catalogues, known);
  const key = `${service}@${version}`;
  const recent = known.get(key);
  if (recent && recent.untilMs > clock.now()) return recent.schemas;
  const schemas = readSchemas(catalogues, { name: service, version });
  known.set(key, { schemas, untilMs: clock.now() + keptMs });
  return schemas;
}

async function readSchemas(
  catalogues: OutputSchemaContext['catalogues'],
  key: { readonly name: string; readonly version: string },
): Promise<Schemas> {
  const tools = (await catalogues.get(key))?.catalogue?.tools ?? [];
  return new Map(
    tools.flatMap(({ name, outputSchema }) => (outputSchema ? [[name, outputSchema] as const] : [])),
  );
}
