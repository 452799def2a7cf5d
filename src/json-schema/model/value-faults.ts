/**
 * Holds a value against a JSON Schema (2020-12), by walking both: no code is made of a schema, which may be a
 * stranger's. How long that takes, and how deep it goes, is for the caller to bound. What stands for an unknown value
 * may be anything: only what is wrong whatever it comes to is a fault.
 */
import type { Fault } from '../../base/errors.ts';
import { fieldOf, isList, isObject, type JsonObject } from '../../base/json-value.ts';
import { holdsUnknown, unknownValue } from '../../base/unknown-value.ts';
import { assertionFaults } from './assertions.ts';
import { isSchema, type Schema, type SchemaDocument } from './read-schema.ts';
import { CollectedFaults, isCertain, isValid, type Outcome, type Step } from './schema-outcome.ts';

/** One value under one schema. */
interface Place {
  readonly path: readonly Step[];
  /** The resources that were entered on the way, for `$dynamicRef`. */
  readonly entered: readonly string[];
}

/** Whether a text matches a pattern; undefined for a pattern that cannot be run: then nothing follows from it. */
export type Matching = (pattern: string, text: string) => boolean | undefined;

const notKnown = 'is not a known field';

/** The faults of a value against a schema that has none itself, at most a hundred, with their paths. */
export const valueFaults = (document: SchemaDocument, value: unknown, matches: Matching): readonly Fault[] =>
  countedValueFaults(document, value, matches).faults;

/** The same, and how many there are besides. */
export const countedValueFaults = (
  document: SchemaDocument,
  value: unknown,
  matches: Matching,
): Pick<Outcome, 'faults' | 'more'> =>
  new Evaluation(document, matches).outcome(document.root, value, { path: [], entered: [] });

class Evaluation {
  readonly #document: SchemaDocument;
  readonly #matches: Matching;

  constructor(document: SchemaDocument, matches: Matching) {
    this.#document = document;
    this.#matches = matches;
  }

  outcome(schema: Schema, value: unknown, place: Place): Outcome {
    const found = new CollectedFaults(place.path);
    if (schema === false) found.report([], 'is not allowed');
    found.open = value === unknownValue && schema !== true;
    if (typeof schema === 'boolean' || value === unknownValue) return found;
    const resource = this.#document.resourceOf(schema);
    const entered = place.entered.at(-1) === resource ? place.entered : [...place.entered, resource];
    const here = { path: place.path, entered };
    this.#assertions(schema, value, found);
    this.#references(schema, value, here, found);
    this.#combinations(schema, value, here, found);
    if (isObject(value)) this.#fields(schema, value, here, found);
    if (isList(value)) this.#items(schema, value, here, found);
    return found;
  }

