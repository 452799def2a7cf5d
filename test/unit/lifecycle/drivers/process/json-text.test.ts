import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberOf, withMember } from '../../../../../src/lifecycle/drivers/process/bridge/json-text.ts';

describe('a member of a JSON text', () => {
  it.each([
    ['{"id":1,"a":2}', '{"id":"x","a":2}'],
    ['{ "a" : {"id": 7} , "id" : 1 }', '{ "a" : {"id": 7} , "id" : "x" }'],
    ['{"a":"\\"id\\":3","b":[{"id":4},"]"],"id":1e400}', '{"a":"\\"id\\":3","b":[{"id":4},"]"],"id":"x"}'],
    ['{"a":"\\\\","id":null}', '{"a":"\\\\","id":"x"}'],
    ['{"\\u0069d":1}', '{"\\u0069d":"x"}'],
    ['{"id":1,"id":2}', '{"id":1,"id":"x"}'],
    ['{"a":1}', '{"a":1}'],
    ['{}', '{}'],
  ])('in %s is replaced, and nothing else', (json, replaced) => {
    expect(withMember(json, 'id', '"x"')).toBe(replaced);
  });

  it('is given as it was written', () => {
    expect(memberOf('{"a":[1,{"b":"}"}], "id" : 18446744073709551615 }', 'id')).toBe('18446744073709551615');
    expect(memberOf('{"a":[1,{"b":"}"}], "id" : 5 }', 'a')).toBe('[1,{"b":"}"}]');
    expect(memberOf('{"a":1}', 'id')).toBe('null');
  });

  it('is replaced in any object as JSON.parse sees it', () => {
    const object = fc.dictionary(fc.oneof(fc.string(), fc.constant('id')), fc.jsonValue());
    fc.assert(
      fc.property(object, fc.jsonValue(), fc.constantFrom(undefined, 2), (value, id, indent) => {
        const json = JSON.stringify({ ...value, id: 0 }, undefined, indent);
        const replaced = withMember(json, 'id', JSON.stringify(id));
        expect(JSON.parse(replaced)).toEqual(JSON.parse(JSON.stringify({ ...value, id })));
      }),
    );
  });
});
