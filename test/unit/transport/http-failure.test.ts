import { describe, expect, it } from 'vitest';
import { httpFailure } from '../../../src/transport/http-failure.ts';

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
