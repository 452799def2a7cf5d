/** What a function may read so that its calls carry the credentials of services: those that the stage names, and no other. */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { acceptFindings } from '../accepted-findings.ts';
import type { ServiceFunction } from './service-function.ts';

/** `credentials`: as in the settings of the stage, `secret://mail/*@mail.example.com`. */
export function mayReadCredentials(caller: ServiceFunction, credentials: readonly string[]): void {
  const kept = [...new Set(credentials.map((entry) => entry.slice(0, entry.lastIndexOf('@'))))];
  const named = (store: string): string[] =>
    kept.filter((one) => one.startsWith(store)).map((one) => one.slice(store.length));
  const secrets = named('secret://').map((name) => secretArn(caller, name));
  const parameters = named('ssm://').map((name) => parameterArn(caller, name));
  if (secrets.length > 0) caller.may(['secretsmanager:GetSecretValue'], secrets);
  if (parameters.length > 0) caller.may(['ssm:GetParameter'], parameters);
  acceptFindings(
    caller,
    Object.fromEntries(
      [...secrets, ...parameters].map((arn) => [
        `IAM5[Resource::${shown(arn)}]`,
        'The stage names these credentials of services, and a secret has six characters behind its name',
      ]),
    ),
  );
}

/** AWS puts six characters of its own behind the name of a secret. */
function secretArn(scope: ServiceFunction, name: string): string {
  if (name.startsWith('arn:')) return name;
  const resourceName = name.endsWith('*') ? name : `${name}-??????`;
  return Stack.of(scope).formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

const parameterArn = (scope: ServiceFunction, name: string): string =>
  Stack.of(scope).formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.replace(/^\//, '') });

/** As cdk-nag names it. */
const shown = (arn: string): string =>
  arn.replace(/\$\{Token\[(AWS\.\w+)[^\]]*\]\}/g, (_, name: string) => `<${name.replace('.', '::')}>`);
