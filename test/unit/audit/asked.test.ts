import { expect, it } from 'vitest';
import { askedText, madeIn, targetsOf } from '../../../src/audit/model/asked.ts';

it.each([
  [
    { service: 'mail', input: { a: 1 }, nested: { body: 'x', args: [1] } },
    { service: 'mail', input: '[left out]', nested: { body: '[left out]', args: '[left out]' } },
  ],
  [
    { password: 'x', apiKey: 'y', limit: 3 },
    { password: '[redacted]', apiKey: '[redacted]', limit: 3 },
  ],
  [
    { url: 'https://user:pass@hooks.example.com:8443/T0/secret?key=1', callbackUrl: 'no url' },
    { url: 'https://hooks.example.com:8443', callbackUrl: '[left out]' },
  ],
  [{ reason: 'x'.repeat(300) }, { reason: `${'x'.repeat(200)}…` }],
  [{ a: { b: { c: { d: { e: 1 } } } } }, { a: { b: { c: { d: '[left out]' } } } }],
  [
    ['not', 'an', 'object'],
    ['not', 'an', 'object'],
  ],
  ['text', {}],
])('keeps of %j what says what was asked', (input, kept) => {
  expect(JSON.parse(askedText(input))).toEqual(kept);
});

it('keeps the names of the fields alone where the rest is too long', () => {
  const input = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`field${at}`, 'x'.repeat(150)]));
  const kept: unknown = JSON.parse(askedText(input));
  expect(kept).toMatchObject({ leftOut: 'too long' });
  expect(JSON.stringify(kept).length).toBeLessThan(1_000);
});

it.each([
  ['stop_service', { service: 'mail' }, { service: 'mail' }],
  ['deregister_service', { name: 'mail' }, { service: 'mail' }],
  ['define_workflow', { name: 'send' }, { workflow: 'send' }],
  ['cancel_workflow', { workflowId: 'w1' }, { execution: 'w1' }],
  ['stop_instance', { service: 'mail', instance: 'i1' }, { service: 'mail', instance: 'i1' }],
  ['register_instance', { service: 'mail', id: 'i1' }, { service: 'mail', instance: 'i1' }],
  ['cancel_change', { changeId: 'c1' }, { change: 'c1' }],
  ['create_user', { name: 'ann' }, { other: 'ann' }],
  ['stop_service', { service: { odd: true } }, {}],
  ['stop_all', undefined, {}],
])('%s of %j is about %j', (operation, input, targets) => {
  expect(JSON.parse(JSON.stringify(targetsOf(operation, input)))).toEqual(targets);
});

it.each([
  [{ change: { changeId: 'c1' }, id: 'x' }, 'c1'],
  [{ id: 'k1', key: 'secret' }, 'k1'],
  [{ services: [] }, undefined],
  [undefined, undefined],
])('%j has made %s', (output, made) => {
  expect(madeIn(output)).toBe(made);
});
