/** Eight services that require each other. */
import { drivenService } from './driven-services.ts';

/** Who requires whom, in an order in which they can start: a and b nobody, h everybody over others. */
const requires = {
  a: [],
  b: [],
  c: ['a'],
  d: ['a', 'b'],
  e: ['c'],
  f: ['c', 'd'],
  g: ['e'],
  h: ['f', 'g'],
} satisfies Readonly<Record<string, readonly string[]>>;

const nameOf = (node: string): string => `graph-${node}`;

/** The names of the services, and of those that each requires. */
export const graphOfServices: readonly (readonly [name: string, requires: readonly string[]])[] =
  Object.entries(requires).map(([node, required]) => [nameOf(node), required.map(nameOf)]);

/** Their registrations, as programs with these variables. */
export const drivenGraph = (env: Readonly<Record<string, string>> = {}) =>
  graphOfServices.map(([name, required]) => drivenService({ name, env, requires: required }));
