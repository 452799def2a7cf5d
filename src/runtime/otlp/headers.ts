/** The headers of exports: a secret, out of the environment or out of Secrets Manager. */
import type { TellingConfig } from '../config.ts';
import { readConfig } from '../read-config.ts';

/** As in W3C Baggage: `name=value`, comma-separated, values percent-encoded. Throws without quoting any of it. */
export function parseHeaders(text: string): Record<string, string> {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return Object.fromEntries(parts.map(nameAndValue));
}

function nameAndValue(part: string): [string, string] {
  const [, name = '', value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*([\x20-\x7e]*)$/.exec(part) ?? [];
  if (name === '') throw notHeaders();
  try {
    return [name.toLowerCase(), decodeURIComponent(value)];
  } catch {
    throw notHeaders();
  }
}

const notHeaders = (): Error =>
  new Error(
    'OTEL_EXPORTER_OTLP_HEADERS is not of the form name=value,name=value, with percent-encoded values',
  );

export async function headersOf(config: TellingConfig): Promise<Record<string, string>> {
  const { OTEL_EXPORTER_OTLP_HEADERS: given, OTEL_EXPORTER_OTLP_HEADERS_SECRET_ID: id } = config;
  if (given !== undefined) return parseHeaders(given);
  return id === undefined ? {} : parseHeaders(await secretText(config, id));
}

async function secretText(config: TellingConfig, id: string): Promise<string> {
  const { createConfiguredSecretReader } = await import('../secret-reader.ts');
  const { SecretAccess } = await import('../authorizer-config.ts');
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = config;
  const access = { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN };
  return createConfiguredSecretReader(readConfig(SecretAccess, access))(id);
}
