/**
 * Literal values whose name says that they are credentials, in what a step sends: everybody who may read the workflow
 * would read them. A name proves nothing, so this warns; headers are decided in check-headers.ts.
 */
import type { Fault } from '../../base/errors.ts';
import { fieldPath, isExpression, itemPath } from '../../expressions/model/template.ts';
import type { WorkflowDefinition } from './definition.ts';
import { sitesOf } from './visibility.ts';

const names =
  /^(?:api[_-]?key|access[_-]?(?:key|token)|auth[_-]?token|bearer[_-]?token|client[_-]?secret|secret(?:[_-]?key)?|private[_-]?key|password|passwd|token)$/i;

const message =
  'looks like a credential, and whoever may read the workflow would read it; take it from "$input", or leave it to the service';

export const credentialWarnings = (definition: Pick<WorkflowDefinition, 'steps' | 'output'>): Fault[] =>
  [...sitesOf(definition)].flatMap(({ template, path }) => credentialsIn(template, path));

function credentialsIn(template: unknown, path: string): Fault[] {
  if (Array.isArray(template))
    return template.flatMap((part, index) => credentialsIn(part, itemPath(path, index)));
  if (typeof template === 'string') return hasSecretInQuery(template) ? [{ path, message }] : [];
  if (typeof template !== 'object' || template === null) return [];
  return Object.entries(template).flatMap(([key, part]) => {
    const at = fieldPath(path, key);
    return names.test(key) && isSecretText(part) ? [{ path: at, message }] : credentialsIn(part, at);
  });
}

/** `/mails?api_key=…` */
const hasSecretInQuery = (text: string): boolean =>
  !isExpression(text) &&
  text.includes('?') &&
  [...text.matchAll(/[?&]([^=&#?]{1,40})=[^&#]/g)].some(([, name = '']) => names.test(name));

const isSecretText = (part: unknown): boolean =>
  typeof part === 'string' && part !== '' && !isExpression(part);
