/** The tags of state machines: at most 50, each key once. (AWS: TagResource, UntagResource.) */
import * as z from 'zod';
import type { MachineRecord } from '../journal/record.ts';
import { ApiError } from './api-error.ts';
import { type Operation, type OperationContext, operation } from './operation.ts';

const Key = z.string().min(1).max(128);
const Tag = z.strictObject({ key: Key, value: z.string().max(256) });
const mostTags = 50;

export const Tags = z
  .array(Tag)
  .max(mostTags)
  .refine((tags) => new Set(tags.map(({ key }) => key)).size === tags.length, 'each key may be given once');

function machineOf({ machines }: OperationContext, arn: string): MachineRecord {
  const machine = machines.get(arn);
  if (machine !== undefined) return machine;
  throw new ApiError('ResourceNotFound', `Resource not found: '${arn}'`);
}

const ListInput = z.strictObject({ resourceArn: z.string() });

const listTagsForResource = operation(ListInput, (context, { resourceArn }) => ({
  tags: machineOf(context, resourceArn).tags,
}));

const TagInput = z.strictObject({ resourceArn: z.string(), tags: Tags });

const tagResource = operation(TagInput, (context, { resourceArn, tags }) => {
  const machine = machineOf(context, resourceArn);
  const added = new Set(tags.map(({ key }) => key));
  const all = [...machine.tags.filter(({ key }) => !added.has(key)), ...tags];
  if (all.length > mostTags)
    throw new ApiError('TooManyTags', `Too many tags: a state machine may have ${mostTags}`);
  context.machines.put({ ...machine, tags: all });
  return {};
});

const UntagInput = z.strictObject({ resourceArn: z.string(), tagKeys: z.array(Key) });

const untagResource = operation(UntagInput, (context, { resourceArn, tagKeys }) => {
  const machine = machineOf(context, resourceArn);
  context.machines.put({ ...machine, tags: machine.tags.filter(({ key }) => !tagKeys.includes(key)) });
  return {};
});

export const tagOperations: Readonly<Record<string, Operation>> = {
  ListTagsForResource: listTagsForResource,
  TagResource: tagResource,
  UntagResource: untagResource,
};
