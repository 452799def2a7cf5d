/** Numbers of DynamoDB: decimals of up to 38 significant digits and magnitudes from 1E-130 to 9.9…E+125, exact. */
import { invalid } from '../api-error.ts';

/** 0.digits × 10^exponent; zero has no digits. */
export interface Decimal {
  readonly negative: boolean;
  /** Without zeros at either end. */
  readonly digits: string;
  readonly exponent: number;
}

const form = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const zero: Decimal = { negative: false, digits: '', exponent: 0 };
const mostDigits = 38;
const largestExponent = 126;
const smallestExponent = -129;

/** Throws what DynamoDB answers to a text that is not a number, or not one that it can keep. */
export function parseDecimal(text: string): Decimal {
  const [, sign, whole = '', fraction = '', exponent = '0'] = form.exec(text) ?? [];
  if (sign === undefined || whole.length + fraction.length === 0) throw notNumeric(text);
  return checked(normal(sign === '-', whole + fraction, whole.length + Number(exponent)));
}

const notNumeric = (text: string) =>
  invalid(`The parameter cannot be converted to a numeric value${text === '' ? '' : `: ${text}`}`);

function normal(negative: boolean, digits: string, exponent: number): Decimal {
  let start = 0;
  let end = digits.length;
  while (start < end && digits[start] === '0') start++;
  while (end > start && digits[end - 1] === '0') end--;
  return start === end ? zero : { negative, digits: digits.slice(start, end), exponent: exponent - start };
}

function checked(decimal: Decimal): Decimal {
  const { digits, exponent } = decimal;
  if (digits === '') return decimal;
  if (digits.length > mostDigits)
    throw invalid('Attempting to store more than 38 significant digits in a Number');
  if (exponent > largestExponent)
    throw invalid('Number overflow. Attempting to store a number with magnitude larger than supported range');
  if (exponent < smallestExponent)
    throw invalid(
      'Number underflow. Attempting to store a number with magnitude smaller than supported range',
    );
  return decimal;
}

/** As DynamoDB gives it back: without an exponent. */
export function formatDecimal({ negative, digits, exponent }: Decimal): string {
  if (digits === '') return '0';
  const sign = negative ? '-' : '';
  if (exponent <= 0) return `${sign}0.${'0'.repeat(-exponent)}${digits}`;
  if (exponent >= digits.length) return `${sign}${digits}${'0'.repeat(exponent - digits.length)}`;
  return `${sign}${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}

/** Integers of up to 15 digits are what they look like. */
const plain = /^(?:0|-?[1-9]\d{0,14})$/;

export const canonicalNumber = (text: string): string =>
  plain.test(text) ? text : formatDecimal(parseDecimal(text));

/** Negative, 0 or positive; both are canonical. */
export function compareNumbers(one: string, other: string): number {
  if (plain.test(one) && plain.test(other)) return Number(one) - Number(other);
  return compareDecimals(parseDecimal(one), parseDecimal(other));
}

function compareDecimals(one: Decimal, other: Decimal): number {
  const [left, right] = [signOf(one), signOf(other)];
  if (left !== right || left === 0) return left - right;
  const magnitude = one.exponent - other.exponent || compareTexts(one.digits, other.digits);
  return left * magnitude;
}

const signOf = ({ negative, digits }: Decimal): number => (digits === '' ? 0 : negative ? -1 : 1);

const compareTexts = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** The sum, or with `sign` -1 the difference, of two canonical numbers; throws when it is none that can be kept. */
export function addNumbers(one: string, other: string, sign: 1 | -1): string {
  const [left, right] = [parseDecimal(one), parseDecimal(other)];
  const scale = Math.min(scaleOf(left), scaleOf(right));
  const sum = integerOf(left, scale) + BigInt(sign) * integerOf(right, scale);
  const digits = String(sum < 0n ? -sum : sum);
  return formatDecimal(checked(normal(sum < 0n, digits, digits.length + scale)));
}

/** The power of ten of the last digit. */
const scaleOf = ({ digits, exponent }: Decimal): number => exponent - digits.length;

function integerOf(decimal: Decimal, scale: number): bigint {
  if (decimal.digits === '') return 0n;
  const magnitude = BigInt(decimal.digits) * 10n ** BigInt(scaleOf(decimal) - scale);
  return decimal.negative ? -magnitude : magnitude;
}
