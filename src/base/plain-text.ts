/** Texts of callers that people read, in a list, a log or a terminal: no character in them moves the cursor or colours what follows. */
import * as z from 'zod';

/** Control characters, and the separators that begin a line. */
const notInLine = /[\p{Cc}\u2028\u2029]/u;
const notInText = /[^\P{Cc}\t\n\r]/u;

/** One line of text, without blanks around it. */
export const lineOfText = (longest: number): z.ZodString =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .refine((text) => !notInLine.test(text), 'must be one line of text, without control characters');

/** Text that may have several lines. */
export const linesOfText = (longest: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(longest)
    .refine(
      (text) => !notInText.test(text),
      'must be text, without control characters but tabs and line ends',
    );
