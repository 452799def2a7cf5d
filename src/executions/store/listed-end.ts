/**
 * Where lists find why an execution has ended: beside its labels, under a name that no label can have. Labels are in
 * every index, and an index that exists takes no other attribute (AWS: UpdateTable, Projection); see ADR 20.
 */
import { EndSummary } from '../model/end-summary.ts';

const place = '!end';

type LabelsItem = Record<string, string>;

export const withEnd = (labels: LabelsItem, end: EndSummary | undefined): LabelsItem =>
  end === undefined ? labels : { ...labels, [place]: JSON.stringify(end) };

export const withoutEnd = ({ [place]: _end, ...labels }: LabelsItem): LabelsItem => labels;

/** Nothing for an execution that has not ended, or that ended before lists had it. */
export const endIn = ({ [place]: text }: LabelsItem): EndSummary =>
  text === undefined ? {} : EndSummary.parse(JSON.parse(text));
