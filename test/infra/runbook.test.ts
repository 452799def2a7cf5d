/** Whoever is woken by an alarm finds what to do, and finds nothing that no alarm leads to. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { tools } from '../../src/runtime/generated-tools.ts';
import { synthesize } from './synthesized.ts';
import { TemplateReader } from './template-reader.ts';

const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');

/** As GitHub makes an anchor of a heading. */
const anchorOf = (heading: string): string => heading.toLowerCase().replaceAll(' ', '-');
const sections = new Map(
  runbook
    .split('\n## ')
    .slice(1)
    .map((text): [string, string] => [anchorOf(text.slice(0, text.indexOf('\n'))), text]),
);

const Alarm = z.object({ AlarmDescription: z.string() });
const pointer = /^[A-Za-z].{15,}\. What to do: docs\/runbook\.md#([a-z0-9-]+)$/;

let named: (string | undefined)[];
beforeAll(async () => {
  const { monitoring } = await synthesize();
  const alarms = new TemplateReader(monitoring).resources('AWS::CloudWatch::Alarm');
  named = alarms.map(([, alarm]) => pointer.exec(Alarm.parse(alarm).AlarmDescription)?.[1]);
}, 60_000);

describe('the runbook', () => {
  it('has the section that each alarm names', () => {
    expect(named).toHaveLength(23);
    expect(named.filter((section) => section === undefined || !sections.has(section))).toEqual([]);
  });

  it('has no section that no alarm names', () => {
    expect([...sections.keys()].filter((section) => !named.includes(section))).toEqual([]);
  });

  it.each([...sections])(
    'says of %s what is seen, where to look, what to do, and when it is over',
    (_name, text) => {
      const parts = [...text.matchAll(/^- \*\*(.+?):?\*\*/gm)].map(([, part]) => part);
      expect(parts).toEqual(['Symptom', 'Look at', 'Do', 'Over when']);
    },
  );

  it('names operations that exist', () => {
    const known = new Set(tools.map(({ name }) => name));
    const verbs = /^(get|list|retry|rerun|cancel|restart|scale|resend|call|update|deregister)_/;
    const asked = [...runbook.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].flatMap(([, name = '']) => name);
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((name) => verbs.test(name) && !known.has(name))).toEqual([]);
  });

  it('links to its own sections only where they are', () => {
    const links = [...runbook.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor);
    expect(links.filter((anchor) => !sections.has(anchor))).toEqual([]);
  });
});
