/** Which tools a search finds, in which order, and how many tokens they take as lines. */
import { describe, expect, it } from 'vitest';
import { compactTools, countTokens } from '../../../../src/registry/tools/model/compact-tools.ts';
import {
  createToolIndex,
  type IndexedTool,
  singular,
} from '../../../../src/registry/tools/model/tool-index.ts';

const tool = (service: string, name: string, description?: string): IndexedTool => ({
  service,
  version: '1.0.0',
  name,
  ...(description !== undefined && { description }),
});

const index = createToolIndex([
  tool('gmail', 'get_email', 'Reads one email by its id'),
  tool('gmail', 'list_emails', 'Lists the newest emails of the inbox'),
  tool('calendar', 'createEvent', 'Adds an event, and invites people by email'),
  tool('graph', 'get', 'Reads a node'),
  tool('graph', 'search_nodes', 'Finds nodes by their labels'),
]);

const found = (words: string): string[] =>
  index.search({ words, among: () => true }).map(({ service, name }) => `${service}.${name}`);

describe('a search', () => {
  it('puts the tool that is named exactly so first', () => {
    expect(found('get')[0]).toBe('graph.get');
    expect(found('gmail.list_emails')[0]).toBe('gmail.list_emails');
  });

  it('puts a word in a name before one in a description', () => {
    expect(found('email')).toEqual(['gmail.get_email', 'gmail.list_emails', 'calendar.createEvent']);
  });

  it('finds the words of a name in camel case, and beginnings of words', () => {
    expect(found('event')).toEqual(['calendar.createEvent']);
    expect(found('inb')).toEqual(['gmail.list_emails']);
  });

  it('finds a word with one wrong letter, when there is no better one', () => {
    expect(found('calender')).toEqual(['calendar.createEvent']);
    expect(found('serch')).toEqual(['graph.search_nodes']);
  });

  it('puts what has all words before what has one of them', () => {
    expect(found('search nodes')[0]).toBe('graph.search_nodes');
    expect(found('newest emails')[0]).toBe('gmail.list_emails');
  });

  it('finds nothing for words that nobody has, and everything, by name, without words', () => {
    expect(found('zzzz')).toEqual([]);
    expect(found(' ')).toEqual([
      'calendar.createEvent',
      'gmail.get_email',
      'gmail.list_emails',
      'graph.get',
      'graph.search_nodes',
    ]);
  });

  it('takes plural and singular for the same word', () => {
    expect(found('emails')).toEqual(['gmail.get_email', 'gmail.list_emails', 'calendar.createEvent']);
    expect(found('node').slice(0, 1)).toEqual(['graph.search_nodes']);
    expect(found('events')).toEqual(['calendar.createEvent']);
  });

  it.each([
    ['categories', 'category'],
    ['boxes', 'box'],
    ['addresses', 'address'],
    ['status', 'status'],
    ['analysis', 'analysis'],
    ['gas', 'gas'],
    ['class', 'class'],
  ])('takes %s for %s', (word, same) => {
    expect(singular(word)).toBe(same);
  });

  it('takes words that every text has for none', () => {
    expect(found('how do I read the inbox of an account')[0]).toBe('gmail.list_emails');
    expect(found('the by of')).toEqual([]);
    expect(found('what is in the zzzz')).toEqual([]);
  });

  it('offers words that are spelt much like those that no tool has', () => {
    const near = (words: string) => index.near({ words, among: ({ service }) => service !== 'graph' });
    expect(near('calandaar')).toEqual(['calendar']);
    expect(near('nodez')).toEqual([]);
    expect(near('zzzzzz')).toEqual([]);
  });

  it('takes words that are names of object properties as words', () => {
    const hostile = createToolIndex([tool('a', '__proto__', 'constructor toString')]);
    expect(hostile.search({ words: 'constructor', among: () => true })).toHaveLength(1);
    expect(found('__proto__')).toEqual([]);
  });
});

describe('tools as lines', () => {
  const verbs = ['get', 'list', 'create', 'update', 'delete', 'search', 'send', 'archive', 'move', 'export'];
  const things = ['email', 'calendar_event', 'pull_request', 'invoice', 'customer_record'];
  const services = ['gmail', 'google-calendar'];
  const hundred = services.flatMap((service) =>
    verbs.flatMap((verb) =>
      things.map((thing) =>
        tool(service, `${verb}_${thing}`, `Use this to ${verb} a ${thing} of the account that is connected.`),
      ),
    ),
  );

  it('take at most 1,600 tokens for 100 tools with names as they are common, each with its name', () => {
    const lines = compactTools(hundred);
    expect(lines).toHaveLength(100);
    expect(countTokens(JSON.stringify({ tools: lines, matches: 100 }))).toBeLessThanOrEqual(1_600);
    expect(lines[0]).toMatch(/^gmail\.get_email/);
  });

  it('say more of each when there are few', () => {
    expect(compactTools([tool('gmail', 'get_email', 'Reads one email by its id')])).toEqual([
      'gmail.get_email: Reads one email by its id',
    ]);
  });

  it('are cut between words', () => {
    const [line] = compactTools([tool('a', 'b', 'word '.repeat(100))]);
    expect(line).toMatch(/^a\.b: (word )+word…$/);
  });

  it('are fewer, and never cut, when names are long or of other alphabets', () => {
    const long = Array.from({ length: 100 }, (_none, at) =>
      tool('service', `${'werkzeugname_'.repeat(9)}${at}`),
    );
    const lines = compactTools(long);
    expect(lines.length).toBeLessThan(100);
    expect(lines[0]).toBe(`service.${'werkzeugname_'.repeat(9)}0`);
    expect(countTokens(JSON.stringify({ tools: lines, matches: 100 }))).toBeLessThanOrEqual(1_600);
    const foreign = compactTools(
      Array.from({ length: 100 }, () => tool('s', '検索', '電子メールを読む'.repeat(20))),
    );
    expect(countTokens(JSON.stringify({ tools: foreign, matches: 100 }))).toBeLessThanOrEqual(1_600);
  });
});
