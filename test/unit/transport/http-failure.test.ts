import { describe, expect, it } from 'vitest';
import { httpFailure, retryAfterSeconds } from '../../../src/transport/http-failure.ts';

const noon = Date.parse('Wed, 21 Oct 2026 12:00:00 GMT');

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    [' 120 ', 120],
    ['Wed, 21 Oct 2026 12:01:30 GMT', 90],
    ['Wednesday, 21-Oct-26 12:00:05 GMT', 5],
    ['Wed Oct 21 12:00:07 2026', 7],
    ['Sat Nov  7 12:00:00 2026', 1_468_800],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
    ['Thursday, 01-Jan-76 00:00:00 GMT', 1_552_478_400],
    ['Friday, 01-Jan-77 00:00:00 GMT', 0],
    ['Mon, 30 Feb 2026 12:00:00 GMT', undefined],
    ['2026-10-21T12:01:30Z', undefined],
    ['Wed, 21 Oct 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['1.5', 2],
    ['99999999999', 1_000_000_000],
    ['2026', 2026],
    [undefined, undefined],
  ])('%j means %j seconds from noon', (header, seconds) => {
    expect(retryAfterSeconds(header, noon)).toBe(seconds);
  });
});

describe('the message of a failure', () => {
  const messageOf = (body: string, type = 'application/json') =>
    httpFailure({ status: 500, headers: { 'content-type': type }, text: body }, 'Tool x of service y')
      .message;

  it.each([
    ['{"detail":"no space","title":"Oops"}', 'Tool x of service y answered 500: no space'],
    ['{"error":{"message":"deep"}}', 'Tool x of service y answered 500: deep'],
    ['{"error":"flat"}', 'Tool x of service y answered 500: flat'],
    ['{"title":"Oops"}', 'Tool x of service y answered 500: Oops'],
    ['"plain"', 'Tool x of service y answered 500: plain'],
    ['{"code":7}', 'Tool x of service y answered 500: {"code":7}'],
    ['{"brok', 'Tool x of service y answered 500: {"brok'],
    ['', 'Tool x of service y answered 500'],
  ])('of %s is %s', (body, message) => {
    expect(messageOf(body)).toBe(message);
  });

  it('quotes no HTML', () => {
    expect(messageOf('<html>secret</html>', 'text/html')).toBe('Tool x of service y answered 500');
  });

  it('hides escape sequences and direction marks', () => {
    expect(messageOf('red \u001b[31m\u202eabc', 'text/plain')).toBe(
      'Tool x of service y answered 500: red [31m abc',
    );
  });

  it.each([
    ['https://other.example/mcp/?key=s3cret#x', ' to https://other.example/mcp/, which'],
    ['/mcp/?key=s3cret', ' to /mcp/, which'],
    ['http://user:s3cret@other.example/a', ' to http://other.example/a, which'],
    ['//user:s3cret@other.example/a', ' to http://other.example/a, which'],
    ['http://[', 'a redirect, which'],
    [undefined, 'a redirect, which'],
  ])('names where a redirect to %s goes, without secrets', (location, shown) => {
    const headers = location === undefined ? {} : { location };
    const { message } = httpFailure({ status: 307, headers, text: '' }, 'Tool x of service y');
    expect(message).toContain(shown);
    expect(message).not.toContain('s3cret');
  });
});
