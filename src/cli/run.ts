import type { FailureCode } from "../failure.ts";

/** What a command has found out: for people, and for machines; `failed` where it could not do all of it. */
export type Answer = {
  readonly text: string;
  readonly data: unknown;
  readonly failed?: FailureCode | undefined;
};

/** Runs a deed on what a command works with, and writes its answer. */
export type Run<Desk> = (deed: (desk: Desk) => Promise<Answer>) => Promise<void>;
