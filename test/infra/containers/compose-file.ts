/** Reads docker-compose.yml as Compose does: merge keys, and `${NAME:-default}` or `${NAME:?message}`. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import * as z from 'zod';

const Variables = z.record(z.string(), z.coerce.string());

const Service = z.looseObject({
  image: z.string(),
  command: z.array(z.string()).optional(),
  environment: Variables.default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  healthcheck: z.looseObject({ test: z.array(z.string()) }),
});
export type Service = z.infer<typeof Service>;

const ComposeFile = z.object({
  services: z.record(z.string(), Service),
  networks: z
    .record(
      z.string(),
      z.object({ name: z.string(), ipam: z.object({ config: z.array(z.object({ subnet: z.string() })) }) }),
    )
    .default({}),
  volumes: z.record(z.string(), z.null()).default({}),
});
export type ComposeFile = z.infer<typeof ComposeFile>;

/** Throws with the file's own message when a variable that it asks for is missing. */
export async function readComposeFile(
  file: string,
  env: Readonly<Record<string, string>>,
): Promise<ComposeFile> {
  const document: unknown = parse(await readFile(file, 'utf8'), { merge: true });
  return ComposeFile.parse(interpolated(document, env));
}

function interpolated(value: unknown, env: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string')
    return value.replaceAll(
      /\$\{(\w+)(?::([-?])([^}]*))?\}/g,
      (_text, name: string, sign?: string, word?: string) => {
        if (env[name]) return env[name];
        if (sign === '?') throw new Error(`${name}: ${word}`);
        return word ?? '';
      },
    );
  if (Array.isArray(value)) return value.map((item) => interpolated(item, env));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, interpolated(item, env)]));
}
