/**
 * Paths into the values of calls whose tools have an output schema: what it certainly does not have is warned of. A
 * service may answer otherwise than its schema says, so that it is no fault.
 */
import type { Fault } from '../../base/errors.ts';
import { fieldOf, type JsonObject } from '../../base/json-value.ts';
import type { PlacedExpression } from '../../expressions/model/template.ts';
import { inNewestDraft } from '../../json-schema/model/earlier-drafts.ts';
import { fieldsOfSchemas, type SchemaFields } from '../../json-schema/model/fields-of-schema.ts';
import { readSchema } from '../../json-schema/model/read-schema.ts';
import {
  type CallShapes,
  type CallStep,
  pathFaults,
  shapeFaultsIn,
  shapeOfVariable,
} from './check-shapes.ts';
import type { ToolDirectory } from './check-tools.ts';
import type { WorkflowDefinition } from './definition.ts';
import { expressionsOf } from './expressions.ts';
import type { Shape } from './known-shape.ts';
import { type WalkedStep, walkSteps } from './steps.ts';
import { type Site, sitesOf } from './visibility.ts';

const mostWarnings = 100;

type Steps = ReadonlyMap<string, WalkedStep>;

export function outputPathFaults(
  definition: Pick<WorkflowDefinition, 'steps' | 'output'>,
  directory: ToolDirectory,
): Fault[] {
  const steps: Steps = new Map([...walkSteps(definition)].map((walked) => [walked.id, walked]));
  const answers = answersBy(directory);
  const faults: Fault[] = [];
  for (const site of sitesOf(definition))
    for (const expression of expressionsOf(site.template, site.path)) {
      if (faults.length >= mostWarnings) return faults;
      faults.push(...warningsOf(expression, { site, steps, answers }));
    }
  return faults;
}

interface Around {
  readonly site: Site;
  readonly steps: Steps;
  readonly answers: CallShapes;
}

function warningsOf(expression: PlacedExpression, { site, steps, answers }: Around): Fault[] {
  const own = site.step === undefined ? undefined : steps.get(site.step)?.step;
  if (site.role === 'select')
    return pathFaults(expression, (variable) =>
      variable === 'result' && own && 'call' in own ? answers(own) : undefined,
    );
  const values: CallShapes = (step) => (step.select === undefined ? answers(step) : undefined);
  const around = { steps, step: site.step };
  const known = new Set(shapeFaultsIn(expression, around).map(({ message }) => message));
  const found = pathFaults(expression, (variable) => shapeOfVariable(variable, { ...around, calls: values }));
  return found.filter(({ message }) => !known.has(message));
}

/** What the tools of calls answer with; each schema is read once. */
function answersBy(directory: ToolDirectory): CallShapes {
  const shapes = new Map<JsonObject, Shape | undefined>();
  return ({ call }: CallStep) => {
    if (!('tool' in call)) return undefined;
    const tool = directory.get(call.service)?.tools.find(({ name }) => name === call.tool);
    if (tool?.outputSchema === undefined) return undefined;
    const { outputSchema } = tool;
    if (!shapes.has(outputSchema)) shapes.set(outputSchema, shapeOfSchema(outputSchema, tool.name));
    return shapes.get(outputSchema);
  };
}

function shapeOfSchema(outputSchema: JsonObject, tool: string): Shape | undefined {
  const document = readSchema(inNewestDraft(outputSchema));
  if (document.faults.length > 0) return undefined;
  const fields = fieldsOfSchemas(document, [document.root]);
  const value = fields && mayBeUnwrapped(fields) ? unwrapped(outputSchema, fields) : fields;
  return value && shapeOf(value, tool);
}

/** FastMCP puts `{result}` around what is no object, and the step's value is without it. */
const mayBeUnwrapped = ({ names }: SchemaFields): boolean => names.size === 1 && names.has('result');

const unwrapped = (outputSchema: JsonObject, fields: SchemaFields): SchemaFields | undefined =>
  fieldOf(outputSchema, 'x-fastmcp-wrap-result') === true ? fields.inside('result') : undefined;

const shapeOf = ({ names, isOpen, inside }: SchemaFields, tool: string): Shape => ({
  names,
  isOpen,
  inside: (name) => {
    const inner = inside(name);
    return inner && shapeOf(inner, tool);
  },
  says: (fields) => `the output schema of ${tool} has ${fields} there`,
});
