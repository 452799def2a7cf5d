/** The part of the OpenAPI document that a caller may use: paths of other operations are left out. */
import { permits, type Rights } from '../../access/model/access.ts';
import type { OperationRoute } from '../../operation/operation.ts';

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export function visibleOpenApi<T extends Document>(
  document: T,
  routes: readonly OperationRoute[],
  rights: Rights,
): T {
  const hidden = new Set(routes.filter((route) => !permits(rights, route)).flatMap(itemsOf));
  if (hidden.size === 0) return document;
  const paths = Object.entries(document.paths).flatMap(([path, methods]) => {
    const shown = Object.entries(methods).filter(([method]) => !hidden.has(`${method} ${path}`));
    return shown.length > 0 ? [[path, Object.fromEntries(shown)] as const] : [];
  });
  return { ...document, paths: Object.fromEntries(paths) };
}

const itemsOf = ({ id, method, path, resource }: OperationRoute): string[] => [
  `${method.toLowerCase()} ${path.replaceAll('+}', '}')}`,
  `post /tools/${id}`,
  ...(resource ? [`get /resources/${id}/{${resource.key}}`] : []),
];
