import { describe, expect, it } from 'vitest';
import {
  RegistryNamespace,
  serviceInNamespace,
} from '../../../../src/registry/mcp-registry/model/server-name.ts';

describe('a namespace', () => {
  it.each(['local.orchestrator', 'org.example.prod-2', 'a.b', `a.${'b'.repeat(134)}`])(
    'may be %s',
    (text) => {
      expect(RegistryNamespace.safeParse(text).success).toBe(true);
    },
  );

  it.each([
    'orchestrator',
    'Org.example',
    'org..example',
    'org.example.',
    '.org',
    'org.-a',
    'org/a.b',
    'a b.c',
    `a.${'b'.repeat(135)}`,
  ])('may not be %s', (text) => {
    expect(RegistryNamespace.safeParse(text).success).toBe(false);
  });
});

describe('the service of a server name', () => {
  it.each([
    ['org.example/gmail', 'gmail'],
    ['org.exampleX/gmail', undefined],
    ['org.example/Gmail', undefined],
    ['org.example/gmail/x', undefined],
    ['gmail', undefined],
    ['org.example/', undefined],
  ])('of %s is %s', (server, service) => {
    expect(serviceInNamespace('org.example', server)).toBe(service);
  });
});
