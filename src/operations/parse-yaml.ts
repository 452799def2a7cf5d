/**
 * YAML as JSON, so that what YAML knows besides (dates of old versions, keys that are no texts) is none of it. The parser
 * is in a file of its own: who sends JSON does not load it.
 */
import { parse } from 'yaml';
import type { Fault } from '../domain/errors.ts';
import { faultsText } from '../domain/faults.ts';
import { refusedNumber } from '../domain/json-numbers.ts';
import { isTooDeep } from '../domain/nesting.ts';

export interface ParsedYaml {
  /** The text of the value as JSON. */
  readonly json: string;
  /** Numbers that JSON does not have, or that cannot be kept exactly. */
  readonly faults: readonly Fault[];
}

/** Throws what is wrong with it. */
export function parseYaml(text: string): ParsedYaml {
  const value: unknown = parse(text, { maxAliasCount: 100, logLevel: 'error', intAsBigInt: true });
  const json = JSON.stringify(value, asNumber) ?? 'null';
  const faults: Fault[] = [];
  // A value that holds itself could not be written, so what is walked here is a tree.
  if (!isTooDeep(json)) collectFaults(value, [], faults);
  return { json, faults };
}

/** The value of a file. Throws what is wrong with it. */
export function yamlValue(text: string): unknown {
  const { json, faults } = parseYaml(text);
  if (faults.length > 0) throw new Error(faultsText(faults));
  return JSON.parse(json);
}

const asNumber = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? Number(value) : value;

const mostFaults = 100;

function collectFaults(value: unknown, path: readonly (string | number)[], faults: Fault[]): void {
  if (faults.length === mostFaults) return;
  if (isInexact(value)) faults.push(refusedNumber({ path, text: String(value) }));
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) collectFaults(item, [...path, index], faults);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) collectFaults(item, [...path, key], faults);
  }
}

/** Infinity is what becomes of a number that is too large. */
const isInexact = (value: unknown): value is bigint | number =>
  typeof value === 'bigint' ? !Number.isSafeInteger(Number(value)) : isOutOfBounds(value);

const isOutOfBounds = (value: unknown): boolean => typeof value === 'number' && !Number.isFinite(value);
