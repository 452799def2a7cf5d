/** Texts that would be looked through again and again by an expression that backtracks: each gives its right answer. */
import { describe, expect, it } from 'vitest';
import { parseEmail } from '../../examples/email/email-parser.ts';
import { linearPattern } from '../../src/json-schema/linear-pattern.ts';
import { hasFormat } from '../../src/json-schema/model/formats.ts';
import { loadSchemaChecker } from '../../src/json-schema/schema-checker.ts';
import { parseManifest } from '../../src/manifest/model/manifest.ts';
import { registryUrl } from '../../src/registry/mcp-registry/read-registry.ts';
import { indentWanted } from '../../src/surfaces/pretty.ts';

const many = 100_000;

describe('a long text', () => {
  it.each([
    ['email', 'a.'.repeat(4_000_000), false],
    ['email', `${'a'.repeat(many)}@a`, false],
    ['email', `a@${'a-'.repeat(many)}`, false],
    ['hostname', 'a.'.repeat(many), false],
    ['uri', `a://${'a@'.repeat(many)}\0`, false],
    ['uri', `a:${'/a'.repeat(many)}`, true],
    ['uri-reference', `${'//'.repeat(many)}\0`, false],
    ['uri-template', `{${'a,'.repeat(many)}`, false],
    ['uri-template', '{a}'.repeat(many), true],
    ['duration', `P${'1'.repeat(many)}`, false],
    ['date-time', ' '.repeat(many), false],
    ['time', `00:00:00.${'1'.repeat(many)}`, false],
    ['ipv6', '1:'.repeat(many), false],
    ['json-pointer', `${'/~0'.repeat(many)}~`, false],
    ['relative-json-pointer', `${'1'.repeat(many)}/`, true],
    ['regex', `${'('.repeat(1_000)}a`, false],
  ])('is held against the format %s', (format, text, holds) => {
    expect(hasFormat(format, text)).toBe(holds);
  });

  it('of variables that are never closed stays as it is in a manifest', () => {
    const unclosed = `$${'{A:-'}`.repeat(many);
    const description = `$${'{A:-b}'}${unclosed}`;
    const name = 'open';
    const { workflows } = parseManifest(
      { workflows: [{ name, description, steps: [{ id: 'pause', wait: { seconds: 0 } }] }] },
      {},
    );
    expect(workflows[0]?.description).toBe(`b${unclosed}`);
  });
});

describe('a mail that is HTML only', () => {
  const read = async (html: string) => {
    const raw = Buffer.from(`Content-Type: text/html\r\n\r\n${html}`);
    return (await parseEmail(raw, { id: 'a', receivedAt: '2026-11-23T09:30:00Z' })).text;
  };

  it.each([
    ['<style>'.repeat(many), ''],
    [`<STYLE>a</style>b${'<script>'.repeat(many)}c`, 'b c'],
    [`a<head>${'<style>'.repeat(many)}</head>b`, 'ab'],
    [`a${'<'.repeat(many)}`, `a${'<'.repeat(many)}`],
    ['<br '.repeat(many), '<br '.repeat(many).trim()],
  ])('gives its text', async (html, text) => {
    expect(await read(html)).toBe(text);
  });
});

describe('the url of a registry', () => {
  it('ends with one slash less, and however many', () => {
    const url = `https://registry.example/${'/'.repeat(many)}x/${'/'.repeat(many)}`;
    expect(registryUrl(url).pathname).toBe(`/${'/'.repeat(many)}x/v0.1/servers`);
  });
});

describe('a wish for indented answers', () => {
  it.each([
    ['application/json;'.repeat(1_000), undefined],
    [`application/json;${'; '.repeat(8_000)}`, undefined],
    [`${'application/json;,'.repeat(800)}application/json; indent=3`, 3],
    ['application/json; charset=utf-8; indent=4', 4],
    ['text/html, application/json;indent=2;q=0.9', 2],
    ['application/json; indent=10', undefined],
    ['application/json; indent=0', undefined],
    ['text/html; indent=2', undefined],
  ])('is read from Accept', (accept, indent) => {
    expect(indentWanted({ query: {}, headers: { accept } })).toBe(indent);
  });
});

describe('a long expression of a schema', () => {
  it('with escapes that are never closed is none', () => {
    expect(linearPattern('\\p{'.repeat(many))).toBeUndefined();
  });

  it('that would take long to read is refused before it is read', async () => {
    const { schemaFaults } = await loadSchemaChecker();
    const pattern = `[${'\\p{L}'.repeat(60_000)}]`;
    const fault = 'is a regular expression of more than 10000 characters';
    expect(schemaFaults({ items: { pattern } }).errors).toEqual([{ path: 'items.pattern', message: fault }]);
    expect(hasFormat('regex', pattern)).toBe(false);
  });
});
