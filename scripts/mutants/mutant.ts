/** One rule of the product broken on purpose: the tests that guard its promise must see it. */
export type Mutant = {
  /** A heading of docs/guarantees.md. */
  readonly promise: string;
  readonly says: string;
  readonly file: string;
  /** What stands in the file, once, and what the mutant has instead. */
  readonly from: string;
  readonly to: string;
  /** One of these must fail. */
  readonly tests: readonly string[];
};
