/** The items of a forEach, by the expression that the machine evaluates, which refuses items that are not there. */
import { sourceOf } from '../../expressions/model/template.ts';
import { itemsSource } from '../compiler/compile-for-each.ts';
import type { ForEachStep } from '../definition/definition.ts';
import { type Field, failedWith, isNotNull, mustBe } from './check-values.ts';
import { type Evaluate, evaluateText } from './evaluation.ts';
import { Unknown } from './unknown-results.ts';

interface Means {
  readonly template: (template: unknown, field: Field) => Promise<unknown>;
  readonly evaluate: Evaluate;
  readonly bindings: Readonly<Record<string, unknown>>;
}

export async function forEachItems(
  { items, optional }: ForEachStep['forEach'],
  path: string,
  means: Means,
): Promise<unknown[] | Unknown> {
  if (typeof items !== 'string') {
    const all = await means.template(items, { path });
    return Array.isArray(all) ? all : [all];
  }
  const found = await evaluatedItems(items, { path, optional }, means);
  return found instanceof Unknown || Array.isArray(found) ? found : [];
}

async function evaluatedItems(
  text: string,
  { path, optional }: { readonly path: string; readonly optional: boolean },
  { template, evaluate, bindings }: Means,
): Promise<unknown> {
  const whole = `{% ${itemsSource(sourceOf(text), optional)} %}`;
  try {
    return await evaluateText(whole, { bindings, evaluate });
  } catch (thrown) {
    const expected = 'items, unless "optional" is true';
    const items = await template(text, { path, expected });
    mustBe(isNotNull, items, { path, expected, written: text });
    throw failedWith(path, text, { thrown, bindings });
  }
}
