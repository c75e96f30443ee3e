import type { Failure, FailureCode } from "../failure.ts";

/** The exit code of every command that Ctrl-C has ended. */
export const INTERRUPTED = 130;

/** The exit code of every command whose question got no yes; 0 to 3 are what became of a campaign that was watched. */
const NOT_CONFIRMED = 4;

/** What a command has found out: for people, and for machines; `failed` where it could not do all of it. */
export type Answer = {
  /** Nothing where all has been said. */
  readonly text: string;
  readonly data: unknown;
  /** What `ndjson` writes a line each, in place of `data`. */
  readonly rows?: readonly unknown[] | undefined;
  readonly failed?: FailureCode | undefined;
  /** What stopped it half way: told as every failure is, after what it did. */
  readonly stopped?: Failure | undefined;
  /** How the command ends, where that is no failure's: 0 unless said. */
  readonly exitCode?: number | undefined;
};

/** The answer of a command whose question got no yes: what it would have done it has not. */
export function declined(text: string, data: unknown): Answer {
  return { text, data, exitCode: NOT_CONFIRMED };
}

/** Runs a deed on what a command works with, and writes its answer; undefined when it has written that itself. */
export type Run<Desk> = (deed: (desk: Desk) => Promise<Answer | undefined>) => Promise<void>;
