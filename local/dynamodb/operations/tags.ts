import * as z from 'zod';
import { ApiError, invalid, invalidValue, notFound } from '../api-error.ts';
import type { TableDefinition } from '../storage/table-definition.ts';
import { maybe } from './input.ts';
import { type Operation, type OperationContext, operation, writing } from './operation.ts';
import { tableArn } from './table-description.ts';

const Key = z.string().min(1).max(128);
export const Tags = z.array(z.object({ Key, Value: z.string().max(256) }));
type Tag = z.infer<typeof Tags>[number];

const ResourceArn = z.string().min(1).max(1283);
const mostTags = 50;

export function checkTags(tags: readonly Tag[]): void {
  if (tags.length > mostTags) throw invalidValue(`Too many tags: at most ${mostTags}`);
  if (new Set(tags.map(({ Key }) => Key)).size < tags.length) throw invalidValue('Duplicate tag keys');
}

export const tagOperations: Readonly<Record<string, Operation>> = {
  TagResource: writing(z.object({ ResourceArn, Tags }), (context, input) => {
    const table = tagged(context, input.ResourceArn, notFoundArn);
    const others = table.tags.filter(({ Key: key }) => !input.Tags.some((tag) => tag.Key === key));
    const tags = [...others, ...input.Tags];
    checkTags(tags);
    context.store.keepTable({ ...table, tags });
    return '{}';
  }),
  UntagResource: writing(z.object({ ResourceArn, TagKeys: z.array(Key) }), (context, input) => {
    const table = tagged(context, input.ResourceArn, notFoundArn);
    context.store.keepTable({ ...table, tags: table.tags.filter((tag) => !input.TagKeys.includes(tag.Key)) });
    return '{}';
  }),
  ListTagsOfResource: operation(z.object({ ResourceArn, NextToken: maybe(z.string()) }), (context, input) => {
    const { tags } = tagged(context, input.ResourceArn, (arn) => {
      const message = `User: arn:aws:iam::${context.accountId}:root is not authorized to perform: dynamodb:ListTagsOfResource on resource: ${arn}`;
      return new ApiError('AccessDeniedException', message);
    });
    return JSON.stringify({ Tags: tags });
  }),
};

const notFoundArn = (arn: string): ApiError =>
  notFound(`Requested resource not found: ResourcArn: ${arn} not found`);

function tagged(context: OperationContext, arn: string, missing: (arn: string) => ApiError): TableDefinition {
  const name = /^arn:aws:dynamodb:[a-z0-9-]+:\d{12}:table\/([^/]+)$/.exec(arn)?.[1];
  if (name === undefined) throw invalid(`Invalid TableArn: Invalid ResourceArn provided as input ${arn}`);
  const table = context.store.table(name);
  if (table === undefined || tableArn(context, name) !== arn) throw missing(arn);
  return table;
}
