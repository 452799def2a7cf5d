import { describe, expect, it } from 'vitest';
import { call, choose, faultsOf, forEach, valid, workflow } from './definitions.ts';

describe('ids', () => {
  it.each(['Fetch', '1st', 'add-to', 'a.b', '', 'x'.repeat(41)])('refuses "%s"', (id) => {
    expect(faultsOf(workflow([call(id)]))).toEqual([
      'steps[0].id: must be a lower-case letter, then up to 39 letters, digits or "_"',
    ]);
  });

  it.each([
    ['input', '"input" is a reserved word'],
    ['execution', '"execution" is a reserved word'],
    ['states', '"states" is a reserved word'],
    ['result', '"result" is a reserved word'],
    ['resultRef', '"resultRef" is a reserved word'],
    ['count', '"count" is the name of a function'],
    ['each', '"each" is the name of a function'],
    ['now', '"now" is the name of a function'],
    ['eval', '"eval" is the name of a function'],
    ['partition', '"partition" is the name of a function'],
    ['uuid', '"uuid" is the name of a function'],
    ['constructor', '"constructor" is a reserved word of JavaScript'],
  ])('refuses "%s" for a step and for an item', (name, reason) => {
    expect(faultsOf(workflow([call(name)]))).toEqual([`steps[0].id: ${reason}; choose another`]);
    expect(faultsOf(workflow([forEach('loop', name, [call('a')])]))).toEqual([
      `steps[0].forEach.as: ${reason}; choose another`,
    ]);
  });

  it.each(['x'.repeat(40), 'a', 'fetchMail_2', 'counter', 'and', 'Count'.toLowerCase() + 's'])(
    'takes "%s"',
    (id) => {
      expect(faultsOf(workflow([call(id)]))).toEqual([]);
    },
  );

  it('are unique in the whole definition, ignoring case', () => {
    const nested = choose('pick', 'true', [
      { id: 'both', parallel: [[forEach('loop', 'item', [call('FETCH'.toLowerCase())])]] },
    ]);
    expect(faultsOf(workflow([call('fetch'), nested]))).toEqual([
      'steps[1].choose[0].steps[0].parallel[0][0].forEach.steps[0].id: "fetch" is already the id of steps[0], ignoring case',
    ]);
    expect(faultsOf(workflow([call('addTo'), call('addto')]))).toEqual([
      'steps[1].id: "addto" is already the id of steps[0], ignoring case',
    ]);
  });

  it('are not the name of an item', () => {
    expect(faultsOf(workflow([forEach('loop', 'mail', [call('a')]), call('mail')]))).toEqual([
      'steps[1].id: "mail" is the name of the items of a forEach',
    ]);
  });
});

describe('names of items', () => {
  it('may be used again side by side, not inside each other', () => {
    expect(
      faultsOf(workflow([forEach('l1', 'mail', [call('a')]), forEach('l2', 'mail', [call('b')])])),
    ).toEqual([]);
    expect(faultsOf(workflow([forEach('l1', 'mail', [forEach('l2', 'mail', [call('b')])])]))).toEqual([
      'steps[0].forEach.steps[0].forEach.as: "mail" is already the item of steps[0]',
    ]);
  });
});

describe('services', () => {
  const services = new Map([
    ['gmail', { transport: 'mcp' as const }],
    ['notify', { transport: 'rest' as const }],
  ]);
  const tool = (service: string) => ({ service, tool: 't' });
  const request = (service: string) => ({ service, request: { method: 'GET', path: '/' } });

  it.each([
    ['an unknown service', { call: tool('nobody') }, ['steps[0].call.service: there is no service "nobody"']],
    [
      'a tool of a REST service',
      { call: tool('notify') },
      ['steps[0].call.tool: "notify" is a REST service: it takes a request, not a tool'],
    ],
    [
      'a request to an MCP service',
      { call: request('gmail') },
      ['steps[0].call.request: "gmail" is an MCP service: it takes a tool, not a request'],
    ],
    [
      'an unknown service in an undo',
      { call: tool('gmail'), compensate: tool('nobody') },
      ['steps[0].compensate.service: there is no service "nobody"'],
    ],
    ['nothing, when both fit', { call: request('notify'), compensate: tool('gmail') }, []],
  ])('finds %s', (_what, step, faults) => {
    expect(faultsOf(workflow([{ id: 'a', ...step }]), { services })).toEqual(faults);
  });

  it('finds the calls in every nested list', () => {
    const nested = forEach('loop', 'item', [
      choose('pick', 'true', [call('a')], [{ id: 'both', parallel: [[call('b')]] }]),
    ]);
    expect(faultsOf(workflow([nested]), { services })).toEqual([
      'steps[0].forEach.steps[0].choose[0].steps[0].call.service: there is no service "tools"',
      'steps[0].forEach.steps[0].otherwise[0].parallel[0][0].call.service: there is no service "tools"',
    ]);
  });

  it('may be unknown as long as nobody says which there are', () => {
    expect(valid(workflow([{ id: 'a', call: tool('nobody') }])).steps).toHaveLength(1);
  });
});

describe('workflows that a definition runs', () => {
  const runs = (id: string, name: string) => ({ id, workflow: { name } });

  it('must be known, in every nested list, once it is said which there are', () => {
    const definition = workflow([runs('a', 'known'), forEach('loop', 'item', [runs('b', 'nowhere')])]);
    expect(faultsOf(definition, { workflows: new Set(['known']) })).toEqual([
      'steps[1].forEach.steps[0].workflow.name: there is no workflow "nowhere"',
    ]);
    expect(faultsOf(definition)).toEqual([]);
  });

  it('and approvals have values that later steps see, guarded where they may fail', () => {
    const risky = { id: 'ok', approval: {}, onFailure: 'continue' };
    expect(faultsOf(workflow([runs('a', 'b'), call('c', { v: '{% $a.x %}' })]))).toEqual([]);
    expect(faultsOf(workflow([risky, call('c', { v: '{% $ok.by %}' })]))).toEqual([
      'steps[1].call.arguments.v: "$ok" may have no value; write "$exists($ok) ? … : …" (position 0)',
    ]);
    expect(faultsOf(workflow([{ id: 'ok', approval: { message: '{% $ok.by %}' } }]))).toEqual([
      'steps[0].approval.message: "ok" cannot use its own result (position 0)',
    ]);
  });
});
