import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { readTraining, textToClassify } from '../../../examples/email/classifier.ts';
import { openMailbox } from '../../../examples/email/mailbox.ts';
import { type Classify, trainClassifier, wordsOf } from '../../../examples/email/text-classifier.ts';

describe('trainClassifier', () => {
  const classify = trainClassifier({ fruit: ['apple pear', 'apple plum'], tool: ['hammer saw', 'drill'] });

  it('computes the score from the word counts', () => {
    // 4 words of fruit, 3 of tool, 6 different ones: apple is (2+1)/(4+6) = 0.3 against (0+1)/(3+6) = 1/9.
    expect(classify('an apple')).toEqual({
      category: 'fruit',
      score: 0.7297,
      reasons: ['"apple" is 2.7 times as likely in fruit as in tool'],
    });
  });

  it('is surer with more words of one kind, and less sure with words of both', () => {
    const one = classify('hammer').score;
    expect(one).toBe(0.6897);
    // Each word is (2/9) / (1/10) times as likely: three of them, tempered by the root of three.
    expect(classify('hammer saw drill').score).toBe(0.7995);
    expect(classify('hammer apple').score).toBeLessThan(one);
  });

  it('counts a word once, however often it is said', () => {
    expect(classify('saw saw saw apple')).toEqual(classify('saw apple'));
  });

  it('falls back to the first category with an even score when it knows no word', () => {
    expect(classify('xyzzy')).toEqual({
      category: 'fruit',
      score: 0.5,
      reasons: ['no word speaks for another category than fruit'],
    });
  });

  it('refuses to be trained with less than two categories', () => {
    expect(() => trainClassifier({ only: ['one'] })).toThrow('at least two categories');
  });
});

describe('wordsOf', () => {
  it('takes words of every script in lower case, hyphenated ones whole, and leaves out small and empty words', () => {
    expect(wordsOf('The GRÜSSE of on-call are at 12:30, Привет')).toEqual(['grüsse', 'on-call', 'привет']);
  });

  it('takes three exclamation marks as evidence', () => {
    expect(wordsOf('Win now!!!')).toEqual(['win', 'now', 'many-exclamation-marks']);
    expect(wordsOf('Win now!')).toEqual(['win', 'now']);
  });
});

describe('the training that comes with the service', () => {
  let classify: Classify;
  beforeAll(async () => {
    classify = trainClassifier(await readTraining());
  });

  it('classifies the example mailbox right, by content alone', async () => {
    const folder = fileURLToPath(new URL('../../../examples/email/mailbox', import.meta.url));
    const emails = await openMailbox(folder).list();
    const found = emails.map((email) => [email.id, classify(textToClassify(email)).category]);
    expect(Object.fromEntries(found)).toEqual({
      abc123: 'invoice',
      lunch: 'personal',
      'order-4711': 'invoice',
      'newsletter-html': 'newsletter',
      gruesse: 'personal',
      'garden-1': 'personal',
      'garden-2': 'personal',
      'garden-3': 'personal',
      planning: 'meeting',
      'spam-lottery': 'spam',
      'alert-disk': 'alert',
      'alert-certificate': 'alert',
      'spam-miracle': 'spam',
      'newsletter-dev': 'newsletter',
      postcard: 'personal',
    });
  });

  it.each([
    ['invoice', 'Your invoice for March: the net amount of 12.50 is due, please pay by bank transfer'],
    ['alert', 'CRITICAL: memory usage of host web-3 above threshold, see the runbook'],
    ['meeting', 'The team meeting is moved to room 4, new agenda attached, or join the call'],
    ['newsletter', 'Our weekly digest: top stories and a tutorial. Unsubscribe in one click'],
    ['spam', 'Urgent! You are the lucky winner of a prize, claim your money now, guaranteed'],
    ['personal', 'Happy birthday dear, hugs from all the kids, see you on saturday for cake'],
  ])('finds %s in a text that is not in the mailbox', (category, text) => {
    expect(classify(text).category).toBe(category);
  });

  it('takes a calendar file as evidence of a meeting', () => {
    const email = { subject: 'Hello', text: '', attachments: [{ mimeType: 'text/calendar' }] };
    const { category, reasons } = classify(textToClassify(email));
    expect(category).toBe('meeting');
    expect(reasons[0]).toContain('calendar-file');
  });
});
