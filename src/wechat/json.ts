import { isInteger, parse } from "lossless-json";

/**
 * Parses JSON without rounding: an integer beyond 2^53 comes out as a string of its digits, every other
 * number as a number. WeChat's ids are 64-bit (WECHAT.md, common transport rules).
 *
 * @throws SyntaxError for anything that is not JSON, the same key with two values included.
 */
export function parseJson(text: string): unknown {
  return parse(text, null, (digits) => {
    const number = Number(digits);
    return isInteger(digits) && !Number.isSafeInteger(number) ? digits : number;
  });
}