  #assertions(schema: JsonObject, value: unknown, found: CollectedFaults): void {
    const undecided = comparing.some((keyword) => Object.hasOwn(schema, keyword)) && holdsUnknown(value);
    found.depend({ open: undecided });
    const decided = undecided ? without(schema, comparing) : schema;
    const matches = (pattern: string, text: string): boolean => {
      const matched = this.#matches(pattern, text);
      found.depend({ open: matched === undefined });
      return matched ?? true;
    };
    for (const message of assertionFaults(decided, value, matches)) found.report([], message);
  }

  #references(schema: JsonObject, value: unknown, place: Place, found: CollectedFaults): void {
    for (const keyword of ['$ref', '$dynamicRef']) {
      const reference = fieldOf(schema, keyword);
      if (typeof reference !== 'string') continue;
      const target = this.#document.target(schema, keyword);
      const meant = keyword === '$ref' ? target : this.#outermost(target, reference, place);
      if (meant !== undefined) found.take(this.outcome(meant, value, place));
    }
  }

  /** By a `$dynamicAnchor`, the one of that name in the outermost resource that has one. */
  #outermost(target: Schema | undefined, reference: string, { entered }: Place): Schema | undefined {
    const anchor = isObject(target) ? fieldOf(target, '$dynamicAnchor') : undefined;
    if (typeof anchor !== 'string' || !reference.endsWith(`#${anchor}`)) return target;
    for (const resource of entered) {
      const dynamic = this.#document.dynamic(resource, anchor);
      if (dynamic !== undefined) return dynamic;
    }
    return target;
  }

  #combinations(schema: JsonObject, value: unknown, place: Place, found: CollectedFaults): void {
    const outcomes = (keyword: string) =>
      schemasIn(fieldOf(schema, keyword)).map((one) => this.outcome(one, value, place));
    for (const outcome of outcomes('allOf')) found.take(outcome);
    found.takeAny(outcomes('anyOf'));
    found.takeOne(outcomes('oneOf'));
    const not = fieldOf(schema, 'not');
    if (isSchema(not)) this.#contrary(this.outcome(not, value, place), found);
    const condition = fieldOf(schema, 'if');
    if (!isSchema(condition)) return;
    const met = this.outcome(condition, value, place);
    if (isValid(met)) found.take(met);
    if (isValid(met) && met.open) return;
    const consequence = fieldOf(schema, isValid(met) ? 'then' : 'else');
    if (isSchema(consequence)) found.take(this.outcome(consequence, value, place));
  }

  #contrary(outcome: Outcome, found: CollectedFaults): void {
    if (isCertain(outcome)) found.report([], 'must not be as `not` of the schema says');
    else if (isValid(outcome)) found.depend(outcome);
  }

  #fields(schema: JsonObject, value: JsonObject, place: Place, found: CollectedFaults): void {
    for (const name of namesIn(fieldOf(schema, 'required')))
      if (!Object.hasOwn(value, name)) found.report([name], 'is required');
    for (const name of Object.keys(value)) this.#field(schema, value, { ...place, name }, found);
    this.#dependencies(schema, value, place, found);
    const unevaluated = fieldOf(schema, 'unevaluatedProperties');
    if (!isSchema(unevaluated) || found.open) return;
    for (const name of Object.keys(value))
      if (!found.seen.has(name)) this.#rest(unevaluated, value[name], { ...place, name }, found);
  }

  #field(
    schema: JsonObject,
    value: JsonObject,
    { name, ...place }: Place & { name: string },
    found: CollectedFaults,
  ): void {
    const field = value[name];
    const naming = fieldOf(schema, 'propertyNames');
    if (isSchema(naming))
      for (const { message } of this.outcome(naming, name, place).faults)
        found.report([name], `its name ${message}`);
    const own = mapIn(fieldOf(schema, 'properties'));
    const applied = Object.hasOwn(own, name) ? [own[name]] : [];
    let mayApply = false;
    for (const [pattern, one] of Object.entries(mapIn(fieldOf(schema, 'patternProperties')))) {
      const matched = this.#matches(pattern, name);
      if (matched) applied.push(one);
      mayApply ||= matched === undefined;
    }
    found.depend({ open: mayApply });
    for (const one of applied) if (isSchema(one)) this.#child(one, field, { ...place, step: name }, found);
    const additional = fieldOf(schema, 'additionalProperties');
    if (applied.length === 0 && !mayApply && isSchema(additional))
      this.#rest(additional, field, { ...place, name }, found);
  }

  #rest(
    schema: Schema,
    value: unknown,
    { name, ...place }: Place & { name: string },
    found: CollectedFaults,
  ): void {
    if (schema === false) found.report([name], notKnown);
    else this.#child(schema, value, { ...place, step: name }, found);
  }

  #child(
    schema: Schema,
    value: unknown,
    { step, path, entered }: Place & { step: Step },
    found: CollectedFaults,
  ): void {
    found.takeFaults(this.outcome(schema, value, { path: [...path, step], entered }));
    found.seen.add(step);
  }

  #dependencies(schema: JsonObject, value: JsonObject, place: Place, found: CollectedFaults): void {
    for (const keyword of ['dependentRequired', 'dependentSchemas', 'dependencies'])
      for (const [name, demanded] of Object.entries(mapIn(fieldOf(schema, keyword)))) {
        if (!Object.hasOwn(value, name)) continue;
        for (const other of namesIn(demanded))
          if (!Object.hasOwn(value, other)) found.report([other], `is required beside ${name}`);
        if (isSchema(demanded)) found.take(this.outcome(demanded, value, place));
      }
  }

  #items(schema: JsonObject, items: readonly unknown[], place: Place, found: CollectedFaults): void {
    const first = schemasIn(fieldOf(schema, 'prefixItems'));
    const others = fieldOf(schema, 'items');
    items.forEach((item, step) => {
      const one = first[step] ?? others;
      if (isSchema(one)) this.#child(one, item, { ...place, step }, found);
    });
    this.#contained(schema, items, place, found);
    const unevaluated = fieldOf(schema, 'unevaluatedItems');
    if (!isSchema(unevaluated) || found.open) return;
    items.forEach((item, step) => {
      if (!found.seen.has(step)) this.#child(unevaluated, item, { ...place, step }, found);
    });
  }

  #contained(schema: JsonObject, items: readonly unknown[], place: Place, found: CollectedFaults): void {
    const wanted = fieldOf(schema, 'contains');
    if (!isSchema(wanted)) return;
    const [least, most] = [fieldOf(schema, 'minContains') ?? 1, fieldOf(schema, 'maxContains')];
    let [count, certain] = [0, 0];
    items.forEach((item, step) => {
      const outcome = this.outcome(wanted, item, { ...place, path: [...place.path, step] });
      if (!isValid(outcome)) return;
      count += 1;
      certain += isCertain(outcome) ? 1 : 0;
      found.depend(outcome);
      found.seen.add(step);
    });
    if (typeof least === 'number' && count < least)
      found.report([], `must have at least ${least} such items as \`contains\` says, and has ${count}`);
    if (typeof most === 'number' && certain > most)
      found.report([], `must have at most ${most} such items as \`contains\` says, and has ${certain}`);
  }
}

/** Keywords that look at all that is in a value at once. */
const comparing = ['enum', 'const', 'uniqueItems'];

const without = (schema: JsonObject, keywords: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword)));

const schemasIn = (value: unknown): Schema[] => (isList(value) ? value.filter(isSchema) : []);
const mapIn = (value: unknown): JsonObject => (isObject(value) ? value : {});
const namesIn = (value: unknown): string[] =>
  isList(value) ? value.filter((name): name is string => typeof name === 'string') : [];
